"""What every real case needs: the product, simulators behind sockets, accounts, and orders."""

import random
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.management import call_command

from recordings import actions, connections, housekeeping
from recordings.models import Account, Operation
from recordings.targets import Target, seen_state
from tests.faults.real.processes import Product, TookTooLong, patiently
from tests.faults.real.providers import Provider
from tests.faults.watch import Problem
from tests.simulators.registry import SIMULATORS, simulator_class
from tests.simulators.server import serve

State = Operation.State
OPEN = (State.QUEUED, State.SENT)
SCALE = 0.1  # of the providers' own waits
REST_SECONDS = 240.0


class Stage:
    """One seed of a real case."""

    def __init__(self, product: Product, rng: random.Random, folder: Path, *, is_short: bool) -> None:
        self.product = product
        self.rng = rng
        self.folder = folder
        self.is_short = is_short
        self.providers: dict[str, Provider] = {}
        self.problems: list[Problem] = []
        self.numbers: dict[str, Any] = {}
        self.user: Any = None

    def problem(self, category: str, text: str) -> None:
        self.problems.append(Problem(category=category, text=text))

    def check(self, is_so: object, category: str, text: str) -> None:
        """What must hold, and the problem where it does not."""
        if not is_so:
            self.problem(category, text)

    def open(self, *slugs: str) -> None:
        """Have accounts at these providers (all, if none is named), and start the product."""
        call_command("migrate", interactive=False, verbosity=0)
        self.user = get_user_model().objects.create_user("harness")
        rights = Permission.objects.filter(content_type__app_label="recordings")
        self.user.user_permissions.set(rights)
        made = [self._add(slug, slug) for slug in slugs or SIMULATORS]
        housekeeping.ensure_standing()
        self.start_product()
        for provider in made:  # One of them tries the address at once.
            provider.simulator.set_webhook(provider.account.webhook_url)  # type: ignore[attr-defined]

    def start_product(self) -> None:
        """Until the web server answers and every worker waits for work."""
        before = set(self.product.workers())

        def are_ready() -> bool:
            """the workers start"""
            return len(set(self.product.workers()) - before) >= settings.TAPEDECK_WORKERS

        self.numbers["start_seconds"] = round(self.product.start(), 1)
        self.wait(are_ready)

    def add(self, slug: str, name: str) -> Provider:
        """Another account, at a simulator of its own, while the product runs."""
        provider = self._add(slug, name)
        provider.simulator.set_webhook(provider.account.webhook_url)  # type: ignore[attr-defined]
        housekeeping.ensure_standing()
        return provider

    def _add(self, slug: str, name: str) -> Provider:
        simulator = simulator_class(slug)(seed=self.rng.randrange(10**6), scale=SCALE)
        told = simulator.account()
        server, origin = serve(simulator)
        server.handle_error = lambda *_: None  # type: ignore[method-assign] # the killed hang up
        account = Account(provider=slug, name=name, base_url=origin, config=told["config"])
        connections.set_secrets(account, told["secrets"])
        account.save()
        provider = Provider(slug, simulator, origin, account)
        provider.listen()
        self.providers[name] = provider
        return provider

    def end(self) -> None:
        """No process of this run is left."""
        for provider in self.each():
            provider.release.set()
        self.product.end()

    def each(self) -> list[Provider]:
        return list(self.providers.values())

    def some(self, count: int) -> list[Provider]:
        return self.rng.sample(self.each(), k=min(count, len(self.providers)))

    def provider_of(self, order: Operation) -> Provider:
        return next(each for each in self.each() if each.account.pk == order.account_id)

    def writes(self) -> int:
        """How many requests that order something the providers have seen."""
        return sum(provider.writes for provider in self.each())

    def order(self, thing: Any, kind: str, **options: Any) -> Operation:
        """As a click would, by a form of its own."""
        target = Target.of(thing)
        return actions.place(
            self.user,
            target,
            kind,
            options=options,
            order_key=str(uuid.uuid4()),
            seen=seen_state(target),
        )

    def start(self, provider: Provider, call: Any = None) -> Operation:
        """Order a recording of this call, or of a fresh one."""
        call = call or provider.place_calls(1)[0]
        action = connections.face(provider.slug).action("recording.start")
        assert action is not None
        fields = [each for each in action.options if each.default is not None and not each.is_ours]
        return self.order(call, "recording.start", **{each.name: each.default for each in fields})

    def await_outcome(self, *orders: Operation, seconds: float = REST_SECONDS) -> None:
        """Wait until each of the orders has ended or is in doubt."""

        def have_ended() -> bool:
            """every order has an outcome"""
            mine = Operation.objects.filter(pk__in=[each.pk for each in orders])
            return not mine.filter(state__in=OPEN, is_accepted=False).exists()

        self.wait(have_ended, seconds)
        for each in orders:
            each.refresh_from_db()

    def in_time(self, seconds: float, limit: float, text: str) -> None:
        """A limit that holds for a machine of one's own: on a busy one it is as much longer as all else."""
        if seconds <= limit:
            return
        longest = limit * self.slowness()
        self.check(seconds <= longest, "late", f"{text} after {seconds:.1f} s, not {limit:.0f} s")

    def slowness(self) -> float:
        """How much longer than alone a piece of work takes here now."""
        slowness = _slowness()
        self.numbers["slowness"] = round(max(slowness, self.numbers.get("slowness", 1.0)), 1)
        return slowness

    def wait(self, is_so: Callable[[], object], seconds: float = REST_SECONDS) -> float | None:
        """Wait, and tell of what did not come as "stuck"; answers the seconds."""
        try:
            return patiently(is_so, seconds)
        except TookTooLong as exc:
            self.problem("stuck", str(exc))
            return None


def _slowness() -> float:
    wall, own = time.monotonic(), time.process_time()
    while time.process_time() - own < 0.2:
        sum(range(1000))
    return max(1.0, (time.monotonic() - wall) / 0.2)
