"""The three events of live transcripts; an error may come before, between or after the others."""

from typing import Any

from tests.simulators.daily.live_recordings import LiveRecordings
from tests.simulators.daily.state import Transcript
from tests.simulators.daily.storage import OURS, REGION


class TranscriptEvents(LiveRecordings):
    def announce_transcript_start(self, transcript: Transcript) -> None:
        payload = {
            "id": transcript.id,
            "info": {"instanceId": transcript.instance_id},
            **_where(transcript),
            "max_participants": transcript.max_participants,
            "duration": 0,
            "participant_minutes": 0,
            "status": "t_in_progress",
            "out_params": {"s3": place_of(transcript)},
        }
        self.emit("transcript.started", f"{self._serial()}-tra-sta-{transcript.id}", payload, version="1.1.0")

    def announce_transcript_file(self, transcript: Transcript) -> None:
        payload = {
            "id": transcript.id,
            "out_params": {"s3": place_of(transcript)},
            **_where(transcript),
            "duration": transcript.duration,
            "participant_minutes": transcript.minutes,
            "status": transcript.status,
            "domain_id": self.domain_id,
        }
        if self.switches.transcript_ready_slip:
            payload["room_id"] = payload.pop("room_name")
        event_id = f"{self._serial()}-tra-rtd-{transcript.id}"
        self.emit("transcript.ready-to-download", event_id, payload, version="1.1.0")

    def announce_transcript_trouble(self, transcript: Transcript) -> None:
        """The error event; what Daily's own list says after an error and a ready is not documented."""
        now = self.clock.now()
        transcript.status, transcript.error = "t_error", self.switches.transcript_error_text
        transcript.updated_at = now
        seconds = transcript.duration or round(now - transcript.began_at, 3)
        info = {"instanceId": transcript.instance_id, "startTs": int(transcript.began_at), "endTs": int(now)}
        roles = {
            "externalId": self.domain,
            "assumeRoleArn": (transcript.bucket or {}).get("assume_role_arn", ""),
        }
        payload = {
            "id": transcript.id,
            "info": info,
            **_where(transcript),
            "max_participants": transcript.max_participants,
            "duration": seconds,
            "participant_minutes": transcript.minutes,
            "status": "t_error",
            "out_params": {"s3": {**place_of(transcript), **roles}},
            "error": transcript.error,
        }
        self.emit("transcript.error", f"{self._serial()}-tra-err-{transcript.id}", payload, version="1.1.0")

    def _serial(self) -> int:
        return self.rng.randint(1000, 9999)


def bucket_of(transcript: Transcript) -> str:
    return str((transcript.bucket or {}).get("bucket_name", OURS))


def place_of(transcript: Transcript) -> dict[str, Any]:
    region = (transcript.bucket or {}).get("bucket_region", REGION)
    return {"key": transcript.key, "bucket": bucket_of(transcript), "region": region}


def _where(transcript: Transcript) -> dict[str, Any]:
    return {
        "room_id": transcript.room.id,
        "room_name": transcript.room.name,
        "mtg_session_id": transcript.session_id,
    }
