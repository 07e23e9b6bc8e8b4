"""Many transcripts as one file: asked for here, made by an errand step by step, gone after a week."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractUser
from django.db import IntegrityError, transaction

from recordings import clock
from recordings.models import Account, Errand
from recordings.models.work import BACKGROUND, SINGLE
from recordings.sync.wishes import ask
from recordings.work import wake
from transcripts.archives_files import discard, folder_of, whole_of
from transcripts.exports import Options
from transcripts.models import Export, ExportItem, ExportQuerySet, Transcript

ERRAND = "transcripts.export"
CHOSEN = "chosen"
MOST = 10_000  # transcripts of one export
MOST_CHOSEN = 200  # picked one by one
KEPT = timedelta(days=7)
ERASED = "A transcript in it was deleted, so the file was erased."
HIDDEN = "You may not see everything in it any more, so the file was erased."
CANCELLED = "Cancelled."
State = Export.State


class ExportRefused(Exception):
    """Nothing was ordered; the message is a sentence for the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A list or a search from which everything that its filters let through can be taken.

    ``find`` gets the user, the filters as they stand in the address, and the cursor that it gave
    before ("" at first); it answers ids of transcripts and the next cursor, "" at the end.
    """

    label: str
    find: Callable[[AbstractUser, str, str], tuple[Sequence[int], str]]


_sources: dict[str, Source] = {}


def register_source(name: str, source: Source) -> None:
    """Called from ``AppConfig.ready`` by the package that has the list."""
    _sources[name] = source


def source_of(name: str) -> Source | None:
    """None for one that nobody has, and for transcripts that were picked one by one."""
    return _sources.get(name)


def order(
    user: AbstractUser,
    *,
    options: Options,
    order_key: str,
    transcripts: Sequence[Transcript] = (),
    source: str = CHOSEN,
    query: str = "",
    time_zone: str = "UTC",
) -> Export:
    """Write an export down and wake a worker; the same form twice is one export.

    Either ``transcripts``, which the caller has found visible, or a ``source`` with its filters.
    Raises ``ExportRefused``.
    """
    first = Export.objects.of(user).filter(order_key=order_key).first()
    if first is not None:
        return first
    carrier = _carrier(user)
    if carrier is None or (source == CHOSEN and not transcripts):
        raise ExportRefused("There is nothing to export.")
    if len(transcripts) > MOST_CHOSEN:
        raise ExportRefused(f"At most {MOST_CHOSEN} can be picked one by one: take all that a filter finds.")
    try:
        with transaction.atomic():
            export = Export.objects.create(
                user_id=user.pk,
                order_key=order_key,
                source=source,
                query=query,
                options=options.as_json(),
                time_zone=time_zone,
                total=len(transcripts),
            )
            ExportItem.objects.bulk_create(ExportItem(export=export, transcript=each) for each in transcripts)
            # The lanes of background work are closed to a sick account; this needs no provider.
            lane = SINGLE if carrier.is_healthy is False else BACKGROUND
            ask(carrier, ERRAND, subject=str(export.key), lane=lane)
            wake()
    except IntegrityError:
        return Export.objects.of(user).get(order_key=order_key)
    return export


def cancel(export: Export) -> bool:
    """Stop it; False when it has ended by itself."""
    return end(export, State.CANCELLED, CANCELLED)


def remove(export: Export) -> bool:
    """Take the finished file away before its time; False when there is none."""
    ready = Export.objects.filter(pk=export.pk, state=State.READY)
    return _close(ready, State.EXPIRED, "Removed before its time.") > 0


def expire(now: datetime) -> None:
    """Files that have been here for their time go."""
    over = Export.objects.filter(state=State.READY, expires_at__lte=now)
    _close(over, State.EXPIRED, f"Files of exports stay for {KEPT.days} days.")


def end(export: Export, state: Export.State, problem: str) -> bool:
    """An open export comes to nothing; False when it has ended by itself."""
    mine = Export.objects.filter(pk=export.pk, state__in=Export.OPEN_STATES)
    return _close(mine, state, problem) > 0


def erase(transcript: Transcript) -> None:
    """A transcript is deleted for good: no export that holds it stays. Joins the caller's transaction."""
    holding = Export.objects.filter(items__transcript=transcript.pk)
    alive = holding.filter(state__in=(*Export.OPEN_STATES, State.READY)).values_list("pk", flat=True)
    _close(Export.objects.filter(pk__in=list(alive)), State.ERASED, ERASED)


def move(kept: Transcript, gone: Transcript) -> None:
    """Two transcripts are one: what holds the one that goes holds the other."""
    both = ExportItem.objects.filter(transcript=kept).values("export")
    ExportItem.objects.filter(transcript=gone).exclude(export__in=both).update(transcript=kept)


def require_visible(export: Export, user: AbstractUser) -> None:
    """Raises ``ExportRefused`` where there is no file.

    The file is erased, and refused, when its person may not see all of it any more.
    """
    if not export.is_ready:
        raise ExportRefused(export.problem or "It is not ready yet.")
    inside = export.items.exclude(name="")
    seen = Transcript.objects.usable_by(user).filter(is_buried=False, export_items__in=inside)
    if seen.count() < inside.count():
        _close(Export.objects.filter(pk=export.pk, state=State.READY), State.ERASED, HIDDEN)
        raise ExportRefused(HIDDEN)
    if export.expires_at is None or export.expires_at <= clock.now() or not whole_of(export).is_file():
        raise ExportRefused("This file is gone: export anew.")


def _close(exports: ExportQuerySet, state: Export.State, problem: str) -> int:
    """End these, with their files and what was searched for. Several at once, a handful at most."""
    with transaction.atomic():
        found = list(exports.select_for_update())
        now = clock.now()
        Export.objects.filter(pk__in=[each.pk for each in found]).update(
            state=state, problem=problem, query="", size=None, ended_at=now, updated_at=now
        )
        keys = [str(each.key) for each in found]
        waiting = Errand.objects.filter(kind=ERRAND, subject__in=keys, state=Errand.State.QUEUED)
        waiting.filter(lease_token=None).update(state=Errand.State.DONE, due_at=None, done_at=now)
        for export in found:
            folder = folder_of(export)
            transaction.on_commit(lambda folder=folder: discard(folder))  # type: ignore[misc]
    return len(found)


def _carrier(user: AbstractUser) -> Account | None:
    """The account whose turn the errand takes: each errand has one, though this asks no provider."""
    ranks = {True: 0, None: 1, False: 2}
    usable = Account.objects.usable_by(user).active()
    return min(usable, key=lambda account: (ranks[account.is_healthy], account.pk), default=None)
