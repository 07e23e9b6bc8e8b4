"""The product in one process, with a clock, a network and deaths that a seed decides."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from django.db import connection

from recordings import clock, connections, housekeeping, tasks
from recordings.models import Account, Operation
from recordings.providers import network, registry
from recordings.providers.registry import adapter_class
from recordings.work import orders, waking
from recordings.work.leases import Lease
from tests.faults.sealed import sealed_off
from tests.faults.seams import DatabaseRefused, Killed, PowerLost, Seams
from tests.faults.watch import Watch
from tests.simulators.base import Simulator
from tests.simulators.outbox import Callback
from tests.transport import SimulatorTransport, depart
from tests.world import PUBLIC, World, a_world

ORDERS_OFTENER = 5.0
WATCHED = ("perform", "evidence", "read", "fetch")
SLOW_SECONDS = 30.0


class FaultyTransport(SimulatorTransport):
    """The way to the simulators, with a seam at either end."""

    machine: "Machine"

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self.machine.seams.exchange(lambda: self._carry(request))

    def _carry(self, request: httpx.Request) -> httpx.Response:
        self._keep_the_deadline(request)
        depart(request)
        self.machine.watch.leaves(request.method)
        try:
            answer = super().handle_request(request)
            answer.headers["Date"] = format_datetime(self.machine.clock.utc(), usegmt=True)
            return answer
        except httpx.ReadTimeout:
            self.machine.seams.wait(SLOW_SECONDS)
            raise

    def _keep_the_deadline(self, request: httpx.Request) -> None:
        """As a socket under the product's own rules would."""
        try:
            network._left(None, httpx.ConnectTimeout)
        except httpx.ConnectTimeout as exc:
            raise httpx.ConnectTimeout(str(exc), request=request) from exc


class _LookTime:
    """In the place of the module ``time``. A look ends after some items: each question costs a little."""

    def __init__(self, machine: "Machine") -> None:
        self._machine = machine
        self._calls = 0

    def monotonic(self) -> float:
        self._calls += 1
        return self._machine.clock.now() + self._calls * 0.5


@dataclass
class Machine(World):
    """A world in which things go wrong. ``clock`` is the truth; ours is off by ``skew``."""

    seams: Seams = field(kw_only=True)
    watch: Watch = field(kw_only=True)
    rng: random.Random = field(kw_only=True)
    skew: timedelta = timedelta()
    looks: int = 0
    accounts: dict[str, Account] = field(default_factory=dict)  # by host
    _sending: Callback | None = None

    def now(self) -> datetime:
        return self.clock.utc() + self.skew

    # Providers.

    def add(self, simulator: Simulator, *, name: str = "") -> Account:
        account = super().add(simulator, name=name)
        host = next(host for host, each in self.simulators.items() if each is simulator)
        self.accounts[host] = account
        self._note_what_is_sent(simulator)
        return account

    def account_at(self, simulator: Simulator) -> Account:
        return next(self.accounts[host] for host, each in self.simulators.items() if each is simulator)

    def _note_what_is_sent(self, simulator: Simulator) -> None:
        attempt: Callable[[Callback], None] = simulator.outbox._attempt

        def noting(callback: Callback) -> None:
            before, self._sending = self._sending, callback
            try:
                attempt(callback)
            finally:
                self._sending = before

        simulator.outbox._attempt = noting  # type: ignore[method-assign]

    # The web server.

    def deliver(self, url: str, method: str, headers: dict[str, str], body: bytes) -> int | None:
        case, callback = self.seams.case, self._sending
        if self.seams.is_on and self.rng.random() < case.loses_requests:
            return None
        account = next((each for each in self.accounts.values() if each.webhook_key in url), None)
        try:
            with self.seams.acting("web"):
                status = self.arrive(url, method, headers, body)
        except Killed:
            _drop_what_was_not_committed()
            return None
        if account is not None and callback is not None:
            query = url.partition("?")[2]
            self.watch.came_in(account.pk, callback, query, status)
        if self.seams.is_on and self.rng.random() < case.loses_answers:
            return None
        return status

    # The workers.

    def look(self) -> int:
        """One worker's look; its death or a refusing database ends it."""
        self.looks += 1
        sending, self.watch.current = self.watch.current, None
        try:
            with self.seams.acting("worker"):
                return tasks.look()
        except PowerLost:
            _drop_what_was_not_committed()
            if self.seams.depth:
                raise
            return 1
        except (Killed, DatabaseRefused):
            _drop_what_was_not_committed()
            return 1
        finally:
            self.watch.current = sending

    def work(self, rounds: int = 200) -> int:
        """Look until nothing is due at this moment; answers how many items were left undone."""
        for _ in range(rounds):
            if not self.look():
                return 0
        return 1

    def pick_up(self) -> None:
        housekeeping.ensure_standing()


def _drop_what_was_not_committed() -> None:
    """The connection of a dead process; whoever else is frozen has no transaction open."""
    connection.connection.rollback()
    if connection.vendor == "postgresql":
        connection.set_autocommit(True)


@contextmanager
def a_machine(
    patch: pytest.MonkeyPatch, *, seams: Seams, rng: random.Random, poison: float
) -> Iterator[Machine]:
    """A machine with nothing in it; everything is put back at the end."""
    patch.setitem(registry.ADAPTERS, "fifth", "tests.fifth.adapter:FifthAdapter")
    connections.faces()  # All of the product is there before it is sealed off.
    with a_world(patch, public_url=PUBLIC) as world, sealed_off(patch, world.clock, rng):
        watch = Watch(now=world.clock.utc, quietly=lambda: seams.acting(""), rng=rng, poison=poison)
        transport = FaultyTransport({})
        machine = Machine(clock=world.clock, transport=transport, seams=seams, watch=watch, rng=rng)
        transport.machine, watch.now = machine, machine.now
        seams.on_open_transaction = lambda: watch.problem(
            "transaction", "a transaction is open while a provider is waited for"
        )
        patch.setattr(connections, "transport", transport)
        patch.setattr(clock, "now", machine.now)
        patch.setattr("django.utils.timezone.now", machine.now)
        patch.setattr(tasks, "time", _LookTime(machine))
        patch.setattr(tasks, "_beat_at", -1e12)
        patch.setattr(tasks, "BEAT_SECONDS", 30.0)
        patch.setattr(waking, "async_task", lambda task: None)  # The scenario says who looks, and when.
        patch.setattr(tasks, "worker_name", lambda: f"worker-{seams.depth}")
        patch.setitem(tasks._performers, Operation, _closely_hunted(seams))
        _watch_adapters(patch, watch)
        with connection.execute_wrapper(seams.statement):
            yield machine


def _closely_hunted(seams: Seams) -> Callable[[Lease], None]:
    """Orders are where harm is done: faults strike oftener while one is performed."""

    def perform(lease: Lease) -> None:
        with seams.hunting(ORDERS_OFTENER):
            orders.perform(lease)

    return perform


def _watch_adapters(patch: pytest.MonkeyPatch, watch: Watch) -> None:
    for slug in registry.ADAPTERS:
        adapter = adapter_class(slug)
        for name in WATCHED:
            patch.setattr(adapter, name, _watched(getattr(watch, name), getattr(adapter, name)))


def _watched(look: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return look(original, self, *args, **kwargs)

    return method
