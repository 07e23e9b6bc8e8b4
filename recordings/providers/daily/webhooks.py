"""The facts in Daily's events (contract 5.4, 5.5). Order is not kept, doubles come, and some are thin."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from recordings.providers.base import Delivered
from recordings.providers.daily import calls, jobs, recordings, transcripts
from recordings.providers.daily.values import kept, key_of, known, moment, seconds, shown, text
from recordings.providers.errors import UnexpectedResponse, Unreadable
from recordings.providers.snapshots import (
    CallSnapshot,
    CallState,
    Fact,
    RecordingSnapshot,
    Status,
    Wanted,
)

Payload = Mapping[str, Any]
Reader = Callable[[Payload, datetime | None], tuple[Fact, ...]]

SETTLED_SECONDS = 20.0  # presence is up to 15 s old: read sooner it would deny what the event told
LISTED_SECONDS = 15.0
RECORDING_FAILED = "Daily met an error with the recording."


def read(delivery: Delivered) -> tuple[Fact, ...] | None:
    """None for an event that says nothing about calls, recordings or transcripts."""
    try:
        envelope = json.loads(delivery.body)
        return _facts(envelope)
    except (ValueError, RecursionError) as exc:
        raise Unreadable("The body is no JSON.") from exc
    except UnexpectedResponse as exc:
        raise Unreadable("The event lacks the id of what it is about.") from exc


def _facts(envelope: Any) -> tuple[Fact, ...] | None:
    if not isinstance(envelope, dict):
        raise Unreadable("The body is no JSON object.")
    event = text(envelope.get("type"))
    if not event and "test" in envelope:
        return None  # the test message
    if not event:
        raise Unreadable("The body names no type of event.")
    reader = READERS.get(event)
    if reader is None:
        return None
    payload = envelope.get("payload")
    if not isinstance(payload, dict):
        raise Unreadable("The event has no payload.")
    return reader(payload, moment(envelope.get("event_ts")))


def _recording_started(payload: Payload, at: datetime | None) -> tuple[Fact, ...]:
    """Tells the instance but, by its documentation, no room: one that is not ours is asked for."""
    found = recordings.started(payload, ident=_id(payload, "recording_id"))
    if found.call_external_id:
        return (found,)
    wanted = Wanted(kind="recording", external_id=found.external_id, delay_seconds=LISTED_SECONDS)
    return (found, wanted)


def _recording_ready(payload: Payload, at: datetime | None) -> tuple[Fact, ...]:
    """Comes only for recordings that have a length."""
    word, length = text(payload.get("status")), seconds(payload.get("duration"))
    found = RecordingSnapshot(
        external_id=_id(payload, "recording_id"),
        call_external_id=text(payload.get("room_name")),
        status=recordings.STATUSES.get(word),
        provider_status=word,
        status_at=at,
        reason=recordings.reason_of(word, length),
        handle=recordings.handle_of(payload),
        started_at=moment(payload.get("start_ts")),
        duration_seconds=length,
        raw=kept(dict(payload)),
    )
    if found.call_external_id and found.status is not None:
        return (found,)
    return (found, Wanted(kind="recording", external_id=found.external_id))


def _recording_error(payload: Payload, at: datetime | None) -> tuple[Fact, ...]:
    """Names no recording, only the instance; may come before, after or without the others, so that a later
    "ready" lifts it. One of an instance that is not ours is told of the room."""
    room, key = text(payload.get("room_name")), key_of(payload.get("instance_id"))
    error = shown(payload.get("error_msg")) or RECORDING_FAILED
    if not key and not room:
        raise Unreadable("The event names neither a room nor an instance.")
    if not key:
        return (CallSnapshot(external_id=room, details={"Recording error": error}),)
    found = RecordingSnapshot(
        external_id="",
        key=key,
        call_external_id=room,
        status=Status.FAILED,
        provider_status=text(payload.get("action")),
        status_at=moment(payload.get("timestamp")) or at,
        reason=error,
        reason_code=text(payload.get("action")),
        raw=kept(dict(payload)),
    )
    return (found,)


def _transcript(payload: Payload, at: datetime | None) -> tuple[Fact, ...]:
    """A room that is named by its id alone is looked up; a finished one is read, and its words fetched."""
    found = transcripts.told(payload, ident=_id(payload, "id"), at=at)
    if found.status is Status.COMPLETED:
        return (found, _wanted("transcript", found.external_id), _wanted("text", found.external_id))
    if found.call_external_id and found.status is not None:
        return (found,)
    return (found, _wanted("transcript", found.external_id))


def _job(payload: Payload, at: datetime | None) -> tuple[Fact, ...]:
    """No room and no session in it: the recording of its input leads there."""
    found = jobs.snapshot(payload)
    if found.status is not Status.COMPLETED:
        return (found,)
    parent = found.recording_external_id
    return (found, Wanted(kind="text", external_id=found.external_id, parent_external_id=parent))


def _meeting_started(payload: Payload, at: datetime | None) -> tuple[Fact, ...]:
    room, began = _id(payload, "room"), moment(payload.get("start_ts"))
    session = text(payload.get("meeting_id"))
    found = CallSnapshot(
        external_id=room,
        state=CallState.LIVE,
        provider_status=calls.LIVE,
        status_at=began or at,
        title=room,
        details=known(Session=session),
        flags=known(session_id=session),
        started_at=began,
        raw=kept(dict(payload)),
    )
    return (found, Wanted(kind="call", external_id=room, delay_seconds=SETTLED_SECONDS))


def _meeting_ended(payload: Payload, at: datetime | None) -> tuple[Fact, ...]:
    """With the last person; coming back makes another session of the same room (contract 2.2)."""
    room, ended = _id(payload, "room"), moment(payload.get("end_ts"))
    found = CallSnapshot(
        external_id=room,
        state=CallState.ENDED,
        provider_status=calls.EMPTY,
        status_at=ended or at,
        title=room,
        participants=(),
        started_at=moment(payload.get("start_ts")),
        ended_at=ended or at,
        raw=kept(dict(payload)),
    )
    return (found,)


def _participant_joined(payload: Payload, at: datetime | None) -> tuple[Fact, ...]:
    """The room is live; who is in it is read, since an event knows of one person only."""
    room = _id(payload, "room")
    found = CallSnapshot(
        external_id=room,
        state=CallState.LIVE,
        provider_status=calls.LIVE,
        status_at=moment(payload.get("joined_at")) or at,
        title=room,
    )
    return (found, Wanted(kind="call", external_id=room, delay_seconds=SETTLED_SECONDS))


def _participant_left(payload: Payload, at: datetime | None) -> tuple[Fact, ...]:
    return (Wanted(kind="call", external_id=_id(payload, "room"), delay_seconds=SETTLED_SECONDS),)


def _wanted(kind: str, external_id: str) -> Wanted:
    return Wanted(kind=kind, external_id=external_id)


def _id(payload: Payload, name: str) -> str:
    found = text(payload.get(name))
    if not found:
        raise Unreadable(f"The event has no {name}.")
    return found


READERS: Mapping[str, Reader] = {
    "recording.started": _recording_started,
    "recording.ready-to-download": _recording_ready,
    "recording.error": _recording_error,
    "transcript.started": _transcript,
    "transcript.ready-to-download": _transcript,
    "transcript.error": _transcript,
    "batch-processor.job-finished": _job,
    "batch-processor.error": _job,
    "meeting.started": _meeting_started,
    "meeting.ended": _meeting_ended,
    "participant.joined": _participant_joined,
    "participant.left": _participant_left,
}
