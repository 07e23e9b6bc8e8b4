"""A small world in one process: accounts at simulators, a clock that a test moves, and work done by hand."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django_q.models import OrmQ

from recordings import actions, clock, connections, housekeeping, intake, tasks
from recordings.models import Account, Call, Operation, Recording
from recordings.targets import Target, seen_state
from tests.simulators.base import Simulator
from tests.simulators.clock import Clock
from tests.transport import SimulatorTransport

PUBLIC = "https://tapedeck.test"


@dataclass
class World:
    """Simulators by host name, and the product in between."""

    clock: Clock
    transport: SimulatorTransport
    simulators: dict[str, Simulator] = field(default_factory=dict)
    webhook_statuses: list[int] = field(default_factory=list)
    holds_callbacks: bool = False
    held: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    def add(self, simulator: Simulator, *, name: str = "") -> Account:
        """An account at this simulator, reached at a host of its own."""
        told = simulator.account()
        host = f"{told['provider']}-{len(self.simulators)}.test"
        self.simulators[host] = self.transport.simulators[host] = simulator
        simulator.outbox.deliver = self.deliver
        account = Account(
            provider=told["provider"],
            name=name or f"{told['name']} {len(self.simulators)}",
            base_url=f"http://{host}",
            config=told["config"],
        )
        connections.set_secrets(account, told["secrets"])
        account.save()
        simulator.set_webhook(account.webhook_url)  # type: ignore[attr-defined]
        return account

    def deliver(self, url: str, method: str, headers: dict[str, str], body: bytes) -> int | None:
        """A callback on its way in, held back while the test says so."""
        if self.holds_callbacks:
            self.held.append((url, method, headers, body))
            return 200
        return self.arrive(url, method, headers, body)

    def arrive(self, url: str, method: str, headers: dict[str, str], body: bytes) -> int:
        """Through the same intake as the webhook view."""
        path = url.removeprefix(PUBLIC)
        _, provider, key, rest = path.lstrip("/").split("/", 3)
        status = intake.receive(
            provider,
            key,
            intake.Arrived(
                method=method,
                path=rest.partition("?")[0],
                full_path=path,
                host="tapedeck.test",
                headers={name.lower(): value for name, value in headers.items()},
                body=body,
            ),
        )
        self.webhook_statuses.append(status)
        return status

    def let_in(self) -> None:
        """Deliver what was held back, in its order."""
        held, self.held, self.holds_callbacks = self.held, [], False
        for callback in held:
            self.arrive(*callback)

    def work(self, rounds: int = 20) -> int:
        """Look until nothing is due at this moment."""
        total = 0
        for _ in range(rounds):
            OrmQ.objects.all().delete()
            done = tasks.look()
            total += done
            if not done:
                break
        return total

    def advance(self, seconds: float, *, step: float = 5.0) -> None:
        """Let time pass at the providers and here, working along the way."""
        passed = 0.0
        while passed < seconds:
            piece = min(step, seconds - passed)
            for simulator in self.simulators.values():
                if simulator.clock is not self.clock:
                    simulator.clock.advance(piece)
            self.clock.advance(piece)
            passed += piece
            self.work()

    def order(
        self,
        user: AbstractUser | None,
        thing: Any,
        kind: str,
        *,
        order_key: str = "",
        seen: str | None = None,
        **options: Any,
    ) -> Operation:
        """Order as a form would."""
        target = Target.of(thing)
        return actions.place(
            user,
            target,
            kind,
            options=options,
            order_key=order_key or str(uuid.uuid4()),
            seen=seen_state(target) if seen is None else seen,
        )

    def call(self, account: Account, external_id: str) -> Call:
        """The mirror's row of a call, read from the provider where it is not known yet."""
        found = Call.objects.filter(account=account, external_id=external_id).first()
        if found is None:
            self.look_at_calls(account)
            found = Call.objects.get(account=account, external_id=external_id)
        return found

    def look_at_calls(self, account: Account) -> None:
        """Have the live list read now."""
        housekeeping.ensure_standing()
        account.errands.filter(kind="calls.look").update(due_at=clock.now())
        self.work()

    def sweep(self, account: Account, kind: str = "sweep.full") -> None:
        """Have a sweep done now."""
        housekeeping.ensure_standing()
        account.errands.filter(kind=kind).update(due_at=clock.now())
        self.work(rounds=200)

    def recordings(self, account: Account) -> list[Recording]:
        return list(Recording.objects.filter(account=account).order_by("pk"))


@contextmanager
def a_world(monkeypatch: Any, *, public_url: str = PUBLIC, start: datetime | None = None) -> Iterator[World]:
    """A world whose clock stands at ``start``; everything is put back at the end."""
    began = start or datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    clock_ = Clock(start=began.timestamp())
    transport = SimulatorTransport({})
    monkeypatch.setattr(connections, "transport", transport)
    monkeypatch.setattr(clock, "now", clock_.utc)
    monkeypatch.setattr("django.utils.timezone.now", clock_.utc)
    monkeypatch.setattr(intake, "wake_soon", lambda: None)
    monkeypatch.setattr(settings, "PUBLIC_URL", public_url)
    monkeypatch.setattr(settings, "TAPEDECK_LOOPBACK_HOSTS", _AllTestHosts())
    connections.forget()
    intake.forget()
    yield World(clock=clock_, transport=transport)
    connections.forget()
    intake.forget()


class _AllTestHosts(list[str]):
    """Every host that ends in ``.test`` is one of ours."""

    def __iter__(self) -> Iterator[str]:
        return iter([f"{name}-{number}.test" for name in _NAMES for number in range(12)])


_NAMES = ("recall", "twilio", "daily", "vobiz", "fifth")
