"""The lines of a transcript as HTML: written here, for a template takes ten times as long for thousands."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from dashboard.ages import clock_text
from dashboard.line_words import confidence, word_times
from transcripts.query import Query, hits

UNKNOWN = "Speaker not known"
COLOURS = 8
UNSURE = 0.7
# So many lines are laid out as one piece: a browser that watches each line for coming into sight has too
# much to watch, and one that lays out all of them at once too much to do.
PIECE = 25

# A line's button is its time. Its form is the one around all lines: a form that each button names is looked
# for as often as there are buttons, each time among all of them. Names and words stand alone for the eye
# that reads from the other side: whatever direction marks they carry, they change nothing around them.
_PIECE = '<ol class="lines-piece" start="{first}">{lines}</ol>'
_LINE = (
    '<li class="line" data-voice="{voice}"{words} id="line-{number}"{times}{mark}>{button}'
    '<p class="line-words">{speaker}<span dir="auto">{text}</span>{changed}</p>'
    '<span class="line-notes">{notes}</span></li>'
)
_BUTTON = '<button class="line-time" name="t" value="{value}" aria-label="Play from {clock}">{clock}</button>'
_NO_BUTTON = '<span class="line-time" title="The provider gave no time">–</span>'
_SURE = '<span class="line-sure"{low} title="Confidence">{percent} %</span>'
_CORRECTED = ' <em class="line-changed small muted" title="As it came: {original}">corrected</em>'
_FIX = '<a class="line-fix" href="lines/{number}/" aria-label="Correct line {line}">Correct</a>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How lines are to be shown."""

    moment: float | None = None  # the line that is spoken then is marked as current
    query: Query | None = None  # what is marked in the words
    may_correct: bool = False


def lines(
    utterances: Iterable[Mapping[str, Any]],
    *,
    moment: float | None = None,
    look: Look | None = None,
    originals: Sequence[Mapping[str, Any]] = (),
) -> SafeString:
    """One list item an utterance, ``PIECE`` a list. Those that differ from their ``originals`` say so."""
    found = list(utterances)
    look = look or Look(moment=moment)
    marked, numbers, before = current(found, look.moment), voices(found), None
    parts = []
    for number, (each, original) in enumerate(zip(found, originals or found, strict=True)):
        speaker = speaker_of(each)
        voice = numbers[speaker] % COLOURS
        facts = _Facts(number=number, voice=voice, is_current=number == marked, is_new=speaker != before)
        parts.append(_line(each, original, facts, look))
        before = speaker
    pieces = (
        _PIECE.format(first=first + 1, lines="".join(parts[first : first + PIECE]))
        for first in range(0, len(parts), PIECE)
    )
    return mark_safe("".join(pieces))  # noqa: S308 - every word of it was escaped


def line(
    utterances: Sequence[Mapping[str, Any]], number: int, *, look: Look, original: Mapping[str, Any]
) -> SafeString:
    """One of them alone, as it stands among the others."""
    each, before = utterances[number], utterances[number - 1] if number else {}
    speaker = speaker_of(each)
    is_new = not number or speaker != speaker_of(before)
    voice = voices(utterances)[speaker] % COLOURS
    facts = _Facts(number=number, voice=voice, is_current=False, is_new=is_new)
    return mark_safe(_line(each, original, facts, look))  # noqa: S308 - every word of it was escaped


def current(utterances: list[Mapping[str, Any]], moment: float | None) -> int | None:
    """The last one that begins at or before this moment."""
    if moment is None:
        return None
    begun = [
        (each["start"], number)
        for number, each in enumerate(utterances)
        if each.get("start") is not None and each["start"] <= moment
    ]
    return max(begun)[1] if begun else None


def speaker_of(utterance: Mapping[str, Any]) -> str:
    """Who speaks, as far as anything tells it."""
    channel = utterance.get("channel")
    return utterance.get("speaker") or (UNKNOWN if channel is None else f"Channel {channel}")


def voices(utterances: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Who speaks, numbered in the order of their first words."""
    names = dict.fromkeys(map(speaker_of, utterances))
    return {name: number for number, name in enumerate(names)}


def speakers(utterances: Iterable[Mapping[str, Any]]) -> list[str]:
    """Who speaks, in the order of their first words."""
    return list(voices(utterances))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    number: int
    voice: int
    is_current: bool
    is_new: bool  # another one spoke before


def _line(each: Mapping[str, Any], original: Mapping[str, Any], facts: _Facts, look: Look) -> str:
    start, end = each.get("start"), each.get("end")
    times = f' data-start="{start:g}"' if start is not None else ""
    if times and end is not None:
        times += f' data-end="{end:g}"'
    speaker = escape(speaker_of(each))
    spoken = word_times(each)
    return _LINE.format(
        number=facts.number,
        voice=facts.voice,
        words=f' data-words="{spoken}"' if spoken else "",
        times=times,
        mark=' aria-current="true"' if facts.is_current else "",
        button=_NO_BUTTON if start is None else _BUTTON.format(value=f"{start:g}", clock=clock_text(start)),
        speaker=f'<bdi class="line-speaker">{speaker}</bdi> ' if facts.is_new else "",
        text=_marked(each.get("text", ""), look.query),
        changed=_changed(each, original),
        notes=_notes(each, facts.number, look),
    )


def _marked(text: str, query: Query | None) -> str:
    spans = hits(query, text) if query is not None and query.node is not None else []
    parts, done = [], 0
    for start, end in spans:
        parts += [escape(text[done:start]), "<mark>", escape(text[start:end]), "</mark>"]
        done = end
    return "".join([*parts, escape(text[done:])])


def _changed(each: Mapping[str, Any], original: Mapping[str, Any]) -> str:
    if each.get("text") == original.get("text"):
        return ""
    return _CORRECTED.format(original=escape(original.get("text", "")))


def _notes(each: Mapping[str, Any], number: int, look: Look) -> str:
    sure = confidence(each)
    notes = ""
    if sure is not None:
        notes = _SURE.format(percent=round(sure * 100), low=" data-low" if sure < UNSURE else "")
    if look.may_correct:
        notes += _FIX.format(number=number, line=number + 1)
    return notes
