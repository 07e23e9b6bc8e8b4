"""The dry run: what a rule would have done last week, without doing anything."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from recordings import clock
from recordings.models import Account, Call, Recording, Rule
from recordings.providers.snapshots import CallState, Status
from recordings.rules import limits
from recordings.rules.acting import completed_at
from recordings.rules.limits import Spent
from recordings.rules.matching import Chosen, fits, traits
from recordings.rules.planning import Plan, Planner, preset_of, problem_at

SPAN = timedelta(days=7)
MOST = 5_000  # things that are looked at
SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One thing that matches: ``outcome`` says why it would not have been ordered, "" that it would."""

    thing: Call | Recording
    at: datetime
    plan: Plan
    outcome: str = ""


@dataclass(slots=True, kw_only=True)
class Trial:
    """What came of it. ``rows`` are the newest that match, ``amounts`` the known costs by currency."""

    since: datetime
    looked_at: int = 0
    matched: int = 0
    ordered: int = 0
    unpriced: int = 0
    is_cut: bool = False
    rows: list[Tried] = field(default_factory=list)
    amounts: dict[str, Decimal] = field(default_factory=dict)


def trial(rule: Rule, accounts: list[Account]) -> Trial:
    """Go through the last week's calls or recordings of these accounts, oldest first, month by month."""
    done = Trial(since=clock.now() - SPAN)
    chosen, planner = Chosen(rule.does, accounts), Planner(rule)
    refused = {each.pk: problem_at(rule.does, each, preset_of(rule, each.provider)) for each in accounts}
    spent: dict[datetime, Spent] = {}
    for at, thing in _things(rule, accounts, done):
        if not fits(rule, traits(thing.account, _call_of(thing))):
            continue
        month = limits.month_of(at)
        so_far = spent.get(month) or _nothing_yet(rule)
        order = planner.plan(thing, seconds=_seconds(thing))
        outcome = _other(rule, chosen, thing) or refused[thing.account_id]
        outcome = outcome or limits.problem(rule, order, so_far)
        spent[month] = so_far if outcome else _with(so_far, order)
        _count(done, Tried(thing=thing, at=at, plan=order, outcome=outcome))
    done.rows = done.rows[-SHOWN:][::-1]
    return done


def _things(rule: Rule, accounts: list[Account], done: Trial) -> Iterator[tuple[datetime, Call | Recording]]:
    by_pk = {account.pk: account for account in accounts}
    found = [(at, each) for each in _rows(rule, list(by_pk), done.since) if (at := _moment(each)) is not None]
    done.looked_at, done.is_cut = min(len(found), MOST), len(found) > MOST
    for at, thing in sorted(found, key=lambda pair: (pair[0], pair[1].pk))[-MOST:]:
        thing.account = by_pk[thing.account_id]
        yield at, thing


def _rows(rule: Rule, accounts: list[int], since: datetime) -> list[Call] | list[Recording]:
    if rule.does == Rule.Does.RECORD:
        calls = Call.objects.filter(account__in=accounts, created_at__gte=since)
        return list(calls.exclude(state=CallState.SCHEDULED).order_by("-created_at", "-pk")[: MOST + 1])
    recordings = Recording.objects.filter(account__in=accounts, sort_at__gte=since, status=Status.COMPLETED)
    light = recordings.select_related("call").defer("raw", "handle", "options")
    return list(light.order_by("-sort_at", "-pk")[: MOST + 1])


def _moment(thing: Call | Recording) -> datetime | None:
    return (thing.started_at or thing.created_at) if isinstance(thing, Call) else completed_at(thing)


def _call_of(thing: Call | Recording) -> Call | None:
    return thing if isinstance(thing, Call) else thing.call


def _nothing_yet(rule: Rule) -> Spent:
    return Spent(count=0, amount=Decimal(0), currency=rule.monthly_currency, unknown=0)


def _other(rule: Rule, chosen: Chosen, thing: Call | Recording) -> str:
    """Another rule that is asked before this one, and means the same thing."""
    first = chosen.first(thing.account, _call_of(thing))
    if first is None or first.pk == rule.pk or (first.priority, first.pk) > (rule.priority, rule.pk):
        return ""
    return f"The rule “{first.name}” comes before this one."


def _with(so_far: Spent, order: Plan) -> Spent:
    is_known = order.amount is not None and order.currency in {so_far.currency, ""}
    if order.amount is None or not is_known:
        return replace(so_far, count=so_far.count + 1, unknown=so_far.unknown + 1)
    return replace(so_far, count=so_far.count + 1, amount=so_far.amount + order.amount)


def _seconds(thing: Call | Recording) -> float | None:
    """How long a recording of the whole call would have been, if that is known."""
    if isinstance(thing, Recording) or thing.started_at is None or thing.ended_at is None:
        return None
    return max(0.0, (thing.ended_at - thing.started_at).total_seconds())


def _count(done: Trial, tried: Tried) -> None:
    done.matched += 1
    done.rows.append(tried)
    if tried.outcome:
        return
    done.ordered += 1
    if tried.plan.amount is None:
        done.unpriced += 1
    elif tried.plan.currency:
        known = done.amounts.get(tried.plan.currency, Decimal(0))
        done.amounts[tried.plan.currency] = known + tried.plan.amount
