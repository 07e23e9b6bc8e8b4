"""On SQLite, where one writes at a time: what waits for the file together is committed together.

Each commit waits for the disk, and SQLite has whoever finds the file locked sleep longer and longer. So
one thread of this process asks for the file, and asks often; those that have come meanwhile are taken along.
"""

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

ASK_AGAIN_SECONDS = 0.001
# What a statement or its values can meet.
_REFUSALS = (sqlite3.Error, OverflowError, ValueError)


class _Wish:
    """A statement that a thread waits for; failed until somebody has committed it."""

    def __init__(self, sql: str, values: Sequence[Any]) -> None:
        self.sql, self.values = sql, values
        self.is_over = False
        self.error: Exception | None = sqlite3.OperationalError("it was not written")

    def write(self, connection: sqlite3.Connection) -> None:
        connection.execute(self.sql, self.values)

    def end(self, error: Exception | None = None) -> None:
        self.is_over, self.error = True, error


_waiting: deque[_Wish] = deque()
_turn = threading.Lock()


def execute(
    connection: sqlite3.Connection,
    sql: str,
    values: Sequence[Any],
    *,
    turn_seconds: float,
    lock_seconds: float,
) -> None:
    """Commit a statement that gives no rows, outside of every transaction.

    ``sql`` has a ``?`` for each of the ``values``. Waits so long at most for this process's other threads,
    and so long for the lock on the file, counted from now. Raises what sqlite3 raises; then nothing is
    stored.
    """
    ends_at = time.monotonic() + lock_seconds
    wish = _Wish(sql, values)
    _waiting.append(wish)
    if not _turn.acquire(timeout=turn_seconds):
        if _withdraw(wish):
            raise sqlite3.OperationalError("other writers hold the database")
        _turn.acquire()  # It is being written at this moment.
    try:
        if not wish.is_over:
            with _told_at_once(connection):
                _write(connection, wish, ends_at)
    finally:
        _withdraw(wish)
        _turn.release()
    if wish.error is not None:
        raise wish.error


def _write(connection: sqlite3.Connection, wish: _Wish, ends_at: float) -> None:
    """Write it as soon as the file is free, with all that wait by then."""

    def begin() -> None:
        if len(_waiting) > 1:
            connection.execute("BEGIN IMMEDIATE")
        else:
            wish.write(connection)

    try:
        _when_free(begin, ends_at)
    except _REFUSALS as exc:
        wish.end(exc)
        return
    if connection.in_transaction:
        _commit_together(connection, [_waiting.popleft() for _ in range(len(_waiting))], ends_at)
    else:
        wish.end()


def _commit_together(connection: sqlite3.Connection, wishes: Sequence[_Wish], ends_at: float) -> None:
    try:
        for wish in wishes:
            wish.write(connection)
        connection.execute("COMMIT")
    except _REFUSALS:
        # One may be at fault, or the disk is full: each by itself tells.
        _undo(connection)
        for wish in wishes:
            _commit_alone(connection, wish, ends_at)
    else:
        for wish in wishes:
            wish.end()
    finally:  # Whatever ended this thread, the others go on for themselves.
        _undo(connection)
        _waiting.extend(wish for wish in wishes if not wish.is_over)


def _commit_alone(connection: sqlite3.Connection, wish: _Wish, ends_at: float) -> None:
    try:
        _when_free(lambda: wish.write(connection), ends_at)
    except _REFUSALS as exc:
        wish.end(exc)
    else:
        wish.end()


def _when_free(write: Callable[[], None], ends_at: float) -> None:
    while True:
        try:
            write()
            return
        except sqlite3.Error as exc:
            # What the module itself refuses has no code.
            code = getattr(exc, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
            if code != sqlite3.SQLITE_BUSY or time.monotonic() > ends_at:
                raise
        time.sleep(ASK_AGAIN_SECONDS)


def _undo(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def _withdraw(wish: _Wish) -> bool:
    """Whether it still waited."""
    try:
        _waiting.remove(wish)
    except ValueError:
        return False
    return True


@contextmanager
def _told_at_once(connection: sqlite3.Connection) -> Iterator[None]:
    """SQLite tells that the file is locked instead of sleeping over it."""
    usual: int = connection.execute("PRAGMA busy_timeout").fetchone()[0]
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA busy_timeout = {usual}")
