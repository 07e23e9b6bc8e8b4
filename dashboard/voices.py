"""Who spoke when, and for how long: drawn by the server as one strip a speaker."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from dashboard.ages import clock_text
from dashboard.lines import COLOURS, speaker_of

WIDTH = 1000  # units of a strip
FINEST = 4.0  # units: what lies closer is drawn as one

_LINK = (
    '<a href="?t={moment}#line-{line}" data-seek="{moment}" tabindex="-1" aria-label="Play from {clock}">'
    '<rect x="{x}" width="{width}" height="10"><title>{name}, {clock}</title></rect></a>'
)


@dataclass(slots=True)
class Span:
    """A piece of a strip: where it is drawn, and the moment and line that it leads to."""

    start: float
    end: float
    line: int
    x: str = ""
    width: str = ""

    @property
    def moment(self) -> str:
        return f"{self.start:g}"

    @property
    def clock(self) -> str:
        return f"{clock_text(self.start)}–{clock_text(self.end)}"


@dataclass(slots=True, kw_only=True)
class Voice:
    """One speaker. ``seconds`` is unknown where no line of theirs has both its times."""

    name: str
    colour: int
    lines: int = 0
    seconds: float | None = None
    share: int | None = None  # percent of all that is spoken
    spans: list[Span] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)  # the provider's, by which they are named

    @property
    def strip(self) -> SafeString:
        """The pieces as SVG, each a link to its moment: written here, for long calls have hundreds."""
        name = escape(self.name)
        links = (
            _LINK.format(
                moment=span.moment, line=span.line, clock=span.clock, x=span.x, width=span.width, name=name
            )
            for span in self.spans
        )
        return mark_safe("".join(links))  # noqa: S308 - the name was escaped, all else is a number


def voices(utterances: Sequence[Mapping[str, Any]]) -> list[Voice]:
    """In the order of their first words."""
    found: dict[str, Voice] = {}
    for number, each in enumerate(utterances):
        name = speaker_of(each)
        voice = found.setdefault(name, Voice(name=name, colour=len(found) % COLOURS))
        voice.lines += 1
        start, end = each.get("start"), each.get("end")
        if start is not None and end is not None and end > start:
            voice.seconds = (voice.seconds or 0.0) + end - start
            voice.spans.append(Span(start, end, number))
    _measure(list(found.values()))
    return list(found.values())


def _measure(found: list[Voice]) -> None:
    length = max((span.end for voice in found for span in voice.spans), default=0.0)
    spoken = sum(voice.seconds or 0.0 for voice in found)
    for voice in found:
        if voice.seconds is not None:
            voice.share = round(100 * voice.seconds / spoken)
            voice.spans = [_placed(span, length) for span in _joined(voice.spans, length)]


def _joined(spans: Iterable[Span], length: float) -> list[Span]:
    """What the eye could not tell apart is one span: a long call has some hundreds, not thousands."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda each: each.start):
        if joined and (span.start - joined[-1].end) * WIDTH / length < FINEST:
            joined[-1].end = max(joined[-1].end, span.end)
        else:
            joined.append(span)
    return joined


def _placed(span: Span, length: float) -> Span:
    span.x = f"{span.start * WIDTH / length:.1f}"
    span.width = f"{max(2.0, (span.end - span.start) * WIDTH / length):.1f}"
    return span
