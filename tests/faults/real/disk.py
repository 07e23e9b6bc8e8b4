"""The database file from outside: who could write now, and one who writes for long."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from tests.faults.real.cluster import require_throw_away

WAIT_SECONDS = 2.0
_IDLE = """
SELECT COUNT(*) FROM pg_stat_activity
WHERE datname = current_database() AND state LIKE 'idle in transaction%%' AND pid <> pg_backend_pid()
  AND state_change < clock_timestamp() - interval '0.5 s'
"""


def can_write() -> bool:
    """Whether nobody holds a transaction open, for longer than a write may take."""
    if connection.vendor != "sqlite":
        threading.Event().wait(0.7)
        with connection.cursor() as cursor:
            cursor.execute(_IDLE)
            return cursor.fetchone() == (0,)
    with _opened() as database:
        try:
            database.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        database.execute("ROLLBACK")
        return True


@contextmanager
def full(flag: Path) -> Iterator[None]:
    """The shim answers that the disk is full; a PostgreSQL server of one's own refuses what writes."""
    if connection.vendor == "sqlite":
        flag.touch()
    else:
        _read_only("on")
    try:
        yield
    finally:
        flag.unlink(missing_ok=True)
        if connection.vendor != "sqlite":
            _read_only("off")


def _read_only(word: str) -> None:
    require_throw_away()
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = off")
        cursor.execute(f"ALTER SYSTEM SET default_transaction_read_only = {word}")
        cursor.execute("SELECT pg_reload_conf()")
    connection.close()
    threading.Event().wait(0.5)  # until every session has heard of it


@contextmanager
def written_for_long() -> Iterator[None]:
    """Somebody else holds SQLite's one right to write during this block."""
    with _opened() as database:
        database.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            database.execute("ROLLBACK")


@contextmanager
def _opened() -> Iterator[sqlite3.Connection]:
    name = str(settings.DATABASES["default"]["NAME"])
    database = sqlite3.connect(name, timeout=WAIT_SECONDS, isolation_level=None)
    try:
        yield database
    finally:
        database.close()
