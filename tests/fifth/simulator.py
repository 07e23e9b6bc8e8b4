"""The made-up provider's API: small, with everything that the engine has to survive."""

import hashlib
import hmac
import itertools
import json
from datetime import UTC, datetime
from typing import Any

from tests.simulators.base import Simulator, control
from tests.simulators.http import Request, Response, bytes_answer, empty_answer, json_answer
from tests.simulators.outbox import Callback
from tests.simulators.speech import Conversation, conversation

TOKEN = "fifth-secret-token"
WEBHOOK_SECRET = "fifth-webhook-secret"
PAGE = 10


class FifthSimulator(Simulator):
    """Effects: start, stop, delete, transcribe, delete_transcript."""

    slug = "fifth"

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.calls: dict[str, dict[str, Any]] = {}
        self.recordings: dict[str, dict[str, Any]] = {}
        self.transcripts: dict[str, dict[str, Any]] = {}
        self._numbers = itertools.count(1)  # An id is never given twice.
        self._transcript_numbers = itertools.count(1)
        self.webhook = ""
        self.echoes_key = True

    def account(self) -> dict[str, Any]:
        return {
            "provider": "fifth",
            "name": "Fifth",
            "base_url": "",
            "config": {},
            "secrets": {"token": TOKEN, "webhook_secret": WEBHOOK_SECRET},
        }

    # The control side.

    @control
    def place_call(self, title: str = "A call", conversation: int = 0) -> str:
        call_id = f"call-{len(self.calls) + 1}"
        self.calls[call_id] = {"id": call_id, "title": title, "state": "live", "spoken": conversation}
        return call_id

    @control
    def end_call(self, call_id: str) -> None:
        self.calls[call_id]["state"] = "over"
        for recording in self.recordings.values():
            if recording["call"] == call_id and recording["status"] == "recording":
                self._finish(recording)

    @control
    def set_webhook(self, url: str) -> None:
        self.webhook = url

    @control
    def truth(self) -> dict[str, Any]:
        live = [call["id"] for call in self.calls.values() if call["state"] == "live"]
        return {"calls": live, "recordings": self.recordings, "transcripts": self.transcripts}

    # The API.

    def handle(self, request: Request) -> Response:  # noqa: C901, PLR0911, PLR0912 - a route a line
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return json_answer({"error": "unauthorized"}, 401)
        match request.method, request.parts:
            case "GET", ["calls"]:
                return json_answer({"items": list(self.calls.values()), "next": None})
            case "GET", ["calls", call_id]:
                return self._one(self.calls, call_id)
            case "POST", ["calls", call_id, "recordings"]:
                return self._start(call_id, request.json())
            case "GET", ["recordings"]:
                return self._page(self.recordings, request)
            case "GET", ["recordings", recording_id]:
                return self._one(self.recordings, recording_id)
            case "POST", ["recordings", recording_id, "stop"]:
                return self._stop(recording_id)
            case "DELETE", ["recordings", recording_id]:
                return self._delete(self.recordings, recording_id, "delete")
            case "GET", ["recordings", recording_id, "media"]:
                return self._media(recording_id, request)
            case "POST", ["recordings", recording_id, "transcripts"]:
                return self._transcribe(recording_id, request.json())
            case "GET", ["transcripts"]:
                return self._page(self.transcripts, request)
            case "GET", ["transcripts", transcript_id]:
                return self._one(self.transcripts, transcript_id)
            case "GET", ["transcripts", transcript_id, "text"]:
                return self._text(transcript_id)
            case "DELETE", ["transcripts", transcript_id]:
                return self._delete(self.transcripts, transcript_id, "delete_transcript")
        return json_answer({"error": "not found"}, 404)

    def _one(self, rows: dict[str, dict[str, Any]], row_id: str) -> Response:
        return json_answer(rows[row_id]) if row_id in rows else json_answer({"error": "not found"}, 404)

    def _page(self, rows: dict[str, dict[str, Any]], request: Request) -> Response:
        start = int(request.params.get("page", 0)) * PAGE
        items = list(reversed(rows.values()))
        more = start + PAGE < len(items)
        following = str(start // PAGE + 1) if more else None
        return json_answer({"items": items[start : start + PAGE], "next": following})

    def _start(self, call_id: str, body: dict[str, Any]) -> Response:
        if self.calls.get(call_id, {}).get("state") != "live":
            return json_answer({"error": "call_over"}, 409)
        recording_id = f"rec-{next(self._numbers)}"
        self.recordings[recording_id] = {
            "id": recording_id,
            "call": call_id,
            "status": "recording",
            "key": body.get("key", "") if self.echoes_key else "",
            "options": body.get("options", {}),
            "started": self._time(),
            "changed": self._time(),
            "duration": None,
        }
        self.perform("start", call_id, result=recording_id, **body)
        self._announce("recording.started", self.recordings[recording_id])
        return json_answer(self.recordings[recording_id], 201)

    def _stop(self, recording_id: str) -> Response:
        recording = self.recordings.get(recording_id)
        if recording is None:
            return json_answer({"error": "not found"}, 404)
        if recording["status"] == "recording":
            self.perform("stop", recording_id)
            self._finish(recording)
        return json_answer(recording)

    def _finish(self, recording: dict[str, Any]) -> None:
        recording |= {"status": "processing", "changed": self._time()}

        def done() -> None:
            if recording["id"] not in self.recordings:
                return
            duration = self._spoken(recording).duration_seconds
            recording.update(status="done", duration=duration, changed=self._time())
            self._announce("recording.done", recording)

        self.after(2.0, done)

    def _transcribe(self, recording_id: str, body: dict[str, Any]) -> Response:
        if self.recordings.get(recording_id, {}).get("status") != "done":
            return json_answer({"error": "not_ready"}, 409)
        transcript_id = f"tra-{next(self._transcript_numbers)}"
        transcript = {
            "id": transcript_id,
            "recording": recording_id,
            "status": "running",
            "key": body.get("key", "") if self.echoes_key else "",
            "engine": body.get("engine", "standard"),
            "call": self.recordings[recording_id]["call"],  # outlives the recording
            "changed": self._time(),
        }
        self.transcripts[transcript_id] = transcript
        self.perform("transcribe", recording_id, result=transcript_id, **body)

        def done() -> None:
            if transcript_id in self.transcripts:
                transcript.update(status="done", changed=self._time())
                self._announce("transcript.done", transcript)

        self.after(3.0, done)
        return json_answer(transcript, 202)

    def _delete(self, rows: dict[str, dict[str, Any]], row_id: str, action: str) -> Response:
        if rows.pop(row_id, None) is None:
            return json_answer({"error": "not found"}, 404)
        self.perform(action, row_id)
        return empty_answer()

    def _text(self, transcript_id: str) -> Response:
        transcript = self.transcripts.get(transcript_id)
        if transcript is None or transcript["status"] != "done":
            return json_answer({"error": "not found"}, 404)
        spoken = self._spoken(transcript)
        cues = [
            f"{_stamp(turn.start)} --> {_stamp(turn.end)}\n<v {spoken.speakers[turn.speaker]}>{turn.text}"
            for turn in spoken.turns
        ]
        body = "\n\n".join(["WEBVTT", *cues]) + "\n"
        return Response(headers={"Content-Type": "text/vtt"}, body=body.encode())

    def _media(self, recording_id: str, request: Request) -> Response:
        recording = self.recordings.get(recording_id)
        if recording is None or recording["status"] != "done":
            return json_answer({"error": "not found"}, 404)
        return bytes_answer(request, self._spoken(recording).audio("mp3"), "audio/mpeg")

    def _spoken(self, thing: dict[str, Any]) -> Conversation:
        return conversation(self.calls[thing["call"]]["spoken"])

    def _announce(self, event: str, thing: dict[str, Any]) -> None:
        if not self.webhook:
            return
        body = json.dumps({"id": self.new_uuid(), "event": event, "data": thing}).encode()
        digest = hmac.new(WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Fifth-Signature": digest}
        self.outbox.put(
            Callback(event=event, url=self.webhook, body=body, headers=headers, retries=(1, 5, 30))
        )

    def _time(self) -> str:
        return datetime.fromtimestamp(self.clock.now(), UTC).isoformat()


def _stamp(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"00:{int(minutes):02d}:{rest:06.3f}"
