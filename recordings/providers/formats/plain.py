"""Reads plain text: paragraphs, perhaps with names and times in front."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from recordings.providers.formats.blocks import chunks, split_lines
from recordings.providers.formats.speakers import is_name, label
from recordings.providers.formats.times import CLOCK, read_clock
from recordings.providers.snapshots import TranscriptText, Utterance

_TIMES = rf"({CLOCK})(?:[ \t]*(?:-->|-|–)[ \t]*({CLOCK}))?"
# [00:01:02] or (00:01 - 00:05) or 00:01:02, and then what is said or who says it
_TIME_FIRST = re.compile(rf"(?:\[{_TIMES}\]|\({_TIMES}\)|{_TIMES}(?![\w:.,]))[ \t]*[:–-]?[ \t]*")
# Ana Silva [00:01:02]: and Ana Silva  00:01:02
_NAME_FIRST = re.compile(
    rf"([^:\[\]()\d][^:\[\]()]{{0,39}}?)[ \t]+(?:\[{_TIMES}\]|\({_TIMES}\)|{_TIMES})[ \t]*(?::[ \t]*|$)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Front:
    """What stands in front of the text of a line."""

    rest: str
    speaker: str = ""
    start: float | None = None
    end: float | None = None
    is_empty: bool = False  # nothing stands there


def read_plain(content: str) -> TranscriptText:
    """One utterance for each paragraph, or for each line where lines begin with a name or a time.

    ``Speaker 0: text``, ``[00:01:02] Ana: text``, ``Ana (00:01): text`` and a line of name and time
    above the text are read as such; anything else is text without a speaker. Nothing can be wrong.
    """
    lines = [line.strip() for line in split_lines(content)]
    utterances = [said for first, past in chunks(lines) for said in _paragraph(lines[first:past])]
    return TranscriptText(utterances=tuple(utterances))


def _paragraph(lines: Sequence[str]) -> Iterator[Utterance]:
    front = _front(lines[0])
    text = [front.rest]
    for line in lines[1:]:
        # In a paragraph that began without a front, "Note: …" is more likely a sentence.
        following = _Front(rest=line, is_empty=True) if front.is_empty else _front(line)
        if following.is_empty:
            text.append(line)
            continue
        yield from _utterance(front, text)
        front, text = following, [following.rest]
    yield from _utterance(front, text)


def _utterance(front: _Front, text: Sequence[str]) -> Iterator[Utterance]:
    said = " ".join(part for part in text if part)
    if said:
        yield Utterance(text=said, speaker=front.speaker, start=front.start, end=front.end)


def _front(line: str) -> _Front:
    found = _NAME_FIRST.match(line)
    if found and is_name(found.group(1)):
        return _timed(found, found.groups()[1:], speaker=found.group(1), rest=line[found.end() :])
    found = _TIME_FIRST.match(line)
    if found:
        speaker, rest = label(line[found.end() :])
        return _timed(found, found.groups(), speaker=speaker, rest=rest)
    speaker, rest = label(line)
    return _Front(rest=rest, speaker=speaker, is_empty=not speaker)


def _timed(found: re.Match[str], clocks: Sequence[str | None], *, speaker: str, rest: str) -> _Front:
    start, end = ([read_clock(clock) for clock in clocks if clock] + [None])[:2]
    if start is not None and end is not None and end < start:
        end = None
    return _Front(rest=rest, speaker=speaker, start=start, end=end)
