"""What the provider said of an ordered row settles the order that made it, if no worker holds it."""

from recordings import clock
from recordings.models import Operation, OperationStep
from recordings.models.mirror import Mirrored
from recordings.sync.context import Context
from recordings.sync.overwriting import overwrite_others

_HOW = {
    "webhook": "A callback names it: it happened.",
    "sweep": "The provider lists it: it happened.",
    "reply": "A read at the provider shows it: it happened.",
}
ABSENT = "absent"  # the outcome code of an order that two complete looks did not find


def settle_by_evidence(context: Context, row: Mirrored) -> None:
    """End the order that made this row: it was sent, and here is what it made.

    An order whose lease still runs is left to its worker: the answer is on its way. An order that
    ended as "it did not happen" is put right.
    """
    if not context.may_settle(row):
        return
    order = Operation.objects.filter(made_key=row.key).exclude(state=Operation.State.SUCCEEDED).first()
    if order is None or order.sent_at is None:
        return
    now = clock.now()
    if order.lease_token is not None and order.lease_until is not None and order.lease_until > now:
        return
    if not order.is_open and order.outcome_code != ABSENT:
        return
    order.state = Operation.State.SUCCEEDED
    order.lease_token = order.lease_until = order.due_at = None
    order.done_at = now
    order.is_accepted = False
    order.outcome_code, order.outcome = "", _HOW[context.source]
    order.save()
    OperationStep.objects.create(operation=order, kind=OperationStep.Kind.DECIDED, at=now, text=order.outcome)
    action = context.adapter.action(order.kind)
    if action is not None and action.overwrites_live:
        overwrite_others(order)
