"""Simulators behind sockets, whose answers can be held back, and what they saw of the product."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from recordings.models import Account, Call, Errand, Operation
from recordings.providers.snapshots import CallState
from recordings.work import wake
from tests.faults.real.processes import patiently
from tests.faults.verdict import AGAIN, BEGUN, COMMANDS
from tests.simulators.base import Simulator
from tests.simulators.http import Request, Response
from tests.simulators.outbox import Callback

HELD_AT_MOST_SECONDS = 120.0


@dataclass(kw_only=True)
class Exchange:
    """One request as a provider saw it."""

    at: float
    answered_at: float
    method: str
    path: str
    status: int
    retry_after: float


@dataclass(frozen=True, kw_only=True)
class Answered:
    """One callback and how the product answered it."""

    at: float
    url: str
    body: bytes
    status: int | None
    seconds: float


@dataclass
class Provider:
    """A simulator behind a socket, and its account."""

    slug: str
    simulator: Simulator
    origin: str
    account: Account
    exchanges: list[Exchange] = field(default_factory=list)
    answered: list[Answered] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)
    delay_seconds: float = 0.0
    is_silent: bool = False
    _holds: bool = False

    def listen(self) -> None:
        """Stand between the socket and the simulator, and between its callbacks and the product."""
        respond: Callable[[Request], Response] = self.simulator.respond
        self.simulator.respond = lambda request: self._answer(respond, request)  # type: ignore[method-assign]
        deliver = self.simulator.outbox.deliver

        def delivering(url: str, method: str, headers: dict[str, str], body: bytes) -> int | None:
            began = time.time()
            status = deliver(url, method, headers, body)
            self.note(url, body, status, began)
            return status

        self.simulator.outbox.deliver = delivering

    def note(self, url: str, body: bytes, status: int | None, began: float) -> None:
        """One callback was answered, or not."""
        seconds = time.time() - began
        self.answered.append(Answered(at=began, url=url, body=body, status=status, seconds=seconds))

    def _answer(self, respond: Callable[[Request], Response], request: Request) -> Response:
        if self.is_silent:
            self.release.wait(HELD_AT_MOST_SECONDS)
            return Response(is_dropped=True)
        began = time.time()
        time.sleep(self.delay_seconds)
        answer = respond(request)
        is_held = self._holds and request.method != "GET"
        self.exchanges.append(
            Exchange(
                at=began,
                answered_at=time.time(),
                method=request.method,
                path=request.path,
                status=0 if answer.is_dropped else answer.status,
                retry_after=float(answer.headers.get("Retry-After") or 0),
            )
        )
        if is_held:
            self.arrived.set()
            self.release.wait(HELD_AT_MOST_SECONDS)
        return answer

    @contextmanager
    def held(self) -> Iterator[None]:
        """Writes are performed, and not answered before the end of this block or ``release``."""
        self.arrived.clear()
        self.release.clear()
        self._holds = True
        try:
            yield
        finally:
            self._holds = False
            self.release.set()

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Nothing is performed and nothing answered."""
        self.release.clear()
        self.is_silent = True
        try:
            yield
        finally:
            self.is_silent = False
            self.release.set()

    @property
    def writes(self) -> int:
        return sum(each.method != "GET" for each in self.exchanges)

    def place_calls(self, count: int, **more: Any) -> list[Call]:
        """Live calls, as the product's workers found them."""
        place: Callable[..., str] = self.simulator.place_call  # type: ignore[attr-defined]
        ids = [place(title=f"Call {number}", **more) for number in range(count)]
        mine = Call.objects.filter(account=self.account, external_id__in=ids, state=CallState.LIVE)

        def are_known() -> bool:
            """the live list shows the calls"""
            hurry(self.account, "calls.look")
            return mine.count() == count

        patiently(are_known, every=0.2)
        return list(mine.order_by("pk"))

    def effects_of(self, order: Operation) -> int:
        """How often the order was performed, by the provider's own record."""
        key = str(order.made_key)
        done = [each for each in self.simulator.performed if each.action in COMMANDS - {AGAIN}]
        return sum(key in repr(each.details) for each in done)

    def has_happened(self, order: Operation) -> bool:
        """Whether it came true: some first take a start, and later begin or do not."""
        if self.slug == "recall" and order.kind == "recording.start":
            rows = self.simulator.truth()["recordings"].values()  # type: ignore[attr-defined]
            return any(str(order.made_key) in repr(row["metadata"]) for row in rows)
        begun = BEGUN if self.slug == "daily" else COMMANDS - {AGAIN}
        done = [each for each in self.simulator.performed if each.action in begun]
        return any(str(order.made_key) in repr(each.details) for each in done)

    def callbacks(self) -> list[Callback]:
        return list(self.simulator.outbox.sent)


def query_of(url: str) -> str:
    return urlsplit(url).query


def hurry(account: Account | None, kind: str) -> None:
    """Have a standing errand done now."""
    from recordings import clock

    waiting = Errand.objects.filter(kind=kind, state=Errand.State.QUEUED, lease_token=None)
    if account is not None:
        waiting = waiting.filter(account=account)
    if waiting.filter(due_at__gt=clock.now()).update(due_at=clock.now()):
        wake()
