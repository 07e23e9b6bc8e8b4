"""A short, fixed piece of the simulated tier; ``make faults`` runs the rest."""

import pytest

from tests.faults.cases import CASES, case_of
from tests.faults.databases import Database
from tests.faults.runner import run_seed


@pytest.mark.parametrize("seed", range(1, 7))
def test_seed(database: Database, seed: int) -> None:
    outcome = run_seed(seed, case_of(seed), database)

    assert outcome.problems == [], outcome.trace
    assert outcome.numbers["orders"] > 0


def test_same_seed_is_the_same_story(database: Database) -> None:
    first, second = (run_seed(7, CASES["all"], database).numbers for _ in range(2))

    assert first == second
