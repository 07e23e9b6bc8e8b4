"""Meetings that exist at the platforms, with the people of their conversation."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tests.simulators.recall.state import Meeting, Person
from tests.simulators.speech import conversation as spoken

if TYPE_CHECKING:
    from tests.simulators.recall.simulator import RecallSimulator

LETTERS = "abcdefghijkmnopqrstuvwxyz"


def new_meeting(
    sim: "RecallSimulator",
    title: str = "",
    conversation: int = 0,
    *,
    platform: str = "zoom",
    participants: Sequence[str] = (),
    is_empty: bool = False,
    has_waiting_room: bool = False,
    permission: str = "granted",
    denial: str = "zoom_local_recording_request_denied_by_host",
    fatal: str = "",
    is_silent: bool = False,
    refuses_bots: bool = False,
) -> Meeting:
    """The speakers of the conversation come first, so that speaker and participant agree."""
    content = spoken(conversation)
    names = [*content.speakers, *(name for name in participants if name not in content.speakers)]
    people = [
        Person(id=100 + number, name=name, is_host=number == 0, is_here=not is_empty)
        for number, name in enumerate(names)
    ]
    meeting = Meeting(
        url=_url(sim, platform),
        title=title or content.title,
        conversation=conversation,
        people=people,
        has_waiting_room=has_waiting_room,
        permission=permission,
        denial=denial,
        fatal=fatal,
        is_silent=is_silent,
        refuses_bots=refuses_bots,
    )
    sim.meetings[meeting.url] = meeting
    return meeting


def _url(sim: "RecallSimulator", platform: str) -> str:
    number = str(sim.rng.randrange(80_000_000_000, 90_000_000_000))
    if platform == "google_meet":
        word = "".join(sim.rng.choice(LETTERS) for _ in range(10))
        return f"https://meet.google.com/{word[:3]}-{word[3:7]}-{word[7:]}"
    patterns = {
        "zoom": f"https://zoom.us/j/{number}?pwd=simulated",
        "microsoft_teams": f"https://teams.microsoft.com/l/meetup-join/{number}",
        "microsoft_teams_live": f"https://teams.live.com/meet/{number}",
        "webex": f"https://tapedeck.webex.com/meet/{number}",
        "goto_meeting": f"https://meet.goto.com/{number}",
    }
    return patterns[platform]
