"""Full text over all transcripts that a person may see."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from recordings.providers.snapshots import Json
from transcripts import search_postgres, search_sqlite
from transcripts.index_words import is_sqlite
from transcripts.models import SearchEntry
from transcripts.overlays import Stored
from transcripts.query import FILTERS, Filter, Query, QueryError, matches, parse
from transcripts.search_plan import Plan, is_said_by, planned
from transcripts.search_rows import Row, rows_of
from transcripts.snippets import Moment, moments
from transcripts.tokens import tokens

__all__ = ["BEST", "NEWEST", "Filter", "Hit", "QueryError", "Results", "find", "find_ids", "words_of"]

NEWEST, BEST = "newest", "best"
SIZE = 20
RANKED = 1_000  # of so many newest hits the best come first
MOST_READ = 200  # transcripts that are read for one page where only the lines can tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One transcript, and the moments in it; seconds count from the start of its recording."""

    transcript_id: int
    key: UUID
    name: str  # as the transcript calls itself
    recording_key: UUID | None
    title: str
    account: str
    account_id: int
    provider: str
    engine: str
    language: str
    status: str
    at: datetime
    duration_seconds: float | None
    moments: tuple[Moment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """A page of hits. ``next_cursor`` is "" on the last one.

    ``read`` is set where the search ended before it knew: so many transcripts were read, and the next
    page goes on from there.
    """

    hits: tuple[Hit, ...]
    next_cursor: str = ""
    read: int | None = None


def find(
    user: AbstractBaseUser | AnonymousUser,
    text: str,
    *,
    order: str = NEWEST,
    after: str = "",
    filters: Sequence[Filter] = (),
) -> Results:
    """What a person finds; ``after`` is ``next_cursor`` of the page before.

    ``filters`` hold besides those that are typed; ``text`` may be empty when there are some. Days are
    those of the active time zone. Raises ``QueryError`` with a sentence for the operator, nothing else.

    Words beside ``speaker:`` are said by that speaker: the index finds where both are, and the lines
    decide, of at most 200 transcripts a page.
    """
    plan = _plan(user, text, filters)
    candidates = _candidates(plan, order, after)
    return _said(plan, candidates) if plan.speakers else _page(plan, candidates)


def find_ids(
    user: AbstractBaseUser | AnonymousUser, text: str, *, after: str = "", filters: Sequence[Filter] = ()
) -> tuple[list[int], str]:
    """The ids of the transcripts alone, newest first and two hundred a page, with the next cursor.

    Raises ``QueryError``, like ``find``.
    """
    plan = _plan(user, text, filters)
    if plan.speakers:
        page = _said(plan, _candidates(plan, NEWEST, after))
        return [hit.transcript_id for hit in page.hits], page.next_cursor
    places = _newest(replace(plan, before_place=_position(after)), MOST_READ + 1)
    found = SearchEntry.objects.filter(place__in=places[:MOST_READ]).order_by("-place")
    ids = list(found.values_list("transcript", flat=True))
    return ids, str(places[MOST_READ - 1]) if len(places) > MOST_READ else ""


def words_of(text: str) -> str:
    """What was typed, without the filters: what the reader looks for again."""
    return " ".join(_FILTER.sub(" ", text).split())


Candidate = tuple[int, str]  # place, and the cursor behind it


def _plan(user: AbstractBaseUser | AnonymousUser, text: str, filters: Sequence[Filter]) -> Plan:
    query = parse(text) if text.strip() or not filters else Query()
    return planned(user, replace(query, filters=(*query.filters, *filters)))


def _newest(plan: Plan, limit: int) -> list[int]:
    return search_sqlite.newest(plan, limit) if is_sqlite() else search_postgres.newest(plan, limit)


def _best(plan: Plan) -> list[int]:
    return search_sqlite.best(plan, RANKED) if is_sqlite() else search_postgres.best(plan, RANKED)


def _position(cursor: str) -> int | None:
    return int(cursor) if cursor.isdecimal() and len(cursor) < 18 else None


def _candidates(plan: Plan, order: str, after: str) -> Iterator[Sequence[Candidate]]:
    """Places in pieces, each one longer than a page."""
    position = _position(after)
    if order == BEST and plan.words.node is not None:
        ranked = [(place, str(number)) for number, place in enumerate(_best(plan), start=1)]
        for first in range(position or 0, len(ranked), SIZE + 1):
            yield ranked[first : first + SIZE + 1]
        return
    while True:
        places = _newest(replace(plan, before_place=position), SIZE + 1)
        yield [(place, str(place)) for place in places]
        if len(places) <= SIZE:
            return
        position = places[-1]


def _page(plan: Plan, candidates: Iterator[Sequence[Candidate]]) -> Results:
    """The index has decided."""
    found = next(candidates, [])
    hits = [_hit(plan, row) for row in rows_of([place for place, _ in found[:SIZE]])]
    return Results(hits=tuple(hits), next_cursor=found[SIZE - 1][1] if len(found) > SIZE else "")


def _said(plan: Plan, candidates: Iterator[Sequence[Candidate]]) -> Results:
    """The lines decide: who said it is not in the index."""
    hits: list[Hit] = []
    read, cursor = 0, ""
    for some in candidates:
        rows = rows_of([place for place, _ in some])
        cursors = dict(some)
        for row in rows:
            hit = _hit(plan, row)
            if hit.moments and len(hits) == SIZE:
                return Results(hits=tuple(hits), next_cursor=cursor)
            if hit.moments:
                hits.append(hit)
            cursor = cursors[row.place]
        read += len(some)
        if read >= MOST_READ and len(some) > SIZE:
            return Results(hits=tuple(hits), next_cursor=some[-1][1], read=read)
    return Results(hits=tuple(hits))


def _hit(plan: Plan, row: Row) -> Hit:
    return Hit(
        transcript_id=row.transcript_id,
        key=row.key,
        name=row.external_id or str(row.key),
        recording_key=row.recording_key,
        title=row.call_title or row.call_external_id or "",
        account=row.account,
        account_id=row.account_id,
        provider=row.provider,
        engine=row.engine,
        language=row.language,
        status=row.status,
        at=row.sort_at,
        duration_seconds=row.duration_seconds or row.recording_seconds or _last_second(row.lines),
        moments=_moments(plan, row.lines),
    )


def _moments(plan: Plan, lines: Sequence[Stored]) -> tuple[Moment, ...]:
    """Empty where nobody of the speakers who are looked for has said it."""
    if not plan.speakers:
        return moments(plan.query, lines)
    names = {each["speaker"] for each in lines}
    theirs = {name for name in names if name and is_said_by(plan.speakers, name)}
    among = [number for number, each in enumerate(lines) if each["speaker"] in theirs]
    said = "\n".join(lines[number]["text"] for number in among)
    return moments(plan.query, lines, among) if among and matches(plan.query, tokens(said)) else ()


def _last_second(lines: Sequence[Stored]) -> float | None:
    ends: list[Json] = [each["end"] for each in lines[-5:] if each["end"] is not None]
    return max(ends, default=None)


_QUOTES = '"“”„‟«»＂'
_FILTER = re.compile(
    rf"-*\b(?:{'|'.join(FILTERS)}):(?:[{_QUOTES}][^{_QUOTES}]*[{_QUOTES}]?|[^\s()]*)", re.IGNORECASE
)
