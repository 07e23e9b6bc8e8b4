"""After a transcript's delete nothing holds its words, and nothing brings them back."""

import os
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model

from recordings import clock, sync
from recordings.models import Account, Errand, Operation, OperationStep, Recording, WebhookDelivery
from recordings.models.mirror import Source
from recordings.providers.snapshots import Captions, Status, TextFile, TranscriptText, Utterance
from tests.contract.conftest import Provider, build
from tests.transcripts.conftest import completed, tell, words
from tests.world import World
from transcripts import burial, storage, tidying
from transcripts.models import Transcript

RARE = "Zwiebelfisch"


def holders(word: str, folder: Any) -> list[str]:
    """Every table and file in which this word stands, in whatever column."""
    needle, found = word.lower(), []
    for model in apps.get_models():
        for row in model._base_manager.values():
            values = [bytes(value) if isinstance(value, memoryview) else value for value in row.values()]
            if any(needle in _text(value).lower() for value in values):
                found.append(f"{model.__name__} {row}")
    files = [path for path in Path(folder).rglob("*") if path.is_file()]
    return found + [str(path) for path in files if needle.encode() in path.read_bytes().lower()]


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def mirror() -> list[Any]:
    """Everything that a replay might change."""
    return [
        list(model._base_manager.order_by("pk").values(*fields))
        for model, fields in (
            (Transcript, ("key", "external_id", "status", "is_buried", "raw", "has_text", "deleted_by")),
            (Recording, ("key", "external_id", "status", "is_buried")),
        )
    ]


def replay_all(world: World) -> None:
    WebhookDelivery.objects.update(state=WebhookDelivery.State.RECEIVED, due_at=clock.now(), lease_token=None)
    world.work(rounds=100)


def transcribed(provider: Provider) -> Transcript:
    """A recording of this provider with a transcript whose words are stored."""
    if provider.adapter.action("transcript.order") is None:
        provider.start_options = lambda: _with_transcript(provider)  # type: ignore[method-assign]
        provider.record()
        provider.world.advance(1800, step=60)
    else:
        recording = provider.record()
        options = {
            option.name: option.default
            for option in provider.adapter.action("transcript.order").options  # type: ignore[union-attr]
            if option.default is not None and not option.is_ours
        }
        provider.world.order(provider.user, recording, "transcript.order", **options)
        provider.world.work()
        provider.world.advance(120, step=10)
    return Transcript.objects.get()


def _with_transcript(provider: Provider) -> dict[str, Any]:
    return {**Provider.start_options(provider), "transcription_type": "auto"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("slug", ["recall", "vobiz", "fifth"])
def test_no_row_and_no_file_holds_a_rare_word_after_the_delete_and_no_replay_brings_it_back(
    world: World, manager: Any, slug: str, settings: Any
) -> None:
    provider = build(slug, world, manager)
    transcript = transcribed(provider)
    rare = max((word for each in transcript.text.utterances for word in each["text"].split()), key=len)
    assert holders(rare, settings.TAPEDECK_DATA)

    order = world.order(manager, transcript, "transcript.delete")
    world.work()
    world.advance(30)

    order.refresh_from_db()
    assert order.state == Operation.State.SUCCEEDED
    assert holders(rare, settings.TAPEDECK_DATA) == []
    transcript.refresh_from_db()
    assert (transcript.status, transcript.is_buried) == (Status.DELETED, True)
    assert transcript.deleted_by == manager
    assert transcript.deleted_at is not None

    before = mirror()
    replay_all(world)
    world.sweep(provider.account)
    assert mirror() == before
    assert holders(rare, settings.TAPEDECK_DATA) == []


@pytest.fixture
def spoken(world: World, transcript: Transcript) -> Transcript:
    """A transcript whose words lie wherever words can lie."""
    account, external_id = transcript.account, transcript.external_id
    stored = transcript.text
    stored.utterances[0]["text"] = RARE
    stored.extra, stored.note, stored.problem = {"summary": RARE}, RARE, RARE
    stored.save()
    Transcript.objects.filter(pk=transcript.pk).update(
        raw={"text": RARE}, options={"vocabulary": [RARE]}, reason=RARE, handle={"a": RARE}
    )
    made = Operation.objects.get(made_key=transcript.key)
    made.options = {"engine": "premium", "vocabulary": [RARE]}
    made.save()
    for order in Operation.objects.filter(recording=transcript.recording):
        for exchange in ({"method": "GET", "request": None, "response": [external_id, RARE]}, None):
            OperationStep.objects.create(
                operation=order, kind="looked", at=clock.now(), text="Looked.", exchange=exchange
            )
    for number, state in enumerate([*WebhookDelivery.State, WebhookDelivery.State.IGNORED]):
        deliver(account, f"d{number}", f"{external_id} {RARE}", state)
    sync.apply(
        account,
        [Captions(transcript_external_id=external_id, sequence=1.0, utterances=(Utterance(text=RARE),))],
        source=Source.WEBHOOK,
        delivery=WebhookDelivery.objects.get(dedupe_id="d1"),
    )
    for state, lease in ((Errand.State.QUEUED, None), (Errand.State.DONE, None)):
        Errand.objects.filter(kind="transcript.text", state=state).delete()
        Errand.objects.create(
            account=account,
            kind="transcript.text",
            subject=external_id,
            state=state,
            cursor={"so far": RARE},
            progress={"last": RARE},
            problem=RARE,
            lease_token=lease,
        )
    return Transcript.objects.get(pk=transcript.pk)


def deliver(account: Account, dedupe_id: str, body: str, state: str) -> WebhookDelivery:
    return WebhookDelivery.objects.create(
        account=account,
        dedupe_id=dedupe_id,
        event="transcript.done",
        state=state,
        body=body.encode(),
        received_at=clock.now(),
    )


@pytest.mark.django_db(transaction=True)
def test_words_go_from_wherever_they_lie(
    world: World, spoken: Transcript, operator: Any, settings: Any
) -> None:
    storage.keep(spoken, words(RARE).files)

    world.order(operator, spoken, "transcript.delete")
    world.work()

    # A delivery that was settled without a mention is none of this transcript's.
    left = [holder for holder in holders(RARE, settings.TAPEDECK_DATA) if "'state': 'settled'" not in holder]
    assert left == []
    assert not storage.folder_of(spoken).exists()
    made = Operation.objects.get(made_key=spoken.key)
    assert made.options == {"engine": "premium"}
    assert set(made.steps.exclude(exchange=None).values_list("exchange__response", flat=True)) == {"[erased]"}
    assert not Errand.objects.filter(kind="transcript.text", state=Errand.State.QUEUED).exists()


def test_what_is_about_others_stays(world: World, transcript: Transcript, operator: Any) -> None:
    account = transcript.account
    other = tell(account, "tra-other", text=words(RARE), **completed())
    mine = deliver(account, "other", f"tra-other {RARE}", WebhookDelivery.State.IGNORED)
    beside = world.order(operator, transcript.recording, "transcript.order", engine="premium")
    world.work()
    before = list(beside.steps.values_list("exchange", flat=True))

    world.order(operator, transcript, "transcript.delete")
    world.work()

    other.refresh_from_db()
    mine.refresh_from_db()
    assert other.text.utterances[0]["text"] == RARE
    assert storage.path_of(other.text.files[0]).is_file()
    assert RARE.encode() in bytes(mine.body)
    assert any(before)
    assert list(beside.steps.values_list("exchange", flat=True)) == before


def test_late_callback_leaves_neither_words_nor_body(
    world: World, transcript: Transcript, operator: Any
) -> None:
    account = transcript.account
    world.order(operator, transcript, "transcript.delete")
    world.work()
    delivery = deliver(account, "late", RARE, WebhookDelivery.State.RECEIVED)

    sync.apply(
        account,
        [
            Captions(
                transcript_external_id=transcript.external_id,
                sequence=9.0,
                utterances=(Utterance(text=RARE),),
            )
        ],
        source=Source.WEBHOOK,
        delivery=delivery,
    )
    row = tell(account, transcript.external_id, text=words(RARE), **completed())

    delivery.refresh_from_db()
    assert (bytes(delivery.body), delivery.is_erased) == (b"", True)
    assert delivery.mentions.filter(external_id=transcript.external_id).exists()
    assert (row.status, row.has_text, hasattr(row, "text")) == (Status.DELETED, False, False)


@pytest.mark.parametrize(
    ("event", "body", "state"),
    [
        ("words.spoken", '{{"transcript": "{id}", "text": "{word}"}}', WebhookDelivery.State.IGNORED),
        ("transcript.done", '{{"transcript": "{id}", "text": "{word}', WebhookDelivery.State.UNREADABLE),
    ],
)
def test_late_callback_that_is_not_read_leaves_no_words_either(
    world: World, transcript: Transcript, operator: Any, event: str, body: str, state: str
) -> None:
    account = transcript.account
    world.order(operator, transcript, "transcript.delete")
    world.work()
    told = {"state": WebhookDelivery.State.RECEIVED, "due_at": clock.now(), "received_at": clock.now()}
    late, other = (
        WebhookDelivery.objects.create(
            account=account,
            dedupe_id=f"late-{named}",
            event=event,
            body=body.format(id=named, word=RARE).encode(),
            **told,
        )
        for named in (transcript.external_id, "tra-of-another")
    )

    world.work()

    late.refresh_from_db()
    other.refresh_from_db()
    assert (late.state, bytes(late.body), late.is_erased) == (state, b"", True)
    assert (other.state, RARE.encode() in bytes(other.body)) == (state, True)


@pytest.mark.django_db(transaction=True)
def test_delete_while_the_words_are_being_read_leaves_nothing(
    world: World, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import transaction

    from recordings import connections
    from tests.fifth.adapter import FifthAdapter
    from transcripts import fetching

    monkeypatch.setattr(FifthAdapter, "fetch_text", lambda *_: words(RARE))
    row = tell(account, **completed())
    errand = Errand.objects.get(kind="transcript.text")
    step = fetching.read_text(errand, connections.open_account(account))
    with transaction.atomic():
        burial.forget(row)
    storage.keep(row, words(RARE).files)

    with transaction.atomic():
        step.write()

    row.refresh_from_db()
    assert not row.has_text
    assert not storage.folder_of(row).exists()


def test_copy_is_erased_once_the_provider_has_deleted_its_own(
    world: World,
    transcript: Transcript,
    operator: Any,
    manager: Any,
    fifth: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    with pytest.raises(burial.StillThere, match="order its deletion there"):
        burial.erase(operator, transcript)
    tell(transcript.account, transcript.external_id, status=Status.DELETED)
    world.advance(30)
    requests = len(fifth.requests)

    with django_capture_on_commit_callbacks(execute=True):
        burial.erase(operator, transcript)
        burial.erase(manager, transcript)
    replay_all(world)

    transcript.refresh_from_db()
    assert (transcript.status, transcript.is_buried, transcript.has_text) == (Status.DELETED, True, False)
    assert (transcript.deleted_by, transcript.reason) == (operator, burial.ERASED_HERE)
    assert not hasattr(transcript, "text")
    assert not storage.folder_of(transcript).exists()
    assert len(fifth.requests) == requests


def test_second_delete_keeps_who_was_first(world: World, transcript: Transcript, operator: Any) -> None:
    world.order(operator, transcript, "transcript.delete")
    world.work()
    transcript.refresh_from_db()
    deleted_at = transcript.deleted_at
    other = get_user_model().objects.create_user("other")
    again = Operation(account=transcript.account, subject_key=transcript.key, ordered_by=other)
    world.clock.advance(60)

    burial.bury(again)
    burial.bury(Operation(account=transcript.account, subject_key=uuid.uuid4()))

    transcript.refresh_from_db()
    assert (transcript.deleted_by, transcript.deleted_at) == (operator, deleted_at)


def test_next_completed_transcript_becomes_primary(
    world: World, transcript: Transcript, operator: Any
) -> None:
    where = {"recording_external_id": transcript.recording.external_id}
    tell(transcript.account, "tra-empty", **completed(is_empty=True), **where)
    tell(transcript.account, "tra-full", text=words("hello"), **completed(), **where)

    world.order(operator, transcript, "transcript.delete")
    world.work()

    assert Transcript.objects.get(is_primary=True).external_id == "tra-full"


def test_row_without_id_can_be_forgotten(world: World, recording: Recording, operator: Any) -> None:
    world.order(operator, recording, "transcript.order")
    row = Transcript.objects.get()

    burial.forget(row)

    row.refresh_from_db()
    assert (row.status, row.is_buried) == (Status.DELETED, True)


def test_order_of_a_kind_that_the_adapter_has_no_more_loses_all_its_options(
    world: World, transcript: Transcript
) -> None:
    Operation.objects.filter(made_key=transcript.key).update(kind="transcript.old", options={"engine": "x"})

    burial.forget(transcript)

    assert Operation.objects.get(made_key=transcript.key).options == {}


# Once a night.


def tidy(world: World, account: Account) -> None:
    tidying.ensure_standing(account)
    account.errands.filter(kind="transcripts.tidy").update(due_at=clock.now())
    world.work()


def age(folder: Path) -> None:
    long_ago = time.time() - 7200
    os.utime(folder, (long_ago, long_ago))


def test_night_removes_files_that_belong_to_nothing(
    world: World, account: Account, transcript: Transcript, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tidying, "AT_ONCE", 2)
    buried, silent = tell(account, "tra-2", **completed()), tell(account, "tra-3", **completed())
    Errand.objects.filter(kind="transcript.text").delete()
    Transcript.objects.filter(pk=buried.pk).update(is_buried=True)
    nobody, being_written = Transcript(account=account), Transcript(account=account)
    for row in (buried, silent, nobody, being_written):
        storage.keep(row, words(RARE).files)
    for row in (silent, nobody, transcript):
        age(storage.folder_of(row))
    stranger = storage.folder_of(transcript).parent / "notes"
    stranger.mkdir()

    tidy(world, account)

    left = {path.name for path in storage.folder_of(transcript).parent.iterdir()}
    assert left == {str(transcript.key), str(being_written.key), "notes"}


def test_night_asks_again_for_words_and_news_that_never_came(world: World, account: Account) -> None:
    silent = tell(account, "tra-1", **completed())
    quiet = tell(account, "tra-2", status=Status.PROCESSING)
    tell(account, "tra-3", text=words("hello"), **completed())
    Errand.objects.all().delete()
    world.clock.advance(7 * 3600)
    tell(account, "tra-4", status=Status.PROCESSING)
    Errand.objects.all().delete()
    tidying.ensure_standing(account)

    from recordings import connections

    errand = account.errands.get(kind="transcripts.tidy")
    tidying.tidy(errand, connections.open_account(account)).write()

    asked = set(Errand.objects.exclude(kind="transcripts.tidy").values_list("kind", "subject"))
    assert asked == {("transcript.text", silent.external_id), ("transcript.fetch", quiet.external_id)}


def test_night_does_not_read_what_is_pushed_once(
    world: World, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.fifth.adapter import FifthAdapter

    monkeypatch.setattr(FifthAdapter, "transcript_overdue_seconds", 1800.0)
    tell(account, status=Status.PROCESSING)
    world.clock.advance(7 * 3600)

    tidy(world, account)

    assert not Errand.objects.filter(kind="transcript.fetch").exists()


def test_file_names_of_the_provider_are_no_place_for_words(
    world: World, account: Account, settings: Any
) -> None:
    file = TextFile(name=f"{RARE}.txt", content_type="", content=b"x")
    row = tell(account, text=TranscriptText(utterances=(), files=(file,)), **completed())

    burial.forget(row)
    storage.discard(storage.folder_of(row))

    assert holders(RARE, settings.TAPEDECK_DATA) == []
