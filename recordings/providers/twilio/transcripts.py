"""Transcripts as Twilio tells them: three kinds that share nothing but their subject (contract 4)."""

from collections.abc import Mapping
from typing import Any

from recordings.providers.errors import UnexpectedResponse
from recordings.providers.scrub import scrubbed
from recordings.providers.snapshots import (
    CallSnapshot,
    CallState,
    Status,
    TextFile,
    TranscriptSnapshot,
    TranscriptText,
    Utterance,
)
from recordings.providers.twilio.actions import CAPTIONS, INTELLIGENCE, LEGACY
from recordings.providers.twilio.values import charged, integer, mapping, moment, seconds, text

INTELLIGENCE_STATUSES: Mapping[str, Status] = {
    "new": Status.PROCESSING,
    "queued": Status.PROCESSING,
    "in-progress": Status.PROCESSING,
    "completed": Status.COMPLETED,
    "failed": Status.FAILED,
    "canceled": Status.FAILED,
    "error": Status.FAILED,
}
LEGACY_STATUSES: Mapping[str, Status] = {
    "in-progress": Status.PROCESSING,
    "completed": Status.COMPLETED,
    "failed": Status.FAILED,
}
CAPTION_STATUSES: Mapping[str, Status] = {
    "in-progress": Status.IN_PROGRESS,
    "stopped": Status.COMPLETED,
}
INTELLIGENCE_REASONS: Mapping[str, str] = {
    "failed": "Twilio could not transcribe the recording and gives no reason. It may be shorter "
    "than 2 seconds, "
    "longer than 8 hours, larger than 3 GB, encrypted, kept outside Twilio, deleted, or made in PCI mode.",
    "canceled": "Twilio cancelled this transcript and gives no reason.",
    "error": "Twilio ended this transcript with an error and gives no reason.",
}
LEGACY_FAILED = (
    "Twilio could not transcribe the message and gives no reason. It may be silent, not between "
    "2 seconds and "
    "2 minutes long, encrypted, or deleted before its turn came."
)
BLANK = "(blank)"  # what Twilio writes in place of no text (contract 4.1)
NO_WORDS = "Twilio found no words in this recording."
ENDED_UNHEARD = (
    "The call is over, and the captions with it. Twilio sent no word of their end: what came before is here, "
    "and something may be missing."
)
ENDED_HEARD = "Twilio told of their end."
# Said where nothing came: words that did come stay.
NOT_KEPT = TranscriptText(
    utterances=(),
    note="Twilio sends the words of live captions once and keeps none, and of these captions none came.",
)


def intelligence(data: Mapping[str, Any], *, key: str = "", recording: str = "") -> TranscriptSnapshot:
    """An Intelligence v2 transcript. ``channel`` may be empty (contract 4.2): then ``recording``, or
    whatever the mirror knows, tells what was transcribed. Raises ``UnexpectedResponse`` without a SID."""
    status = text(data.get("status"))
    source = text(mapping(mapping(data.get("channel")).get("media_properties")).get("source_sid"))
    done = INTELLIGENCE_STATUSES.get(status) is Status.COMPLETED
    updated = moment(data.get("date_updated"))
    return TranscriptSnapshot(
        external_id=_sid(data),
        key=key or text(data.get("customer_key")),
        recording_external_id=source or recording,
        kind=INTELLIGENCE,
        engine="Conversational Intelligence",
        language=text(data.get("language_code")),
        status=INTELLIGENCE_STATUSES.get(status),
        provider_status=status,
        status_at=updated,
        reason=INTELLIGENCE_REASONS.get(status, ""),
        handle=_handle(data),
        started_at=moment(data.get("date_created")),
        completed_at=updated if done else None,
        duration_seconds=seconds(data.get("duration")) if done else None,  # 0 until it is known
        raw=scrubbed(dict(data)),
    )


def legacy(data: Mapping[str, Any]) -> TranscriptSnapshot:
    """A legacy transcription, its text with it. Raises ``UnexpectedResponse`` without a SID."""
    status = text(data.get("status"))
    done = LEGACY_STATUSES.get(status) is Status.COMPLETED
    external_id, updated = _sid(data), moment(data.get("date_updated"))
    found = legacy_text(external_id, text(data.get("transcription_text"))) if done else None
    return TranscriptSnapshot(
        external_id=external_id,
        recording_external_id=text(data.get("recording_sid")),
        kind=LEGACY,
        engine=text(data.get("type")),
        status=LEGACY_STATUSES.get(status),
        provider_status=status,
        status_at=updated,
        reason=LEGACY_FAILED if LEGACY_STATUSES.get(status) is Status.FAILED else "",
        started_at=moment(data.get("date_created")),
        completed_at=updated if done else None,
        duration_seconds=seconds(data.get("duration")),
        price=charged(data.get("price")),
        currency=text(data.get("price_unit")),
        is_empty=found is not None and not found.utterances,
        text=found,
        # The words live in one place only, from which a delete takes them.
        raw=scrubbed({name: value for name, value in data.items() if name != "transcription_text"}),
    )


def captions(data: Mapping[str, Any], *, key: str) -> TranscriptSnapshot:
    """A real-time transcription, as the answers to start and stop tell it (contract 4.3)."""
    status = text(data.get("status"))
    updated = moment(data.get("date_updated"))
    found = CAPTION_STATUSES.get(status)
    return TranscriptSnapshot(
        external_id=_sid(data),
        key=key,
        call_external_id=text(data.get("call_sid")),
        kind=CAPTIONS,
        status=found,
        provider_status=status,
        status_at=updated,
        started_at=updated if found is Status.IN_PROGRESS else None,
        completed_at=updated if found is Status.COMPLETED else None,
        reason=ENDED_HEARD if found is Status.COMPLETED else "",
        text=NOT_KEPT if found is Status.COMPLETED else None,
        raw=scrubbed(dict(data)),
    )


def captions_of(external_id: str, call: CallSnapshot | None, *, call_id: str) -> TranscriptSnapshot:
    """What their call tells of captions, which cannot be read themselves: they end with it. ``call`` is
    None for one that Twilio no longer knows."""
    is_over = call is None or call.state is CallState.ENDED
    ended_at = call.ended_at if call is not None else None
    return TranscriptSnapshot(
        external_id=external_id,
        call_external_id=call_id,
        kind=CAPTIONS,
        status=Status.COMPLETED if is_over else None,
        status_at=ended_at,
        reason=ENDED_UNHEARD if is_over else "",
        completed_at=ended_at,
        text=NOT_KEPT if is_over else None,
    )


def deleted(external_id: str, *, kind: str, key: str = "", reason: str = "") -> TranscriptSnapshot:
    return TranscriptSnapshot(
        external_id=external_id,
        key=key,
        kind=kind,
        status=Status.DELETED,
        provider_status="deleted",
        reason=reason,
    )


def legacy_text(external_id: str, words: str, content: bytes | None = None) -> TranscriptText:
    """One text without speakers or times; null and "(blank)" are none, also of a completed one."""
    raw = words.encode() if content is None else content
    file = TextFile(name=f"{external_id}.txt", content_type="text/plain; charset=utf-8", content=raw)
    if words.strip() in {"", BLANK}:
        return TranscriptText(utterances=(), files=(file,) if raw else (), note=NO_WORDS)
    return TranscriptText(utterances=(Utterance(text=words.strip()),), files=(file,))


def is_legacy(external_id: str) -> bool:
    return external_id.startswith("TR")


def _sid(data: Mapping[str, Any]) -> str:
    external_id = text(data.get("sid"))
    if not external_id:
        raise UnexpectedResponse("Twilio gave a transcript without its SID.")
    return external_id


def _handle(data: Mapping[str, Any]) -> dict[str, Any]:
    """What reading the text needs: it carries neither language nor speakers."""
    people = mapping(data.get("channel")).get("participants")
    speakers = dict(_speaker(mapping(each)) for each in people) if isinstance(people, list) else {}
    found: dict[str, Any] = {
        "language": text(data.get("language_code")),
        "service_sid": text(data.get("service_sid")),
        "speakers": {channel: name for channel, name in speakers.items() if channel and name},
    }
    return {name: value for name, value in found.items() if value}


def _speaker(person: Mapping[str, Any]) -> tuple[str, str]:
    channel = integer(person.get("channel_participant"))
    name = text(person.get("full_name")) or text(person.get("role"))
    return "" if channel is None else str(channel), name
