"""Reads and writes the times of cues, in seconds."""

import math
import re
from dataclasses import dataclass

from recordings.providers.formats.problems import Flaw

# Hours are optional, the fraction too; a comma is SubRip's point. Bounded, as numbers from outside are.
CLOCK = r"(?:\d{1,6}:)?\d{1,4}:\d{1,2}(?:[.,]\d{1,9})?"
TIMING = re.compile(rf"[ \t]*-?{CLOCK}[ \t]*-->[ \t]*-?{CLOCK}(?:[ \t]|$)")
ARROW = "-->"

_READ = re.compile(r"(-?)(?:(\d{1,6}):)?(\d{1,4}):(\d{1,2})(?:[.,](\d{1,9}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """When a cue is shown; ``None`` is unknown, and ``flaw`` says why."""

    start: float | None = None
    end: float | None = None
    flaw: Flaw | None = None


def read_span(line: str) -> Span:
    """Of a line with an arrow. What follows the end, a cue's settings, is layout and left out."""
    left, _, right = line.partition(ARROW)
    start = read_clock(left.strip())
    end = read_clock((right.split() or [""])[0])
    if start is None or end is None:
        return Span(start=_positive(start), end=_positive(end), flaw=Flaw.UNREADABLE)
    if start < 0 or end < 0:
        return Span(start=_positive(start), end=_positive(end), flaw=Flaw.NEGATIVE)
    if end < start:
        return Span(start=start, flaw=Flaw.REVERSED)
    return Span(start=start, end=end)


def read_clock(text: str) -> float | None:
    """Seconds of ``hh:mm:ss.mmm``, ``mm:ss`` and what lies between; ``None`` if it is neither."""
    found = _READ.fullmatch(text)
    if found is None:
        return None
    sign, hours, minutes, seconds, fraction = found.groups(default="")
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    scale: int = 10 ** len(fraction)
    # One division of whole numbers: the nearest float there is.
    value = (whole * scale + int(fraction or 0)) / scale
    return -value if sign else value


def write_clock(seconds: float, *, point: str = ".") -> str:
    """``hh:mm:ss.mmm``, to the nearest millisecond."""
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    whole, rest = divmod(milliseconds, 1000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{whole:02d}{point}{rest:03d}"


def is_known(seconds: float | None) -> bool:
    """Whether it is a moment after the beginning that a file can name."""
    return seconds is not None and math.isfinite(seconds) and 0 <= seconds < 3_600_000_000


def _positive(seconds: float | None) -> float | None:
    return None if seconds is None or seconds < 0 else seconds
