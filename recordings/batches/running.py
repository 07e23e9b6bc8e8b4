"""A batch is confirmed, and may be taken back."""

from django.db import transaction

from recordings import clock, rescues
from recordings.batches.drafts import DRAFTS_KEPT
from recordings.batches.steps import STEP
from recordings.models import Account, Batch, BatchItem, Errand
from recordings.models.work import BULK, STOP
from recordings.work import wake

State = Batch.State


def is_late(batch: Batch) -> bool:
    """Whether this draft was looked at too long ago: things have changed since."""
    return batch.created_at < clock.now() - DRAFTS_KEPT


def confirm(batch: Batch) -> bool:
    """Have a draft's orders placed; False when it is too old or was confirmed before.

    Each account has its own errand, so that a slow one holds up none of the others.
    """
    if is_late(batch):
        return False
    with transaction.atomic():
        drafts = Batch.objects.filter(pk=batch.pk, state=State.DRAFT)
        if not drafts.update(state=State.RUNNING, started_at=clock.now()):
            return False
        waiting = BatchItem.objects.filter(batch=batch, state=BatchItem.State.WAITING).order_by()
        for account in Account.objects.filter(pk__in=waiting.values("account")):
            _begin(batch, account)
        wake()
    return True


def cancel(batch: Batch) -> bool:
    """Order nothing more of it and take back what was not sent; False when it is over.

    From here on no order of it is placed. What was sent already finishes: none is half done.
    """
    with transaction.atomic():
        if not Batch.objects.filter(pk=batch.pk, state=State.RUNNING).update(state=State.CANCELLING):
            return False
        steps = Errand.objects.filter(kind=STEP, subject=str(batch.key), state=Errand.State.QUEUED)
        steps.update(lane=STOP)  # Else it stood behind the very orders that it takes back.
        steps.filter(lease_token=None).update(due_at=clock.now())
        wake()
    return True


def _begin(batch: Batch, account: Account) -> None:
    action = rescues.action_of(account.provider, batch.kind)
    is_brake = action is not None and action.lane == STOP
    Errand.objects.create(
        account=account,
        kind=STEP,
        subject=str(batch.key),
        lane=STOP if is_brake else BULK,
        due_at=clock.now(),
        ordered_by_id=batch.ordered_by_id,
    )
