"""Live calls and the control of their recordings (contract 2)."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from tests.simulators.http import Request, Response, empty_answer, json_answer
from tests.simulators.vobiz.answers import Missing, Refused
from tests.simulators.vobiz.lifecycle import Lifecycle
from tests.simulators.vobiz.state import Call, Recording

LONGEST_LIMIT = 28800
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
CHOICES: dict[str, tuple[str, ...]] = {
    "file_format": ("mp3", "wav"),
    "record_channel_type": ("mono", "stereo"),
    "transcription_type": ("auto",),  # ``hybrid`` is the XML element's, not REST's
    "callback_method": ("GET", "POST"),
}
ADDRESSES = {"callback_url", "transcription_url"}
FIELDS = {"time_limit", *CHOICES, *ADDRESSES}


class CallRoutes(Lifecycle):
    def list_live_calls(self, request: Request) -> Response:
        status = request.params.get("status")
        if status not in {"live", "queued"}:
            raise Missing("Call not found")
        live = [each.call_uuid for each in self.calls.values() if each.is_live and status == "live"]
        return json_answer({"api_id": self.new_uuid(), "calls": live})

    def retrieve_call(self, request: Request, call_uuid: str) -> Response:
        """Live calls only. Without ``status=live`` the real one may answer a finished call's record, of which
        the contract has no fields; here that is 404 too."""
        call = self.live_call(call_uuid)
        if call is None or request.params.get("status") != "live":
            raise Missing("Call not found")
        fields = _call_fields(call, self.clock_text(call.started_at))
        if self.old_shapes:
            fields["call_state"] = fields.pop("call_status")
            return json_answer({"api_id": self.new_uuid(), "calls": [fields]})
        return json_answer({"api_id": self.new_uuid(), **fields})

    def start_recording(self, request: Request, call_uuid: str) -> Response:
        call = self.live_call(call_uuid)
        if call is None:
            raise Missing("Call not found")
        options = self._options(request)
        if self.is_out_of_balance:
            raise Refused(402)
        recording = self.begin_recording(call, options, api_id=self.new_uuid(), is_ours=True)
        self.perform("start_recording", call_uuid, result=recording.recording_id, options=options)
        if self.hangup_in_start_seconds:
            recording.started_at -= self.hangup_in_start_seconds
            self.hang_up(call, now=True)
        return json_answer(self._started(recording), self.start_status)

    def stop_recording(self, request: Request, call_uuid: str) -> Response:
        """204 whether or not anything recorded; only the very ``URL`` of a recording narrows it to one."""
        call = self.live_call(call_uuid)
        if call is None:
            raise Missing("Call not found")
        url = _stop_url(request)
        known = {each.url for each in self.recordings.values() if each.call is call and each.url}
        is_narrow = url in known or (url and self.unmatched_url == "nothing")
        for recording in self.running(call):
            if is_narrow and recording.url != url:
                continue
            self.end_recording(recording, "stopped")
            self.perform(
                "stop_recording",
                recording.recording_id,
                call=call_uuid,
                by="URL" if is_narrow else "all",
                body=request.body.decode(errors="replace"),
            )
        return empty_answer()

    def clock_text(self, moment: float) -> str:
        return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")

    def _started(self, recording: Recording) -> dict[str, Any]:
        answer = {
            "api_id": recording.api_id,
            "message": "recording started" if self.start_has_url else "Recording started",
            "recording_id": recording.recording_id,
            "url": recording.url,
        }
        if not self.start_has_url:
            del answer["url"]
        return answer

    def _options(self, request: Request) -> dict[str, Any]:
        """The body as received; raises ``Refused`` 400, a guess: only 401 and 404 are documented."""
        body = json_body(request)
        unknown = sorted(set(body) - FIELDS)
        if unknown and self.unknown_fields == "refuse":
            raise Refused(400, "Unknown parameters", fields=unknown)
        _check_limit(body)
        for name in CHOICES.keys() & body.keys():
            if body[name] not in CHOICES[name]:
                raise Refused(400, f"{name} must be one of {', '.join(CHOICES[name])}", field=name)
        for name in ADDRESSES & body.keys():
            self._check_address(name, body[name])
        return body

    def _check_address(self, name: str, address: Any) -> None:
        # "HTTPS only" is documented, what an http address gets is not: refused here, the loudest way.
        parts = urlsplit(address) if isinstance(address, str) else None
        if parts is None or not parts.hostname or parts.scheme not in {"http", "https"}:
            raise Refused(400, f"{name} must be a URL", field=name)
        is_allowed = self.plain_http == "everywhere" or (
            self.plain_http == "loopback" and parts.hostname in LOOPBACK
        )
        if parts.scheme == "http" and not is_allowed:
            raise Refused(400, f"{name} must be an https URL", field=name)


def _call_fields(call: Call, session_start: str) -> dict[str, Any]:
    return {
        "call_uuid": call.call_uuid,
        "request_uuid": call.request_uuid,
        "call_status": "in-progress",
        "direction": call.direction,
        "from": call.from_number,
        "to": call.to_number,
        "caller_name": call.caller_name,
        "session_start": session_start,
        "stir_attestation": "",
        "stir_verification": "Not Applicable",
    }


def json_body(request: Request) -> dict[str, Any]:
    if not request.body:
        return {}
    if not _is_json(request):
        raise Refused(400, "Content-Type must be application/json")
    try:
        body = request.json()
    except ValueError:
        raise Refused(400, "The body is not JSON") from None
    if not isinstance(body, dict):
        raise Refused(400, "The body must be a JSON object")
    return body


def _check_limit(body: dict[str, Any]) -> None:
    limit = body.get("time_limit", LONGEST_LIMIT)
    if type(limit) is not int or not 0 < limit <= LONGEST_LIMIT:
        raise Refused(
            400, f"time_limit must be a number of seconds up to {LONGEST_LIMIT}", field="time_limit"
        )


def _stop_url(request: Request) -> str:
    """The ``URL`` of the body; whatever cannot be read as one is no filter at all."""
    if not _is_json(request):
        return ""
    try:
        body = json.loads(request.body)
    except ValueError:
        return ""
    url = body.get("URL") if isinstance(body, dict) else None
    return url if isinstance(url, str) else ""


def _is_json(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"
