"""Asks SQLite: the index of words gives its rows newest first, however many there are."""

from collections.abc import Iterable

from django.db import connection

from transcripts.index_facts import ANY
from transcripts.query import to_fts5
from transcripts.search_plan import Fact, Plan

_FOUND = """
    FROM transcripts_words CROSS JOIN transcripts_searchentry e ON e.place = transcripts_words.rowid
    WHERE transcripts_words MATCH %s AND {conditions}
    ORDER BY transcripts_words.rowid DESC LIMIT %s
"""
_NEWEST = f"SELECT e.place {_FOUND}"
_BEST = f"""
    SELECT place FROM (SELECT e.place AS place, bm25(transcripts_words, 1.0, 0.0) AS score {_FOUND}) scored
    ORDER BY score, place DESC
"""  # noqa: S608


def newest(plan: Plan, limit: int) -> list[int]:
    """The places of the newest hits."""
    return _places(_NEWEST, plan, limit)


def best(plan: Plan, limit: int) -> list[int]:
    """The places of the newest hits, those first that speak most of what was looked for."""
    return _places(_BEST, plan, limit)


def match(plan: Plan) -> str:
    """The whole search in the language of FTS5."""
    words = to_fts5(plan.words)
    wanted = [f"{{tokens}} : {words}"] if words else []
    wanted += [f"{{facts}} : ({' OR '.join(map(_all, group))})" for group in plan.some_of]
    found = f"({' AND '.join(wanted or [f'{{facts}} : {ANY}'])})"
    if not plan.none_of:
        return found
    return f"{found} NOT ({{facts}} : ({' OR '.join(map(_one, plan.none_of))}))"


def _places(sql: str, plan: Plan, limit: int) -> list[int]:
    conditions, parameters = plan.conditions("transcripts_words.rowid")
    with connection.cursor() as cursor:
        cursor.execute(sql.format(conditions=conditions), [match(plan), *parameters, limit])
        return [place for (place,) in cursor.fetchall()]


def _all(facts: Iterable[Fact]) -> str:
    return f"({' AND '.join(map(_one, facts))})"


def _one(fact: Fact) -> str:
    return f'"{fact.name}"{" *" if fact.is_prefix else ""}'
