"""Deletions: a tombstone that nothing brings back, and the bodies that carried the words erased."""

from recordings import clock, copies
from recordings.models import DeliveryMention, Operation, Recording, WebhookDelivery
from recordings.models.mirror import LIVE
from recordings.providers.snapshots import Status
from recordings.sync.recordings import recording_changed

ERASED = b""


def bury(operation: Operation) -> None:
    """An operator's delete of a recording, or of all media of a call, succeeded. Idempotent."""
    if operation.recording_id is not None:
        # As it is by now: more may have been told of it, or of the row that it became, while it was deleted.
        _bury(Recording.objects.select_related("account").get(operations=operation.pk), operation)
        return
    finished = Recording.objects.filter(call=operation.call_id, call__isnull=False)
    for recording in finished.exclude(status__in=LIVE):
        _bury(recording, operation)


def erase_deliveries(account_id: int, external_ids: list[str]) -> int:
    """Take the bodies out of every callback that spoke of these things; the rows stay as a record."""
    named = DeliveryMention.objects.filter(account=account_id, external_id__in=external_ids)
    return WebhookDelivery.objects.filter(pk__in=named.values("delivery")).update(
        body=ERASED, query="", is_erased=True
    )


def _bury(recording: Recording, operation: Operation) -> None:
    before = recording.status
    now = clock.now()
    recording.status = Status.DELETED
    recording.is_buried = True
    recording.deleted_at = recording.deleted_at or now
    recording.deleted_by_id = operation.ordered_by_id
    recording.raw, recording.handle, recording.reason = {}, {}, ""
    recording.save()
    copies.forget(recording.key)
    erase_deliveries(recording.account_id, [recording.external_id])
    recording_changed.send(sender=Recording, recording=recording, before=before, context=None)
