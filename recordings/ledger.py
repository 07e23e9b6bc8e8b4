"""The ledger of sweeps: per account and day what a provider listed, what is here, and where they part."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from recordings import clock
from recordings.models import Account, LedgerEntry
from recordings.models.ledger import Things
from recordings.models.mirror import LIVE, Mirrored
from recordings.providers.snapshots import Json, RecordingSnapshot, Snapshot, Status, TranscriptSnapshot
from recordings.sync.context import Repair

ENTRIES_AT_ONCE = 200
KEPT = timedelta(days=90)
THERE = "not here"
# What of a row a person reads: the rest changes without being a repair.
SHOWN = frozenset(
    (
        *("status", "provider_status", "reason", "reason_code", "origin", "started_at", "completed_at"),
        *("duration_seconds", "media_expires_at", "price", "currency", "channels", "call", "recording"),
        *("engine", "language", "is_empty", "kind"),
    )
)
Verdict = LedgerEntry.Verdict
Thing = RecordingSnapshot | TranscriptSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """One kind of things: its rows, and which of them a listing begun then must hold."""

    model: type[Mirrored]
    is_expected: Callable[[Account, datetime], Q]

    def rows(self, account: Account) -> "QuerySet[Any]":
        return self.model._default_manager.filter(account=account)

    def named(self, account: Account, ids: Iterable[str]) -> "QuerySet[Any]":
        # Said twice for the database: without it, it does not see that the index of names serves.
        return self.rows(account).filter(external_id__in=ids).exclude(external_id="").order_by()

    def held(self, account: Account, began: datetime) -> "QuerySet[Any]":
        """What was here when the listing began or came with it, and is not known to be deleted."""
        named = self.rows(account).exclude(external_id="").exclude(status=Status.DELETED)
        return named.filter(Q(created_at__lte=began) | Q(swept_at__gte=began))


_books: dict[str, Book] = {}


def register(things: Things, book: Book) -> None:
    """Called from ``AppConfig.ready`` by the package whose rows they are."""
    _books[things] = book


def book_of(things: str) -> Book:
    """The book of a kind of things; raises ``KeyError`` for an unknown one."""
    return _books[things]


def name_of(book: Book) -> str:
    """The kind of things that a book is of."""
    return next(name for name, each in _books.items() if each is book)


def bounds(day: date) -> tuple[datetime, datetime]:
    """The first moment of a day in UTC, and the first after it."""
    first = datetime.combine(day, time.min, tzinfo=UTC)
    return first, first + timedelta(days=1)


def ids_of(items: Iterable[Snapshot]) -> list[str]:
    """The ids of a page's things."""
    return [each.external_id for each in _things(items)]


def note_page(
    account: Account,
    things: str,
    items: Iterable[Snapshot],
    *,
    known: Collection[str],
    at: datetime,
) -> dict[str, int]:
    """Compare a page, right after it was written, with the rows; answers how many things of each day
    it listed beside those that are known to be counted."""
    told = {each.external_id: each for each in _things(items)}
    rows = _books[things].named(account, told).values_list("external_id", *_COMPARED, named=True)
    by_id = {row.external_id: row for row in rows}
    days: dict[str, int] = {}
    entries = []
    for external_id, snapshot in told.items():
        row = by_id.get(external_id)
        day = _day(row, snapshot, at)
        if external_id not in known and snapshot.status is not Status.DELETED:
            days[day.isoformat()] = days.get(day.isoformat(), 0) + 1
        values = _difference(row, snapshot)
        if values:
            verdict = Verdict.UNEXPLAINED if row is None else Verdict.DIFFERING
            entries.append(_entry(account, things, day, verdict, row, external_id, values, at))
    _write(entries)
    return days


def note_repairs(account: Account, repairs: Iterable[Repair], *, at: datetime) -> None:
    """Write down what a listing, or a read that followed it, changed of what people see."""
    entries: dict[tuple[str, str], LedgerEntry] = {}
    for repair in repairs:
        things = next((name for name, book in _books.items() if isinstance(repair.row, book.model)), None)
        values = {name: list(pair) for name, pair in repair.values.items() if name in SHOWN}
        if things is None or not values:
            continue
        row: Any = repair.row
        readable = {name: [_text(each) for each in pair] for name, pair in values.items()}
        day = row.sort_at.astimezone(UTC).date()
        entry = _entry(account, things, day, Verdict.REPAIRED, row, row.external_id, readable, at)
        entries[things, row.external_id] = entry
    _write(list(entries.values()))


def note_absent(account: Account, things: str, rows: Iterable[Any]) -> None:
    """A complete listing should have held these and did not; those known already keep their moment."""
    now = clock.now()
    entries = []
    for row in rows:
        values = {"": [row.status, "not listed"]}
        day = row.sort_at.astimezone(UTC).date()
        made = _entry(account, things, day, Verdict.UNEXPLAINED, row, row.external_id, values, now)
        entries.append(made)
    LedgerEntry.objects.bulk_create(entries, ignore_conflicts=True)


def explained(account: Account, things: str, external_id: str, note: str) -> None:
    """What a read by itself found of a thing that the listing lacked: it is gone, or only not listed."""
    mine = LedgerEntry.objects.filter(account=account, things=things, external_id=external_id)
    unexplained = mine.filter(verdict=Verdict.UNEXPLAINED)
    held = _books[things].rows(account).filter(external_id=external_id).exclude(status=Status.DELETED)
    if held.exists():
        unexplained.update(note=note)
    else:
        unexplained.delete()


def forget_old(account: Account) -> None:
    """Repairs of long ago are forgotten; some at a time."""
    old = LedgerEntry.objects.filter(account=account, at__lt=clock.now() - KEPT, verdict=Verdict.REPAIRED)
    picked = list(old.values_list("pk", flat=True)[:ENTRIES_AT_ONCE])
    LedgerEntry.objects.filter(pk__in=picked).delete()


def _things(items: Iterable[Snapshot]) -> list[Thing]:
    return [each for each in items if isinstance(each, RecordingSnapshot | TranscriptSnapshot)]


def _day(row: Any, snapshot: Thing, at: datetime) -> date:
    moment: datetime = row.sort_at if row else snapshot.started_at or snapshot.completed_at or at
    return moment.astimezone(UTC).date()


def _difference(row: Any, snapshot: Thing) -> dict[str, list[str]]:
    """Each value that the listing tells otherwise than the row, once both were brought together."""
    if row is None:
        return {"": [THERE, "listed"]} if snapshot.status is not Status.DELETED else {}
    told = snapshot.status
    may_be_live = isinstance(snapshot, RecordingSnapshot) and snapshot.may_be_live and row.status in LIVE
    if told is None or told == row.status or may_be_live:
        return {}
    return {"status": [row.status, told.value]}


def _text(value: Json) -> str:
    """A value as a person reads it; "" is unknown."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _entry(
    account: Account,
    things: str,
    day: date,
    verdict: Verdict,
    row: Any,
    external_id: str,
    values: Mapping[str, list[str]],
    at: datetime,
) -> LedgerEntry:
    return LedgerEntry(
        account=account,
        things=things,
        day=day,
        verdict=verdict,
        external_id=external_id,
        row_key=row.key if row else None,
        values=dict(values),
        at=at,
    )


def _write(entries: list[LedgerEntry]) -> None:
    LedgerEntry.objects.bulk_create(
        entries,
        update_conflicts=True,
        unique_fields=["account", "things", "external_id", "verdict"],
        update_fields=["day", "row_key", "values", "note", "at"],
    )


_COMPARED = ("key", "sort_at", "status")
