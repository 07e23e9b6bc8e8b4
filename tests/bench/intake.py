"""P1 and P3: what a callback costs until it is stored, beside a Django view that does nothing."""

import io
import os
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from dashboard import urls
from recordings import intake
from recordings.models import WebhookDelivery
from tests.bench.callbacks import PATHS, Callback, Sender, round_robin, senders
from tests.bench.figures import Figure, Size, measures

PUBLIC = "https://bench.test"
BARE = "/bare/"
LIMITS = {"sqlite": (0.16, 0.22), "postgresql": (0.20, 0.30)}


@csrf_exempt
def bare(request: HttpRequest) -> HttpResponse:
    """The least that Django can answer."""
    return HttpResponse(content_type="text/plain")


# As near to the front as the webhooks are.
urlpatterns = [urls.urlpatterns[0], path("bare/", bare), *urls.urlpatterns[1:]]


@measures("P1", "P3")
def durable_intake(size: Size) -> Iterator[Figure]:
    """One process, no sockets: what the web server adds is the same for both."""
    with override_settings(PUBLIC_URL=PUBLIC, ROOT_URLCONF=__name__):
        intake.forget()
        every = senders(PUBLIC)
        yield from _costs(every, size)
        yield from _statements(every)
        intake.forget()
    _end_other_connections()


def _costs(every: dict[str, Sender], size: Size) -> Iterator[Figure]:
    mixed = _ratios(lambda count: round_robin(every, count), size)
    must, goal = LIMITS[connection.vendor]
    yield mixed.figure("CPU of a bare view / of durable intake, four providers", must=must, goal=goal)
    for slug in PATHS:
        one = _ratios(lambda count, sender=every[slug]: (sender.new() for _ in range(count)), size)  # type: ignore[misc]
        yield one.figure(f"CPU of a bare view / of durable intake, {slug}")
    if mixed.server:
        yield mixed.with_server()


class _Costs:
    """CPU seconds a request, block by block, and what the database's own process took."""

    def __init__(self) -> None:
        self.bare: list[float] = []
        self.intake: list[float] = []
        self.server: list[float] = []

    def figure(self, what: str, **limits: Any) -> Figure:
        return Figure(
            number="P1",
            what=what,
            ratio=statistics.median(self.bare) / statistics.median(self.intake),
            here=_spread(self.intake),
            peer=f"bare view {_spread(self.bare)}",
            **limits,
        )

    def with_server(self) -> Figure:
        both = [ours + theirs for ours, theirs in zip(self.intake, self.server, strict=True)]
        return Figure(
            number="P1",
            what="the same with the CPU of PostgreSQL's process",
            ratio=statistics.median(self.bare) / statistics.median(both),
            here=_spread(both),
            peer=f"bare view {_spread(self.bare)}",
        )


def _ratios(make: Callable[[int], Iterable[Callback]], size: Size) -> _Costs:
    """Both in turn, request by request: what else the machine does falls on both, cold caches too."""
    costs, handler = _Costs(), WSGIHandler()
    with override_settings(MIDDLEWARE=[]):
        plainly = WSGIHandler()
    requests = 40 if size.is_quick else 200
    for number in range(2 + (2 if size.is_quick else 8)):
        server, ours, plain = _server_cpu(), 0.0, 0.0
        for callback in make(requests):
            ours += _spent(handler, _environ(callback, callback.path))
            plain += _spent(plainly, _environ(callback, BARE))
        if number > 1:
            costs.intake.append(ours / requests)
            costs.bare.append(plain / requests)
            costs.server += [] if server is None else [((_server_cpu() or 0.0) - server) / requests]
    return costs


def _spent(handler: WSGIHandler, environ: dict[str, Any]) -> float:
    """CPU seconds of this process for one request."""
    statuses: list[str] = []
    began = time.process_time()
    handler(environ, lambda status, headers: statuses.append(status)).close()  # type: ignore[misc]
    spent = time.process_time() - began
    assert statuses == ["200 OK"], statuses
    return spent


def _environ(callback: Callback, address: str) -> dict[str, Any]:
    """As granian gives it."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": address,
        "QUERY_STRING": "",
        "SERVER_NAME": "bench.test",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "bench.test",
        "CONTENT_LENGTH": str(len(callback.body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(callback.body),
        "wsgi.errors": io.StringIO(),
    }
    for name, value in callback.headers.items():
        place = name.upper().replace("-", "_")
        environ[place if place == "CONTENT_TYPE" else f"HTTP_{place}"] = value
    return environ


def _server_cpu() -> float | None:
    """What this connection's process of PostgreSQL has used so far, where it runs on this machine."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _statements(every: dict[str, Sender]) -> Iterator[Figure]:
    handler = WSGIHandler()
    for sender in every.values():  # The accounts are known.
        callback = sender.new()
        _spent(handler, _environ(callback, callback.path))
    callbacks = [sender.new() for sender in every.values()]
    with _counted() as new:
        for each in callbacks:
            _spent(handler, _environ(each, each.path))
    with _counted() as doubles:
        for each in callbacks:
            _spent(handler, _environ(each, each.path))
    assert WebhookDelivery.objects.filter(duplicates=1).count() == len(callbacks)
    for what, queries in (("a new webhook", new), ("a duplicate", doubles)):
        yield Figure(
            number="P3",
            what=f"SQL statements for {what}",
            ratio=len(queries) / len(callbacks),
            here=f"{len(queries)} for {len(callbacks)}",
            peer="",
            must=4,
            goal=1,
            is_more_better=False,
        )


@contextmanager
def _counted() -> Iterator[CaptureQueriesContext]:
    with CaptureQueriesContext(connection) as queries:
        yield queries


def _end_other_connections() -> None:
    """The thread that passes wake-ups on has one, and a database in use cannot be dropped."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


def _spread(seconds: list[float]) -> str:
    low, middle, high = min(seconds), statistics.median(seconds), max(seconds)
    return f"{middle * 1e6:.0f} us ({low * 1e6:.0f} to {high * 1e6:.0f})"
