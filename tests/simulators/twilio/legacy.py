"""Legacy transcriptions (``TR``): they come of some ``<Record>`` recordings and cannot be ordered."""

from typing import TYPE_CHECKING, Any

from tests.simulators import speech
from tests.simulators.http import Request, Response, empty_answer, json_answer
from tests.simulators.twilio.answers import not_found, rfc2822
from tests.simulators.twilio.forms import PAGING, read_query
from tests.simulators.twilio.paging import classic
from tests.simulators.twilio.state import LegacyTranscription, Recording

if TYPE_CHECKING:
    from tests.simulators.twilio.simulator import TwilioSimulator

PRICE_PER_MINUTE = 0.05
LONGER_THAN_SECONDS, SHORTER_THAN_SECONDS = 2, 120
NO_TEXT = "(blank)"


class Legacy:
    def __init__(self, simulator: "TwilioSimulator") -> None:
        self._simulator = simulator
        self.all: dict[str, LegacyTranscription] = {}
        self.spoils = 0  # so many of the next ones fail

    def recording_completed(self, recording: Recording) -> None:
        if not recording.transcribe or recording.is_pci or recording.is_encrypted:
            return
        simulator, now = self._simulator, self._simulator.clock.now()
        made = LegacyTranscription(
            sid=simulator.new_sid("TR"),
            order=simulator.next_order(),
            recording=recording.sid,
            status="in-progress",
            created_at=now,
            updated_at=now,
            will_fail=self.spoils > 0,
        )
        self.spoils = max(0, self.spoils - 1)
        self.all[made.sid] = made
        simulator.after(simulator.switches.transcribing_seconds, lambda: self._finish(made))

    def source_deleted(self, recording: Recording) -> None:
        """What is pending fails (13618) when its turn comes; what is done stays."""
        if self._simulator.switches.cascade_delete:
            for each in [each for each in self.all.values() if each.recording == recording.sid]:
                del self.all[each.sid]

    def index(self, request: Request) -> Response:
        return self._page(request, list(self.all.values()))

    def index_of_recording(self, request: Request, recording: str) -> Response:
        self._simulator.recordings.find(recording, deleted=True)
        return self._page(request, [each for each in self.all.values() if each.recording == recording])

    def fetch(self, request: Request, transcription: str, recording: str = "") -> Response:
        return json_answer(self.shape(self._find(transcription, recording)))

    def text(self, request: Request, transcription: str) -> Response:
        text = self._find(transcription).text or ""
        return Response(headers={"Content-Type": "text/plain; charset=utf-8"}, body=text.encode())

    def delete(self, request: Request, transcription: str, recording: str = "") -> Response:
        found = self._find(transcription, recording)
        del self.all[found.sid]
        self._simulator.perform("delete_transcription", found.sid, recording=found.recording)
        return empty_answer()

    def shape(self, found: LegacyTranscription) -> dict[str, Any]:
        price = found.price
        return {
            "account_sid": self._simulator.account_sid,
            "api_version": "2008-08-01",
            "date_created": rfc2822(found.created_at),
            "date_updated": rfc2822(found.updated_at),
            "duration": None if found.duration_seconds is None else str(round(found.duration_seconds)),
            "price": None if price is None else self._simulator.price(float(price)),
            "price_unit": "USD",
            "recording_sid": found.recording,
            "sid": found.sid,
            "status": found.status,
            "transcription_text": found.text,
            "type": "fast",
            "uri": f"{self._simulator.root}/Transcriptions/{found.sid}.json",
        }

    def _find(self, transcription: str, recording: str = "") -> LegacyTranscription:
        found = self.all.get(transcription)
        if found is None or (recording and found.recording != recording):
            raise not_found(f"/Transcriptions/{transcription}")
        return found

    def _page(self, request: Request, found: list[LegacyTranscription]) -> Response:
        switches = self._simulator.switches
        query = read_query(request, PAGING, strict=switches.is_strict)
        page = self._simulator.pager.cut(found, query)
        return json_answer(
            classic(request, "transcriptions", page, self.shape, older=switches.older_envelope)
        )

    def _finish(self, found: LegacyTranscription) -> None:
        if found.sid not in self.all:
            return
        recording = self._simulator.recordings.all[found.recording]
        found.updated_at = self._simulator.clock.now()
        found.duration_seconds = recording.duration_seconds or 0.0
        fits = LONGER_THAN_SECONDS < found.duration_seconds < SHORTER_THAN_SECONDS
        if found.will_fail or not fits or recording.deleted_at is not None:
            found.status, found.text = "failed", NO_TEXT
        else:
            found.status, found.text = "completed", speech.with_wav(recording.conversation).text
            cost = f"{-PRICE_PER_MINUTE * -(-found.duration_seconds // 60):.5f}"
            self._simulator.after(
                self._simulator.switches.price_seconds, lambda: setattr(found, "price", cost)
            )
        self._call_back(found, recording)

    def _call_back(self, found: LegacyTranscription, recording: Recording) -> None:
        url = recording.transcribe_callback or self._simulator.switches.transcribe_callback
        if not url:
            return
        call = self._simulator.calls.all[recording.call]
        base = f"{self._simulator.origin}{self._simulator.root}"
        recording_url = f"{base}/Recordings/{recording.sid}"
        fields = {
            "AccountSid": self._simulator.account_sid,
            "ApiVersion": "2010-04-01",
            "CallSid": call.sid,
            "CallStatus": call.status,
            "Called": call.to,
            "Caller": call.from_number,
            "Direction": call.direction,
            "From": call.from_number,
            "To": call.to,
            "RecordingSid": recording.sid,
            "RecordingUrl": recording_url,
            "TranscriptionSid": found.sid,
            "TranscriptionStatus": found.status,
            "TranscriptionText": found.text or "",
            "TranscriptionType": "fast",
            "TranscriptionUrl": f"{recording_url}/Transcriptions/{found.sid}",
            "url": url.partition("#")[0],
        }
        self._simulator.webhooks.send_form(url, f"transcription.{found.status}", fields)
