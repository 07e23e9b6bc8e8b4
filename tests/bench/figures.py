"""What a figure is: it registers itself, is measured with its peer in one run, and tells the spread."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured. A quick pass shows that everything runs; its ratios mean little."""

    transcripts: int = 100_000
    rounds: int = 60
    is_quick: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the report. Without ``must`` it is there to be known."""

    number: str  # as in the table of targets: "P12"
    what: str
    ratio: float
    here: str
    peer: str
    must: float | None = None
    goal: float | None = None
    is_more_better: bool = True

    @property
    def verdict(self) -> str:
        """How it stands to its limits."""
        if self.must is None:
            return ""
        if not self._reaches(self.must):
            return "MISSED"
        return "goal" if self.goal is not None and self._reaches(self.goal) else "met"

    def _reaches(self, limit: float) -> bool:
        return self.ratio >= limit if self.is_more_better else self.ratio <= limit


Measure = Callable[[Size], Iterator[Figure]]
MEASURES: dict[tuple[str, ...], Measure] = {}


def measures(*numbers: str) -> Callable[[Measure], Measure]:
    """Register what measures these figures, together because they share what must be set up."""

    def register(measure: Measure) -> Measure:
        MEASURES[numbers] = measure
        return measure

    return register


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """The seconds of one thing done many times."""

    seconds: Sequence[float]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def p95(self) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]

    def __str__(self) -> str:
        low, high = min(self.seconds) * 1000, self.p95 * 1000
        return f"{self.median * 1000:.2f} ms ({low:.2f} to {high:.2f})"


def timed(rounds: int, **things: Callable[[], object]) -> dict[str, Times]:
    """Do all of them in turn, so that what else the machine does falls on all alike; one round is warm-up."""
    found: dict[str, list[float]] = {name: [] for name in things}
    for number in range(rounds + 1):
        for name, do in things.items():
            began = time.perf_counter()
            do()
            if number:
                found[name].append(time.perf_counter() - began)
    return {name: Times(seconds=seconds) for name, seconds in found.items()}
