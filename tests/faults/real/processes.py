"""The product as processes: started, found by what they are, killed, and ended with all they started."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.faults.real import strikes

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_SECONDS = 240.0  # of a machine that does much else; what must be quick is measured
STOPS_WITHIN_SECONDS = 30.0


class TookTooLong(Exception):
    """What had to happen did not, in all the time there was."""


class Product:
    """``manage.py serve`` and everything below it."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self.log = folder / "product.log"
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self) -> float:
        """Answers how long it took until the web server answered."""
        self._run("serve")
        return patiently(self.answers)

    def start_second_queue(self) -> subprocess.Popen[bytes]:
        """Another cluster beside the one that serve runs."""
        return self._run("qcluster", TAPEDECK_ROLE="worker")

    def start_second_web(self, port: int) -> None:
        """Another web server on the same database."""
        words = [*(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--host", "127.0.0.1")]
        words += [*("--port", str(port), "--blocking-threads", "4"), "dashboard.wsgi:application"]
        self._spawn(words, TAPEDECK_ROLE="web")
        patiently(lambda: answers(port))

    def answers(self) -> bool:
        """Whether the web server takes requests."""
        return answers(self.port)

    def supervisors(self) -> list[int]:
        return [pid for pid in self.everyone() if "manage.py serve" in command_of(pid)]

    def web(self) -> list[int]:
        return [pid for pid in self.everyone() if "granian" in command_of(pid)]

    def queue(self) -> list[int]:
        """The main process of each queue before those below it."""
        return [pid for pid in self.everyone() if "qcluster" in command_of(pid)]

    def workers(self) -> list[int]:
        """The processes that look for work."""
        known = set(strikes.workers())
        return [pid for pid in self.everyone() if pid in known and is_alive(pid)]

    def everyone(self) -> list[int]:
        """Every process that this object has started, and their children, the oldest first."""
        found = [each.pid for each in self._started if each.poll() is None]
        for pid in found:
            found += [child for child in children_of(pid) if child not in found]
        return found

    def kill_all(self) -> None:
        """As when the machine loses its power."""
        for _ in range(3):  # What was being born in the first round dies in the next.
            for pid in self.everyone():
                kill(pid)
        for each in self._started:
            each.wait()
        self._started.clear()

    def end(self) -> None:
        """Ask once, then kill whatever is left."""
        left = self.everyone()
        for each in self._started:
            if each.poll() is None:
                each.terminate()
        ends_at = time.monotonic() + STOPS_WITHIN_SECONDS
        while time.monotonic() < ends_at and any(each.poll() is None for each in self._started):
            time.sleep(0.05)
        for pid in [*left, *self.everyone(), *self.orphans()]:
            if "qcluster" in command_of(pid) or "granian" in command_of(pid) or "serve" in command_of(pid):
                kill(pid)

    def orphans(self) -> list[int]:
        """Workers of this run that nobody minds any more."""
        return [pid for pid in strikes.workers() if is_alive(pid) and pid not in self.everyone()]

    def _run(self, command: str, **more: str) -> "subprocess.Popen[bytes]":
        return self._spawn([sys.executable, str(ROOT / "manage.py"), command], **more)

    def _spawn(self, words: list[str], **more: str) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            started = subprocess.Popen(
                words, cwd=ROOT, env={**os.environ, **more}, stdout=log, stderr=log, start_new_session=True
            )
        self._started.append(started)
        return started


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def patiently(
    is_so: Callable[[], object], seconds: float = PATIENCE_SECONDS, *, every: float = 0.05
) -> float:
    """Wait until it is; answers how long that took. Raises ``TookTooLong``."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > seconds:
            raise TookTooLong(f"waited {seconds:.0f} s in vain: {is_so.__doc__ or is_so}")
        time.sleep(every)
    return time.monotonic() - began


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    if pid <= 0:  # Nobody is there to be killed; 0 would be this process's own group.
        return
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def command_of(pid: int) -> str:
    return _read(pid, "cmdline").replace("\0", " ")


def is_alive(pid: int) -> bool:
    fields = _read(pid, "stat").rpartition(")")[2].split()
    return bool(fields) and fields[0] != "Z"


def children_of(pid: int) -> Iterator[int]:
    try:
        threads = [path.name for path in Path(f"/proc/{pid}/task").iterdir()]
    except OSError:
        return
    for thread in threads:
        for child in _read(pid, f"task/{thread}/children").split():
            yield int(child)


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except (OSError, UnicodeDecodeError):
        return ""
