"""Plivo's Transcription resource, which Vobiz does not document: 404 unless switched on (contract 4.2)."""

from tests.simulators.http import Request, Response, json_answer
from tests.simulators.vobiz.answers import Missing, Refused
from tests.simulators.vobiz.calls import json_body
from tests.simulators.vobiz.rows import Rows
from tests.simulators.vobiz.state import Transcript
from tests.simulators.vobiz.webhooks import CURRENCY_PER_MINUTE

KINDS = {"transcription", "raw", "diarized"}


class TranscriptRoutes(Rows):
    def order_transcript(self, request: Request, recording_id: str) -> Response:
        self._check_switch()
        recording = self.row(recording_id)
        if recording is None:
            raise Missing("Recording not found")
        if recording_id in self.transcripts:
            raise Refused(409, "The recording has a transcription")  # "meant for recordings that have none"
        body = json_body(request)
        self.transcribe(recording, str(body.get("transcription_callback_url", "")))
        self.perform("order_transcript", recording_id, result=recording_id, options=body)
        return json_answer({"api_id": self.new_uuid(), "message": "transcription in progress"}, 201)

    def retrieve_transcript(self, request: Request, recording_id: str) -> Response:
        self._check_switch()
        transcript = self._existing_transcript(recording_id)
        kind = request.params.get("type", "transcription")
        if kind not in KINDS:
            raise Refused(400, "type is unknown", field="type")
        start, _ = self._bounds(self.recordings[recording_id])
        return json_answer(
            {
                "api_id": self.new_uuid(),
                "cost": transcript.charge,
                "rate": CURRENCY_PER_MINUTE,
                "recording_duration_ms": self._milliseconds(self.recordings[recording_id].duration_seconds),
                "recording_start_ms": start,
                "status": transcript.status,
                "transcription": self._text_as(transcript, kind),
            }
        )

    def delete_transcript(self, request: Request, recording_id: str) -> Response:
        self._check_switch()
        self._existing_transcript(recording_id)
        del self.transcripts[recording_id]
        self.perform("delete_transcript", recording_id)
        return json_answer({"api_id": self.new_uuid(), "message": "request accepted"}, 202)

    def _check_switch(self) -> None:
        if not self.transcription_api:
            raise Missing("Resource not found")

    def _existing_transcript(self, recording_id: str) -> Transcript:
        transcript = self.transcripts.get(recording_id)
        if transcript is None:
            raise Missing("Transcription not found")
        return transcript

    def _text_as(self, transcript: Transcript, kind: str) -> object:
        """Anything but plain text "may be non-string"; its shape is not known."""
        speech = self.recordings[transcript.recording_id].speech
        if kind == "transcription" or speech is None or not transcript.text:
            return transcript.text
        return [
            {"speaker": turn.speaker, "text": turn.text, "start": turn.start, "end": turn.end}
            for turn in speech.turns
        ]
