"""Recordings: from start to media, price and deletion, as the provider lives them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.simulators import speech
from tests.simulators.twilio.answers import Refusal, not_found, rfc2822
from tests.simulators.twilio.state import Call, Conference, Recording

if TYPE_CHECKING:
    from tests.simulators.twilio.simulator import TwilioSimulator

PRICE_PER_MINUTE = 0.0025
KEPT_AFTER_DELETE_SECONDS = 40 * 86_400
ENCRYPTION_ERRORS = (16104, 16105, 16106)
TOO_SHORT, SILENT = 16101, 16102


class Recordings:
    def __init__(self, simulator: "TwilioSimulator") -> None:
        self._simulator = simulator
        self.all: dict[str, Recording] = {}
        self.spoils: list[int] = []  # error codes that the next recordings end with

    def start(self, call: Call, *, source: str = "StartCallRecordingAPI", **fields: Any) -> Recording:
        """A recording of a live call, for its parent leg; what the form said is among the fields."""
        parent = self._simulator.calls.root(call)
        recording = self.new(call=parent.sid, source=source, conversation=parent.conversation, **fields)
        recording.is_silent = parent.is_silent
        self._call_back(recording, "in-progress")
        return recording

    def start_conference(self, conference: Conference, **fields: Any) -> Recording:
        recording = self.new(
            call=conference.participants[0], conference=conference.sid, source="Conference", **fields
        )
        self._call_back(recording, "in-progress")
        return recording

    def new(self, *, call: str, source: str, **fields: Any) -> Recording:
        simulator, now = self._simulator, self._simulator.clock.now()
        defaults = {"conference": "", "channels": 1, "track": "both", "conversation": 0}
        recording = Recording(
            sid=simulator.new_sid("RE"),
            order=simulator.next_order(),
            call=call,
            source=source,
            status="in-progress",
            created_at=now,
            updated_at=now,
            is_encrypted=simulator.switches.is_encrypted,
            is_pci=simulator.switches.is_pci,
            is_external=simulator.switches.is_external_storage,
            **{**defaults, **fields},
        )
        self.all[recording.sid] = recording
        return recording

    def pause(self, recording: Recording, behavior: str) -> None:
        now = self._simulator.clock.now()
        recording.status, recording.paused_at, recording.pause_behavior = "paused", now, behavior
        recording.updated_at = now

    def resume(self, recording: Recording) -> None:
        self._count_pause(recording)
        recording.status, recording.updated_at = "in-progress", self._simulator.clock.now()

    def stop(self, recording: Recording) -> None:
        """The live part is over; the rest takes the provider some seconds."""
        self._count_pause(recording)
        now = self._simulator.clock.now()
        seconds = now - recording.created_at - recording.skipped_seconds
        recording.status, recording.updated_at = "stopped", now
        wait = self._simulator.switches.processing_seconds
        self._simulator.after(wait, lambda: self._finish(recording, seconds))

    def end_with(self, call: Call) -> None:
        for recording in self.live_of(call.sid):
            self.stop(recording)

    def end_with_conference(self, conference: Conference) -> None:
        for recording in self.all.values():
            if recording.conference == conference.sid and recording.is_live:
                self.stop(recording)

    def live_of(self, call_sid: str) -> list[Recording]:
        """The active recordings of a call; a conference's are not its participants'."""
        return [
            each
            for each in self.all.values()
            if each.call == call_sid and not each.conference and each.is_live
        ]

    def delete(self, recording: Recording) -> None:
        now = self._simulator.clock.now()
        recording.status, recording.deleted_at, recording.updated_at = "deleted", now, now
        self._simulator.legacy.source_deleted(recording)
        self._simulator.transcripts.source_deleted(recording)

    def find(self, recording_sid: str, *, deleted: bool = False) -> Recording:
        recording = self.all.get(recording_sid)
        if recording is None or not self.is_visible(recording, deleted=deleted):
            raise not_found(f"/Recordings/{recording_sid}")
        return recording

    def is_visible(self, recording: Recording, *, deleted: bool) -> bool:
        if recording.deleted_at is None:
            return True
        return deleted and self._simulator.clock.now() < recording.deleted_at + KEPT_AFTER_DELETE_SECONDS

    def complete(self, recording: Recording) -> None:
        """There is something to hear, or nothing at all (``error_code``)."""
        recording.updated_at = self._simulator.clock.now()
        if recording.error_code is not None:
            recording.status = "absent"
            self._call_back(recording, "failed" if recording.error_code in ENCRYPTION_ERRORS else "absent")
            return
        recording.status = "completed"
        recording.duration_seconds = speech.with_wav(recording.conversation).duration_seconds
        self._simulator.after(
            self._simulator.switches.media_lag_seconds, _setter(recording, "is_media_ready", True)
        )
        cost = -PRICE_PER_MINUTE * -(-recording.duration_seconds // 60)
        self._simulator.after(
            self._simulator.switches.price_seconds, _setter(recording, "price", f"{cost:.5f}")
        )
        self._call_back(recording, "completed")
        self._simulator.legacy.recording_completed(recording)
        self._simulator.transcripts.recording_completed(recording)

    def _finish(self, recording: Recording, seconds: float) -> None:
        if self.spoils:
            recording.error_code = self.spoils.pop(0)
        elif seconds < self._simulator.switches.too_short_seconds:
            recording.error_code = TOO_SHORT
        elif recording.is_silent:
            recording.error_code = SILENT
        self.complete(recording)

    def _count_pause(self, recording: Recording) -> None:
        if recording.paused_at is not None and recording.pause_behavior == "skip":
            recording.skipped_seconds += self._simulator.clock.now() - recording.paused_at
        recording.paused_at = None

    def _call_back(self, recording: Recording, event: str) -> None:
        # "failed" is in no list of events that one can ask for: it comes to who asked for an end.
        wanted = recording.events if event != "failed" else (event,)
        if not recording.callback or event not in wanted:
            return
        fields = {
            "AccountSid": self._simulator.account_sid,
            "CallSid": recording.call,
            "RecordingSid": recording.sid,
            "RecordingUrl": f"{self._simulator.origin}{self._simulator.root}/Recordings/{recording.sid}",
            "RecordingStatus": event,
            "RecordingChannels": str(recording.channels),
            "RecordingStartTime": rfc2822(recording.created_at) or "",
            "RecordingSource": recording.source,
            "RecordingTrack": recording.track,
            "ErrorCode": str(recording.error_code or 0),
        }
        if event == "completed":
            fields["RecordingDuration"] = str(round(recording.duration_seconds or 0))
        self._simulator.webhooks.send_form(
            recording.callback, f"recording.{event}", fields, method=recording.callback_method
        )

    # The API's two shapes.

    def call_shape(self, recording: Recording, *, is_update: bool = False) -> dict[str, Any]:
        """Under a call or a conference; only the answer to a start or an update tells the live state."""
        parent = f"Conferences/{recording.conference}" if recording.conference else f"Calls/{recording.call}"
        return {
            **self._shared_shape(recording, is_update=is_update),
            "track": recording.track,
            "uri": f"{self._simulator.root}/{parent}/Recordings/{recording.sid}.json",
        }

    def account_shape(self, recording: Recording) -> dict[str, Any]:
        uri = f"{self._simulator.root}/Recordings/{recording.sid}"
        links = {"add_on_results": f"{uri}/AddOnResults.json", "transcriptions": f"{uri}/Transcriptions.json"}
        host = "http://storage.example.com/tapedeck" if recording.is_external else "http://api.twilio.com"
        return {
            **self._shared_shape(recording),
            "uri": f"{uri}.json",
            "subresource_uris": links,
            "media_url": f"{host}{uri}",
        }

    def _shared_shape(self, recording: Recording, *, is_update: bool = False) -> dict[str, Any]:
        price = recording.price
        return {
            "account_sid": self._simulator.account_sid,
            "api_version": "2010-04-01",
            "call_sid": recording.call,
            "conference_sid": recording.conference or None,
            "channels": recording.channels,
            "date_created": rfc2822(recording.created_at),
            "date_updated": rfc2822(recording.updated_at),
            "start_time": rfc2822(recording.created_at),
            "price": None if price is None else self._simulator.price(float(price)),
            "price_unit": None if price is None else "USD",
            "duration": None
            if recording.duration_seconds is None
            else str(round(recording.duration_seconds)),
            "sid": recording.sid,
            "source": recording.source,
            "status": recording.status if is_update else self._shown_status(recording),
            "error_code": recording.error_code,
            "encryption_details": _encryption(recording),
        }

    def _shown_status(self, recording: Recording) -> str:
        if recording.is_live or recording.status == "stopped":
            truth = self._simulator.switches.live_fetch_status == "truth"
            return recording.status if truth else "processing"
        return recording.status


def refuse_unless_recordable(call: Call) -> None:
    if not call.is_live or call.is_relay:
        raise Refusal(21220)


def _encryption(recording: Recording) -> dict[str, str] | None:
    if not recording.is_encrypted or recording.status != "completed":
        return None
    return {
        "encryption_public_key_sid": "CR" + "5" * 32,
        "encryption_cek": "c2ltdWxhdGVk",
        "encryption_iv": "aXY=",
    }


def _setter(target: object, name: str, value: object) -> Callable[[], None]:
    return lambda: setattr(target, name, value)
