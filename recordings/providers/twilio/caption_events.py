"""Reads the callbacks of live captions: their beginning, words and end (contract 4.3)."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from recordings.providers.errors import Unreadable
from recordings.providers.scrub import scrubbed
from recordings.providers.snapshots import Captions, Fact, Status, TranscriptSnapshot, Utterance
from recordings.providers.twilio import transcripts
from recordings.providers.twilio.actions import CAPTIONS
from recordings.providers.twilio.values import mapping, moment, seconds, text

Fields = Mapping[str, Any]
CAPTION_EVENTS: Mapping[str, Status] = {
    "transcription-started": Status.IN_PROGRESS,
    "transcription-stopped": Status.COMPLETED,
    "transcription-error": Status.FAILED,
}
CONTENT = "transcription-content"
BROKEN_OFF = "Twilio ended the captions with an error."
TRACKS: Mapping[str, tuple[str, int]] = {"inbound_track": ("Inbound", 1), "outbound_track": ("Outbound", 2)}


def required(fields: Fields, name: str) -> str:
    value = text(fields.get(name))
    if not value:
        raise Unreadable(f"{name} is missing")
    return value


def read(fields: Fields, key: str) -> tuple[Fact, ...] | None:
    """The facts of one event; None for one that is not known. Raises ``Unreadable`` without an id."""
    external_id, event = required(fields, "TranscriptionSid"), text(fields.get("TranscriptionEvent"))
    if event == CONTENT:
        return _words(fields, external_id)
    if event not in CAPTION_EVENTS:
        return None
    at, status = moment(fields.get("Timestamp")), CAPTION_EVENTS[event]
    return (
        TranscriptSnapshot(
            external_id=external_id,
            key=key,
            call_external_id=text(fields.get("CallSid")),
            kind=CAPTIONS,
            engine=_engine(fields),
            language=text(fields.get("LanguageCode")),
            status=status,
            provider_status=event,
            status_at=at,
            reason=_reason(fields, status),
            reason_code=text(fields.get("TranscriptionErrorCode")),
            started_at=at if status is Status.IN_PROGRESS else None,
            completed_at=at if status is Status.COMPLETED else None,
            text=transcripts.NOT_KEPT if status is Status.COMPLETED else None,
            raw=scrubbed(dict(fields)),
        ),
    )


def _words(fields: Fields, external_id: str) -> tuple[Fact, ...]:
    data = _json(fields.get("TranscriptionData"))
    speaker, channel = TRACKS.get(text(fields.get("Track")), (text(fields.get("Track")), None))
    words = text(data.get("transcript"))
    utterance = Utterance(
        text=words,
        speaker=speaker,
        channel=channel,
        confidence=seconds(data.get("confidence")),
        language=text(fields.get("LanguageCode")),
    )
    return (
        Captions(
            transcript_external_id=external_id,
            sequence=_sequence(fields),
            utterances=(utterance,) if words else (),
            is_final=text(fields.get("Final")).lower() != "false",
            call_external_id=text(fields.get("CallSid")),
            kind=CAPTIONS,
        ),
    )


def _sequence(fields: Fields) -> float:
    """``SequenceId`` orders what comes out of order; without one, the time does."""
    number, at = seconds(fields.get("SequenceId")), moment(fields.get("Timestamp"))
    if number is not None:
        return number
    return at.timestamp() if isinstance(at, datetime) else 0.0


def _engine(fields: Fields) -> str:
    """On the start only; its fields are not in the contract, so that only a plain name is taken."""
    return text(fields.get("TranscriptionEngine")) or text(
        _json(fields.get("ProviderConfiguration")).get("transcriptionEngine")
    )


def _reason(fields: Fields, status: Status) -> str:
    ended = {Status.FAILED: _error(fields), Status.COMPLETED: transcripts.ENDED_HEARD}
    return ended.get(status, "")


def _error(fields: Fields) -> str:
    """What the error event carries is not in the contract; these names were seen elsewhere."""
    said = text(fields.get("TranscriptionError"))
    return f"{BROKEN_OFF} It says: {said}" if said else BROKEN_OFF


def _json(value: Any) -> Mapping[str, Any]:
    try:
        return mapping(json.loads(text(value)))
    except ValueError:
        return {}
