"""Where no provider can reach us everything goes by looks alone, at every provider."""

from collections.abc import Iterator
from typing import Any

import pytest

from recordings.models import Operation, Recording, WebhookDelivery
from recordings.providers import registry
from recordings.providers.snapshots import Status
from recordings.validation import OrderRefused
from tests.contract.conftest import Provider, build, defaults
from tests.world import World, a_world
from transcripts.models import Transcript


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The same world, without a public address."""
    monkeypatch.setitem(registry.ADAPTERS, "fifth", "tests.fifth.adapter:FifthAdapter")
    with a_world(monkeypatch, public_url="") as world:
        yield world


@pytest.fixture
def lonely(request: pytest.FixtureRequest, world: World, user: Any) -> Provider:
    return build(request.param, world, user)


@pytest.mark.parametrize("lonely", [*sorted(registry.ADAPTERS), "fifth"], indirect=True)
def test_call_is_recorded_and_transcribed_by_looks_alone(lonely: Provider) -> None:
    world, call = lonely.world, lonely.place_call()
    options = {name: value for name, value in lonely.start_options().items() if value != "auto"}
    order = world.order(lonely.user, call, "recording.start", **options)
    world.advance(40)
    order.refresh_from_db()
    recording = Recording.objects.get(key=order.made_key)
    while_live = order.state, recording.status
    lonely.simulator.end_call(call.external_id)
    world.look_at_calls(lonely.account)
    world.advance(420, step=20)
    world.sweep(lonely.account)

    recording.refresh_from_db()
    assert while_live == (Operation.State.SUCCEEDED, Status.IN_PROGRESS)
    assert recording.status == Status.COMPLETED, (recording.provider_status, recording.reason)
    assert not WebhookDelivery.objects.exists()
    assert Recording.objects.count() == 1
    if lonely.adapter.action("transcript.order") is None:
        return
    ordered = world.order(
        lonely.user, recording, "transcript.order", **defaults(lonely.adapter, "transcript.order")
    )
    world.advance(300, step=20)

    ordered.refresh_from_db()
    transcript = Transcript.objects.get(key=ordered.made_key)
    assert ordered.state == Operation.State.SUCCEEDED, ordered.outcome
    assert (transcript.status, transcript.has_text) == (Status.COMPLETED, True)
    assert not WebhookDelivery.objects.exists()


@pytest.mark.parametrize("lonely", ["vobiz"], indirect=True)
def test_what_only_a_callback_can_bring_is_refused_with_the_reason(lonely: Provider) -> None:
    with pytest.raises(OrderRefused) as refused:
        lonely.world.order(
            lonely.user,
            lonely.place_call(),
            "recording.start",
            **{**lonely.start_options(), "transcription_type": "auto"},
        )

    assert "needs a public https address" in refused.value.errors["transcription_type"]
    assert not Operation.objects.exists()
