"""Transcripts: ordered after the fact or made while recording, their limits, failures and endpoints."""

from typing import TYPE_CHECKING, Any

from tests.simulators.http import Request, Response, empty_answer, json_answer
from tests.simulators.recall import schemas
from tests.simulators.recall.checks import require
from tests.simulators.recall.recordings import wanted_artifacts
from tests.simulators.recall.refusals import body_of, not_found, rule
from tests.simulators.recall.state import Change, Recording, Transcript

if TYPE_CHECKING:
    from tests.simulators.recall.simulator import RecallSimulator

FAIL_KEY = "sim_fail"  # metadata with this key makes an order fail with the sub code behind it
SUCCESSES, ATTEMPTS = 10, 100


class Transcripts:
    def __init__(self, sim: "RecallSimulator") -> None:
        self.sim = sim
        self.failures: list[str] = []  # sub codes of the next orders to fail

    def _find(self, key: str) -> Transcript:
        transcript = self.sim.transcripts.get(key.lower())
        if transcript is None or not self.sim.is_seen(transcript):
            raise not_found()
        return transcript

    # Made while recording.

    def add_realtime(self, recording: Recording, options: dict[str, Any], at: float) -> Transcript:
        """The streaming transcript of a recording's configuration: done when the recording is."""
        return self.add(recording, options, at, is_realtime=True)

    def add(
        self, recording: Recording, options: dict[str, Any], at: float, *, is_realtime: bool = False
    ) -> Transcript:
        transcript = Transcript(
            id=self.sim.new_uuid(),
            recording=recording.id,
            created_at=at,
            status=Change(code="processing", at=at),
            metadata=dict(options.get("metadata") or {}),
            provider=options["provider"],
            diarization=options.get("diarization"),
            is_realtime=is_realtime,
        )
        self.sim.transcripts[transcript.id] = transcript
        return transcript

    # Ordered.

    def create(self, request: Request, key: str) -> Response:
        recording, body = self.sim.recordings_api.find(key), body_of(request)
        self.sim.limits.take("create_transcript", recording.bot)
        require(body, schemas.create_transcript)
        self.sim.require_credit()
        if recording.status.code != "done" or not recording.is_stored:
            raise rule("recording_not_ready", "The recording has no media to transcribe.")  # invented code
        self._require_room(recording)
        transcript = self.order(recording, body)
        self.sim.perform("create_transcript", recording.id, result=transcript.id, options=body)
        shape = self.sim.shapes.transcript(transcript, request.origin)
        return json_answer(shape, self.sim.switches.transcript_status)

    def _require_room(self, recording: Recording) -> None:
        every = [row for row in self.sim.transcripts.values() if row.recording == recording.id]
        kept = [row for row in every if row.status.code != "deleted"]
        counted = [row for row in kept if row.status.code == "done"]
        if self.sim.switches.transcript_limit == "any":
            counted = kept
        # Deleted ones make room among the ten; whether they also leave the hundred attempts is unknown.
        if len(counted) >= SUCCESSES or len(every) >= ATTEMPTS:
            raise rule(self.sim.switches.transcript_limit_code, "This recording has too many transcripts.")

    def order(self, recording: Recording, body: dict[str, Any]) -> Transcript:
        transcript = self.add(recording, body, self.sim.clock.now())
        transcript.failure = self._failure(transcript)
        self.sim.webhooks.artifact(transcript)
        self.sim.after(self.sim.switches.transcript_seconds, lambda: self._finish(transcript))
        return transcript

    def _failure(self, transcript: Transcript) -> str:
        if FAIL_KEY in transcript.metadata:
            return str(transcript.metadata[FAIL_KEY])
        if set(transcript.provider) & set(self.sim.switches.missing_credentials):
            return "provider_connection_failed"
        return self.failures.pop(0) if self.failures else ""

    def _finish(self, transcript: Transcript) -> None:
        if transcript.status.code != "processing":
            return
        code = "failed" if transcript.failure else "done"
        self.sim.captures.set_status(transcript, code, transcript.failure or None)

    # Endpoints.

    def list(self, request: Request, key: str) -> Response:
        wanted = wanted_artifacts(self.sim, request, [*self.sim.transcripts.values()])
        return self.sim.lists.by_cursor(
            request, wanted, lambda row: self.sim.shapes.transcript(row, request.origin)
        )

    def retrieve(self, request: Request, key: str) -> Response:
        return json_answer(self.sim.shapes.transcript(self._find(key), request.origin))

    def change(self, request: Request, key: str) -> Response:
        transcript, body = self._find(key), body_of(request)
        require(body, schemas.metadata_only)
        transcript.metadata = body.get("metadata", transcript.metadata)
        self.sim.perform("change_transcript", transcript.id, options=body)
        return json_answer(self.sim.shapes.transcript(transcript, request.origin))

    def delete(self, request: Request, key: str) -> Response:
        transcript = self._find(key)
        if transcript.status.code == "deleted":
            raise not_found()
        self.sim.perform("delete_transcript", transcript.id)
        self.sim.captures.set_status(transcript, "deleted")
        return empty_answer()
