"""Which row a snapshot is about, whatever came first: the answer, the callback or the listing."""

from datetime import timedelta
from typing import TypeVar

from django.db.models import QuerySet

from recordings.models import Operation, Recording
from recordings.models.mirror import Mirrored
from recordings.providers.orders import Pending
from recordings.providers.snapshots import RecordingSnapshot, Status, TranscriptSnapshot
from recordings.sync.calls import as_uuid
from recordings.sync.context import Context

Row = TypeVar("Row", bound=Mirrored)
PENDING_FOR = timedelta(days=2)  # An order older than that is no candidate for a nameless match.


def find(
    context: Context,
    snapshot: RecordingSnapshot | TranscriptSnapshot,
    rows: "QuerySet[Row]",
    pending: "QuerySet[Row]",
) -> tuple[Row | None, Row | None]:
    """The row, and a second one if two rows turn out to be this one thing.

    By the provider's id, else by our echoed key, else the pending row that fits best.
    """
    by_id = rows.filter(external_id=snapshot.external_id).first() if snapshot.external_id else None
    key = as_uuid(snapshot.key)
    by_key = rows.filter(key=key).first() if key else None
    if by_key and snapshot.external_id and by_key.external_id not in ("", snapshot.external_id):
        by_key = None  # Our key under a name that is not this row's: a stray one renames nothing.
    if by_id and by_key and by_id.pk != by_key.pk:
        kept, gone = sorted((by_id, by_key), key=lambda row: (not _was_ordered(row), row.pk))
        return kept, gone
    return by_id or by_key or _best(context, snapshot, pending), None


def _was_ordered(row: Mirrored) -> bool:
    return Operation.objects.filter(made_key=row.key).exists()


def _best(
    context: Context, snapshot: RecordingSnapshot | TranscriptSnapshot, pending: "QuerySet[Row]"
) -> Row | None:
    candidates = {row.key: row for row in pending.filter(external_id="", status=Status.REQUESTED)}
    if not candidates:
        return None
    orders = Operation.objects.filter(made_key__in=candidates, created_at__gte=context.at - PENDING_FOR)
    distances = {}
    for order in orders.select_related("call", "recording"):
        distance = context.adapter.matches(as_pending(order), snapshot)
        if distance is not None and order.made_key:
            distances[order.made_key] = distance
    if not distances:
        return None
    return candidates[min(distances, key=lambda key: distances[key])]


def as_pending(order: Operation) -> Pending:
    """An order as an adapter's ``matches`` sees it."""
    made = Recording.objects.filter(key=order.made_key).first() if order.made_key else None
    return Pending(
        key=str(order.made_key),
        kind=order.kind,
        options=order.options,
        call_external_id=order.call.external_id if order.call else "",
        recording_external_id=order.recording.external_id if order.recording else "",
        handle=made.handle if made else {},
        ordered_at=order.created_at,
        sent_at=order.sent_at,
    )
