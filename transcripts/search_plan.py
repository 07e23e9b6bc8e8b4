"""What a search comes to for one person: words, facts and times that a database can look for.

Which accounts may be seen is decided here, once, and every statement carries their ids.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any, NamedTuple

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import connection
from django.utils import timezone

from transcripts.codes import encode
from transcripts.index import place_of
from transcripts.index_facts import account_fact, language_fact, speaker_fact
from transcripts.query import All, Either, Filter, Node, Query, QueryError, Term, matches, parse, to_like
from transcripts.search_accounts import accounts_of
from transcripts.tokens import tokens

MOST_NAMED = 10  # accounts that are looked for by name in the index; more cost more than they save
# A place lies this much after its time at most: that many transcripts of one second.
SLACK_SECONDS = 86_400


class Fact(NamedTuple):
    """One token of ``index_facts``, or its beginning."""

    name: str
    is_prefix: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that a hit must be. ``some_of``: of each group one alternative holds, all facts of it."""

    words: Query  # what the database looks for
    query: Query  # what the lines must have
    account_ids: tuple[int, ...]
    some_of: tuple[tuple[tuple[Fact, ...], ...], ...] = ()
    none_of: tuple[Fact, ...] = ()
    speakers: tuple[Term, ...] = ()  # the words are said by one of them
    absent: tuple[Term, ...] = ()  # none of them speaks
    since: datetime | None = None
    until: datetime | None = None
    before_place: int | None = None

    def conditions(self, place: str = "e.place") -> tuple[str, list[Any]]:
        """What the entry ``e`` must be, as SQL with its parameters; ``place`` is what has its place."""
        marks = ", ".join(["%s"] * len(self.account_ids))
        parts, parameters = [f"e.account_id IN ({marks})"], list[Any](self.account_ids)
        for sql, value in self._bounds(place):
            parts.append(sql)
            parameters.append(value)
        for terms, is_wanted in ((self.speakers, True), (self.absent, False)):
            if terms:
                named, values = to_like(Query(node=_either(terms)), "e.speakers")
                parts.append(named if is_wanted else f"NOT {named}")
                parameters += values
        return " AND ".join(parts), parameters

    def _bounds(self, place: str) -> Iterable[tuple[str, Any]]:
        moment = connection.ops.adapt_datetimefield_value
        if self.before_place is not None:
            yield f"{place} < %s", self.before_place
        if self.since is not None:
            yield f"{place} >= %s", place_of(self.since)
            yield "e.sort_at >= %s", moment(self.since)
        if self.until is not None:
            yield f"{place} < %s", place_of(self.until) + SLACK_SECONDS
            yield "e.sort_at < %s", moment(self.until)


def planned(user: AbstractBaseUser | AnonymousUser, query: Query) -> Plan:
    """The plan of a search by this person. Raises ``QueryError`` for a filter that fits nothing there is."""
    account_ids = accounts_of(user, query.filters)
    wanted, absent = _speakers(query.filters)
    groups = [_speaker_facts(wanted)] if wanted else []
    if len(account_ids) <= MOST_NAMED:
        groups.append(tuple((Fact(account_fact(each)),) for each in account_ids))
    languages, none_of = _languages(query.filters)
    # What is left out, somebody else may have said: that is looked at in the lines themselves.
    node = _wanted(query.node) if wanted and query.node else query.node
    return Plan(
        words=Query(node=node),
        query=query,
        account_ids=account_ids,
        some_of=tuple([*groups, languages] if languages else groups),
        none_of=none_of,
        speakers=wanted,
        absent=absent,
        since=_moment(query.filters, "after"),
        until=_moment(query.filters, "before"),
    )


def is_said_by(speakers: Sequence[Term], name: str) -> bool:
    """Whether somebody of this name is one of those who are looked for."""
    return matches(Query(node=_either(speakers)), tokens(name))


def _either(terms: Sequence[Term]) -> Node:
    return terms[0] if len(terms) == 1 else Either(nodes=tuple(terms))


def _speakers(filters: Sequence[Filter]) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    mine = [each for each in filters if each.name == "speaker"]
    wanted = tuple(_name(each.value) for each in mine if not each.is_excluded)
    return wanted, tuple(_name(each.value) for each in mine if each.is_excluded)


def _name(value: str) -> Term:
    bare = value.replace('"', " ")
    found = parse(f'"{bare.removesuffix("*")}"{"*" if bare.endswith("*") else ""}').node
    if not isinstance(found, Term):
        raise QueryError("Write one name behind speaker:.")
    return found


def _speaker_facts(speakers: Sequence[Term]) -> tuple[tuple[Fact, ...], ...]:
    return tuple(tuple(_facts(term)) for term in speakers)


def _facts(term: Term) -> Iterable[Fact]:
    for number, token in enumerate(term.tokens, start=1):
        yield Fact(speaker_fact(encode(token)), is_prefix=term.is_prefix and number == len(term.tokens))


def _languages(filters: Sequence[Filter]) -> tuple[tuple[tuple[Fact, ...], ...], tuple[Fact, ...]]:
    mine = [each for each in filters if each.name == "language"]
    wanted = tuple((Fact(language_fact(each.value)),) for each in mine if not each.is_excluded)
    return wanted, tuple(Fact(language_fact(each.value)) for each in mine if each.is_excluded)


def _wanted(node: Node) -> Node:
    """The tree without what it leaves out: finds at least as much."""
    if isinstance(node, Term):
        return node
    nodes = tuple(_wanted(each) for each in node.nodes)
    return All(nodes=nodes) if isinstance(node, All) else replace(node, nodes=nodes)


def _moment(filters: Sequence[Filter], name: str) -> datetime | None:
    """The beginning of the day, in the zone of whoever asks: the earlier "before", the later "after"."""
    days = [each.day for each in filters if each.name == name]
    if not days:
        return None
    # At both ends of the calendar another zone's midnight is no date any more.
    day = min(max(max(days) if name == "after" else min(days), _FIRST), _LAST)
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())


_FIRST, _LAST = date(2, 1, 1), date(9998, 12, 31)
