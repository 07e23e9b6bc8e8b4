"""Lays a comparison out in rows: what one transcript says beside what the other says there. Pure.

A row is ``{"a": [stretch], "b": [stretch, …]}``: one utterance of the reference and what the other one
has in its place; either side may be empty. A stretch is what one person says without a break:
``{"line", "who", "at", "differs", "parts"}``: its utterance's number, speaker and time, whether the two
transcripts name different people, and the text. A part is ``[text]``, or ``[text, kind, number]`` for
words that differ: ``kind`` is REPLACED or ONLY, ``number`` counts the differences from 1.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from recordings.providers.snapshots import Json, Utterance
from transcripts.compare import Change, Comparison, Segment, Spoken

REPLACED = "replaced"
ONLY = "only"  # the other one has no word there
SLACK_SECONDS = 0.5  # between two engines' times of the same word

Mark = tuple[str, int] | None
# Utterance of the reference; 1 behind it; utterance of the other: sorted, the order of the rows.
Key = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """One transcript, with what became of each word and the row that it stands in."""

    utterances: Sequence[Utterance]
    words: Sequence[Spoken]
    marks: Sequence[Mark]
    place: Callable[[int, int], Key]  # of an utterance's word, by both numbers


def rows(
    comparison: Comparison, reference: Sequence[Utterance], other: Sequence[Utterance]
) -> list[dict[str, Json]]:
    """The rows in their order; ``reference`` and ``other`` are what was compared."""
    marks = _marks(comparison)
    keys = _keys(comparison, reference)
    left = _Text(
        utterances=reference,
        words=comparison.reference,
        marks=marks[0],
        place=lambda line, _: (line, 0, 0),
    )
    right = _Text(
        utterances=other,
        words=comparison.other,
        marks=marks[1],
        place=lambda _, word: keys[min(word, len(keys) - 1)] if keys else (-1, 1, 0),
    )
    found: dict[Key, dict[str, Json]] = defaultdict(lambda: {"a": [], "b": []})
    for side, text in (("a", left), ("b", right)):
        for key, stretch in _stretches(text):
            found[key][side].append(stretch)
    ordered = [found[key] for key in sorted(found)]
    for row in ordered:
        _note_speakers(row, comparison)
    return ordered


def _marks(comparison: Comparison) -> tuple[list[Mark], list[Mark]]:
    """For the words of each, what differs; neighbouring changes are one difference."""
    first: list[Mark] = []
    second: list[Mark] = []
    number, was_equal = 0, True
    for segment in comparison.segments:
        is_equal = segment.change is Change.EQUAL
        number += was_equal and not is_equal
        was_equal = is_equal
        kind = REPLACED if segment.change is Change.REPLACED else ONLY
        mark = None if is_equal else (kind, number)
        first += [mark] * (segment.reference.past - segment.reference.first)
        second += [mark] * (segment.other.past - segment.other.first)
    return first, second


def _keys(comparison: Comparison, reference: Sequence[Utterance]) -> list[Key]:
    """For each word of the other, its row: where its counterpart stands, else where it was said."""
    keys: list[Key] = []
    for is_equal, group in groupby(comparison.segments, key=lambda each: each.change is Change.EQUAL):
        segments = list(group)
        for segment in segments:
            if segment.change is Change.INSERTED:
                keys += _inserted(comparison, segment, keys[-1] if keys else None, reference)
            elif segment.change is not Change.DELETED:
                words = comparison.reference[segment.reference.first : segment.reference.past]
                keys += [(word.utterance, 0, 0) for word in words]
        if not is_equal:
            _place_by_time(comparison, segments, keys, reference)
    return keys


def _place_by_time(
    comparison: Comparison, segments: Sequence[Segment], keys: list[Key], reference: Sequence[Utterance]
) -> None:
    """Where whole turns differ, which word replaces which is arbitrary: the time says what stands beside."""
    words = comparison.reference[segments[0].reference.first : segments[-1].reference.past]
    lines = range(words[0].utterance, words[-1].utterance + 1) if words else range(0)
    first = segments[0].other.first
    latest = keys[first - 1] if first else (-1, 0, 0)
    for index in range(first, segments[-1].other.past):
        word = comparison.other[index]
        if len(lines) > 1 and keys[index][1] == 0 and word.start is not None:
            keys[index] = (_said_after(word.start + SLACK_SECONDS, lines, reference), 0, 0)
        keys[index] = latest = max(latest, keys[index])  # never out of their order


def _inserted(
    comparison: Comparison, segment: Segment, before: Key | None, reference: Sequence[Utterance]
) -> Iterator[Key]:
    """Words without a counterpart: those of an utterance that has words beside stay with these."""
    at, words = segment.reference.first, comparison.other
    previous = comparison.reference[at - 1].utterance if at else -1
    following = comparison.reference[at].utterance if at < len(comparison.reference) else len(reference)
    last_line = words[segment.other.first - 1].utterance if segment.other.first else -1
    next_line = words[segment.other.past].utterance if segment.other.past < len(words) else -1
    for word in words[segment.other.first : segment.other.past]:
        if previous == following:
            yield previous, 0, 0
        elif before is not None and word.utterance == last_line:
            yield before
        elif word.utterance == next_line and following < len(reference):
            yield following, 0, 0
        else:
            yield _said_after(word.start, range(previous, following), reference), 1, word.utterance


def _said_after(moment: float | None, lines: range, reference: Sequence[Utterance]) -> int:
    """The last of these utterances of the reference that begins before the moment."""
    if moment is None:
        return lines.start
    begun = (
        line
        for line in lines
        if line >= 0 and (start := reference[line].start) is not None and start <= moment
    )
    return max(begun, default=lines.start)


def _stretches(text: _Text) -> Iterator[tuple[Key, dict[str, Json]]]:
    """Each utterance, cut where its words stand in different rows."""
    position = 0
    for line, utterance in enumerate(text.utterances):
        first = position
        while position < len(text.words) and text.words[position].utterance == line:
            position += 1
        pieces = list(_pieces(text, line, range(first, position)))
        ends = [*(text.words[words[0]].first for _, words in pieces[1:]), len(utterance.text)]
        start, at = 0, utterance.start
        for (key, words), end in zip(pieces, ends, strict=True):
            at = text.words[words[0]].start if start else at
            parts = _parts(text, utterance.text, words, start, end)
            yield key, {"line": line, "who": utterance.speaker, "at": at, "differs": False, "parts": parts}
            start = end


def _pieces(text: _Text, line: int, words: range) -> Iterator[tuple[Key, list[int]]]:
    if not words:  # Signs without a letter stand where the word before them stands.
        yield text.place(line, max(words.start - 1, 0)), []
    keyed = ((text.place(line, word), word) for word in words)
    for key, group in groupby(keyed, key=itemgetter(0)):
        yield key, [word for _, word in group]


def _parts(text: _Text, said: str, words: Sequence[int], start: int, end: int) -> list[list[Json]]:
    """The characters from ``start`` to ``end``, cut where words begin and cease to differ."""
    parts: list[list[Json]] = []
    for word in words:
        first, past, mark = text.words[word].first, text.words[word].past, text.marks[word]
        marked = list(mark or ())
        if parts and parts[-1][1:] == marked:
            parts[-1][0] += said[start:past]
        else:
            if mark and start < first:
                _add_plain(parts, said[start:first])
            parts.append([said[first if mark else start : past], *marked])
        start = past
    _add_plain(parts, said[start:end])
    return parts


def _add_plain(parts: list[list[Json]], text: str) -> None:
    if parts and len(parts[-1]) == 1:
        parts[-1][0] += text
    elif text:
        parts.append([text])


def _note_speakers(row: dict[str, Json], comparison: Comparison) -> None:
    """Where both name somebody, and it is not who the other one's person is elsewhere."""
    for mine in row["a"]:
        expected = comparison.speakers.get(mine["who"])
        for theirs in row["b"]:
            is_known = mine["who"] and theirs["who"]
            if is_known and theirs["who"] != expected and _has_equal_words(theirs):
                theirs["differs"] = True


def _has_equal_words(stretch: dict[str, Json]) -> bool:
    return any(len(part) == 1 and any(map(str.isalnum, part[0])) for part in stretch["parts"])


def differences(found: Sequence[dict[str, Json]]) -> list[dict[str, Json]]:
    """Each difference once, in the order of the rows: ``{"number", "a": side, "b": side}``.

    A side is ``{"at", "who", "text"}``, its text empty where it has no word. ``number`` is 0 where the
    words are the same and the speakers are not; the texts are then all of the row.
    """
    listed: dict[int, dict[str, Json]] = {}
    whose: list[tuple[int, dict[str, Json]]] = []
    for row in found:
        numbers = {part[2] for side in ("a", "b") for each in row[side] for part in each["parts"] if part[1:]}
        for number in sorted(numbers):
            entry = listed.setdefault(number, {"number": number})
            for side in ("a", "b"):
                _add(entry, side, row[side], number)
        if any(each["differs"] for each in row["b"]):
            whose.append((len(listed), {"number": 0, **{side: _whole(row[side]) for side in ("a", "b")}}))
    ordered = [(position, entry) for position, entry in enumerate(listed.values(), start=1)]
    return [entry for _, entry in sorted([*ordered, *whose], key=itemgetter(0))]


def _add(entry: dict[str, Json], side: str, stretches: Sequence[dict[str, Json]], number: int) -> None:
    """A difference may begin in one row and end in another."""
    texts = [part[0] for each in stretches for part in each["parts"] if part[2:] == [number]]
    known = entry.setdefault(side, _whole(stretches) | {"text": ""})
    known["text"] = " … ".join(filter(None, [known["text"], *texts]))


def _whole(stretches: Sequence[dict[str, Json]]) -> dict[str, Json]:
    first = stretches[0] if stretches else {"at": None, "who": ""}
    texts = ["".join(part[0] for part in each["parts"]) for each in stretches]
    return {"at": first["at"], "who": first["who"], "text": " ".join(texts)}
