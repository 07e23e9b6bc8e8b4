"""How often and how dear at most in a month; under a limit of money an order of unknown cost is held."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Q, Sum

from recordings import clock, rates
from recordings.models import Recording, Rule, RuleMatch
from recordings.models.rules import RuleMatchQuerySet
from recordings.rules.planning import Plan

NO_RATE = (
    "No rate is known for this order: under a limit in money it is held until an administrator enters one."
)
NO_LENGTH = "How long the recording is, is not known, so what it would cost is not either."


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a rule has ordered in a month; ``unknown`` are those whose cost nobody can tell."""

    count: int
    amount: Decimal
    currency: str
    unknown: int


def lock() -> None:
    """Until the end of the transaction nobody else counts: two orders at once would both fit.

    All of them in one order, so that two workers never wait for each other.
    """
    limited = Rule.objects.exclude(Q(monthly_count=None) & Q(monthly_amount=None))
    list(limited.order_by("pk").select_for_update().values_list("pk"))


def month_of(moment: datetime) -> datetime:
    """The first moment of its month, in UTC."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def spent(rule: Rule) -> Spent:
    """What it has ordered this month, by the table of rates; orders in doubt are among them."""
    mine = RuleMatch.objects.filter(rule=rule, at__gte=month_of(clock.now())).counted()
    count, currency = mine.count(), rule.monthly_currency
    known = mine.filter(estimate__isnull=False, currency=currency).aggregate(sum=Sum("estimate"))["sum"]
    running, unknown = _running(rule, mine.filter(estimate=None))
    return Spent(count=count, amount=(known or Decimal(0)) + running, currency=currency, unknown=unknown)


def problem(rule: Rule, order: Plan, so_far: Spent) -> str:
    """Why this order is held, in a sentence; "" when it fits."""
    if rule.monthly_count is not None and so_far.count >= rule.monthly_count:
        return f"The rule's limit is reached: {rule.monthly_count} a month."
    if rule.monthly_amount is None or order.is_free:
        return ""
    return _unknown(rule, order, so_far) or _too_dear(rule, rule.monthly_amount, order, so_far)


def _unknown(rule: Rule, order: Plan, so_far: Spent) -> str:
    if order.rate is None:
        return NO_RATE
    if order.currency != rule.monthly_currency:
        return (
            f"The rate is in {order.currency} and the rule's limit in {rule.monthly_currency}: "
            "currencies are never added up."
        )
    if order.amount is None and not order.is_open_ended:
        return NO_LENGTH
    if so_far.unknown:
        return f"What {so_far.unknown} of this month's orders cost is not known, so the limit cannot be kept."
    return ""


def _too_dear(rule: Rule, limit: Decimal, order: Plan, so_far: Spent) -> str:
    amount = order.amount or Decimal(0)
    # What runs on for an unknown time may begin as long as anything is left.
    is_over = so_far.amount >= limit if order.is_open_ended else so_far.amount + amount > limit
    if not is_over:
        return ""
    told = f"It would cost {rates.money(amount, rule.monthly_currency)}: " if order.amount is not None else ""
    spent_now = rates.money(so_far.amount, rule.monthly_currency)
    return f"{told}{spent_now} of this month's {rates.money(limit, rule.monthly_currency)} are spent."


def _running(rule: Rule, unpriced: RuleMatchQuerySet) -> tuple[Decimal, int]:
    """What orders that could not be priced when they were given cost by now, and how many nobody knows.

    Only recordings become known later, and only under a limit in money is it asked.
    """
    if rule.does != Rule.Does.RECORD or rule.monthly_amount is None:
        return Decimal(0), unpriced.count()
    matches = list(unpriced.select_related("operation", "account"))
    keys = (match.operation.made_key for match in matches if match.operation)
    rows = Recording.objects.filter(key__in=[key for key in keys if key is not None]).defer("raw", "handle")
    recordings = {each.key: each for each in rows}
    table = rates.Table(match.account for match in matches)
    costs = [_cost_by_now(rule, match, recordings, table) for match in matches]
    known = [amount for amount in costs if amount is not None]
    return sum(known, Decimal(0)), len(costs) - len(known)


def _cost_by_now(
    rule: Rule, match: RuleMatch, recordings: Mapping[UUID, Recording], table: rates.Table
) -> Decimal | None:
    order = match.operation
    recording = recordings.get(order.made_key) if order and order.made_key else None
    if order is None or recording is None:
        return None
    rate = table.rate(match.account, order.kind, "", match.at.astimezone(UTC).date())
    if rate is None or rate.currency != rule.monthly_currency:
        return None
    amount = rates.cost(rate, _seconds(recording))
    if amount is not None and recording.is_final:
        RuleMatch.objects.filter(pk=match.pk).update(estimate=amount, currency=rate.currency)
    return amount


def _seconds(recording: Recording) -> float | None:
    """Its length, as far as it has one by now."""
    if recording.duration_seconds is not None:
        return recording.duration_seconds
    ended_at = (recording.completed_at or recording.status_at) if recording.is_final else clock.now()
    if recording.started_at is None:
        return None if recording.is_final else 0.0
    return max(0.0, (ended_at - recording.started_at).total_seconds()) if ended_at else None
