"""Keeps a few programs running and ends them cleanly; knows nothing of what they do.

Each program has a session of its own, because ending one takes two steps: its main process is asked
once, and what is left of its process group is killed. Shell traps left processes behind.
"""

import logging
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType

logger = logging.getLogger(__name__)

FIRST_DELAY_SECONDS = 0.25
LONGEST_DELAY_SECONDS = 5.0
HEALTHY_SECONDS = 10.0  # A program that ran this long starts again without delay.


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A command to keep running; `env` is added to the supervisor's own."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """A short function to call again and again, in a thread of its own; its errors are logged."""

    name: str
    every_seconds: float
    run: Callable[[], None]


class Child:
    """One program as it runs now, or is about to."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._due_at = 0.0
        self._failures = 0

    @property
    def is_running(self) -> bool:
        """Whether the main process lives."""
        return self._process is not None and self._process.poll() is None

    def tend(self) -> float | None:
        """Start the program unless it runs; return the seconds until it may, if it must wait."""
        if self.is_running:
            return None
        if self._process is not None:
            self._bury()
        wait_seconds = self._due_at - time.monotonic()
        if wait_seconds > 0:
            return wait_seconds
        self._start()
        return None

    def terminate(self) -> None:
        """Ask the main process to end, once; a signal to the whole group would hang the queue."""
        if self._process is not None and self.is_running:
            self._process.terminate()

    def kill(self) -> None:
        """End the main process and whatever it has started, at once."""
        if self._process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _start(self) -> None:
        leash = [sys.executable, "-m", "dashboard.leash", str(os.getpid())]
        self._process = subprocess.Popen(  # noqa: S603
            [*leash, *self.program.command],
            env={**os.environ, **self.program.env},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._started_at = time.monotonic()

    def _bury(self) -> None:
        """Kill the orphans before anything takes their place, and choose when that may be."""
        self.kill()
        now = time.monotonic()
        is_healthy = now - self._started_at >= HEALTHY_SECONDS
        self._failures = 0 if is_healthy else self._failures + 1
        self._due_at = now + delay_seconds(self._failures)
        code = self._process.returncode if self._process else None
        logger.warning("%s ended with code %s; it starts again", self.program.name, code)
        self._process = None


def delay_seconds(failures: int) -> float:
    """Return how long to wait after so many early deaths in a row; none after a healthy life."""
    if failures == 0:
        return 0.0
    return min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2.0 ** min(failures - 1, 10))


class Supervisor:
    """Runs programs and chores until a signal; a second signal ends everything at once."""

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        chores: Sequence[Chore] = (),
        grace_seconds: float,
        on_end: Callable[[], object] = lambda: None,
    ) -> None:
        self._children = {program.name: Child(program) for program in programs}
        self._chores = chores
        self._grace_seconds = grace_seconds
        self._on_end = on_end  # told before the programs are
        self._signals = 0
        self._ended = threading.Event()
        self._wedged: set[str] = set()
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)

    def run(self) -> int:
        """Return the exit code once everything has ended: 0, or 1 if something had to be killed."""
        with self._listening():
            for chore in self._chores:
                threading.Thread(target=self._repeat, args=(chore,), daemon=True).start()
            while not self._signals:
                self._wait(self._tend())
            self._ended.set()
            return self._end()

    def restart(self, name: str) -> None:
        """Kill a program's whole process group and start it again; may be called by any thread."""
        self._wedged.add(name)
        with suppress(BlockingIOError):  # A full pipe wakes as well.
            os.write(self._wake_write, b"\0")

    def _tend(self) -> float | None:
        while self._wedged:
            self._children[self._wedged.pop()].kill()
        waits = [child.tend() for child in self._children.values()]
        return min((wait for wait in waits if wait is not None), default=None)

    def _end(self) -> int:
        self._on_end()
        for child in self._children.values():
            child.terminate()
        deadline = time.monotonic() + self._grace_seconds
        while self._running() and self._signals == 1 and time.monotonic() < deadline:
            self._wait(deadline - time.monotonic())
        stubborn = self._running()
        for child in self._children.values():
            child.kill()
        if stubborn:
            logger.warning("killed, for they did not end: %s", ", ".join(stubborn))
        return 1 if stubborn else 0

    def _running(self) -> list[str]:
        return [name for name, child in self._children.items() if child.is_running]

    def _repeat(self, chore: Chore) -> None:
        while not self._ended.wait(chore.every_seconds):
            try:
                chore.run()
            except Exception:  # The next time may be better, and the programs must go on.
                logger.exception("%s failed; it is tried again", chore.name)

    def _wait(self, seconds: float | None) -> None:
        """Sleep until a signal, a child's death, a request to restart, or the time is up."""
        timeout = None if seconds is None else max(seconds, 0.0)
        select.select([self._wake_read], [], [], timeout)
        with suppress(BlockingIOError):
            while os.read(self._wake_read, 512):
                continue

    @contextmanager
    def _listening(self) -> Iterator[None]:
        handlers = {signal.SIGINT: self._count, signal.SIGTERM: self._count}
        earlier = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        # Only a signal with a handler of Python's own is written to the wake-up pipe.
        earlier[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda number, frame: None)
        earlier_fd = signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(earlier_fd)
            for number, handler in earlier.items():
                signal.signal(number, handler)

    def _count(self, number: int, frame: FrameType | None) -> None:
        self._signals += 1
