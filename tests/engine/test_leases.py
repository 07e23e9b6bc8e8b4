"""Who gets which item, in whose turn, and what happens to a lease that ended."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from recordings import clock
from recordings.models import Account, Errand, Operation
from recordings.models.work import BACKGROUND, BULK, SINGLE, STOP
from recordings.work import LeaseLost, claim, oldest_due_age_seconds
from tests.fifth.simulator import FifthSimulator
from tests.world import World


def item(account: Account, *, lane: int = SINGLE, due_in: float = 0.0, **more: Any) -> Operation:
    return Operation.objects.create(
        account=account,
        order_key=str(uuid.uuid4()),
        kind="recording.start",
        fingerprint=str(uuid.uuid4()),
        lane=lane,
        due_at=clock.now() + timedelta(seconds=due_in),
        **more,
    )


def take(served: set[int] | None = None) -> Any:
    return claim(worker="w", served=set() if served is None else served)


@pytest.fixture
def other(world: World) -> Account:
    return world.add(FifthSimulator(clock=world.clock), name="Other")


def test_lowest_lane_first_then_oldest(account: Account) -> None:
    bulk, late, early = item(account, lane=BULK), item(account), item(account, due_in=-5)
    stop = item(account, lane=STOP)

    first = [take().item for _ in range(2)]

    assert first == [stop, early]
    assert {bulk.lane, late.lane} == {BULK, SINGLE}


def test_accounts_take_turns_within_a_lane(account: Account, other: Account) -> None:
    mine = [item(account, due_in=-9) for _ in range(2)]
    theirs = item(other)
    served: set[int] = set()

    got = [take(served).item for _ in range(3)]

    assert got == [mine[0], theirs, mine[1]]


def test_stop_of_one_account_beats_the_turn_of_another(account: Account, other: Account) -> None:
    item(other)
    stop = item(account, lane=STOP)

    assert take({account.pk}).item == stop


def test_account_never_holds_more_than_half_of_the_workers(account: Account, other: Account) -> None:
    for _ in range(3):
        item(account, due_in=-9)
    theirs = item(other)

    held = [take().item.account_id for _ in range(2)]

    assert held == [account.pk, account.pk]
    assert take().item == theirs
    assert take() is None


def test_unhealthy_account_holds_one_worker(account: Account) -> None:
    Account.objects.update(is_healthy=False)
    item(account)
    item(account)

    assert take() is not None
    assert take() is None


def test_bulk_never_takes_the_last_permit_of_an_account(account: Account) -> None:
    item(account, lane=BULK)
    item(account, lane=BACKGROUND)
    stop_later = item(account, lane=STOP, due_in=1)

    assert take().item.lane == BULK
    assert take() is None
    Operation.objects.filter(pk=stop_later.pk).update(due_at=clock.now())
    assert take().item == stop_later


def test_bulk_never_holds_more_than_half_of_all_workers(
    world: World, account: Account, other: Account
) -> None:
    third = world.add(FifthSimulator(clock=world.clock), name="Third")
    for each in (account, other, third):
        item(each, lane=BULK)

    assert [take() is not None for _ in range(3)] == [True, True, False]


def test_ended_lease_falls_due_by_itself_and_counts_a_death(world: World, account: Account) -> None:
    item(account)
    first = take()

    assert take() is None
    world.clock.advance(settings.TAPEDECK_LEASE_SECONDS + 1)
    second = take()

    assert second.item.deaths == 1
    assert second.item.attempts == 2
    with pytest.raises(LeaseLost):
        first.settle(state=Operation.State.SUCCEEDED)


def test_clock_set_back_leaves_no_lease_stuck(world: World, account: Account) -> None:
    item(account)
    take()

    world.clock.advance(-3600)

    assert take() is not None


def test_settled_item_is_not_due_and_its_token_is_gone(account: Account) -> None:
    item(account)
    lease = take()

    lease.settle(state=Operation.State.SUCCEEDED)

    row = Operation.objects.get()
    assert (row.due_at, row.lease_token, row.state) == (None, None, Operation.State.SUCCEEDED)
    assert take() is None


def test_age_of_the_oldest_due_item(account: Account) -> None:
    assert oldest_due_age_seconds() == 0

    item(account, due_in=-7)
    item(account, due_in=60)

    assert oldest_due_age_seconds() == pytest.approx(7)


def test_nothing_due_costs_no_write(account: Account, django_assert_num_queries: Any) -> None:
    Errand.objects.create(account=account, kind="x", due_at=clock.now() + timedelta(hours=1))

    with django_assert_num_queries(1):
        assert take() is None
