import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dashboard.supervisor import delay_seconds

ROOT = Path(__file__).resolve().parents[2]

# Each leaves its process id behind, one file a life.
NOTE = "import os, pathlib, time;(pathlib.Path(os.environ['FOLDER']) / f'{name}-{os.getpid()}').touch();"
SLEEPER = "name = 'sleeper';" + NOTE + "time.sleep(60)"
ORPHAN = "name = 'orphan';" + NOTE + "time.sleep(60)"
PARENT = (
    f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {ORPHAN!r}]);"
    f"name = 'parent';{NOTE}time.sleep(60)"
)
STUBBORN = (
    f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);name = 'stubborn';{NOTE}time.sleep(60)"
)
FAILING = "name = 'failing';" + NOTE + "raise SystemExit(3)"


class Supervised:
    """The supervisor as a process of its own, and the lives of what it has started."""

    def __init__(self, folder, programs, grace_seconds):
        self.folder = folder
        plan = {"folder": str(folder), "programs": programs, "grace_seconds": grace_seconds}
        self.log = folder / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.house.supervised", json.dumps(plan)],
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def lives(self, name):
        return [int(path.name.split("-")[1]) for path in self.folder.glob(f"{name}-*")]

    def wait_for_life(self, name, count=1):
        wait_until(lambda: len(self.lives(name)) >= count, f"life {count} of {name}")
        return max(self.folder.glob(f"{name}-*"), key=lambda path: path.stat().st_mtime_ns)

    def pid(self, name, count=1):
        return int(self.wait_for_life(name, count).name.split("-")[1])

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(10)


def wait_until(is_so, what):
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.01)


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def supervise(tmp_path):
    started = []

    def start(*, grace_seconds=5.0, **programs):
        started.append(Supervised(tmp_path, programs, grace_seconds))
        return started[-1]

    yield start
    for supervised in started:
        for path in tmp_path.glob("*-*"):
            pid = int(path.name.split("-")[1])
            if is_alive(pid):
                os.kill(pid, signal.SIGKILL)
        supervised.process.terminate()
        supervised.process.wait(10)


def test_dead_program_starts_again(supervise):
    supervised = supervise(sleeper=SLEEPER)

    os.kill(supervised.pid("sleeper"), signal.SIGKILL)

    assert is_alive(supervised.pid("sleeper", count=2))
    assert "sleeper ended with code -9" in supervised.log.read_text()


def test_orphans_of_a_dead_program_are_killed_first(supervise):
    supervised = supervise(parent=PARENT)
    orphan = supervised.pid("orphan")

    os.kill(supervised.pid("parent"), signal.SIGKILL)

    supervised.pid("parent", count=2)
    assert not is_alive(orphan)


def test_program_that_keeps_failing_waits_longer_each_time(supervise):
    supervised = supervise(failing=FAILING)

    supervised.wait_for_life("failing", count=3)

    first, second, third = sorted(p.stat().st_mtime for p in supervised.folder.glob("failing-*"))[:3]
    assert second - first >= 0.25
    assert third - second >= 0.5


def test_healthy_program_starts_again_at_once_and_none_waits_for_ever():
    assert delay_seconds(0) == 0
    assert delay_seconds(1) == 0.25
    assert delay_seconds(10_000) == 5


def test_signal_while_a_program_waits_to_start_again(supervise):
    supervised = supervise(failing=FAILING)
    supervised.wait_for_life("failing", count=3)

    assert supervised.end() == 0


def test_wedged_program_is_killed_whole_and_starts_again(supervise):
    supervised = supervise(stubborn=STUBBORN, sleeper=SLEEPER)
    wedged, other = supervised.pid("stubborn"), supervised.pid("sleeper")

    (supervised.folder / "wedged").write_text("stubborn")

    assert is_alive(supervised.pid("stubborn", count=2))
    assert not is_alive(wedged)
    assert supervised.lives("sleeper") == [other]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_everything(supervise, number):
    supervised = supervise(sleeper=SLEEPER, parent=PARENT)
    pids = [supervised.pid(name) for name in ("sleeper", "parent", "orphan")]

    code = supervised.end(number)

    assert code == 0
    assert [pid for pid in pids if is_alive(pid)] == []


def test_what_does_not_end_in_time_is_killed(supervise):
    supervised = supervise(grace_seconds=0.2, stubborn=STUBBORN)
    pid = supervised.pid("stubborn")

    assert not (supervised.folder / "ended").exists()
    code = supervised.end()

    assert code == 1
    assert not is_alive(pid)
    assert (supervised.folder / "ended").exists()
    assert "killed, for they did not end: stubborn" in supervised.log.read_text()


def test_second_signal_kills_at_once(supervise):
    supervised = supervise(grace_seconds=60.0, stubborn=STUBBORN)
    pid = supervised.pid("stubborn")

    supervised.process.terminate()
    time.sleep(0.1)
    code = supervised.end()

    assert code == 1
    assert not is_alive(pid)


def test_failing_chore_is_logged_and_stops_nothing(supervise):
    supervised = supervise(sleeper=SLEEPER)

    wait_until(lambda: supervised.log.read_text().count("failing failed") >= 2, "two tries")

    assert is_alive(supervised.pid("sleeper"))
    assert "the chore's own trouble" in supervised.log.read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_programs_end_when_the_supervisor_is_killed(supervise):
    supervised = supervise(sleeper=SLEEPER)
    pid = supervised.pid("sleeper")

    supervised.end(signal.SIGKILL)

    wait_until(lambda: not is_alive(pid), "the end of the orphaned program")


def test_program_whose_starter_is_gone_does_not_begin(tmp_path):
    command = ["-m", "dashboard.leash", "-1", sys.executable, "-c", "print('begun')"]

    result = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, check=False)

    assert (result.returncode, result.stdout) == (1, b"")
