"""The three tiers of rate limits, as sliding windows over the simulator's clock."""

from collections import defaultdict, deque
from dataclasses import dataclass

from tests.simulators.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    requests: int
    seconds: float


TIERS = {
    "most": Tier(requests=100, seconds=5),
    "slow": Tier(requests=50, seconds=30),  # DELETE /rooms/:name and GET /recordings
    "start": Tier(requests=5, seconds=5),  # recording starts
}


class Limits:
    """A refused request does not count (the contract does not say)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._taken: dict[str, deque[float]] = defaultdict(deque)

    def allows(self, tier: str, bucket: str) -> bool:
        taken, now = self._taken[bucket], self._clock.now()
        while taken and taken[0] <= now - TIERS[tier].seconds:
            taken.popleft()
        if len(taken) >= TIERS[tier].requests:
            return False
        taken.append(now)
        return True
