"""Reads what an operator types into the search box.

``budget plan`` both words, ``"budget plan"`` side by side, ``budg*`` a beginning, ``-plan`` without,
``a OR b`` (looser than the space between words), parentheses, and filters anywhere outside of them:
``speaker:"Ana Silva" account:sales provider:acme language:pt before:2026-11-20 after:2026-11-01``.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import zip_longest

from transcripts.query_index import has_phrases, to_fts5, to_like, to_strpos, to_tsquery, without_phrases
from transcripts.query_match import hits, matches
from transcripts.query_tree import All, Either, Filter, Node, Query, QueryError, Term, terms
from transcripts.tokens import is_unspaced, tokens

__all__ = [
    "All",
    "Either",
    "Filter",
    "Node",
    "Query",
    "QueryError",
    "Term",
    "has_phrases",
    "hits",
    "matches",
    "parse",
    "to_fts5",
    "to_like",
    "to_strpos",
    "to_tsquery",
    "without_phrases",
]

FILTERS = ("speaker", "account", "provider", "language", "before", "after")
LONGEST_QUERY = 1000  # characters
MOST_TERMS = 64
DEEPEST = 10  # parentheses inside parentheses
SHORTEST_PREFIX = 2  # letters: one letter begins a large part of every index

_QUOTES = '"“”„‟«»＂'
_LEXEME = re.compile(
    rf"""
    (?P<open>-*\() | (?P<close>\))
    | (?P<filter>-*(?:{"|".join(FILTERS)}):(?:[{_QUOTES}][^{_QUOTES}]*(?P<end>[{_QUOTES}]?)
        | [^\s(){_QUOTES}]*))
    | (?P<phrase>-*[{_QUOTES}][^{_QUOTES}]*(?P<closing>[{_QUOTES}]?)\*?)
    | (?P<word>[^\s(){_QUOTES}]+)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ITEMS = frozenset({"open", "filter", "phrase", "word"})  # what an operator may stand before


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lexeme:
    kind: str  # open, close, filter, phrase, word, AND, OR, NOT
    text: str  # without the dashes in front
    is_excluded: bool = False


def parse(text: str) -> Query:
    """The tree of a search. Raises ``QueryError`` with a sentence when it cannot be read, nothing else.

    What holds no letter or digit, such as an emoji, is left out, unless nothing else is there.
    """
    if len(text) > LONGEST_QUERY:
        raise QueryError(f"The search is longer than {LONGEST_QUERY} characters: leave something out.")
    # Neither database takes a NUL or half a character.
    clean = text.replace("\0", " ").encode("utf-8", "replace").decode()
    reader = _Reader(list(_without_operators(list(_lexemes(clean)))))
    node = reader.either(depth=0)
    if reader.following is not None:
        raise QueryError("A parenthesis is closed that was never opened.")
    if node is None and not reader.filters:
        raise QueryError("Type at least one letter or digit to search for.")
    if len(terms(node)) > MOST_TERMS:
        raise QueryError(f"The search has more than {MOST_TERMS} words: leave some out.")
    return Query(node=node, filters=tuple(reader.filters))


def _lexemes(text: str) -> Iterator[_Lexeme]:
    for found in _LEXEME.finditer(text):
        if found.group("end") == "" or found.group("closing") == "":
            raise QueryError(f"The quotation mark before {_shortened(found.group())} is never closed.")
        written = found.group()
        kind = written if written in {"AND", "OR", "NOT"} else str(found.lastgroup)
        bare = written.lstrip("-")
        yield _Lexeme(kind=kind, text=bare, is_excluded=bare != written)


def _without_operators(lexemes: Sequence[_Lexeme]) -> Iterator[_Lexeme]:
    """Without AND, which is what a space means, and NOT, which marks what follows."""
    before = _Lexeme(kind="start", text="")
    for lexeme, after in zip_longest(lexemes, lexemes[1:]):
        if lexeme.kind in {"AND", "OR", "NOT"}:
            _check_operator(lexeme.kind, before.kind, after.kind if after else "end")
        if before.kind == "NOT":
            yield replace(lexeme, is_excluded=True)
        elif lexeme.kind not in {"AND", "NOT"}:
            yield lexeme
        before = lexeme


def _check_operator(operator: str, before: str, after: str) -> None:
    if operator == "NOT" and after not in _ITEMS:
        raise QueryError('NOT needs a word after it. To find the word itself, write "NOT".')
    if operator != "NOT" and (before not in {*_ITEMS, "close"} or after not in {*_ITEMS, "NOT"}):
        raise QueryError(
            f'{operator} needs a word on each side. To find the word itself, write "{operator}".'
        )


class _Reader:
    """Recursive descent over the lexemes; filters are gathered on the way."""

    def __init__(self, lexemes: Sequence[_Lexeme]) -> None:
        self.filters: list[Filter] = []
        self._lexemes = lexemes
        self._position = 0

    @property
    def following(self) -> _Lexeme | None:
        return self._lexemes[self._position] if self._position < len(self._lexemes) else None

    def either(self, *, depth: int) -> Node | None:
        branches = [self._all(depth=depth)]
        while self.following and self.following.kind == "OR":
            self._position += 1
            branches.append(self._all(depth=depth))
        nodes: list[Node] = []
        for branch in branches:
            if branch is not None:
                nodes.extend(branch.nodes if isinstance(branch, Either) else [branch])
        return Either(nodes=tuple(nodes)) if len(nodes) > 1 else next(iter(nodes), None)

    def _all(self, *, depth: int) -> Node | None:
        nodes: list[Node] = []
        without: list[Node] = []
        while self.following and self.following.kind in _ITEMS:
            lexeme = self.following
            self._position += 1
            node = self._item(lexeme, depth=depth)
            if node is not None:
                (without if lexeme.is_excluded else nodes).append(node)
        if without and not nodes:
            raise QueryError("Add something to find: a search cannot only leave out.")
        return _joined(nodes, without) if nodes else None

    def _item(self, lexeme: _Lexeme, *, depth: int) -> Node | None:
        if lexeme.kind == "open":
            return self._group(depth=depth + 1)
        if lexeme.kind == "filter":
            self._filter(lexeme, depth=depth)
            return None
        return _term(lexeme.text)

    def _group(self, *, depth: int) -> Node | None:
        if depth > DEEPEST:
            raise QueryError(f"More than {DEEPEST} parentheses inside each other: write it simpler.")
        node = self.either(depth=depth)
        if self.following is None:
            raise QueryError("A parenthesis is never closed.")
        self._position += 1
        return node

    def _filter(self, lexeme: _Lexeme, *, depth: int) -> None:
        found = _read_filter(lexeme)
        beside = {near.kind for near in self._neighbours()}
        if depth or "OR" in beside:
            raise QueryError(f"{found.name}: holds for the whole search: not in parentheses or beside OR.")
        self.filters.append(found)

    def _neighbours(self) -> Sequence[_Lexeme]:
        last = self._position - 1
        return [*self._lexemes[max(last - 1, 0) : last], *self._lexemes[last + 1 : last + 2]]


def _joined(nodes: Sequence[Node], without: Sequence[Node]) -> Node:
    if len(nodes) == 1 and not without:
        return nodes[0]
    flat: list[Node] = []
    excluded = list(without)
    for node in nodes:
        flat.extend(node.nodes if isinstance(node, All) else [node])
        excluded.extend(node.without if isinstance(node, All) else [])
    return All(nodes=tuple(flat), without=tuple(excluded))


def _term(written: str) -> Term | None:
    found = tokens(written)
    if not found:
        return None
    texts = tuple(token.text for token in found)
    if is_unspaced(texts[-1]):
        # The last character of a run follows its pairs in the index, but not where the run goes on.
        is_tail = len(found) > 1 and is_unspaced(texts[-2]) and found[-2].end == found[-1].end
        return Term(tokens=texts[:-1]) if is_tail else Term(tokens=texts, is_prefix=True)
    is_prefix = written.endswith("*")
    if is_prefix and len(texts[-1]) < SHORTEST_PREFIX:
        raise QueryError(f"Write at least {SHORTEST_PREFIX} letters before the * of {_shortened(written)}.")
    return Term(tokens=texts, is_prefix=is_prefix)


def _read_filter(lexeme: _Lexeme) -> Filter:
    name, _, value = lexeme.text.partition(":")
    name, value = name.lower(), value.strip(_QUOTES).strip()
    if not value:
        raise QueryError(f"Write what {name}: is to be, right behind the colon.")
    if name in {"before", "after"}:
        value = _day(name, value)
        if lexeme.is_excluded:
            raise QueryError(f"{name}: cannot be left out: use {'after' if name == 'before' else 'before'}:.")
    return Filter(name=name, value=value, is_excluded=lexeme.is_excluded)


def _day(name: str, value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise QueryError(f"Write the day as year-month-day, such as {name}:2026-11-20.") from None


def _shortened(written: str) -> str:
    return written if len(written) <= 40 else f"{written[:40]}…"
