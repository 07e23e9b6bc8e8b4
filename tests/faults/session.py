"""A range of seeds in this process, each reported as it ends."""

import sys
import time
from dataclasses import dataclass

from django.db import connection

from tests.faults.cases import case_of
from tests.faults.databases import Database
from tests.faults.report import Report, summary
from tests.faults.runner import Outcome, run_seed


@dataclass(kw_only=True)
class Wanted:
    """What the command line asked for."""

    seeds: range
    case: str = ""
    is_again: bool = False
    seconds: float = 0.0  # begin no other seed after so long; 0: no limit
    is_loud: bool = False


def run(wanted: Wanted) -> int:
    """Run the seeds that the report lacks; answers how many of them failed."""
    report = Report(database=connection.vendor)
    done = set() if wanted.is_again else report.passed()
    database, began, failed = Database(), time.monotonic(), 0
    for seed in wanted.seeds:
        case = case_of(seed, wanted.case)
        if (case.name, seed) in done:
            continue
        if wanted.seconds and time.monotonic() - began > wanted.seconds:
            print(f"The time is up before seed {seed}: the next run goes on there.")
            break
        outcome = run_seed(seed, case, database)
        report.add(outcome)
        failed += bool(outcome.problems)
        _tell(outcome, is_loud=wanted.is_loud)
    return failed


def conclude(wanted: Wanted) -> str:
    """The table of what the report says of these seeds."""
    names = {(case_of(seed, wanted.case).name, seed) for seed in wanted.seeds}
    lines = Report(database=connection.vendor).lines()
    return summary(line for line in lines if (line["case"], line["seed"]) in names)


def _tell(outcome: Outcome, *, is_loud: bool) -> None:
    if is_loud:
        print(f"{outcome.case} {outcome.seed}: {outcome.seconds:.1f} s, {outcome.numbers}")
    for problem in outcome.problems:
        again = f"--case {outcome.case} --seeds {outcome.seed}"
        print(f"FAILED {again}: {problem.category}: {problem.text}")
    if outcome.trace:
        print(outcome.trace)
    sys.stdout.flush()
