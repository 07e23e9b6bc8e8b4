"""The facts in Recall.ai's webhooks (contract, section 5.2)."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from recordings.providers.base import Delivered
from recordings.providers.errors import Unreadable
from recordings.providers.recall.reading import inner, mapping, moment, our_key, text, without_links
from recordings.providers.recall.recordings import status_of
from recordings.providers.recall.transcripts import REALTIME, utterance
from recordings.providers.recall.words import CALL_STATES, TRANSCRIPT_STATUSES, reason_of
from recordings.providers.snapshots import (
    CallSnapshot,
    Captions,
    EndpointSnapshot,
    Fact,
    RecordingSnapshot,
    Status,
    TranscriptSnapshot,
    Wanted,
)

Data = Mapping[str, Any]


def read(delivery: Delivered) -> tuple[Fact, ...] | None:
    """The facts of a callback. They are thin, so each asks for a full read as well."""
    try:
        payload = json.loads(delivery.body)
    except (ValueError, RecursionError) as exc:
        raise Unreadable("The body is no JSON.") from exc
    event, data = text(mapping(payload).get("event")), mapping(payload).get("data")
    if not event or not isinstance(data, dict):
        raise Unreadable("The body has no event and data.")
    reader = _READERS.get(event) or _READERS.get(event.partition(".")[0])
    return reader(event, data, delivery) if reader else None


def _bot(event: str, data: Data, delivery: Delivered) -> tuple[Fact, ...] | None:
    code = event.partition(".")[2]
    change = inner(data, "data")
    if code not in CALL_STATES:
        return None  # a log, or an event that appeared later
    return _call(inner(data, "bot"), code, change, moment(change.get("updated_at")))


def _legacy_bot(event: str, data: Data, delivery: Delivered) -> tuple[Fact, ...]:
    """``bot.status_change`` of v1.10."""
    change = inner(data, "status")
    return _call(
        {"id": data.get("bot_id")}, text(change.get("code")), change, moment(change.get("created_at"))
    )


def _call(bot: Data, code: str, change: Data, at: datetime | None) -> tuple[Fact, ...]:
    bot_id, sub_code = _id(bot, "bot"), text(change.get("sub_code"))
    thin = CallSnapshot(
        external_id=bot_id,
        key=our_key(bot),
        state=CALL_STATES.get(code),
        provider_status=code,
        status_at=at,
        reason=reason_of(sub_code, text(change.get("message"))),
        reason_code=sub_code,
        raw=without_links(bot),
    )
    return thin, Wanted(kind="call", external_id=bot_id)


def _log(event: str, data: Data, delivery: Delivered) -> tuple[Fact, ...] | None:
    """A bot's log says nothing of the mirror; an error in it is a reason to look."""
    bot_id = text(data.get("bot_id"))
    is_error = text(inner(data, "log").get("level")).lower() in {"error", "critical", "fatal"}
    return (Wanted(kind="call", external_id=bot_id),) if bot_id and is_error else None


def _recording(event: str, data: Data, delivery: Delivered) -> tuple[Fact, ...]:
    recording, change = inner(data, "recording"), inner(data, "data")
    code = event.partition(".")[2]
    external_id, bot_id = _id(recording, "recording"), text(inner(data, "bot").get("id"))
    error = inner(change, "error")
    sub_code = text(change.get("sub_code"))
    thin = RecordingSnapshot(
        external_id=external_id,
        key=our_key(recording),
        call_external_id=bot_id,
        status=status_of(code, is_over=False),
        provider_status=code,
        status_at=moment(change.get("updated_at")),
        reason=text(error.get("message")) or reason_of(sub_code),
        reason_code=sub_code or text(error.get("code")),
        handle={"bot_id": bot_id} if bot_id else {},
        raw=without_links(recording),
    )
    if thin.status is Status.DELETED:
        return (thin,)
    return thin, Wanted(kind="recording", external_id=external_id, parent_external_id=bot_id)


def _transcript(event: str, data: Data, delivery: Delivered) -> tuple[Fact, ...] | None:
    transcript, recording, change = inner(data, "transcript"), inner(data, "recording"), inner(data, "data")
    # Section 7: an old page heads the same body with transcript.error.
    code = event.partition(".")[2].replace("error", "failed")
    if code not in TRANSCRIPT_STATUSES:
        return None
    external_id, sub_code = _id(transcript, "transcript"), text(change.get("sub_code"))
    thin = TranscriptSnapshot(
        external_id=external_id,
        key=our_key(transcript),
        recording_external_id=text(recording.get("id")),
        recording_key=our_key(recording),
        call_external_id=text(inner(data, "bot").get("id")),
        status=TRANSCRIPT_STATUSES[code],
        provider_status=code,
        status_at=moment(change.get("updated_at")),
        reason=reason_of(sub_code),
        reason_code=sub_code,
        raw=without_links(transcript),
    )
    return (thin, *_reads_of(thin))


def _reads_of(thin: TranscriptSnapshot) -> list[Wanted]:
    if thin.status is Status.DELETED:
        return []
    kinds = ["transcript", "text"] if thin.status is Status.COMPLETED else ["transcript"]
    parent = thin.recording_external_id
    return [Wanted(kind=kind, external_id=thin.external_id, parent_external_id=parent) for kind in kinds]


def _artifact(event: str, data: Data, delivery: Delivered) -> tuple[Fact, ...]:
    """A file of a recording came, failed or went: the recording says the rest."""
    external_id = text(inner(data, "recording").get("id"))
    if not external_id:
        raise Unreadable("The event names no recording.")
    return (Wanted(kind="recording", external_id=external_id),)


def _upload(event: str, data: Data, delivery: Delivered) -> tuple[Fact, ...]:
    """Of the desktop SDK: the recording that it makes, and none when the upload failed."""
    external_id = text(inner(data, "recording").get("id"))
    return (Wanted(kind="recording", external_id=external_id),) if external_id else ()


def _endpoint(event: str, data: Data, delivery: Delivered) -> tuple[Fact, ...]:
    """Only a failed one is news: it sends nothing more (section 5.3)."""
    code, endpoint = event.partition(".")[2], inner(data, "realtime_endpoint")
    recording_id = text(inner(data, "recording").get("id"))
    wanted = (Wanted(kind="recording", external_id=recording_id),) if recording_id else ()
    if code != "failed":
        return wanted
    failed = EndpointSnapshot(
        external_id=_id(endpoint, "realtime endpoint"),
        url="",
        state=code,
        is_healthy=False,
        raw=without_links(data),
    )
    return failed, *wanted


def _words(event: str, data: Data, delivery: Delivered) -> tuple[Fact, ...]:
    """``transcript.data``: words while they are spoken (section 5.2)."""
    spoken = utterance(inner(data, "data"))
    captions = Captions(
        transcript_external_id=_id(inner(data, "transcript"), "transcript"),
        # Without times the moment of arrival is the only order there is.
        sequence=delivery.received_at.timestamp() if spoken.start is None else spoken.start,
        utterances=(spoken,) if spoken.text else (),
        is_final=event == "transcript.data",
        call_external_id=text(inner(data, "bot").get("id")),
        recording_external_id=text(inner(data, "recording").get("id")),
        kind=REALTIME,
    )
    return (captions,)


def _id(payload: Mapping[str, Any], what: str) -> str:
    found = text(payload.get("id"))
    if not found:
        raise Unreadable(f"The event names no {what}.")
    return found


_READERS: Mapping[str, Callable[[str, Data, Delivered], tuple[Fact, ...] | None]] = {
    "bot": _bot,
    "bot.status_change": _legacy_bot,
    "bot.log": _log,
    "bot.output_log": _log,
    "recording": _recording,
    "transcript": _transcript,
    "transcript.data": _words,
    "transcript.partial_data": _words,
    "realtime_endpoint": _endpoint,
    "sdk_upload": _upload,
    **dict.fromkeys(
        (
            *("video_mixed", "audio_mixed", "video_separate", "audio_separate"),
            # Live participant_events.… name their recording too; they are never subscribed to.
            *("participant_events", "meeting_metadata"),
        ),
        _artifact,
    ),
}
