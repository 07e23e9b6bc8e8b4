"""A believable day at the company: what was recorded, who is on the phone now, and how that goes on."""

from tests.simulators.base import control
from tests.simulators.vobiz.company import Company
from tests.simulators.vobiz.lifecycle import TOO_LARGE

MINUTE, HOUR = 60, 3600
CALLERS = (
    ("Northwind Parcel Desk", "inbound"),
    ("Contoso Billing", "outbound"),
    ("Fabrikam Warranty", "inbound"),
    ("Tailspin Bookings", "inbound"),
    ("", "inbound"),  # Many callers have no name.
    ("Adventure Works Orders", "outbound"),
    ("Woodgrove Support", "outbound"),
    ("Litware Onboarding", "inbound"),
)
LIVE_AT_ONCE = 3
# Hours ago, type, format, and what became of the transcript: None when nobody ordered one.
EARLIER = (
    (0.4, "call", "mp3", ""),
    (1.1, "call", "mp3", None),
    (1.7, "trunk", "wav", ""),
    (2.6, "call", "mp3", TOO_LARGE),
    (3.9, "conference", "mp3", None),
    (5.2, "call", "wav", ""),
    (6.8, "call", "mp3", ""),
)


class Day(Company):
    @control
    def begin_day(self) -> None:
        """Fill the account once: seven earlier recordings, three live calls, one of them recorded by
        another system, one that cannot be transcribed. Calls end after some minutes, others are placed."""
        with self.lock:
            if self.day_has_begun:
                return
            self.day_has_begun = True
            for turn, (hours, kind, file_format, error) in enumerate(EARLIER):
                title, direction = CALLERS[turn % len(CALLERS)]
                self.add_recording(
                    title=title,
                    conversation=turn,
                    ended_ago=hours * HOUR,
                    recording_type=kind,
                    file_format=file_format,
                    direction=direction,
                    transcription_error=error,
                )
            first, *_ = [self._next_call(turn) for turn in range(LIVE_AT_ONCE)]
            self.start_elsewhere(first, time_limit=2 * HOUR)

    def _next_call(self, turn: int) -> str:
        """One caller after the other; every fifth has a call that is too large to transcribe."""
        title, direction = CALLERS[turn % len(CALLERS)]
        call_id = self.place_call(
            title=title,
            conversation=turn,
            direction=direction,
            transcription_error=TOO_LARGE if turn % 5 == 2 else "",
        )
        self.after(self.rng.uniform(4 * MINUTE, 12 * MINUTE), lambda: self._move_on(call_id, turn))
        return call_id

    def _move_on(self, call_id: str, turn: int) -> None:
        self.end_call(call_id)
        pause = self.rng.uniform(5, 40)
        self.after(pause, lambda: self._next_call(turn + LIVE_AT_ONCE))
