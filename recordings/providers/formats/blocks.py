"""Cuts a caption file into cues: what WebVTT and SubRip have in common."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from recordings.providers.formats.times import ARROW, TIMING

_NUMBER = re.compile(r"[ \t]*(?:\d{1,9}|[A-Za-z]+:\d{1,9})[ \t]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One cue as it stands in the file; ``timing`` is "" when it has no line of times."""

    line: int  # of its text or its times, from 1
    name: str = ""
    timing: str = ""
    lines: Sequence[str] = field(default_factory=tuple)  # stripped


def split_lines(content: str) -> list[str]:
    """By the three line ends of WebVTT and no others: a speaker's text may hold U+2028."""
    # PostgreSQL keeps no NUL; WebVTT replaces it likewise.
    text = content.removeprefix("\ufeff").replace("\0", "\ufffd")
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def chunks(lines: Sequence[str], *, start: int = 0) -> Iterator[tuple[int, int]]:
    """First and past-the-last index of what stands between empty lines."""
    first = -1
    for index in range(start, len(lines)):
        is_empty = not lines[index].strip(" \t")
        if first < 0 and not is_empty:
            first = index
        elif first >= 0 and is_empty:
            yield first, index
            first = -1
    if first >= 0:
        yield first, len(lines)


def blocks(lines: Sequence[str], *, first: int, past: int) -> Iterator[Block]:
    """The cues of one chunk: more than one where the empty line between them was forgotten."""
    timings = _timings(lines, first, past)
    if not timings:
        yield _block(lines, first, past)
        return
    named = _has_name(lines, first, timings[0], is_first=True)
    if timings[0] - named > first:
        yield _block(lines, first, timings[0] - named)
    for number, timing in enumerate(timings):
        name = lines[timing - 1].strip(" \t") if named else ""
        following = timings[number + 1] if number + 1 < len(timings) else past
        named = following < past and _has_name(lines, timing + 1, following, is_first=False)
        yield _block(lines, timing + 1, following - named, timing=timing, name=name)


def _timings(lines: Sequence[str], first: int, past: int) -> list[int]:
    found = [index for index in range(first, past) if ARROW in lines[index] and TIMING.match(lines[index])]
    if found:
        return found
    # At the head of a chunk an arrow means times, however badly they are written.
    return [index for index in range(first, min(first + 2, past)) if ARROW in lines[index]][:1]


def _has_name(lines: Sequence[str], first: int, timing: int, *, is_first: bool) -> bool:
    # Below another cue's text only a number is safely a name; anything else may be speech.
    return timing > first and (is_first or bool(_NUMBER.fullmatch(lines[timing - 1])))


def _block(lines: Sequence[str], first: int, past: int, *, timing: int = -1, name: str = "") -> Block:
    return Block(
        line=(first if timing < 0 else timing) + 1,
        name=name,
        timing=lines[timing] if timing >= 0 else "",
        lines=tuple(line.strip(" \t") for line in lines[first:past]),
    )
