"""Who gets which item, in whose turn, and what happens to a lease that ended."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from recordings import clock
from recordings.models import Account, Errand, Operation, WebhookDelivery
from recordings.models.work import BACKGROUND, BULK, SINGLE, STOP
from recordings.work import LeaseLost, claim, leases, oldest_due_age_seconds, turns
from recordings.work.leases import RACES
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


def take(served: turns.Served | None = None) -> Any:
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
    served: turns.Served = set()

    got = [take(served).item for _ in range(3)]

    assert got == [mine[0], theirs, mine[1]]


def test_stop_of_one_account_beats_the_turn_of_another(account: Account, other: Account) -> None:
    item(other)
    stop = item(account, lane=STOP)

    assert take({(STOP, account.pk), (SINGLE, account.pk)}).item == stop


def done_one_after_another(served: turns.Served, count: int) -> list[Account]:
    """Whose items one look takes, when each is done before the next."""
    accounts = []
    for _ in range(count):
        lease = take(served)
        lease.settle(state=Operation.State.SUCCEEDED)
        accounts.append(lease.item.account)
    return accounts


def test_accounts_take_turns_round_after_round(world: World, account: Account, other: Account) -> None:
    third = world.add(FifthSimulator(clock=world.clock), name="Third")
    for late, each in enumerate([account, other, third]):
        for _ in range(3):
            item(each, due_in=late - 9)

    turns_taken = done_one_after_another(set(), 9)

    assert turns_taken == [account, other, third] * 3


def test_turn_in_one_lane_is_none_in_another(account: Account, other: Account) -> None:
    for each in (account, other):
        item(each, lane=BULK, due_in=-9)
        item(each, lane=BULK)
    served: turns.Served = set()
    assert done_one_after_another(served, 1) == [account]
    item(account, lane=STOP)

    assert done_one_after_another(served, 4) == [account, other, account, other]


def test_account_whose_provider_has_just_failed_comes_after_the_others(
    world: World, account: Account, other: Account
) -> None:
    for each in (account, other):
        for _ in range(3):
            item(each, due_in=-9 if each is account else 0)
    Account.objects.filter(pk=account.pk).update(is_healthy=False, health_at=clock.now())
    served: turns.Served = set()

    assert done_one_after_another(served, 2) == [other, other]
    world.clock.advance(turns.FAILING_SECONDS)
    assert done_one_after_another(served, 1) == [account]


def test_accounts_that_fail_all_alike_take_turns(account: Account, other: Account) -> None:
    for each in (account, other):
        for _ in range(2):
            item(each, due_in=-9 if each is account else 0)
    Account.objects.update(is_healthy=False, health_at=clock.now())

    assert done_one_after_another(set(), 4) == [account, other, account, other]


def test_stop_goes_first_even_where_the_provider_has_just_failed(account: Account, other: Account) -> None:
    item(other, due_in=-9)
    stop = item(account, lane=STOP)
    Account.objects.filter(pk=account.pk).update(is_healthy=False, health_at=clock.now())

    assert take().item == stop


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


def settled_meanwhile(monkeypatch: pytest.MonkeyPatch, *, times: int) -> None:
    """What is chosen is settled by somebody else before it is leased, so many times."""
    left = [times]
    choose = turns.next_item

    def choosing(*args: Any) -> Any:
        found = choose(*args)
        if found is not None and left[0]:
            left[0] -= 1
            Operation.objects.filter(pk=found.pk).update(state=Operation.State.SUCCEEDED, due_at=None)
        return found

    monkeypatch.setattr(turns, "next_item", choosing)


def test_what_was_settled_since_it_was_chosen_is_not_leased(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended, following = item(account, due_in=-9), item(account)
    settled_meanwhile(monkeypatch, times=1)

    lease = take()

    ended.refresh_from_db()
    assert lease.item == following
    assert (ended.state, ended.due_at, ended.lease_token) == (Operation.State.SUCCEEDED, None, None)


def test_whoever_loses_every_race_looks_again_later(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [item(account) for _ in range(RACES + 1)]
    settled_meanwhile(monkeypatch, times=RACES)

    assert take() is None
    assert Operation.objects.filter(pk__in=[row.pk for row in rows], due_at__isnull=False).count() == 1


@pytest.mark.parametrize(("settled", "left"), [("b", ["c"]), ("c", ["b"]), ("bc", [])])
def test_callback_that_another_settled_is_left_out_of_a_lease(
    account: Account, monkeypatch: pytest.MonkeyPatch, settled: str, left: list[str]
) -> None:
    now = clock.now()
    for name in "abc":
        WebhookDelivery.objects.create(account=account, dedupe_id=name, received_at=now, due_at=now)
    columns, asked = leases._lease_columns, []

    def asking(lease: Any, at: Any) -> dict[str, Any]:
        asked.append(lease)
        if len(asked) == 2:  # The others were found, and are not yet taken.
            WebhookDelivery.objects.filter(dedupe_id__in=list(settled)).update(due_at=None)
        return columns(lease, at)

    monkeypatch.setattr(leases, "_lease_columns", asking)

    lease = take()

    assert lease.item.dedupe_id == "a"
    assert [each.dedupe_id for each in lease.more] == left
    assert WebhookDelivery.objects.filter(lease_token=lease.token).count() == 1 + len(left)
    assert {each.attempts for each in (lease.item, *lease.more)} == {1}


def test_order_that_ended_is_never_sent(account: Account, world: World) -> None:
    ended = item(account, state=Operation.State.SUCCEEDED)

    world.work()

    ended.refresh_from_db()
    assert (ended.state, ended.due_at, ended.sent_at) == (Operation.State.SUCCEEDED, None, None)
    assert not ended.steps.exists()
