"""A start at a provider that begins anew swallows what ran: that says by what, whoever tells first."""

from typing import Any

import pytest

from recordings import sync
from recordings.models import Account, Call, Operation, Recording
from recordings.models.mirror import Source
from recordings.providers.errors import OutcomeUnknown
from recordings.providers.orders import Action
from recordings.providers.snapshots import RecordingSnapshot, Status
from recordings.sync.overwriting import overwrite_others
from tests.engine.conftest import operator
from tests.fifth.adapter import FifthAdapter
from tests.fifth.simulator import FifthSimulator
from tests.world import World

__all__ = ["operator"]


@pytest.fixture
def call(world: World, account: Account, fifth: FifthSimulator, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Live and recorded, at a provider that begins anew with each start."""
    start, *others = FifthAdapter.actions
    fields = {name: getattr(start, name) for name in start.__dataclass_fields__}
    anew = Action(**{**fields, "overwrites_live": True})
    monkeypatch.setattr(FifthAdapter, "actions", (anew, *others))
    return world.call(account, fifth.place_call())


def lost_start(world: World, call: Call, user: Any, monkeypatch: pytest.MonkeyPatch) -> Operation:
    """One whose answer never came."""

    def lose(*_: Any) -> None:
        raise OutcomeUnknown("No answer came.")

    with monkeypatch.context() as patch:
        patch.setattr(FifthAdapter, "perform", lose)
        order = world.order(user, call, "recording.start", quality="low")
        world.work(rounds=1)
    return order


def tell(account: Account, external_id: str, **facts: Any) -> None:
    snapshot = RecordingSnapshot(external_id=external_id, **facts)
    sync.apply(account, [snapshot], source=Source.WEBHOOK)


def test_start_that_a_callback_proves_names_what_it_swallowed(
    world: World, account: Account, call: Call, operator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = world.order(operator, call, "recording.start")
    world.work()
    world.advance(10)
    second = lost_start(world, call, operator, monkeypatch)

    tell(account, "rec-9", key=str(second.made_key), status=Status.IN_PROGRESS)
    tell(account, "rec-1", status=Status.DELETED, reason="It is not there any more.")

    swallowed = Recording.objects.get(key=first.made_key)
    assert (swallowed.status, swallowed.reason) == (Status.DELETED, "overwritten by rec-9")
    assert Recording.objects.get(key=second.made_key).status == Status.IN_PROGRESS


def test_what_the_provider_has_taken_away_before_is_named_as_well(
    world: World, account: Account, call: Call, operator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = world.order(operator, call, "recording.start")
    world.work()
    world.advance(10)
    second = lost_start(world, call, operator, monkeypatch)

    tell(account, "rec-1", status=Status.DELETED, reason="It is not there any more.")
    tell(account, "rec-9", key=str(second.made_key), status=Status.IN_PROGRESS)

    swallowed = Recording.objects.get(key=first.made_key)
    assert (swallowed.status, swallowed.reason) == (Status.DELETED, "overwritten by rec-9")


def test_proof_that_comes_late_swallows_nothing_that_began_later(
    world: World, account: Account, call: Call, operator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = lost_start(world, call, operator, monkeypatch)
    world.advance(5)
    later = world.order(operator, call, "recording.start")
    world.work()

    tell(account, "rec-9", key=str(lost.made_key), status=Status.COMPLETED)

    assert Recording.objects.get(key=later.made_key).status == Status.IN_PROGRESS


@pytest.mark.parametrize("is_start_told", [True, False])
def test_of_two_starts_of_one_moment_the_later_recording_is_kept(
    world: World,
    account: Account,
    call: Call,
    operator: Any,
    monkeypatch: pytest.MonkeyPatch,
    is_start_told: bool,
) -> None:
    lost = lost_start(world, call, operator, monkeypatch)
    world.advance(5)
    later = world.order(operator, call, "recording.start")
    world.work()
    Recording.objects.filter(key=later.made_key).update(created_at=lost.created_at)

    began = lost.created_at if is_start_told else None
    tell(account, "rec-9", key=str(lost.made_key), status=Status.COMPLETED, started_at=began)

    assert Recording.objects.get(key=later.made_key).status == Status.IN_PROGRESS


def test_order_that_made_nothing_swallows_nothing(
    world: World, account: Account, call: Call, operator: Any
) -> None:
    first = world.order(operator, call, "recording.start")
    world.work()
    elsewhere = Operation(account=account, call=call, kind="recording.start")

    overwrite_others(elsewhere)
    elsewhere.call, elsewhere.made_key = None, first.made_key
    overwrite_others(elsewhere)

    assert Recording.objects.get(key=first.made_key).status == Status.IN_PROGRESS
