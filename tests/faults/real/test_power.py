"""The harness itself: power cuts lose what was acknowledged with ``synchronous=OFF``, and not with FULL."""

import random
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.real import power

WRITER = """
import os, sqlite3, sys
folder, log, level = sys.argv[1:]
database = sqlite3.connect(folder + "/a.sqlite3", isolation_level=None)
database.execute("PRAGMA journal_mode=WAL")
database.execute("PRAGMA synchronous=" + level)
database.execute("CREATE TABLE IF NOT EXISTS kept (number INTEGER PRIMARY KEY, body BLOB)")
for number in range(40):
    database.execute("INSERT INTO kept VALUES (?, ?)", (number, os.urandom(3000)))
    print(number, os.path.getsize(log), flush=True)
database.close()
"""
CUTS = 60


def lost(tmp_path: Path, level: str) -> int:
    """In how many of the cuts a number that was acknowledged before is gone, or the file broken."""
    try:
        shim = power.build(tmp_path)
    except power.NoShim as exc:
        pytest.skip(str(exc))
    folder, log = tmp_path / "data", tmp_path / "log"
    folder.mkdir()
    env = {"LD_PRELOAD": str(shim), "SHIM_FOLDER": str(folder), "SHIM_LOG": str(log)}
    command = [sys.executable, "-c", WRITER, str(folder), str(log), level]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    acknowledged = [tuple(map(int, line.split())) for line in done.stdout.splitlines()]
    rng = random.Random(11)
    return sum(_is_lost(tmp_path / f"cut-{cut}", log, rng, acknowledged) for cut in range(CUTS))


def _is_lost(folder: Path, log: Path, rng: random.Random, acknowledged: list[tuple[int, ...]]) -> bool:
    number, size = rng.choice(acknowledged)
    power.after_power_cut(log, size, folder, rng, base=folder)
    (folder / "a.sqlite3-shm").unlink(missing_ok=True)
    try:
        with sqlite3.connect(folder / "a.sqlite3") as database:
            is_sound = database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            kept = {row[0] for row in database.execute("SELECT number FROM kept")}
    except sqlite3.DatabaseError:
        return True
    finally:
        database.close()
    return not is_sound or not set(range(number + 1)) <= kept


def test_full_loses_nothing(tmp_path: Path) -> None:
    assert lost(tmp_path, "FULL") == 0


def test_off_is_found_out(tmp_path: Path) -> None:
    assert lost(tmp_path, "OFF") > 0
