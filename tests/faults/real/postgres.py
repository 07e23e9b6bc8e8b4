"""A database of its own for each run on a PostgreSQL server that may be thrown away."""

import os
from types import TracebackType
from urllib.parse import urlsplit, urlunsplit


class Database:
    """Gives the URL of a fresh database; "" stands for SQLite."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._name = f"faults_real_{os.getpid()}"

    def __enter__(self) -> str:
        if not self._server:
            return ""
        self._execute(f'DROP DATABASE IF EXISTS "{self._name}" WITH (FORCE)')
        self._execute(f'CREATE DATABASE "{self._name}"')
        return urlunsplit(urlsplit(self._server)._replace(path=f"/{self._name}"))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server:
            self._execute(f'DROP DATABASE IF EXISTS "{self._name}" WITH (FORCE)')

    def _execute(self, sql: str) -> None:
        import psycopg

        with psycopg.connect(self._server, autocommit=True) as server:
            server.execute(sql)
