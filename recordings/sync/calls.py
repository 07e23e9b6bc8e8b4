"""Calls into the mirror."""

import uuid

from django.dispatch import Signal

from recordings.models import Call
from recordings.models.mirror import Source
from recordings.providers.snapshots import (
    CallSnapshot,
    CallState,
    Json,
    RecordingSnapshot,
    Status,
    TranscriptSnapshot,
)
from recordings.sync.context import Context

LIVE_STATUSES = (Status.IN_PROGRESS, Status.PAUSED)
# A call that was there is over. Sent inside the transaction. Arguments: call.
call_ended = Signal()


def apply_call(context: Context, snapshot: CallSnapshot) -> Call:
    """Write one call, found by the provider's id or by our echoed key."""
    context.applied.seen += 1
    context.mention(snapshot.external_id)
    call = _found(context, snapshot)
    if call is None:
        return _added(context, snapshot)
    before, is_late = call.state, _is_late(context, call, snapshot)
    is_changed = context.save_changes(call, _changes(context, call, snapshot, is_late=is_late))
    context.calls.keep(call)
    if not (is_changed or is_late or snapshot.recordings):
        context.repeats.note(call, snapshot)
    if call.state == CallState.ENDED != before:
        call_ended.send(sender=Call, call=call)
    return call


def call_of(context: Context, snapshot: RecordingSnapshot | TranscriptSnapshot) -> Call | None:
    """The call that a recording or transcript names; one that the mirror lacks is noted as far as known."""
    external_id = snapshot.call_external_id
    if not external_id:
        return None
    is_live = snapshot.status in LIVE_STATUSES
    call = context.calls.by_id(external_id)
    if call is None:
        call = Call(
            account=context.account,
            external_id=external_id,
            state=CallState.LIVE if is_live else CallState.ENDED,
            started_at=snapshot.started_at,
            source=context.source,
            found_by=context.source,
        )
        _add(context, call)
        context.strangers.append(call)
    context.mention(external_id)
    return call


def _found(context: Context, snapshot: CallSnapshot) -> Call | None:
    by_id = context.calls.by_id(snapshot.external_id)
    by_key = context.calls.by_key(as_uuid(snapshot.key))
    if by_id and by_key and by_id is not by_key:
        return _merged(context, by_key, by_id)
    return by_id or by_key


def _merged(context: Context, kept: Call, gone: Call) -> Call:
    """Two rows are one call: the ordered one stays."""
    context.write_new()
    gone.recordings.update(call=kept)
    gone.operations.update(call=kept)
    for recording in context.recordings.held():
        if recording.call_id == gone.pk:
            recording.call = kept
    context.calls.drop(gone)
    kept.external_id = gone.external_id
    gone.delete()
    kept.save(update_fields=["external_id", "updated_at"])
    context.calls.keep(kept)
    return kept


def _add(context: Context, call: Call) -> None:
    context.add(call, lambda: context.calls.keep(call))
    context.calls.keep(call)


def _added(context: Context, snapshot: CallSnapshot) -> Call:
    call = Call(
        account=context.account,
        external_id=snapshot.external_id,
        state=snapshot.state or CallState.WAITING,
        source=context.source,
        found_by=context.source,
        seen_at=context.at,
    )
    key = as_uuid(snapshot.key)
    if key and not Call.objects.filter(key=key).exists():
        call.key = key
    for name, value in _facts(snapshot).items():
        setattr(call, name, value)
    call.status_at = snapshot.status_at
    _add(context, call)
    return call


def _changes(context: Context, call: Call, snapshot: CallSnapshot, *, is_late: bool) -> dict[str, Json]:
    changes: dict[str, Json] = {"external_id": snapshot.external_id}
    if is_late:
        return changes
    changes |= _facts(snapshot)
    changes["flags"] = {**call.flags, **snapshot.flags}
    changes["details"] = {**call.details, **snapshot.details}
    if snapshot.status_at:
        changes["status_at"] = snapshot.status_at
    revives = call.state != CallState.ENDED or context.adapter.calls_can_revive
    if snapshot.state and revives:
        changes["state"] = snapshot.state
    if changes.get("state") not in (None, CallState.ENDED) and call.state == CallState.ENDED:
        changes |= {"ended_at": None, "reason": "", "reason_code": ""}
    return changes


def _is_late(context: Context, call: Call, snapshot: CallSnapshot) -> bool:
    """Whether it is older than what is known: it arrived late.

    A read tells of now, however long ago the provider began to say so: its own moment is compared with the
    provider's only, for a moment of ours may lie ahead of it for ever.
    """
    seen_at = context.seen_at(call)
    if call.status_at and snapshot.status_at:
        return snapshot.status_at < call.status_at
    if context.source != Source.WEBHOOK:
        return seen_at is not None and context.at < seen_at
    known = call.status_at or seen_at
    return known is not None and (snapshot.status_at or context.at) < known


def _facts(snapshot: CallSnapshot) -> dict[str, Json]:
    """The columns that a snapshot speaks of; what it does not know is left as it is."""
    facts: dict[str, Json] = {
        "provider_status": snapshot.provider_status,
        "title": snapshot.title[:300],
        "details": dict(snapshot.details),
        "flags": dict(snapshot.flags),
        "starts_at": snapshot.starts_at,
        "started_at": snapshot.started_at,
        "ended_at": snapshot.ended_at,
        "reason": snapshot.reason,
        "reason_code": snapshot.reason_code,
        "raw": snapshot.raw,
    }
    if snapshot.participants is not None:
        facts["participants"] = list(snapshot.participants)
    return {name: value for name, value in facts.items() if value not in (None, "", {})}


def as_uuid(text: str) -> uuid.UUID | None:
    """Our key out of what a provider echoed, or None when that is none of ours."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
