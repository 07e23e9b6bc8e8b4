"""Writes utterances as WebVTT, SubRip and plain text."""

import re
from collections.abc import Iterable, Iterator

from recordings.providers.formats.cues import NO_END, NO_START, NO_TIMES
from recordings.providers.formats.speakers import label
from recordings.providers.formats.times import is_known, write_clock
from recordings.providers.snapshots import Utterance

SHOWN_SECONDS = 2.0  # how long a player shows a cue whose end is unknown

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\n": "&#10;", "\r": "&#13;"}
_SPECIAL = re.compile(r"[&<>\n\r]")
_REFERENCE = re.compile(r"&(?=#?\w+;)")


def write_vtt(utterances: Iterable[Utterance]) -> str:
    """WebVTT, one cue an utterance; reading it gives the same speakers, texts, and times to the millisecond.

    An unknown time is written as a likely one under a cue name that says so (``unknown-end``), which
    the reader here understands; so is an end before its start. Utterances without text are left out.
    """
    parts = ["WEBVTT\n"]
    for number, (utterance, name, start, end) in enumerate(_timed(utterances), start=1):
        times = f"{write_clock(start)} --> {write_clock(end)}"
        parts.append(f"\n{name or number}\n{times}\n{_payload(utterance)}\n")
    return "".join(parts)


def write_srt(utterances: Iterable[Utterance]) -> str:
    """SubRip, one cue an utterance, the speaker in front of the text as ``Name: ``.

    The format cannot say more: an unknown time becomes a likely one, a break in the text a space.
    """
    parts = []
    for number, (utterance, _, start, end) in enumerate(_timed(utterances), start=1):
        times = f"{write_clock(start, point=',')} --> {write_clock(end, point=',')}"
        said = _REFERENCE.sub("&amp;", _line(utterance.text)).replace("<", "&lt;")
        parts.append(f"{number}\n{times}\n{_speaker(utterance)}{said}\n\n")
    return "".join(parts)


def write_text(utterances: Iterable[Utterance], *, has_times: bool = True) -> str:
    """Plain text, a paragraph an utterance: ``[00:00:45] Ana Silva: Good morning``."""
    paragraphs = []
    for utterance in _with_text(utterances):
        start = utterance.start
        time = f"[{write_clock(start)[:-4]}] " if has_times and start is not None and is_known(start) else ""
        paragraphs.append(f"{time}{_speaker(utterance)}{_line(utterance.text)}\n")
    return "\n".join(paragraphs)


def _with_text(utterances: Iterable[Utterance]) -> Iterator[Utterance]:
    return (utterance for utterance in utterances if utterance.text.strip())


def _timed(utterances: Iterable[Utterance]) -> Iterator[tuple[Utterance, str, float, float]]:
    """With the name of its cue, "" when both times are known, and the times to write."""
    last = 0.0
    for utterance in _with_text(utterances):
        start = utterance.start if is_known(utterance.start) else None
        end = utterance.end if is_known(utterance.end) else None
        if start is not None and end is not None and end < start:
            end = None
        shown = (end if end is not None else last) if start is None else start
        last = shown + SHOWN_SECONDS if end is None else end
        yield utterance, _name(start, end), min(shown, last), last


def _name(start: float | None, end: float | None) -> str:
    if start is not None:
        return NO_END if end is None else ""
    return NO_TIMES if end is None else NO_START


def _payload(utterance: Utterance) -> str:
    text = _escaped(utterance.text)
    if utterance.speaker:
        return f"<v {_escaped(utterance.speaker)}>{text}"
    # Text that would read as an unnamed or a named voice is not one.
    if text.startswith("- "):
        return f"&#45;{text[1:]}"
    return text.replace(":", "&#58;", 1) if label(text)[0] else text


def _escaped(text: str) -> str:
    text = _SPECIAL.sub(lambda found: _ESCAPES[found.group()], text)
    inner = text.strip(" \t")
    if inner == text:
        return text
    before, _, after = text.partition(inner) if inner else (text, "", "")
    return f"{_blanks(before)}{inner}{_blanks(after)}"


def _blanks(text: str) -> str:
    return "".join(f"&#{ord(blank)};" for blank in text)


def _speaker(utterance: Utterance) -> str:
    return f"{_line(utterance.speaker)}: " if utterance.speaker.strip() else ""


def _line(text: str) -> str:
    return " ".join(part.strip() for part in text.splitlines() if part.strip())
