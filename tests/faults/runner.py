"""One seed from beginning to end."""

import gc
import random
import time
import traceback
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from recordings.providers import registry
from tests.faults.cases import Case
from tests.faults.databases import Database
from tests.faults.machine import Machine, a_machine
from tests.faults.scenario import Scenario
from tests.faults.seams import Seams
from tests.faults.verdict import settle, summary
from tests.faults.watch import Problem
from tests.fifth.simulator import FifthSimulator
from tests.simulators.registry import simulator_class

ACCOUNTS = (1, 1, 2, 2, 3)  # so many, each at another provider


@dataclass(kw_only=True)
class Outcome:
    """What came of one seed."""

    seed: int
    case: str
    problems: list[Problem] = field(default_factory=list)
    numbers: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    trace: str = ""


def run_seed(seed: int, case: Case, database: Database) -> Outcome:
    """Run one seed of a case; the same seed is the same story."""
    began = time.process_time()
    outcome = Outcome(seed=seed, case=case.name)
    rng = random.Random(f"{case.name}:{seed}")
    with _uncollected(), pytest.MonkeyPatch.context() as patch:
        database.wipe()
        seams = Seams(case, rng)
        with a_machine(patch, seams=seams, rng=rng, poison=case.poison) as machine:
            try:
                _play(machine, case, rng, seed, database.user)
            except Exception:  # noqa: BLE001 - whatever it is, the seed has failed and the others go on
                outcome.trace = traceback.format_exc()
                machine.watch.problem("error", outcome.trace.strip().splitlines()[-1])
            outcome.problems = machine.watch.problems
            outcome.numbers = {**summary(machine), "story": zlib.crc32(repr(rng.getstate()).encode())}
    outcome.seconds = time.process_time() - began
    return outcome


@contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage is collected inside: it takes a tenth of the time, and what a dead worker leaves open (a
    cursor, with what it locks) must not end at a moment that earlier seeds decide."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _play(machine: Machine, case: Case, rng: random.Random, seed: int, user: Any) -> None:
    machine.seams.is_on = False
    for number, slug in enumerate(rng.sample(sorted(registry.ADAPTERS), k=rng.choice(ACCOUNTS))):
        simulator_type = FifthSimulator if slug == "fifth" else simulator_class(slug)
        machine.add(simulator_type(clock=machine.clock, seed=seed * 10 + number))
    machine.seams.is_on = True
    scenario = Scenario(machine, case, rng, user)
    machine.seams.while_frozen = scenario.while_frozen
    scenario.run()
    settle(scenario)
