"""What people, callers, providers and the machines do, step by step from the seed."""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection

from recordings import actions, decisions
from recordings.models import Account, Call, Errand, Operation, Recording
from recordings.models.mirror import PRESENT
from recordings.providers.options import Kind, Option
from recordings.providers.snapshots import Status
from recordings.targets import Target, seen_state
from recordings.validation import OrderRefused
from tests.faults import elsewhere
from tests.faults.cases import Case
from tests.faults.machine import Machine
from tests.faults.seams import DatabaseRefused, Killed, PowerLost
from tests.simulators.base import Simulator
from transcripts.models import Transcript

FAULT_KINDS = ("refuse", "after", "drop", "drop_after", "cut", "slow", "html")
REFUSALS = (429, 500, 502, 503, 507, 401, 404, 409)
HOUR = 3600.0


@dataclass(kw_only=True)
class Form:
    """An order form as somebody's browser holds it: it may be sent again, at any distance in time."""

    target: Target
    kind: str
    options: dict[str, Any]
    order_key: str
    seen: str
    operation_id: int | None = None


@dataclass
class Scenario:
    """One seed's story. ``step`` does one thing; ``calm`` ends all faults."""

    machine: Machine
    case: Case
    rng: random.Random
    user: Any
    forms: list[Form] = field(default_factory=list)
    orders: int = 0
    placed: list[tuple[Simulator, str]] = field(default_factory=list)
    away: dict[str, Simulator] = field(default_factory=dict)
    secrets: dict[int, str] = field(default_factory=dict)
    # What was deleted at a provider, by its id: the orders that no complete look had missed by then.
    erased: dict[str, frozenset[int]] = field(default_factory=dict)

    def run(self) -> None:
        self._lead_callbacks_astray()
        for _ in range(2 + self.rng.randrange(3)):
            self.place_call()
        self.machine.pick_up()
        for _ in range(self.case.steps):
            self.step()
            self.machine.watch.check_rows()
        if self.case.silent_hours:
            self._fall_silent()

    def step(self) -> None:
        """One thing happens; faults of the case beside it."""
        self._bring_trouble()
        chosen, _ = self.rng.choices(_STEPS, weights=[weight for _, weight in _STEPS])[0]
        chosen(self)

    def while_frozen(self, seconds: float) -> None:
        """A process stands still; the others do not."""
        pieces = self.rng.randrange(1, 4)
        for _ in range(pieces):
            if self.rng.random() < self.case.loses_power * 3:
                self.machine.seams.strike("power lost")
                raise PowerLost
            self.machine.clock.advance(seconds / pieces)
            self.machine.pick_up()
            self.machine.look()
            self.machine.watch.check_rows()
            if self.rng.random() < 0.3:
                self.click()

    # Callers.

    def place_call(self) -> None:
        simulator = self.rng.choice(list(self.machine.simulators.values()))
        title = f"Call {len(self.placed)}"
        self.placed.append((simulator, simulator.place_call(title=title, conversation=len(self.placed))))  # type: ignore[attr-defined]
        self._hurry("calls.look", self.machine.account_at(simulator))

    def end_call(self) -> None:
        if self.placed and self.rng.random() < 0.6:
            simulator, call_id = self.placed.pop(self.rng.randrange(len(self.placed)))
            simulator.end_call(call_id)  # type: ignore[attr-defined]

    def delete_elsewhere(self) -> None:
        simulator = self.rng.choice(list(self.machine.simulators.values()))
        external_id = elsewhere.delete_something(simulator, self.rng)
        if external_id:
            unlooked = Operation.objects.open().filter(absences=0).values_list("pk", flat=True)
            self.erased[external_id] = frozenset(unlooked)

    # People.

    def click(self) -> None:
        """Order something that can be ordered now, by a new form."""
        thing = self._thing()
        if thing is None:
            return
        target = Target.of(thing)
        open_choices = [each for each in actions.choices(self.user, target) if not each.unavailable]
        if not open_choices:
            return
        chosen = self.rng.choices(open_choices, weights=[_weight(each.action.kind) for each in open_choices])[
            0
        ]
        form = Form(
            target=target,
            kind=chosen.action.kind,
            options=self._options(target.account, chosen.action.options),
            order_key=str(uuid.uuid4()),
            seen=seen_state(target),
        )
        self.forms.append(form)
        self._send(form)
        if self.rng.random() < 0.25:
            self._send(form)  # a double click
        if self.rng.random() < 0.15:
            self._send(Form(**{**vars(form), "order_key": str(uuid.uuid4()), "operation_id": None}))

    def click_again(self) -> None:
        """The browser's back button, and the same form once more."""
        if self.forms:
            self._send(self.rng.choice(self.forms))

    def take_back(self) -> None:
        waiting = Operation.objects.filter(state=Operation.State.QUEUED).order_by("pk").first()
        if waiting is not None:
            decisions.cancel(waiting)

    # Machines.

    def look(self) -> None:
        for _ in range(self.rng.randrange(1, 4)):
            self.machine.look()

    def pass_time(self) -> None:
        seconds = self.rng.choice((0.5, 2.0, 5.0, 5.0, 10.0, 30.0, 65.0, 120.0))
        self.machine.clock.advance(seconds)
        self.machine.pick_up()
        self.machine.look()

    def sweep(self) -> None:
        self._hurry("sweep.recent", self.rng.choice(list(self.machine.accounts.values())))
        self.machine.look()

    # The end of all faults.

    def calm(self) -> None:
        """Everything works again; what is on its way still comes."""
        machine = self.machine
        machine.seams.is_on = False
        machine.watch.poison = 0.0
        machine.skew = timedelta()
        for host in list(self.away):
            self._bring_back(host)
        for pk, sealed in self.secrets.items():
            Account.objects.filter(pk=pk).update(sealed_secrets=sealed)
        for simulator in machine.simulators.values():
            simulator.faults.clear()
            elsewhere.list_in_circles(simulator, is_on=False)
            simulator.outbox.chaos.drop = simulator.outbox.chaos.jitter_seconds = 0.0
            simulator.outbox.chaos.duplicates = 0

    def end_most_calls(self) -> None:
        for simulator, call_id in self.placed:
            if self.rng.random() < 0.8:
                simulator.end_call(call_id)  # type: ignore[attr-defined]

    # Trouble.

    def _bring_trouble(self) -> None:
        for probability, trouble in (
            (self.case.faults, self._spoil_answers),
            (self.case.outages, self._cut_off),
            (self.case.bad_credentials, self._spoil_credentials),
            (self.case.repeats_pages, self._go_in_circles),
            (self.case.jumps, self._jump),
            (self.case.idle, lambda: self.machine.clock.advance(self.rng.choice((100.0, 300.0, 700.0)))),
        ):
            if self.rng.random() < probability:
                trouble()
        for host in list(self.away):
            if self.rng.random() < 0.2:
                self._bring_back(host)

    def _spoil_answers(self) -> None:
        simulator = self.rng.choice(list(self.machine.simulators.values()))
        kind = self.rng.choice(FAULT_KINDS)
        status = self.rng.choice(REFUSALS) if kind == "refuse" else 500
        waits = status in (429, 503, 507) and self.rng.random() < 0.7
        simulator.fail(
            kind=kind,
            method=self.rng.choice(("", "POST", "POST", "GET", "DELETE")),
            times=self.rng.choice((1, 1, 2, 4)),
            status=status,
            headers={"Retry-After": str(self.rng.choice((1, 7, 30)))} if waits else {},
            seconds=45.0,
        )

    def _cut_off(self) -> None:
        hosts = sorted(self.machine.transport.simulators)
        if hosts:
            host = self.rng.choice(hosts)
            self.away[host] = self.machine.transport.simulators.pop(host)

    def _bring_back(self, host: str) -> None:
        self.machine.transport.simulators[host] = self.away.pop(host)

    def _spoil_credentials(self) -> None:
        account = self.rng.choice(list(self.machine.accounts.values()))
        stored = Account.objects.get(pk=account.pk)
        if stored.pk in self.secrets:
            Account.objects.filter(pk=stored.pk).update(sealed_secrets=self.secrets.pop(stored.pk))
            return
        self.secrets[stored.pk] = stored.sealed_secrets
        Account.objects.filter(pk=stored.pk).update(sealed_secrets="unreadable")

    def _go_in_circles(self) -> None:
        simulator = self.rng.choice(list(self.machine.simulators.values()))
        elsewhere.list_in_circles(simulator, is_on=True)

    def _jump(self) -> None:
        self.machine.watch.is_clock_true = False
        self.machine.skew = timedelta(seconds=self.rng.choice((-HOUR, 0.0, 0.0, HOUR)))

    def _lead_callbacks_astray(self) -> None:
        for simulator in self.machine.simulators.values():
            chaos = simulator.outbox.chaos
            chaos.drop, chaos.duplicates = self.case.drops, self.case.duplicates
            chaos.jitter_seconds = self.case.late_seconds * self.rng.random()

    def _fall_silent(self) -> None:
        """Nothing comes in for hours; at the providers life goes on."""
        for simulator in self.machine.simulators.values():
            simulator.outbox.chaos.drop = 1.0
        hours = self.case.silent_hours
        for _ in range(6):
            self.place_call()
            self.end_call()
            self.delete_elsewhere()
            for simulator in self.machine.simulators.values():
                elsewhere.record_something(simulator, self.rng)
            self.machine.clock.advance(hours * HOUR / 6)

    # Parts.

    def _hurry(self, kind: str, account: Account) -> None:
        due = self.machine.now()
        waiting = account.errands.filter(kind=kind, state=Errand.State.QUEUED, lease_token=None)
        waiting.filter(due_at__gt=due).update(due_at=due)

    def _thing(self) -> Any:
        """Something that somebody looks at: a call, a recording, a transcript or an account."""
        kinds = ("call", "call", "call", "recording", "recording", "transcript", "account")
        for kind in self.rng.sample(kinds, k=len(kinds)):
            if rows := list(_SEEN[kind]()):
                return self.rng.choice(rows)
        return None

    def _options(self, account: Account, fields: tuple[Option, ...]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for option in fields:
            if option.is_ours:
                continue
            if option.kind is Kind.CHOICE and option.default is not None and self.rng.random() < 0.2:
                values[option.name] = self.rng.choice(option.choices)[0]
            elif option.default is not None:
                values[option.name] = option.default
            elif option.is_required:
                values[option.name] = self._value(account, option)
        return values

    def _value(self, account: Account, option: Option) -> Any:
        if option.kind is Kind.URL:
            simulators = self.machine.simulators.items()
            simulator = next(each for host, each in simulators if self.machine.accounts[host] == account)
            return simulator.place_meeting()  # type: ignore[attr-defined]
        return {Kind.OBJECT: {"made": "by chance"}, Kind.INTEGER: 1, Kind.BOOLEAN: True}.get(option.kind, "x")

    def _send(self, form: Form) -> None:
        """Through the same door as the view; the web process may die on the way."""
        try:
            with self.machine.seams.acting("web"):
                operation = actions.place(
                    self.user,
                    form.target,
                    form.kind,
                    options=form.options,
                    order_key=form.order_key,
                    seen=form.seen,
                )
        except (OrderRefused, actions.AskAgain, PermissionDenied):
            return
        except (Killed, DatabaseRefused):
            connection.connection.rollback()
            return
        if form.operation_id is None:
            form.operation_id = operation.pk
        elif form.operation_id != operation.pk:
            self.machine.watch.problem("form", f"one form made orders {form.operation_id} and {operation.pk}")


_SEEN: dict[str, Callable[[], Any]] = {
    "call": lambda: Call.objects.filter(state__in=PRESENT).order_by("pk"),
    "recording": lambda: Recording.objects.exclude(status=Status.DELETED).order_by("pk"),
    "transcript": lambda: Transcript.objects.exclude(status=Status.DELETED).order_by("pk"),
    "account": lambda: Account.objects.order_by("pk"),
}
_STEPS: tuple[tuple[Callable[[Scenario], None], float], ...] = (
    (Scenario.place_call, 2.0),
    (Scenario.end_call, 2.0),
    (Scenario.click, 9.0),
    (Scenario.click_again, 1.5),
    (Scenario.take_back, 0.3),
    (Scenario.look, 3.0),
    (Scenario.pass_time, 7.0),
    (Scenario.sweep, 0.5),
    (Scenario.delete_elsewhere, 0.3),
)


def _weight(kind: str) -> float:
    if kind == "recording.start":
        return 6.0
    if "delete" in kind or kind == "call.leave":
        return 0.7
    return 2.0
