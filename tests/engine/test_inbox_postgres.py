"""The statement that goes to PostgreSQL past the cursors: the same row, the same errors."""

import psycopg
import pytest
from django.db import DataError, OperationalError, ProgrammingError, connection
from django.utils import timezone
from psycopg.pq import ConnStatus, ExecStatus

from recordings import inbox, inbox_postgres
from recordings.models import Account, Refusal


class Result:
    def __init__(self, status, sqlstate=b""):
        self.status, self._sqlstate = status, sqlstate

    def error_field(self, field):
        return self._sqlstate

    def get_error_message(self, encoding="utf-8"):
        return "the server said no"


class Server:
    """Stands for the connection of libpq."""

    def __init__(self, result, status=ConnStatus.OK):
        self.result, self.status, self.pgconn = result, status, self
        self.asked = []

    def exec_params(self, *arguments):
        self.asked.append(arguments)
        return self.result

    def get_error_message(self):
        return "server closed the connection unexpectedly"


def test_values_are_numbered_and_only_bytes_go_as_they_are():
    server = Server(Result(ExecStatus.COMMAND_OK))

    inbox_postgres.execute(server, "INSERT INTO t VALUES (%s, %s, %s)", [7, None, b"\0\xff"])

    assert server.asked == [(b"INSERT INTO t VALUES ($1, $2, $3)", [b"7", None, b"\0\xff"], None, [0, 0, 1])]


@pytest.mark.parametrize(
    ("result", "status", "error"),
    [
        (Result(ExecStatus.FATAL_ERROR, b"42P01"), ConnStatus.OK, psycopg.errors.UndefinedTable),
        (Result(ExecStatus.FATAL_ERROR), ConnStatus.BAD, psycopg.OperationalError),
    ],
)
def test_what_fails_is_the_error_that_a_cursor_raises(result, status, error):
    with pytest.raises(error):
        inbox_postgres.execute(Server(result, status), "SELECT %s", ["é"])


def test_outside_of_a_transaction_it_goes_past_the_cursors(monkeypatch):
    wrapped, server = [], Server(Result(ExecStatus.COMMAND_OK))

    class Database:
        vendor, execute_wrappers, queries_logged, in_atomic_block = "postgresql", [], False, False
        wrap_database_errors = connection.wrap_database_errors
        connection = server

        def ensure_connection(self):
            wrapped.append("open")

    monkeypatch.setattr(inbox, "connections", {"default": Database()})
    inbox._attempt("SELECT %s", [1], 1.0)

    assert wrapped == ["open"]
    assert server.asked == [(b"SELECT $1", [b"1"], None, [0])]


@pytest.fixture
def postgres(transactional_db):
    if connection.vendor != "postgresql":
        pytest.skip("asks PostgreSQL")


def test_refusal_is_counted_once_more_each_time(postgres, account: Account):
    for skew in (None, -3.5):
        inbox.count_refusal(account, "too “old”", at=timezone.now(), skew_seconds=skew, url_seen="%s é")

    counted = Refusal.objects.get()
    assert (counted.count, counted.reason, counted.skew_seconds, counted.url_seen) == (
        2,
        "too “old”",
        -3.5,
        "%s é",
    )


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("INSERT INTO no_such_table VALUES (%s)", ProgrammingError),
        ("INSERT INTO auth_group (name) VALUES (repeat(%s, 200))", DataError),
    ],
)
def test_errors_are_djangos(postgres, sql, error):
    with pytest.raises(error):
        inbox._write(sql, ["x"], wait_seconds=1)


def test_connection_that_the_server_has_ended_is_opened_anew(postgres, account: Account):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [first] = cursor.fetchone()
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [first])

    inbox.count_refusal(account, "any", at=timezone.now())

    assert Refusal.objects.get().count == 1
    assert connection.connection.info.backend_pid != first


def test_server_that_stays_away_is_told(postgres, monkeypatch):
    def refuse(*_args):
        raise psycopg.OperationalError("no")

    monkeypatch.setattr(inbox_postgres, "execute", refuse)

    with pytest.raises(OperationalError):
        inbox._write("SELECT %s", ["1"], wait_seconds=1)
