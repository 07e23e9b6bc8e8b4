"""Finds the name of a speaker in front of what was said."""

import re

MOST_WORDS = 4

_LABEL = re.compile(r"([^:]{1,40}):[ \t]+(?=[^ \t])")
_SENTENCE = frozenset('.,;!?…。、！？"“”«»<>{}=/\\')
# Words inside a name that no one writes large.
_SMALL = frozenset(
    (
        "al",
        "bin",
        "da",
        "de",
        "del",
        "der",
        "di",
        "do",
        "dos",
        "du",
        "el",
        "la",
        "le",
        "of",
        "van",
        "von",
        "zu",
    )
)
_GENERIC = re.compile(
    r"(?:speaker|participant|caller|callee|agent|customer|channel)[ _-]?\w{0,8}", re.IGNORECASE
)


def label(text: str) -> tuple[str, str]:
    """The name and the rest of ``Name: what was said``; ("", text) when that is no name.

    A name is short, has no punctuation of a sentence, begins with a letter, and each of its words
    begins with a large letter, a digit, or a letter of a script without large ones.
    """
    found = _LABEL.match(text)
    if found is None or not is_name(found.group(1).strip(" \t")):
        return "", text
    return found.group(1).strip(" \t"), text[found.end() :]


def is_name(name: str) -> bool:
    """Whether this reads like a speaker's name and not like the beginning of a sentence."""
    if not name[:1].isalpha() or not _SENTENCE.isdisjoint(name):
        return False
    words = name.split()
    if len(words) > MOST_WORDS:
        return False
    return bool(_GENERIC.fullmatch(name)) or all(_is_part(word) for word in words)


def _is_part(word: str) -> bool:
    first = word.lstrip("([#-")[:1]
    return word in _SMALL or not first.islower()
