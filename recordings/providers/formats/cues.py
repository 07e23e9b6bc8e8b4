"""Turns the cues of a caption file into utterances."""

from collections.abc import Iterator

from recordings.providers.formats.blocks import Block
from recordings.providers.formats.markup import Said, unescaped, voices
from recordings.providers.formats.problems import Flaw, Problems
from recordings.providers.formats.times import Span, read_span
from recordings.providers.snapshots import Utterance, Word

# Names of cues by which a written file says that its times are only there for a player.
NO_START = "unknown-start"
NO_END = "unknown-end"
NO_TIMES = "unknown-times"


def read_cue(block: Block, problems: Problems) -> Iterator[Utterance]:
    """One utterance for each voice of the cue; a cue without text gives none."""
    said = voices(block.lines)
    if not said:
        return
    span = _span(block, problems)
    for each in said:
        yield Utterance(
            text=each.text,
            speaker=each.speaker,
            start=span.start,
            end=span.end,
            words=_words(each, span) if each.has_times else (),
        )


def _span(block: Block, problems: Problems) -> Span:
    span = read_span(block.timing) if block.timing else Span(flaw=Flaw.NO_TIMES)
    if span.flaw:
        problems.add(span.flaw, line=block.line)
    return Span(
        start=None if block.name in {NO_START, NO_TIMES} else span.start,
        end=None if block.name in {NO_END, NO_TIMES} else span.end,
    )


def _words(said: Said, span: Span) -> tuple[Word, ...]:
    """A piece begins at the time before it and ends where the next begins."""
    timed: list[tuple[float | None, str]] = []
    for time, text in said.pieces:
        if timed and timed[-1][0] == time:
            timed[-1] = (time, timed[-1][1] + text)
        else:
            timed.append((time, text))
    starts = [span.start if time is None else time for time, _ in timed]
    words = [
        Word(text=unescaped(text.strip(" \t")), start=start, end=_end(start, end))
        for (_, text), start, end in zip(timed, starts, [*starts[1:], span.end], strict=True)
    ]
    return tuple(word for word in words if word.text.strip())


def _end(start: float | None, end: float | None) -> float | None:
    return end if start is None or end is None or end >= start else None
