"""The days of the ledger: written down once a listing was read to its end, some at a time."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from django.db.models import Count, Q
from django.db.models.functions import TruncDate

from recordings import clock
from recordings.ledger import Book, book_of, bounds, name_of
from recordings.models import Account, Errand, LedgerDay, LedgerEntry
from recordings.models.work import BACKGROUND
from recordings.work import errands
from recordings.work.errands import Local, Step

BALANCE = "ledger.balance"
DAYS_AT_ONCE = 30
MARGIN = timedelta(hours=1)  # the provider's window may be cut by another moment than ours
Verdict = LedgerEntry.Verdict


def ask_for_balance(
    account: Account, things: str, days: Mapping[str, int], *, began: datetime, since: datetime | None
) -> None:
    """A listing was read to its end: have its days written down. Joins the caller's transaction."""
    cursor = {
        "days": dict(days),
        "began": began.isoformat(),
        "since": since.isoformat() if since else None,
    }
    facts = {"cursor": cursor, "lane": BACKGROUND, "due_at": clock.now(), "step": 0}
    Errand.objects.update_or_create(
        account=account, kind=BALANCE, subject=things, state=Errand.State.QUEUED, defaults=facts
    )


def balance(errand: Errand) -> Step:
    """Write down some days of a listing that was read to its end, the newest first."""
    book = book_of(errand.subject)
    began = datetime.fromisoformat(errand.cursor["began"])
    since = datetime.fromisoformat(errand.cursor["since"]) if errand.cursor["since"] else None
    listed: dict[str, int] = errand.cursor["days"]
    if "left" not in errand.cursor:
        left = _covered(book, errand.account, listed, began, since)
        return Step(cursor={**errand.cursor, "left": left})
    now, left = errand.cursor["left"][:DAYS_AT_ONCE], errand.cursor["left"][DAYS_AT_ONCE:]
    days = [_balanced(book, errand, date.fromisoformat(day), listed.get(day, 0), began=began) for day in now]

    def write() -> None:
        _close(errand, [date.fromisoformat(day) for day in now], book, began)
        LedgerDay.objects.bulk_create(
            days,
            update_conflicts=True,
            unique_fields=["account", "things", "day"],
            update_fields=["began_at", "listed", "ours", "matched", "waiting"],
        )

    return Step(write=write, cursor={**errand.cursor, "left": left} if left else None)


def register_all() -> None:
    """Make these errands known to the engine."""
    errands.register(BALANCE, Local(handler=balance))


def _covered(
    book: Book, account: Account, listed: Mapping[str, int], began: datetime, since: datetime | None
) -> list[str]:
    """The days that the listing held whole, newest first: listed ones, and those of our rows."""
    held = book.held(account, began)
    first = (since + MARGIN + timedelta(days=1)).astimezone(UTC).date() if since else date.min
    if since:
        held = held.filter(sort_at__gte=bounds(first)[0])
    ours = held.order_by().annotate(of=TruncDate("sort_at", tzinfo=UTC)).values_list("of", flat=True)
    known = LedgerDay.objects.filter(account=account, things=name_of(book), day__gte=first)
    days = {*ours.distinct(), *known.values_list("day", flat=True), *map(date.fromisoformat, listed)}
    return [day.isoformat() for day in sorted(days, reverse=True) if day >= first]


def _balanced(book: Book, errand: Errand, day: date, listed: int, *, began: datetime) -> LedgerDay:
    first, after = bounds(day)
    of_day = book.held(errand.account, began).filter(sort_at__gte=first, sort_at__lt=after)
    unseen = Q(swept_at=None) | clock.before("swept_at", began)
    is_expected = book.is_expected(errand.account, began)
    counts = of_day.order_by().aggregate(
        ours=Count("pk"), waiting=Count("pk", filter=unseen & ~Q(pk__in=of_day.filter(is_expected)))
    )
    differing = LedgerEntry.objects.filter(
        account=errand.account, things=errand.subject, day=day, verdict=Verdict.DIFFERING, at__gte=began
    ).count()
    return LedgerDay(
        account=errand.account,
        things=errand.subject,
        day=day,
        began_at=began,
        listed=listed,
        matched=max(0, listed - differing),
        **counts,
    )


def _close(errand: Errand, days: list[date], book: Book, began: datetime) -> None:
    """What this listing did not find to be so any more is explained; what it still lacks stays."""
    mine = LedgerEntry.objects.filter(account=errand.account, things=errand.subject, day__in=days)
    older = mine.filter(at__lt=began)
    older.filter(verdict=Verdict.DIFFERING).delete()
    unexplained = older.filter(verdict=Verdict.UNEXPLAINED)
    unseen = book.held(errand.account, began).filter(Q(swept_at=None) | clock.before("swept_at", began))
    unexplained.exclude(external_id__in=unseen.values("external_id")).delete()
