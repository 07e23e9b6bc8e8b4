"""Today's counts and what needs attention, each with the page that shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet, Sum
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from dashboard.models import User
from recordings.models import Account, Operation, Recording, Refusal, RuleMatch, WebhookDelivery
from recordings.providers.snapshots import Status
from transcripts.models import Transcript

MOST = 10_000
DAY = timedelta(hours=24)
State = Operation.State


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number, what it counts, and where its rows are listed."""

    count: int
    label: str
    url: str
    tone: str = ""
    reason: str = ""  # of what is not counted

    @property
    def text(self) -> str:
        return f"{MOST:,}+" if self.count > MOST else f"{self.count:,}"


def today(accounts: Sequence[Account]) -> list[Figure]:
    """Return the counts since midnight in the operator's zone."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    day = f"{midnight:%Y-%m-%d}"
    found = []
    for rows, noun in ((Recording.objects.all(), "recording"), (Transcript.objects.all(), "transcript")):
        mine = rows.filter(account__in=accounts, sort_at__gte=midnight)
        broken = mine.filter(status=Status.FAILED)
        found += [
            _figure(mine, f"{noun}{{s}} today", f"{noun}s", since=day),
            _figure(broken, f"{noun}{{s}} failed", f"{noun}s", since=day, status="failed"),
        ]
    return found


def attention(user: User, accounts: Sequence[Account]) -> list[Figure]:
    """Return what went wrong and waits for somebody; nothing that is zero."""
    found = [_sick(account) for account in accounts if account.is_healthy is False]
    if user.has_perm("recordings.see_operations"):
        found += [*_orders(accounts), *_callbacks(accounts)]
    if user.has_perm("recordings.control_calls"):
        waiting = RuleMatch.objects.filter(account__in=accounts).waiting()
        found.append(_figure(waiting, "Held or refused by rules", "rules", "warn"))
    return [figure for figure in found if figure.count]


def _sick(account: Account) -> Figure:
    reason = account.health_message or "The last test of this account failed."
    return Figure(
        count=1,
        label=f"{account.name} is unhealthy",
        reason=reason,
        url=account.get_absolute_url(),
        tone="bad",
    )


def _orders(accounts: Sequence[Account]) -> list[Figure]:
    orders = Operation.objects.filter(account__in=accounts)
    lately = orders.filter(created_at__gt=timezone.now() - DAY)
    failed, expired = lately.filter(state=State.FAILED), lately.filter(state=State.EXPIRED)
    doubtful = orders.filter(state=State.IN_DOUBT)
    return [
        _figure(doubtful, "Orders in doubt", "operations", "warn", state="in_doubt"),
        _figure(failed, "Orders failed in 24 h", "operations", "bad", state="failed"),
        _figure(expired, "Orders expired in 24 h", "operations", "warn", state="expired"),
    ]


def _callbacks(accounts: Sequence[Account]) -> list[Figure]:
    lately = WebhookDelivery.objects.filter(account__in=accounts, received_at__gt=timezone.now() - DAY)
    broken = lately.filter(state=WebhookDelivery.State.FAILED)
    unreadable = lately.filter(state=WebhookDelivery.State.UNREADABLE)
    since = (timezone.now() - DAY).date()
    refused = Refusal.objects.filter(account__in=accounts, day__gte=since).aggregate(sum=Sum("count"))["sum"]
    label = "Callbacks refused since yesterday"
    return [
        _figure(broken, "Callbacks failed in 24 h", "deliveries", "bad", state="failed"),
        _figure(unreadable, "Callbacks unreadable in 24 h", "deliveries", "bad", state="unreadable"),
        Figure(count=refused or 0, label=label, url=_address("accounts"), tone="warn"),
    ]


def _figure(rows: QuerySet[Any], label: str, route: str, tone: str = "", **filters: str) -> Figure:
    count = rows.order_by().values("pk")[: MOST + 1].count()
    label = label.format(s=pluralize(count))
    return Figure(count=count, label=label, url=_address(route, **filters), tone=tone)


def _address(route: str, **filters: str) -> str:
    address = reverse(route)
    return f"{address}?{urlencode(filters)}" if filters else address
