"""What a start swallows at a provider that begins anew: it ends as deleted, and says by what."""

from django.db.models import Q

from recordings import clock
from recordings.models import Operation, Recording
from recordings.models.mirror import LIVE
from recordings.providers.snapshots import Status


def overwrite_others(order: Operation) -> None:
    """What ran before this start is lost; what the provider has taken away since is named as well.

    Only what was known before the click: its answer may come late, when another recording runs already.
    """
    made = Recording.objects.filter(key=str(order.made_key)).first() if order.made_key else None
    if made is None or order.call_id is None:
        return
    since = order.first_sent_at or order.created_at
    unfinished = Q(status=Status.DELETED, completed_at=None, deleted_at__gte=since)
    known = Recording.objects.filter(call=order.call_id, is_buried=False, created_at__lte=order.created_at)
    later = Operation.objects.filter(call=order.call_id, first_sent_at__gt=since).exclude(made_key=None)
    known = known.exclude(key__in=later.values("made_key"))
    if made.started_at is not None:  # Two starts may be proven in another order than they happened in.
        known = known.exclude(started_at__gt=made.started_at)
    for swallowed in known.filter(Q(status__in=LIVE) | unfinished).exclude(pk=made.pk):
        swallowed.status = Status.DELETED
        swallowed.reason = f"overwritten by {made.external_id or made.key}"
        swallowed.reason_code = ""
        swallowed.deleted_at = swallowed.deleted_at or clock.now()
        swallowed.save(update_fields=["status", "reason", "reason_code", "deleted_at", "updated_at"])
