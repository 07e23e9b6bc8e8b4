"""Caption files of people: kept byte for byte, read as well as they can be, and deleted here alone."""

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from recordings import clock
from recordings.models import Errand, Recording
from recordings.providers.orders import TranscriptRef
from recordings.providers.snapshots import Status, Utterance
from recordings.sweep import listing_ended
from recordings.targets import Target
from tests.transcripts.conftest import completed, tell, words
from tests.world import World
from transcripts import imports, orders, storage
from transcripts.exports import Format, Options, words_of, written
from transcripts.models import IMPORTED, Transcript, TranscriptText

VTT = """WEBVTT

00:00:00.250 --> 00:00:02.001
<v Ana Silva>Good morning &amp; welcome.

00:00:02.000 --> 00:00:03.500
<v Bob>No &lt;b&gt;html&lt;/b&gt;, please\u202e.
"""


def take(
    user: Any, recording: Recording, content: str | bytes = VTT, name: str = "board meeting.vtt"
) -> Transcript:
    body = content.encode() if isinstance(content, str) else content
    return imports.take(user, recording, name, body)


def text_of(transcript: Transcript) -> TranscriptText:
    return TranscriptText.objects.get(transcript=transcript)


def test_file_becomes_a_transcript_beside_the_others(
    world: World, recording: Recording, transcript: Transcript, operator: Any
) -> None:
    before = text_of(transcript).utterances

    imported = take(operator, recording)

    assert (imported.kind, imported.engine, imported.status) == (IMPORTED, "board meeting.vtt", "completed")
    assert (imported.recording, imported.call) == (recording, recording.call)
    assert imported.options["imported by"] == operator.username
    assert (imported.external_id, imported.source) == ("", "")
    assert [(each.speaker, each.start, each.text) for each in words_of(imported)] == [
        ("Ana Silva", 0.25, "Good morning & welcome."),
        ("Bob", 2.0, "No <b>html</b>, please\u202e."),
    ]
    assert text_of(transcript).utterances == before
    transcript.refresh_from_db()
    assert transcript.is_primary


def test_file_is_kept_byte_for_byte(world: World, recording: Recording, operator: Any) -> None:
    content = b"\xef\xbb\xbf" + VTT.replace("\n", "\r\n").encode()

    imported = take(operator, recording, content)

    [entry] = text_of(imported).files
    assert storage.path_of(entry).read_bytes() == content
    assert entry["name"] == "board meeting.vtt"


def test_first_of_a_recording_is_its_primary(world: World, recording: Recording, operator: Any) -> None:
    imported = take(operator, recording)

    imported.refresh_from_db()
    assert imported.is_primary


def test_export_imported_again_says_the_same(world: World, recording: Recording, operator: Any) -> None:
    talk = (
        Utterance(text="Ja, <i>ganz</i> recht.\nUnd?", speaker="Zoë -->", start=0.001, end=1.999),
        Utterance(text="שלום & 你好", start=7200.5, end=7200.5),
        Utterance(text="Offen", speaker="Bob", start=7300.0),
    )

    imported = take(operator, recording, written(Transcript(), talk, Options(format=Format.VTT)))

    assert words_of(imported) == talk


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("cut.vtt", VTT + "\n00:00:09.000 --> 00:0\nhere it was c", "cue"),
        ("latin.srt", "1\n00:00:01,000 --> 00:00:02,000\nCafé\n".encode("cp1252"), "not UTF-8"),
        ("back.srt", "1\n00:00:03,000 --> 00:00:02,000\nBack\n", "end before the start"),
        ("none.vtt", "WEBVTT\n", "No words"),
        ("empty.srt", "", "No words"),
        ("noise.vtt", bytes(range(256)) * 20, "WEBVTT"),
    ],
)
def test_flawed_file_is_kept_and_flagged(
    world: World, recording: Recording, operator: Any, name: str, content: str | bytes, problem: str
) -> None:
    imported = take(operator, recording, content, name)

    assert problem in text_of(imported).problem
    assert imported.status == Status.COMPLETED
    assert len(text_of(imported).files) == 1


def test_name_may_hold_anything(world: World, recording: Recording, operator: Any, tmp_path: Path) -> None:
    imported = take(operator, recording, name="../../\x00\u202e<b>" + "x" * 300 + ".vtt")

    [entry] = text_of(imported).files
    assert storage.path_of(entry).is_relative_to(tmp_path)
    assert len(imported.engine) == 100
    assert "\x00" not in imported.engine


def test_large_file_is_read_by_an_errand(
    world: World, recording: Recording, operator: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(imports, "AT_ONCE", 10)

    imported = take(operator, recording)
    assert (imported.status, imported.has_text) == (Status.PROCESSING, False)
    world.work()

    imported.refresh_from_db()
    assert (imported.status, imported.has_text) == (Status.COMPLETED, True)
    assert imported.completed_at == clock.now()
    assert len(words_of(imported)) == 2
    assert len(text_of(imported).files) == 1


def test_large_file_deleted_before_it_was_read_stays_deleted(
    world: World, recording: Recording, operator: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(imports, "AT_ONCE", 10)
    imported = take(operator, recording)
    errand = Errand.objects.get(kind=imports.ERRAND)
    step = imports.step(errand)

    imports.delete(operator, imported)
    step.write()
    world.work()

    imported.refresh_from_db()
    assert imported.is_buried
    assert not TranscriptText.objects.filter(transcript=imported).exists()
    assert imports.step(errand).cursor is None


def test_file_that_kills_its_worker_stays_and_says_so(
    world: World, recording: Recording, operator: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(imports, "AT_ONCE", 10)
    imported = take(operator, recording)
    Errand.objects.filter(kind=imports.ERRAND).update(deaths=3)

    world.work()

    imported.refresh_from_db()
    assert imported.status == Status.COMPLETED
    assert "put aside" in text_of(imported).problem
    imports.give_up(Errand(subject=str(imported.key)), "Again.")
    assert "put aside" in text_of(imported).problem


@pytest.mark.parametrize("limit", ["MOST_CUES", "MOST_LINES"])
def test_more_cues_than_anybody_reads_are_kept_as_a_file(
    world: World, recording: Recording, operator: Any, monkeypatch: Any, limit: str
) -> None:
    monkeypatch.setattr(imports, limit, 1)

    imported = take(operator, recording)

    assert "kept as a file" in text_of(imported).problem
    assert not imported.has_text


def test_large_file_of_an_old_encoding_is_kept_as_a_file(
    world: World, recording: Recording, operator: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(imports, "LARGEST_OTHER", 10)

    old = take(operator, recording, VTT.replace("Good", "Gööd").encode("cp1252", "replace"))
    utf8, utf16 = take(operator, recording), take(operator, recording, VTT.encode("utf-16"))

    assert "not UTF-8" in text_of(old).problem
    assert (text_of(utf8).problem, text_of(utf16).problem) == ("", "")


# What no provider had, no provider is asked about.


def test_imported_one_is_no_transcript_of_the_provider(
    world: World, recording: Recording, operator: Any
) -> None:
    take(operator, recording)

    assert set(orders.counts(recording).values()) == {0}


def test_imported_one_is_not_taken_for_one_that_was_ordered(
    world: World, recording: Recording, operator: Any
) -> None:
    imported = take(operator, recording)

    told = tell(
        recording.account, "tra-9", recording_external_id=recording.external_id, **completed(text=words("x"))
    )

    assert told.pk != imported.pk


def test_listing_without_it_deletes_nothing(world: World, recording: Recording, operator: Any) -> None:
    imported = take(operator, recording)
    later = clock.now() + timedelta(hours=1)

    listing_ended.send(Errand, account=recording.account, phase="transcripts", began=later, since=None)
    world.work()

    imported.refresh_from_db()
    assert imported.status == Status.COMPLETED


def test_its_delete_is_ours_alone(world: World, recording: Recording, operator: Any, fifth: Any) -> None:
    imported = take(operator, recording)
    requests = len(fifth.requests)

    imports.delete(operator, imported)
    world.work()

    imported.refresh_from_db()
    assert (imported.status, imported.is_buried, imported.deleted_by) == ("deleted", True, operator)
    assert imported.deleted_at == clock.now()
    assert imported.options == {}
    assert not TranscriptText.objects.filter(transcript=imported).exists()
    assert len(fifth.requests) == requests


def test_deleted_twice_keeps_the_first_name(
    world: World, recording: Recording, operator: Any, manager: Any
) -> None:
    imported = take(operator, recording)

    imports.delete(operator, imported)
    imports.delete(manager, imported)

    imported.refresh_from_db()
    assert imported.deleted_by == operator


def test_provider_s_transcript_is_not_deleted_behind_its_back(
    world: World, transcript: Transcript, operator: Any
) -> None:
    with pytest.raises(imports.CannotDelete, match="order its deletion there"):
        imports.delete(operator, transcript)

    transcript.refresh_from_db()
    assert not transcript.is_buried


def test_no_provider_can_act_on_it(world: World, recording: Recording, operator: Any) -> None:
    ref = Target.of(take(operator, recording)).ref()

    assert isinstance(ref, TranscriptRef)
    assert ref.external_id == ""


def test_errand_about_a_transcript_that_is_gone_does_nothing(recording: Recording) -> None:
    errand = Errand(account=recording.account, subject=str(uuid.uuid4()))

    imports.give_up(errand, "It died.")

    assert imports.step(errand).cursor is None
