"""A short piece of the real tier for the suite: ``make faults`` runs every case."""

import os
import subprocess
import sys

import pytest

from tests.faults.real.environment import ROOT


@pytest.mark.parametrize("case", ["F3"])
def test_short_pass(case: str) -> None:
    # What it runs is the product's processes, half of which are killed: nothing of them is measured.
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    words = [sys.executable, "-m", "tests.faults.real", case, "--seed", "1", "--short"]

    done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
