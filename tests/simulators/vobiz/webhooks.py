"""Callbacks of Vobiz: two events of REST-started recordings, their encodings and signatures (contract 5)."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from tests.simulators.outbox import Callback, deliver_over_http
from tests.simulators.vobiz.state import Recording, State, Transcript

ANSWER_SECONDS = 3
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
CURRENCY_PER_MINUTE = "0.30000"
PASCAL = {
    "api_id": "ApiID",
    "call_uuid": "CallUUID",
    "record_url": "RecordUrl",
    "recording_id": "RecordingID",
    "transcription_id": "TranscriptionID",
}


def signature_base(url: str, *, drops_port: bool = False) -> str:
    """The callback URL without query and fragment."""
    parts = urlsplit(url)
    host = (parts.hostname or "") if drops_port else parts.netloc
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def signature_v2(token: str, base: str, nonce: str) -> str:
    return _digest(token, base + nonce)


def signature_v3(token: str, base: str, nonce: str) -> str:
    return _digest(token, f"{base}.{nonce}")


def deliver_in_time(url: str, method: str, headers: dict[str, str], body: bytes) -> int | None:
    """An answer after three seconds is none."""
    began = time.monotonic()
    status = deliver_over_http(url, method, headers, body)
    return status if time.monotonic() - began <= ANSWER_SECONDS else None


class Webhooks(State):
    """Builds, encodes and signs callbacks; the outbox sends and repeats them."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.outbox.deliver = deliver_in_time
        self.last_sent: dict[tuple[str, str], Callback] = {}  # by recording id and event

    def send_recording_callback(self, recording: Recording, *, now: bool = False) -> None:
        url = recording.options.get("callback_url", "")
        if url:
            method = self.callback_method or recording.options["callback_method"]
            fields = self.recording_fields(recording)
            callback = self.encoded("recording", url, fields, method=method)
            self.last_sent[recording.recording_id, "recording"] = callback
            self.outbox.put(callback, now=now)

    def send_transcription_callback(self, recording: Recording, transcript: Transcript) -> None:
        if transcript.callback_url and self.transcription_callback:
            fields = self.transcription_fields_of(recording, transcript)
            callback = self.encoded("transcription", transcript.callback_url, fields)
            self.last_sent[recording.recording_id, "transcription"] = callback
            self.outbox.put(callback)

    def recording_fields(self, recording: Recording) -> dict[str, Any]:
        duration = recording.duration_seconds
        return {
            "api_id": recording.api_id,
            "record_url": recording.url or self.media_url(recording),
            "call_uuid": recording.call.call_uuid,
            "recording_id": recording.recording_id,
            "recording_duration": int(duration),
            "recording_duration_ms": round(duration * 1000),
            "recording_start_ms": round(recording.started_at * 1000),
            "recording_end_ms": round((recording.ended_at or recording.started_at) * 1000),
        }

    def transcription_fields_of(self, recording: Recording, transcript: Transcript) -> dict[str, Any]:
        rest = {
            "transcription": transcript.text,
            "recording_id": recording.recording_id,
            "call_uuid": recording.call.call_uuid,
            "duration": int(recording.duration_seconds),
            "transcription_charge": transcript.charge,
            "transcription_rate": CURRENCY_PER_MINUTE,
            "error": transcript.error,
        }
        xml = {
            "transcription": transcript.text,
            "transcription_id": transcript.recording_id,
            "transcription_url": f"{self.media_url(recording).rpartition('.')[0]}.txt",
            "recording_id": recording.recording_id,
        }
        return {"rest": rest, "xml": xml, "both": rest | xml}[self.transcription_fields]

    def callback_of(
        self, event: str, url: str, body: bytes, *, content_type: str = FORM, method: str = "POST"
    ) -> Callback:
        """One callback with Vobiz's delivery: only 200 counts, three retries, further apart each time."""
        first_nonce = self._nonce()
        headers = {"User-Agent": "Vobiz-Webhook/1.0"}
        if method == "POST":
            headers["Content-Type"] = content_type
        return Callback(
            event=event,
            url=url.partition("#")[0],
            body=body,
            method=method,
            headers=headers,
            sign=lambda moment: self._signed(url, first_nonce if self.reuses_nonce else self._nonce()),
            is_success=lambda status: status == 200,
            retries=[self.retry_seconds * 2**number for number in range(self.callback_retries)],
        )

    def encoded(self, event: str, url: str, fields: dict[str, Any], *, method: str = "POST") -> Callback:
        fields = self._dressed(event, fields)
        if method == "GET":
            joint = "&" if urlsplit(url).query else "?"
            address = url.partition("#")[0] + joint + self.as_form(fields)
            return self.callback_of(event, address, b"", method="GET")
        if self.callback_encoding == "form":
            return self.callback_of(event, url, self.as_form(fields).encode())
        content_type = JSON if self.callback_encoding == "json" else FORM
        return self.callback_of(event, url, json.dumps(fields).encode(), content_type=content_type)

    def _dressed(self, event: str, fields: dict[str, Any]) -> dict[str, Any]:
        """The fields with the names and the company that the switches give them."""
        general = {}
        if self.general_fields or self.callback_keys == "pascal":
            general["Event"] = {"recording": "RecordStop", "transcription": "Transcription"}[event]
        if self.general_fields:
            moment = self.clock.utc().strftime("%Y-%m-%dT%H:%M:%SZ")
            general |= {"timestamp": moment, "auth_id": self.auth_id, "CallUUID": self._call_of(fields)}
        if self.callback_keys == "pascal":
            fields = {_pascal(name): value for name, value in fields.items()}
        return general | fields

    def _call_of(self, fields: dict[str, Any]) -> str:
        recording = self.recordings.get(fields["recording_id"])
        return recording.call.call_uuid if recording else str(fields.get("call_uuid", ""))

    def as_form(self, fields: dict[str, Any]) -> str:
        return urlencode({name: self._text(value) for name, value in fields.items()})

    def _text(self, value: Any) -> str:
        if self.callback_decimals and isinstance(value, int):
            return f"{value}.00000"
        return str(value)

    def _nonce(self) -> str:
        return "".join(self.rng.choice("0123456789") for _ in range(20))

    def _signed(self, url: str, nonce: str) -> dict[str, str]:
        base = signature_base(url, drops_port=self.signature_drops_port)
        wanted = self.signatures.lower().split("+") if self.signatures else []
        headers: dict[str, str] = {}
        for name in wanted:
            headers |= self._one_signature(name, base, nonce)
        return headers

    def _one_signature(self, name: str, base: str, nonce: str) -> dict[str, str]:
        token = self.parent_token if name.startswith("ma-") else self.auth_token
        if self.signatures_wrong:
            token = f"not-{token}"
        if name == "v1":  # Its input is undocumented; a receiver ignores it.
            digest = hmac.new(token.encode(), base.encode(), hashlib.sha1).digest()
            return {"X-Vobiz-Signature": base64.b64encode(digest).decode()}
        version = name.removeprefix("ma-").upper()
        sign = {"V2": signature_v2, "V3": signature_v3}[version]
        header = f"X-Vobiz-Signature-{name.upper()}"
        # The contract names no nonce header of its own for the MA signatures: they share the version's.
        return {header: sign(token, base, nonce), f"X-Vobiz-Signature-{version}-Nonce": nonce}


def _digest(token: str, text: str) -> str:
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha256).digest()).decode()


def _pascal(name: str) -> str:
    return PASCAL.get(name) or "".join(word.capitalize() for word in name.split("_"))
