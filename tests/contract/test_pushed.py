"""Transcripts that are pushed once and can never be read again: kept before anything else, and waited for."""

from typing import Any

import pytest
from django.test import Client

from recordings import intake
from recordings.actions import choices
from recordings.models import Operation, Recording, Refusal, WebhookDelivery
from recordings.providers.snapshots import Status
from recordings.targets import Target
from recordings.validation import OrderRefused
from tests.contract.conftest import Provider, build
from tests.world import World
from transcripts.models import Transcript

OVERDUE = 1800


@pytest.fixture
def vobiz(world: World, user: Any) -> Provider:
    return build("vobiz", world, user)


def spoken(vobiz: Provider, *, seconds: float = 60) -> Recording:
    """A call that was recorded with a transcript asked for, and is over."""
    call = vobiz.place_call()
    options = {**vobiz.start_options(), "transcription_type": "auto"}
    order = vobiz.world.order(vobiz.user, call, "recording.start", **options)
    vobiz.world.advance(30, step=10)
    vobiz.simulator.end_call(call.external_id)
    vobiz.world.advance(seconds, step=10)
    return Recording.objects.get(key=order.made_key)


def words(transcript: Transcript) -> str:
    return " ".join(line["text"] for line in transcript.text.utterances)


def push(vobiz: Provider, recording: Recording) -> None:
    """The text is sent after all."""
    simulator = vobiz.simulator
    simulator.switch(transcription_callback=True)
    simulator.send_transcription_callback(
        simulator.recordings[recording.external_id], simulator.transcripts[recording.external_id]
    )


def test_pushed_text_is_stored_before_anything_else(vobiz: Provider, monkeypatch: Any) -> None:
    vobiz.world.holds_callbacks = True
    recording = spoken(vobiz)
    text = vobiz.simulator.transcripts[recording.external_id].text
    pushed = [held for held in vobiz.world.held if b"transcription=" in held[3]]

    with monkeypatch.context() as patch:
        patch.setattr("recordings.sync.apply", None)  # Nothing but the intake may be needed.
        [status] = [vobiz.world.arrive(*held) for held in pushed]
    delivery = WebhookDelivery.objects.get()
    kept = bytes(delivery.body)
    vobiz.world.work()

    transcript = Transcript.objects.get()
    delivery.refresh_from_db()
    assert status == 200
    assert text.split()[0].encode() in kept
    assert delivery.state == WebhookDelivery.State.SETTLED
    assert (transcript.status, words(transcript)) == (Status.COMPLETED, text)
    assert transcript.recording == recording


def test_text_that_does_not_come_is_overdue_and_is_taken_all_the_same_when_it_does(vobiz: Provider) -> None:
    vobiz.simulator.switch(transcription_callback=False)
    recording = spoken(vobiz)
    transcript = Transcript.objects.get()
    ended_at = vobiz.world.clock.utc() if recording.completed_at is None else recording.completed_at
    waited = (vobiz.world.clock.utc() - ended_at).total_seconds()
    vobiz.world.advance(OVERDUE - waited - 120, step=300)
    in_time = transcript.is_overdue, transcript.status

    vobiz.world.advance(240, step=60)
    late = Transcript.objects.get()
    while_late = late.is_overdue, late.status, list(Transcript.objects.overdue())
    push(vobiz, recording)
    vobiz.world.advance(10)

    transcript.refresh_from_db()
    assert in_time[0] is False
    assert while_late == (True, in_time[1], [transcript])
    assert (transcript.status, transcript.is_overdue) == (Status.COMPLETED, False)
    assert len(words(transcript).split()) > 20


def test_second_text_never_takes_the_place_of_the_first(vobiz: Provider) -> None:
    recording = spoken(vobiz)
    first = words(Transcript.objects.get())
    vobiz.simulator.transcripts[recording.external_id].text = "Something else altogether."

    push(vobiz, recording)
    vobiz.world.advance(10)

    transcript = Transcript.objects.get()
    assert words(transcript) == first
    assert "another text later" in transcript.text.problem
    assert len(transcript.text.files) == 2


def test_text_of_a_recording_that_nobody_here_started_is_not_lost(vobiz: Provider) -> None:
    url = f"{vobiz.account.webhook_url}transcription/"
    strange = vobiz.simulator.stray_callback(url, event="transcription")
    vobiz.world.advance(10)

    transcript = Transcript.objects.get()
    assert transcript.external_id == strange
    assert transcript.recording is None
    assert words(transcript)
    assert not Recording.objects.exists()


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("keys", ["snake", "pascal"])
@pytest.mark.parametrize("encoding", ["form", "json", "json_as_form"])
def test_every_spelling_of_a_callback_means_the_same(
    vobiz: Provider, encoding: str, keys: str, method: str
) -> None:
    told = {"callback_encoding": encoding, "callback_keys": keys, "callback_method": method}
    vobiz.simulator.switch(**told, general_fields=keys == "pascal", callback_decimals=keys == "pascal")

    recording = spoken(vobiz)

    transcript = Transcript.objects.get()
    deliveries = WebhookDelivery.objects.all()
    assert (recording.status, transcript.status) == (Status.COMPLETED, Status.COMPLETED)
    assert words(transcript) == vobiz.simulator.transcripts[recording.external_id].text
    assert {delivery.state for delivery in deliveries} == {WebhookDelivery.State.SETTLED}
    assert {delivery.method for delivery in deliveries} == {method, "POST"}
    assert Recording.objects.count() == 1


def test_account_that_wants_signatures_takes_no_callback_without(vobiz: Provider) -> None:
    vobiz.account.config = {**vobiz.account.config, "require_signature": "on"}
    vobiz.account.save()
    intake.forget()
    vobiz.simulator.switch(callback_retries=0)

    unsigned = spoken(vobiz)
    refused = list(Refusal.objects.filter(account=vobiz.account).values_list("reason", "count"))
    kept = WebhookDelivery.objects.count()
    vobiz.simulator.switch(signatures="v3")
    signed = spoken(vobiz)

    assert set(vobiz.world.webhook_statuses) == {400, 200}
    assert [count for _, count in refused] == [2]
    assert "signature" in refused[0][0]
    assert kept == 0
    notes = {delivery.note for delivery in WebhookDelivery.objects.all()}
    assert notes == {"The signature covers the address only, not the body."}
    assert Transcript.objects.get(recording=signed).has_text
    assert not Transcript.objects.filter(recording=unsigned, has_text=True).exists()


def test_deleting_is_ours_alone_and_says_so(vobiz: Provider) -> None:
    transcript = Transcript.objects.get(recording=spoken(vobiz))
    action = vobiz.adapter.action("transcript.delete")
    requests = len(vobiz.simulator.requests)

    order = vobiz.world.order(vobiz.user, transcript, "transcript.delete")
    vobiz.world.work()
    replayed = WebhookDelivery.objects.update(state=WebhookDelivery.State.RECEIVED, due_at=order.created_at)
    vobiz.world.work()

    order.refresh_from_db()
    transcript.refresh_from_db()
    assert action is not None
    assert "no way to delete a transcript" in action.local_note
    assert order.state == Operation.State.SUCCEEDED
    assert "only the copy here is erased" in order.outcome
    assert len(vobiz.simulator.requests) == requests
    assert replayed > 0
    assert (transcript.is_buried, transcript.has_text) == (True, False)


def test_ordering_later_cannot_work_and_says_why(vobiz: Provider) -> None:
    recording = vobiz.record()

    with pytest.raises(OrderRefused, match="only if it was asked for when the recording was started"):
        vobiz.world.order(vobiz.user, recording, "transcript.order")
    offered = {choice.action.kind: choice for choice in choices(vobiz.user, Target.of(recording))}
    client = Client()
    client.force_login(vobiz.user)
    page = client.get(recording.get_absolute_url()).content.decode()

    assert "only if it was asked for" in offered["transcript.order"].unavailable
    assert offered["recording.delete"].unavailable == ""
    assert not Operation.objects.filter(kind="transcript.order").exists()
    blocked = [part.partition("</button>")[0] for part in page.split('aria-disabled="true"')[1:]]
    [button] = [each for each in blocked if "Order transcript" in each]
    assert "no way to order one of a recording that exists" in button
