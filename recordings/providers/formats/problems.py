"""Counts what a reader could not understand and says it in a sentence."""

from dataclasses import dataclass, field
from enum import StrEnum


class Flaw(StrEnum):
    """What may be wrong with a cue; the value follows "1 cue" or "3 cues" in a sentence."""

    NO_TIMES = "without a line of times"
    UNREADABLE = "with times that cannot be read"
    NEGATIVE = "with times before the beginning"
    REVERSED = "with an end before the start"


@dataclass(slots=True)
class Problems:
    """The flaws of one file, each with its count and the number of its first line, from 1."""

    counts: dict[Flaw, int] = field(default_factory=dict)
    first_lines: dict[Flaw, int] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)  # whole sentences

    def add(self, flaw: Flaw, *, line: int) -> None:
        self.counts[flaw] = self.counts.get(flaw, 0) + 1
        self.first_lines.setdefault(flaw, line)

    def sentence(self) -> str:
        """All of it, "" when there was nothing."""
        parts = [
            f"{count} {'cue' if count == 1 else 'cues'} {flaw} (first at line {self.first_lines[flaw]})"
            for flaw, count in self.counts.items()
        ]
        flaws = f"The text of {', '.join(parts)} is kept, those times are not." if parts else ""
        return " ".join([*self.remarks, flaws] if flaws else self.remarks)
