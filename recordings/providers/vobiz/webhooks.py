"""Callbacks of Vobiz: two of REST-started recordings, and look-alikes of XML and of trunks (contract 5)."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from recordings.providers.base import Delivered, Inbound, Verified
from recordings.providers.errors import SignatureRefused, Unreadable
from recordings.providers.scrub import scrubbed
from recordings.providers.snapshots import Fact, RecordingSnapshot, Status, Wanted
from recordings.providers.vobiz import signatures, transcripts
from recordings.providers.vobiz.values import LONGEST_ID, text

RECORDING, TRANSCRIPTION, EARLY = "recording", "transcription", "early"
# REST's callbacks have no event name: the path that we gave them tells which they are.
EVENTS = {
    "record": EARLY,
    "recordstop": RECORDING,
    "recording.completed": RECORDING,
    "transcription": TRANSCRIPTION,
    "transcription.completed": TRANSCRIPTION,
}
LINKS = ("recordurl", "recordfile", "recordingurl")
TEXTS = frozenset({"transcription", "transcriptiontext"})
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One callback, taken apart. ``fields`` have plain names: ``RecordingID`` and ``recording_id`` alike."""

    kind: str  # "" when it cannot be told
    event: str
    key: str  # ours, out of the path; "" when it was not our start that named the address
    has_transcript: bool  # the start asked for one
    recording_id: str
    call: str
    fields: Mapping[str, Any]
    raw: Mapping[str, Any]


def verify(request: Inbound, *, token: str, requires_signature: bool) -> Verified:
    """By its signature where it has one, else by the secrecy of its address; raises ``SignatureRefused``."""
    is_signed = signatures.is_signed(request.headers, request.url, token)
    if not is_signed and signatures.has_signature(request.headers):
        raise SignatureRefused(signatures.WRONG)
    if not is_signed and requires_signature:
        raise SignatureRefused(signatures.UNSIGNED_REFUSED)
    query = urlsplit(request.url).query
    digest = hashlib.sha256(f"{request.method} {query}\n".encode() + request.body).hexdigest()
    event, subject = _names(request, query)
    return Verified(
        dedupe_id=f"{subject[:LONGEST_NAME]}:{event[:LONGEST_NAME]}:{digest[:32]}",
        event=event[:LONGEST_NAME],
        note=signatures.SIGNED if is_signed else signatures.UNSIGNED,
    )


def read(delivery: Delivered) -> tuple[Fact, ...] | None:
    """Facts of a callback. Metadata is not believed but asked for (contract 5.6); only the text, which
    cannot be asked for, is taken as it came."""
    message = message_of(delivery)
    if not message.kind:
        return None
    if not 0 < len(message.recording_id) <= LONGEST_ID:
        raise Unreadable("The callback does not say which recording it is about.")
    if message.kind == TRANSCRIPTION:
        return _transcription(message)
    return _recording(message)


def message_of(delivery: Delivered) -> Message:
    """Raises ``Unreadable`` when the body is neither a form nor a JSON object."""
    raw = _raw_fields(delivery)
    fields = _plain(raw)
    key, kind, has_transcript = _place(delivery.path)
    event = text(fields.get("event"))
    return Message(
        kind=_kind(place=kind, event=event.lower(), fields=fields),
        event=event or kind,
        key=key,
        has_transcript=has_transcript,
        recording_id=text(fields.get("recordingid")) or _id_in_link(fields),
        call=text(fields.get("calluuid"))[:LONGEST_ID],
        fields=fields,
        raw=raw,
    )


def _recording(message: Message) -> tuple[Fact, ...]:
    """Of an order of ours: that it goes on, or is being finished. Of any other: what to ask for."""
    is_over = message.kind == RECORDING
    wanted = Wanted(kind="recording", external_id=message.recording_id, parent_external_id=message.call)
    if not message.key:
        return (wanted,) if is_over else _wanted_call(message)
    fact = RecordingSnapshot(
        external_id=message.recording_id,
        key=message.key,
        call_external_id=message.call,
        status=Status.PROCESSING if is_over else Status.IN_PROGRESS,
        provider_status=text(message.fields.get("event")),
        reason_code=text(message.fields.get("recordingendreason")),
        raw=_kept(message.raw),
    )
    return (fact, *_expected(message), *((wanted,) if is_over else ()))


def _expected(message: Message) -> tuple[Fact, ...]:
    if not message.has_transcript:
        return ()
    return (transcripts.expected(message.recording_id, key=message.key, call=message.call),)


def _wanted_call(message: Message) -> tuple[Fact, ...]:
    return (Wanted(kind="call", external_id=message.call),) if message.call else ()


def _transcription(message: Message) -> tuple[Fact, ...]:
    fact = transcripts.pushed(
        message.fields,
        recording_id=message.recording_id,
        key=message.key,
        call=message.call,
        raw=_kept(message.raw),
    )
    wanted = Wanted(kind="recording", external_id=message.recording_id, parent_external_id=message.call)
    return (fact, wanted)


def _names(request: Inbound, query: str) -> tuple[str, str]:
    """Event and recording of a callback for lists; its reading may fail later without harm."""
    delivery = Delivered(
        event="",
        method=request.method,
        path=request.path,
        query=query,
        headers=request.headers,
        body=request.body,
        received_at=request.received_at,
    )
    try:
        message = message_of(delivery)
    except Unreadable:
        return _place(request.path)[1], ""
    return message.event, message.recording_id


def _place(path: str) -> tuple[str, str, bool]:
    """Key, kind and whether a transcript was asked for: ``<key>/recording/auto/`` (options.start_body)."""
    parts = [unquote(part) for part in path.split("/") if part]
    for kind in (RECORDING, TRANSCRIPTION):
        if kind in parts:
            key = parts[0] if parts.index(kind) == 1 else ""
            return key, kind, kind == RECORDING and parts[-1] == "auto"
    return "", "", False


def _raw_fields(delivery: Delivered) -> Mapping[str, Any]:
    """Form or JSON by content type, JSON also under a form's header; of a GET the query (contract 5.3)."""
    body = delivery.body.strip()
    if delivery.method == "GET" or not body:
        return _form(delivery.query)
    is_json = "json" in delivery.headers.get("content-type", "").lower()
    if is_json or body.startswith(b"{"):
        return _json(body)
    return _form(body.decode("utf-8", "replace"))


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise Unreadable("The callback's body begins like JSON and is none.") from exc
    if not isinstance(found, dict):
        raise Unreadable("The callback's body is JSON, but no object.")
    return found


def _form(content: str) -> Mapping[str, str]:
    found = dict(parse_qsl(content, keep_blank_values=True))
    if not found:
        raise Unreadable("The callback carries no fields.")
    return found


def _plain(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Names without case and underscores; of two spellings the one that says something."""
    fields: dict[str, Any] = {}
    for name, value in raw.items():
        plain = _name(name)
        if fields.get(plain) in (None, ""):
            fields[plain] = value
    return fields


def _kind(*, place: str, event: str, fields: Mapping[str, Any]) -> str:
    """Of an address of ours its path decides: any ``Event`` may stand beside REST's fields (contract 5.3)."""
    if place:
        return EARLY if (place, EVENTS.get(event)) == (RECORDING, EARLY) else place
    return EVENTS.get(event, "") if event else _guessed(fields)


def _guessed(fields: Mapping[str, Any]) -> str:
    if TEXTS & fields.keys():
        return TRANSCRIPTION
    return RECORDING if any(name in fields for name in LINKS) else ""


def _id_in_link(fields: Mapping[str, Any]) -> str:
    """A trunk's event names the recording only by its file, ``…/Recording/<id>.mp3`` (contract 5.4)."""
    for name in LINKS:
        path = PurePosixPath(text(fields.get(name)).partition("?")[0])
        if path.parent.name == "Recording":
            return path.stem
    return ""


def _kept(raw: Mapping[str, Any]) -> Any:
    """What came, without the words (they go with the text) and without links that open by themselves."""
    return scrubbed({name: value for name, value in raw.items() if _name(name) not in TEXTS})


def _name(name: str) -> str:
    return name.replace("_", "").lower()
