"""The picture of a recording's sound under its player, where its media lie here."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from dashboard.ages import clock_text
from dashboard.player import Player
from recordings import peaks

WIDTH = 500  # columns at most
HEIGHT = 100
QUIETEST = 8  # what is never louder than this is drawn as quiet


@dataclass(frozen=True, slots=True, kw_only=True)
class Waveform:
    """What is drawn, or why not yet. ``outline`` is the path of an SVG, "" where there is nothing to draw."""

    variant: str
    outline: str = ""
    columns: int = 0
    seconds: float = 0.0
    is_being_drawn: bool = False
    is_settled: bool = False  # there will be no other answer

    @property
    def clock(self) -> str:
        return clock_text(self.seconds)


def waveform(player: Player) -> Waveform | None:
    """Of what is played now; has it listened to where that was not done. None where nothing can be drawn."""
    if player.current is None or not peaks.can_be_heard():
        return None
    variant = player.current.name
    found = peaks.known(player.recording.key, variant)
    if found is None:
        return Waveform(variant=variant, is_being_drawn=peaks.listen(player.recording, variant))
    columns = columns_of(found.values)
    return Waveform(
        variant=variant,
        outline=outline(columns),
        columns=len(columns),
        seconds=found.seconds,
        is_settled=True,
    )


def columns_of(values: Sequence[int]) -> list[int]:
    """As many as are drawn, the loudest as high as the picture."""
    count = min(len(values), WIDTH)
    bounds = [number * len(values) // count for number in range(count + 1)] if count else []
    loudest = [max(values[first:past]) for first, past in pairwise(bounds)]
    most = max([QUIETEST, *loudest])
    return [round(value * HEIGHT / 2 / most) for value in loudest]


def outline(columns: Sequence[int]) -> str:
    """Along the upper edge and back along the lower one."""
    if not columns:
        return ""
    middle = HEIGHT // 2
    upper = [f"{x} {middle - high}" for x, high in enumerate(columns)]
    lower = [f"{x} {middle + high}" for x, high in enumerate(columns)]
    return f"M{'L'.join([*upper, *reversed(lower)])}Z"
