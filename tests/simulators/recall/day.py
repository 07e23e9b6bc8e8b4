"""A believable day for the demo: what is over, and calls that move on by themselves."""

from typing import TYPE_CHECKING, Any

from tests.simulators.recall.meetings import new_meeting
from tests.simulators.recall.state import Artifact, Bot, Change, Meeting, Recording
from tests.simulators.recall.words import ASYNC_PROVIDERS
from tests.simulators.speech import conversation

if TYPE_CHECKING:
    from tests.simulators.recall.simulator import RecallSimulator

PLATFORMS = ("zoom", "google_meet", "microsoft_teams")
GUESTS = ("Ada Example", "Bo Sample", "Cleo Placeholder", "Dee Mockup", "Eli Specimen", "Fay Fixture")
MINUTE = 60.0

# Minutes ago, what became of the recording, what became of its transcripts.
HISTORY: tuple[tuple[int, str, tuple[str, ...]], ...] = (
    (415, "done", ("done",)),
    (338, "done", ("done", "done")),
    (251, "failed", ()),
    (187, "done", ("provider_connection_failed",)),
    (122, "done", ("done",)),
    (64, "done", ()),
    (31, "done", ("done",)),
)
LIVE_MINUTES = (4, 6, 9)


def begin(sim: "RecallSimulator") -> None:
    for number, (minutes, outcome, transcripts) in enumerate(HISTORY):
        _past_call(sim, number, sim.clock.now() - minutes * MINUTE, outcome, transcripts)
    for number, minutes in enumerate(LIVE_MINUTES):
        _live_call(sim, number, minutes, is_recording=number == 1)


# What is over: written into the state with its times, without webhooks; the account was not connected then.


def _past_call(
    sim: "RecallSimulator", number: int, began: float, outcome: str, transcripts: tuple[str, ...]
) -> None:
    meeting = new_meeting(sim, conversation=number, platform=PLATFORMS[number % len(PLATFORMS)])
    meeting.is_over = True
    recording = past_call(sim, meeting, began, outcome)
    ended = recording.completed_at or began
    for place, result in enumerate(transcripts):
        _past_transcript(sim, recording, ASYNC_PROVIDERS[place], result, ended + 30 + 60 * place)


def past_call(sim: "RecallSimulator", meeting: Meeting, began: float, outcome: str) -> Recording:
    """A bot that was in a meeting, and the recording it made there."""
    bot = sim.new_bot(
        {
            "meeting_url": meeting.url,
            "metadata": {"integration": "calendar-notetaker", "title": meeting.title},
            "recording_config": {"audio_mixed_mp3": {}},
        }
    )
    bot.created_at = began
    recording = sim.captures.create(bot, bot.config, at=began + 40)
    ended = began + 40 + conversation(meeting.conversation).duration_seconds
    _settle(recording, outcome, ended)
    bot.changes = _path(began, ended)
    return recording


def _settle(recording: Recording, outcome: str, ended: float) -> None:
    rows: list[Recording | Artifact] = [recording, *recording.artifacts.values()]
    recording.completed_at = ended
    sub_code = "internal_error" if outcome == "failed" else None
    for row in rows:
        row.status = Change(code=outcome, at=ended + 6, sub_code=sub_code)


def _path(began: float, ended: float) -> list[Change]:
    return [
        Change(code="joining_call", at=began),
        Change(code="in_call_not_recording", at=began + 9),
        Change(code="in_call_recording", at=began + 40),
        Change(code="call_ended", at=ended, sub_code="call_ended_by_host"),
        Change(code="recording_done", at=ended + 6),
        Change(code="done", at=ended + 8),
    ]


def _past_transcript(
    sim: "RecallSimulator", recording: Recording, provider: str, result: str, at: float
) -> None:
    options: dict[str, Any] = {"provider": {provider: {}}, "metadata": {"integration": "calendar-notetaker"}}
    transcript = sim.speech.add(recording, options, at)
    is_done = result == "done"
    transcript.status = Change(
        code="done" if is_done else "failed", at=at + 20, sub_code=None if is_done else result
    )


# What is live: people come and go, the call ends, another one begins.


def _live_call(sim: "RecallSimulator", number: int, minutes: float, *, is_recording: bool = False) -> None:
    call = sim.place_call(
        conversation=number,
        participants=[GUESTS[number % len(GUESTS)]],
        platform=PLATFORMS[number % len(PLATFORMS)],
        is_recording=is_recording,
    )
    bot = sim.bots[call]
    sim.after(35, lambda: _move(sim, bot))
    sim.after(minutes * MINUTE, lambda: _next_call(sim, bot, number))


def _move(sim: "RecallSimulator", bot: Bot) -> None:
    """Somebody who does not speak joins or leaves."""
    meeting = sim.sessions.meeting_of(bot)
    if meeting.is_over or not bot.status.startswith(("in_call", "recording_permission")):
        return
    name = sim.rng.choice(GUESTS)
    is_here = any(person.name == name and person.is_here for person in meeting.people)
    move = sim.person_leaves if is_here else sim.person_joins
    move(bot.id, name)
    sim.after(sim.rng.uniform(20, 70), lambda: _move(sim, bot))


def _next_call(sim: "RecallSimulator", bot: Bot, number: int) -> None:
    sim.end_call(bot.id)
    wait = sim.rng.uniform(15, 60)
    sim.after(wait, lambda: _live_call(sim, number + len(LIVE_MINUTES), sim.rng.choice((4, 6, 9))))
