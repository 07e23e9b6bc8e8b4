"""The database that the environment names: SQLite in the data folder unless it says otherwise."""

from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured


def database(env: environ.Env, usual: Path, *, wait_seconds: float) -> dict[str, Any]:
    """The entry of ``DATABASES``; on SQLite a statement waits so long for a lock.

    Raises ``ImproperlyConfigured`` where ``DATABASE_URL`` names neither SQLite nor PostgreSQL.
    """
    if not env.str("DATABASE_URL", default=""):
        return _sqlite({"ENGINE": "django.db.backends.sqlite3", "NAME": usual}, wait_seconds)
    config: dict[str, Any] = env.db_url("DATABASE_URL")
    if config["ENGINE"] == "django.db.backends.sqlite3":
        return _sqlite(config, wait_seconds)
    if config["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured("DATABASE_URL must name SQLite or PostgreSQL.")
    options = {"connect_timeout": 5, **config.get("OPTIONS", {})}
    return {**config, "CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True, "OPTIONS": options}


def _sqlite(config: dict[str, Any], wait_seconds: float) -> dict[str, Any]:
    # FULL: an order marked sent and an acknowledged callback must survive power loss. What is deleted
    # is overwritten in the file as well: people's words go when they are deleted.
    options = {
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA secure_delete=ON;",
        "timeout": wait_seconds,
    }
    return {**config, "CONN_MAX_AGE": None, "OPTIONS": options}
