"""The tree of a search: what was asked for, free of how it was typed and of how a database says it."""

from dataclasses import dataclass
from datetime import date


class QueryError(ValueError):
    """The query cannot be read; the message is a sentence for the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Tokens that stand one behind the other; the last may be the beginning of a longer one."""

    tokens: tuple[str, ...]
    is_prefix: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class All:
    """Everything in ``nodes`` and nothing in ``without``; ``nodes`` is never empty."""

    nodes: tuple["Node", ...]
    without: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Either:
    """At least one of ``nodes``, which are two or more."""

    nodes: tuple["Node", ...]


Node = Term | All | Either


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A condition on the transcript beside its words. Two of one name mean either."""

    name: str  # one of FILTERS
    value: str
    is_excluded: bool = False

    @property
    def day(self) -> date:
        """Of ``before`` and ``after``, which ``parse`` has checked."""
        return date.fromisoformat(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """``node`` is ``None`` when there are only filters."""

    node: Node | None = None
    filters: tuple[Filter, ...] = ()


def terms(node: Node | None) -> tuple[Term, ...]:
    """What is looked for, without what is excluded."""
    if node is None:
        return ()
    if isinstance(node, Term):
        return (node,)
    return tuple(term for inner in node.nodes for term in terms(inner))
