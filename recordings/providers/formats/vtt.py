"""Reads WebVTT, with the liberties that providers take."""

import re
from collections.abc import Iterator, Sequence

from recordings.providers.formats.blocks import Block, blocks, chunks, split_lines
from recordings.providers.formats.cues import read_cue
from recordings.providers.formats.problems import Problems
from recordings.providers.formats.times import ARROW, TIMING
from recordings.providers.snapshots import TranscriptText

_HEADER = re.compile(r"WEBVTT(?:[ \t]|$)")
_NOT_A_CUE = re.compile(r"NOTE(?:[ \t]|$)|(?:STYLE|REGION)[ \t]*$")
_LANGUAGE = re.compile(r"Language:[ \t]*(\S{2,35})[ \t]*$", re.IGNORECASE)


def read_vtt(content: str) -> TranscriptText:
    """The cues in their order, one utterance for each voice.

    Times are seconds from where the file counts from. Accepts https://www.w3.org/TR/webvtt1/ and
    Daily's ``<v>Name:</v>text`` (daily.md, section 6). Never raises: text without readable times is
    kept without them, and ``problem`` says how many cues that were and where the first one is.
    """
    lines = split_lines(content)
    problems = Problems()
    start = next((first for first, _ in chunks(lines)), 0)
    language = ""
    if _HEADER.match(lines[start].lstrip()):
        start, language = _header(lines, start + 1)
    else:
        problems.remarks.append("The file does not begin with WEBVTT.")
    utterances = [said for block in _blocks(lines, start) for said in read_cue(block, problems)]
    return TranscriptText(utterances=tuple(utterances), language=language, problem=problems.sentence())


def _header(lines: Sequence[str], start: int) -> tuple[int, str]:
    """Where the first cue may begin, and the language if the header names one."""
    language = ""
    for index in range(start, len(lines)):
        if ARROW in lines[index]:
            return max(index - 1, start), language
        if not lines[index].strip(" \t"):
            return index, language
        found = _LANGUAGE.match(lines[index])
        language = found.group(1) if found else language
    return len(lines), language


def _blocks(lines: Sequence[str], start: int) -> Iterator[Block]:
    for first, past in chunks(lines, start=start):
        cue = first
        if _NOT_A_CUE.match(lines[first]) and not (first + 1 < past and ARROW in lines[first + 1]):
            cue = next((index for index in range(first, past) if TIMING.match(lines[index])), past)
        if cue < past:
            yield from blocks(lines, first=cue, past=past)
