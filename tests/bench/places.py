"""Accounts at simulators that can be held up, each behind a socket of its own."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from recordings import actions, connections
from recordings.models import Account, Call, Errand, Operation, Recording
from recordings.providers.snapshots import Status
from recordings.targets import Target, seen_state
from tests.simulators.http import Request, Response
from tests.simulators.server import served
from tests.simulators.twilio import TwilioSimulator

USUAL_SECONDS = 0.2  # as in faults.md: waiting decides, not the machine
SLOW_SECONDS = 20.0
DAYS_APART = 3 * 86_400.0  # what is deleted is older than what the frequent sweeps read
PATIENCE_SECONDS = 600.0


@dataclass(slots=True, kw_only=True)
class Place:
    """One account, and what stands between its provider's socket and the simulator."""

    account: Account
    simulator: TwilioSimulator
    seconds: float = USUAL_SECONDS
    hurry: threading.Event = field(default_factory=threading.Event)
    seen: Callable[[Request], object] = lambda request: None

    def listen(self) -> None:
        """Let every request wait for its answer, whatever it will be."""
        respond = self.simulator.respond

        def later(request: Request) -> Response:
            self.seen(request)
            self.hurry.wait(self.seconds)
            return respond(request)

        self.simulator.respond = later  # type: ignore[method-assign]

    @contextmanager
    def slow(self) -> Iterator[None]:
        """Nothing is answered before its twenty seconds are over."""
        self.seconds = SLOW_SECONDS
        try:
            yield
        finally:
            self.hurry.set()
            time.sleep(5 * USUAL_SECONDS)
            self.seconds = USUAL_SECONDS
            self.hurry.clear()

    @contextmanager
    def broken(self) -> Iterator[None]:
        """Everything is answered with 500."""
        self.simulator.fail(kind="refuse", status=500, times=1_000_000)
        try:
            yield
        finally:
            self.simulator.clear_faults()

    def recordings(self, count: int) -> list[Recording]:
        """New ones, finished long ago, at the provider and in the mirror."""
        known = set(self.simulator.recordings.all)
        self.simulator.fill(count, apart=DAYS_APART)
        new = [sid for sid in self.simulator.recordings.all if sid not in known]
        now = timezone.now()
        facts: dict[str, Any] = {"account": self.account, "status": Status.COMPLETED, "sort_at": now}
        return Recording.objects.bulk_create(Recording(external_id=sid, **facts) for sid in new)


def open_place(stack: ExitStack, name: str) -> Place:
    simulator = TwilioSimulator()
    origin = stack.enter_context(served(simulator))
    told = simulator.account()
    account = Account(provider="twilio", name=name, base_url=origin, config=told["config"])
    connections.set_secrets(account, told["secrets"])
    account.save()
    place = Place(account=account, simulator=simulator)
    place.listen()
    return place


def order(thing: Recording | Call, kind: str) -> Operation:
    target = Target.of(thing)
    return actions.place(None, target, kind, options={}, order_key=str(uuid.uuid4()), seen=seen_state(target))


def wait_for(is_so: Callable[[], bool], what: str) -> None:
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        if time.monotonic() > ends_at:
            raise RuntimeError(f"waited in vain until {what}")
        time.sleep(0.2)


def is_standing_work_done() -> bool:
    """Every account has its standing errands, and each was done once."""
    soon = timezone.now() + timedelta(seconds=4)
    standing = Errand.objects.exclude(every_seconds=None)
    accounts = standing.filter(kind="account.tidy").count()
    return accounts == Account.objects.count() and not standing.filter(due_at__lt=soon).exists()
