"""What an hour's jump of our clock must not do."""

from recordings import housekeeping
from recordings.models import Account, Call, Errand, Recording
from recordings.providers.snapshots import CallState, Status
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
