"""Many recordings at once, for tests of long lists: finished, told to nobody."""

from typing import TYPE_CHECKING

from tests.simulators.recall.day import past_call
from tests.simulators.recall.meetings import new_meeting

if TYPE_CHECKING:
    from tests.simulators.recall.simulator import RecallSimulator


def fill(sim: "RecallSimulator", count: int, apart: float) -> None:
    """One meeting after the other, each with its own bot; the platform of all is the same."""
    meeting = new_meeting(sim)
    meeting.is_over = True
    for number in range(count):
        past_call(sim, meeting, sim.clock.now() - (number + 1) * apart, "done")
