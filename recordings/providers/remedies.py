"""What a provider's error code means and who can mend it: the face of each adapter's catalogue."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

ANY = "*"  # a sign that counts beside whatever code


class Owner(StrEnum):
    """Who can mend it."""

    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"
    PROVIDER = "provider"
    CALLER = "caller"  # the people in the call, or whoever hosts it


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """One entry. ``is_normal``: an end that is no trouble, so that a call that ends so is not listed."""

    code: str  # the provider's, or the catalogue's own name where the provider gives words alone
    meaning: str
    remedy: str  # the exact setting or step
    owner: Owner
    can_retry: bool = False  # whether the same order again can work, now or after the step
    is_normal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """Words that tell an entry where the code is missing or stands for many causes.

    Named groups of ``pattern`` fill the places of the same name in the entry's remedy; ``unnamed`` are
    the words for those that the text leaves out.
    """

    code: str  # of the entry
    pattern: re.Pattern[str]
    among: frozenset[str] = frozenset({""})  # the provider's codes that it may stand under
    unnamed: Mapping[str, str] = field(default_factory=dict)


def entry(
    code: str, meaning: str, remedy: str, owner: Owner, *, retry: bool = False, normal: bool = False
) -> Remedy:
    """One line of a catalogue."""
    return Remedy(code=code, meaning=meaning, remedy=remedy, owner=owner, can_retry=retry, is_normal=normal)


def catalogue(*entries: Remedy) -> dict[str, Remedy]:
    """The entries by their codes; raises ``ValueError`` for a code that stands twice."""
    found = {each.code: each for each in entries}
    if len(found) < len(entries):
        raise ValueError("A code stands twice in a catalogue of remedies.")
    return found


def sign(code: str, words: str, *among: str, **unnamed: str) -> Sign:
    """Words as a regular expression, whatever their case; without ``among`` only where no code is."""
    return Sign(
        code=code,
        pattern=re.compile(words, re.IGNORECASE | re.DOTALL),
        among=frozenset(among or {""}),
        unnamed=unnamed,
    )


def find(remedies: Mapping[str, Remedy], signs: Iterable[Sign], code: str, text: str) -> Remedy | None:
    """The entry for a code and the words that came with it, or None: what the words tell goes first."""
    for each in signs:
        met = each.pattern.search(text) if {code, ANY} & each.among else None
        if met is not None:
            return _filled(remedies[each.code], each, met)
    return remedies.get(code) or remedies.get(code.lower())


def _filled(found: Remedy, told: Sign, met: re.Match[str]) -> Remedy:
    words = {**told.unnamed, **{name: value for name, value in met.groupdict().items() if value}}
    return replace(found, remedy=found.remedy.format_map(words)) if words else found
