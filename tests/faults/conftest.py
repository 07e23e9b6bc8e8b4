"""A database that commits for real, with the harness's own user in it."""

from collections.abc import Iterator

import pytest
from django.db import connection

from tests.faults.databases import Database, in_memory


@pytest.fixture
def database(transactional_db: None) -> Iterator[Database]:
    if connection.vendor != "sqlite":
        yield Database()
        return
    with in_memory() as database:
        yield database
