"""The control side: other people's calls, accidents of the provider, and the truth."""

from typing import TYPE_CHECKING, Any, cast

from tests.simulators.base import Simulator, control
from tests.simulators.twilio.answers import Refusal
from tests.simulators.twilio.day import begin_day, past_recording
from tests.simulators.twilio.state import SERVICE_DEFAULTS, Switches
from tests.simulators.twilio.truth import true_state

if TYPE_CHECKING:
    from tests.simulators.twilio.simulator import TwilioSimulator


class Controls(Simulator):
    @property
    def _self(self) -> "TwilioSimulator":
        return cast("TwilioSimulator", self)

    # Calls.

    @control
    def place_call(
        self,
        title: str = "",
        conversation: int = 0,
        *,
        to: str = "",
        from_number: str = "",
        direction: str = "inbound",
        is_silent: bool = False,
        is_relay: bool = False,
        is_trunk: bool = False,
        seconds: float = 0.0,
    ) -> str:
        """A call in progress: its parent leg. ``is_trunk``: no child leg; ``seconds``: it ends by itself."""
        with self.lock:
            call = self._self.calls.place(
                title=title,
                conversation=conversation,
                to=to,
                from_number=from_number,
                is_silent=is_silent,
                direction="trunking-originating" if is_trunk else direction,
                is_relay=is_relay,
                trunk=self._self.new_sid("TK") if is_trunk else "",
            )
            if not is_trunk:
                self._self.calls.bridge(call)
            if seconds:
                self._self.later(seconds, lambda: self._self.calls.end(call))
            return call.sid

    @control
    def ring_call(self, title: str = "", conversation: int = 0, *, answer_after: float = 0.0) -> str:
        """A call that rings; it is answered by ``answer`` or by itself."""
        with self.lock:
            call = self._self.calls.place(title=title, conversation=conversation, status="ringing")
            if answer_after:
                self._self.later(answer_after, lambda: self._self.calls.answer(call))
            return call.sid

    @control
    def answer(self, call_id: str) -> None:
        with self.lock:
            self._self.calls.answer(self._self.calls.all[call_id])

    @control
    def end_call(self, call_id: str, status: str = "completed") -> None:
        """Hang up a call or a whole conference; ``status`` may be busy, no-answer, failed, canceled."""
        with self.lock:
            calls = self._self.calls
            if call_id in calls.conferences:
                calls.end_conference(calls.conferences[call_id])
            else:
                calls.end(calls.all[call_id], status)

    @control
    def place_conference(
        self,
        title: str = "",
        conversation: int = 0,
        *,
        participants: int = 2,
        recording_callback: str = "",
        events: str = "completed",
    ) -> str:
        """A conference that its TwiML records; the Conference SID. Its calls are in ``truth``."""
        with self.lock:
            conference = self._self.calls.gather(title, conversation, participants)
            self._self.recordings.start_conference(
                conference,
                conversation=conversation,
                callback=recording_callback,
                events=tuple(events.split()),
            )
            return conference.sid

    @control
    def begin_recording(
        self,
        call_id: str,
        *,
        source: str = "DialVerb",
        channels: int = 2,
        callback: str = "",
        events: str = "completed",
    ) -> str:
        """A recording that the call's TwiML begins; the Recording SID."""
        with self.lock:
            call = self._self.calls.all[call_id]
            recording = self._self.recordings.start(
                call, source=source, channels=channels, callback=callback, events=tuple(events.split())
            )
            return recording.sid

    @control
    def leave_message(
        self,
        title: str = "",
        conversation: int = 0,
        *,
        seconds: float = 30.0,
        transcribe: bool = True,
        transcribe_callback: str = "",
        recording_callback: str = "",
    ) -> str:
        """A caller speaks to ``<Record>``, which may transcribe; the Recording SID."""
        with self.lock:
            call = self._self.calls.place(title=title, conversation=conversation)
            recording = self._self.recordings.start(
                call,
                source="RecordVerb",
                transcribe=transcribe,
                transcribe_callback=transcribe_callback,
                callback=recording_callback,
            )
            self._self.later(seconds, lambda: self._self.calls.end(call))
            return recording.sid

    # The account and its accidents.

    @control
    def set_webhook(self, url: str) -> None:
        """The webhook of the Intelligence Service; Twilio has no other account-wide address. Empty: none."""
        self._self.service.settings["webhook_url"] = url

    @control
    def set_service(self, **settings: Any) -> None:
        """Change the account's own service by the names in its answers, such as ``auto_redaction=True``."""
        if unknown := settings.keys() - SERVICE_DEFAULTS.keys():
            raise KeyError(f"a service has no {', '.join(sorted(unknown))}")
        self._self.service.settings |= settings

    @control
    def switch(self, **settings: Any) -> None:
        """Set switches (``state.Switches``)."""
        for name, value in settings.items():
            if name not in Switches.__dataclass_fields__:
                raise KeyError(f"there is no switch {name}")
            setattr(self._self.switches, name, value)
        self._self.pager.repeats_token = self._self.switches.page_token_repeats

    @control
    def fail_with(self, code: int, *, retry_after: str = "", acts_first: bool = False, **where: Any) -> None:
        """A fault with Twilio's own error body; ``where``: method, path_contains, times, skip."""
        answer = Refusal(code).answer()
        headers = answer.headers | ({"Retry-After": retry_after} if retry_after else {})
        kind = "after" if acts_first else "refuse"
        self.fail(kind=kind, status=answer.status, headers=headers, body=answer.body.decode(), **where)

    @control
    def spoil_recordings(self, times: int = 1, error_code: int = 16102) -> None:
        """The next recordings to finish end ``absent`` with this code; 16104-16106 call back ``failed``."""
        self._self.recordings.spoils += [error_code] * times

    @control
    def spoil_transcripts(self, times: int = 1, status: str = "failed") -> None:
        """The next Intelligence transcripts end so: failed, canceled or error."""
        self._self.transcripts.spoils += [status] * times

    @control
    def spoil_transcriptions(self, times: int = 1) -> None:
        """The next legacy transcriptions fail."""
        self._self.legacy.spoils += times

    @control
    def break_transcription(self, sid: str) -> None:
        """A real-time transcription breaks off with ``transcription-error``."""
        with self.lock:
            self._self.live.break_off(self._self.live.all[sid])

    @control
    def rotate_auth_token(self, token: str = "") -> str:
        """Another primary Auth Token, for requests and signatures alike."""
        self._self.auth_token = token or self.new_hex(32)
        return self._self.auth_token

    # The truth.

    @control
    def begin_day(self) -> None:
        """Hours of finished calls, and live ones that move on by themselves. Twice is once."""
        with self.lock:
            if not self._self.is_day_begun:
                self._self.is_day_begun = True
                begin_day(self._self)

    @control
    def fill(self, count: int, apart: float = 60.0) -> None:
        """So many finished recordings, so many seconds apart, each of a call of its own."""
        with self.lock:
            for number in range(count):
                past_recording(self._self, self.clock.now() - (number + 1) * apart)

    @control
    def truth(self) -> dict[str, Any]:
        """Live parent legs, and all recordings and transcripts with what is true of them now."""
        with self.lock:
            return true_state(self._self)
