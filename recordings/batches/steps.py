"""The errand of a batch: at most fifty orders a step, each placed under a key of its own."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.db import transaction

from recordings import clock, decisions, rescues
from recordings.actions import place
from recordings.models import Account, Batch, BatchItem, Errand, Operation, Recording
from recordings.models.batches import BatchItemQuerySet
from recordings.models.work import STOP
from recordings.providers.orders import Subject, TranscriptRef
from recordings.targets import Target
from recordings.validation import MANAGE, OrderRefused
from recordings.work import errands
from recordings.work.errands import Local, Step
from recordings.work.subjects import kind_of

STEP = "batch.step"
AT_ONCE = 50
ROWS_AT_ONCE = 200
LONGEST_WAIT_SECONDS = 30.0
GONE = "It is not here any more."
MAY_NOT = "Whoever ordered this may not act in bulk here any more."
State = BatchItem.State


def step(errand: Errand) -> Step:
    """Order or take back some of one account's items; then see to the end of those that are open.

    Run again after a death it finds the orders that were placed by their keys.
    """
    batch = Batch.objects.select_related("ordered_by").filter(key=errand.subject).first()
    if batch is None:
        return Step()
    mine = BatchItem.objects.filter(batch=batch, account=errand.account)
    if _go_on(batch, mine, errand.account):
        return Step(cursor={})
    if mine.unfinished().exists():
        waits = int(errand.cursor.get("waits", 0)) + 1
        return Step(cursor={"waits": waits}, due_in_seconds=min(LONGEST_WAIT_SECONDS, 1.5**waits))
    return Step(write=lambda: _finish(batch))


def target_of(subject: str, item: BatchItem) -> Target | None:
    """What an item is about, as it is now; None for what is gone or was merged into another."""
    if subject == Subject.RECORDING:
        found = _recording(item.subject_key)
        return Target.of(found) if found else None
    ref = kind_of(Subject(subject)).ref(item.subject_key)
    if not isinstance(ref, TranscriptRef):
        return None
    recording = _recording(ref.recording.key) if ref.recording else None
    return Target(
        account=item.account,
        subject=Subject.TRANSCRIPT,
        call=recording.call if recording else None,
        recording=recording,
        key=item.subject_key,
    )


def register_all() -> None:
    """Make the errand known to the engine."""
    errands.register(STEP, Local(handler=step, on_given_up=_give_up))


def _go_on(batch: Batch, mine: BatchItemQuerySet, account: Account) -> int:
    """How many were worked on."""
    if batch.state == Batch.State.CANCELLING:
        return _leave_out(mine) or _take_back(batch, mine)
    waiting = list(mine.filter(state=State.WAITING).select_related("account").order_by("pk")[:AT_ONCE])
    why_not = _why_not(batch.ordered_by, account)
    return sum(_order(batch, item, why_not) for item in waiting)


def _why_not(user: AbstractUser | None, account: Account) -> str:
    """People may have lost a right since they confirmed."""
    if user is None or not user.has_perm(MANAGE):
        return MAY_NOT
    return "" if Account.objects.usable_by(user).filter(pk=account.pk).exists() else MAY_NOT


def _order(batch: Batch, item: BatchItem, why_not: str) -> bool:
    """Place one order in the transaction that says so; False once the batch was taken back."""
    with transaction.atomic():
        # Held until the end: whoever cancels waits for this order, and finds it.
        running = Batch.objects.select_for_update().filter(pk=batch.pk, state=Batch.State.RUNNING)
        if not list(running.values_list("pk")):
            return False
        operation, reason = (None, why_not) if why_not else _placed(batch, item)
        state = State.ORDERED if operation else State.SKIPPED
        waiting = BatchItem.objects.filter(pk=item.pk, state=State.WAITING)
        waiting.update(state=state, operation=operation, reason=reason)
    return True


def _placed(batch: Batch, item: BatchItem) -> tuple[Operation | None, str]:
    target = target_of(batch.subject, item)
    if target is None:
        return None, GONE
    try:
        return _place(batch, item, target), ""
    except OrderRefused as exc:
        return None, " ".join([exc.message, *exc.errors.values()])
    except PermissionDenied:
        return None, MAY_NOT


def _place(batch: Batch, item: BatchItem, target: Target) -> Operation:
    if batch.kind == rescues.RESCUE.kind and target.recording is not None:
        return rescues.order(
            batch.ordered_by, target.recording, order_key=item.order_key, ordered_for="in bulk"
        )
    lane_of_its_own = _is_brake(target, batch.kind)
    return place(
        batch.ordered_by,
        target,
        batch.kind,
        options=batch.options.get(item.account.provider, {}),
        order_key=item.order_key,
        ordered_for="in bulk",
        is_bulk=not lane_of_its_own,
    )


def _is_brake(target: Target, kind: str) -> bool:
    """Stopping is as urgent for many as for one."""
    action = rescues.action_of(target.account.provider, kind)
    return action is not None and action.lane == STOP


def _leave_out(mine: BatchItemQuerySet) -> int:
    picked = list(mine.filter(state=State.WAITING).values_list("pk", flat=True)[:ROWS_AT_ONCE])
    waiting = BatchItem.objects.filter(pk__in=picked, state=State.WAITING)
    return waiting.update(state=State.CANCELLED, reason="Cancelled before it was ordered.")


def _take_back(batch: Batch, mine: BatchItemQuerySet) -> int:
    """Cancel orders of this batch that were not sent; another's order for the same is let be."""
    queued = mine.filter(operation__state=Operation.State.QUEUED, operation__lease_token=None)
    ours = queued.filter(operation__order_key__startswith=f"batch:{batch.pk}:").select_related("operation")
    taken = [decisions.cancel(item.operation) for item in ours[:AT_ONCE] if item.operation is not None]
    return sum(taken)


def _finish(batch: Batch) -> None:
    """The last account's errand closes the batch."""
    if BatchItem.objects.filter(batch=batch).unfinished().exists():
        return
    ends = {
        Batch.State.RUNNING: Batch.State.DONE,
        Batch.State.CANCELLING: Batch.State.CANCELLED,
    }
    for state, end in ends.items():
        Batch.objects.filter(pk=batch.pk, state=state).update(state=end, done_at=clock.now())


def _give_up(errand: Errand, problem: str) -> None:
    batch = Batch.objects.filter(key=errand.subject).first()
    if batch is not None:
        mine = BatchItem.objects.filter(batch=batch, account=errand.account, state=State.WAITING)
        mine.update(state=State.SKIPPED, reason=problem)
        _finish(batch)


def _recording(key: Any) -> Recording | None:
    return Recording.objects.select_related("account", "call").filter(key=key).first()
