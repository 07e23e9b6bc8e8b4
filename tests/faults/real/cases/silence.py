"""Callbacks, clocks, the database and a provider that are not there for a while: F9, F12."""

import signal
import time

from django.db import connection

from dashboard.account_page import last_event_at
from recordings.models import Account, Operation, Recording
from recordings.models.mirror import Source
from tests.faults import elsewhere
from tests.faults.real import cluster
from tests.faults.real.ending import acknowledged, close
from tests.faults.real.load import Sender, event
from tests.faults.real.providers import Provider, hurry
from tests.faults.real.skew import jump
from tests.faults.real.stage import Stage

HOUR = 3600.0
PIECES = 6
TEN_MINUTES = 600.0
INTAKE_WITHIN_SECONDS = 5.0


def f9(stage: Stage) -> None:
    """No callback for 30 hours, an endpoint disabled: the sweep finds everything, and the gap is told."""
    stage.open()
    stage.await_outcome(*[stage.start(provider) for provider in stage.each()])
    heard = {provider.slug: last_event_at(provider.account) for provider in stage.each()}
    for provider in stage.each():
        provider.simulator.outbox.chaos.drop = 1.0
    for _ in range(2 if stage.is_short else PIECES):
        _live_on(stage)
        jump(stage, 30 * HOUR / PIECES, providers=True)
    disabled = _disable(stage.providers["daily"])
    for provider in stage.each():
        stage.check(last_event_at(provider.account) == heard[provider.slug], "error", "a callback came")
    hurry(None, "endpoints.look")
    close(stage)
    if disabled:
        _tells_of_the_endpoint(stage, stage.providers["daily"])
    stage.numbers["found_by_sweep"] = Recording.objects.filter(source=Source.SWEEP).count()


def _live_on(stage: Stage) -> None:
    """At the providers things happen of which nobody is told."""
    for provider in stage.each():
        simulator = provider.simulator
        elsewhere.record_something(simulator, stage.rng)
        elsewhere.delete_something(simulator, stage.rng)
        call_id = simulator.place_call(title="Unheard")  # type: ignore[attr-defined]
        if stage.rng.random() < 0.7:
            simulator.end_call(call_id)  # type: ignore[attr-defined]
    time.sleep(1)


def _disable(daily: Provider) -> bool:
    """The provider gave up on us: its webhook says FAILED."""
    hooks = list(daily.simulator.webhooks.values())  # type: ignore[attr-defined]
    for hook in hooks:
        hook.state = "FAILED"
    return bool(hooks)


def _tells_of_the_endpoint(stage: Stage, daily: Provider) -> None:
    def is_told() -> bool:
        """the account shows that its endpoint is disabled"""
        rows = Account.objects.get(pk=daily.account.pk).endpoints
        return any(not each.get("is_healthy", True) for each in rows)

    stage.wait(is_told, 30)


def f12(stage: Stage) -> None:
    """Our clock jumps, the database dies, a provider falls silent: nothing sticks, nothing comes late."""
    stage.open(*(("recall", "twilio") if stage.is_short else ()))
    for seconds in (-HOUR, HOUR, HOUR, -HOUR):
        _jump(stage, seconds)
    if connection.vendor == "postgresql":
        _kill_database(stage)
    _fall_silent(stage)
    close(stage)


def _jump(stage: Stage, seconds: float) -> None:
    """Work goes on although the clock is an hour off in the middle of it."""
    calls = [(provider, provider.place_calls(1)[0]) for provider in stage.each()]
    provider, call = calls.pop()
    sent = stage.writes()
    with provider.held():
        orders = [stage.start(provider, call)]
        provider.arrived.wait(20)
        jump(stage, seconds, providers=False)
        time.sleep(1)
    orders += [stage.start(each, other) for each, other in calls]
    stage.await_outcome(*orders)
    stage.check(stage.writes() - sent <= 4 * len(orders), "twice", "a mass replay after a jump")


def _kill_database(stage: Stage) -> None:
    """The server dies and comes back: callbacks are refused meanwhile, and taken again within 5 s."""
    recall = stage.providers["recall"]
    orders = [stage.start(provider) for provider in stage.each()]
    connection.close()
    server = cluster.end_server(stage.folder, signal.SIGKILL)
    before = len(recall.answered)
    ends_at = time.monotonic() + 2
    while time.monotonic() < ends_at:
        _post(recall)
    refused = {each.status for each in recall.answered[before:]}
    # What still lived of the server may have stored the first: that none is lost is checked at the end.
    stage.check(503 in refused, "error", f"callbacks without a database were answered with {refused}")
    cluster.start_server(server)
    began, taken = time.monotonic(), len(acknowledged(recall))

    def does_take() -> bool:
        """a callback is taken after the database is back"""
        _post(recall)
        return len(acknowledged(recall)) > taken

    stage.wait(does_take, 60)
    seconds = time.monotonic() - began
    stage.numbers["intake_again_seconds"] = round(seconds, 1)
    stage.in_time(seconds, INTAKE_WITHIN_SECONDS, "callbacks are taken again")
    connection.close()
    stage.await_outcome(*orders)


def _post(recall: Provider) -> None:
    callback, began = event(recall, int(time.time() * 1e6)), time.time()
    recall.note(callback.url, callback.body, Sender().send(callback), began)


def _fall_silent(stage: Stage) -> None:
    """A provider answers nobody for ten minutes; what was ordered meanwhile is not sent afterwards."""
    provider = stage.rng.choice(stage.each())
    calls = provider.place_calls(3)
    with provider.silent():
        before = provider.writes
        orders = [stage.start(provider, call) for call in calls]
        time.sleep(5)
        jump(stage, TEN_MINUTES, providers=True)
        time.sleep(1)
    stage.await_outcome(*orders, seconds=240)
    stage.check(provider.writes == before, "late", "an order was sent after its time")
    states = {order.state for order in orders}
    succeeded = Operation.State.SUCCEEDED
    stage.check(succeeded not in states, "late", f"orders of a silent provider ended as {states}")
