"""Transcripts in the mirror: one row whatever comes first, and a status that never goes back."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recordings import sync
from recordings.models import Account, Call, Errand, Operation, Recording
from recordings.models.mirror import Source
from recordings.providers.snapshots import Status, TranscriptSnapshot, Wanted
from tests.contract.conftest import build, defaults
from tests.fifth.adapter import FifthAdapter
from tests.fifth.simulator import FifthSimulator
from tests.transcripts.conftest import completed, sent, tell, undone, words
from tests.world import World
from transcripts.models import Transcript

LATER = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def orders_of_arrival() -> list[tuple[int, ...]]:
    """Answer, callback and listing, each doubled, in every distinguishable order."""
    return sorted(set(itertools.permutations([0, 1, 2, 0, 1, 2])))


@pytest.mark.no_cover  # the same lines ninety times over
@pytest.mark.parametrize("echo", ["everywhere", "in the answer only"])
def test_answer_callback_and_listing_in_every_order_are_one_row(
    world: World, account: Account, recording: Recording, operator: Any, echo: str
) -> None:
    order = world.order(operator, recording, "transcript.order")
    sent(order, world)
    key = str(order.made_key)
    facts: dict[str, Any] = {"external_id": "tra-9", "recording_external_id": recording.external_id}
    echoed = {"key": key} if echo == "everywhere" else {}
    told = [
        (Source.REPLY, TranscriptSnapshot(status=Status.PROCESSING, status_at=LATER, key=key, **facts)),
        (Source.WEBHOOK, TranscriptSnapshot(**completed(status_at=LATER + timedelta(1)), **echoed, **facts)),
        (Source.SWEEP, TranscriptSnapshot(**completed(status_at=LATER + timedelta(1)), **echoed, **facts)),
    ]
    ends = set()

    def arrive(numbers: tuple[int, ...]) -> None:
        for number in numbers:
            source, snapshot = told[number]
            sync.apply(account, [snapshot], source=source)
        row = Transcript.objects.get()
        order.refresh_from_db()
        texts = Errand.objects.filter(kind="transcript.text").count()
        ends.add((row.key, row.external_id, row.status, row.recording_id, row.is_primary, order.state, texts))

    for numbers in orders_of_arrival():
        undone(lambda numbers=numbers: arrive(numbers))  # type: ignore[misc]

    made = (order.made_key, "tra-9", Status.COMPLETED, recording.pk, True, Operation.State.SUCCEEDED, 1)
    assert ends == {made}


@pytest.mark.no_cover
def test_what_a_provider_really_says_in_every_order_is_one_row(
    world: World, manager: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = build("recall", world, manager)
    recording = provider.record()
    options = defaults(provider.adapter, "transcript.order")
    order = world.order(manager, recording, "transcript.order", **options)
    heard: dict[Source, tuple[Any, ...]] = {}
    apply = sync.apply

    def listening(account: Account, facts: Any, *, source: Source, **more: Any) -> Any:
        facts = tuple(facts)
        if any(isinstance(fact, TranscriptSnapshot) for fact in facts):
            heard[source] = facts
        return apply(account, facts, source=source, **more)

    def live_through_it() -> None:
        world.work()
        world.advance(120)
        world.sweep(provider.account)

    with monkeypatch.context() as patch:
        patch.setattr(sync, "apply", listening)
        undone(live_through_it)
    sent(order, world)
    told = [(source, heard[source]) for source in (Source.REPLY, Source.WEBHOOK, Source.SWEEP)]
    ends = set()

    def arrive(numbers: tuple[int, ...]) -> None:
        for number in numbers:
            source, facts = told[number]
            sync.apply(provider.account, facts, source=source)
        ends.add(tuple(Transcript.objects.values_list("key", "status", "is_primary")))

    for numbers in orders_of_arrival():
        undone(lambda numbers=numbers: arrive(numbers))  # type: ignore[misc]

    assert ends == {((order.made_key, Status.COMPLETED, True),)}


def test_ordered_transcript_comes_by_callback_with_its_words(
    transcript: Transcript, recording: Recording
) -> None:
    assert transcript.status == Status.COMPLETED
    assert transcript.source == Source.WEBHOOK
    assert transcript.recording == recording
    assert transcript.call == recording.call
    assert transcript.has_text
    assert transcript.is_primary


def test_ordered_transcript_comes_by_looks_alone_where_nothing_can_call_back(
    world: World, account: Account, recording: Recording, operator: Any, settings: Any
) -> None:
    settings.PUBLIC_URL = ""
    world.holds_callbacks = True

    world.order(operator, recording, "transcript.order")
    world.work()
    world.advance(15)

    row = Transcript.objects.get()
    assert (row.status, row.has_text, row.source) == (Status.COMPLETED, True, Source.REPLY)


def test_no_answer_to_an_order_is_a_doubt_that_a_callback_settles(
    world: World, account: Account, fifth: FifthSimulator, recording: Recording, operator: Any
) -> None:
    fifth.fail(kind="drop_after", method="POST", path_contains="/transcripts")

    order = world.order(operator, recording, "transcript.order")
    world.work()
    world.advance(10)

    order.refresh_from_db()
    assert order.state == Operation.State.SUCCEEDED
    assert len(fifth.effects("transcribe")) == 1
    assert Transcript.objects.get().key == order.made_key


def test_row_that_fits_by_the_adapters_own_rule_is_the_ordered_one(
    world: World, account: Account, recording: Recording, operator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = world.order(operator, recording, "transcript.order")
    sent(order, world)

    def matches(_self: Any, pending: Any, snapshot: Any) -> float | None:
        return 0.0 if pending.recording_external_id == snapshot.recording_external_id else None

    monkeypatch.setattr(FifthAdapter, "matches", matches)

    tell(account, "tra-8", recording_external_id="rec-of-others", status=Status.PROCESSING)
    tell(account, "tra-9", recording_external_id=recording.external_id, status=Status.PROCESSING)

    assert Transcript.objects.get(external_id="tra-9").key == order.made_key
    assert Transcript.objects.get(external_id="tra-8").key != order.made_key


def test_status_never_goes_back(account: Account) -> None:
    tell(account, **completed(status_at=LATER))

    row = tell(account, status=Status.PROCESSING, status_at=LATER + timedelta(1), provider_status="running")

    assert row.status == Status.COMPLETED
    assert row.provider_status == "running"


def test_unknown_word_changes_only_the_providers_status(account: Account) -> None:
    tell(account, status=Status.PROCESSING)

    row = tell(account, provider_status="pondering")

    assert (row.status, row.provider_status) == (Status.PROCESSING, "pondering")


def test_ready_lifts_an_error_where_the_contract_says_so_and_an_error_after_it_is_a_warning(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FifthAdapter, "ready_lifts_failed", frozenset({"transcript"}))

    tell(account, status=Status.FAILED, reason="no bucket")
    lifted = tell(account, **completed(status_at=LATER))
    warned = tell(account, status=Status.FAILED, reason="late trouble", status_at=LATER + timedelta(1))

    assert (lifted.status, lifted.reason) == (Status.COMPLETED, "")
    assert (warned.status, warned.reason) == (Status.COMPLETED, "late trouble")


def test_later_news_of_the_same_status_moves_its_time(account: Account) -> None:
    tell(account, status=Status.PROCESSING, status_at=LATER)

    row = tell(account, status=Status.PROCESSING, status_at=LATER + timedelta(1))

    assert row.status_at == LATER + timedelta(1)


def test_what_is_not_told_stays(account: Account) -> None:
    tell(account, engine="premium", language="en", handle={"a": 1}, price=3, currency="USD", raw={"x": 1})

    row = tell(account, handle={"b": 2}, started_at=LATER, **completed())

    assert (row.engine, row.language, row.price, row.currency) == ("premium", "en", 3, "USD")
    assert row.handle == {"a": 1, "b": 2}
    assert row.raw == {"x": 1}
    assert row.sort_at == row.started_at == LATER


def test_snapshot_without_id_of_an_unknown_key_makes_no_row(account: Account) -> None:
    snapshot = TranscriptSnapshot(external_id="", key="5f0f52ab-0f5f-4f3b-8b79-1b7e4a4e3a43")

    sync.apply(account, [snapshot], source=Source.REPLY)

    assert not Transcript.objects.exists()


def test_snapshot_without_id_finds_the_ordered_row(
    world: World, account: Account, recording: Recording, operator: Any
) -> None:
    order = world.order(operator, recording, "transcript.order")

    row = tell(account, "", key=str(order.made_key), status=Status.PROCESSING, source=Source.REPLY)

    assert (row.status, row.external_id) == (Status.PROCESSING, "")


def test_transcript_is_never_overwritten_by_another_with_the_same_key(
    world: World, account: Account, recording: Recording, operator: Any
) -> None:
    order = world.order(operator, recording, "transcript.order")
    key = str(order.made_key)

    first = tell(account, "tra-1", key=key, status=Status.PROCESSING)
    second = tell(account, "tra-2", key=key, status=Status.PROCESSING)

    assert first.key == order.made_key
    assert second.pk != first.pk
    assert Transcript.objects.count() == 2


def test_key_of_a_recording_does_not_become_a_transcripts(account: Account, recording: Recording) -> None:
    row = tell(account, key=str(recording.key), recording_key=str(recording.key), **completed())

    assert row.key != recording.key
    assert row.recording == recording


def test_key_of_a_row_that_is_lost_is_taken_up_again(account: Account) -> None:
    row = tell(account, key="5f0f52ab-0f5f-4f3b-8b79-1b7e4a4e3a43", **completed())

    assert str(row.key) == "5f0f52ab-0f5f-4f3b-8b79-1b7e4a4e3a43"


def test_orphan_is_adopted_when_its_recording_arrives(
    world: World, account: Account, fifth: FifthSimulator, operator: Any
) -> None:
    call = world.call(account, fifth.place_call())
    orphan = tell(account, recording_external_id="rec-1", **completed())
    assert (orphan.recording, orphan.recording_external_id, orphan.is_primary) == (None, "rec-1", False)

    world.order(operator, call, "recording.start")
    world.work()

    orphan.refresh_from_db()
    assert orphan.recording == Recording.objects.get()
    assert orphan.recording_external_id == ""
    assert orphan.call == call
    assert orphan.is_primary


def test_orphan_finds_its_recording_at_the_next_news(account: Account, recording: Recording) -> None:
    orphan = tell(account, recording_external_id="", **completed())

    linked = tell(account, recording_external_id=recording.external_id)

    assert orphan.recording is None
    assert linked.recording == recording


def test_transcript_of_a_call_alone_is_linked_to_it(account: Account) -> None:
    row = tell(account, call_external_id="call-7", status=Status.IN_PROGRESS)

    assert row.call == Call.objects.get(external_id="call-7")


def test_first_completed_transcript_is_primary_and_stays_it(account: Account, recording: Recording) -> None:
    where = {"recording_external_id": recording.external_id}
    tell(account, "tra-1", status=Status.PROCESSING, **where)
    tell(account, "tra-2", **completed(), **where)
    tell(account, "tra-1", **completed(), **where)

    primary = Transcript.objects.get(is_primary=True)

    assert primary.external_id == "tra-2"


def test_merged_recordings_bring_their_transcripts_together(
    world: World, account: Account, fifth: FifthSimulator, operator: Any
) -> None:
    call = world.call(account, fifth.place_call())
    order = world.order(operator, call, "recording.start")
    kept = Recording.objects.get(key=order.made_key)
    gone = Recording.objects.create(account=account, external_id="rec-1", sort_at=LATER, call=call)
    tell(account, "tra-1", recording_key=str(kept.key), **completed())
    tell(account, "tra-2", recording_external_id="rec-1", **completed())
    assert Transcript.objects.filter(is_primary=True).count() == 2

    world.work()

    assert not Recording.objects.filter(pk=gone.pk).exists()
    assert set(Transcript.objects.values_list("external_id", "recording", "is_primary")) == {
        ("tra-1", kept.pk, True),
        ("tra-2", kept.pk, False),
    }


def test_merged_recordings_where_only_the_one_that_goes_had_transcripts(
    world: World, account: Account, fifth: FifthSimulator, operator: Any
) -> None:
    call = world.call(account, fifth.place_call())
    world.order(operator, call, "recording.start")
    Recording.objects.create(account=account, external_id="rec-1", sort_at=LATER, call=call)
    tell(account, recording_external_id="rec-1", **completed())

    world.work()

    assert Transcript.objects.get().recording == Recording.objects.get()
    assert Transcript.objects.get().is_primary


def test_two_rows_of_one_transcript_become_the_ordered_one_with_the_words_of_the_other(
    world: World, account: Account, recording: Recording, operator: Any
) -> None:
    order = world.order(operator, recording, "transcript.order")
    sent(order, world)
    other = tell(account, "tra-9", engine="premium", text=words("hello there"), **completed())
    delete = world.order(operator, other, "transcript.delete")

    row = tell(account, "tra-9", key=str(order.made_key), status=Status.PROCESSING, source=Source.REPLY)

    delete.refresh_from_db()
    assert Transcript.objects.get() == row
    assert (row.key, row.status, row.engine) == (order.made_key, Status.COMPLETED, "premium")
    assert row.text.utterances[0]["text"] == "hello there"
    assert str(row.key) in row.text.files[0]["path"]
    assert row.has_text
    assert delete.subject_key == row.key


def test_merging_never_sets_the_ordered_row_back(
    world: World, account: Account, recording: Recording, operator: Any
) -> None:
    order = world.order(operator, recording, "transcript.order")
    sent(order, world)
    tell(account, "", key=str(order.made_key), source=Source.REPLY, **completed())
    tell(account, "tra-9", status=Status.PROCESSING)

    row = tell(account, "tra-9", key=str(order.made_key), status=Status.PROCESSING, source=Source.REPLY)

    assert Transcript.objects.get() == row
    assert (row.key, row.status) == (order.made_key, Status.COMPLETED)


def test_merging_with_a_tombstone_leaves_a_tombstone(
    world: World, account: Account, recording: Recording, operator: Any
) -> None:
    order = world.order(operator, recording, "transcript.order")
    sent(order, world)
    tell(account, "tra-9", **completed())
    Transcript.objects.filter(external_id="tra-9").update(
        is_buried=True, status=Status.DELETED, deleted_by=operator
    )

    row = tell(account, "tra-9", key=str(order.made_key), text=words("back again"), **completed())

    assert (row.status, row.is_buried, row.deleted_by) == (Status.DELETED, True, operator)
    assert not row.has_text


def test_deleted_at_the_provider_keeps_our_words(
    world: World, account: Account, fifth: FifthSimulator, transcript: Transcript
) -> None:
    del fifth.transcripts[transcript.external_id]

    sync.apply(
        account, [Wanted(kind="transcript", external_id=transcript.external_id)], source=Source.WEBHOOK
    )
    world.work()

    transcript.refresh_from_db()
    assert transcript.status == Status.DELETED
    assert transcript.deleted_at is not None
    assert transcript.deleted_by is None
    assert transcript.has_text
    assert transcript.text.words > 10


def test_deleted_at_the_provider_is_forgotten_where_the_account_says_so(account: Account) -> None:
    account.forgets_with_provider = True
    account.save()
    tell(account, raw={"said": "hello"}, text=words("hello"), **completed())

    tell(account, status=Status.DELETED, status_at=LATER)
    row = tell(account, text=words("hello"), **completed())

    assert (row.status, row.is_buried, row.has_text, row.raw) == (Status.DELETED, True, False, {})
    assert row.deleted_at == LATER
    assert not hasattr(row, "text")


def test_first_seen_as_deleted(account: Account) -> None:
    row = tell(account, status=Status.DELETED, status_at=LATER)

    assert row.deleted_at == LATER


def test_absence_from_a_complete_listing_is_asked_about_before_it_is_a_deletion(
    world: World, account: Account, fifth: FifthSimulator, transcript: Transcript
) -> None:
    world.sweep(account)
    transcript.refresh_from_db()
    assert transcript.swept_at is not None
    del fifth.transcripts[transcript.external_id]

    world.advance(60)
    world.sweep(account)

    transcript.refresh_from_db()
    assert transcript.status == Status.DELETED
    assert transcript.has_text


def test_absence_that_a_read_contradicts_changes_nothing(
    world: World, account: Account, fifth: FifthSimulator, transcript: Transcript, monkeypatch: Any
) -> None:
    monkeypatch.setattr(FifthSimulator, "_page", lambda *_: _empty_page())

    world.advance(60)
    world.sweep(account, "sweep.recent")
    world.sweep(account)

    transcript.refresh_from_db()
    assert transcript.status == Status.COMPLETED


def test_absent_where_a_read_of_what_is_gone_is_an_error(
    world: World, account: Account, fifth: FifthSimulator, transcript: Transcript, monkeypatch: Any
) -> None:
    from recordings.providers.errors import NotFound

    def fetch(_self: Any, kind: str, external_id: str, *, parent: str = "") -> Any:
        raise NotFound("not found", status=404)

    monkeypatch.setattr(FifthAdapter, "fetch", fetch)
    del fifth.transcripts[transcript.external_id]

    world.advance(60)
    world.sweep(account)

    transcript.refresh_from_db()
    assert transcript.status == Status.DELETED
    assert transcript.reason


def _empty_page() -> Any:
    from tests.simulators.http import json_answer

    return json_answer({"items": [], "next": None})


def test_deleting_a_recording_asks_what_became_of_its_transcripts(
    world: World, account: Account, fifth: FifthSimulator, transcript: Transcript, operator: Any
) -> None:
    fifth.transcripts.clear()

    world.order(operator, transcript.recording, "recording.delete")
    world.advance(10)

    transcript.refresh_from_db()
    assert transcript.status == Status.DELETED
    assert not transcript.is_buried
    assert transcript.has_text


def test_transcripts_that_outlive_their_recording_stay(
    world: World, account: Account, fifth: FifthSimulator, transcript: Transcript, operator: Any
) -> None:
    world.order(operator, transcript.recording, "recording.delete")
    world.advance(10)

    transcript.refresh_from_db()
    assert transcript.status == Status.COMPLETED


def test_transcripts_that_cannot_be_read_are_not_asked_about(
    world: World, account: Account, transcript: Transcript, operator: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(FifthAdapter, "transcript_overdue_seconds", 1800.0)

    world.order(operator, transcript.recording, "recording.delete")
    world.advance(10)

    assert not Errand.objects.filter(kind="transcript.confirm").exists()


def test_overdue_is_said_without_a_false_status(
    world: World, account: Account, recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FifthAdapter, "transcript_overdue_seconds", 1800.0)
    row = tell(account, recording_external_id=recording.external_id, status=Status.REQUESTED)
    of_a_call = tell(account, "tra-2", call_external_id=recording.call.external_id, status=Status.IN_PROGRESS)
    done = tell(account, "tra-3", recording_external_id=recording.external_id, **completed())
    Call.objects.update(ended_at=world.clock.utc())
    rows = [row, of_a_call, done]

    def overdue() -> tuple[set[int], set[int]]:
        fresh = [Transcript.objects.get(pk=each.pk) for each in rows]
        by_query = set(Transcript.objects.overdue().values_list("pk", flat=True))
        return by_query, {each.pk for each in fresh if each.is_overdue}

    world.clock.advance(1700)
    assert overdue() == (set(), set())
    world.clock.advance(200)
    assert overdue() == ({row.pk, of_a_call.pk}, {row.pk, of_a_call.pk})
    assert Transcript.objects.get(pk=row.pk).status == Status.REQUESTED

    Recording.objects.update(status=Status.IN_PROGRESS)
    Call.objects.update(ended_at=None)
    assert overdue() == (set(), set())


def test_nothing_is_overdue_where_it_can_be_read(
    world: World, account: Account, recording: Recording
) -> None:
    row = tell(account, recording_external_id=recording.external_id, status=Status.PROCESSING)
    world.clock.advance(86_400)

    assert not row.is_overdue
    assert not Transcript.objects.overdue().exists()


def test_open_transcript_without_recording_and_call_is_never_overdue(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FifthAdapter, "transcript_overdue_seconds", 1800.0)

    assert not tell(account, status=Status.PROCESSING).is_overdue
    assert not Errand.objects.filter(kind="transcript.fetch").exists()
