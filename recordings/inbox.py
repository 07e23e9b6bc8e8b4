"""The two statements of the intake: one stores a callback or counts its double, one counts a refusal."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    InterfaceError,
    OperationalError,
    connection,
    connections,
)

from recordings import inbox_sqlite, precedence
from recordings.inbox_statements import COUNT, COUNT_STRANGER, STORE
from recordings.models import Account, WebhookDelivery
from recordings.models.work import SINGLE
from recordings.providers.base import Verified

# Kept for the doctor and for reading again; signatures and credentials are not.
_DROPPED_HEADERS = ("authorization", "cookie", "signature", "token", "secret", "api-key")
# On SQLite, for the writing of others and for the file together: a sender is answered within 2 s.
WAIT_SECONDS = 1.8
# What a sender words cannot grow the table: so many reasons an account and day, the others are one.
REASONS_KEPT = 20
OTHER_REASONS = "other reasons"
_reasons: dict[tuple[int | None, date], set[str]] = {}


def store(
    account: Account,
    verified: Verified,
    *,
    at: datetime,
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    body: bytes,
) -> None:
    """Store a verified callback, or count its double.

    A resend of a delivery that had failed makes it due again. Raises ``DatabaseError``.
    """
    moment = connection.ops.adapt_datetimefield_value(at)
    values = [
        account.pk,
        _uuid_value(),
        WebhookDelivery.State.RECEIVED,
        SINGLE,
        _dedupe_id(verified.dedupe_id),
        _plain(verified.event, 100),
        method,
        _plain(path, 500),
        _plain(query),
        json.dumps(_kept(headers)),
        body,
        _plain(verified.note, 300),
        *[moment] * 4,
        WebhookDelivery.State.FAILED,
        moment,
        WebhookDelivery.State.FAILED,
        WebhookDelivery.State.FAILED,
        WebhookDelivery.State.RECEIVED,
    ]
    _write(STORE, values, wait_seconds=WAIT_SECONDS)


def count_refusal(
    account: Account | None,
    reason: str,
    *,
    at: datetime,
    skew_seconds: float | None = None,
    url_seen: str = "",
    url_expected: str = "",
) -> None:
    """Count a callback that was turned away. Without a writable database nothing is counted.

    Strangers never wait for a writer: a flood of them cannot keep callbacks from being stored.
    """
    values = [
        account.pk if account else None,
        connection.ops.adapt_datefield_value(at.date()),
        _bounded(account, reason, at.date()),
        connection.ops.adapt_datetimefield_value(at),
        skew_seconds,
        _plain(url_seen, 500),
        _plain(url_expected, 500),
    ]
    try:
        _write(
            COUNT if account else COUNT_STRANGER,
            values,
            wait_seconds=WAIT_SECONDS if account else 0.0,
        )
    except DatabaseError:
        return


def _write(sql: str, values: list[Any], *, wait_seconds: float) -> None:
    """Ask no connection beforehand whether it still works: one that does not is opened anew."""
    database: Any = connections[DEFAULT_DB_ALIAS]
    database.health_check_done = True
    try:
        _attempt(sql, values, wait_seconds)
    except (OperationalError, InterfaceError):
        if database.in_atomic_block or database.connection is None or database.is_usable():
            raise
        database.close()
        _attempt(sql, values, wait_seconds)


def _attempt(sql: str, values: list[Any], wait_seconds: float) -> None:
    """Django's cursor costs as much as the statement: it is passed by unless somebody watches.

    What is to be part of a transaction goes the way that has it begun.
    """
    database = connections[DEFAULT_DB_ALIAS]
    if database.execute_wrappers or database.queries_logged or database.in_atomic_block:
        with database.cursor() as cursor:
            cursor.execute(sql, values)
        return
    database.ensure_connection()
    with database.wrap_database_errors:
        if database.vendor == "sqlite":
            _pass_to_sqlite(database.connection, sql, values, wait_seconds)
        else:
            _pass_to_postgres(database.connection, sql, values)


def _pass_to_sqlite(connection: Any, sql: str, values: list[Any], wait_seconds: float) -> None:
    with precedence.taken():
        inbox_sqlite.execute(
            connection,
            _with_question_marks(sql),
            values,
            turn_seconds=wait_seconds,
            lock_seconds=WAIT_SECONDS,
        )


def _pass_to_postgres(connection: Any, sql: str, values: list[Any]) -> None:
    from recordings import inbox_postgres  # where psycopg is installed

    inbox_postgres.execute(connection, sql, values)


@lru_cache
def _with_question_marks(sql: str) -> str:
    return sql.replace("%s", "?")


def _bounded(account: Account | None, reason: str, day: date) -> str:
    key = (account.pk if account else None, day)
    if key not in _reasons and any(known < day for _, known in _reasons):
        _reasons.clear()
    kept = _reasons.setdefault(key, set())
    text = _plain(reason, 200)
    if text not in kept and len(kept) >= REASONS_KEPT:
        return OTHER_REASONS
    kept.add(text)
    return text


def forget() -> None:
    """Begin anew: between tests."""
    _reasons.clear()


def _dedupe_id(given: str) -> str:
    # Cut short, two long ids could be one.
    return _plain(given) if len(given) <= 200 else hashlib.sha256(given.encode(errors="replace")).hexdigest()


def _plain(text: str, longest: int | None = None) -> str:
    # What JSON may hold but a database may not: a NUL, half of a surrogate pair.
    if text.isascii() and "\0" not in text:
        return text[:longest]
    return text.encode(errors="replace").decode().replace("\0", "")[:longest]


def _uuid_value() -> str:
    new = uuid.uuid4()
    return str(new) if connection.features.has_native_uuid_field else new.hex


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if _is_kept(name)}


@lru_cache(maxsize=256)
def _is_kept(header: str) -> bool:
    return not any(word in header for word in _DROPPED_HEADERS)
