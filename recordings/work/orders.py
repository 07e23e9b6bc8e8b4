"""Performs orders: sent marks first, one call, and an outcome that claims no more than is known."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from recordings import clock, connections
from recordings.models import Operation, WorkItem
from recordings.providers.base import ProviderAdapter
from recordings.providers.errors import (
    ProviderError,
    Refused,
    StillRunning,
    Throttled,
    UnexpectedResponse,
)
from recordings.providers.network import departure
from recordings.providers.orders import Action, Answer, Repeat
from recordings.providers.snapshots import CallState
from recordings.work import doubts, health, pace, settling
from recordings.work.leases import DEATHS_ALLOWED, Lease, LeaseLost
from recordings.work.steps import Kind, note
from recordings.work.subjects import order_of

State = Operation.State
FIRST_WAIT_SECONDS = 2.0
NOT_AGAIN = "By now it is too late to send it again: what the provider shows decides."


def perform(lease: Lease) -> None:
    """Bring one order forward by at most one call to the provider."""
    operation = fresh(lease.item)
    lease.item = operation
    if not operation.is_open:  # It ended while it was taken up: nothing is left to do, least of all to send.
        lease.settle(operation)
        return
    if operation.deaths >= DEATHS_ALLOWED:
        settling.quarantine(lease, operation)
        return
    try:
        adapter = connections.open_account(operation.account)
    except ProviderError as exc:
        _give_up(lease, operation, exc.message, exc.code)
        return
    action = adapter.action(operation.kind)
    if action is None:
        _give_up(lease, operation, f"{adapter.label} has no order of the kind {operation.kind}.")
        return
    _bring_forward(lease, operation, adapter, action)


def _give_up(lease: Lease, operation: Operation, message: str, code: str = "") -> None:
    """Nothing can be asked of the provider: what never left has failed, of what left nothing is known."""
    if operation.state == State.QUEUED:
        settling.failed(lease, operation, message, code=code)
        return
    doubts.wait(lease, operation, message)


def _bring_forward(lease: Lease, operation: Operation, adapter: ProviderAdapter, action: Action) -> None:
    if operation.state == State.IN_DOUBT or operation.is_accepted:
        doubts.look(lease, operation, adapter, action)
        return
    if operation.state == State.SENT and not may_send_again(operation, adapter, action):
        settling.in_doubt(lease, operation, "No answer was recorded: whether it happened is not known.")
        return
    late = lateness(operation, clock.now())
    if late:
        if operation.state == State.SENT:
            settling.in_doubt(lease, operation, f"{operation.outcome} {NOT_AGAIN}".strip())
        else:
            settling.expired(lease, operation, late)
        return
    _send(lease, operation, adapter, action)


def fresh(item: WorkItem) -> Operation:
    """The order as it stands now, with what it is about."""
    return Operation.objects.select_related("account", "call", "recording__call").get(pk=item.pk)


def may_send_again(operation: Operation, adapter: ProviderAdapter, action: Action) -> bool:
    """Whether an order that was sent and not answered may be sent once more."""
    if action.repeat is Repeat.REPEATABLE:
        return True
    if action.repeat is Repeat.ONCE or operation.first_sent_at is None:
        return False
    window = timedelta(seconds=adapter.keyed_window_seconds)
    return clock.now() - operation.first_sent_at < window


def lateness(operation: Operation, now: datetime) -> str:
    """Why this order must not be sent any more, in a sentence; "" while it may."""
    if operation.not_after is None:
        is_over = operation.call is not None and operation.call.state == CallState.ENDED
        return "The call is over: nothing was sent." if is_over else ""
    if now > operation.not_after:
        return "It could not be sent in time, and was not sent late."
    if now < operation.created_at - timedelta(seconds=5):
        return "The clock was set back after this was ordered: it was not sent late."
    return ""


def _send(lease: Lease, operation: Operation, adapter: ProviderAdapter, action: Action) -> None:
    call_id = operation.call.external_id if operation.call else ""
    wait = pace.take(operation.account, adapter, action.buckets, call_id=call_id)
    if wait > 0:
        settling.paced(lease, operation, wait)
        return
    settling.mark_sent(lease, operation)
    # Committed: a death from here on is a doubt, or a repeat where a repeat does no harm.
    try:
        with departure(_seconds_left(operation)):
            answer = adapter.perform(order_of(operation, action))
    except ProviderError as exc:
        _settle_error(lease, operation, adapter, action, exc)
        return
    health.note_success(operation.account)
    _settle_answer(lease, operation, action, answer)


def _seconds_left(operation: Operation) -> float:
    """By when the order must have left: while the lease runs, and in its own time."""
    ends = [at for at in (operation.lease_until, operation.not_after) if at is not None]
    left = (min(ends) - clock.now()).total_seconds()
    return min(left, float(settings.TAPEDECK_LEASE_SECONDS))  # however far the clock was set back


def _settle_answer(lease: Lease, operation: Operation, action: Action, answer: Answer) -> None:
    try:
        settling.succeeded(lease, operation, action, answer)
    except LeaseLost:
        settling.keep_late_answer(lease, operation, answer)


def _settle_error(
    lease: Lease, operation: Operation, adapter: ProviderAdapter, action: Action, exc: ProviderError
) -> None:
    health.note_failure(operation.account, exc)
    try:
        if isinstance(exc, Throttled):
            _close_bucket(operation, action, exc)
        if isinstance(exc, Refused):
            _settle_refusal(lease, operation, exc)
        else:
            _settle_unknown(lease, operation, adapter, action, exc)
    except LeaseLost:
        with transaction.atomic():
            note(operation, Kind.LOST, exc.message, worker=lease.worker, exchange=exc.exchange)


def _settle_refusal(lease: Lease, operation: Operation, exc: Refused) -> None:
    wait = exc.retry_after_seconds or pace.backoff_seconds(operation.attempts, first=FIRST_WAIT_SECONDS)
    is_repeat = operation.first_sent_at != operation.sent_at
    if is_repeat and exc.can_wait:
        # Only the repeat was refused: what came of the first sending is as unknown as before.
        settling.to_repeat(lease, operation, wait, exc.message, error=exc)
    elif is_repeat:
        settling.in_doubt(lease, operation, exc.message, error=exc)
    elif exc.can_wait:
        settling.postponed(lease, operation, wait, exc.message, error=exc)
    else:
        settling.refused(lease, operation, exc)


def _settle_unknown(
    lease: Lease, operation: Operation, adapter: ProviderAdapter, action: Action, exc: ProviderError
) -> None:
    can_repeat = may_send_again(operation, adapter, action) and not isinstance(exc, UnexpectedResponse)
    if not can_repeat:
        settling.in_doubt(lease, operation, exc.message, error=exc)
        return
    wait = pace.backoff_seconds(operation.attempts, first=FIRST_WAIT_SECONDS)
    text = "The first is still running." if isinstance(exc, StillRunning) else exc.message
    settling.to_repeat(lease, operation, wait, text, error=exc)


def _close_bucket(operation: Operation, action: Action, exc: Throttled) -> None:
    wait = exc.retry_after_seconds or pace.backoff_seconds(operation.attempts, first=1.0)
    name = exc.bucket or next(iter(action.buckets), "")
    pace.close(operation.account, name, seconds=wait)
