"""A clean database for each seed, quickly.

The product commits for real, so a rolled-back transaction cannot stand for one seed. SQLite: one
database in memory with the product's own settings, whose pages are copied anew from a pristine one
(a millisecond; deleting rows costs twenty times that). PostgreSQL: one truncation of all tables.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import DEFAULT_DB_ALIAS, connection, connections

RIGHTS = "recordings"
KEPT = frozenset(
    {
        *("django_migrations", "django_content_type", "auth_permission", "auth_group"),
        *("auth_group_permissions", "dashboard_user", "dashboard_user_user_permissions"),
    }
)


class Database:
    """The database of the process that runs seeds; holds one user who may order everything."""

    def __init__(self) -> None:
        connection.ensure_connection()
        get_user_model().objects.filter(username="harness").delete()
        people = get_user_model().objects.create_user("harness")
        people.user_permissions.set(Permission.objects.filter(content_type__app_label=RIGHTS))
        self._pristine: sqlite3.Connection | None = None
        if connection.vendor == "sqlite":
            self._pristine = _emptied()

    def wipe(self) -> None:
        """As it was in the beginning, with the numbers of its rows."""
        if self._pristine is not None:
            self._pristine.backup(connection.connection)
            return
        tables = [name for name in connection.introspection.table_names() if name not in KEPT]
        with connection.cursor() as cursor:
            names = ", ".join(connection.ops.quote_name(name) for name in tables)
            cursor.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")

    @property
    def user(self) -> Any:
        """Read anew: one that was asked for its permissions before remembers them."""
        return get_user_model().objects.get(username="harness")


@contextmanager
def in_memory() -> Iterator[Database]:
    """A copy of the present SQLite database in memory, in its place for as long as the block runs."""
    before = connections[DEFAULT_DB_ALIAS]
    before.ensure_connection()
    wrapper = type(before)({**before.settings_dict, "NAME": ":memory:"}, DEFAULT_DB_ALIAS)
    connections[DEFAULT_DB_ALIAS] = wrapper
    try:
        wrapper.ensure_connection()
        before.connection.backup(wrapper.connection)
        yield Database()
    finally:
        connections[DEFAULT_DB_ALIAS] = before
        wrapper.connection.close()  # Django keeps what is in memory open.


def _emptied() -> sqlite3.Connection:
    """The tables of the present database with what migrations put into them, and nothing that others left."""
    source: sqlite3.Connection = connection.connection
    pristine = sqlite3.connect(":memory:")
    made = source.execute(
        "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type = 'table' DESC, rowid"
    )
    for name, sql in made.fetchall():
        if not name.startswith("sqlite_") and not _is_known(pristine, name):
            pristine.execute(sql)
    for name in sorted(KEPT):
        rows = source.execute(f'SELECT * FROM "{name}" ORDER BY 1').fetchall()
        for row in rows:
            pristine.execute(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(row))})', row)
    pristine.commit()
    return pristine


def _is_known(database: sqlite3.Connection, name: str) -> bool:
    """A search index makes tables of its own."""
    return bool(database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [name]).fetchall())
