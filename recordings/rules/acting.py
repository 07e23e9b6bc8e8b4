"""Takes up what a rule means: one order a thing, placed, held or refused, and written down with the rule."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from recordings import clock, connections, rescues
from recordings.actions import place
from recordings.models import Account, Call, Operation, Recording, Rule, RuleMatch
from recordings.models.mirror import LIVE
from recordings.providers.snapshots import CallState, Status
from recordings.rules import limits
from recordings.rules.matching import Chosen
from recordings.rules.planning import KINDS, Plan, Planner
from recordings.sync import calls_told
from recordings.sync.context import Context
from recordings.sync.recordings import recording_changed, recordings_merged
from recordings.targets import Target
from recordings.validation import OrderRefused
from recordings.work.subjects import full_ref

Does, State = Rule.Does, RuleMatch.State
AT_ONCE = 200
SLACK = timedelta(minutes=1)  # between what a provider tells of a call and of its recording


def listen() -> None:
    """Hear of calls that are live and of rows that turn out to be one."""
    calls_told.connect(_calls_told, dispatch_uid="recordings.rules.calls")
    recording_changed.connect(_completed, dispatch_uid="recordings.rules.rescue")
    recordings_merged.connect(_merged, dispatch_uid="recordings.rules.merged")


def completed_at(recording: Recording) -> datetime | None:
    """When it completed; None for one whose age nothing tells: it may be as old as the provider."""
    known = recording.completed_at or recording.status_at
    if known is None and recording.started_at is not None:
        known = recording.started_at + timedelta(seconds=recording.duration_seconds or 0)
    return known


def on_completion(does: str, recording: Recording, *, context: Context | None) -> RuleMatch | None:
    """A recording completed: what a rule did with it, now or before; None when none means it.

    Joins the caller's transaction. Asked twice, it is one order.
    """
    if are_there(recording.account, does, context):
        return consider(does, recording, at=completed_at(recording))
    return _known(does, recording)


def consider(
    does: str, thing: Call | Recording, *, at: datetime | None, chosen: Chosen | None = None
) -> RuleMatch | None:
    """Have the first rule that means this thing act on it; one that was held is looked at again."""
    known = _known(does, thing)
    if known is not None and known.state == State.ORDERED:
        return known
    chosen = chosen or Chosen(does, [thing.account])
    rule = _first(chosen, thing, at, is_known=known is not None)
    if rule is None:
        if known is not None:
            known.delete()  # Held by a rule that does not mean it any more.
        return None
    with transaction.atomic():
        return _take_up(rule, thing, known)


def release(rule: Rule) -> int:
    """Look again at what this rule holds; answers how many were ordered."""
    waiting = list(RuleMatch.objects.filter(rule=rule).waiting().order_by("at", "pk")[:AT_ONCE])
    return sum(_released(match) for match in waiting)


def leave_out(rule: Rule) -> int:
    """Order nothing of what this rule holds, now or later; answers how many there were."""
    return RuleMatch.objects.filter(rule=rule).waiting().update(is_over=True)


def _released(match: RuleMatch) -> bool:
    thing = _thing_of(match)
    if thing is None:
        match.delete()  # There is nothing left to order.
        return False
    found = consider(match.does, thing, at=None)
    return found is not None and found.state == State.ORDERED


def are_there(account: Account, does: str, context: Context | None = None) -> bool:
    """Whether the account has rules of this deed; asked once while a page of facts is written.

    Most accounts have none at all: one question answers that for all deeds.
    """
    if context is None:
        return Rule.objects.acting(does).filter(accounts=account.pk).exists()
    has_any = context.once("rules", lambda: Rule.objects.filter(accounts=account.pk).exists())
    return has_any and context.once(f"rules {does}", lambda: are_there(account, does))


def _known(does: str, thing: Call | Recording) -> RuleMatch | None:
    found = RuleMatch.objects.filter(does=does, subject_key=thing.key, is_over=False)
    return found.select_related("rule").first()


def _first(chosen: Chosen, thing: Call | Recording, at: datetime | None, *, is_known: bool) -> Rule | None:
    if isinstance(thing, Call):
        return chosen.first(thing.account, thing)
    if is_known:  # It was new enough when it was taken up.
        return chosen.first(thing.account, thing.call)
    return chosen.first(thing.account, thing.call, at) if at is not None else None


def _take_up(rule: Rule, thing: Call | Recording, known: RuleMatch | None) -> RuleMatch:
    limits.lock()
    match = known or _new(rule, thing)
    order = Planner(rule).plan(thing)
    held = limits.problem(rule, order, limits.spent(rule)) if _is_limited(rule) else ""
    before = match.pk, match.state, match.reason, match.rule_id
    match.rule, match.state, match.reason = rule, State.HELD, held
    if not held:
        if known is None:
            match.save()  # Its number is part of the order's key.
        _order(rule, thing, match, order)
    if (match.pk, match.state, match.reason, match.rule_id) != before:
        match.save()
        _show(thing)
    return match


def _new(rule: Rule, thing: Call | Recording) -> RuleMatch:
    return RuleMatch(does=rule.does, account=thing.account, subject_key=thing.key, at=clock.now())


def _is_limited(rule: Rule) -> bool:
    return rule.monthly_count is not None or rule.monthly_amount is not None


def _order(rule: Rule, thing: Call | Recording, match: RuleMatch, order: Plan) -> None:
    key = f"rule:{rule.pk}:{match.pk}:{thing.key}"
    try:
        match.operation = _placed(rule, thing, key, order)
    except OrderRefused as exc:
        match.state = State.REFUSED
        match.reason = " ".join([exc.message, *(f"{name}: {text}" for name, text in exc.errors.items())])
        return
    match.state, match.at = State.ORDERED, clock.now()
    match.estimate, match.currency = order.amount, order.currency


def _placed(rule: Rule, thing: Call | Recording, key: str, order: Plan) -> Operation:
    if isinstance(thing, Recording) and rule.does == Does.RESCUE:
        return rescues.order(None, thing, order_key=key, ordered_for=rule.because, rule=rule)
    operation = place(
        None,
        Target.of(thing),
        KINDS[Does(rule.does)],
        options=order.options,
        order_key=key,
        ordered_for=rule.because,
        # A call does not wait; a recording does.
        is_bulk=isinstance(thing, Recording),
    )
    if operation.order_key == key:  # Else somebody has ordered the same at this moment.
        Operation.objects.filter(pk=operation.pk).update(rule=rule)
    return operation


def _show(thing: Call | Recording) -> None:
    """Pages that show the thing draw it anew."""
    type(thing)._default_manager.filter(pk=thing.pk).update(updated_at=clock.now())


def _thing_of(match: RuleMatch) -> Call | Recording | None:
    """What a held one is about, as long as an order could mean anything."""
    if match.does == Does.RECORD:
        live = Call.objects.filter(key=match.subject_key, state=CallState.LIVE)
        call = live.select_related("account").first()
        return call if call is not None and not is_recorded(call) else None
    rows = Recording.objects.filter(key=match.subject_key, status=Status.COMPLETED)
    recording = rows.select_related("account", "call").first()
    return recording if recording is not None and not _is_done(match.does, recording) else None


def _is_done(does: str, recording: Recording) -> bool:
    """Whether somebody has ordered it by hand meanwhile."""
    if does == Does.RESCUE:
        return rescues.is_kept(recording)
    known = full_ref(recording)
    return bool(known.transcripts_open or known.transcripts_completed)


# Live calls.


def _calls_told(*, account: Account, calls: Iterable[Call], **_: Any) -> None:
    calls = list(calls)
    over = [call.key for call in calls if call.state == CallState.ENDED]
    live = [call for call in calls if call.state == CallState.LIVE]
    if over:
        ended = RuleMatch.objects.filter(does=Does.RECORD, subject_key__in=over, is_over=False)
        ended.update(is_over=True)
    if not live or not account.is_active or not are_there(account, Does.RECORD):
        return
    chosen, known = Chosen(Does.RECORD, [account]), _states(live)
    for call in live:
        call.account = account
        is_meant = call.key in known or chosen.first(account, call) is not None
        if is_meant and known.get(call.key) != State.ORDERED and not is_recorded(call):
            consider(Does.RECORD, call, at=None, chosen=chosen)


def _states(calls: list[Call]) -> dict[UUID, str]:
    """What rules did with these calls, read at once: the list of calls is read every few seconds."""
    keys = [call.key for call in calls]
    matches = RuleMatch.objects.filter(does=Does.RECORD, subject_key__in=keys, is_over=False)
    return dict(matches.values_list("subject_key", "state"))


def is_recorded(call: Call) -> bool:
    """Whether it is being recorded, or somebody has recorded it and stopped: that was meant."""
    mine = Recording.objects.filter(call=call).exclude(status=Status.FAILED)
    if not connections.face(call.account.provider).calls_can_revive:
        return mine.exists()
    # The same row was live before: what began since it is live again counts.
    of_now = Q(status__in=(*LIVE, Status.REQUESTED))
    if call.started_at is not None:
        of_now |= Q(sort_at__gte=call.started_at - SLACK)
    return mine.filter(of_now).exists()


def _completed(*, recording: Recording, before: str, context: Context | None = None, **_: Any) -> None:
    if recording.status != Status.COMPLETED or before == Status.COMPLETED:
        return
    if are_there(recording.account, Does.RESCUE, context) and not rescues.is_kept(recording):
        on_completion(Does.RESCUE, recording, context=context)


def _merged(*, kept: Recording, gone: Recording, **_: Any) -> None:
    """Two rows were one: so is what rules did with them."""
    known = set(RuleMatch.objects.filter(subject_key=kept.key).values_list("does", flat=True))
    theirs = RuleMatch.objects.filter(subject_key=gone.key)
    theirs.filter(does__in=known).delete()
    theirs.update(subject_key=kept.key)
