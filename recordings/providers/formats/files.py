"""Reads a transcript file of any of the formats."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from recordings.providers.formats.blocks import split_lines
from recordings.providers.formats.encodings import decode
from recordings.providers.formats.plain import read_plain
from recordings.providers.formats.srt import read_srt
from recordings.providers.formats.times import TIMING
from recordings.providers.formats.vtt import read_vtt
from recordings.providers.snapshots import TextFile, TranscriptText

SNIFFED = 4096  # characters

Reader = Callable[[str], TranscriptText]

_BY_TYPE: Mapping[str, Reader] = {
    "text/vtt": read_vtt,
    "application/x-subrip": read_srt,
    "application/srt": read_srt,
    "text/srt": read_srt,
    "text/x-srt": read_srt,
}
_BY_SUFFIX: Mapping[str, Reader] = {"vtt": read_vtt, "srt": read_srt, "txt": read_plain, "text": read_plain}
_FIRST_CUE = re.compile(rf"(?:\d{{1,9}}[ \t]*\n)?{TIMING.pattern}", re.MULTILINE)


def read_any(name: str, content_type: str, content: bytes) -> TranscriptText:
    """The words of a file and the file itself, untouched.

    What the file begins with decides, then ``content_type``, then the ending of ``name``; both may be
    "" or say something else. Never raises.
    """
    text, problem = decode(content)
    found = _reader(name, content_type, text)(text)
    return replace(
        found,
        files=(TextFile(name=name, content_type=content_type, content=content),),
        problem=" ".join(part for part in (problem, found.problem) if part),
    )


def _reader(name: str, content_type: str, text: str) -> Reader:
    beginning = "\n".join(split_lines(text[:SNIFFED])).lstrip()
    if beginning.startswith("WEBVTT"):
        return read_vtt
    declared = _BY_TYPE.get(content_type.partition(";")[0].strip().lower())
    if declared:
        return declared
    if _FIRST_CUE.match(beginning):
        return read_srt
    return _BY_SUFFIX.get(name.rpartition(".")[2].lower(), read_plain)
