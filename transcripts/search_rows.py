"""What a page of hits needs of its transcripts: one statement, and no more of the words than is looked at."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from transcripts.overlays import NONE, Stored, overlays_of, shown

ONE_BY_ONE = 16  # utterances: reading all of them at once takes a third of the time of each by itself
_DECODER = json.JSONDecoder()
# Looked up row by row: for so few rows it takes a planner longer to order so many joins than to make them.
_ROWS = """
    SELECT e.place, e.transcript_id, e.account_id, e.sort_at, e.is_overlaid,
           (SELECT a.name FROM recordings_account a WHERE a.id = e.account_id),
           (SELECT a.provider FROM recordings_account a WHERE a.id = e.account_id),
           t.key, t.external_id, t.engine, t.language, t.status, t.duration_seconds,
           (SELECT r.key FROM recordings_recording r WHERE r.id = t.recording_id),
           (SELECT r.duration_seconds FROM recordings_recording r WHERE r.id = t.recording_id),
           (SELECT c.title FROM recordings_call c WHERE c.id = t.call_id),
           (SELECT c.external_id FROM recordings_call c WHERE c.id = t.call_id),
           (SELECT w.utterances FROM transcripts_transcripttext w WHERE w.transcript_id = t.id)
    FROM transcripts_searchentry e JOIN transcripts_transcript t ON t.id = e.transcript_id
    WHERE NOT t.is_buried AND e.place IN ({marks})
"""


class Row(NamedTuple):
    """One transcript that was found; ``lines`` read as people read them."""

    place: int
    transcript_id: int
    account_id: int
    sort_at: datetime
    is_overlaid: bool
    account: str
    provider: str
    key: UUID
    external_id: str
    engine: str
    language: str
    status: str
    duration_seconds: float | None
    recording_key: UUID | None
    recording_seconds: float | None
    call_title: str | None
    call_external_id: str | None
    lines: Sequence[Stored]


class Written(Sequence[Stored]):
    """Utterances as they are written in the database; the first are read one by one, as they are asked for.

    A common word is in the first lines: the rest of a long call is never read.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._whole: list[Stored] | None = None

    def __getitem__(self, index: Any) -> Any:
        return self._all()[index]

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[Stored]:
        if self._whole is None:
            count = 0
            for count, each in enumerate(self._first(), start=1):  # noqa: B007
                yield each
            if count == ONE_BY_ONE:
                yield from self._all()[ONE_BY_ONE:]
        else:
            yield from self._whole

    def _first(self) -> Iterator[Stored]:
        text, at = self._text, self._text.index("[") + 1
        for _ in range(ONE_BY_ONE):
            while text[at] in ", \n":
                at += 1
            if text[at] == "]":
                return
            each, at = _DECODER.raw_decode(text, at)
            yield each

    def _all(self) -> list[Stored]:
        if self._whole is None:
            self._whole = json.loads(self._text)
        return self._whole


def rows_of(places: Sequence[int]) -> list[Row]:
    """The transcripts at these places, in their order; those that were deleted meanwhile are left out."""
    found = {row.place: row for row in map(_row, _fetched(places))} if places else {}
    overlaid = [row.transcript_id for row in found.values() if row.is_overlaid]
    overlays = overlays_of(overlaid) if overlaid else {}
    for place, row in found.items():
        if row.transcript_id in overlays:
            found[place] = row._replace(lines=shown(row.lines, overlays.get(row.transcript_id, NONE)))
    return [found[place] for place in places if place in found]


def _fetched(places: Sequence[int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_ROWS.format(marks=", ".join(["%s"] * len(places))), places)
        return list(cursor.fetchall())


def _row(values: tuple[Any, ...]) -> Row:
    row = Row(*values)
    return row._replace(
        sort_at=_moment(row.sort_at),
        key=_uuid(row.key),
        recording_key=row.recording_key and _uuid(row.recording_key),
        lines=Written(values[-1]) if values[-1] else (),
    )


def _moment(value: datetime) -> datetime:
    """SQLite gives what was written, in UTC, and does not say so."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _uuid(value: UUID | str) -> UUID:
    return UUID(value) if isinstance(value, str) else value
