"""P4, P5, P7 and P8: the running product under callbacks, under a click, and left alone."""

import http.client
import json
import statistics
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from django.utils import timezone

from recordings import actions, connections
from recordings.models import Account, Call, Heartbeat, WebhookDelivery
from recordings.providers.snapshots import CallState
from recordings.targets import Target, seen_state
from tests.bench.callbacks import Callback, round_robin, senders
from tests.bench.figures import Figure, Size, Times, measures, timed
from tests.bench.product import ROOT, Product, running
from tests.simulators.base import Simulator
from tests.simulators.http import Request, Response
from tests.simulators.registry import SIMULATORS, simulator_class
from tests.simulators.server import served

A_SECOND = 300
CONNECTIONS = 16
SATURATING = 4  # as many as the web server has threads
CLICKS_APART_SECONDS = 0.7


@measures("P4", "P5")
def under_load(size: Size) -> Iterator[Figure]:
    """Callbacks of four providers over sockets; the workers do what they ask for, as always."""
    with _simulators() as origins:
        with running() as product:
            yield from _open_loop(product, origins, 4 if size.is_quick else 20)
        yield _busy_against_idle(origins, 2 if size.is_quick else 5, rounds=1 if size.is_quick else 3)


@measures("P7", "P8")
def left_alone(size: Size) -> Iterator[Figure]:
    """Four accounts whose providers answer, and nobody does anything but click."""
    with ExitStack() as stack:
        product = stack.enter_context(running())
        accounts = {slug: _account(stack, slug, product) for slug in SIMULATORS}
        time.sleep(5 if size.is_quick else 20)
        yield _idle(product, 5 if size.is_quick else 30)
        yield _clicks(*accounts["twilio"], 5 if size.is_quick else 40)


# Callbacks.


@dataclass(slots=True)
class _Answers:
    """What came back: seconds from the moment it was due, and what was no 200."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def _open_loop(product: Product, origins: dict[str, str], seconds: int) -> Iterator[Figure]:
    """Each callback leaves at its moment, whether or not the ones before were answered."""
    every = senders(product.url, origins=origins)
    _post_all(product, list(round_robin(every, 4 * CONNECTIONS)), a_second=None)  # warm
    answers = _post_all(product, list(round_robin(every, A_SECOND * seconds)), a_second=A_SECOND)
    ordered = sorted(answers.seconds)
    p50, p99 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
    yield Figure(
        number="P4",
        what=f"open loop at {A_SECOND} webhooks/s for {seconds} s: p99 / p50",
        ratio=p99 / p50,
        here=f"p99 {p99 * 1e3:.1f} ms, most {ordered[-1] * 1e3:.1f} ms",
        peer=f"p50 {p50 * 1e3:.1f} ms",
        must=5,
        goal=3,
        is_more_better=False,
    )
    yield Figure(
        number="P4",
        what="errors of these",
        ratio=len(answers.errors),
        here=f"{len(answers.seconds)} answered, {WebhookDelivery.objects.count()} stored",
        peer="; ".join(sorted(set(answers.errors)))[:80],
        must=0,
        goal=0,
        is_more_better=False,
    )


def _busy_against_idle(origins: dict[str, str], seconds: int, *, rounds: int) -> Figure:
    """As many callbacks as the web server takes: with the workers at work on them, and without workers."""
    rates: dict[bool, list[float]] = {True: [], False: []}
    for number in range(2 * rounds):
        is_busy = bool(number % 2)
        with running(workers=is_busy) as product:
            Account.objects.all().update(is_active=False)
            every = senders(product.url, prefix=f"round {number} ", origins=origins)
            callbacks = list(round_robin(every, 800 * seconds))
            _post_all(product, callbacks[: 40 * SATURATING], a_second=None)
            began = time.monotonic()
            answers = _post_all(product, callbacks[40 * SATURATING :], a_second=None, until=began + seconds)
            rates[is_busy].append(len(answers.seconds) / (time.monotonic() - began))
    busy, idle = statistics.median(rates[True]), statistics.median(rates[False])
    return Figure(
        number="P5",
        what="intake while the workers are busy / while there are none",
        ratio=busy / idle,
        here=f"{busy:.0f}/s ({min(rates[True]):.0f} to {max(rates[True]):.0f})",
        peer=f"{idle:.0f}/s ({min(rates[False]):.0f} to {max(rates[False]):.0f})",
        must=0.7,
        goal=0.9,
    )


def _post_all(
    product: Product, callbacks: Sequence[Callback], *, a_second: int | None, until: float | None = None
) -> _Answers:
    """Over a few connections, each callback at its moment or as soon as a connection is free."""
    answers, turn, lock = _Answers(), iter(enumerate(callbacks)), threading.Lock()
    began = time.monotonic() + 0.1

    def post() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", product.port, timeout=30)
        while True:
            with lock:
                number, callback = next(turn, (0, None))
            if callback is None or (until and time.monotonic() > until):
                connection.close()
                return
            due = began + number / a_second if a_second else time.monotonic()
            time.sleep(max(0.0, due - time.monotonic()))
            _post(connection, callback, due, answers)

    threads = [threading.Thread(target=post) for _ in range(CONNECTIONS if a_second else SATURATING)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _post(connection: http.client.HTTPConnection, callback: Callback, due: float, answers: _Answers) -> None:
    try:
        connection.request("POST", callback.path, body=callback.body, headers=callback.headers)
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException) as exc:
        answers.errors.append(type(exc).__name__)
        connection.close()
        return
    answers.seconds.append(time.monotonic() - due)
    if answer.status != 200:
        answers.errors.append(str(answer.status))


# Idle, and a click.


def _idle(product: Product, seconds: int) -> Figure:
    """Web server, workers, pick-up, watchdog and supervisor; the standing work of four accounts is done."""
    shares = []
    for _ in range(3):
        began, spent = time.monotonic(), product.cpu()
        time.sleep(seconds / 3)
        shares.append((product.cpu() - spent) / (time.monotonic() - began) * 100)
    return Figure(
        number="P8",
        what="CPU of the whole idle product, % of a core",
        ratio=statistics.mean(shares),
        here=f"{min(shares):.1f} to {max(shares):.1f} in thirds of {seconds} s",
        peer="",
        must=4,
        goal=2,
        is_more_better=False,
    )


def _clicks(account: Account, simulator: Simulator, count: int) -> Figure:
    """From the order's first statement to its request at the provider, one at a time."""
    waits = [_click(account, simulator, number) for number in range(count + 1)][1:]
    ordered = sorted(waits)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return Figure(
        number="P7",
        what="click to request at the provider, p95, ms",
        ratio=p95 * 1e3,
        here=f"{count} starts, {ordered[0] * 1e3:.0f} to {ordered[-1] * 1e3:.0f} ms",
        peer=f"middle {statistics.median(ordered) * 1e3:.0f} ms; one commit alone {_commits(count)}",
        must=250,
        goal=100,
        is_more_better=False,
    )


def _commits(count: int) -> Times:
    """What the machine needs for the least that must survive power loss: a click waits for several."""
    Heartbeat.objects.update_or_create(name="bench", defaults={"beat_at": timezone.now()})
    beat = Heartbeat.objects.filter(name="bench")
    return timed(count, commit=lambda: beat.update(beat_at=timezone.now()))["commit"]


def _click(account: Account, simulator: Simulator, number: int) -> float:
    call = Call.objects.create(
        account=account, external_id=f"CA{uuid.uuid4().hex}", state=CallState.LIVE, title=f"Call {number}"
    )
    arrived = threading.Event()
    respond = simulator.respond

    def note(request: Request) -> Response:
        if call.external_id in request.path:
            arrived.set()
        return respond(request)

    simulator.respond = note  # type: ignore[method-assign]
    began = time.monotonic()
    target = Target.of(call)
    operation = actions.place(
        None, target, "recording.start", options={}, order_key=str(uuid.uuid4()), seen=seen_state(target)
    )
    if not arrived.wait(30):
        operation.refresh_from_db()
        raise RuntimeError(f"it did not reach the provider: {operation.state}, {operation.outcome}")
    waited = time.monotonic() - began
    simulator.respond = respond  # type: ignore[method-assign]
    time.sleep(CLICKS_APART_SECONDS)
    return waited


@contextmanager
def _simulators() -> Iterator[dict[str, str]]:
    """All providers as one process, so that their work is not the bench's."""
    command = [sys.executable, "-m", "tests.simulators"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


def _account(stack: ExitStack, slug: str, product: Product) -> tuple[Account, Simulator]:
    """An account at a simulator behind a socket of this process."""
    simulator = simulator_class(slug)()
    origin = stack.enter_context(served(simulator))
    told = simulator.account()
    account = Account(provider=slug, name=f"{slug} at {product.port}", base_url=origin, config=told["config"])
    connections.set_secrets(account, told["secrets"])
    account.save()
    return account, simulator
