"""F8: what a slow account and a broken one leave to those beside them."""

import statistics
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from recordings.models import Account, Operation
from tests.bench.figures import Figure, Size, measures
from tests.bench.places import Place, is_standing_work_done, open_place, order, wait_for
from tests.bench.product import running


@measures("F8")
def fairness(size: Size) -> Iterator[Figure]:
    """Four accounts, each at a simulator behind a socket of its own, and the product's own workers."""
    with ExitStack() as stack:
        stack.enter_context(running())
        places = [open_place(stack, name) for name in ("slow", "broken", "well", "well too")]
        wait_for(is_standing_work_done, "the standing work is done")
        yield _beside_sick_ones(places, orders=20 if size.is_quick else 250, rounds=1 if size.is_quick else 3)


def _beside_sick_ones(places: list[Place], *, orders: int, rounds: int) -> Figure:
    """The same orders at all four, without the faults and with them, in turn."""
    slow, broken, *well = places
    alone, beside = [], []
    for _ in range(rounds):
        alone.append(_time_of(well, places, orders))
        wait_for(_is_nothing_open, "every order is done")
        with slow.slow(), broken.broken():
            beside.append(_time_of(well, places, orders))
            _forget_orders(slow.account, broken.account)
        wait_for(_are_all_healthy, "every account is found healthy again")
    ratios = [late / usual for late, usual in zip(beside, alone, strict=True)]
    return Figure(
        number="F8",
        what=f"{2 * orders} orders beside a slow and a broken account / as usual",
        ratio=statistics.median(ratios),
        here=f"{_spread(beside)}: {', '.join(f'{each:.2f}' for each in ratios)}",
        peer=_spread(alone),
        must=1.15,
        goal=1.05,
        is_more_better=False,
    )


def _time_of(well: list[Place], places: list[Place], count: int) -> float:
    """Seconds until the last order of the well ones is done; those of the sick are older."""
    rows = [(place, row) for place in places for row in place.recordings(count)]
    with transaction.atomic():  # The workers see all of them at one moment.
        ordered = [(place, order(row, "recording.delete").pk) for place, row in rows]
    began = timezone.now()
    mine = Operation.objects.filter(pk__in=[pk for place, pk in ordered if place in well])
    wait_for(lambda: not mine.open().exists(), "the orders of the well accounts are done")
    states = set(mine.values_list("state", flat=True))
    assert states == {Operation.State.SUCCEEDED}, states
    ended: datetime = mine.aggregate(at=Max("done_at"))["at"]
    return (ended - began).total_seconds()


def _forget_orders(*accounts: Account) -> None:
    """What the sick ones still had to do would take hours."""
    left = Operation.objects.filter(account__in=accounts).open()
    left.update(state=Operation.State.CANCELLED, due_at=None, lease_token=None, lease_until=None)


def _is_nothing_open() -> bool:
    return not Operation.objects.open().exists()


def _are_all_healthy() -> bool:
    return not Account.objects.exclude(is_healthy=True).exists()


def _spread(seconds: list[float]) -> str:
    low, high = min(seconds), max(seconds)
    return f"{statistics.median(seconds):.1f} s ({low:.1f} to {high:.1f})"
