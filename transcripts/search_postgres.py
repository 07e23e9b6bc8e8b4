"""Asks PostgreSQL: common words by looking at the newest entries, rare ones by the index.

GIN knows no order, and the planner cannot tell a rare word from a common one: left to itself it reads the
whole table for a word that is in three transcripts.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from transcripts.codes import encode
from transcripts.index_words import VECTOR
from transcripts.query import Term, has_phrases, to_strpos, to_tsquery, without_phrases
from transcripts.query_tree import terms
from transcripts.search_plan import Fact, Plan

# What every other one has is found among so many times the hits that are asked for; a word that is in
# hardly any of these few is looked for in the index at once.
GLANCE = 2
# What ten hits in a hundred have is found among so many times the hits that are asked for.
WINDOW = 10
MOST_LOOKED_AT = 2_000

_LOOK = """
    SELECT e.place FROM (
        SELECT * FROM transcripts_searchentry e WHERE {conditions} ORDER BY e.place DESC LIMIT %s
    ) e WHERE {decision} ORDER BY e.place DESC LIMIT %s
"""
_ASK = f"""
    WITH found AS MATERIALIZED (
        SELECT e.place FROM transcripts_searchentry e
        WHERE {VECTOR} @@ %s::tsquery AND {{conditions}} AND {{decision}}
    ) SELECT place FROM found ORDER BY place DESC LIMIT %s
"""  # noqa: S608
# Terms that come often in few words; more of one term counts less and less.
_RANK = """
    SELECT e.place FROM transcripts_searchentry e WHERE e.place = ANY(%s)
    ORDER BY {score} DESC, e.place DESC
"""
_TERM = """
    (SELECT n / (n + 0.3 + 0.9 * length(e.tokens) / 3000.0) FROM (SELECT
        (length(e.tokens) + 2 - length(replace(' ' || e.tokens || ' ', %s, ''))) / %s::float AS n) counted)
"""


def newest(plan: Plan, limit: int) -> list[int]:
    """The places of the newest hits."""
    wide = min(WINDOW * limit, MOST_LOOKED_AT)
    few = min(GLANCE * limit, wide)
    seen = _look(plan, limit, few)
    if len(seen) < limit <= len(seen) * wide // few:
        seen = _look(plan, limit, wide)
    return seen if len(seen) == limit else _ask(plan, limit)


def best(plan: Plan, limit: int) -> list[int]:
    """The places of the newest hits, those first that speak most of what was looked for."""
    places, wanted = newest(plan, limit), terms(plan.words.node)
    score = " + ".join([_TERM] * len(wanted)) or "0"
    written = [_written(term) for term in wanted]
    parameters: list[Any] = [places]
    for each in written:
        parameters += [each, len(each)]
    return _places(_RANK.format(score=score), parameters)


def tsquery(plan: Plan) -> str:
    """The whole search in the language of PostgreSQL, but for the order of words."""
    words = to_tsquery(without_phrases(plan.words))
    wanted = [words] if words else []
    wanted += [f"({' | '.join(map(_all, group))})" for group in plan.some_of]
    return " & ".join([*wanted, *(f"!{_one(fact)}" for fact in plan.none_of)])


def _look(plan: Plan, limit: int, entries: int) -> list[int]:
    """What is there among so many of the newest entries."""
    conditions, parameters = plan.conditions()
    decision, decided = _decision(plan)
    sql = _LOOK.format(conditions=conditions, decision=decision)
    return _places(sql, [*parameters, entries, *decided, limit])


def _ask(plan: Plan, limit: int) -> list[int]:
    query = tsquery(plan)
    conditions, parameters = plan.conditions()
    # Without words or facts there is nothing that the index could be asked.
    decision, decided = _decision(plan) if has_phrases(plan.words) or not query else ("TRUE", [])
    sql = _ASK.format(conditions=conditions, decision=decision)
    if not query:
        sql = sql.replace(f"{VECTOR} @@ %s::tsquery AND ", "")
        return _places(sql, [*parameters, *decided, limit])
    return _places(sql, [query, *parameters, *decided, limit])


def _decision(plan: Plan) -> tuple[str, list[Any]]:
    """The search as a condition on the columns of one entry."""
    words, found = to_strpos(plan.words, "e.tokens")
    parts, parameters = [words] if words else [], list[Any](found)
    for group in plan.some_of:
        parts.append(f"({' OR '.join(f'({_has(facts)})' for facts in group)})")
        parameters += [_read(fact) for facts in group for fact in facts]
    for fact in plan.none_of:
        parts.append(f"NOT ({_has([fact])})")
        parameters.append(_read(fact))
    return " AND ".join(parts) or "TRUE", parameters


def _has(facts: Sequence[Fact]) -> str:
    return " AND ".join(["strpos(' ' || e.facts || ' ', %s) > 0"] * len(facts))


def _read(fact: Fact) -> str:
    """As it stands in the column."""
    return f" {fact.name}{'' if fact.is_prefix else ' '}"


def _written(term: Term) -> str:
    """As it stands in the column, but for its beginning and end."""
    return f" {' '.join(map(encode, term.tokens))}{'' if term.is_prefix else ' '}"


def _all(facts: Iterable[Fact]) -> str:
    return f"({' & '.join(map(_one, facts))})"


def _one(fact: Fact) -> str:
    return f"'{fact.name}'{':*' if fact.is_prefix else ''}"


def _places(sql: str, parameters: list[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [place for (place,) in cursor.fetchall()]
