"""Orders by the hundred: each is done once, whatever happens to the workers in between."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission

from recordings import batches, clock
from recordings.batches import Pick, steps
from recordings.models import Account, Batch, BatchItem, Errand, Operation, Recording
from recordings.models.work import BULK, STOP
from recordings.providers.snapshots import Status
from tests.fifth.simulator import FifthSimulator
from tests.world import World

State = BatchItem.State


class Died(BaseException):
    """What ends a worker in the middle of its work."""


@pytest.fixture
def manager(db: None) -> Any:
    user = get_user_model().objects.create_user("manager")
    rights = ("control_calls", "order_transcripts", "delete_items", "manage_bulk")
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return user


def recorded(account: Account, fifth: FifthSimulator, count: int, status: str = "done") -> list[Recording]:
    """Recordings at the provider and in the mirror."""
    at = clock.now().astimezone(UTC).isoformat()
    rows = []
    for number in range(count):
        call = fifth.place_call()
        row = {"id": f"r{number}", "call": call, "status": status, "key": "", "options": {}}
        fifth.recordings[row["id"]] = {**row, "started": at, "changed": at, "duration": 15.0}
        rows.append(
            Recording(
                account=account,
                external_id=row["id"],
                status=Status.COMPLETED if status == "done" else Status.IN_PROGRESS,
                sort_at=datetime.fromisoformat(at),
            )
        )
    return Recording.objects.bulk_create(rows)


def drafted(user: Any, kind: str, things: list[Any], **options: Any) -> Batch:
    subject = "transcript" if kind.startswith("transcript.delete") else "recording"
    picks = [Pick(account=each.account, key=each.key) for each in things]
    batch = batches.draft(user, kind, subject=subject, label="Many", picks=picks)
    batches.set_options(batch, "fifth", options)
    return batch


def outcomes(batch: Batch) -> Counter[str]:
    return Counter(item.outcome for item in batch.items.select_related("operation"))


def test_batch_of_200_survives_a_worker_s_death_and_does_each_once(
    world: World, account: Account, fifth: FifthSimulator, manager: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = drafted(manager, "recording.delete", recorded(account, fifth, 200))
    batches.confirm(batch)
    place, placed = steps.place, []

    def dies_over_some(*args: Any, **facts: Any) -> Operation:
        operation = place(*args, **facts)
        placed.append(operation)
        if len(placed) in {20, 75}:
            raise Died
        return operation

    monkeypatch.setattr(steps, "place", dies_over_some)
    for _ in range(2):
        with pytest.raises(Died):
            world.work(rounds=400)
        world.clock.advance(61)
    world.work(rounds=400)
    world.advance(120)

    batch.refresh_from_db()
    assert batch.state == Batch.State.DONE
    assert outcomes(batch) == {"succeeded": 200}
    assert Counter(effect.subject for effect in fifth.effects("delete")).most_common(1)[0][1] == 1
    assert len(fifth.effects("delete")) == 200
    assert Operation.objects.count() == 200


def test_what_was_placed_before_a_death_is_found_again(
    world: World, account: Account, fifth: FifthSimulator, manager: Any
) -> None:
    batch = drafted(manager, "transcript.order", recorded(account, fifth, 3), engine="premium")
    batches.confirm(batch)
    world.work()
    batch.items.update(state=State.WAITING, operation=None)

    errand = Errand.objects.get(kind=steps.STEP)
    Batch.objects.update(state=Batch.State.RUNNING)
    Errand.objects.filter(pk=errand.pk).update(state="queued", due_at=clock.now())
    world.advance(60)

    assert len(fifth.effects("transcribe")) == 3
    assert outcomes(batch) == {"succeeded": 3}
    assert {effect.details["engine"] for effect in fifth.effects("transcribe")} == {"premium"}


def test_cancelling_a_batch_of_1000_on_its_way_leaves_no_order_half_done(
    world: World, account: Account, fifth: FifthSimulator, manager: Any
) -> None:
    batch = drafted(manager, "recording.delete", recorded(account, fifth, 1000))
    batches.confirm(batch)
    from recordings import tasks
    from recordings.work import claim

    for _ in range(60):  # some are placed, and some of these sent
        world.clock.advance(0.01)
        lease = claim(worker="one", served=set())
        assert lease is not None
        tasks.perform(lease)
    on_its_way = outcomes(batch)
    assert min(on_its_way[state] for state in ("waiting", "queued", "succeeded")) > 0
    assert batches.cancel(batch)
    assert not batches.cancel(batch)
    world.work(rounds=400)
    world.advance(60)

    batch.refresh_from_db()
    found = outcomes(batch)
    assert batch.state == Batch.State.CANCELLED
    assert set(found) == {"succeeded", "cancelled"}
    assert found["succeeded"] == len(fifth.effects("delete")) > 0
    assert sum(found.values()) == 1000
    assert not Operation.objects.open().exists()


def test_cancelling_does_not_wait_for_the_orders_that_it_takes_back(
    world: World, account: Account, fifth: FifthSimulator, manager: Any
) -> None:
    from recordings import tasks
    from recordings.work import claim

    batch = drafted(manager, "recording.delete", recorded(account, fifth, 30))
    batches.confirm(batch)
    for _ in range(5):
        lease = claim(worker="one", served=set())
        assert lease is not None
        tasks.perform(lease)
    sent = len(fifth.effects("delete"))
    assert (0 < sent < 30, outcomes(batch)["waiting"]) == (True, 0)

    world.clock.advance(1)
    batches.cancel(batch)
    world.work(rounds=400)
    world.advance(60)

    assert outcomes(batch) == {"succeeded": sent, "cancelled": 30 - sent}


def test_order_of_somebody_else_for_the_same_is_not_taken_back(
    world: World, account: Account, fifth: FifthSimulator, manager: Any
) -> None:
    first, second = recorded(account, fifth, 2)
    theirs = world.order(manager, first, "recording.delete")
    batch = drafted(manager, "recording.delete", [first, second])
    batches.confirm(batch)
    steps._go_on(Batch.objects.get(), BatchItem.objects.all(), account)

    batches.cancel(batch)
    steps._go_on(Batch.objects.get(), BatchItem.objects.all(), account)

    theirs.refresh_from_db()
    assert theirs.state == Operation.State.QUEUED
    assert outcomes(batch) == {"queued": 1, "cancelled": 1}


def test_what_cannot_be_ordered_any_more_is_left_out_with_its_reason(
    world: World, account: Account, fifth: FifthSimulator, manager: Any
) -> None:
    running = recorded(account, fifth, 1, status="recording")[0]
    gone = Recording(account=account, sort_at=clock.now())
    batch = drafted(manager, "transcript.order", [running, gone], engine="standard")
    batches.confirm(batch)
    world.advance(10)

    reasons = set(batch.items.values_list("reason", flat=True))
    assert reasons == {"The recording is not complete yet.", steps.GONE}
    assert Batch.objects.get().state == Batch.State.DONE
    assert not fifth.effects("transcribe")


def test_wrong_options_order_nothing(
    world: World, account: Account, fifth: FifthSimulator, manager: Any
) -> None:
    batch = drafted(manager, "transcript.order", recorded(account, fifth, 1), engine="unheard of")
    batches.confirm(batch)
    world.work()

    assert "Choose one of: standard, premium." in batch.items.get().reason


@pytest.mark.parametrize("lost", ["right", "single right", "account", "person"])
def test_whoever_may_not_any_more_orders_nothing_more(
    world: World, account: Account, fifth: FifthSimulator, manager: Any, lost: str
) -> None:
    batch = drafted(manager, "recording.delete", recorded(account, fifth, 2))
    batches.confirm(batch)
    if lost == "account":
        account.groups.add(Group.objects.create(name="others"))
    if lost == "person":
        manager.delete()
    if "right" in lost:
        code = "manage_bulk" if lost == "right" else "delete_items"
        manager.user_permissions.remove(Permission.objects.get(codename=code))
    world.work()

    assert outcomes(batch) == {"skipped": 2}
    assert set(batch.items.values_list("reason", flat=True)) == {steps.MAY_NOT}
    assert not Operation.objects.exists()


def test_stopping_many_is_as_urgent_as_stopping_one(
    world: World, account: Account, fifth: FifthSimulator, manager: Any
) -> None:
    running = recorded(account, fifth, 3, status="recording")
    batch = drafted(manager, "recording.stop", running)
    batches.confirm(batch)

    assert Errand.objects.get(kind=steps.STEP).lane == STOP
    world.work()
    assert set(Operation.objects.values_list("lane", flat=True)) == {STOP}
    assert len(fifth.effects("stop")) == 3


def test_stop_of_one_call_goes_before_the_whole_batch(
    world: World, account: Account, fifth: FifthSimulator, manager: Any
) -> None:
    live = recorded(account, fifth, 1, status="recording")[0]
    done = recorded(account, fifth, 0)
    call = world.call(account, fifth.place_call())
    start = world.order(manager, call, "recording.start")
    world.work()
    others = list(Recording.objects.exclude(key=start.made_key)) + done
    batches.confirm(drafted(manager, "recording.delete", others))
    steps._go_on(Batch.objects.get(), BatchItem.objects.all(), account)
    world.order(manager, live, "recording.stop")

    from recordings import tasks
    from recordings.work import claim

    lease = claim(worker="one", served=set())
    assert lease is not None
    tasks.perform(lease)

    assert len(fifth.effects("stop")) == 1
    assert Operation.objects.filter(kind="recording.delete", lane=BULK).count() == 1


def test_many_transcripts_are_deleted(
    world: World, account: Account, fifth: FifthSimulator, manager: Any
) -> None:
    from transcripts.models import Transcript

    recording = recorded(account, fifth, 1)[0]
    world.order(manager, recording, "transcript.order", engine="standard")
    world.advance(30)
    batch = drafted(manager, "transcript.delete", list(Transcript.objects.all()))
    batches.confirm(batch)
    world.advance(30)

    assert outcomes(batch) == {"succeeded": 1}
    assert len(fifth.effects("delete_transcript")) == 1


def test_transcript_that_is_gone_is_left_out(
    world: World, account: Account, fifth: FifthSimulator, manager: Any
) -> None:
    batch = drafted(manager, "transcript.delete", [Recording(account=account, sort_at=clock.now())])
    batches.confirm(batch)
    world.work()

    assert batch.items.get().reason == steps.GONE


def test_draft_is_confirmed_once_and_not_late(
    world: World, account: Account, fifth: FifthSimulator, manager: Any
) -> None:
    first = drafted(manager, "recording.delete", recorded(account, fifth, 1))
    late = drafted(manager, "recording.delete", [])

    assert batches.confirm(first)
    assert not batches.confirm(first)
    batches.set_options(first, "fifth", {"quality": "low"})
    world.clock.advance(3700)
    assert not batches.confirm(late)

    assert Batch.objects.get(pk=first.pk).options == {"fifth": {}}
    assert Errand.objects.filter(kind=steps.STEP).count() == 1


def test_draft_that_was_left_is_forgotten_with_the_next(
    world: World, account: Account, fifth: FifthSimulator, manager: Any
) -> None:
    things = recorded(account, fifth, 1)
    old = drafted(manager, "recording.delete", things)
    world.clock.advance(3700)

    drafted(manager, "recording.delete", things)

    assert not Batch.objects.filter(pk=old.pk).exists()
    assert BatchItem.objects.count() == 1


def test_errand_that_kills_its_workers_leaves_the_rest_out(
    world: World, account: Account, fifth: FifthSimulator, manager: Any
) -> None:
    batch = drafted(manager, "recording.delete", recorded(account, fifth, 2))
    batches.confirm(batch)
    Errand.objects.filter(kind=steps.STEP).update(deaths=3)
    world.work()

    batch.refresh_from_db()
    assert batch.state == Batch.State.DONE
    assert outcomes(batch) == {"skipped": 2}


def test_errand_of_a_batch_that_is_gone_ends(world: World, account: Account) -> None:
    Errand.objects.create(
        account=account,
        kind=steps.STEP,
        subject="00000000-0000-4000-8000-000000000000",
        due_at=clock.now(),
    )
    world.work()

    assert Errand.objects.get(kind=steps.STEP).state == "done"


def test_what_failed_can_be_picked_again(
    world: World, account: Account, fifth: FifthSimulator, manager: Any
) -> None:
    good, bad = recorded(account, fifth, 2)
    batch = drafted(manager, "transcript.order", [good, bad], engine="standard")
    del fifth.recordings[bad.external_id]
    batches.confirm(batch)
    world.advance(60)

    assert batches.failed_of(batch, manager) == [bad.key]
