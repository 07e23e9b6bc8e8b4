"""Live captions through the engine: words while people speak, and an end also when nobody tells of it."""

from typing import Any

import pytest

from recordings import connections
from recordings.models import Operation
from recordings.providers.snapshots import Status
from recordings.targets import Target
from tests.contract.conftest import Provider, build
from tests.world import World
from transcripts.models import Transcript


@pytest.fixture
def twilio(world: World, user: Any) -> Provider:
    return build("twilio", world, user)


def captioned(twilio: Provider, **options: Any) -> tuple[Any, Operation]:
    call = twilio.place_call()
    order = twilio.world.order(twilio.user, call, "captions.start", **options)
    twilio.world.work()
    return call, order


def told(order: Operation) -> Transcript:
    order.refresh_from_db()
    assert order.state == Operation.State.SUCCEEDED, order.outcome
    return Transcript.objects.get(key=order.made_key)


def lines(transcript: Transcript) -> list[str]:
    return [line["text"] for line in transcript.text.utterances]


def test_words_come_while_the_call_goes_on_and_the_stop_ends_them(twilio: Provider) -> None:
    world = twilio.world
    call, order = captioned(twilio, LanguageCode="en-US")
    world.advance(20)
    running = told(order)
    while_running = running.status, running.kind, len(lines(running))

    stop = world.order(twilio.user, running, "captions.stop")
    world.advance(60)

    stop.refresh_from_db()
    ended = told(order)
    assert while_running[:2] == (Status.IN_PROGRESS, "captions")
    assert 0 < while_running[2] <= len(lines(ended))
    assert stop.state == Operation.State.SUCCEEDED
    assert (ended.status, ended.is_empty, ended.call) == (Status.COMPLETED, False, call)
    assert ended.reason == "Twilio told of their end."
    assert len(twilio.simulator.effects("start_transcription")) == 1


def test_captions_whose_end_is_never_told_end_with_their_call(twilio: Provider) -> None:
    world = twilio.world
    call, order = captioned(twilio)
    world.advance(8)
    said = lines(told(order))
    world.holds_callbacks = True

    world.advance(120, step=20)
    still = told(order).status
    twilio.simulator.end_call(call.external_id)
    world.look_at_calls(twilio.account)
    world.advance(60)
    ended = told(order)
    heard = lines(ended)
    world.let_in()
    world.advance(30)

    assert still == Status.IN_PROGRESS
    assert (ended.status, heard) == (Status.COMPLETED, said)
    assert "no word of their end" in ended.reason
    late = told(order)
    assert (late.status, late.reason) == (Status.COMPLETED, "Twilio told of their end.")
    assert len(lines(late)) > len(said)
    assert not twilio.account.errands.filter(state="failed").exists()


def test_captions_without_a_word_say_so(twilio: Provider) -> None:
    world = twilio.world
    world.holds_callbacks = True
    call, order = captioned(twilio)
    world.advance(20)
    twilio.simulator.end_call(call.external_id)
    world.look_at_calls(twilio.account)
    world.advance(60)

    ended = told(order)
    assert (ended.status, ended.is_empty, ended.has_text) == (Status.COMPLETED, True, False)
    assert "of these captions none came" in ended.text.note


def test_no_listing_takes_captions_for_deleted(twilio: Provider) -> None:
    world = twilio.world
    call, order = captioned(twilio)
    world.advance(20)
    twilio.simulator.end_call(call.external_id)
    world.advance(60)

    for _ in range(2):
        world.clock.advance(7200)
        world.sweep(twilio.account)
        world.advance(30)

    ended = told(order)
    assert (ended.status, ended.has_text) == (Status.COMPLETED, True)


def test_kinds_of_transcripts_never_look_alike(twilio: Provider) -> None:
    """Three kinds of one account: each by its own name, with its own buttons."""
    world = twilio.world
    _, order = captioned(twilio)
    recording = twilio.record()
    made = world.order(twilio.user, recording, "transcript.order")
    twilio.simulator.leave_message("A message")
    world.advance(300, step=20)
    world.sweep(twilio.account)
    world.advance(60)
    captions, batch = told(order), told(made)
    legacy = Transcript.objects.get(kind="legacy")

    face = connections.face(twilio.account.provider)
    labels = {kind.name: kind.label for kind in face.transcript_kinds}
    kinds = [labels[each.kind] for each in (captions, batch, legacy)]
    stops = [
        face.unavailable("captions.stop", Target.of(each).ref(), twilio.account.config)
        for each in (captions, batch, legacy)
    ]
    deletes = [
        face.consequence("transcript.delete", Target.of(each).ref(), {}) for each in (captions, batch, legacy)
    ]
    assert len(set(kinds)) == 3
    assert stops[0] == "" if captions.status == Status.IN_PROGRESS else stops[0]
    assert all(stops[1:])
    assert "keeps no captions" in deletes[0]
    assert not any("captions" in each for each in deletes[1:])
