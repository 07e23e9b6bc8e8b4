"""Proves and reads Twilio's four callbacks, told apart by their fields (contract 5.1 to 5.3, 4.3)."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from recordings.providers.base import Delivered, Inbound, Verified
from recordings.providers.errors import SignatureRefused, Unreadable
from recordings.providers.scrub import scrubbed
from recordings.providers.snapshots import (
    CallSnapshot,
    Fact,
    RecordingSnapshot,
    Status,
    TranscriptSnapshot,
    Wanted,
)
from recordings.providers.twilio import calls, caption_events, recordings, signatures, transcripts
from recordings.providers.twilio.actions import INTELLIGENCE, LEGACY
from recordings.providers.twilio.caption_events import Fields, required
from recordings.providers.twilio.values import integer, mapping, moment, seconds, text

KEY = re.compile("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
NO_FIELDS = "the body holds no fields"


def verify(request: Inbound, *, account_sid: str, token: str, shared_keys: Mapping[str, str]) -> Verified:
    """Raises ``SignatureRefused``; a body that cannot be read is told apart by its digest."""
    signatures.require(request, token=token, shared_keys=shared_keys)
    try:
        fields = _fields(request.headers, request.url.partition("?")[2], request.body)
    except Unreadable:
        return Verified(dedupe_id=_digest(request), event="")
    owner = text(_any_case(fields, "account_sid"))
    if owner and owner != account_sid:
        raise SignatureRefused("the callback is of another account")
    event, parts = _identity(fields)
    return Verified(dedupe_id=":".join(parts) if all(parts[:2]) else _digest(request), event=event)


def read(delivery: Delivered) -> tuple[Fact, ...] | None:
    """The facts of one callback; None for one that is none of the four kinds. Raises ``Unreadable``."""
    fields = _fields(delivery.headers, delivery.query, delivery.body)
    key = _key(delivery.path)
    for name, reader in READERS.items():
        if name in fields:
            return reader(fields, key)
    return _intelligence(fields) if _any_case(fields, "transcript_sid") is not None else None


def _identity(fields: Fields) -> tuple[str, tuple[str, str, str, str]]:
    """The name of the event, and (sid, event, status, sequence): equal for resends and only for them."""
    if "TranscriptionEvent" in fields:
        event, sequence = text(fields["TranscriptionEvent"]), text(fields.get("SequenceId"))
        # Without a number two sentences could look the same: then the whole body tells them apart.
        return event, (text(fields.get("TranscriptionSid")) if sequence else "", event, "", sequence)
    if "TranscriptionStatus" in fields:
        status = text(fields["TranscriptionStatus"])
        return f"transcription.{status}", (text(fields.get("TranscriptionSid")), "transcription", status, "")
    if "RecordingStatus" in fields:
        status = text(fields["RecordingStatus"])
        return f"recording.{status}", (text(fields.get("RecordingSid")), "recording", status, "")
    event = text(_any_case(fields, "event_type"))
    status = text(_any_case(fields, "status"))
    return event, (text(_any_case(fields, "transcript_sid")), event, status, "")


def _recording(fields: Fields, key: str) -> tuple[Fact, ...]:
    """A recording's state. It is a hint: what ended is read again in full (contract 6.7)."""
    external_id, status = required(fields, "RecordingSid"), text(fields.get("RecordingStatus"))
    code, started_at = (
        recordings.error_code(fields.get("ErrorCode")),
        moment(fields.get("RecordingStartTime")),
    )
    found = RecordingSnapshot(
        external_id=external_id,
        key=key,
        call_external_id=text(fields.get("ConferenceSid")) or text(fields.get("CallSid")),
        status=recordings.STATUSES.get(status),
        provider_status=status,
        # "It began" is as old as the beginning: coming late, it takes back no pause.
        status_at=started_at if status == "in-progress" else None,
        may_be_live=status == recordings.AMBIGUOUS,
        reason=recordings.reason_of(status, code),
        reason_code=code,
        handle=_parents(fields),
        started_at=started_at,
        duration_seconds=seconds(fields.get("RecordingDuration")),
        channels=integer(fields.get("RecordingChannels")),
        source=text(fields.get("RecordingSource")),
        raw=scrubbed(dict(fields)),
    )
    wanted = () if status == "in-progress" else (Wanted(kind="recording", external_id=external_id),)
    return (*calls.conference_of(found), found, *wanted)


def _parents(fields: Fields) -> dict[str, str]:
    found = {"call_sid": text(fields.get("CallSid")), "conference_sid": text(fields.get("ConferenceSid"))}
    return {name: value for name, value in found.items() if value}


def _legacy(fields: Fields, _key: str) -> tuple[Fact, ...]:
    """``transcribeCallback`` of ``<Record>``: the text, and how the call stands."""
    external_id, status = required(fields, "TranscriptionSid"), text(fields.get("TranscriptionStatus"))
    found = transcripts.LEGACY_STATUSES.get(status)
    words = text(fields.get("TranscriptionText"))
    spoken = transcripts.legacy_text(external_id, words) if found is Status.COMPLETED else None
    call = text(fields.get("CallSid"))
    transcript = TranscriptSnapshot(
        external_id=external_id,
        recording_external_id=text(fields.get("RecordingSid")),
        call_external_id=call,
        kind=LEGACY,
        engine=text(fields.get("TranscriptionType")),
        status=found,
        provider_status=status,
        reason=transcripts.LEGACY_FAILED if found is Status.FAILED else "",
        is_empty=spoken is not None and not spoken.utterances,
        text=spoken,
        raw=scrubbed({name: value for name, value in fields.items() if name != "TranscriptionText"}),
    )
    wanted = Wanted(
        kind="transcript", external_id=external_id, parent_external_id=transcript.recording_external_id
    )
    return (*_call_of(fields, call), transcript, wanted)


def _call_of(fields: Fields, call: str) -> tuple[CallSnapshot, ...]:
    status = text(fields.get("CallStatus"))
    if not call or not status:
        return ()
    caller, callee = text(fields.get("From")), text(fields.get("To"))
    return (
        CallSnapshot(
            external_id=call,
            state=calls.STATES.get(status),
            provider_status=status,
            title=" → ".join(part for part in (caller, callee) if part),
            participants=tuple(part for part in (caller, callee) if part) or None,
        ),
    )


def _intelligence(fields: Fields) -> tuple[Fact, ...]:
    """A hint that a transcript or its results are there: no status in it is relied upon (contract 5.3)."""
    external_id = text(_any_case(fields, "transcript_sid"))
    if not external_id:
        raise Unreadable("transcript_sid is missing")
    service = text(_any_case(fields, "service_sid"))
    thin = TranscriptSnapshot(
        external_id=external_id,
        key=text(_any_case(fields, "customer_key")),
        kind=INTELLIGENCE,
        handle={"service_sid": service} if service else {},
        raw=scrubbed(dict(fields)),
    )
    # The service as parent says that it is no live captions' id: see transcript_reads.fetch.
    wanted = Wanted(kind="transcript", external_id=external_id, parent_external_id=service or "GA")
    return thin, wanted


READERS: Mapping[str, Callable[[Fields, str], tuple[Fact, ...] | None]] = {
    "TranscriptionEvent": caption_events.read,
    "TranscriptionStatus": _legacy,
    "RecordingStatus": _recording,
}


def _fields(headers: Mapping[str, str], query: str, body: bytes) -> Fields:
    """Form, JSON, or the query of a GET; the last of repeated names. Raises ``Unreadable``."""
    if not body:
        return _fields_of_pairs(parse_qsl(query, keep_blank_values=True))
    if signatures.is_form(headers):
        return _fields_of_pairs(signatures.form_fields(body))
    try:
        found = mapping(json.loads(body))
    except ValueError as exc:
        raise Unreadable("the body is neither a form nor JSON") from exc
    if not found:
        raise Unreadable(NO_FIELDS)
    return found


def _fields_of_pairs(pairs: list[tuple[str, str]]) -> Fields:
    found = {name: value for name, value in pairs if name != signatures.HASH}
    if not found:
        raise Unreadable(NO_FIELDS)
    return found


def _any_case(fields: Fields, name: str) -> Any:
    """Intelligence's names were seen in either case (contract 5.3)."""
    wished = name.replace("_", "")
    named = (value for own, value in fields.items() if own.replace("_", "").lower() == wished)
    return next(named, None)


def _key(path: str) -> str:
    """Our key, the first part of an address that we gave; "" for one that was pasted somewhere."""
    first = path.strip("/").partition("/")[0]
    return first if KEY.fullmatch(first) else ""


def _digest(request: Inbound) -> str:
    seen = request.url.partition("?")[2].encode("utf-8", "surrogatepass") + b"\n" + request.body
    return hashlib.sha256(seen).hexdigest()
