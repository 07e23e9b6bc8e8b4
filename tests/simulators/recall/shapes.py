"""The objects as the API answers them."""

from typing import TYPE_CHECKING, Any

from tests.simulators.recall.state import Artifact, Bot, Recording, Transcript, described, stamp
from tests.simulators.recall.words import SHORTCUTS

if TYPE_CHECKING:
    from tests.simulators.recall.simulator import RecallSimulator


class Shapes:
    """Every answer mints its download links anew, for the origin that the caller used."""

    def __init__(self, sim: "RecallSimulator") -> None:
        self.sim = sim

    def bot(self, bot: Bot, origin: str) -> dict[str, Any]:
        shape = {
            "id": bot.id,
            "meeting_url": self._meeting_url(bot),
            "bot_name": bot.bot_name,
            "join_at": stamp(bot.join_at),
            "recording_config": bot.config,
            "status_changes": [
                {
                    "code": change.code,
                    "message": None,
                    "created_at": stamp(change.at),
                    "sub_code": change.sub_code,
                }
                for change in bot.changes
            ],
            "recordings": [self._embedded(self.sim.recordings[key], origin) for key in self._seen(bot)],
            "automatic_leave": bot.automatic_leave,
            "variant": None,
            "calendar_meetings": [],
            "zoom": None,
            "google_meet": None,
            "slack_team": None,
            "breakout_room": None,
            **bot.extras,
            "metadata": bot.metadata,
        }
        if self.sim.switches.extra_keys:
            shape["recording"] = bot.recordings[-1] if bot.recordings else None
        return shape

    def recording(self, recording: Recording, origin: str) -> dict[str, Any]:
        bot = self.sim.bots[recording.bot]
        shape = {
            **self._embedded(recording, origin),
            "realtime_endpoints": [
                {"id": endpoint["id"], "metadata": endpoint.get("metadata", {})}
                for endpoint in recording.realtime
            ],
            "bot": {"id": bot.id, "metadata": bot.metadata},
            "desktop_sdk_upload": None,
        }
        if self.sim.switches.extra_keys:
            shape["bot_id"] = bot.id
        return shape

    def transcript(self, transcript: Transcript, origin: str) -> dict[str, Any]:
        recording = self.sim.recordings[transcript.recording]
        of_recording: dict[str, Any] = {"id": recording.id, "metadata": recording.metadata}
        if self.sim.switches.transcript_shows_source:
            of_recording["source"] = {"bot": {"id": recording.bot}}
        shape = self._transcript_shortcut(transcript, origin)
        return {"id": shape.pop("id"), "recording": of_recording, **shape}

    def artifact(self, artifact: Artifact, origin: str) -> dict[str, Any]:
        """In the list of its kind: the shortcut and what it belongs to."""
        recording = self.sim.recordings[artifact.recording]
        shape = self._shortcut(artifact, origin)
        return {
            "id": shape.pop("id"),
            "recording": {"id": recording.id, "metadata": recording.metadata},
            **shape,
        }

    def _meeting_url(self, bot: Bot) -> dict[str, Any] | None:
        over = bot.moment_of("call_ended", "fatal")
        kept = self.sim.switches.meeting_url_seconds
        if over is not None and self.sim.clock.now() - over >= kept:
            return None
        return described(bot.meeting_url)

    def _seen(self, bot: Bot) -> list[str]:
        return [key for key in bot.recordings if self.sim.is_seen(self.sim.recordings[key])]

    def _embedded(self, recording: Recording, origin: str) -> dict[str, Any]:
        shape = {
            "id": recording.id,
            "created_at": stamp(recording.created_at),
            "started_at": stamp(recording.started_at),
            "completed_at": stamp(recording.completed_at),
            "expires_at": stamp(recording.expires_at),
            "status": recording.status.shape(),
            "media_shortcuts": {kind: self._newest(recording, kind, origin) for kind in SHORTCUTS},
            "metadata": recording.metadata,
        }
        if self.sim.switches.extra_keys:
            shape["bot"] = {"id": recording.bot, "metadata": self.sim.bots[recording.bot].metadata}
        return shape

    def _newest(self, recording: Recording, kind: str, origin: str) -> dict[str, Any] | None:
        # Which transcript is shown is undocumented; the contract takes it for the newest.
        if kind == "transcript":
            rows = [row for row in self.sim.transcripts.values() if row.recording == recording.id]
            rows = [row for row in rows if self.sim.is_seen(row)]
            return self._transcript_shortcut(rows[-1], origin) if rows else None
        artifact = recording.artifacts.get(kind)
        if artifact is None or not self.sim.is_seen(artifact):
            return None
        return self._shortcut(artifact, origin)

    def _shortcut(self, artifact: Artifact, origin: str) -> dict[str, Any]:
        shape: dict[str, Any] = {
            "id": artifact.id,
            "created_at": stamp(artifact.created_at),
            "status": artifact.status.shape(),
            "metadata": artifact.metadata,
            "data": self._data(artifact, origin),
        }
        if artifact.format:
            shape["format"] = artifact.format
        if self.sim.switches.extra_keys:
            shape["recording_id"] = artifact.recording
            shape["expires_at"] = stamp(self.sim.recordings[artifact.recording].expires_at)
        return shape

    def _transcript_shortcut(self, transcript: Transcript, origin: str) -> dict[str, Any]:
        return {
            **self._shortcut(transcript, origin),
            "diarization": transcript.diarization,
            "provider": transcript.provider,
        }

    def _data(self, artifact: Artifact, origin: str) -> dict[str, Any]:
        link = self.sim.storage.link
        if artifact.kind == "transcript":
            names = {"download_url": "transcript.json", "provider_data_download_url": "provider_data.json"}
        elif artifact.kind == "participant_events":
            stems = ("participant_events", "speaker_timeline", "participants")
            names = {f"{stem}_download_url": f"{stem}.json" for stem in stems}
        elif artifact.kind == "meeting_metadata":
            is_done = artifact.status.code == "done"
            return {"title": self.sim.recordings[artifact.recording].meeting.title} if is_done else {}
        else:
            names = {"download_url": f"{artifact.kind}.{artifact.format}"}
        return {key: link(artifact, name, origin) for key, name in names.items()}
