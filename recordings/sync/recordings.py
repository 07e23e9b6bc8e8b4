"""Recordings into the mirror."""

from django.db.models import Q
from django.dispatch import Signal

from recordings import copies
from recordings.models import Call, Operation, Recording
from recordings.providers.snapshots import RANK, CallState, Json, RecordingSnapshot, Status
from recordings.sync.calls import as_uuid, call_of
from recordings.sync.context import Context
from recordings.sync.correlation import find
from recordings.sync.evidence import settle_by_evidence
from recordings.sync.status import Known, Told, decide
from recordings.sync.wishes import follow

# Sent inside the transaction; higher packages listen. Arguments: recording, before (a status or "").
recording_changed = Signal()
# Two rows were one: kept, gone. ``gone`` is deleted right after.
recordings_merged = Signal()


def apply_recording(
    context: Context, snapshot: RecordingSnapshot, *, call: Call | None = None
) -> Recording | None:
    """Write one recording; answers its row, or None for an id-less snapshot of an unknown key."""
    context.applied.seen += 1
    context.mention(snapshot.external_id, snapshot.call_external_id)
    call = call or call_of(context, snapshot)
    near = Q(call__external_id=snapshot.call_external_id) if snapshot.call_external_id else Q()
    row, double = find(context, snapshot, context.recordings, near)
    if row is None:
        return _added(context, snapshot, call) if snapshot.external_id else None
    if context.is_unwritten(row):
        context.write_new()  # Told of twice in one page: what follows from it being new comes first.
    if double is not None:
        row = _one(context, row, double)
    if row.is_buried:
        return row
    is_changed = _update(context, row, snapshot, call)
    context.recordings.keep(row)
    if not (is_changed or context.may_settle(row)):
        context.repeats.note(row, snapshot)
    return row


def _one(context: Context, kept: Recording, gone: Recording) -> Recording:
    context.recordings.drop(gone)
    row = merge(kept, gone)
    context.recordings.keep(row)
    return row


def merge(kept: Recording, gone: Recording) -> Recording:
    """One recording stood in two rows: the ordered one stays and takes what the other knew."""
    Operation.objects.filter(recording=gone).update(recording=kept)
    Operation.objects.filter(subject_key=gone.key).update(subject_key=kept.key)
    Operation.objects.filter(made_key=gone.key).update(made_key=kept.key)
    recordings_merged.send(sender=Recording, kept=kept, gone=gone)
    copies.forget(gone.key)
    facts = {name: getattr(gone, name) for name in _KNOWN if not getattr(kept, name)}
    if RANK[Status(gone.status)] > RANK[Status(kept.status)]:
        facts |= {name: getattr(gone, name) for name in _STATUS}
    gone.delete()
    for name, value in facts.items():
        setattr(kept, name, value)
    kept.save()
    return kept


def _added(context: Context, snapshot: RecordingSnapshot, call: Call | None) -> Recording:
    row = Recording(
        account=context.account,
        external_id=snapshot.external_id,
        call=call,
        status=snapshot.status or Status.PROCESSING,
        status_at=snapshot.status_at,
        sort_at=snapshot.started_at or snapshot.completed_at or context.at,
        source=context.source,
        found_by=context.source,
        seen_at=context.at,
    )
    key = as_uuid(snapshot.key)
    if key and not (context.recordings.by_key(key) or Recording.objects.filter(key=key).exists()):
        row.key = key
    for name, value in _facts(snapshot).items():
        setattr(row, name, value)
    if row.status == Status.DELETED:
        row.deleted_at = snapshot.status_at or context.at
    context.add(row, lambda: _is_there(context, row))
    context.recordings.keep(row)
    return row


def _is_there(context: Context, row: Recording) -> None:
    context.recordings.keep(row)
    follow(context, row.external_id, Status(row.status))
    recording_changed.send(sender=Recording, recording=row, before="", context=context)


def _update(context: Context, row: Recording, snapshot: RecordingSnapshot, call: Call | None) -> bool:
    """Answers whether anything was written."""
    before = Status(row.status)
    changes = _news(before, snapshot)
    if snapshot.handle:
        changes["handle"] = {**row.handle, **snapshot.handle}
    if snapshot.external_id:
        changes["external_id"] = snapshot.external_id
    if row.call_id is None and call is not None:
        context.write_new()  # What is written already cannot wait for a call that is not.
        changes["call"] = call
    if snapshot.started_at:
        changes["sort_at"] = snapshot.started_at
    changes |= _status_changes(context, row, snapshot, call or row.call)
    is_changed = context.save_changes(row, changes)
    if snapshot.external_id:
        settle_by_evidence(context, row)
    if row.status == Status.DELETED and context.account.forgets_with_provider:
        copies.forget(row.key)
    if row.status != before:
        follow(context, row.external_id, Status(row.status))
        recording_changed.send(sender=Recording, recording=row, before=before, context=context)
    return is_changed


def _status_changes(
    context: Context, row: Recording, snapshot: RecordingSnapshot, call: Call | None
) -> dict[str, Json]:
    status = decide(
        Known(status=Status(row.status), status_at=row.status_at, is_confirmed=row.external_id != ""),
        Told(
            status=snapshot.status,
            status_at=snapshot.status_at,
            is_listing=context.is_listing,
            may_be_live=snapshot.may_be_live,
        ),
        is_call_over=call is not None and call.state == CallState.ENDED,
        lifts_failed="recording" in context.adapter.ready_lifts_failed,
    )
    if status is None:
        same = snapshot.status == row.status
        return {"status_at": snapshot.status_at} if same and snapshot.status_at else {}
    changes: dict[str, Json] = {"status": status, "status_at": snapshot.status_at}
    changes["reason"], changes["reason_code"] = snapshot.reason, snapshot.reason_code
    if status is Status.DELETED:
        changes["deleted_at"] = snapshot.status_at or context.at
    return changes


def _news(before: Status, snapshot: RecordingSnapshot) -> dict[str, Json]:
    facts = _facts(snapshot)
    if before is not Status.DELETED:
        return facts
    # Why it went was said when it went.
    return {name: value for name, value in facts.items() if name not in ("reason", "reason_code")}


def _facts(snapshot: RecordingSnapshot) -> dict[str, Json]:
    """The columns that a snapshot speaks of; what it does not know is left as it is."""
    facts: dict[str, Json] = {
        "provider_status": snapshot.provider_status,
        "reason": snapshot.reason,
        "reason_code": snapshot.reason_code,
        "origin": snapshot.source,
        "options": dict(snapshot.options),
        "handle": dict(snapshot.handle),
        "raw": snapshot.raw,
    }
    for name in _SAME_NAMES:
        facts[name] = getattr(snapshot, name)
    return {name: value for name, value in facts.items() if value not in (None, "", {})}


_STATUS = ("status", "status_at", "provider_status", "reason", "reason_code", "deleted_at", "is_buried")
_KNOWN = (
    *("external_id", "call", "handle", "options", "origin", "raw", "source", "seen_at", "swept_at"),
    *("started_at", "completed_at", "duration_seconds", "media_expires_at", "price", "currency"),
    *("channels", "deleted_by"),
)
_SAME_NAMES = (
    "started_at",
    "completed_at",
    "duration_seconds",
    "media_expires_at",
    "price",
    "currency",
    "channels",
)
