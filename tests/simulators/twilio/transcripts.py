"""Conversational Intelligence transcripts (``GT``): made from recordings, told by a webhook."""

from typing import TYPE_CHECKING, Any

from tests.simulators import speech
from tests.simulators.twilio.answers import Refusal, iso8601, not_found
from tests.simulators.twilio.state import LiveTranscription, Recording, Service, Transcript

if TYPE_CHECKING:
    from tests.simulators.twilio.simulator import TwilioSimulator

SHORTEST_SECONDS, LONGEST_SECONDS = 2, 8 * 3600
PENDING = ("queued", "in-progress")
LINKS = {
    "sentences": "Sentences",
    "encrypted_sentences": "Sentences/Encrypted",
    "media": "Media",
    "operator_results": "OperatorResults",
    "encrypted_operator_results": "OperatorResults/Encrypted",
}


class Transcripts:
    def __init__(self, simulator: "TwilioSimulator") -> None:
        self._simulator = simulator
        self.all: dict[str, Transcript] = {}
        self.spoils: list[str] = []  # statuses that the next ones end with

    def order(
        self,
        service: Service,
        recording: Recording | None,
        *,
        channel: dict[str, Any],
        media_url: str = "",
        customer_key: str | None = None,
        media_start_time: str | None = None,
        fails_with: int = 0,
        sid: str = "",
        conversation: int = 0,
    ) -> Transcript:
        """A new transcript that goes through its states by itself."""
        simulator, now = self._simulator, self._simulator.clock.now()
        made = Transcript(
            sid=sid or simulator.new_sid("GT"),
            order=simulator.next_order(),
            service=service.sid,
            recording=recording.sid if recording else "",
            media_url=media_url,
            status="queued",
            created_at=now,
            updated_at=now,
            channel=channel,
            customer_key=customer_key,
            media_start_time=media_start_time,
            fails_with=fails_with,
            conversation=recording.conversation if recording else conversation,
            channels=recording.channels if recording else 2,
        )
        self.all[made.sid] = made
        simulator.after(simulator.switches.queued_seconds, lambda: self._begin(made))
        return made

    def recording_completed(self, recording: Recording) -> None:
        """Services that transcribe everything do so now."""
        for service in self._simulator.services.all.values():
            if service.setting("auto_transcribe") and not self.unfit(recording):
                self.order(service, recording, channel=_channel(recording.sid))

    def keep_live(self, live: LiveTranscription) -> None:
        service = self._simulator.services.all.get(live.service)
        if service is not None:
            conversation = self._simulator.calls.all[live.call].conversation
            self.order(service, None, channel={}, sid=live.sid, conversation=conversation)

    def source_deleted(self, recording: Recording) -> None:
        for each in [each for each in self.all.values() if each.recording == recording.sid]:
            if self._simulator.switches.cascade_delete:
                del self.all[each.sid]
            elif each.status in PENDING:
                each.fails_with = 95102

    def unfit(self, recording: Recording | None) -> int:
        """The code that speaks against a transcript of it, or 0.

        The contract names no code for encrypted, external or too short ones: 95120 is a guess. A deleted
        recording may get 95120 or 95102; the first is taken.
        """
        if recording is None:
            return 95122
        if recording.is_pci or self._simulator.switches.is_pci:
            return 95116
        seconds = recording.duration_seconds or 0.0
        is_length_right = SHORTEST_SECONDS <= seconds <= LONGEST_SECONDS
        is_kept = not recording.is_encrypted and not recording.is_external
        return 0 if recording.status == "completed" and is_length_right and is_kept else 95120

    def refuse_duplicate(self, service: Service, recording: Recording) -> None:
        """One transcript for a recording; a failed one is in the way too, until it is deleted."""
        per_service = self._simulator.switches.transcript_uniqueness == "service"
        for each in self.all.values():
            if each.recording == recording.sid and (not per_service or each.service == service.sid):
                code = self._simulator.switches.duplicate_transcript_code
                raise Refusal(code, f"{recording.sid} has the transcript {each.sid}")

    def find(self, transcript_sid: str) -> Transcript:
        if transcript_sid not in self.all:
            raise not_found(f"/v2/Transcripts/{transcript_sid}")
        return self.all[transcript_sid]

    def is_redacted(self, transcript: Transcript) -> bool:
        service = self._simulator.services.all.get(transcript.service)
        return bool(service and service.setting("auto_redaction"))

    def shape(self, found: Transcript) -> dict[str, Any]:
        url = f"{self._simulator.origin}/v2/Transcripts/{found.sid}"
        service = self._simulator.services.all.get(found.service)
        return {
            "account_sid": self._simulator.account_sid,
            "service_sid": found.service,
            "sid": found.sid,
            "date_created": iso8601(found.created_at),
            "date_updated": iso8601(found.updated_at),
            "status": found.status,
            "channel": {} if self._simulator.switches.empty_channel else found.channel,
            "data_logging": bool(service and service.setting("data_logging")),
            "language_code": service.setting("language_code") if service else "en-US",
            "media_start_time": found.media_start_time,
            "duration": round(found.duration_seconds),
            "customer_key": found.customer_key,
            "redaction": self.is_redacted(found),
            "encryption_credential_sid": service.setting("encryption_credential_sid") if service else None,
            "url": url,
            "links": {name: f"{url}/{path}" for name, path in LINKS.items()},
        }

    def _begin(self, found: Transcript) -> None:
        if found.sid not in self.all:
            return
        found.status, found.updated_at = "in-progress", self._simulator.clock.now()
        self._simulator.after(self._simulator.switches.transcribing_seconds, lambda: self._finish(found))

    def _finish(self, found: Transcript) -> None:
        if found.sid not in self.all:
            return
        found.updated_at = self._simulator.clock.now()
        found.status = self.spoils.pop(0) if self.spoils else "failed" if found.fails_with else "completed"
        if found.status == "completed":
            found.duration_seconds = speech.with_wav(found.conversation).duration_seconds
            self._call_back(found, "voice_intelligence_transcript_available")
        elif self._simulator.switches.webhook_on_failure:
            self._call_back(found, "voice_intelligence_transcript_failed")

    def _call_back(self, found: Transcript, event: str) -> None:
        service = self._simulator.services.all.get(found.service)
        url = service.setting("webhook_url") if service else ""
        method = service.setting("webhook_http_method") if service else "NULL"
        if not url or method == "NULL":
            return
        data = {
            "account_sid": self._simulator.account_sid,
            "service_sid": found.service,
            "transcript_sid": found.sid,
            "event_type": event,
        }
        if found.customer_key is not None:
            data["customer_key"] = found.customer_key
        if service and service.setting("encryption_credential_sid"):
            data["encryption_credential_sid"] = service.setting("encryption_credential_sid")
        if self._simulator.switches.webhook_has_status:
            data["status"] = found.status
        if method == "GET" or self._simulator.switches.webhook_encoding == "form":
            self._simulator.webhooks.send_form(url, event, data, method=method)
        else:
            self._simulator.webhooks.send_json(url, event, data)


def _channel(recording_sid: str) -> dict[str, Any]:
    return {"media_properties": {"source_sid": recording_sid}}
