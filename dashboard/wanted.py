"""Live calls that a rule wants recorded and that are not, each with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass

from recordings import rules
from recordings.models import Account, Call, Operation, Recording, Rule, RuleMatch
from recordings.providers.snapshots import CallState

State = Operation.State
WORDS = {
    State.QUEUED: "has ordered it, and the order waits to be sent",
    State.SENT: "has ordered it, and the provider's answer is awaited",
    State.IN_DOUBT: "has ordered it, and whether it began is in doubt",
    State.SUCCEEDED: "has ordered it, and it has not begun yet",
}
LOST = "has ordered it, and nothing came of it"
SOON = "means this call, and orders the recording when the list of calls is read next"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rule wants it, and why it is not so."""

    rule: Rule
    reason: str


def wanted(
    accounts: Sequence[Account], calls: Sequence[Call], recordings: Sequence[Recording]
) -> dict[int, Wanted]:
    """By the calls' primary keys; nothing is read where no rule records."""
    recorded = {each.call_id for each in recordings if each.is_live}
    missing = [each for each in calls if each.state == CallState.LIVE and each.pk not in recorded]
    if not missing or not Rule.objects.acting(Rule.Does.RECORD).filter(accounts__in=list(accounts)).exists():
        return {}
    pending = {each.call_id for each in recordings if each.call_id not in recorded}
    taken_up = _taken_up(missing)
    others = [each for each in missing if each.key not in taken_up]
    found = {
        each.pk: _of_match(taken_up[each.key], each.pk in pending) for each in missing if each not in others
    }
    return {pk: why for pk, why in {**found, **_not_yet(accounts, others)}.items() if why is not None}


def _taken_up(calls: Sequence[Call]) -> dict[object, RuleMatch]:
    matches = RuleMatch.objects.filter(
        does=Rule.Does.RECORD, subject_key__in=[each.key for each in calls], is_over=False
    )
    return {each.subject_key: each for each in matches.select_related("rule", "operation")}


def _of_match(match: RuleMatch, is_pending: bool) -> Wanted | None:  # noqa: FBT001
    """None where it was recorded: what somebody has stopped is not wanted any more."""
    rule, order = match.rule, match.operation
    if rule is None:
        return None
    if order is None:
        return Wanted(rule=rule, reason=f"{match.state} it: {match.reason}")
    if order.state == State.SUCCEEDED and not is_pending:
        return None
    outcome = f" ({order.outcome})" if order.outcome and order.state not in WORDS else ""
    return Wanted(rule=rule, reason=f"{WORDS.get(State(order.state), LOST)}{outcome}.")


def _not_yet(accounts: Sequence[Account], calls: Sequence[Call]) -> dict[int, Wanted | None]:
    """Calls that no rule has taken up yet, and one means."""
    chosen = rules.Chosen(Rule.Does.RECORD, accounts)
    by_pk = {each.pk: each for each in accounts}
    found: dict[int, Wanted | None] = {}
    for call in Call.objects.filter(pk__in=[each.pk for each in calls]):
        call.account = by_pk[call.account_id]
        rule = chosen.first(call.account, call)
        if rule is not None and not rules.is_recorded(call):
            found[call.pk] = Wanted(rule=rule, reason=f"{SOON}.")
    return found
