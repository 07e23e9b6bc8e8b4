"""A clean database for each seed, quickly.

The product commits for real, so a rolled-back transaction cannot stand for one seed. SQLite: one
database in memory with the product's own settings, whose pages are copied anew from a pristine one
(a millisecond; deleting rows costs twenty times that). PostgreSQL: one truncation of all tables.
"""

import sqlite3
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection

RIGHTS = "recordings"


class Database:
    """The database of the process that runs seeds; holds one user who may order everything."""

    def __init__(self) -> None:
        connection.ensure_connection()
        self.user: Any = self._people()
        self._pristine: sqlite3.Connection | None = None
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA synchronous=OFF")  # Power loss is the real tier's business.
            self._pristine = sqlite3.connect(":memory:")
            connection.connection.backup(self._pristine)

    def wipe(self) -> None:
        """As it was in the beginning."""
        if self._pristine is not None:
            self._pristine.backup(connection.connection)
            return
        kept = {"django_migrations", "django_content_type", "auth_permission", "auth_group"}
        kept |= {"auth_group_permissions", "dashboard_user", "dashboard_user_user_permissions"}
        tables = [name for name in connection.introspection.table_names() if name not in kept]
        with connection.cursor() as cursor:
            names = ", ".join(connection.ops.quote_name(name) for name in tables)
            cursor.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")

    def _people(self) -> Any:
        user = get_user_model().objects.create_user("harness")
        user.user_permissions.set(Permission.objects.filter(content_type__app_label=RIGHTS))
        return user
