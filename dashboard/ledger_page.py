"""What the ledger's pages show: the days of an account, and the rows behind each number."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import TruncDate
from django.urls import reverse

from dashboard import subjects
from dashboard.account_page import looks
from dashboard.models import User
from dashboard.paging import Page, page
from dashboard.silences import gaps
from recordings import balances, connections, ledger
from recordings.actions import RIGHTS
from recordings.models import Account, LedgerDay, LedgerEntry
from recordings.models.ledger import Things
from recordings.providers.snapshots import Status
from recordings.validation import MANAGE

DAYS = 31
SWEEPS = ("sweep.recent", "sweep.full")
# Name, heading, and what the number means.
COLUMNS = (
    ("listed", "Provider", "What the provider listed"),
    ("ours", "Here", "What is held here and not deleted"),
    ("matched", "Matched", "Both agree"),
    ("added", "Added", "First heard of by a sweep: no callback told of it"),
    ("repaired", "Repaired", "A sweep put right what stood here"),
    ("differing", "Differing", "Listed otherwise than it stands here"),
    ("unexplained", "Unexplained", "One side has it, the other does not, and nothing says why"),
)
ENTRIES = frozenset(LedgerEntry.Verdict.values)
TONES = {"repaired": "info", "differing": "warn", "unexplained": "bad"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One number and where its rows are."""

    name: str
    label: str
    count: int
    url: str
    tone: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One day of recordings or transcripts."""

    day: LedgerDay
    cells: list[Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing behind a number: the mirror's row, what the ledger wrote of it, and what can be done."""

    thing: Any  # None where there is no row here
    external_id: str
    entry: LedgerEntry | None = None
    values: list[tuple[str, str, str]] = field(default_factory=list)  # name, here, at the provider
    delete_url: str = ""

    @property
    def url(self) -> str:
        """The thing's own page."""
        return subjects.page_of(self.thing)


def stamp(account: Account) -> str:
    """Changes with what is written in the ledger and with how far the sweeps are."""
    sweeps = account.errands.filter(kind__in=(*SWEEPS, balances.BALANCE))
    parts = (
        sweeps.aggregate(at=Max("updated_at"))["at"],
        sweeps.filter(lease_token__isnull=False).count(),
        [each.progress for each in sweeps.filter(state="queued")],
        LedgerDay.objects.filter(account=account).aggregate(at=Max("began_at"))["at"],
        LedgerEntry.objects.filter(account=account).aggregate(at=Max("at"), count=Count("pk")),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def context(account: Account, user: User, before: str) -> dict[str, Any]:
    """What the page of an account's days needs."""
    days = LedgerDay.objects.filter(account=account)
    asked = _date(before)
    older = days.filter(day__lt=asked) if asked else days
    shown = sorted(older.order_by("-day").values_list("day", flat=True).distinct()[: DAYS + 1], reverse=True)
    rows = list(days.filter(day__in=shown[:DAYS]).order_by("-day", "things")) if shown else []
    return {
        "account": account,
        "lines": _lines(account, rows),
        "columns": COLUMNS,
        "looks": [look for look in looks(account) if look.errand.kind in SWEEPS],
        "gaps": gaps(account),
        "before": shown[DAYS - 1].isoformat() if len(shown) > DAYS else "",
        "is_later": asked is not None,
        "may_sweep": user.has_perm(MANAGE),
        "stamp": stamp(account),
    }


def rows(
    user: User, account: Account, things: str, day: date, column: str, cursor: str
) -> tuple[list[Row], Page[Any]]:
    """One page of the rows behind a number."""
    if column in ENTRIES:
        return _entries(user, account, things, day, column, cursor)
    found = page(_of(account, things, day, column), by="sort_at", cursor=cursor)
    return [Row(thing=each, external_id=each.external_id) for each in found.rows], found


def behind(account: Account, things: str, day: date, column: str) -> "QuerySet[Any]":
    """The mirror's rows behind a number."""
    if column not in ENTRIES:
        return _of(account, things, day, column)
    mine = LedgerEntry.objects.filter(account=account, things=things, day=day, verdict=column)
    return ledger.book_of(things).rows(account).filter(key__in=mine.values("row_key"))


def column_of(name: str) -> tuple[str, str, str] | None:
    """The column of this name."""
    return next((each for each in COLUMNS if each[0] == name), None)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _lines(account: Account, days: Sequence[LedgerDay]) -> list[Line]:
    entries = _entry_counts(account, days)
    added = _added_counts(account, days)
    lines = []
    for day in days:
        key = day.things, day.day
        counts = {"listed": day.listed, "ours": day.ours, "matched": day.matched, "added": added.get(key, 0)}
        counts |= {name: entries.get((*key, name), 0) for name in ENTRIES}
        lines.append(Line(day=day, cells=[_cell(account, day, *each, counts) for each in COLUMNS]))
    return lines


def _cell(
    account: Account, day: LedgerDay, name: str, label: str, _meaning: str, counts: dict[str, int]
) -> Cell:
    url = reverse("account-ledger-rows", args=[account.key, day.things, day.day.isoformat(), name])
    count = counts[name]
    note = f"{day.waiting} not due yet" if name == "ours" and day.waiting else ""
    return Cell(
        name=name, label=label, count=count, url=url, tone=TONES.get(name, "") if count else "", note=note
    )


def _entry_counts(account: Account, days: Sequence[LedgerDay]) -> dict[tuple[str, date, str], int]:
    mine = LedgerEntry.objects.filter(account=account, day__in={each.day for each in days})
    found = mine.order_by().values_list("things", "day", "verdict").annotate(n=Count("pk"))
    return {(things, day, verdict): n for things, day, verdict, n in found}


def _added_counts(account: Account, days: Sequence[LedgerDay]) -> dict[tuple[str, date], int]:
    counts: dict[tuple[str, date], int] = {}
    for things in {each.things for each in days}:
        first, _ = ledger.bounds(min(each.day for each in days))
        _, after = ledger.bounds(max(each.day for each in days))
        rows = ledger.book_of(things).rows(account).filter(found_by="sweep")
        of_day = rows.filter(sort_at__gte=first, sort_at__lt=after).order_by()
        found = of_day.annotate(of=TruncDate("sort_at", tzinfo=UTC)).values_list("of").annotate(n=Count("pk"))
        counts |= {(things, day): n for day, n in found}
    return counts


def _of(account: Account, things: str, day: date, column: str) -> "QuerySet[Any]":
    """The mirror's rows behind the numbers that need no entry."""
    first, after = ledger.bounds(day)
    rows = ledger.book_of(things).rows(account).filter(sort_at__gte=first, sort_at__lt=after)
    rows = rows.select_related("call").defer("raw", "call__raw")
    known = LedgerDay.objects.filter(account=account, things=things, day=day).first()
    began = known.began_at if known else None
    if column == "added":
        return rows.filter(found_by="sweep")
    if column == "ours":
        held = rows.exclude(external_id="").exclude(status=Status.DELETED)
        return held.filter(Q(created_at__lte=began) | Q(swept_at__gte=began)) if began else held
    listed = rows.filter(swept_at__gte=began) if began else rows.none()
    if column == "listed":
        return listed.exclude(Q(status=Status.DELETED) & Q(is_buried=False))
    differing = LedgerEntry.objects.filter(account=account, things=things, verdict="differing")
    return listed.exclude(status=Status.DELETED).exclude(external_id__in=differing.values("external_id"))


def _entries(
    user: User, account: Account, things: str, day: date, column: str, cursor: str
) -> tuple[list[Row], Page[Any]]:
    mine = LedgerEntry.objects.filter(account=account, things=things, day=day, verdict=column)
    found = page(mine, by="at", cursor=cursor)
    keys = [each.row_key for each in found.rows]
    known = ledger.book_of(things).rows(account).filter(key__in=keys).select_related("call")
    by_key = {each.key: each for each in known.defer("raw", "call__raw")}
    return [_row(user, account, things, each, by_key) for each in found.rows], found


def _row(user: User, account: Account, things: str, entry: LedgerEntry, by_key: dict[Any, Any]) -> Row:
    thing = by_key.get(entry.row_key)
    values = [(name.replace("_", " "), *pair) for name, pair in sorted(entry.values.items())]
    can_go = entry.verdict != LedgerEntry.Verdict.REPAIRED and thing is not None
    return Row(
        thing=thing,
        external_id=entry.external_id,
        entry=entry,
        values=[(str(name), str(here), str(there)) for name, here, there in values],
        delete_url=_delete_url(user, account, things, thing) if can_go else "",
    )


def _delete_url(user: User, account: Account, things: str, thing: Any) -> str:
    """The form that deletes it, here and there, if it is not buried yet and the person may."""
    subject = "recording" if things == Things.RECORDINGS else "transcript"
    action = connections.face(account.provider).action(f"{subject}.delete")
    if action is None or thing.is_buried or not user.has_perm(RIGHTS[action.right]):
        return ""
    return reverse("order", args=[subject, thing.key, action.kind])
