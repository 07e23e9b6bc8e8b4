"""What the company's other systems do: place and end calls, record them, keep old recordings."""

from typing import Any

from tests.simulators.base import control
from tests.simulators.vobiz.lifecycle import DEFAULTS, Lifecycle, charge_for
from tests.simulators.vobiz.state import Call, Recording, Transcript

OFFICE = "+12025550100"


class Company(Lifecycle):
    @control
    def place_call(
        self,
        title: str = "",
        conversation: int = 0,
        direction: str = "outbound",
        from_number: str = "",
        to_number: str = "",
        transcription_error: str = "",
        ends_after: float | None = None,
    ) -> str:
        """A live call; ``title`` is its caller name. Answers its UUID."""
        with self.lock:
            call = self.new_call(title, conversation, direction, from_number, to_number)
            call.transcription_error = transcription_error
            if ends_after is not None:
                self.after(ends_after, lambda: self.hang_up(call))
            return call.call_uuid

    @control
    def end_call(self, call_id: str) -> None:
        with self.lock:
            self.hang_up(self.calls[call_id])

    @control
    def start_elsewhere(self, call_id: str, **options: Any) -> str:
        """Another system of the company records a live call; answers the recording id."""
        with self.lock:
            recording = self.begin_recording(
                self.calls[call_id], options, api_id=self.new_uuid(), is_ours=False
            )
            return recording.recording_id

    @control
    def delete_elsewhere(self, recording_id: str) -> None:
        """Somebody deletes a recording in the provider's console."""
        with self.lock:
            self.delete_recording(self.recordings[recording_id], by="somebody")

    @control
    def add_recording(
        self,
        title: str = "",
        conversation: int = 0,
        ended_ago: float = 3600.0,
        recording_type: str = "call",
        file_format: str = "mp3",
        direction: str = "inbound",
        transcription_error: str | None = None,
    ) -> str:
        """A recording that was there before anybody looked; with a transcript when ``transcription_error`` is
        given, "" for one that went well. Answers its id."""
        with self.lock:
            call = self.new_call(title, conversation, direction, "", "")
            recording = self.past_recording(call, ended_ago, recording_type, file_format)
            if transcription_error is not None:
                call.transcription_error = transcription_error
                self.past_transcript(recording)
            return recording.recording_id

    @control
    def fill(self, count: int, apart: float = 60.0) -> None:
        """So many finished recordings, so many seconds apart, each of a call of its own."""
        for number in range(count):
            self.add_recording(ended_ago=(number + 1) * apart)

    def new_call(self, title: str, conversation: int, direction: str, caller: str, callee: str) -> Call:
        number = len(self.calls)
        other = _styled(f"+1202555{101 + self.rng.randrange(98):04d}", number)
        ends = (OFFICE, other) if direction == "outbound" else (other, OFFICE)
        call = Call(
            call_uuid=self.new_uuid(),
            request_uuid=self.new_uuid(),
            number=number,
            started_at=self.clock.now(),
            direction=direction,
            from_number=caller or ends[0],
            to_number=callee or ends[1],
            caller_name=title,
            conversation=conversation,
        )
        self.calls[call.call_uuid] = call
        return call

    def past_recording(
        self, call: Call, ended_ago: float, recording_type: str, file_format: str
    ) -> Recording:
        call.ended_at = self.clock.now() - ended_ago
        recording = Recording(
            recording_id=self.new_uuid(),
            number=len(self.recordings),
            call=call,
            api_id=self.new_uuid(),
            options={**DEFAULTS, "file_format": file_format},
            url="",
            started_at=call.ended_at - 60,
            ended_at=call.ended_at,
            end_reason="hangup",
            recording_type=recording_type,
            conference_name="standup" if recording_type == "conference" else "",
        )
        self.store(recording)
        recording.started_at = call.started_at = call.ended_at - recording.duration_seconds
        recording.row_at = recording.file_at = call.ended_at
        self.recordings[recording.recording_id] = recording
        return recording

    def past_transcript(self, recording: Recording) -> Transcript:
        """A text that was made and pushed to somebody else."""
        text, error = self.text_of(recording)
        transcript = Transcript(recording_id=recording.recording_id, text=text, error=error)
        transcript.status = "failed" if error else "success"
        transcript.charge = transcript.charge if error else charge_for(recording.duration_seconds)
        self.transcripts[recording.recording_id] = transcript
        return transcript


def _styled(number: str, turn: int) -> str:
    """With a plus, without, or with 00: the provider does not keep to one way."""
    return {2: number[1:], 5: f"00{number[1:]}"}.get(turn % 6, number)
