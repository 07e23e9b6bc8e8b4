"""Transcripts: asked for with the start, pushed once as one string, never to be read again (contract 4)."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from recordings.providers.base import TranscriptKind
from recordings.providers.errors import Refused, Unreadable
from recordings.providers.orders import Answer, Order
from recordings.providers.snapshots import (
    RecordingSnapshot,
    Status,
    TextFile,
    TranscriptSnapshot,
    TranscriptText,
    Utterance,
)
from recordings.providers.vobiz.actions import DELETED_HERE_ONLY
from recordings.providers.vobiz.options import wants_transcript
from recordings.providers.vobiz.values import number, text

KIND = TranscriptKind(
    name="auto",
    label="Made with the recording",
    help="Asked for when the recording is started. English, one text without speakers or times; "
    "it usually comes within five minutes after the end, once.",
)
LANGUAGE = "en"  # no other (contract 4.1)
OVERDUE_SECONDS = 1800.0
NOT_AGAIN = (
    "Vobiz sends the text of a transcript once and has no way to read it again. "
    "If that callback was lost, the text is lost; the recording is not."
)
NOT_TEXT = "Vobiz sent the transcript in a form that is not text: it is kept as it came."
REMEDIES = {
    "Recording file size too large for transcription": "Record as MP3 or for less time.",
    "Recording duration too long for transcription": "Vobiz transcribes at most 4 hours.",
}


def ordered(order: Order, recording: RecordingSnapshot) -> tuple[TranscriptSnapshot, ...]:
    """The transcript that a start asked for."""
    if not wants_transcript(order.options):
        return ()
    return (expected(recording.external_id, key=order.key, call=recording.call_external_id),)


def expected(recording_id: str, *, key: str, call: str) -> TranscriptSnapshot:
    """A transcript on its way. A recording has at most one, so that the recording's id is the transcript's
    too: the callback's own names no other (contract 5.2)."""
    return TranscriptSnapshot(
        external_id=recording_id,
        key=key,
        recording_external_id=recording_id,
        recording_key=key,
        call_external_id=call,
        kind=KIND.name,
        language=LANGUAGE,
        status=Status.REQUESTED,
    )


def pushed(
    fields: Mapping[str, Any], *, recording_id: str, key: str, call: str, raw: Any
) -> TranscriptSnapshot:
    """What a callback brought: the words, or why there are none. ``fields`` by their plain names."""
    reason = _reason(fields.get("error"))
    words = fields.get("transcription", fields.get("transcriptiontext"))
    if words is None and not reason:
        raise Unreadable("The callback has neither a text nor an error.")
    content = text_of(words, note=reason)
    return TranscriptSnapshot(
        external_id=recording_id,
        key=key,
        recording_external_id=recording_id,
        recording_key=key,
        call_external_id=call,
        kind=KIND.name,
        language=LANGUAGE,
        status=Status.FAILED if reason else Status.COMPLETED,
        reason=f"{reason}. {REMEDIES[reason]}" if reason in REMEDIES else reason,
        duration_seconds=_length(fields),
        price=_charge(fields),  # in a currency that is not stated (contract 8)
        is_empty=not reason and not content.utterances and not content.problem,
        text=content if content.files or not reason else None,
        raw=raw,
    )


def text_of(words: Any, *, note: str = "") -> TranscriptText:
    """One string, a line an utterance; anything that is no string is kept and said to be unreadable."""
    if words is None or words == "":
        return TranscriptText(utterances=(), language=LANGUAGE, note=note)
    if not isinstance(words, str):
        content = json.dumps(words, ensure_ascii=True, indent=2).encode()
        file = TextFile(name="transcription.json", content_type="application/json", content=content)
        return TranscriptText(utterances=(), files=(file,), language=LANGUAGE, problem=NOT_TEXT)
    file = TextFile(
        name="transcription.txt",
        content_type="text/plain; charset=utf-8",
        content=words.encode("utf-8", "surrogatepass"),
    )
    lines = (text(line) for line in words.splitlines())
    spoken = tuple(Utterance(text=line, language=LANGUAGE) for line in lines if line)
    return TranscriptText(utterances=spoken, files=(file,), language=LANGUAGE, note=note)


def delete(order: Order) -> Answer:
    """Nothing happens at Vobiz: there is no such request."""
    transcript = order.transcript
    if transcript is None:
        raise Refused("The order names no transcript: nothing was done.")
    fact = TranscriptSnapshot(external_id=transcript.external_id, key=transcript.key, status=Status.DELETED)
    return Answer(facts=(fact,), note=DELETED_HERE_ONLY)


def _reason(error: Any) -> str:
    return (text(error) or json.dumps(error)) if error else ""


def _length(fields: Mapping[str, Any]) -> float | None:
    found = number(fields.get("duration"))
    return float(found) if found is not None and found >= 0 else None


def _charge(fields: Mapping[str, Any]) -> Decimal | None:
    found = number(fields.get("transcriptioncharge"))
    return found if found is not None and found >= 0 else None
