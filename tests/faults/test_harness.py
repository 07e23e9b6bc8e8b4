"""The harness itself: a product that breaks one of its promises is found out within a few seeds."""

import uuid
from dataclasses import replace
from typing import Any

import pytest

from recordings import clock, inbox
from recordings.models import Operation
from recordings.work import orders, settling
from recordings.work.leases import Lease
from tests.faults.cases import CASES, Case
from tests.faults.databases import Database
from tests.faults.runner import run_seed

pytestmark = pytest.mark.no_cover  # the same lines many times over: others measure them

SEEDS = 12


def found(database: Database, case: Case, first: int, *categories: str) -> bool:
    """Whether one of a few seeds tells of one of these; ``first`` is known to."""
    for seed in (first, *range(1, SEEDS + 1)):
        outcome = run_seed(seed, case, database)
        if {problem.category for problem in outcome.problems}.intersection(categories):
            return True
    return False


def test_lease_token_not_compared(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(self: Lease, item: Any = None, **changes: Any) -> None:
        target = item or self.item
        type(target)._default_manager.filter(pk=target.pk).update(**changes)
        for name, value in changes.items():
            setattr(target, name, value)

    monkeypatch.setattr(Lease, "write", write)

    # What is sent too late is held back besides, so that the harm is an order that ends twice.
    assert found(database, CASES["F7"], 4, "twice", "reopened", "denied")


def test_sent_committed_after_the_call(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def mark_sent(_lease: Lease, operation: Operation) -> None:
        operation.state, operation.send_key = Operation.State.SENT, uuid.uuid4()
        operation.sent_at = operation.first_sent_at = clock.now()

    monkeypatch.setattr(settling, "mark_sent", mark_sent)

    # It is performed twice, or told as never performed.
    assert found(database, CASES["F3"], 2, "twice", "denied")


def test_dedupe_removed(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "_dedupe_id", lambda given: uuid.uuid4().hex)

    assert found(database, CASES["F2"], 2, "doubled")


def test_not_after_ignored(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    # It is kept twice: before an order is marked as sent, and again before its first byte leaves.
    monkeypatch.setattr(orders, "lateness", lambda operation, now: "")
    monkeypatch.setattr(orders, "_seconds_left", lambda operation: 60.0)

    assert found(database, replace(CASES["F4"], idle=0.8), 1, "late")
