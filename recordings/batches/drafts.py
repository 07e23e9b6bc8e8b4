"""A batch before it is ordered: exactly what it will touch, and what it leaves out and why."""

import itertools
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import AbstractUser
from django.db import transaction

from recordings import clock
from recordings.models import Account, Batch, BatchItem, Operation
from recordings.providers.options import Options

MOST = 10_000  # things of one batch
ROWS_AT_ONCE = 200
DRAFTS_KEPT = timedelta(hours=1)
FAILED = (Operation.State.FAILED, Operation.State.EXPIRED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """One thing that was selected; ``reason`` says why it is left out."""

    account: Account
    key: uuid.UUID
    reason: str = ""


def draft(user: AbstractUser, kind: str, *, subject: str, label: str, picks: Iterable[Pick]) -> Batch:
    """Write down what was selected. Nothing is ordered before ``confirm``."""
    _forget_drafts(user)
    batch = Batch.objects.create(
        kind=kind, subject=subject, label=label, ordered_by_id=user.pk, created_at=clock.now()
    )
    items = (_item(batch, pick) for pick in itertools.islice(picks, MOST))
    while piece := list(itertools.islice(items, ROWS_AT_ONCE)):
        with transaction.atomic():
            BatchItem.objects.bulk_create(piece)
    return batch


def set_options(batch: Batch, provider: str, options: Options) -> None:
    """What is ordered at this provider; only a draft can still be changed."""
    with transaction.atomic():
        drafts = Batch.objects.select_for_update().filter(pk=batch.pk, state=Batch.State.DRAFT)
        for found in drafts:
            found.options[provider] = dict(options)
            found.save(update_fields=["options"])
            batch.options = found.options


def failed_of(batch: Batch, user: AbstractUser) -> list[uuid.UUID]:
    """What can be ordered once more: sent and refused, or not sent in time. A doubt is settled first."""
    items = BatchItem.objects.usable_by(user).filter(batch=batch, operation__state__in=FAILED)
    return list(items.values_list("subject_key", flat=True))


def _item(batch: Batch, pick: Pick) -> BatchItem:
    state = BatchItem.State.SKIPPED if pick.reason else BatchItem.State.WAITING
    return BatchItem(batch=batch, account=pick.account, subject_key=pick.key, state=state, reason=pick.reason)


def _forget_drafts(user: AbstractUser) -> None:
    """Drafts that their author looked at and left."""
    old = Batch.objects.filter(state=Batch.State.DRAFT, ordered_by=user.pk)
    for batch in old.filter(created_at__lt=clock.now() - DRAFTS_KEPT):
        while rows := list(batch.items.values_list("pk", flat=True)[:ROWS_AT_ONCE]):
            BatchItem.objects.filter(pk__in=rows).delete()
        batch.delete()
