"""Lays two transcripts of one recording side by side, word by word."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from rapidfuzz.distance import Levenshtein

from recordings.providers.snapshots import Utterance
from transcripts.tokens import Token, is_unspaced, tokens

MOST_WORDS = 150_000  # of one transcript: half a day of speech; the time grows with the product


class TooLong(ValueError):
    """A transcript has too many words to be compared; the message is a sentence for the operator."""


class Change(StrEnum):
    """What becomes of words of the first transcript in the second."""

    EQUAL = "equal"
    REPLACED = "replaced"
    INSERTED = "inserted"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One word as it is compared, and where it came from."""

    text: str
    utterance: int  # its index
    first: int  # characters of the utterance's text
    past: int
    speaker: str = ""
    start: float | None = None  # seconds; those of the utterance where the word has none
    end: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What a segment covers of one transcript: ``words[first:past]``, empty where the other has more."""

    first: int
    past: int
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Words side by side. A replaced segment has as many on each side."""

    change: Change
    reference: Side
    other: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How a transcript differs from the one that is taken for right, the reference.

    Shares and rates are ``None`` where there is nothing to divide by.
    """

    reference: tuple[Spoken, ...]
    other: tuple[Spoken, ...]
    segments: tuple[Segment, ...]
    replaced: int
    inserted: int
    deleted: int
    speakers: Mapping[str, str] = field(
        default_factory=dict
    )  # of the reference, to whom each one is in the other
    speaker_disagreement: float | None = None  # share of the equal words that different people say
    reference_talk_seconds: Mapping[str, float] = field(default_factory=dict)
    other_talk_seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def word_error_rate(self) -> float | None:
        """Replaced, inserted and deleted words for each word of the reference; may be above 1."""
        if not self.reference:
            return None
        return (self.replaced + self.inserted + self.deleted) / len(self.reference)


def compare(reference: Sequence[Utterance], other: Sequence[Utterance]) -> Comparison:
    """Align two transcripts with the fewest changes. Raises ``TooLong`` above ``MOST_WORDS`` words.

    Words are those of the search: without case, punctuation and Latin accents, "don't" as "dont". In
    scripts without spaces, and in Hangul, each character counts as a word, so the rate is one of characters.
    """
    first, second = spoken(reference), spoken(other)
    if max(len(first), len(second)) > MOST_WORDS:
        raise TooLong(f"Only transcripts of at most {MOST_WORDS} words can be compared.")
    segments = _segments(first, second)
    changed = Counter[Change]()
    for segment in segments:
        sides = (segment.reference, segment.other)
        changed[segment.change] += max(side.past - side.first for side in sides)
    speakers, disagreement = _speakers(first, second, segments)
    return Comparison(
        reference=first,
        other=second,
        segments=segments,
        replaced=changed[Change.REPLACED],
        inserted=changed[Change.INSERTED],
        deleted=changed[Change.DELETED],
        speakers=speakers,
        speaker_disagreement=disagreement,
        reference_talk_seconds=talk_seconds(reference),
        other_talk_seconds=talk_seconds(other),
    )


def spoken(utterances: Sequence[Utterance]) -> tuple[Spoken, ...]:
    """The words of a transcript in their order, each with the best time that is known for it."""
    return tuple(
        Spoken(
            text=token.text,
            utterance=index,
            first=token.start,
            past=token.end,
            speaker=utterance.speaker,
            start=start,
            end=end,
        )
        for index, utterance in enumerate(utterances)
        for token, (start, end) in _timed(utterance)
    )


def talk_seconds(utterances: Sequence[Utterance]) -> dict[str, float]:
    """How long each speaker talks, most first; where one's utterances overlap, the time counts once."""
    spans: dict[str, list[tuple[float, float]]] = {}
    for utterance in utterances:
        if utterance.start is not None and utterance.end is not None and utterance.end > utterance.start:
            spans.setdefault(utterance.speaker, []).append((utterance.start, utterance.end))
    totals = {speaker: _covered(sorted(found)) for speaker, found in spans.items()}
    return dict(sorted(totals.items(), key=lambda total: (-total[1], total[0])))


def _covered(spans: Sequence[tuple[float, float]]) -> float:
    total, reached = 0.0, 0.0
    for start, end in spans:
        total += max(end - max(start, reached), 0.0)
        reached = max(reached, end)
    return total


def _timed(utterance: Utterance) -> list[tuple[Token, tuple[float | None, float | None]]]:
    found = _words(utterance.text)
    times = [(word.start, word.end) for word in utterance.words for _ in _words(word.text)]
    # The text is what counts: words that do not spell it lend it no times.
    texts = [token.text for word in utterance.words for token in _words(word.text)]
    if texts != [token.text for token in found]:
        times = [(utterance.start, utterance.end)] * len(found)
    return list(zip(found, times, strict=True))


def _words(text: str) -> list[Token]:
    """The tokens, with single characters in place of the pairs of unspaced scripts."""
    found = tokens(text)
    words = []
    for token, after in pairwise([*found, Token("", len(text), len(text))]):
        # A pair's second character is the next token's first; the last of a run stands alone.
        end = min(token.end, after.start) if is_unspaced(token.text) else token.end
        letter = tokens(text[token.start : end])[0].text if end < token.end else token.text
        words.append(Token(letter, token.start, end))
    return words


def _segments(first: Sequence[Spoken], second: Sequence[Spoken]) -> tuple[Segment, ...]:
    # A word error rate counts the fewest changes; difflib's blocks are not always that (4,256 against 4,248
    # in 30,000 words), and its time grows with how often words repeat.
    numbers: dict[str, int] = {}
    coded = [[numbers.setdefault(word.text, len(numbers)) for word in words] for words in (first, second)]
    changes = {
        "equal": Change.EQUAL,
        "replace": Change.REPLACED,
        "insert": Change.INSERTED,
        "delete": Change.DELETED,
    }
    return tuple(
        Segment(
            change=changes[found.tag],
            reference=_side(first, found.src_start, found.src_end),
            other=_side(second, found.dest_start, found.dest_end),
        )
        for found in Levenshtein.opcodes(*coded)
    )


def _side(words: Sequence[Spoken], first: int, past: int) -> Side:
    starts = [word.start for word in words[first:past] if word.start is not None]
    ends = [word.end for word in words[first:past] if word.end is not None]
    return Side(first=first, past=past, start=min(starts, default=None), end=max(ends, default=None))


def _speakers(
    first: Sequence[Spoken], second: Sequence[Spoken], segments: Sequence[Segment]
) -> tuple[dict[str, str], float | None]:
    """Who is who, by the words they share, most first; and the share of words that this does not explain.

    One transcript's "Ana" is the other's "Speaker 0": a name counts only as far as it is the same throughout.
    """
    shared = Counter[tuple[str, str]]()
    for segment in segments:
        if segment.change is Change.EQUAL:
            one = first[segment.reference.first : segment.reference.past]
            two = second[segment.other.first : segment.other.past]
            shared.update((a.speaker, b.speaker) for a, b in zip(one, two, strict=True))
    known = {pair: count for pair, count in shared.items() if all(pair)}
    who: dict[str, str] = {}
    for one_name, two_name in sorted(known, key=lambda pair: (-known[pair], pair)):
        if one_name not in who and two_name not in who.values():
            who[one_name] = two_name
    total = sum(known.values())
    agreed = sum(known.get(pair, 0) for pair in who.items())
    return who, (total - agreed) / total if total else None
