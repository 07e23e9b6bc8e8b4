"""What went wrong lately, grouped by its cause."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, Max, QuerySet, TextField, When
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from dashboard.models import User
from dashboard.templatetags.tapedeck import action_label, provider_label
from recordings.models import Account, Operation, Recording, WebhookDelivery
from recordings.providers.snapshots import Status
from transcripts.models import Transcript

SPAN = timedelta(days=7)
MOST = 50  # causes of one kind
EXAMPLES = 3
State = Operation.State


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One of the things that a cause hit."""

    name: str
    url: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Everything that went wrong in one way at one account."""

    what: str
    why: str
    account: Account
    count: int
    newest_at: datetime | None
    code: str = ""
    tone: str = "bad"
    url: str = ""  # the list of all of them
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Causes of one kind."""

    key: str
    title: str
    empty: str
    causes: list[Cause]


def sections(user: User) -> list[Section]:
    """Everything that waits for somebody, the gravest first."""
    accounts = {each.pk: each for each in Account.objects.usable_by(user).active().order_by("name")}
    return [
        Section(
            key="accounts",
            title="Accounts that do not work",
            empty="All accounts work.",
            causes=list(_sick(list(accounts.values()))),
        ),
        Section(
            key="doubts",
            title="Orders in doubt",
            empty="No order is in doubt.",
            causes=list(_orders(accounts, (State.IN_DOUBT,), since=None, tone="warn")),
        ),
        Section(
            key="orders",
            title="Orders that failed or came too late",
            empty="No order failed.",
            causes=list(_orders(accounts, (State.FAILED, State.EXPIRED), since=timezone.now() - SPAN)),
        ),
        Section(
            key="recordings",
            title="Recordings that failed",
            empty="No recording failed.",
            causes=list(_failed(accounts, Recording, "recordings")),
        ),
        Section(
            key="transcripts",
            title="Transcripts that failed",
            empty="No transcript failed.",
            causes=list(_failed(accounts, Transcript, "transcripts")),
        ),
        Section(
            key="deliveries",
            title="Callbacks that could not be read",
            empty="Every callback could be read.",
            causes=list(_callbacks(accounts)),
        ),
    ]


def _sick(accounts: Sequence[Account]) -> Iterator[Cause]:
    for account in accounts:
        if account.is_healthy is False:
            why = account.health_message or "The last test failed."
            yield Cause(
                what=f"{provider_label(account.provider)} account",
                why=why,
                account=account,
                count=1,
                newest_at=account.health_at,
                url=account.get_absolute_url(),
            )


def _orders(
    accounts: dict[int, Account], states: tuple[State, ...], *, since: datetime | None, tone: str = "bad"
) -> Iterator[Cause]:
    rows = Operation.objects.filter(account__in=accounts, state__in=states)
    if since:
        rows = rows.filter(created_at__gte=since)
    caused = _with_cause(rows, "outcome_code", "outcome")
    for group in _grouped(caused, "kind", text="outcome", code="outcome_code", by="created_at"):
        account = accounts[group["account"]]
        same = caused.filter(account=account, kind=group["kind"], cause=group["cause"])
        yield Cause(
            what=action_label(account.provider, group["kind"]),
            why=group["text"] or "No reason is known.",
            code=group["code"],
            account=account,
            count=group["count"],
            newest_at=group["newest"],
            tone=tone,
            url=_list("operations", state=states[0], account=account.key, kind=group["kind"]),
            examples=_examples(same.select_related("call").defer("options", "call__raw"), "created_at"),
        )


def _failed(accounts: dict[int, Account], model: Any, route: str) -> Iterator[Cause]:
    since = timezone.now() - SPAN
    rows = model.objects.filter(account__in=accounts, status=Status.FAILED, sort_at__gte=since)
    caused = _with_cause(rows, "reason_code", "reason")
    for group in _grouped(caused, text="reason", code="reason_code", by="sort_at"):
        account = accounts[group["account"]]
        same = caused.filter(account=account, cause=group["cause"])
        yield Cause(
            what=provider_label(account.provider),
            why=group["text"] or "The provider gives no reason.",
            code=group["code"],
            account=account,
            count=group["count"],
            newest_at=group["newest"],
            url=_list(route, status="failed", account=account.key, since=_day(since), reason=group["code"]),
            examples=_examples(same.select_related("call").defer("raw", "call__raw"), "sort_at"),
        )


def _callbacks(accounts: dict[int, Account]) -> Iterator[Cause]:
    since = timezone.now() - SPAN
    states = (WebhookDelivery.State.UNREADABLE, WebhookDelivery.State.FAILED)
    rows = WebhookDelivery.objects.filter(account__in=accounts, state__in=states, received_at__gte=since)
    caused = _with_cause(rows, "outcome", "outcome")
    for group in _grouped(caused, "state", "event", text="outcome", code="state", by="received_at"):
        account = accounts[group["account"]]
        same = caused.filter(account=account, event=group["event"], cause=group["cause"])
        yield Cause(
            what=group["event"] or "without a name",
            why=group["text"] or "No reason is known.",
            account=account,
            count=group["count"],
            newest_at=group["newest"],
            url=_list(
                "deliveries",
                state=group["state"],
                account=account.key,
                event=group["event"],
                since=_day(since),
            ),
            examples=_examples(same.defer("body", "headers", "query"), "received_at"),
        )


def _with_cause(rows: Any, code: str, text: str) -> Any:
    """The provider's own code tells causes apart; where it gave none, its words do."""
    return rows.annotate(
        cause=Case(When(**{code: ""}, then=F(text)), default=F(code), output_field=TextField())
    )


def _grouped(rows: Any, *names: str, text: str, code: str, by: str) -> Any:
    groups = rows.order_by().values("account", "cause", *names)
    facts = {"count": Count("pk"), "newest": Max(by), "text": Max(text), "code": Max(code)}
    return groups.annotate(**facts).order_by("-count", "-newest")[:MOST]


def _examples(rows: "QuerySet[Any]", by: str) -> tuple[Example, ...]:
    newest = rows.order_by(f"-{by}", "-pk")[:EXAMPLES]
    return tuple(Example(name=_name(row), url=row.get_absolute_url(), at=getattr(row, by)) for row in newest)


def _name(row: Any) -> str:
    call = getattr(row, "call", None)
    return str(call) if call else str(row)


def _day(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d}"


def _list(route: str, **filters: Any) -> str:
    return f"{reverse(route)}?{urlencode({name: str(value) for name, value in filters.items() if value})}"
