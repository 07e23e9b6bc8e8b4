"""Reads SubRip."""

import re

from recordings.providers.formats.blocks import blocks, chunks, split_lines
from recordings.providers.formats.cues import read_cue
from recordings.providers.formats.problems import Problems
from recordings.providers.snapshots import TranscriptText

_POSITION = re.compile(r"\{\\[^{}\n]*\}")  # {\an8}: where a player shows the cue


def read_srt(content: str) -> TranscriptText:
    """The cues in their order; their numbers may be missing, the fraction may follow a comma or a point.

    SubRip knows no speakers: ``Name: text`` is read as one where it looks like a name. Never raises:
    text without readable times is kept without them, and ``problem`` says how many and where.
    """
    lines = split_lines(_POSITION.sub("", content))
    problems = Problems()
    utterances = [
        said
        for first, past in chunks(lines)
        for block in blocks(lines, first=first, past=past)
        for said in read_cue(block, problems)
    ]
    return TranscriptText(utterances=tuple(utterances), problem=problems.sentence())
