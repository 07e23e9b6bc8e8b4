"""Workers that die, stand still, or work beside others while an order is under way: F3, F6, F7."""

import signal
import time
from contextlib import ExitStack
from datetime import UTC, datetime

from django.conf import settings
from django.db import connection

from recordings import connections
from recordings.models import Call, Operation, OperationStep
from recordings.providers.orders import Repeat
from tests.faults.real import strikes
from tests.faults.real.disk import can_write
from tests.faults.real.ending import close
from tests.faults.real.processes import is_alive, kill, patiently
from tests.faults.real.providers import Provider
from tests.faults.real.stage import Stage

State = Operation.State
AFTER_SEND = "after-send"
POLL_SECONDS = 2.5  # and a new worker's start
GONE_WITHIN_SECONDS = 30.0
FROZEN_AT_ONCE = 2  # of four: with all of them frozen the queue is wedged, and killed for it
Died = dict[Operation, tuple[str, float]]  # at which point, and when


def f3(stage: Stage) -> None:
    """Workers are killed at each step of an order: each goes on, and none happens twice."""
    points = (strikes.BEFORE_SEND, strikes.BEFORE_COMMIT) if stage.is_short else strikes.POINTS
    once = stage.rng.choice(("twilio", "daily", "vobiz"))
    stage.open(*(("recall", once) if stage.is_short else ()))
    died = _killed_by_us(stage, stage.each())
    for point in points:
        died |= _killed_at(stage, point)
    for order, (point, at) in died.items():
        _resumes(stage, order, point, at)
    stage.await_outcome(*died)
    for order, (point, _) in died.items():
        _judge_death(stage, order, point)
    if not stage.is_short:
        _kill_at_random(stage)
        _end_in_the_middle(stage)
    stage.numbers["killed"] = len(died)
    close(stage)


def _killed_by_us(stage: Stage, providers: list[Provider]) -> Died:
    """At each of these, one order that was performed, and its worker killed before the answer came."""
    calls = [provider.place_calls(1)[0] for provider in providers]
    with ExitStack() as held:
        for provider in providers:
            held.enter_context(provider.held())
        orders = [stage.start(provider, call) for provider, call in zip(providers, calls, strict=True)]
        for provider in providers:
            stage.check(provider.arrived.wait(20), "stuck", f"no order came to {provider.slug}")
        for order in orders:
            kill(worker_of(order))
        at = time.time()
    return dict.fromkeys(orders, (AFTER_SEND, at))


def _killed_at(stage: Stage, point: str) -> Died:
    """At every provider one order whose worker dies at this point."""
    found: Died = {}
    calls = [provider.place_calls(1)[0] for provider in stage.each()]
    for provider, call in zip(stage.each(), calls, strict=True):
        strikes.arm(point, call.external_id)
        found[stage.start(provider, call)] = point, 0.0
    for order in found:
        found[order] = point, _moment_of(stage, point, order.call)
    return found


def _moment_of(stage: Stage, point: str, call: Call | None) -> float:
    assert call is not None

    def has_died() -> bool:
        """a worker comes to the point where it is to die"""
        return strikes.struck(point, call.external_id) is not None

    stage.wait(has_died, 30)
    found = strikes.struck(point, call.external_id)
    return found[1] if found else time.time()


def worker_of(order: Operation) -> int:
    """The process that holds the order's lease."""
    order.refresh_from_db()
    return int(order.worker.rpartition("/")[2])


def _resumes(stage: Stage, order: Operation, point: str, died_at: float) -> None:
    moment = datetime.fromtimestamp(died_at, UTC)
    steps = OperationStep.objects.filter(operation=order, at__gt=moment).order_by("at")

    def is_resumed() -> bool:
        """an order is taken up by another worker"""
        return steps.exists()

    if stage.wait(is_resumed, 60) is None:
        return
    took = steps[0].at.timestamp() - died_at
    stage.numbers["resumed_seconds"] = round(max(took, stage.numbers.get("resumed_seconds", 0.0)), 1)
    name = f"{order.kind} at {order.account.provider}, {point}"
    stage.in_time(took, settings.TAPEDECK_LEASE_SECONDS + POLL_SECONDS, f"{name}: resumed")


def _judge_death(stage: Stage, order: Operation, point: str) -> None:
    provider = stage.provider_of(order)
    effects = provider.effects_of(order)
    action = connections.face(provider.slug).action(order.kind)
    is_once = action is not None and action.repeat is Repeat.ONCE
    never_left = point == strikes.MARKED and is_once
    name = f"{provider.slug}, killed {point}: {order.state} ({order.outcome}), {effects} effects"
    stage.check(effects == (0 if never_left else 1), "wrong", name)
    allowed = {State.IN_DOUBT, State.FAILED} if never_left else {State.IN_DOUBT, State.SUCCEEDED, State.SENT}
    stage.check(order.state in allowed, "wrong", name)


def _kill_at_random(stage: Stage) -> None:
    """Orders come, and workers die at whatever they are doing."""
    calls = [(provider, call) for provider in stage.each() for call in provider.place_calls(3)]
    stage.rng.shuffle(calls)
    orders = []
    for provider, call in calls:
        orders.append(stage.start(provider, call))
        time.sleep(stage.rng.random() * 0.3)
        kill(stage.rng.choice(stage.product.workers() or [0]))
    stage.await_outcome(*orders)


def _end_in_the_middle(stage: Stage) -> None:
    """Who is asked to end lets a call that is under way be answered: no doubt is left."""
    provider = stage.rng.choice(stage.each())
    call = provider.place_calls(1)[0]
    with provider.held():
        order = stage.start(provider, call)
        provider.arrived.wait(20)
        for pid in stage.product.supervisors():
            kill(pid, signal.SIGTERM)
        time.sleep(1)
    stage.wait(lambda: not stage.product.supervisors())
    order.refresh_from_db()
    is_sure = order.doubt_since is None and (order.state == State.SUCCEEDED or order.is_accepted)
    stage.check(is_sure, "wrong", f"the end of the service left {provider.slug}'s order {order.state}")
    stage.start_product()


def f6(stage: Stage) -> None:
    """The queue's main process dies and others work beside its children: nothing happens twice."""
    stage.open(*(("recall", "twilio") if stage.is_short else ()))
    second = stage.product.start_second_queue()
    orders = _orphaned(stage, [stage.product.queue()[0]])
    if not stage.is_short:
        orders += _orphaned(stage, [stage.product.queue()[0], second.pid])
    orders += _orphaned_with_supervisor(stage)
    stage.await_outcome(*orders)
    close(stage)


def _orphaned(stage: Stage, mains: list[int]) -> list[Operation]:
    """Main processes die while orders wait for their answers; their children go on alone."""
    before = set(stage.product.workers())
    calls = [(provider, provider.place_calls(2)) for provider in stage.each()]
    with ExitStack() as held:
        for provider in stage.each():
            held.enter_context(provider.held())
        orders = [stage.start(provider, call) for provider, both in calls for call in both]
        for provider in stage.each():
            stage.check(provider.arrived.wait(20), "stuck", f"no order came to {provider.slug}")
        for pid in mains:
            kill(pid)
        time.sleep(stage.rng.random() * 2)
    _note_the_left(stage, before)
    return orders


def _orphaned_with_supervisor(stage: Stage) -> list[Operation]:
    """The supervisor dies as well: a new one starts while the old children still work."""
    before = set(stage.product.workers())
    queue = stage.product.queue()[0]
    for pid in (*stage.product.supervisors(), queue):
        kill(pid)
    patiently(lambda: not stage.product.answers())
    stage.start_product()
    orders = [stage.start(provider) for provider in stage.each()]
    _note_the_left(stage, before)
    return orders


def _note_the_left(stage: Stage, before: set[int]) -> None:
    """Orphans may live on, if they do no harm; their number is told."""
    ends_at = time.monotonic() + (5 if stage.is_short else GONE_WITHIN_SECONDS)
    while time.monotonic() < ends_at and any(is_alive(pid) for pid in before):
        time.sleep(0.2)
    left = sum(is_alive(pid) and pid in stage.product.orphans() for pid in before)
    stage.numbers["orphans_left"] = max(left, stage.numbers.get("orphans_left", 0))


def f7(stage: Stage) -> None:
    """A worker stands still past its lease: what it brings then settles nothing, and is kept."""
    stage.open(*(("recall", "twilio") if stage.is_short else ()))
    providers = stage.each()
    for first in range(0, len(providers), FROZEN_AT_ONCE):
        _freeze(stage, providers[first : first + FROZEN_AT_ONCE])
    for provider in providers:
        _waits_without_a_transaction(stage, provider)
    close(stage)


def _freeze(stage: Stage, providers: list[Provider]) -> None:
    calls = [provider.place_calls(1)[0] for provider in providers]
    for call in calls:
        strikes.arm(strikes.AFTER_ANSWER, call.external_id, signal.SIGSTOP)
    orders = [stage.start(provider, call) for provider, call in zip(providers, calls, strict=True)]
    frozen = [_frozen(stage, call) for call in calls]
    for order in orders:
        _resumes(stage, order, "frozen after the answer", time.time())
    for pid in frozen:
        kill(pid, signal.SIGCONT)

    def are_kept() -> bool:
        """every late answer is kept as evidence"""
        return _late(orders) == len(orders)

    stage.wait(are_kept, 20)
    stage.numbers["late_answers"] = _late(orders) + stage.numbers.get("late_answers", 0)
    stage.await_outcome(*orders)


def _frozen(stage: Stage, call: Call) -> int:
    _moment_of(stage, strikes.AFTER_ANSWER, call)
    found = strikes.struck(strikes.AFTER_ANSWER, call.external_id)
    return found[0] if found else 0


def _late(orders: list[Operation]) -> int:
    lost = OperationStep.objects.filter(operation__in=orders, kind=OperationStep.Kind.LOST)
    return lost.values("operation").distinct().count()


def _waits_without_a_transaction(stage: Stage, provider: Provider) -> None:
    call = provider.place_calls(1)[0]
    with provider.held():
        order = stage.start(provider, call)
        stage.check(provider.arrived.wait(20), "stuck", f"no order came to {provider.slug}")
        connection.close()
        stage.check(can_write(), "transaction", f"one is open while {provider.slug} is waited for")
    stage.await_outcome(order)
