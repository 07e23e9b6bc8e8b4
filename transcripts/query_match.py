"""Decides a search in Python: the truth for tests, and the places to mark in a snippet."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from transcripts.query_tree import Either, Node, Query, Term, terms
from transcripts.tokens import LONGEST, Token, is_unspaced, tokens

Span = tuple[int, int]


def matches(query: Query, found: Sequence[Token]) -> bool:
    """Whether a text of these tokens is a hit; filters are not looked at."""
    return query.node is None or _matches(query.node, [token.text for token in found])


def hits(query: Query, text: str) -> list[Span]:
    """Where the text has what was looked for: spans in their order, none overlapping another."""
    joined: list[Span] = []
    for start, end in sorted(_quick_spans(query, text) or _spans(query, text)):
        if joined and start < joined[-1][1]:
            start, end = joined[-1][0], max(end, joined.pop()[1])  # noqa: PLW2901
        joined.append((start, end))
    return joined


def _spans(query: Query, text: str) -> Iterator[Span]:
    found = tokens(text)
    texts = [token.text for token in found]
    for term in terms(query.node):
        for first in _places(term, texts):
            yield found[first].start, _end(found, first + len(term.tokens) - 1, term)


def _quick_spans(query: Query, text: str) -> list[Span]:
    """The same for single words in a text that folding would not change; empty where it cannot tell."""
    patterns = [_plain(term) for term in terms(query.node)]
    if not text.isascii() or "'" in text or None in patterns:
        return []
    folded = text.lower()
    return [found.span() for pattern in patterns if pattern for found in pattern.finditer(folded)]


@lru_cache(maxsize=1_000)
def _plain(term: Term) -> re.Pattern[str] | None:
    word = term.tokens[0]
    if len(term.tokens) > 1 or len(word) >= LONGEST:
        return None
    return re.compile(
        rf"(?<![a-z0-9]){re.escape(word)}" + ("[a-z0-9]*" if term.is_prefix else "(?![a-z0-9])")
    )


def _matches(node: Node, texts: Sequence[str]) -> bool:
    if isinstance(node, Term):
        return any(True for _ in _places(node, texts))
    if isinstance(node, Either):
        return any(_matches(each, texts) for each in node.nodes)
    return all(_matches(each, texts) for each in node.nodes) and not any(
        _matches(each, texts) for each in node.without
    )


def _places(term: Term, texts: Sequence[str]) -> Iterator[int]:
    """The indexes of the tokens where the term begins."""
    *first, last = term.tokens
    for index in range(len(texts) - len(first)):
        end = index + len(first)
        is_last = texts[end].startswith(last) if term.is_prefix else texts[end] == last
        if is_last and list(texts[index:end]) == first:
            yield index


def _end(found: Sequence[Token], index: int, term: Term) -> int:
    token = found[index]
    if term.is_prefix and is_unspaced(term.tokens[-1]) and index + 1 < len(found):
        # One character was looked for and its pair found: the next token begins at the second.
        return min(token.end, found[index + 1].start)
    return token.end
