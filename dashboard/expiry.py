"""Media that their providers will delete, the soonest first, and whether they are kept here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from dashboard.listing import Filters, chosen
from dashboard.models import User
from recordings import rescues
from recordings.models import Operation, Recording, Rescue
from recordings.providers.snapshots import Status
from recordings.validation import MANAGE

SIZE = 50
RISK, LOST, KEPT = "risk", "lost", "kept"
SHOWS = ((RISK, "will be deleted"), (LOST, "past its time"), (KEPT, "kept here"))
SOON = (timedelta(days=1), "within a day", "bad"), (timedelta(days=3), "within three days", "warn")
COUNTED = 10_000


class ExpiryFilters(Filters):
    """By what becomes of the media; the days are those of their deletion."""

    by = "media_expires_at"

    show = chosen("Media", "Will be deleted", SHOWS[1:])

    def narrow(self, rows: "QuerySet[Recording]") -> "QuerySet[Recording]":  # type: ignore[override]
        """The recordings that pass."""
        theirs = Rescue.objects.filter(recording=OuterRef("pk"))
        if self.get("show") == KEPT:
            return super().narrow(rows).filter(Exists(theirs))
        is_past = self.get("show") == LOST
        now = timezone.now()
        when = Q(media_expires_at__lte=now) if is_past else Q(media_expires_at__gt=now)
        alive = super().narrow(rows).filter(when, status=Status.COMPLETED, is_buried=False)
        return alive.exclude(Exists(theirs))

    def ordered(self, rows: "QuerySet[Recording]") -> "QuerySet[Recording]":
        """All of them, what goes first in front."""
        mine = rows.filter(account__in=[each.pk for each in self.wanted], media_expires_at__isnull=False)
        return self.narrow(mine).order_by("media_expires_at", "pk")

    def pages(self, rows: "QuerySet[Any]", *, most: int, size: int = 500) -> Iterator[list[Any]]:
        """A piece at a time, what goes first in front."""
        cursor, count = "", 0
        while count < most:
            found = self.ordered(after(rows, cursor))[: min(size, most - count)]
            piece = list(self._with_accounts(found))
            yield piece
            count += len(piece)
            cursor = cursor_of(piece[-1]) if piece else ""
            if not cursor:
                return

    def rows(self, cursor: str) -> tuple[list[Recording], str]:
        """One page, and what leads to the next."""
        light = Recording.objects.select_related("call").defer("raw", "call__raw", "handle", "options")
        found = list(self._with_accounts(self.ordered(after(light, cursor))[: SIZE + 1]))
        return found[:SIZE], cursor_of(found[SIZE - 1]) if len(found) > SIZE else ""

    def _with_accounts(self, rows: "QuerySet[Recording]") -> Iterator[Recording]:
        by_pk = {each.pk: each for each in self.accounts}
        for row in rows:
            row.account = by_pk[row.account_id]
            yield row


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiryRow:
    """One recording with its clock, what is kept of it, and an order to keep it."""

    recording: Recording
    tone: str
    kept: Rescue | None
    running: Operation | None


def rows_of(recordings: Sequence[Recording]) -> list[ExpiryRow]:
    """The rows of a page, in three queries for all."""
    kept = {each.recording_id: each for each in Rescue.objects.filter(recording__in=recordings)}
    orders = Operation.objects.open().filter(kind=rescues.RESCUE.kind, recording__in=recordings)
    running = {each.recording_id: each for each in orders.defer("options")}
    return [
        ExpiryRow(recording=each, tone=tone_of(each), kept=kept.get(each.pk), running=running.get(each.pk))
        for each in recordings
    ]


def again_urls(operations: Sequence[Operation]) -> dict[int, str]:
    """Where the rescues among these orders are ordered anew, by the order; only those that can work."""
    orders = [each for each in operations if each.kind == rescues.RESCUE.kind and each.recording_id]
    rows = Recording.objects.filter(pk__in=[each.recording_id for each in orders]).select_related("account")
    found = {each.pk: each for each in rows}
    kept = rescues.keeping(list(found.values()))
    return {
        each.pk: reverse("recording-rescue", args=[found[each.recording_id].key])
        for each in orders
        if each.recording_id and not _why_not(found[each.recording_id], kept)
    }


def _why_not(recording: Recording, kept: set[int]) -> str:
    return rescues.unavailable(recording, is_kept=recording.pk in kept)


def tone_of(recording: Recording) -> str:
    """How near the end is."""
    left = recording.media_expires_at - timezone.now() if recording.media_expires_at else None
    found = (tone for limit, _, tone in SOON if left is not None and left <= limit)
    return next(found, "neutral")


def counts(filters: ExpiryFilters) -> list[tuple[str, int, str]]:
    """How many are lost how soon: words, number and tone."""
    now, found = timezone.now(), []
    accounts = [each.pk for each in filters.wanted]
    theirs = Rescue.objects.filter(recording=OuterRef("pk"))
    alive = Recording.objects.filter(account__in=accounts, status=Status.COMPLETED, is_buried=False)
    for limit, words, tone in SOON:
        due = alive.filter(media_expires_at__gt=now, media_expires_at__lte=now + limit)
        number = due.exclude(Exists(theirs)).order_by()[:COUNTED].count()
        found.append((words, number, tone if number else ""))
    return found


def after(rows: "QuerySet[Any]", cursor: str) -> "QuerySet[Any]":
    """Those behind a mark that ``cursor_of`` made; a wrong one is none."""
    text, _, pk = cursor.rpartition("_")
    try:
        moment = datetime.fromisoformat(text)
        behind = Q(media_expires_at__gt=moment) | Q(pk__gt=int(pk))
    except ValueError:
        return rows
    return rows.filter(behind, media_expires_at__gte=moment) if moment.tzinfo else rows


def cursor_of(row: Recording) -> str:
    """The mark of a row."""
    return f"{row.media_expires_at.isoformat()}_{row.pk}" if row.media_expires_at else ""


def rescue_of(recording: Recording, user: User) -> dict[str, Any]:
    """What the page of a recording shows of it: what is kept, what runs, and whether it may be ordered."""
    row = rows_of([recording])[0]
    reason = rescues.unavailable(recording, is_kept=row.kept is not None)
    return {"row": row, "may": user.has_perm(MANAGE) and not reason and row.running is None}
