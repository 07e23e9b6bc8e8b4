"""A short, fixed piece of the simulated tier; ``make faults`` runs the rest."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import AutoField

from tests.faults.cases import CASES, case_of
from tests.faults.databases import Database
from tests.faults.runner import run_seed
from tests.faults.sealed import PRODUCT

pytestmark = pytest.mark.no_cover  # the same lines many times over: others measure them

SEED = 7
_PLANS = {
    "sqlite": ("PRAGMA reverse_unordered_selects = ON", "PRAGMA reverse_unordered_selects = OFF"),
    "postgresql": (
        "SET enable_indexscan = off; SET enable_indexonlyscan = off; SET enable_bitmapscan = off",
        "RESET enable_indexscan; RESET enable_indexonlyscan; RESET enable_bitmapscan",
    ),
}


@pytest.mark.parametrize("seed", range(1, 7))
def test_seed(database: Database, seed: int) -> None:
    outcome = run_seed(seed, case_of(seed), database)

    assert outcome.problems == [], outcome.trace
    assert outcome.numbers["orders"] > 0


def test_same_seed_is_the_same_story(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    case = replace(CASES["all"], steps=30)
    first = run_seed(SEED, case, database).numbers
    other = run_seed(SEED + 1, case, database).numbers
    monkeypatch.setattr(Database, "wipe", _wipe_and_spend_ids(Database.wipe))
    with _rows_in_another_order():
        second = run_seed(SEED, case, database).numbers

    assert second == first
    assert other["story"] != first["story"]


@contextmanager
def _rows_in_another_order() -> Iterator[None]:
    """As a plan made from other statistics would: only what a query orders by counts."""
    other, usual = _PLANS[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(other)
    yield
    with connection.cursor() as cursor:
        cursor.execute(usual)


def _wipe_and_spend_ids(wipe: Callable[[Database], None]) -> Callable[[Database], None]:
    """The rows of a table begin at any number, as where many were deleted before."""
    rng = random.Random(SEED)

    def spend(database: Database) -> None:
        wipe(database)
        with connection.cursor() as cursor:
            for label in PRODUCT:
                for model in apps.get_app_config(label).get_models():
                    if not isinstance(model._meta.pk, AutoField):
                        continue
                    _spend(cursor, model._meta.db_table, model._meta.pk.column, rng.randrange(1, 5000))

    return spend


def _spend(cursor: Any, table: str, column: str, upto: int) -> None:
    if connection.vendor == "sqlite":
        cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
        cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, upto])
        return
    cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [table, column])
    (sequence,) = cursor.fetchone()
    if sequence:
        cursor.execute("SELECT setval(%s, %s)", [sequence, upto])
