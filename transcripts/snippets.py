"""The moments of a transcript that a search found: the line, when it was said, and what to mark in it.

Lines are read as people read them. Cutting every line into tokens would take longer than the search: a
quick look finds the likely ones, and only these are cut; all of them where the look was in vain.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, islice
from operator import itemgetter
from typing import NamedTuple

from transcripts.overlays import Stored
from transcripts.query import Query, hits
from transcripts.query_tree import Term, terms
from transcripts.tokens import is_unspaced

MOST = 3  # moments of one transcript
LONGEST = 220  # characters of a snippet
BEFORE = 70  # of these, in front of the first hit
LONG_LINE = 1_500  # characters: of a longer line only the neighbourhood of a hit is cut
NEAR = 400

Span = tuple[int, int]
Numbered = tuple[int, Stored]
Found = tuple[int, Stored, list[Span]]
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a snippet; what was looked for is marked."""

    text: str
    is_hit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One line that was found. ``start`` is in seconds, None where no time is known."""

    line: int
    start: float | None
    speaker: str
    parts: tuple[Part, ...]

    @property
    def second(self) -> int | None:
        """Where to begin to listen: never behind the word."""
        return None if self.start is None else max(0, int(self.start))


def moments(query: Query, lines: Sequence[Stored], among: Sequence[int] | None = None) -> tuple[Moment, ...]:
    """At most three moments in the order of time, those with most of the words first chosen.

    ``among`` are the numbers of the lines that are looked at; without words to look for, the first of them.
    """

    def numbered() -> Iterator[Numbered]:
        return enumerate(lines) if among is None else ((number, lines[number]) for number in among)

    if query.node is None:
        return tuple(_moment(number, line, []) for number, line in islice(numbered(), 1))
    found = list(islice(_found(query, _likely(query, numbered())), MOST))
    found = found or list(islice(_found(query, numbered()), MOST))
    found = found or _across(query, list(numbered()))
    return tuple(_moment(*each) for each in sorted(found, key=itemgetter(0)))


def _likely(query: Query, numbered: Iterable[Numbered]) -> Iterable[Numbered]:
    """The lines that seem to have the words, those with most words first."""
    looks = [_look(term) for term in terms(query.node)]
    if len(looks) == 1:
        return (each for each in numbered if looks[0].search(each[1]["text"].casefold()))
    scored = ((_score(looks, each[1]["text"].casefold()), each) for each in numbered)
    return [each for score, each in sorted(scored, key=lambda pair: -pair[0]) if score]


class _Look(NamedTuple):
    """Where words seem to be. ``part`` is looked for first: it is seldom there, and seen at once."""

    part: str
    pattern: re.Pattern[str]

    def search(self, text: str) -> re.Match[str] | None:
        return self.pattern.search(text) if self.part in text else None


def _score(looks: Sequence[_Look], text: str) -> int:
    return sum(look.search(text) is not None for look in looks)


@lru_cache(maxsize=1_000)
def _look(term: Term) -> _Look:
    """What the words look like where neither accents nor apostrophes hide them."""
    longest = max(term.tokens, key=len)
    if any(map(is_unspaced, term.tokens)):
        return _Look(longest, re.compile(re.escape(longest)))
    words = r"[\W_]+".join(map(re.escape, term.tokens))
    return _Look(longest, re.compile(rf"(?<![^\W_]){words}" + ("" if term.is_prefix else r"(?![^\W_])")))


def _found(query: Query, numbered: Iterable[Numbered]) -> Iterator[Found]:
    for number, line in numbered:
        spans = _spans(query, line["text"])
        if spans:
            yield number, line, spans


def _spans(query: Query, text: str) -> list[Span]:
    if len(text) <= LONG_LINE:
        return hits(query, text)
    folded, found = text.lower(), set[Span]()
    for term in terms(query.node):
        seen = _look(term).search(folded)
        if seen:
            first = _word_before(text, max(0, seen.start() - NEAR))
            found |= {(first + a, first + b) for a, b in hits(query, text[first : seen.end() + NEAR])}
    return sorted(found) or hits(query, text)


def _word_before(text: str, place: int) -> int:
    """Not inside a word, where there are spaces."""
    return text.rfind(" ", 0, place) + 1 if place else 0


def _across(query: Query, numbered: Sequence[Numbered]) -> list[Found]:
    """A phrase that one line begins and another ends."""
    texts = [line["text"] for _, line in numbered]
    starts = list(accumulate((len(text) + 1 for text in texts), initial=0))
    found: dict[int, Found] = {}
    for first, past in hits(query, "\n".join(texts))[:MOST]:
        index = bisect_right(starts, first) - 1
        end = min(past - starts[index], len(texts[index]))
        number, line = numbered[index]
        found.setdefault(number, (number, line, [(first - starts[index], end)]))
    return list(found.values())


def _moment(number: int, line: Stored, spans: list[Span]) -> Moment:
    return Moment(
        line=number,
        start=_start(line, spans[0][0] if spans else 0),
        speaker=line["speaker"],
        parts=tuple(_parts(line["text"], spans)),
    )


def _start(line: Stored, place: int) -> float | None:
    """When the word at this place was said, as well as the times of the words tell."""
    words = line["words"]
    if place and words:
        is_inside = not line["text"][place - 1].isspace()  # of a word that a sign or a hyphen begins
        before, total = len(line["text"][:place].split()) - is_inside, len(line["text"].split())
        start = words[min(before * len(words) // total, len(words) - 1)][1]
        if start is not None:
            return float(start)
    return None if line["start"] is None else float(line["start"])


def _parts(text: str, spans: list[Span]) -> Iterator[Part]:
    """The surroundings of the first hit, cut between words."""
    wanted = max(0, spans[0][0] - BEFORE) if spans else 0
    first = text.find(" ", wanted, spans[0][0]) + 1 if wanted else 0
    first = first or wanted
    past = len(text) if len(text) - first <= LONGEST else text.rfind(" ", first, first + LONGEST)
    past = past if past > first else first + LONGEST
    position = first
    if first:
        yield Part(text="… ")
    for start, end in spans:
        if end > past:
            break
        if start > position:
            yield Part(text=_SPACE.sub(" ", text[position:start]))
        yield Part(text=text[start:end], is_hit=True)
        position = end
    yield Part(text=_SPACE.sub(" ", text[position:past]) + (" …" if past < len(text) else ""))
