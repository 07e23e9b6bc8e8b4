"""Real-time webhooks: words while they are spoken, to the endpoints that start_recording named."""

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.simulators.outbox import Callback
from tests.simulators.recall.spoken import entry, speaker, turns_of
from tests.simulators.recall.state import Change, Recording
from tests.simulators.recall.webhooks import reference, status_data
from tests.simulators.speech import Turn

if TYPE_CHECKING:
    from tests.simulators.recall.simulator import RecallSimulator

TRIES = 60


class Realtime:
    """Sends ``transcript.data`` only; other events and websocket or rtmp endpoints are kept as received."""

    def __init__(self, sim: "RecallSimulator") -> None:
        self.sim = sim
        self.failed: set[str] = set()

    def begin(self, recording: Recording) -> None:
        for endpoint in recording.realtime:
            self._announce(recording, endpoint, "running")
            if endpoint["type"] == "webhook" and "transcript.data" in endpoint["events"]:
                self._schedule(recording, endpoint)

    def end(self, recording: Recording) -> None:
        for endpoint in recording.realtime:
            if endpoint["id"] not in self.failed:
                self._announce(recording, endpoint, "done")

    def _schedule(self, recording: Recording, endpoint: dict[str, Any]) -> None:
        for turn in turns_of(recording):
            self.sim.after(turn.end, partial(self._speak, recording, endpoint, turn))

    def _speak(self, recording: Recording, endpoint: dict[str, Any], turn: Turn) -> None:
        is_running = recording.completed_at is None and recording.status.code == "processing"
        transcript = self.sim.realtime_transcript(recording)
        if not is_running or transcript is None or endpoint["id"] in self.failed:
            return
        words = entry(recording, turn, speaker(recording, turn).shape())
        data = {
            "data": words,
            "realtime_endpoint": {"id": endpoint["id"], "metadata": endpoint.get("metadata", {})},
            "transcript": reference(transcript),
            "recording": reference(recording),
            "bot": reference(self.sim.bots[recording.bot]),
        }
        self._send(recording, endpoint, data)

    def _send(self, recording: Recording, endpoint: dict[str, Any], data: dict[str, Any]) -> None:
        body = json.dumps({"event": "transcript.data", "data": data}, separators=(",", ":")).encode()
        message = self.sim.webhooks.message_id()
        self.sim.outbox.put(
            Callback(
                event="transcript.data",
                url=endpoint["url"],
                body=body,
                headers={"content-type": "application/json"},
                sign=lambda now: self.sim.webhooks.signed(message, now, body),
                retries=(1,) * (TRIES - 1),
                should_retry=lambda status: endpoint["id"] not in self.failed,
                on_outcome=lambda callback: self._watch(recording, endpoint, callback),
            )
        )

    def _watch(self, recording: Recording, endpoint: dict[str, Any], callback: Callback) -> None:
        if callback.is_given_up and endpoint["id"] not in self.failed:
            self.failed.add(endpoint["id"])
            self._announce(recording, endpoint, "failed")

    def _announce(self, recording: Recording, endpoint: dict[str, Any], code: str) -> None:
        data = status_data(Change(code=code, at=self.sim.clock.now()))
        if code == "failed":
            data["error"] = {"code": "ENDPOINT_FAILED", "message": f"No success after {TRIES} attempts."}
        self.sim.webhooks.send(
            f"realtime_endpoint.{code}",
            {
                "data": data,
                "realtime_endpoint": {"id": endpoint["id"], "metadata": endpoint.get("metadata", {})},
                "recording": reference(recording),
                "bot": reference(self.sim.bots[recording.bot]),
            },
        )
