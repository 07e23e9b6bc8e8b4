"""Cuts text into the tokens that are searched for: one tokenizer for both databases, and for snippets.

The databases' own would differ: unicode61 cuts Hindi at its vowel signs and finds no Chinese word inside
a sentence; PostgreSQL's parser follows the server's locale. So both index a column of ``token_column``,
lower-case ASCII letters and digits between spaces, which either takes verbatim:

    CREATE VIRTUAL TABLE … USING fts5(tokens, content='', tokenize='ascii')
    to_tsvector('simple', tokens)
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from transcripts.codes import encode

# Goes up when a text would give other tokens than before. The tables of Python's Unicode count as well:
# an index made under another version is made anew.
VERSION = f"1/{unicodedata.unidata_version}"
LONGEST = 64  # characters of a token; a longer one is found by its beginning

_APOSTROPHES = "'’‘‛ʼʻ＇"
# Invisible inside a word: soft hyphen, joiners, marks of direction, the Arabic stretch.
_INVISIBLE = "\u00ad\u200c\u200d\u200e\u200f\u2060\ufeff\u0640"
_SELECTORS = (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
_REMOVED = dict.fromkeys([*map(ord, _INVISIBLE), *_SELECTORS])
# Latin letters whose stroke is no accent to Unicode, and Turkish i without its dot.
_STROKES = str.maketrans(
    {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "æ": "ae", "œ": "oe", "þ": "th"}
)
# Scripts written without spaces between words, and Hangul, which glues its particles to them: Thai, Lao,
# Burmese, Khmer, Hiragana, Katakana, Bopomofo, Han.
_UNSPACED_BLOCKS = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1100, 0x11FF),
    (0x1780, 0x17FF),
    (0x3005, 0x3007),
    (0x3031, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xA960, 0xA97F),
    (0xAC00, 0xD7FF),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9D),
    (0xFFA0, 0xFFDC),
    (0x1AFF0, 0x1B16F),
    (0x20000, 0x3FFFD),
)
_VOICED = "\uff9e\uff9f"  # belong to the half-width kana before them


class Token(NamedTuple):
    """What is searched for, and where it stands: ``original[start:end]``."""

    text: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """The tokens of a text in their order, with offsets into it.

    NFKC, case-folded, Latin letters without accents, every decimal digit as an ASCII one. A word is
    letters and digits with their marks; "Ana's" is "ana", "don't" is "dont", any other apostrophe
    parts two words ("l’homme": "l", "homme"). A run of characters of an unspaced script gives its
    overlapping pairs and then its last character, so that single characters are found as well.
    """
    if text.isascii() and "'" not in text:  # most texts: three times as fast
        words = _ASCII_PIECE.finditer(text.lower())
        return [Token(word.group()[:LONGEST], *word.span()) for word in words]
    return [
        Token(*token)
        for piece in _pattern(text).finditer(text)
        for token in _cut(piece.group(), piece.start())
    ]


def token_column(texts: Iterable[str]) -> str:
    """What the databases index: the encoded tokens of all texts, between single spaces."""
    return " ".join(coded for text in texts for coded in map(_coded, _pattern(text).findall(text)) if coded)


def is_unspaced(token: str) -> bool:
    """Whether this token is of a script that is indexed in pairs."""
    return bool(_UNSPACED.match(token))


def _pattern(text: str) -> re.Pattern[str]:
    return _ASCII_PIECE if text.isascii() else _PIECE


@lru_cache(maxsize=50_000)  # speech repeats its words: half the time of a back-fill
def _coded(piece: str) -> str:
    return " ".join(encode(token) for token, _, _ in _cut(piece, 0))


def _cut(piece: str, start: int) -> Iterator[tuple[str, int, int]]:
    """The tokens of a word or of a run of unspaced letters."""
    if is_unspaced(piece):
        yield from _pairs(piece, start)
    elif _APOSTROPHE.search(piece):
        yield from _parted(piece, start)
    else:
        for token in _folded(piece):
            yield token, start, start + len(piece)


def _pairs(run: str, offset: int) -> Iterator[tuple[str, int, int]]:
    letters = [
        (folded, offset + found.start(), offset + found.end())
        for found in _CLUSTER.finditer(run)
        if (folded := _folded_letter(found.group()))
    ]
    for (first, start, _), (second, _, end) in pairwise(letters):
        yield first + second, start, end
    yield from letters[-1:]


def _parted(word: str, offset: int) -> Iterator[tuple[str, int, int]]:
    parts = [(found.group(), found.start(), found.end()) for found in _PART.finditer(word)]
    last = parts[-1][0].lower()
    if last in {"s", "t"}:
        before, start, _ = parts[-2]
        if last == "s":
            parts[-2:] = [(before, start, len(word))]
        elif before[-1] in "nN":
            parts[-2:] = [(before + last, start, len(word))]
    for part, start, end in parts:
        for token in _folded(part):
            yield token, offset + start, offset + end


@lru_cache(maxsize=20_000)
def _folded(word: str) -> tuple[str, ...]:
    """The word as it is compared: more than one where folding shows a sign ("½" is 1 and 2)."""
    if word.isascii():
        return (word.lower()[:LONGEST],)
    text = _composed(word).translate(_STROKES)
    letters = "".join(_without_accents(unicodedata.normalize("NFKD", text)))
    return tuple(part[:LONGEST] for part in _SIGN.split(unicodedata.normalize("NFKC", letters)) if part)


@lru_cache(maxsize=20_000)
def _folded_letter(cluster: str) -> str:
    folded = _composed(cluster)
    return folded if any(map(str.isalnum, folded)) else ""


def _composed(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text.translate(_REMOVED)).casefold()
    return unicodedata.normalize("NFKC", folded)


def _without_accents(decomposed: str) -> Iterator[str]:
    """Marks stay with the letters of scripts where they are vowels: only Latin ones are accents."""
    is_accented = False
    for letter in decomposed:
        if unicodedata.combining(letter) or unicodedata.category(letter).startswith("M"):
            if not is_accented:
                yield letter
            continue
        digit = unicodedata.decimal(letter, None)
        is_accented = digit is not None or unicodedata.name(letter, "").startswith("LATIN")
        yield letter if digit is None else str(digit)


def _class(ranges: Iterable[tuple[int, int]]) -> str:
    """The inside of a character class, as few ranges as there are."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if joined and joined[-1][1] == first - 1:
            first, _ = joined.pop()  # noqa: PLW2901
        joined.append((first, last))
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in joined)


def _of_category(initial: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    for point in range(first, last + 1):
        if unicodedata.category(chr(point)).startswith(initial):
            yield point, point


def _unspaced() -> Iterator[tuple[int, int]]:
    yield 0x3007, 0x3007  # the Han zero: to Unicode a number
    for first, last in _UNSPACED_BLOCKS:
        if last - first > 0x1000:  # Han and Hangul: letters throughout
            yield first, last
        else:
            yield from _of_category("L", first, last)


_U = _class(_unspaced())
_M = _class(_of_category("M", 0x300, 0x1EFFF))
_GLUE = _M + _class((point, point) for point in _REMOVED) + _VOICED
_LETTER = rf"[^\W_{_U}{_APOSTROPHES}{_VOICED}]"
_JAMO = r"[\u1100-\u115f\ua960-\ua97c]+[\u1160-\u11a7\ud7b0-\ud7c6]*[\u11a8-\u11ff\ud7cb-\ud7fb]*"

_PIECE = re.compile(
    rf"[{_U}][{_U}{_GLUE}]*"
    rf"|{_LETTER}+(?:(?:[{_GLUE}]+|[{_APOSTROPHES}](?={_LETTER})){_LETTER}*)*"
)
_ASCII_PIECE = re.compile("[A-Za-z0-9]+(?:'[A-Za-z0-9]+)*")  # the same, three times as fast
_UNSPACED = re.compile(rf"[{_U}]")
_CLUSTER = re.compile(rf"(?:{_JAMO}|[{_U}])[{_GLUE}]*")
_APOSTROPHE = re.compile(rf"[{_APOSTROPHES}]")
_PART = re.compile(rf"[^{_APOSTROPHES}]+")
_SIGN = re.compile(rf"(?:[^\w{_M}]|_)+")
