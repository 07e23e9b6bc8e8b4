"""The three events of recordings, with the gaps and odd types that the contract shows."""

from typing import Any

from tests.simulators.daily.presence import Presence
from tests.simulators.daily.state import Instance, Recording


class RecordingEvents(Presence):
    def announce_recording(self, instance: Instance, recording: Recording) -> None:
        payload: dict[str, Any] = {
            "recording_id": recording.id,
            "action": "start-cloud-recording",
            "layout": instance.options.get("layout", {"preset": "default"}),
            # A session id by the contract; a start through the API has none of its own.
            "started_by": instance.session.people[0].session_id,
            "instance_id": instance.id,
            "start_ts": int(recording.start_at),
        }
        if self.switches.started_has_room_name:
            payload["room_name"] = recording.room_name
        self.emit("recording.started", f"rec-sta-{instance.id}-{int(recording.start_at)}", payload)

    def announce_file(self, recording: Recording) -> None:
        payload: dict[str, Any] = {"type": recording.type} if self.switches.ready_has_type else {}
        payload |= {
            "recording_id": recording.id,
            "room_name": recording.room_name,
            "start_ts": int(recording.start_at),
            "status": recording.status,
            "max_participants": recording.max_participants,
            "duration": recording.duration,
            "share_token": recording.share_token,
            "s3_key": recording.s3key,
        }
        if recording.tracks is not None:
            payload["tracks"] = recording.tracks
        event_id = f"rec-rtd-{recording.instance_id}-{int(self.clock.now())}"
        self.emit("recording.ready-to-download", event_id, payload)

    def announce_failure(self, instance: Instance) -> None:
        now = int(self.clock.now())
        payload = {
            "action": self.switches.error_action,
            "error_msg": self.switches.recording_error_text,
            "instance_id": instance.id,
            "room_name": instance.session.room.name,
            "timestamp": now if self.switches.integer_error_timestamp else str(now),
        }
        self.emit("recording.error", f"rec-err-{instance.id}-{now}", payload)
