"""What an hour's jump of our clock must not do."""

import uuid
from typing import Any

import pytest

from recordings import housekeeping
from recordings.models import Account, Call, Errand, Operation, Recording
from recordings.providers.snapshots import CallState, Status
from recordings.work import doubts
from recordings.work.steps import SET_BACK
from tests.fifth.simulator import FifthSimulator
from tests.world import World


def test_clock_set_back_keeps_neither_ended_calls_live_nor_reads_waiting(
    world: World, account: Account, fifth: FifthSimulator
) -> None:
    world.clock.advance(3600)
    call_id = fifth.place_call()
    world.call(account, call_id)
    fifth.end_call(call_id)

    world.clock.advance(-3600)
    housekeeping.ensure_standing()
    world.work()

    assert Call.objects.get().state == CallState.ENDED


def test_clock_set_back_hides_no_deletion(world: World, account: Account, fifth: FifthSimulator) -> None:
    world.clock.advance(3600)
    call_id = fifth.place_call()
    fifth._start(call_id, {})
    fifth.end_call(call_id)
    world.advance(10)
    world.sweep(account)
    fifth.recordings.clear()

    world.clock.advance(-3600)
    world.sweep(account)

    assert Recording.objects.get().status == Status.DELETED


def test_clock_set_back_keeps_no_account_from_its_work_for_what_failed_before(
    world: World, account: Account
) -> None:
    housekeeping.ensure_standing()
    world.clock.advance(3600)
    Account.objects.update(sealed_secrets="unreadable")
    world.advance(30)
    was_healthy = Account.objects.get().is_healthy
    Account.objects.update(sealed_secrets=account.sealed_secrets)

    world.clock.advance(-3600)
    housekeeping.ensure_standing()
    world.work()

    account.refresh_from_db()
    assert (was_healthy, account.is_healthy) == (False, True)
    assert not Errand.objects.exclude(problem="").exists()


@pytest.mark.parametrize(("seconds", "state"), [(3600, "in_doubt"), (0, "failed")])
def test_absence_proves_nothing_of_an_order_sent_while_the_clock_was_ahead(
    world: World, account: Account, fifth: FifthSimulator, operator: Any, seconds: int, state: str
) -> None:
    call = world.call(account, fifth.place_call())
    world.clock.advance(seconds)
    fifth.fail(kind="drop", method="POST", path_contains="/recordings")
    order = world.order(operator, call, "recording.start")
    world.work()

    world.clock.advance(-seconds)
    for _ in range(2):
        housekeeping.ensure_standing()
    looks = Operation.objects.get().looks
    world.work()
    looked_at_once = Operation.objects.get().looks - looks
    world.advance(30)
    world.advance(seconds)
    world.advance(60)

    order.refresh_from_db()
    assert order.absences >= 2
    assert order.state == state
    assert order.steps.filter(text=SET_BACK).count() == bool(seconds)
    assert looked_at_once == bool(seconds)


def test_order_in_doubt_that_others_work_on_is_left_to_them(
    world: World, account: Account, fifth: FifthSimulator, operator: Any
) -> None:
    call = world.call(account, fifth.place_call())
    world.clock.advance(3600)
    fifth.fail(kind="drop", method="POST", path_contains="/recordings")
    order = world.order(operator, call, "recording.start")
    world.work()
    due_at = Operation.objects.get().due_at
    world.clock.advance(-3600)

    with pytest.MonkeyPatch.context() as patch:
        taken = Operation.objects.filter(lease_token=None)
        patch.setattr(type(taken), "exclude", lambda rows, **_: _claimed(rows))
        doubts.distrust_moments()

    assert not order.steps.filter(text=SET_BACK).exists()
    assert Operation.objects.get().due_at == due_at


def _claimed(rows: Any) -> list[Operation]:
    """Between the reading and the writing somebody has claimed them."""
    found = list(rows)
    Operation.objects.update(lease_token=uuid.uuid4())
    return found
