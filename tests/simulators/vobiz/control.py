"""The control side: the truth, switches, stray callbacks, and the provider's own refusals."""

import json
from typing import Any

from tests.simulators.base import control
from tests.simulators.vobiz.answers import error_body, limit_details
from tests.simulators.vobiz.company import Company
from tests.simulators.vobiz.state import Recording
from tests.simulators.vobiz.switches import switch_names
from tests.simulators.vobiz.webhooks import FORM, JSON


class Controls(Company):
    @control
    def set_webhook(self, url: str) -> None:
        """Nothing: Vobiz has no callback URL of an account, each start names its own."""

    @control
    def truth(self) -> dict[str, Any]:
        with self.lock:
            return {
                "calls": [each.call_uuid for each in self.calls.values() if each.is_live],
                "recordings": {
                    each.recording_id: self._recording_truth(each) for each in self.recordings.values()
                },
                "transcripts": {
                    each.recording_id: {
                        "status": each.status,
                        "recording": each.recording_id,
                        "text": each.text,
                        "error": each.error,
                    }
                    for each in self.transcripts.values()
                },
            }

    @control
    def switch(self, **settings: Any) -> dict[str, Any]:
        """Set switches; answers all of them. Raises ``ValueError`` for a name that is none."""
        unknown = set(settings) - set(switch_names())
        if unknown:
            raise ValueError(f"no such switch: {', '.join(sorted(unknown))}")
        with self.lock:
            for name, value in settings.items():
                setattr(self, name, value)
        return {name: getattr(self, name) for name in switch_names()}

    @control
    def rotate_token(self, token: str = "") -> str:
        """A new auth token; the old one dies at once."""
        self.auth_token = token or self.new_hex(40)
        return self.auth_token

    @control
    def refuse(
        self,
        status: int,
        path_contains: str = "",
        method: str = "",
        times: int = 1,
        skip: int = 0,
        message: str = "",
        shape: int = 1,
        retry_after: int | None = None,
    ) -> None:
        """Answer the next matching requests with an error of the provider's own making; nothing is done."""
        details = limit_details(1, 2) if status == 429 else None
        if details and retry_after is not None:
            details["retryAfter"] = retry_after
        body = error_body(status, message, details, shape=shape, at=self.clock.utc(), api_id=self.new_uuid())
        headers = {"Content-Type": JSON}
        if retry_after is not None and self.sends_retry_after:
            headers["Retry-After"] = str(retry_after)
        self.fail(
            kind="refuse",
            status=status,
            path_contains=path_contains,
            method=method,
            times=times,
            skip=skip,
            headers=headers,
            body=json.dumps(body),
        )

    @control
    def resend(self, recording_id: str, event: str = "recording") -> None:
        """The last callback of a recording once more; ``event`` is recording or transcription."""
        self.outbox.resend(self.last_sent[recording_id, event])

    @control
    def stray_callback(self, url: str, event: str = "recording", **fields: Any) -> str:
        """A well-formed callback for a recording that there is not, or for the one given; answers its id."""
        with self.lock:
            call = self.new_call("", 0, "inbound", "", "")
            del self.calls[call.call_uuid]
            recording = self.past_recording(call, 5.0, "call", "mp3")
            del self.recordings[recording.recording_id]
            made = self.recording_fields(recording)
            if event == "transcription":
                made = self.transcription_fields_of(recording, self.past_transcript(recording))
                del self.transcripts[recording.recording_id]
            made |= fields
            self.outbox.put(self.encoded(event, url, made))
            return str(made["recording_id"])

    @control
    def lookalike(self, url: str, event: str, recording_id: str) -> None:
        """Callbacks of recordings that REST did not start: ``Record`` and ``RecordStop`` of the XML element,
        ``recording.completed`` and ``transcription.completed`` of a trunk (contract 5.4)."""
        recording = self.recordings[recording_id]
        if "." in event:
            # A trunk signs by a scheme of its own whose header the contract does not name: unsigned here.
            body = json.dumps(self._trunk_event(event, recording)).encode()
            self.outbox.put(self.callback_of(event, url, body, content_type=JSON))
            return
        body = self.as_form(
            _xml_event(event, self.recording_fields(recording), recording.end_reason)
        ).encode()
        self.outbox.put(self.callback_of(event, url, body, content_type=FORM))

    def _recording_truth(self, recording: Recording) -> dict[str, Any]:
        """Vobiz has no status of a recording; these words are made from what it does with one."""
        return {
            "status": self._state_of(recording),
            "call": recording.call.call_uuid,
            "duration_seconds": recording.duration_seconds,
            "format": recording.extension,
            "end_reason": recording.end_reason,
        }

    def _state_of(self, recording: Recording) -> str:
        if recording.is_deleted:
            return "deleted"
        if recording.ended_at is None:
            return "recording"
        if recording.row_at is None or recording.row_at > self.clock.now():
            return "finalising"
        return "expired" if self.is_expired(recording) else "available"

    def _trunk_event(self, event: str, recording: Recording) -> dict[str, Any]:
        fields = {
            "event": event,
            "account_id": self.auth_id,
            "trunk_id": f"trunk-{recording.number}",
            "call_uuid": recording.call.call_uuid,
            "recording_url": self.media_url(recording),
        }
        if event == "transcription.completed":
            fields["transcription_text"] = self.text_of(recording)[0]
        return fields


def _xml_event(event: str, fields: dict[str, Any], reason: str) -> dict[str, Any]:
    reasons = {"time_limit": "maxLength", "hangup": "HungUp"}
    early = {"Event": event, "RecordingID": fields["recording_id"]}
    if event == "Record":
        return early  # Only the id is dependable before the end.
    return early | {
        "CallUUID": fields["call_uuid"],
        "RecordUrl": fields["record_url"],
        "RecordFile": fields["record_url"],
        "RecordingDuration": fields["recording_duration"],
        "RecordingDurationMs": fields["recording_duration_ms"],
        "RecordingStartMs": fields["recording_start_ms"],
        "RecordingEndMs": fields["recording_end_ms"],
        "RecordingEndReason": reasons.get(reason, "FinishedOnKey"),
    }
