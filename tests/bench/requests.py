"""Requests through the whole of Django without sockets, and what they cost: CPU here and in PostgreSQL."""

import io
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import Client


@dataclass(slots=True)
class Browser:
    """A person who is signed in, or nobody; answers as the web server would get them.

    As any browser does, it sends back the token against forged requests that the first page gave it.
    """

    user: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    _handler: WSGIHandler = field(default_factory=WSGIHandler)
    _cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.user is not None:
            client = Client()
            client.force_login(self.user)
            self._cookies["sessionid"] = client.cookies["sessionid"].value

    def get(self, address: str, *, status: str = "200 OK") -> bytes:
        """The body; an answer with another status is a mistake of the bench."""
        path, _, query = address.partition("?")
        statuses: list[str] = []
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "localhost",
            "HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": io.StringIO(),
            **self.headers,
        }
        response = self._handler(environ, lambda line, headers: statuses.append(line))  # type: ignore[misc]
        if "csrftoken" in response.cookies:
            self._cookies["csrftoken"] = response.cookies["csrftoken"].value
        body = b"".join(response)
        response.close()
        assert statuses == [status], (address, statuses)
        return body


@dataclass(slots=True)
class Costs:
    """CPU seconds of each thing, block by block: this process's, and the database's own where it has one."""

    blocks: dict[str, list[float]] = field(default_factory=dict)

    def of(self, name: str) -> float:
        return statistics.median(self.blocks[name])

    def told(self, name: str) -> str:
        """For people: the middle, and from where to where."""
        blocks = self.blocks[name]
        return f"{self.of(name) * 1e3:.2f} ms ({min(blocks) * 1e3:.2f} to {max(blocks) * 1e3:.2f})"


def cpu() -> float:
    """CPU seconds so far of this process and of the one that serves it in PostgreSQL."""
    return time.process_time() + (server_cpu() or 0.0)


def costs(
    rounds: int, each: int, *, clock: Callable[[], float] = cpu, **things: Callable[[], object]
) -> Costs:
    """Blocks of all of them in turn, so that what else the machine does falls on all alike.

    Unless another clock is given, it is CPU that counts: ours and the database's.
    """
    found = Costs({name: [] for name in things})
    for number in range(rounds + 1):
        for name, do in things.items():
            began = clock()
            for _ in range(each):
                do()
            spent = clock() - began
            if number:
                found.blocks[name].append(spent / each)
    return found


def server_cpu() -> float | None:
    """What PostgreSQL has used so far for this connection, where it runs on this machine.

    Its own process counts, and whatever the server has started and seen end: parallel workers among them.
    """
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    try:
        # In nanoseconds: the ticks of the other account are longer than a request.
        own = int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
        return own + _ended(int(_fields(pid)[1]))
    except OSError:
        return None


def _ended(server: int) -> float:
    used = _fields(server)[13:15]
    return sum(int(each) for each in used) / os.sysconf("SC_CLK_TCK")


def _fields(pid: int) -> list[str]:
    """Of ``proc(5)``, from the state on."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
