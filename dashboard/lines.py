"""The lines of a transcript as HTML: written here, for a template takes ten times as long for thousands."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from dashboard.ages import clock_text

UNKNOWN = "Speaker not known"

# A line's button is its time. Names and words stand alone for the eye that reads from the other side:
# whatever direction marks they carry, they change nothing around them.
_LINE = (
    '<li class="line" id="line-{number}"{times}{mark}>{button}'
    '<p class="line-words">{speaker}<span dir="auto">{text}</span></p></li>'
)
_BUTTON = '<button class="line-time" name="t" value="{value}" aria-label="Play from {clock}">{clock}</button>'
_NO_BUTTON = '<span class="line-time" title="The provider gave no time">–</span>'


def lines(utterances: Iterable[Mapping[str, Any]], *, moment: float | None = None) -> SafeString:
    """One list item an utterance; the one that is spoken at ``moment`` is marked as current."""
    found = list(utterances)
    marked = current(found, moment)
    before = None
    parts = []
    for number, each in enumerate(found):
        parts.append(_line(number, each, is_current=number == marked, is_new=each.get("speaker") != before))
        before = each.get("speaker")
    return mark_safe("".join(parts))  # noqa: S308 - every word of it was escaped


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


def speakers(utterances: Iterable[Mapping[str, Any]]) -> list[str]:
    """Who speaks, in the order of their first words."""
    return list(dict.fromkeys(each.get("speaker") or UNKNOWN for each in utterances))


def _line(number: int, each: Mapping[str, Any], *, is_current: bool, is_new: bool) -> str:
    start, end = each.get("start"), each.get("end")
    times = f' data-start="{start:g}"' if start is not None else ""
    if times and end is not None:
        times += f' data-end="{end:g}"'
    speaker = escape(each.get("speaker") or UNKNOWN)
    button = _NO_BUTTON if start is None else _BUTTON.format(value=f"{start:g}", clock=clock_text(start))
    return _LINE.format(
        number=number,
        times=times,
        mark=' aria-current="true"' if is_current else "",
        button=button,
        speaker=f'<bdi class="line-speaker">{speaker}</bdi> ' if is_new else "",
        text=escape(each.get("text", "")),
    )
