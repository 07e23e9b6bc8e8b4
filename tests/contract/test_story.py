"""The whole way at every provider: see live, start, stop, transcript, text, delete."""

import pytest

from recordings import connections
from recordings.models import Operation, Recording
from recordings.providers.snapshots import CallState, Status
from tests.contract.conftest import Provider, defaults
from transcripts.models import Transcript


def text_of(transcript: Transcript) -> str:
    return " ".join(line["text"] for line in transcript.text.utterances)


def test_live_call_is_seen_and_its_end_too(provider: Provider) -> None:
    call = provider.place_call("Budget review")
    provider.simulator.end_call(call.external_id)
    provider.world.advance(60)

    provider.world.look_at_calls(provider.account)
    provider.world.advance(60)

    call.refresh_from_db()
    assert call.state == CallState.ENDED
    assert call.seen_at is not None


def test_recording_is_started_stopped_and_complete(provider: Provider) -> None:
    world, call = provider.world, provider.place_call()
    start = world.order(provider.user, call, "recording.start", **provider.start_options())
    world.advance(30)
    start.refresh_from_db()
    recording = Recording.objects.get(key=start.made_key)
    while_running = (start.state, recording.status)

    stop = world.order(provider.user, recording, "recording.stop")
    world.advance(300, step=10)

    stop.refresh_from_db()
    recording.refresh_from_db()
    assert while_running == (Operation.State.SUCCEEDED, Status.IN_PROGRESS)
    assert stop.state == Operation.State.SUCCEEDED, stop.outcome
    assert recording.status == Status.COMPLETED, (recording.provider_status, recording.reason)
    assert recording.duration_seconds


def test_transcript_is_ordered_read_and_deleted(provider: Provider) -> None:
    if provider.adapter.action("transcript.order") is None:
        pytest.skip(f"{provider.adapter.label} takes no such order: its own tests tell how text comes")
    world, recording = provider.world, provider.record()
    options = defaults(provider.adapter, "transcript.order")

    order = world.order(provider.user, recording, "transcript.order", **options)
    world.advance(300, step=10)

    order.refresh_from_db()
    transcript = Transcript.objects.get(key=order.made_key)
    assert order.state == Operation.State.SUCCEEDED, order.outcome
    assert transcript.status == Status.COMPLETED, transcript.reason
    assert transcript.has_text
    assert len(text_of(transcript).split()) > 20

    delete = world.order(provider.user, transcript, "transcript.delete")
    world.advance(60)

    delete.refresh_from_db()
    transcript.refresh_from_db()
    assert delete.state == Operation.State.SUCCEEDED, delete.outcome
    assert (transcript.status, transcript.is_buried) == (Status.DELETED, True)
    assert not hasattr(transcript, "text")


def test_recording_is_deleted_at_the_provider_and_here(provider: Provider) -> None:
    recording = provider.record()

    delete = provider.world.order(provider.user, recording, "recording.delete")
    provider.world.advance(60)

    delete.refresh_from_db()
    recording.refresh_from_db()
    truth = provider.simulator.truth()["recordings"].get(recording.external_id, {"status": "deleted"})
    assert delete.state == Operation.State.SUCCEEDED, delete.outcome
    assert (recording.status, recording.is_buried, recording.raw) == (Status.DELETED, True, {})
    assert truth["status"] == "deleted"


def test_mirror_row_never_comes_from_anything_but_the_provider(provider: Provider) -> None:
    provider.record()
    provider.world.sweep(provider.account)

    rows = [*Recording.objects.all(), *Transcript.objects.all()]
    assert {row.source for row in rows} <= {"reply", "webhook", "sweep"}


def test_wrong_credentials_are_told_and_break_nothing(provider: Provider) -> None:

    secrets = dict.fromkeys(provider.simulator.account()["secrets"], "c2VjcmV0")
    connections.set_secrets(provider.account, secrets)
    provider.account.save()

    provider.world.look_at_calls(provider.account)

    provider.account.refresh_from_db()
    assert provider.account.is_healthy is False
    assert len(provider.account.health_message) > 10
