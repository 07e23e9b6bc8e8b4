"""On SQLite, where only one writes at a time: no worker begins to write while a callback waits for its turn.

SQLite lets whoever waits sleep longer and longer, so that busy workers, who come back at once, would keep
a sender waiting until it gives up. A file that all processes lock says that callbacks wait.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db.backends.signals import connection_created

LONGEST_SECONDS = 0.1  # a worker gives way for so long, so that its own work goes on as well
PAUSE_SECONDS = 0.002
BEGIN = "BEGIN"


class _Gate:
    """This process's hold on the file; its threads share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting = 0
        self._opened: tuple[int, int] = (0, -1)  # by which process, and where

    def enter(self) -> None:
        with self._lock:
            self._waiting += 1
            if self._waiting == 1:
                fcntl.flock(self._file(), fcntl.LOCK_SH)

    def leave(self) -> None:
        with self._lock:
            self._waiting -= 1
            if not self._waiting:
                fcntl.flock(self._file(), fcntl.LOCK_UN)

    def is_free(self) -> bool:
        """Whether nobody else holds it; this process does not keep it."""
        try:
            fcntl.flock(self._file(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        fcntl.flock(self._file(), fcntl.LOCK_UN)
        return True

    def _file(self) -> int:
        process, number = self._opened
        if process != os.getpid():  # A forked one would share the hold of its parent.
            path = settings.TAPEDECK_DATA / "callbacks.lock"
            number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._opened = (os.getpid(), number)
        return number


_gate = _Gate()


@contextmanager
def taken() -> Iterator[None]:
    """Have the workers give way until the end of the block."""
    _gate.enter()
    try:
        yield
    finally:
        _gate.leave()


def give_way() -> None:
    """Wait while callbacks wait, but not for long."""
    ends_at = time.monotonic() + LONGEST_SECONDS
    while not _gate.is_free() and time.monotonic() < ends_at:
        time.sleep(PAUSE_SECONDS)


def listen() -> None:
    """Have this process give way before each transaction, if it is a worker on SQLite."""
    if settings.TAPEDECK_ROLE == "worker":
        connection_created.connect(_watch, dispatch_uid="recordings.precedence")


def _watch(*, connection: Any, **_: Any) -> None:
    if connection.vendor == "sqlite" and _before not in connection.execute_wrappers:
        connection.execute_wrappers.append(_before)


def _before(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
    if sql.startswith(BEGIN):
        give_way()
    return execute(sql, params, many, context)
