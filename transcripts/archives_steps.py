"""The errand that makes an export: finds what belongs in it, writes the files, packs them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from zipfile import BadZipFile
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from recordings import clock
from recordings.models import Errand
from recordings.providers.snapshots import Json
from recordings.work import errands
from recordings.work.errands import Local, Step
from transcripts import archives
from transcripts.archives_files import discard, finish, flush, folder_of, new_file
from transcripts.archives_packing import Packed, Part, merge
from transcripts.archives_papers import NO_WORDS, papers
from transcripts.exports import file_name, options_of, words_of, written
from transcripts.models import Export, ExportItem, Transcript

AT_ONCE = 200  # transcripts of one step
STEP_SECONDS = 5.0  # after so long a step ends where it is
DISK_WAIT_SECONDS = 60.0
NOT_VISIBLE = "You may not see it."
NOTHING = "Nothing was left to export: {reason}"
TOO_MANY = f"More than {archives.MOST:,} transcripts: narrow the filters, by days for example."
State = Export.State


@dataclass(slots=True, kw_only=True)
class _Batch:
    """What one step has looked at."""

    items: list[ExportItem] = field(default_factory=list)

    def note(self, item: ExportItem, packed: Packed | None, reason: str = "") -> None:
        item.reason = reason
        if packed is not None:
            item.name, item.size, item.sha256 = packed.name, packed.size, packed.sha256
        self.items.append(item)

    @property
    def left_out(self) -> int:
        return sum(not item.name for item in self.items)


def step(errand: Errand) -> Step:
    """The next step of an export. Done again, it changes nothing; one that was ended does nothing."""
    export = Export.objects.filter(key=errand.subject).select_related("user").first()
    if export is None or not export.is_open:
        return Step()
    cursor: dict[str, Json] = errand.cursor or _first_cursor(export)
    try:
        with timezone.override(ZoneInfo(export.time_zone)):
            if "find" in cursor:
                return _find(export, cursor["find"])
            return _build(export, cursor) if "after" in cursor else _pack(export, cursor["parts"])
    except OSError as exc:
        return _no_room(export, exc, cursor)


def give_up(errand: Errand, problem: str) -> None:
    """Its worker died over it time and again."""
    export = Export.objects.filter(key=errand.subject).first()
    if export is not None:
        archives.end(export, State.FAILED, problem)


def register_all() -> None:
    """Make this errand known to the engine."""
    errands.register(archives.ERRAND, Local(handler=step, on_given_up=give_up))


def _first_cursor(export: Export) -> dict[str, Json]:
    return {"after": 0, "parts": []} if export.source == archives.CHOSEN else {"find": ""}


def _find(export: Export, cursor: str) -> Step:
    source = archives.source_of(export.source)
    found, following = source.find(export.user, export.query, cursor) if source else ((), "")

    def write() -> None:
        current = _open(export)
        if current is None:
            return
        ExportItem.objects.bulk_create(
            [ExportItem(export=current, transcript_id=pk) for pk in found], ignore_conflicts=True
        )
        current.total = current.items.count()
        current.save(update_fields=["total", "updated_at"])
        if current.total > archives.MOST:
            archives.end(current, State.FAILED, TOO_MANY)

    return Step(write=write, cursor={"find": following} if following else {"after": 0, "parts": []})


def _build(export: Export, cursor: dict[str, Json]) -> Step:
    items = list(export.items.filter(pk__gt=cursor["after"]).order_by("pk")[:AT_ONCE])
    path = new_file(export, "part")
    batch = _Batch()
    with Part(path) as part:
        _fill(export, items, part, batch)
    flush(path)

    def write() -> None:
        current = _open(export)
        if current is None:
            return
        ExportItem.objects.bulk_update(batch.items, ["name", "size", "sha256", "reason"])
        current.state = State.BUILDING
        current.done += len(batch.items)
        current.left_out += batch.left_out
        current.problem = ""
        current.save(update_fields=["state", "done", "left_out", "problem", "updated_at"])

    parts = [*cursor["parts"], path.name]
    if len(batch.items) == len(items) < AT_ONCE:
        return Step(write=write, cursor={"parts": parts})
    return Step(write=write, cursor={"after": batch.items[-1].pk, "parts": parts})


def _fill(export: Export, items: Sequence[ExportItem], part: Part, batch: _Batch) -> None:
    """Only what the person may see at this moment, one text in memory at a time."""
    options = options_of(export.options)
    visible = Transcript.objects.usable_by(export.user).filter(is_buried=False)
    rows = visible.select_related("account", "call", "recording").defer("raw", "recording__raw", "call__raw")
    by_pk = rows.in_bulk([item.transcript_id for item in items])
    ends_at = time.monotonic() + STEP_SECONDS
    for item in items:
        transcript = by_pk.get(item.transcript_id)
        words = words_of(transcript, is_original=options.is_original) if transcript else ()
        if transcript is None or not words:
            batch.note(item, None, NO_WORDS if transcript else NOT_VISIBLE)
        else:
            content = written(transcript, words, options)
            batch.note(item, part.add(file_name(transcript, options.format), content))
        if time.monotonic() > ends_at:
            return


def _pack(export: Export, parts: Sequence[str]) -> Step:
    inside = export.items.exclude(name="")
    if not inside.exists():
        return _nothing(export)
    folder = folder_of(export)
    draft = new_file(export, "whole")
    try:
        merge([folder / name for name in parts], draft, streams=papers(export))
    except (BadZipFile, FileNotFoundError):
        return _again(export)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    size = flush(draft)

    def write() -> None:
        current = _open(export)
        if current is None:
            return
        now = clock.now()
        current.state, current.size, current.ended_at = State.READY, size, now
        current.expires_at = now + archives.KEPT
        current.save(update_fields=["state", "size", "ended_at", "expires_at", "updated_at"])
        finish(current, draft)

    return Step(write=write)


def _open(export: Export) -> Export | None:
    """The row as it is now, locked; None, and its files go, when it was ended meanwhile."""
    current = Export.objects.select_for_update().filter(pk=export.pk, state__in=Export.OPEN_STATES).first()
    if current is None:
        folder = folder_of(export)
        transaction.on_commit(lambda: discard(folder))
    return current


def _nothing(export: Export) -> Step:
    reason = export.items.values_list("reason", flat=True).first() or "the filters let nothing through."
    return Step(write=lambda: _fail(export, NOTHING.format(reason=reason)))


def _fail(export: Export, problem: str) -> None:
    archives.end(export, State.FAILED, problem)


def _again(export: Export) -> Step:
    """A part is not what was written: all of them are made anew."""

    def write() -> None:
        Export.objects.filter(pk=export.pk).update(done=0, left_out=0)
        export.items.update(name="", size=0, sha256="", reason="")

    return Step(write=write, cursor={"after": 0, "parts": []})


def _no_room(export: Export, exc: OSError, cursor: dict[str, Json]) -> Step:
    problem = f"The file could not be written here ({exc.strerror}): it is tried again every minute."

    def write() -> None:
        Export.objects.filter(pk=export.pk).update(problem=problem, updated_at=clock.now())

    return Step(write=write, cursor=cursor, due_in_seconds=DISK_WAIT_SECONDS)
