"""A recording's life: started, ended by stop, limit or hang-up, stored, announced, transcribed, deleted."""

import math
from decimal import Decimal
from typing import Any

from tests.simulators import speech
from tests.simulators.vobiz.state import Call, Recording, Transcript
from tests.simulators.vobiz.webhooks import CURRENCY_PER_MINUTE, Webhooks

DEFAULTS: dict[str, Any] = {
    "time_limit": 60,
    "file_format": "mp3",
    "record_channel_type": "mono",
    "callback_method": "POST",
}
SHORTEST_SECONDS = 0.5
LONGEST_SECONDS = 4 * 3600
# Only "Recording file size too large for transcription" is Vobiz's own; the second is Plivo's, the first is
# made in their image: the contract gives no words for audio under 500 ms.
TOO_SHORT = "Recording duration too short for transcription"
TOO_LONG = "Recording duration too long for transcription"
TOO_LARGE = "Recording file size too large for transcription"


class Lifecycle(Webhooks):
    """What happens to recordings, whoever causes it; the routes and the controls decide when."""

    def begin_recording(
        self, call: Call, options: dict[str, Any], *, api_id: str, is_ours: bool
    ) -> Recording:
        """Record a live call; ``is_ours`` when a client of the API asked, who learns the url."""
        recording = Recording(
            recording_id=self.new_uuid(),
            number=len(self.recordings),
            call=call,
            api_id=api_id,
            options={**DEFAULTS, **options},
            url="",
            started_at=self.clock.now(),
        )
        if is_ours:
            recording.url = self.media_url(recording)
        self.recordings[recording.recording_id] = recording
        self.exactly_after(
            recording.options["time_limit"], lambda: self.end_recording(recording, "time_limit")
        )
        return recording

    def hang_up(self, call: Call, *, now: bool = False) -> None:
        """The call is over and with it all its recordings; ``now`` finalises them without a wait."""
        if not call.is_live:
            return
        call.ended_at = self.clock.now()
        for recording in self.running(call):
            self.end_recording(recording, "hangup", now=now)

    def end_recording(self, recording: Recording, reason: str, *, now: bool = False) -> None:
        if recording.ended_at is not None:
            return
        recording.ended_at = self.clock.now()
        recording.end_reason = reason
        if now:
            self._finalise(recording, now=True)
            return
        self.after(self.finalise_seconds, lambda: self._finalise(recording))

    def delete_recording(self, recording: Recording, *, by: str) -> None:
        """File, url and row go for good."""
        recording.is_deleted = True
        self.perform("delete_recording", recording.recording_id, by=by)

    def transcribe(self, recording: Recording, callback_url: str) -> Transcript:
        """Make the text some time from now and push it to ``callback_url``, if there is one."""
        transcript = Transcript(recording_id=recording.recording_id, callback_url=callback_url)
        self.transcripts[recording.recording_id] = transcript
        self.after(self.transcription_seconds, lambda: self._finish_transcript(recording, transcript))
        return transcript

    def store(self, recording: Recording, *, row_lag: float = 0.0, file_lag: float = 0.0) -> None:
        """The file and the row of an ended recording come to be."""
        now = self.clock.now()
        number = recording.call.conversation
        needs_wav = self.wav_inside_mp3 or recording.extension == "wav"
        recording.is_wav_inside = needs_wav
        recording.speech = speech.with_wav(number) if needs_wav else speech.conversation(number)
        recording.duration_seconds = self._duration(recording)
        recording.row_at, recording.file_at = now + row_lag, now + file_lag

    def text_of(self, recording: Recording) -> tuple[str, str]:
        """The text of a recording and, when there can be none, the error."""
        forced = recording.call.transcription_error or self.transcription_error
        if forced:
            return "", forced
        if recording.duration_seconds < SHORTEST_SECONDS:
            return "", TOO_SHORT
        if recording.duration_seconds > LONGEST_SECONDS:
            return "", TOO_LONG
        return (recording.speech.text if recording.speech else ""), ""

    def _finalise(self, recording: Recording, *, now: bool = False) -> None:
        self.store(
            recording,
            row_lag=self.row_lag_seconds * self.scale,
            file_lag=self.file_lag_seconds * self.scale,
        )
        self.perform(
            "finish_recording",
            recording.recording_id,
            reason=recording.end_reason,
            billed_minutes=rounded_seconds(recording.duration_seconds) // 60,
        )
        self.send_recording_callback(recording, now=now)
        if recording.options.get("transcription_type") == "auto":
            self.transcribe(recording, recording.options.get("transcription_url", ""))

    def _duration(self, recording: Recording) -> float:
        """As long as the speech that stands for it, unless its own length is the point."""
        ran = (recording.ended_at or self.clock.now()) - recording.started_at
        is_odd = ran < SHORTEST_SECONDS or ran > LONGEST_SECONDS
        if recording.speech is None or is_odd or self.durations == "clock":
            return ran
        return recording.speech.duration_seconds

    def _finish_transcript(self, recording: Recording, transcript: Transcript) -> None:
        if self.transcripts.get(recording.recording_id) is not transcript:
            return  # Deleted meanwhile.
        if recording.is_deleted and self.deleting_stops_transcription:
            transcript.status = "failed"
            return
        transcript.text, transcript.error = self.text_of(recording)
        transcript.status = "failed" if transcript.error else "success"
        if not transcript.error:
            transcript.charge = charge_for(recording.duration_seconds)
        self.perform("transcribe", recording.recording_id, status=transcript.status, charge=transcript.charge)
        self.send_transcription_callback(recording, transcript)


def rounded_seconds(duration: float) -> int:
    """The billing value: whole minutes."""
    return math.ceil(duration / 60) * 60


def charge_for(duration: float) -> str:
    minutes = rounded_seconds(duration) // 60
    return str(Decimal(CURRENCY_PER_MINUTE) * minutes)
