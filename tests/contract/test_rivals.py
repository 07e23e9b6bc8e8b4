"""Two starts in one room that no callback tells apart: neither takes what may be the other's."""

from typing import Any

import pytest

from recordings import decisions
from recordings.models import Operation, Recording
from tests.contract.conftest import Provider, build
from tests.world import World

State = Operation.State


@pytest.fixture
def daily(world: World, user: Any) -> Provider:
    provider = build("daily", world, user)
    provider.simulator.set_domain(max_streaming_instances_per_room=2)
    return provider


def start(daily: Provider, call: Any, *, width: int) -> Operation:
    order = daily.world.order(daily.user, call, "recording.start", width=width, height=720)
    daily.world.work()
    return order


def states(*orders: Operation) -> list[str]:
    for order in orders:
        order.refresh_from_db()
    return [order.state for order in orders]


def owners(daily: Provider) -> dict[str, str]:
    """By Daily's id: the instance that was really recorded."""
    truth = daily.simulator.truth()["recordings"]
    return {ident: each["instance"] for ident, each in truth.items()}


def ours() -> dict[str, str]:
    return {row.external_id: str(row.key) for row in Recording.objects.exclude(external_id="")}


def test_start_that_was_lost_does_not_take_the_recording_of_the_next_one(daily: Provider) -> None:
    world, call = daily.world, daily.place_call()
    world.holds_callbacks = True
    daily.simulator.switch(loses_starts=True)
    lost = start(daily, call, width=1280)
    daily.simulator.switch(loses_starts=False)
    kept = start(daily, call, width=1920)

    world.advance(120)
    world.sweep(daily.account)
    in_doubt, [(ident, instance)] = states(lost, kept), owners(daily).items()
    decided = decisions.decide(daily.user, lost, happened=False)
    world.advance(3600, step=300)

    assert in_doubt == [State.IN_DOUBT, State.IN_DOUBT]
    assert decided
    assert instance == str(kept.made_key)
    assert states(lost, kept) == [State.FAILED, State.SUCCEEDED]
    assert ours() == {ident: instance}
    assert len(daily.simulator.effects("recording_began")) == 1


def test_starts_of_one_moment_are_told_apart_by_the_instance_in_their_events(daily: Provider) -> None:
    world, call = daily.world, daily.place_call()
    world.holds_callbacks = True
    orders = [start(daily, call, width=1280), start(daily, call, width=1920)]
    world.advance(90)
    world.sweep(daily.account)
    before = states(*orders)

    world.let_in()
    world.work()

    assert State.SUCCEEDED not in before
    assert states(*orders) == [State.SUCCEEDED, State.SUCCEEDED]
    assert ours() == owners(daily)
    assert set(ours().values()) == {str(order.made_key) for order in orders}


def test_one_after_the_other_needs_no_event(daily: Provider) -> None:
    world, call = daily.world, daily.place_call()
    world.holds_callbacks = True
    first = start(daily, call, width=1280)
    world.advance(30)
    second = start(daily, call, width=1920)
    world.advance(30)

    assert states(first, second) == [State.SUCCEEDED, State.SUCCEEDED]
    assert ours() == owners(daily)


def test_live_transcript_that_was_lost_does_not_take_another_ones(daily: Provider) -> None:
    world, call = daily.world, daily.place_call()
    world.holds_callbacks = True
    first = world.order(daily.user, call, "captions.start", language="en")
    world.advance(20)
    daily.simulator.fail(kind="drop", method="POST", path_contains="transcription/start")
    second = world.order(daily.user, call, "captions.start", language="de")
    world.advance(600, step=20)

    assert states(first, second) == [State.SUCCEEDED, State.FAILED]
    assert second.outcome_code == "absent"
    assert len(daily.simulator.truth()["transcripts"]) == 1
