"""Says a search in the words of either database, over a column of ``token_column``.

SQLite's FTS5 answers ``to_fts5`` exactly. PostgreSQL keeps at most 256 positions of a word and none beyond
16,383, so ``to_tsquery`` misses phrases late in a long transcript: there, ask for ``without_phrases`` by the
index and, where ``has_phrases``, have ``to_strpos`` look at what it found.
"""

from transcripts.codes import encode
from transcripts.query_tree import All, Either, Node, Query, Term


def to_fts5(query: Query) -> str:
    """The right side of FTS5's ``MATCH``; "" when the query has only filters."""
    return _fts5(query.node) if query.node else ""


def to_tsquery(query: Query) -> str:
    """The text for ``to_tsquery('simple', …)``; "" when the query has only filters."""
    return _tsquery(query.node) if query.node else ""


def to_like(query: Query, column: str) -> tuple[str, list[str]]:
    """An SQL condition that decides the query by reading the column, and its parameters.

    ``column`` is an SQL expression of the caller's own, such as ``text.tokens``; ("", []) when the query
    has only filters.
    """
    # Tokens hold no character that LIKE knows.
    condition, parameters = _reading(query, column, "{text} LIKE %s")
    return condition, [f"%{each}%" for each in parameters]


def to_strpos(query: Query, column: str) -> tuple[str, list[str]]:
    """What ``to_like`` says, for PostgreSQL, which reads with ``strpos`` in half of the time."""
    return _reading(query, column, "strpos({text}, %s) > 0")


def has_phrases(query: Query) -> bool:
    """Whether the order of words matters, so that a list of words alone cannot decide."""
    return query.node is not None and _has_phrases(query.node)


def without_phrases(query: Query) -> Query:
    """A query that never asks for order, and finds at least what this one does."""
    return Query(node=_loosened(query.node) if query.node else None, filters=query.filters)


def _fts5(node: Node) -> str:
    if isinstance(node, Term):
        return f'"{" ".join(map(encode, node.tokens))}"{" *" if node.is_prefix else ""}'
    if isinstance(node, Either):
        return f"({' OR '.join(map(_fts5, node.nodes))})"
    found = f"({' AND '.join(map(_fts5, node.nodes))})"
    return f"({found} NOT ({' OR '.join(map(_fts5, node.without))}))" if node.without else found


def _tsquery(node: Node) -> str:
    if isinstance(node, Term):
        return f"({' <-> '.join(map(encode, node.tokens))}{':*' if node.is_prefix else ''})"
    if isinstance(node, Either):
        return f"({' | '.join(map(_tsquery, node.nodes))})"
    return f"({' & '.join([*map(_tsquery, node.nodes), *(f'!{_tsquery(each)}' for each in node.without)])})"


def _reading(query: Query, column: str, has: str) -> tuple[str, list[str]]:
    """``has`` says in SQL that ``{text}`` contains a parameter."""
    if query.node is None:
        return "", []
    parameters: list[str] = []
    return _condition(query.node, has.format(text=f"' ' || {column} || ' '"), parameters), parameters


def _condition(node: Node, has: str, parameters: list[str]) -> str:
    if isinstance(node, Term):
        parameters.append(f" {' '.join(map(encode, node.tokens))}{'' if node.is_prefix else ' '}")
        return f"({has})"
    parts = [_condition(each, has, parameters) for each in node.nodes]
    if isinstance(node, Either):
        return f"({' OR '.join(parts)})"
    parts += [f"NOT {_condition(each, has, parameters)}" for each in node.without]
    return f"({' AND '.join(parts)})"


def _has_phrases(node: Node) -> bool:
    if isinstance(node, Term):
        return len(node.tokens) > 1
    without = node.without if isinstance(node, All) else ()
    return any(map(_has_phrases, (*node.nodes, *without)))


def _loosened(node: Node) -> Node:
    if isinstance(node, Term):
        *first, last = node.tokens
        words = (*(Term(tokens=(token,)) for token in first), Term(tokens=(last,), is_prefix=node.is_prefix))
        return All(nodes=words) if first else node
    nodes = tuple(map(_loosened, node.nodes))
    if isinstance(node, Either):
        return Either(nodes=nodes)
    # Leaving out the words of an excluded phrase would leave out too much.
    return All(nodes=nodes, without=tuple(each for each in node.without if not _has_phrases(each)))
