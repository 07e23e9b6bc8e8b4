"""Transcripts as orders meet them."""

from typing import Any

import pytest

from recordings import sync
from recordings.actions import choices
from recordings.decisions import decide
from recordings.models import Account, Operation, Recording
from recordings.models.mirror import Source
from recordings.providers.base import TranscriptKind
from recordings.providers.options import Kind, Option
from recordings.providers.orders import Action, RecordingRef, Repeat, Subject, TranscriptRef
from recordings.providers.snapshots import RecordingSnapshot, Status
from recordings.targets import Target
from recordings.work.subjects import full_ref, kind_of
from tests.fifth.adapter import FifthAdapter
from tests.fifth.simulator import FifthSimulator
from tests.transcripts.conftest import completed, tell
from tests.world import World
from transcripts.models import Transcript


def test_click_shows_at_once_as_requested(world: World, recording: Recording, operator: Any) -> None:
    order = world.order(operator, recording, "transcript.order", engine="premium")

    row = Transcript.objects.get()
    assert row.key == order.made_key
    assert row.status == Status.REQUESTED
    assert (row.recording, row.call) == (recording, recording.call)
    assert (row.engine, row.kind, row.options) == ("premium", "standard", {"engine": "premium"})
    assert row.source == ""


def test_two_engines_can_be_ordered_at_once(world: World, recording: Recording, operator: Any) -> None:
    for engine in ("standard", "premium"):
        world.order(operator, recording, "transcript.order", engine=engine)
    world.work()
    world.advance(10)

    assert set(Transcript.objects.values_list("engine", "status")) == {
        ("standard", Status.COMPLETED),
        ("premium", Status.COMPLETED),
    }


def test_refused_order_ends_its_row_with_the_providers_reason(
    world: World, recording: Recording, fifth: FifthSimulator, operator: Any
) -> None:
    fifth.recordings[recording.external_id]["status"] = "recording"

    world.order(operator, recording, "transcript.order")
    world.work()

    row = Transcript.objects.get()
    assert (row.status, row.reason, row.source) == (Status.FAILED, "not_ready", Source.REPLY)


def test_order_that_never_left_ends_its_row_without_a_source(
    world: World, recording: Recording, operator: Any
) -> None:
    order = world.order(operator, recording, "transcript.order")
    world.clock.advance(2 * 86_400)
    world.work()

    order.refresh_from_db()
    row = Transcript.objects.get()
    assert order.state == Operation.State.EXPIRED
    assert (row.status, row.source) == (Status.FAILED, "")


def test_failure_does_not_touch_what_the_provider_has_named(account: Account) -> None:
    row = tell(account, status=Status.PROCESSING)

    kind_of(Subject.TRANSCRIPT).fail(row.key, "it did not happen", "absent", "")

    row.refresh_from_db()
    assert row.status == Status.PROCESSING


def test_counts_of_a_recording(world: World, account: Account, recording: Recording, operator: Any) -> None:
    where = {"recording_external_id": recording.external_id}
    tell(account, "tra-1", **completed(), **where)
    tell(account, "tra-2", status=Status.PROCESSING, **where)
    tell(account, "tra-3", status=Status.FAILED, **where)
    tell(account, "tra-4", status=Status.DELETED, **where)
    world.order(operator, recording, "transcript.order")
    Transcript.objects.create(
        account=account, recording=recording, status=Status.FAILED, sort_at=world.clock.utc()
    )

    ref = full_ref(recording)

    assert (ref.transcripts_completed, ref.transcripts_open, ref.transcripts_ever) == (1, 2, 5)


def test_adapter_sees_recording_and_call(transcript: Transcript) -> None:
    ref = kind_of(Subject.TRANSCRIPT).ref(transcript.key)

    assert isinstance(ref, TranscriptRef)
    assert (ref.external_id, ref.engine, ref.status) == (transcript.external_id, "standard", Status.COMPLETED)
    assert isinstance(ref.recording, RecordingRef)
    assert ref.recording.external_id == transcript.recording.external_id
    assert ref.call is not None
    assert ref.call.external_id == transcript.call.external_id


def test_adapter_sees_an_orphan_alone(account: Account) -> None:
    ref = kind_of(Subject.TRANSCRIPT).ref(tell(account).key)

    assert isinstance(ref, TranscriptRef)
    assert (ref.recording, ref.call) == (None, None)


def test_unknown_key_has_no_ref(account: Account) -> None:
    assert kind_of(Subject.TRANSCRIPT).ref(account.key) is None


def test_buttons_of_a_transcript(transcript: Transcript, operator: Any) -> None:
    kinds = [choice.action.kind for choice in choices(operator, Target.of(transcript))]

    assert kinds == ["transcript.delete"]


def test_engine_and_kind_are_left_open_where_the_provider_decides(
    world: World, account: Account, recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = TranscriptKind(name="live", label="Live")
    monkeypatch.setattr(FifthAdapter, "transcript_kinds", (*FifthAdapter.transcript_kinds, live))
    option = Option(name="provider", kind=Kind.CHOICE, label="Engine", choices=(("own", "Own"),))
    captions = Action(
        kind="captions.start",
        subject=Subject.CALL,
        label="Start captions",
        repeat=Repeat.ONCE,
        right="control",
        makes=Subject.TRANSCRIPT,
        options=(option,),
    )
    monkeypatch.setattr(FifthAdapter, "actions", (*FifthAdapter.actions, captions))

    world.order(None, recording.call, "captions.start")

    row = Transcript.objects.get()
    assert (row.engine, row.kind, row.recording, row.call) == ("", "", None, recording.call)


def test_recording_that_never_began_adopts_nothing(
    world: World, account: Account, fifth: FifthSimulator, operator: Any
) -> None:
    orphan = tell(account, **completed())
    call_id = fifth.place_call()
    call = world.call(account, call_id)
    order = world.order(operator, call, "recording.start")

    unnamed = RecordingSnapshot(external_id="", key=str(order.made_key), status=Status.IN_PROGRESS)
    sync.apply(account, [unnamed], source=Source.REPLY)

    orphan.refresh_from_db()
    assert Recording.objects.get().status == Status.IN_PROGRESS
    assert orphan.recording is None


def test_person_who_knows_that_it_happened_attaches_the_providers_transcript(
    world: World, account: Account, fifth: FifthSimulator, recording: Recording, operator: Any
) -> None:
    fifth.echoes_key = False
    world.holds_callbacks = True
    fifth.fail(kind="drop_after", method="POST", path_contains="/transcripts")
    order = world.order(operator, recording, "transcript.order")
    world.work()
    fifth.webhook = ""
    tell(account, "tra-1", status=Status.PROCESSING)
    order.refresh_from_db()
    assert order.state == Operation.State.IN_DOUBT

    assert decide(operator, order, happened=True, external_id="tra-1")
    world.advance(5)

    order.refresh_from_db()
    row = Transcript.objects.get()
    assert order.state == Operation.State.SUCCEEDED
    assert (row.key, row.external_id, row.status) == (order.made_key, "tra-1", Status.COMPLETED)


def test_happening_of_an_order_that_makes_nothing_attaches_nothing(
    world: World, transcript: Transcript, operator: Any
) -> None:
    order = world.order(operator, transcript, "transcript.delete")
    Operation.objects.filter(pk=order.pk).update(
        state=Operation.State.IN_DOUBT, due_at=None, made_key=transcript.key
    )
    order.refresh_from_db()

    assert decide(operator, order, happened=True, external_id="tra-9")

    assert Transcript.objects.get() == transcript
