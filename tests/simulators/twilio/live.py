"""Real-time transcription of a live call: start, stop, and callbacks while people speak."""

import json
from typing import TYPE_CHECKING, Any

from tests.simulators import speech
from tests.simulators.http import Request, Response, json_answer
from tests.simulators.twilio.answers import Refusal, iso8601, not_found, rfc2822
from tests.simulators.twilio.forms import BOOLEAN, is_url, one_of, read_form, text
from tests.simulators.twilio.state import Call, LiveTranscription

if TYPE_CHECKING:
    from tests.simulators.twilio.simulator import TwilioSimulator

START = {
    "Name": text(),
    "Track": one_of("inbound_track", "outbound_track", "both_tracks"),
    "StatusCallbackUrl": is_url,
    "StatusCallbackMethod": one_of("GET", "POST"),
    "InboundTrackLabel": text(),
    "OutboundTrackLabel": text(),
    "PartialResults": BOOLEAN,
    "LanguageCode": text(),
    "TranscriptionEngine": text(),
    "SpeechModel": text(),
    "ProfanityFilter": BOOLEAN,
    "Hints": text(),
    "EnableAutomaticPunctuation": BOOLEAN,
    "IntelligenceService": text(),
    "EnableProviderData": BOOLEAN,
    "ConversationConfiguration": text(),
    "ConversationId": text(),
    "ConfigurationId": text(),
    "TranscriptionConfigurationId": text(),  # what a later client calls the last one
}
STOP = {"Status": one_of("stopped")}


class Live:
    def __init__(self, simulator: "TwilioSimulator") -> None:
        self._simulator = simulator
        self.all: dict[str, LiveTranscription] = {}

    def start(self, request: Request, call: str) -> Response:
        simulator = self._simulator
        options = read_form(request, START, strict=simulator.switches.is_strict)
        found = simulator.calls.find(call)
        if not found.is_live:
            raise Refusal(21220)
        service = (
            simulator.services.named(options["IntelligenceService"])
            if "IntelligenceService" in options
            else None
        )
        started = LiveTranscription(
            sid=simulator.new_sid("GT"),
            call=found.sid,
            name=options.get("Name", ""),
            status="in-progress",
            updated_at=simulator.clock.now(),
            options=options,
            service=service.sid if service else "",
        )
        self.all[started.sid] = started
        simulator.perform("start_transcription", found.sid, result=started.sid, **options)
        self._call_back(started, "started", ProviderConfiguration=json.dumps({"profanityFilter": "true"}))
        self._speak(started, found)
        return json_answer(self.shape(started))

    def stop(self, request: Request, call: str, transcription: str) -> Response:
        options = read_form(request, STOP, "Status", strict=self._simulator.switches.is_strict)
        found = self._find(self._simulator.calls.find(call), transcription)
        if found.status != "in-progress":
            raise Refusal(21220)
        self._end(found)
        self._simulator.perform("stop_transcription", found.sid, within=call, **options)
        return json_answer(self.shape(found))

    def end_with(self, call: Call) -> None:
        for each in self.all.values():
            if each.call == call.sid and each.status == "in-progress":
                self._end(each)

    def break_off(self, transcription: LiveTranscription) -> None:
        """The engine gives up: an error callback, and no more words."""
        transcription.status, transcription.updated_at = "stopped", self._simulator.clock.now()
        self._call_back(transcription, "error")

    def shape(self, found: LiveTranscription) -> dict[str, Any]:
        return {
            "sid": found.sid,
            "account_sid": self._simulator.account_sid,
            "call_sid": found.call,
            "name": found.name or None,
            "status": found.status,
            "date_updated": rfc2822(found.updated_at),
            "uri": f"{self._simulator.root}/Calls/{found.call}/Transcriptions/{found.sid}.json",
        }

    def _find(self, call: Call, name: str) -> LiveTranscription:
        for each in reversed(self.all.values()):
            if each.call == call.sid and name in {each.sid, each.name}:
                return each
        raise not_found(f"/Calls/{call.sid}/Transcriptions/{name}")

    def _end(self, found: LiveTranscription) -> None:
        found.status, found.updated_at = "stopped", self._simulator.clock.now()
        self._call_back(found, "stopped")
        if found.service:
            # The contract says that a transcript exists afterwards and not under which id; both are GT.
            self._simulator.transcripts.keep_live(found)

    def _speak(self, found: LiveTranscription, call: Call) -> None:
        """Each turn is reported when it has been said; people speak at their own pace, not scaled."""
        if not found.options.get("StatusCallbackUrl"):
            return
        for turn in speech.with_wav(call.conversation).turns:
            track = "inbound_track" if turn.speaker == 0 else "outbound_track"
            if found.options.get("Track", "both_tracks") not in {track, "both_tracks"}:
                continue
            if found.options.get("PartialResults") == "true":
                middle = turn.words[(len(turn.words) - 1) // 2]
                half = " ".join(word.text for word in turn.words[: (len(turn.words) + 1) // 2])
                self._say(found, middle.end, track, half, is_final=False)
            self._say(found, turn.end, track, turn.text, is_final=True)

    def _say(
        self, found: LiveTranscription, seconds: float, track: str, words: str, *, is_final: bool
    ) -> None:
        data: dict[str, Any] = {"transcript": words}
        fields = {"Track": track, "Final": "true" if is_final else "false"}
        if is_final:
            data["confidence"] = 0.99
        else:
            fields["Stability"] = "0.8"
        fields["TranscriptionData"] = json.dumps(data)

        def said() -> None:
            if found.status == "in-progress":
                self._call_back(found, "content", **fields)

        self._simulator.later(seconds, said)

    def _call_back(self, found: LiveTranscription, event: str, **more: str) -> None:
        url = found.options.get("StatusCallbackUrl", "")
        if not url:
            return
        found.sequence += 1
        fields = {
            "TranscriptionEvent": f"transcription-{event}",
            "TranscriptionSid": found.sid,
            "AccountSid": self._simulator.account_sid,
            "CallSid": found.call,
            "SequenceId": str(found.sequence),
            "Timestamp": iso8601(self._simulator.clock.now()),
            "LanguageCode": found.options.get("LanguageCode", "en-US"),
            **more,
        }
        method = found.options.get("StatusCallbackMethod", "POST")
        self._simulator.webhooks.send_form(url, fields["TranscriptionEvent"], fields, method=method)
