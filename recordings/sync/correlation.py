"""Which row a snapshot is about, whatever came first: the answer, the callback or the listing."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from django.db.models import Q

from recordings.models import Operation, Recording
from recordings.models.mirror import Mirrored
from recordings.providers.orders import Pending
from recordings.providers.snapshots import RecordingSnapshot, TranscriptSnapshot
from recordings.sync.calls import as_uuid
from recordings.sync.context import Context
from recordings.sync.rows import Rows

Row = TypeVar("Row", bound=Mirrored)
PENDING_FOR = timedelta(days=2)  # An order older than that is no candidate for a nameless match.


def find(
    context: Context,
    snapshot: RecordingSnapshot | TranscriptSnapshot,
    rows: Rows[Row],
    near: Q,
) -> tuple[Row | None, Row | None]:
    """The row, and a second one if two rows turn out to be this one thing.

    By the provider's id, else by our echoed key, else the pending row that fits best among those ``near``.
    """
    by_id = rows.by_id(snapshot.external_id)
    by_key = rows.by_key(as_uuid(snapshot.key))
    if by_key and snapshot.external_id and by_key.external_id not in ("", snapshot.external_id):
        by_key = None  # Our key under a name that is not this row's: a stray one renames nothing.
    if by_id and by_key and by_id is not by_key:
        context.write_new()
        kept, gone = sorted((by_id, by_key), key=lambda row: (not _was_ordered(row), row.pk))
        return kept, gone
    if by_id or by_key:
        return by_id or by_key, None
    return _best(context, snapshot, rows, near), None


def _was_ordered(row: Mirrored) -> bool:
    return Operation.objects.filter(made_key=row.key).exists()


def _best(
    context: Context, snapshot: RecordingSnapshot | TranscriptSnapshot, rows: Rows[Row], near: Q
) -> Row | None:
    # Seldom, while thousands are listed.
    if not context.once(f"{rows.name} without an id", lambda: rows.unnamed().exists()):
        return None
    candidates = {row.key: row for row in rows.unnamed().filter(near)}
    if not candidates:
        return None
    orders = Operation.objects.filter(made_key__in=candidates, created_at__gte=context.at - PENDING_FOR)
    distances = {}
    for pending in _with_rivals(orders.select_related("call", "recording")):
        distance = context.adapter.matches(pending, snapshot)
        if distance is not None:
            distances[pending.key] = distance
    if not distances:
        return None
    # The rows' own object of it, should they have read it under another name.
    return rows.by_key(as_uuid(min(distances, key=lambda key: distances[key])))


def _with_rivals(orders: Iterable[Operation]) -> list[Pending]:
    waiting = [as_pending(order) for order in orders]
    return [replace(each, rivals=rivals_of(each, waiting)) for each in waiting]


def rivals_of(one: Pending, waiting: Iterable[Pending]) -> tuple[Pending, ...]:
    """Those of the same kind and call: what names neither of them may be of either."""
    alike = (each for each in waiting if each.key != one.key and each.kind == one.kind)
    return tuple(each for each in alike if each.call_external_id == one.call_external_id)


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
