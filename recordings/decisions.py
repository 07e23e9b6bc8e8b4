"""What a person decides about an order that is already written down."""

from django.contrib.auth.models import AbstractUser
from django.db import transaction

from recordings import clock, connections, sync
from recordings.models import Operation
from recordings.models.mirror import Source
from recordings.providers.orders import Subject
from recordings.providers.snapshots import CallSnapshot, RecordingSnapshot, TranscriptSnapshot
from recordings.sync.wishes import ask
from recordings.work.settling import did_not_happen
from recordings.work.steps import Kind, note

_SNAPSHOTS: dict[Subject, type[CallSnapshot | RecordingSnapshot | TranscriptSnapshot]] = {
    Subject.CALL: CallSnapshot,
    Subject.RECORDING: RecordingSnapshot,
    Subject.TRANSCRIPT: TranscriptSnapshot,
}


def cancel(operation: Operation) -> bool:
    """Take back an order that was not sent; False when it is too late."""
    with transaction.atomic():
        taken_back = Operation.objects.filter(
            pk=operation.pk, state=Operation.State.QUEUED, lease_token=None
        ).update(state=Operation.State.CANCELLED, due_at=None, done_at=clock.now(), outcome="Cancelled.")
        if taken_back:
            note(operation, Kind.DECIDED, "Cancelled before it was sent.")
            _drop_pending(operation, "Cancelled before it was sent.")
    return bool(taken_back)


def decide(user: AbstractUser, operation: Operation, *, happened: bool, external_id: str = "") -> bool:
    """A person settles a doubt that no evidence settles; False when it was settled meanwhile."""
    outcome = f"{user} decided: it {'happened' if happened else 'did not happen'}."
    with transaction.atomic():
        settled = Operation.objects.filter(
            pk=operation.pk, state=Operation.State.IN_DOUBT, lease_token=None
        ).update(
            state=Operation.State.SUCCEEDED if happened else Operation.State.FAILED,
            due_at=None,
            done_at=clock.now(),
            outcome=outcome,
            outcome_code="" if happened else "decided",
        )
        if not settled:
            return False
        note(operation, Kind.DECIDED, outcome)
        if happened and external_id and operation.made_key:
            _attach(operation, external_id)
        if not happened:
            _drop_pending(operation, outcome)
    return True


def _attach(operation: Operation, external_id: str) -> None:
    """Through the funnel: a callback may have made a row of that id meanwhile, and the two become one."""
    action = connections.face(operation.account.provider).action(operation.kind)
    if action is None or action.makes is None:
        return
    named = _SNAPSHOTS[action.makes](external_id=external_id, key=str(operation.made_key))
    sync.apply(operation.account, [named], source=Source.REPLY)
    ask(operation.account, f"{action.makes}.fetch", subject=external_id)


def _drop_pending(operation: Operation, outcome: str) -> None:
    did_not_happen(operation, outcome, "decided")
