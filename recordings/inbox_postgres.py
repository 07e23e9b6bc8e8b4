"""Passes one statement of the intake to PostgreSQL by itself: cursors on its way cost as much as the rest."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import count
from typing import Any

from psycopg import Connection, OperationalError
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus

TEXT, BINARY = 0, 1


def execute(connection: "Connection[Any]", sql: str, values: Sequence[Any]) -> None:
    """Execute a statement that gives no rows and commits by itself, outside of every transaction.

    ``values`` stand for its ``%s``; the columns tell their types, and none may hold a NUL but bytes. Not
    prepared: a pooler may give each statement to another session. Raises what psycopg raises.
    """
    server = connection.pgconn
    formats = [BINARY if isinstance(each, bytes) else TEXT for each in values]
    result = server.exec_params(_numbered(sql), [_written(each) for each in values], None, formats)
    if result.status == ExecStatus.COMMAND_OK:
        return
    if server.status == ConnStatus.BAD:
        raise OperationalError(server.get_error_message())
    raise error_from_result(result)


def _written(value: Any) -> bytes | None:
    if value is None or isinstance(value, bytes):
        return value
    return str(value).encode()


@lru_cache
def _numbered(sql: str) -> bytes:
    """The statement as the server reads it: `$1` for the first `%s`."""
    first, *others = sql.split("%s")
    return "".join([first, *(f"${number}{part}" for number, part in zip(count(1), others))]).encode()
