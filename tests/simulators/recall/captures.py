"""A recording's life: begun, paused, ended, finalised, failed, overwritten, deleted, expired."""

from typing import TYPE_CHECKING, Any

from tests.simulators.recall.state import Artifact, Bot, Change, Recording, Transcript
from tests.simulators.recall.words import ARTIFACTS
from tests.simulators.speech import conversation

if TYPE_CHECKING:
    from tests.simulators.recall.simulator import RecallSimulator


class Captures:
    """Runs without asking: the endpoints and the bots' sessions have checked before."""

    def __init__(self, sim: "RecallSimulator") -> None:
        self.sim = sim
        self.failures: list[str] = []  # sub codes of the next recordings to fail

    def begin(self, bot: Bot, config: dict[str, Any]) -> Recording:
        recording = self.create(bot, config, at=self.sim.clock.now())
        bot.capture, bot.armed = recording.id, None
        recording.failure = self.failures.pop(0) if self.failures else ""
        self.sim.perform("recording_started", bot.id, result=recording.id)
        self.sim.sessions.change(bot, "in_call_recording")
        self.sim.webhooks.recording(recording)
        for artifact in self.artifacts(recording):
            self.sim.webhooks.artifact(artifact)
        self.sim.realtime.begin(recording)
        return recording

    def create(self, bot: Bot, config: dict[str, Any], *, at: float) -> Recording:
        """A recording with its artifacts, begun at that moment; tells nobody."""
        meeting = self.sim.sessions.meeting_of(bot)
        recording = Recording(
            id=self.sim.new_uuid(),
            bot=bot.id,
            created_at=at,
            started_at=at,
            status=Change(code="processing", at=at),
            meeting=meeting,
            config=config,
            metadata=dict(config.get("metadata") or {}),
            realtime=[{"id": self.sim.new_uuid(), **each} for each in config.get("realtime_endpoints") or ()],
            is_silent=meeting.is_silent,
        )
        self.sim.recordings[recording.id] = recording
        bot.recordings.append(recording.id)
        for kind, options in ARTIFACTS.items():
            chosen = next((name for name in options if config.get(name) is not None), "")
            if chosen:
                self._add_artifact(recording, kind, chosen, at)
        if config.get("transcript"):
            self.sim.speech.add_realtime(recording, config["transcript"], at)
        return recording

    def _add_artifact(self, recording: Recording, kind: str, option: str, at: float) -> None:
        has_format = kind not in {"participant_events", "meeting_metadata"}
        recording.artifacts[kind] = Artifact(
            id=self.sim.new_uuid(),
            kind=kind,
            recording=recording.id,
            created_at=at,
            status=Change(code="processing", at=at),
            metadata=dict((recording.config[option] or {}).get("metadata") or {}),
            format=option.rpartition("_")[2] if has_format else "",
        )

    def artifacts(self, recording: Recording) -> list[Artifact]:
        """All of them that still exist, transcripts included."""
        rows: list[Artifact] = [*recording.artifacts.values()]
        rows += [each for each in self.sim.transcripts.values() if each.recording == recording.id]
        return [row for row in rows if row.status.code != "deleted"]

    def set_status(self, row: Recording | Artifact, code: str, sub_code: str | None = None) -> None:
        row.status = Change(code=code, at=self.sim.clock.now(), sub_code=sub_code)
        if isinstance(row, Recording):
            self.sim.webhooks.recording(row)
            return
        self.sim.webhooks.artifact(row)

    def end(self, bot: Bot) -> Recording:
        """Nothing more is captured; what there is goes into finalising."""
        recording = self.sim.recordings[bot.capture]
        bot.capture = ""
        now = self.sim.clock.now()
        began = recording.started_at or now
        if now - began < self.sim.switches.silence_below_seconds * self.sim.scale:
            recording.is_silent = True
        recording.completed_at = self._completed_at(recording, began, now)
        if recording.status.code == "paused":
            recording.status = Change(code="processing", at=now)
        self.sim.perform("recording_ended", bot.id, result=recording.id)
        self.sim.realtime.end(recording)
        self.sim.after(self.sim.switches.finalise_seconds, lambda: self.finish(recording))
        return recording

    def _completed_at(self, recording: Recording, began: float, now: float) -> float:
        # The sound is a whole conversation however long was recorded, so the times follow the sound.
        if recording.is_silent or self.sim.switches.reported_duration == "wall":
            return now
        return began + conversation(recording.meeting.conversation).duration_seconds

    def finish(self, recording: Recording) -> None:
        if recording.status.code == "deleted" or recording.id not in self.sim.recordings:
            return
        code = "failed" if recording.failure else "done"
        if not recording.is_stored:
            self._forget(recording)
        for artifact in self.artifacts(recording):
            if artifact.status.code == "processing" and self._is_ours(artifact):
                self.set_status(artifact, code, recording.failure or None)
        if code == "done":
            self.set_expiry(recording, self.sim.clock.now())
        self.set_status(recording, code, recording.failure or None)
        self.sim.sessions.recording_settled(self.sim.bots[recording.bot])

    def _forget(self, recording: Recording) -> None:
        """Zero retention: nothing was ever stored, so nothing is announced as deleted either (inferred)."""
        for artifact in self.artifacts(recording):
            self.sim.transcripts.pop(artifact.id, None)
        recording.artifacts.clear()

    def _is_ours(self, artifact: Artifact) -> bool:
        return not isinstance(artifact, Transcript) or artifact.is_realtime

    def set_expiry(self, recording: Recording, done_at: float) -> None:
        """The clock of retention starts when the recording is done."""
        retention = recording.config.get("retention")
        if not retention or retention["type"] != "timed":
            return
        recording.expires_at = done_at + retention.get("hours", 168) * 3600
        self.sim.at(recording.expires_at, lambda: self.expire(recording))

    def expire(self, recording: Recording) -> None:
        if recording.status.code in {"done", "failed"}:
            self.sim.perform("expire_media", recording.id)
            self.remove(recording)

    def overwrite(self, bot: Bot) -> None:
        """start_recording on a running one: what was captured is discarded."""
        old = self.sim.recordings[bot.capture]
        bot.capture = ""
        self.sim.perform("overwrite_recording", old.id)
        if self.sim.switches.overwritten == "deleted":
            self.remove(old)
            return
        bot.recordings.remove(old.id)
        for artifact in self.artifacts(old):
            self.sim.transcripts.pop(artifact.id, None)
        del self.sim.recordings[old.id]

    def remove(self, recording: Recording) -> None:
        """For good: each artifact says so, then the recording; a running capture ends with it."""
        bot = self.sim.bots[recording.bot]
        for artifact in self.artifacts(recording):
            self.set_status(artifact, "deleted")
        self.set_status(recording, "deleted")
        if bot.capture == recording.id:
            bot.capture = ""
            self.sim.sessions.change(bot, "in_call_not_recording")
        self.sim.sessions.recording_settled(bot)
        self.sim.sessions.media_gone(bot)
