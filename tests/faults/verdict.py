"""The end of a seed: once the faults have stopped, everything comes to rest and agrees with the providers."""

from collections import Counter
from typing import Any

from recordings.models import Errand, Operation, Recording, WebhookDelivery
from recordings.providers.orders import Repeat
from recordings.sweep import LEFT_BEHIND
from recordings.work import oldest_due_age_seconds
from tests.faults.machine import Machine
from tests.faults.scenario import Scenario
from tests.faults.truths import differences
from tests.simulators.base import Simulator

State = Operation.State
# How long after the end of the faults the product is given to come to rest: leases, back-off, looks.
REST_SECONDS = (2, 5, 10, 20, 40, 60, 60, 120, 300, 300, 600, 900, 3600, 3600)
AGAIN = "start_recording_again"  # answered with what runs already: nothing was done
# What the simulators call an order that makes something, each of which must be performed once.
COMMANDS = frozenset(
    {
        *("start", "transcribe"),
        *("send_bot", "start_recording", "create_transcript"),
        *(AGAIN, "start_transcription", "submit_job", "order_transcript"),
    }
)
BEGUN = frozenset({"recording_began", "transcription_began", "submit_job"})
# One provider lists nothing that still runs: what ended unheard and was deleted there is found out later.
UNLISTED = "vobiz: recording"
ENDED_WELL = (State.FAILED, State.EXPIRED, State.CANCELLED)


def settle(scenario: Scenario) -> None:
    """Let the world come to rest, then sweep, and judge."""
    machine = scenario.machine
    scenario.calm()
    scenario.end_most_calls()
    machine.clock.advance(scenario.case.late_seconds)
    _rest(machine, at_least=120)
    _sweep(machine)
    _judge(scenario)


def _rest(machine: Machine, *, at_least: float) -> None:
    for seconds in REST_SECONDS:
        machine.pick_up()
        machine.work()
        machine.watch.check_rows()
        if seconds >= at_least and not _open_work():
            break
        machine.clock.advance(seconds)


def _open_work() -> bool:
    """Whether anything is under way that is no standing errand and no doubt."""
    orders = Operation.objects.filter(state__in=(State.QUEUED, State.SENT))
    callbacks = WebhookDelivery.objects.filter(state=WebhookDelivery.State.RECEIVED)
    errands = Errand.objects.filter(state=Errand.State.QUEUED, every_seconds=None)
    doubts = Operation.objects.filter(state=State.IN_DOUBT, due_at__isnull=False, looks__lt=5)
    return orders.exists() or callbacks.exists() or errands.exists() or doubts.exists()


def _sweep(machine: Machine) -> None:
    """One full sweep of each account, and what follows from it."""
    for kind in ("sweep.full", "calls.look"):
        machine.pick_up()
        Errand.objects.filter(kind=kind, state=Errand.State.QUEUED).update(due_at=machine.now(), cursor={})
        for _ in range(4):
            machine.work()
            machine.clock.advance(2)
    _rest(machine, at_least=0)  # what a sweep or a last callback asked for
    if machine.work() or oldest_due_age_seconds() > 0:
        machine.watch.problem("stuck", "the backlog does not come to an end")
    machine.watch.check_rows()


def _judge(scenario: Scenario) -> None:
    watch = scenario.machine.watch
    watch.check_deliveries()
    _judge_orders(scenario)
    for delivery in WebhookDelivery.objects.filter(state=WebhookDelivery.State.RECEIVED):
        watch.problem("stuck", f"callback {delivery.event} was never read")
    for errand in Errand.objects.filter(state=Errand.State.QUEUED, every_seconds=None):
        if errand.due_at is None or errand.lease_token is not None:
            watch.problem("stuck", f"errand {errand} is never due again")
    if scenario.case.poison:
        _judge_poison(scenario.machine)
    if scenario.case.poison and watch.deaths_of:
        return  # What was put aside stays unknown until somebody looks at it.
    found = _differences(scenario.machine)
    if any(UNLISTED in text for text in found):
        scenario.machine.clock.advance(LEFT_BEHIND.total_seconds() + 60)
        _sweep(scenario.machine)
        found = _differences(scenario.machine)
    for text in found:
        watch.problem("differs", text)


def _judge_orders(scenario: Scenario) -> None:
    machine = scenario.machine
    effects = _effects(machine, COMMANDS)
    for order in Operation.objects.order_by("pk"):
        name = f"{order.kind} {order.pk} ({order.account.provider})"
        if order.state in (State.QUEUED, State.SENT):
            machine.watch.problem("stuck", f"{name} is still {order.state}: {order.outcome}")
        if order.made_key is None:
            continue
        key = str(order.made_key)
        if effects[key] > 1:
            machine.watch.problem("twice", f"{name} had {effects[key]} effects")
        has_happened = _has_happened(machine, order)
        if has_happened and order.state in ENDED_WELL and not _left_no_trace(scenario, order):
            machine.watch.problem("denied", f"{name} is {order.state} ({order.outcome}), and it happened")
        if not effects[key] and order.state == State.SUCCEEDED and order.kind == "recording.start":
            machine.watch.problem("claimed", f"{name} succeeded ({order.outcome}), and it did not happen")


def _effects(machine: Machine, actions: frozenset[str]) -> Counter[str]:
    """How often each order's key stands in what was really performed."""
    told = [
        repr(each.details)
        for simulator in machine.simulators.values()
        for each in simulator.performed
        if each.action in actions
    ]
    keys = [str(key) for key in Operation.objects.exclude(made_key=None).values_list("made_key", flat=True)]
    return Counter({key: sum(key in text for text in told) for key in keys})


def _has_happened(machine: Machine, order: Operation) -> bool:
    """Whether it came true: two of the providers first take a start, and later begin or do not."""
    simulator, key = _simulator_of(machine, order), str(order.made_key)
    if simulator.slug == "recall" and order.kind == "recording.start":
        return any(key in repr(row["metadata"]) for row in simulator.truth()["recordings"].values())  # type: ignore[attr-defined]
    begun = _begun_at(simulator)
    return any(key in repr(each.details) for each in simulator.performed if each.action in begun)


def _simulator_of(machine: Machine, order: Operation) -> Simulator:
    host = next(host for host, account in machine.accounts.items() if account.pk == order.account_id)
    return machine.simulators[host]


def _begun_at(simulator: Simulator) -> frozenset[str]:
    return BEGUN if simulator.slug == "daily" else COMMANDS - {AGAIN}


def _left_no_trace(scenario: Scenario, order: Operation) -> bool:
    """Whether all that it made was deleted by others before the first complete look, and never named here.

    The provider then shows nothing of it for ever, to whoever asks and however late.
    """
    machine = scenario.machine
    simulator, key = _simulator_of(machine, order), str(order.made_key)
    begun = _begun_at(simulator)
    made = {each.result for each in simulator.performed if each.action in begun and key in repr(each.details)}
    is_erased = all(order.pk in scenario.erased.get(each, ()) for each in made)
    is_named = Recording.objects.filter(external_id__in=made).exists() or any(
        each.encode() in callback.body for each in made for callback, _ in machine.watch.acknowledged.values()
    )
    return bool(made) and is_erased and not is_named


def _judge_poison(machine: Machine) -> None:
    for name, deaths in machine.watch.deaths_of.items():
        if deaths > 4:
            machine.watch.problem("stuck", f"{name} killed {deaths} workers")


def _differences(machine: Machine) -> list[str]:
    return [
        f"{simulator.slug}: {text}"
        for host, simulator in machine.simulators.items()
        for text in differences(machine.accounts[host], simulator)
    ]


def summary(machine: Machine) -> dict[str, Any]:
    """The numbers of one seed."""
    states = Counter(Operation.objects.values_list("state", flat=True))
    once = [
        each
        for sendings in machine.watch.sendings.values()
        for each in sendings
        if each.repeat is Repeat.ONCE and each.writes
    ]
    return {
        "orders": sum(states.values()),
        "states": dict(sorted(states.items())),
        "callbacks": machine.watch.callbacks,
        "sent": sum(each.writes for sendings in machine.watch.sendings.values() for each in sendings),
        "sent_once": len(once),
        "looks": machine.looks,
        "struck": dict(sorted(machine.seams.struck.items())),
    }
