"""One case and one seed in this process: the harness, with the product's settings, beside the product."""

import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.faults.real.stage import Stage


def run_alone(case: str, seed: int, folder: Path, *, is_short: bool) -> int:
    """Play the case, append to the report, say what was found; 1 when something was."""
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    from tests.faults.real import cluster
    from tests.faults.real.cases import CASES
    from tests.faults.real.processes import Product
    from tests.faults.real.stage import Stage
    from tests.faults.report import Report
    from tests.faults.runner import Outcome

    product = Product(folder, int(settings.TAPEDECK_BIND.rpartition(":")[2]))
    stage = Stage(product, random.Random(f"{case}:{seed}"), folder, is_short=is_short)
    outcome = Outcome(seed=seed, case=case, problems=stage.problems, numbers=stage.numbers)
    began = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))  # not without ending the product
    with cluster.clock_shared(folder):
        outcome.trace = _play(CASES[case], stage)
    outcome.seconds = time.monotonic() - began
    Report(database=connection.vendor, tier="real").add(outcome)
    print(f"{case} {seed}: {outcome.seconds:.1f} s, {outcome.numbers}")
    for problem in outcome.problems:
        print(f"  {problem.category}: {problem.text}")
    if outcome.trace:
        print(outcome.trace)
    return 1 if outcome.problems else 0


def _play(case: Callable[["Stage"], None], stage: "Stage") -> str:
    """The case, and the end of the product whatever comes; the trace of what was not caught."""
    try:
        case(stage)
    except Exception as exc:  # noqa: BLE001 - whatever it is, the seed has failed and the others go on
        stage.problem("error", f"{type(exc).__name__}: {exc}")
        return traceback.format_exc()
    finally:
        stage.end()
    return ""
