"""P15 and P17: a complete sweep beside the same pages read with the standard library, and its memory."""

import gc
import http.client
import json
import subprocess
import sys
import time
import tracemalloc
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.db import transaction
from django.test.utils import override_settings
from django.utils import timezone
from django_q.models import OrmQ

from recordings import clock, connections, housekeeping, sweep, tasks
from recordings.models import Account, Errand, Recording
from recordings.providers.network import GuardedTransport
from tests.bench.figures import Figure, Size, measures

ROOT = Path(__file__).parent.parent.parent
PROVIDERS = ("recall", "twilio", "daily", "vobiz")
PAGE = 100
A_LIMIT = timedelta(minutes=1)  # no provider's limit on requests is counted over longer
AFTER_ITS_END = timedelta(hours=1)  # a sweep that was read to its end comes again much later


@measures("P15", "P17")
def listing(size: Size) -> Iterator[Figure]:
    """The whole engine works: lease, pace, page, mirror, ledger. The provider is another process."""
    pages = 4 if size.is_quick else 20
    stands = []
    for slug in PROVIDERS:
        with _provider(slug, pages * PAGE) as account, _moved_clock(account) as moved:
            stands.append(_Stand(slug=slug, account=account, moved=moved).measure(pages))
    yield _figure("listing again what is known / json only, four providers", stands, "again", is_limit=True)
    yield _figure("the same with lease, pace and settling", stands, "engine")
    yield _figure("listing what is new, with those / json only", stands, "first")
    for stand in stands:
        yield _figure(f"listing again / json only, {stand.slug}", [stand], "again")
        yield _figure(f"the same with lease, pace and settling, {stand.slug}", [stand], "engine")
        yield _figure(f"listing what is new / json only, {stand.slug}", [stand], "first")
    with _provider("twilio", 10 * pages * PAGE // 2) as account, _moved_clock(account) as moved:
        yield _memory(_Stand(slug="twilio", account=account, moved=moved), 10 * pages // 2)


@dataclass(slots=True, kw_only=True)
class _Moved:
    """How far the clock was put forward, to wait for nothing."""

    by: timedelta = timedelta()
    origin: str = ""

    def wait(self, wait: timedelta) -> None:
        """Nobody waits: the clocks of product and provider go on."""
        self.by += wait
        _control(self.origin, "advance", seconds=wait.total_seconds())


@dataclass(slots=True, kw_only=True)
class _Stand:
    """One account, and what was spent on its pages."""

    slug: str
    account: Account
    moved: _Moved
    spent: dict[str, list[float]] = field(default_factory=dict)  # seconds of CPU a listing

    def measure(self, pages: int) -> "_Stand":
        asked: list[httpx.Request] = []
        with patch.object(connections, "transport", _Noting(asked)):
            connections.forget()
            self.spent["first"] = [self.sweep(pages)]
            asked.clear()
            self.sweep(pages)
            listed = [each for each in asked if _is_page(each)]
        connections.forget()
        self.spent |= {"again": [], "engine": [], "json": []}
        for _ in range(3):
            self.spent["again"].append(self.list(pages))
            self.spent["engine"].append(self.sweep(pages))
            self.spent["json"].append(self.json_only(listed))
        return self

    def list(self, pages: int) -> float:
        """The same pages without lease, pace and settling: listed, brought into mirror and ledger."""
        adapter, now = connections.open_account(self.account), clock.now()
        cursor = sweep._beginning(None, now)
        counts, following = cursor["counts"], ""
        spent = 0.0
        for _ in range(pages):
            self.moved.wait(A_LIMIT)
            began = time.process_time()
            page = adapter.list_recordings(since=None, until=None, cursor=following)
            with transaction.atomic():
                sweep._write_page(self.account, page, now, counts, cursor)
            following = page.next_cursor
            spent += time.process_time() - began
        return spent

    def json_only(self, asked: Iterable[httpx.Request]) -> float:
        """The same requests over one connection, their answers only parsed; answers the CPU seconds."""
        connection, spent = http.client.HTTPConnection(urlsplit(self.moved.origin).netloc), 0.0
        for request in asked:
            self.moved.wait(A_LIMIT)
            headers = {name: value for name, value in request.headers.items() if name != "connection"}
            began = time.process_time()
            connection.request("GET", request.url.raw_path.decode(), headers=headers)
            answer = connection.getresponse()
            json.loads(answer.read())
            spent += time.process_time() - began
            assert answer.status == 200, answer.status
        connection.close()
        return spent

    def sweep(self, pages: int) -> float:
        """All pages of recordings, and nothing else; answers the CPU seconds."""
        housekeeping.ensure_standing()
        mine = Errand.objects.filter(account=self.account, state="queued")
        mine.exclude(kind="sweep.full").update(due_at=None)
        mine.filter(kind="sweep.full").update(due_at=clock.now(), cursor={}, step=0, progress={})
        spent = 0.0
        while True:
            OrmQ.objects.all().delete()
            began = time.process_time()
            tasks.look()
            spent += time.process_time() - began
            errand = mine.get(kind="sweep.full")
            assert errand.due_at is not None
            wait = errand.due_at - clock.now()
            if (wait > AFTER_ITS_END and not errand.cursor) or errand.progress.get("pages", 0) >= pages > 0:
                return spent
            self.moved.wait(max(wait, timedelta()))


class _Noting(httpx.BaseTransport):
    """The product's own sockets; every request is kept."""

    def __init__(self, asked: list[httpx.Request]) -> None:
        self._asked = asked
        hosts = settings.TAPEDECK_LOOPBACK_HOSTS
        self._carrier = GuardedTransport(is_public_only=False, loopback_hosts=hosts)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._asked.append(request)
        return self._carrier.handle_request(request)


def _is_page(request: httpx.Request) -> bool:
    return request.method == "GET" and "ecording" in request.url.path


def _figure(what: str, stands: list[_Stand], kind: str, *, is_limit: bool = False) -> Figure:
    rows = len(stands) * Recording.objects.filter(account=stands[0].account).count()
    ours = sum(min(stand.spent[kind]) for stand in stands)
    limit = sum(min(stand.spent["json"]) for stand in stands)
    worst = sum(max(stand.spent[kind]) for stand in stands)
    return Figure(
        number="P15",
        what=what,
        ratio=limit / ours,
        here=f"{ours / rows * 1e6:.0f} us a recording (up to {worst / rows * 1e6:.0f})",
        peer=f"http.client and json {limit / rows * 1e6:.0f} us",
        must=0.15 if is_limit else None,
        goal=0.3 if is_limit else None,
    )


def _memory(stand: _Stand, pages: int) -> Figure:
    """What is held at most while the last tenth of the pages is read, against the first tenth."""
    connections.forget()
    peaks: list[int] = []
    stand.sweep(pages // 10)
    for part in (pages // 10, pages):
        gc.collect()
        tracemalloc.start()
        stand.sweep(part)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    return Figure(
        number="P17",
        what=f"memory of a sync of {pages} pages / of {pages // 10} pages",
        ratio=peaks[1] / peaks[0],
        here=f"{peaks[1] / 1e6:.2f} MB at most",
        peer=f"{peaks[0] / 1e6:.2f} MB",
        must=1.1,
        goal=1.0,
        is_more_better=False,
    )


@contextmanager
def _moved_clock(account: Account) -> Iterator[_Moved]:
    """Both clocks of the product go with the machine's, ahead by what was waited."""
    moved, real = _Moved(origin=account.base_url), timezone.now

    def now() -> datetime:
        return real() + moved.by

    with patch.object(clock, "now", now), patch.object(timezone, "now", now):
        yield moved


@contextmanager
def _provider(slug: str, count: int) -> Iterator[Account]:
    """A simulator with so many recordings, as a process of its own, and an account there."""
    command = [sys.executable, "-m", "tests.simulators", slug]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            origin = json.loads(process.stdout.readline())[slug]
            told = _control(origin, "describe")
            if slug == "recall":
                _control(origin, "switch", page_size=PAGE)
            _control(origin, "fill", count=count)
            with override_settings(TAPEDECK_LOOPBACK_HOSTS=[urlsplit(origin).netloc]):
                connections.forget()
                account = Account(
                    provider=slug, name=f"{slug} {count}", base_url=origin, config=told["config"]
                )
                connections.set_secrets(account, told["secrets"])
                account.save()
                yield account
        finally:
            process.terminate()
            connections.forget()


def _control(origin: str, name: str, **arguments: Any) -> Any:
    request = urllib.request.Request(f"{origin}/_control/{name}", data=json.dumps(arguments).encode())
    with urllib.request.urlopen(request, timeout=300) as answer:
        return json.load(answer)
