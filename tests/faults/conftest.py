"""A database that commits for real, with the harness's own user in it."""

from collections.abc import Iterator

import pytest
from django.db import connection

from tests.faults.databases import Database


@pytest.fixture
def database(transactional_db: None) -> Iterator[Database]:
    yield Database()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=FULL")
