"""Words of a running transcript, in pieces."""

import itertools
from typing import Any

import pytest

from recordings import sync
from recordings.models import Account, Call, Errand, Recording
from recordings.models.mirror import Source
from recordings.providers.errors import Refused
from recordings.providers.snapshots import Captions, Status, Utterance
from tests.fifth.adapter import FifthAdapter
from tests.transcripts.conftest import completed, tell, undone, words
from tests.world import World
from transcripts.models import Transcript


def piece(sequence: float, text: str, *, speaker: str = "Ada", **facts: Any) -> Captions:
    facts = {"call_external_id": "call-1", "kind": "live", **facts}
    spoken = (Utterance(text=text, speaker=speaker, start=sequence),) if text else ()
    return Captions(transcript_external_id="tra-1", sequence=sequence, utterances=spoken, **facts)


def hear(account: Account, *pieces: Captions) -> Transcript:
    sync.apply(account, pieces, source=Source.WEBHOOK)
    return Transcript.objects.get()


def said(transcript: Transcript) -> list[str]:
    return [each["text"] for each in transcript.text.utterances]


def test_pieces_in_any_order_each_doubled_are_one_text(account: Account) -> None:
    pieces = [piece(1.0, "one"), piece(2.5, "two"), piece(2.5, "at once", speaker="Bob")]
    ends = set()

    def arrive(order: tuple[Captions, ...]) -> None:
        ends.add(tuple(said(hear(account, *order))))

    for order in itertools.permutations(pieces):
        for doubled in ((*order, *order), tuple(each for each in order for _ in range(2))):
            undone(lambda doubled=doubled: arrive(doubled))  # type: ignore[misc]

    assert ends == {("one", "two", "at once")}


def test_first_piece_makes_the_running_transcript_with_its_call(account: Account) -> None:
    row = hear(account, piece(1.0, "hello there"))

    assert row.status == Status.IN_PROGRESS
    assert (row.kind, row.call) == ("live", Call.objects.get(external_id="call-1"))
    assert (row.has_text, row.text.words) == (True, 2)


def test_what_may_still_change_and_what_is_silent_is_not_kept(account: Account) -> None:
    row = hear(account, piece(1.0, "hel", is_final=False), piece(2.0, ""))

    assert not row.has_text
    assert not hasattr(row, "text")


def test_pieces_are_linked_to_their_recording(account: Account, recording: Recording) -> None:
    row = hear(account, piece(1.0, "hello", recording_external_id=recording.external_id))

    assert row.recording == recording


def test_finished_text_takes_the_place_of_the_pieces_and_later_pieces_change_nothing(
    world: World, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FifthAdapter, "fetch_text", lambda *_: words("Hello, there."))
    hear(account, piece(1.0, "hello"))
    tell(account, **completed())
    world.work()

    row = hear(account, piece(2.0, "there"))

    assert said(row) == ["Hello, there."]
    assert row.text.problem == ""


def test_pieces_stay_where_the_provider_keeps_no_text(
    world: World, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch_text(*_: Any) -> Any:
        raise Refused("It keeps none.")

    monkeypatch.setattr(FifthAdapter, "fetch_text", fetch_text)
    hear(account, piece(1.0, "hello"))
    tell(account, **completed())
    world.work()
    tell(account, **completed())

    row = hear(account, piece(2.0, "there"))

    assert said(row) == ["hello", "there"]
    assert (row.text.problem, row.has_text) == ("", True)
    assert Errand.objects.filter(kind="transcript.text").count() == 1


def test_empty_finished_text_does_not_take_the_pieces_away(
    world: World, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FifthAdapter, "fetch_text", lambda *_: words())
    hear(account, piece(1.0, "hello"))

    row = tell(account, **completed())
    world.work()

    row.refresh_from_db()
    assert said(row) == ["hello"]
