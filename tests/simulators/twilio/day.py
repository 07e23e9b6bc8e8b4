"""A believable day for the demo: what the last hours left, and calls that come and go."""

from typing import TYPE_CHECKING

from tests.simulators.twilio.state import Call, Recording

if TYPE_CHECKING:
    from tests.simulators.twilio.simulator import TwilioSimulator

Past = tuple[int, str, int, str, int, int | None, str, str]
# Minutes ago, title, conversation, source, channels, the recording's error, transcript, legacy transcription.
PAST: tuple[Past, ...] = (
    (372, "Harbor Dental", 0, "DialVerb", 2, None, "completed", ""),
    (338, "Bluebird Couriers", 1, "DialVerb", 2, None, "completed", ""),
    (291, "Message: Pine Street Bakery", 2, "RecordVerb", 1, None, "", "completed"),
    (254, "Northfield Clinic", 3, "StartCallRecordingAPI", 2, None, "failed", ""),
    (203, "Caller without a name", 0, "DialVerb", 2, 16102, "", ""),
    (171, "Lakeside Motors", 4, "StartCallRecordingAPI", 1, None, "completed", ""),
    (126, "Message: Oak Tree Rentals", 5, "RecordVerb", 1, None, "", "failed"),
    (88, "Cedar Travel", 6, "DialVerb", 2, None, "", ""),
    (52, "Summit Insurance", 7, "DialVerb", 2, None, "completed", ""),
    (31, "Hung up at once", 1, "StartCallRecordingAPI", 2, 16101, "", ""),
    (19, "Green Valley Farms", 8, "DialVerb", 2, None, "", ""),
)
TITLES = (
    "Harbor Dental",
    "Cedar Travel",
    "Lakeside Motors",
    "Willow Books",
    "Northfield Clinic",
    "Granite Tools",
    "Summit Insurance",
    "Juniper Flowers",
    "Bluebird Couriers",
    "Maple Street Garage",
)
LIVE_CALLS = 1
MOST_PARTICIPANTS = 3
CALL_SECONDS = (150, 420)
PAUSE_SECONDS = (15, 75)
RING_SECONDS = 8
CONFERENCE_SECONDS = (420, 780)


def begin_day(simulator: "TwilioSimulator") -> None:
    for entry in PAST:
        _finished(simulator, entry)
    for number in range(LIVE_CALLS):
        _answered(simulator, _ring(simulator, number))
    simulator.later(simulator.rng.uniform(*PAUSE_SECONDS), lambda: _next(simulator))
    _confer(simulator)


def _finished(simulator: "TwilioSimulator", entry: Past) -> None:
    """A call of earlier with what it left; the last steps of the provider happen now."""
    minutes_ago, title, conversation, source, channels, error, transcript, legacy = entry
    at = simulator.clock.now() - minutes_ago * 60
    call = simulator.calls.place(title=title, conversation=conversation)
    _date(call, at)
    recording = simulator.recordings.new(
        call=call.sid, source=source, conversation=conversation, channels=channels, transcribe=bool(legacy)
    )
    recording.error_code = error
    simulator.legacy.spoils += legacy == "failed"
    simulator.recordings.complete(recording)
    recording.is_media_ready, recording.created_at = True, at
    call.ended_at = recording.updated_at = at + (recording.duration_seconds or 4)
    call.status, call.is_priced = "completed", True
    _transcribed(simulator, recording, transcript)
    _age(simulator, recording)


def past_recording(simulator: "TwilioSimulator", at: float) -> None:
    """A call of earlier with its recording, of which nothing more is to come."""
    call = simulator.calls.place()
    _date(call, at)
    recording = simulator.recordings.new(call=call.sid, source="DialVerb", channels=2)
    recording.status, recording.duration_seconds, recording.price = "completed", 30.0, "-0.00250"
    recording.is_media_ready, recording.created_at = True, at
    call.ended_at = recording.updated_at = at + 30
    call.status, call.is_priced = "completed", True


def _transcribed(simulator: "TwilioSimulator", recording: Recording, outcome: str) -> None:
    if not outcome:
        return
    channel = {"media_properties": {"source_sid": recording.sid}}
    made = simulator.transcripts.order(simulator.service, recording, channel=channel)
    made.fails_with = 95100 if outcome == "failed" else 0


def _age(simulator: "TwilioSimulator", recording: Recording) -> None:
    """What was made of it lies in the past as well, even where its last step is still to come."""
    for each in (*simulator.legacy.all.values(), *simulator.transcripts.all.values()):
        if each.recording == recording.sid:
            each.created_at = each.updated_at = recording.updated_at + 20


def _date(call: Call, at: float) -> None:
    call.created_at, call.started_at = at - RING_SECONDS, at


def _ring(simulator: "TwilioSimulator", number: int) -> Call:
    title = TITLES[number % len(TITLES)]
    return simulator.calls.place(title=title, conversation=number, status="ringing")


def _answered(simulator: "TwilioSimulator", call: Call) -> None:
    """Most are recorded by nobody yet: that is for the operator to do."""
    simulator.calls.answer(call)
    if simulator.rng.random() < 0.3:
        simulator.recordings.start(call, source="DialVerb", channels=2)
    simulator.later(simulator.rng.uniform(*CALL_SECONDS), lambda: _hang_up(simulator, call))


def _hang_up(simulator: "TwilioSimulator", call: Call) -> None:
    simulator.calls.end(call)
    simulator.later(simulator.rng.uniform(*PAUSE_SECONDS), lambda: _next(simulator))


def _next(simulator: "TwilioSimulator") -> None:
    """Another call rings, and is answered after some seconds."""
    call = _ring(simulator, simulator.rng.randrange(100))
    simulator.later(RING_SECONDS, lambda: _answered(simulator, call))


def _confer(simulator: "TwilioSimulator") -> None:
    """A conference that people join and leave."""
    conversation = simulator.rng.randrange(100)
    conference = simulator.calls.gather("Morning round", conversation, participants=2)
    simulator.recordings.start_conference(conference, conversation=conversation)
    end = simulator.rng.uniform(*CONFERENCE_SECONDS)

    def join() -> None:
        if not conference.is_live:
            return
        simulator.later(simulator.rng.uniform(45, 90), join)
        if sum(simulator.calls.all[each].is_live for each in conference.participants) < MOST_PARTICIPANTS:
            guest = simulator.calls.join(conference, conversation)
            simulator.later(simulator.rng.uniform(60, 180), lambda: simulator.calls.end(guest))

    def close() -> None:
        simulator.calls.end_conference(conference)
        simulator.later(simulator.rng.uniform(*PAUSE_SECONDS) * 4, lambda: _confer(simulator))

    simulator.later(simulator.rng.uniform(20, 60), join)
    simulator.later(end, close)
