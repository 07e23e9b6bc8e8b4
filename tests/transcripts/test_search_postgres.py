"""How PostgreSQL is asked: a glance at the newest entries, a wider look, or the index."""

import pytest

from transcripts import search_postgres
from transcripts.query import parse
from transcripts.search_plan import Plan

PLAN = Plan(words=parse("budget"), query=parse("budget"), account_ids=(1,))


@pytest.mark.parametrize(
    ("limit", "seen", "asked"),
    [
        (20, [20], [40]),  # every other one has it: the glance is enough
        (20, [4, 20], [40, 200]),  # one in ten may have it: the wider look is enough
        (20, [4, 19], [40, 200, "index"]),
        (20, [3], [40, "index"]),  # hardly any has it
        (1_000, [999], [2_000, "index"]),  # no wider look is wider than that
        (1_000, [1_000], [2_000]),
    ],
)
def test_rare_words_are_looked_for_in_the_index_at_once(monkeypatch, limit, seen, asked):
    told, answers = [], iter(seen)

    def places(sql, parameters):
        if sql.startswith("\n    WITH found"):
            told.append("index")
            return [7]
        told.append(next(each for each in parameters if isinstance(each, int) and each > limit))
        return list(range(next(answers)))

    monkeypatch.setattr(search_postgres, "_places", places)

    found = search_postgres.newest(PLAN, limit)

    assert told == asked
    assert found == ([7] if asked[-1] == "index" else list(range(limit)))
