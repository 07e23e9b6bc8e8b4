"""F3: a batch of a thousand, the stops beside it, a worker killed over it, and one taken back half-way."""

import os
import signal
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

from django.contrib.auth.models import Permission

from dashboard.models import User
from recordings import batches
from recordings.batches import Pick
from recordings.models import Batch, Call, Operation, Recording
from recordings.providers.snapshots import CallState
from tests.bench.figures import Figure, Size, measures
from tests.bench.places import Place, is_standing_work_done, open_place, order, wait_for
from tests.bench.product import running
from tests.simulators.http import Request

STOPS_APART_SECONDS = 1.3
HELD_SECONDS = 5.0  # while it is awaited its worker dies
HURRIED_SECONDS = 0.01  # how soon the provider answers where only counts are told


@measures("F3")
def big_batches(size: Size) -> Iterator[Figure]:
    """One account at a simulator behind a socket, and the product's own workers."""
    count = 100 if size.is_quick else 1_000
    with ExitStack() as stack:
        stack.enter_context(running())
        place = open_place(stack, "many")
        wait_for(is_standing_work_done, "the standing work is done")
        manager = _manager()
        batch = _batch(manager, place, count)
        yield _stops(place, batch, count, stops=3 if size.is_quick else 10)
        yield _survived(place, batch, count)
        yield _taken_back(place, _batch(manager, place, count), count)


def _stops(place: Place, batch: Batch, count: int, *, stops: int) -> Figure:
    """From the order's first statement to its request at the provider, while the batch runs."""
    waits = [_stop(place, batch) for _ in range(stops)]
    ordered = sorted(waits)
    return Figure(
        number="F3",
        what=f"a stop beside a batch of {count} at its account, worst, s",
        ratio=ordered[-1],
        here=f"{stops} stops, {ordered[0] * 1e3:.0f} to {ordered[-1] * 1e3:.0f} ms",
        peer=f"middle {statistics.median(ordered) * 1e3:.0f} ms",
        must=2,
        goal=0.5,
        is_more_better=False,
    )


def _stop(place: Place, batch: Batch) -> float:
    recording = _begun(place)
    time.sleep(STOPS_APART_SECONDS)
    arrived = threading.Event()

    def note(request: Request) -> None:
        if request.method == "POST" and recording.external_id in request.path:
            arrived.set()

    place.seen = note
    assert batch.items.unfinished().exists(), "the batch was over before the stops"
    began = time.monotonic()
    stop = order(recording, "recording.stop")
    if not arrived.wait(30):
        stop.refresh_from_db()
        raise RuntimeError(f"it did not reach the provider: {stop.state}, {stop.outcome}")
    return time.monotonic() - began


def _begun(place: Place) -> Recording:
    """A call that is being recorded, by an order of ours."""
    call = Call.objects.create(
        account=place.account, external_id=place.simulator.place_call(), state=CallState.LIVE, title="Live"
    )
    start = order(call, "recording.start")
    assert start.made_key is not None
    begun = Recording.objects.filter(key=start.made_key).exclude(external_id="")
    wait_for(begun.exists, "it is being recorded")
    return begun.get()


def _survived(place: Place, batch: Batch, count: int) -> Figure:
    """A worker dies with one of its orders sent and not answered; the rest is hurried on."""
    left = batch.items.unfinished().count()
    _kill_a_worker(place, batch)
    place.seconds = HURRIED_SECONDS
    _wait_until_over(batch)
    outcomes = _outcomes(batch)
    return Figure(
        number="F3",
        what=f"a worker killed over a batch of {count}: what was not done once",
        ratio=count - min(outcomes["succeeded"], _performed_once(place, batch)),
        here=f"{_told(outcomes)}, state {batch.state}",
        peer=f"{left} left at its death",
        must=0,
        goal=0,
        is_more_better=False,
    )


def _taken_back(place: Place, batch: Batch, count: int) -> Figure:
    """Each order of it was performed or taken back: none is in between."""
    done = batch.items.filter(operation__state=Operation.State.SUCCEEDED)
    wait_for(lambda: done.count() >= count // 2, "half of the batch is done")
    assert batches.cancel(batch)
    _wait_until_over(batch)
    outcomes = _outcomes(batch)
    performed = _performed_once(place, batch)
    return Figure(
        number="F3",
        what=f"a batch of {count} taken back half-way: what is in between",
        ratio=count - outcomes["cancelled"] - min(outcomes["succeeded"], performed),
        here=f"{_told(outcomes)}, state {batch.state}",
        peer=f"{performed} performed",
        must=0,
        goal=0,
        is_more_better=False,
    )


def _kill_a_worker(place: Place, batch: Batch) -> None:
    place.seconds = HELD_SECONDS
    sent = Operation.objects.filter(batch_items__batch=batch, state=Operation.State.SENT)
    held = sent.exclude(lease_token=None)
    wait_for(held.exists, "an order of the batch is under way")
    _, _, pid = held.values_list("worker", flat=True)[0].rpartition("/")
    os.kill(int(pid), signal.SIGKILL)


def _performed_once(place: Place, batch: Batch) -> int:
    """How many of its recordings the provider deleted, and no other time again."""
    keys = batch.items.values("subject_key")
    mine = set(Recording.objects.filter(key__in=keys).values_list("external_id", flat=True))
    effects = Counter(effect.subject for effect in place.simulator.effects("delete_recording"))
    return sum(effects[sid] == 1 for sid in mine)


def _outcomes(batch: Batch) -> Counter[str]:
    return Counter(item.outcome for item in batch.items.select_related("operation"))


def _told(outcomes: Counter[str]) -> str:
    return ", ".join(f"{number} {outcome}" for outcome, number in sorted(outcomes.items()))


def _wait_until_over(batch: Batch) -> None:
    running_on = Batch.objects.filter(pk=batch.pk, state__in=Batch.OPEN_STATES)
    wait_for(lambda: not running_on.exists(), "the batch is over")
    batch.refresh_from_db()


def _manager() -> User:
    manager = User.objects.create_user("manager")
    rights = ("control_calls", "delete_items", "manage_bulk")
    manager.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return manager


def _batch(manager: User, place: Place, count: int) -> Batch:
    picks = [Pick(account=place.account, key=row.key) for row in place.recordings(count)]
    batch = batches.draft(manager, "recording.delete", subject="recording", label="Many", picks=picks)
    batches.set_options(batch, place.account.provider, {})
    assert batches.confirm(batch)
    return batch
