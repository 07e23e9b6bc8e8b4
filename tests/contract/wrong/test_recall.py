"""What only meeting bots can get wrong: not in yet, never to come, too many transcripts, wrong region."""

from typing import Any

import pytest

from recordings import connections
from recordings.actions import choices
from recordings.models import Operation, Recording
from recordings.providers.snapshots import Status
from recordings.targets import Target
from recordings.validation import OrderRefused
from tests.contract.conftest import Provider, build, defaults
from tests.contract.wrong.test_orders import made, remedy, start
from tests.world import World
from transcripts.models import Transcript

State = Operation.State


@pytest.fixture
def recall(world: World, user: Any) -> Provider:
    return build("recall", world, user)


def waiting_bot(recall: Provider) -> Any:
    """One that waits to be let in."""
    meeting = recall.simulator.place_meeting("Guarded", has_waiting_room=True)
    order = recall.world.order(recall.user, recall.account, "call.send", meeting_url=meeting)
    recall.world.advance(20)
    order.refresh_from_db()
    return order.account.calls.get(key=order.made_key)


def test_start_on_a_bot_that_is_not_in_says_so_before_the_click_and_after(recall: Provider) -> None:
    call = waiting_bot(recall)

    with pytest.raises(OrderRefused) as refused:
        start(recall, call)
    call.__class__.objects.filter(pk=call.pk).update(state="live")  # What an old page still showed.
    order = start(recall, call.__class__.objects.get(pk=call.pk))
    recall.world.advance(20)

    order.refresh_from_db()
    found = remedy(order)
    assert "in the call" in refused.value.message or "waiting" in refused.value.message
    assert (order.state, order.outcome_code) == (State.FAILED, "cannot_command_unstarted_bot")
    assert "Recall.ai says:" in order.outcome
    assert found is not None
    assert made(order).status == Status.FAILED
    assert not Recording.objects.filter(status=Status.REQUESTED).exists()
    assert recall.simulator.effects("start_recording") == []


def test_start_on_a_bot_that_vanished_fails_and_the_call_ends(recall: Provider) -> None:
    call = recall.place_call()
    recall.simulator.bots.pop(call.external_id)

    order = start(recall, call)
    recall.world.advance(20)
    recall.world.look_at_calls(recall.account)
    recall.world.advance(20)

    order.refresh_from_db()
    call.refresh_from_db()
    assert order.state == State.FAILED
    assert len(order.outcome) > 20
    assert (made(order).status, made(order).reason) == (Status.FAILED, order.outcome)
    assert call.state == "ended"


def test_eleventh_transcript_is_refused_before_the_click_and_by_the_provider(recall: Provider) -> None:
    recording = recall.record()
    options = {**defaults(recall.adapter, "transcript.order")}
    for number in range(10):
        Transcript.objects.create(
            account=recall.account,
            recording=recording,
            external_id=f"tra-{number}",
            status=Status.COMPLETED,
            sort_at=recall.world.clock.utc(),
        )

    with pytest.raises(OrderRefused) as refused:
        recall.world.order(recall.user, recording, "transcript.order", **options)
    Transcript.objects.filter(external_id="tra-9").delete()
    recall.simulator.fail(
        kind="refuse",
        status=400,
        method="POST",
        path_contains="/create_transcript/",
        headers={"Content-Type": "application/json"},
        body='{"code": "transcript_limit_reached", "detail": "Too many transcripts for this recording."}',
    )
    order = recall.world.order(recall.user, recording, "transcript.order", **options)
    recall.world.advance(20)

    order.refresh_from_db()
    found = remedy(order)
    assert "10 of 10 transcripts: delete one first" in refused.value.message
    assert order.state == State.FAILED
    assert "Too many transcripts" in order.outcome
    assert found is not None
    assert "delete" in found.remedy.lower()
    assert recall.simulator.effects("create_transcript") == []


def test_key_of_another_region_makes_the_account_unhealthy_and_loses_nothing(
    recall: Provider, world: World
) -> None:
    recording = recall.record()
    elsewhere = build("recall", world, recall.user)
    elsewhere.simulator.rotate_api_key()
    recall.account.base_url = elsewhere.account.base_url
    recall.account.save()
    connections.forget()

    world.look_at_calls(recall.account)
    world.sweep(recall.account)
    world.advance(30)

    recall.account.refresh_from_db()
    recording.refresh_from_db()
    assert recall.account.is_healthy is False
    assert "region" in recall.account.health_message
    assert recording.status == Status.COMPLETED


def test_wrong_layout_and_values_are_told_by_field(recall: Provider) -> None:
    call = recall.place_call()
    wrong = {
        "video_mixed_layout": "speaker_view",
        "video_separate_mp4": True,
        "retention": "timed",
        "retention.hours": -1,
    }

    with pytest.raises(OrderRefused) as by_value:
        start(recall, call, **wrong)
    with pytest.raises(OrderRefused) as by_rule:
        start(recall, call, **{**wrong, "retention.hours": 24})

    assert set(by_value.value.errors) == {"retention.hours"}
    assert by_rule.value.errors == {"video_separate_mp4": "This needs the layout “gallery, version 2”."}
    assert not Operation.objects.exists()


@pytest.mark.parametrize("fate", ["vanish", "deleted"])
@pytest.mark.parametrize("holds_callbacks", [False, True])
def test_start_that_begins_anew_says_so_before_and_names_what_it_swallowed(
    recall: Provider, fate: str, holds_callbacks: bool
) -> None:
    recall.simulator.switch(overwritten=fate)
    recall.world.holds_callbacks = holds_callbacks
    call = recall.place_call()
    first = start(recall, call)
    recall.world.advance(30, step=10)
    before = {choice.action.kind: choice.consequence for choice in choices(recall.user, Target.of(call))}

    second = start(recall, call)
    recall.world.advance(120, step=20)
    recall.world.sweep(recall.account)
    recall.world.let_in()
    recall.world.advance(30)

    first.refresh_from_db()
    assert "starts over and what was recorded is lost" in before["recording.start"]
    assert (made(first).status, made(second).status) == (Status.DELETED, Status.IN_PROGRESS)
    assert made(first).reason == f"overwritten by {made(second).external_id}"
    assert Recording.objects.count() == 2
