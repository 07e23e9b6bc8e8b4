"""The words of transcripts: read once, kept with their files, never silently replaced."""

import errno
import hashlib
import math
import os
from pathlib import Path
from typing import Any

import pytest

from recordings.models import Account, Errand, Recording
from recordings.models.mirror import Source
from recordings.providers.errors import Refused, Unavailable
from recordings.providers.snapshots import Status, TextFile, TranscriptText, Utterance, Word
from tests.fifth.adapter import FifthAdapter
from tests.fifth.simulator import FifthSimulator
from tests.simulators.speech import conversation
from tests.transcripts.conftest import completed, tell, undone, words
from tests.world import World
from transcripts import fetching, storage, texts
from transcripts.models import Transcript
from transcripts.models import TranscriptText as Stored


def errand_of(account: Account) -> Errand:
    return Errand.objects.get(account=account, kind="transcript.text")


def test_words_are_those_that_were_spoken(transcript: Transcript) -> None:
    spoken = conversation(0)

    text = transcript.text

    assert [each["text"] for each in text.utterances] == [turn.text for turn in spoken.turns]
    assert text.utterances[0]["speaker"] == spoken.speakers[spoken.turns[0].speaker]
    assert text.words == len(spoken.text.split())
    assert not transcript.is_empty


def test_file_is_kept_byte_for_byte(transcript: Transcript, fifth: FifthSimulator, settings: Any) -> None:
    (entry,) = transcript.text.files

    content = storage.path_of(entry).read_bytes()

    assert content == fifth._text(transcript.external_id).body
    assert entry["sha256"] == hashlib.sha256(content).hexdigest()
    assert entry["size"] == len(content)
    assert (entry["name"], entry["content_type"]) == ("transcript.vtt", "text/vtt")
    folder = Path(settings.TAPEDECK_DATA) / "transcripts" / str(transcript.account.key) / str(transcript.key)
    assert [path.name for path in folder.iterdir()] == [Path(entry["path"]).name]


def test_words_that_came_with_the_news_are_stored_at_once(account: Account) -> None:
    row = tell(account, text=words("good morning", "bye", language="en"), **completed())

    assert [each["text"] for each in row.text.utterances] == ["good morning", "bye"]
    assert row.has_text
    assert row.language == "en"
    assert storage.path_of(row.text.files[0]).read_bytes() == b"good morning\nbye"
    assert not Errand.objects.filter(kind="transcript.text").exists()


def test_same_words_again_change_nothing(account: Account) -> None:
    first = tell(account, text=words("good morning"), **completed())

    second = tell(account, text=words("good  morning", name="again.txt"), **completed())

    assert second.text.stored_at == first.text.stored_at
    assert second.text.problem == ""
    assert len(second.text.files) == 1


def test_other_words_do_not_replace_the_first_but_are_told_and_kept(account: Account) -> None:
    tell(account, text=words("good morning"), **completed())

    for _ in range(2):
        row = tell(account, text=words("bad evening"), **completed())

    assert [each["text"] for each in row.text.utterances] == ["good morning"]
    assert row.text.problem == texts.ANOTHER
    contents = [storage.path_of(entry).read_bytes() for entry in row.text.files]
    assert contents == [b"good morning", b"bad evening"]


def test_words_replace_an_emptiness_but_an_emptiness_replaces_no_words(account: Account) -> None:
    empty = tell(account, text=TranscriptText(utterances=(), note="silence"), **completed())
    assert (empty.is_empty, empty.has_text, empty.text.note) == (True, False, "silence")

    told = tell(account, text=words("good morning"), **completed())
    again = tell(account, text=TranscriptText(utterances=()), **completed(is_empty=True))

    assert (told.is_empty, told.has_text) == (False, True)
    assert (again.is_empty, again.has_text) == (False, True)
    assert again.text.words == 2


def test_transcript_told_to_be_empty_is_not_read(account: Account) -> None:
    row = tell(account, **completed(is_empty=True, reason="nothing was said"))

    assert (row.is_empty, row.reason) == (True, "nothing was said")
    assert not Errand.objects.filter(kind="transcript.text").exists()


def test_unreadable_file_is_kept_and_said(account: Account) -> None:
    file = TextFile(name="words.bin", content_type="", content=b"\xff\xfe\x00")
    text = TranscriptText(utterances=(), files=(file,), problem="It is no text.")

    row = tell(account, text=text, **completed())

    assert (row.has_text, row.is_empty) == (False, False)
    assert row.text.problem == "It is no text."
    assert storage.path_of(row.text.files[0]).read_bytes() == b"\xff\xfe\x00"


def test_what_no_database_holds_is_replaced(account: Account) -> None:
    word = Word(text="a\x00b", start=math.nan, end=1.0)
    spoken = Utterance(text="a\x00b \ud800", speaker="x\x00", start=math.inf, words=(word,))
    text = TranscriptText(utterances=(spoken,), extra={"k\x00": ["\udfff", 2.5, None]}, note="\x00")

    row = tell(account, text=text, raw={"said": "\x00"}, reason="\x00", engine="\x00", **completed())

    (utterance,) = row.text.utterances
    assert utterance["text"] == "a\ufffdb \ufffd"
    assert utterance["speaker"] == "x\ufffd"
    assert utterance["start"] is None
    assert utterance["words"] == [["a\ufffdb", None, 1.0, None]]
    assert row.text.extra == {"k\ufffd": ["\ufffd", 2.5, None]}
    assert row.raw == {"said": "\ufffd"}
    assert (row.reason, row.engine) == ("\ufffd", "\ufffd")


def test_hostile_file_names_stay_in_their_folder(account: Account) -> None:
    names = ["../../etc/passwd", ".hidden", "", "a/b\\c\x00.vtt", "ü" * 300]
    files = tuple(TextFile(name=name, content_type="", content=name.encode()) for name in names)

    row = tell(account, text=TranscriptText(utterances=(), files=files), **completed())

    folder = storage.folder_of(row)
    assert len(list(folder.iterdir())) == len(names)
    assert all(storage.path_of(entry).parent == folder.resolve() for entry in row.text.files)


def test_path_outside_the_folder_is_refused(account: Account) -> None:
    with pytest.raises(ValueError, match="not a transcript"):
        storage.path_of({"path": "transcripts/../keys"})


def test_crash_between_file_and_row_is_made_good(
    world: World, account: Account, fifth: FifthSimulator, recording: Recording, operator: Any
) -> None:
    world.order(operator, recording, "transcript.order")
    world.work()
    fifth.transcripts["tra-1"]["status"] = "done"
    row = tell(account, "tra-1", **completed())
    errand = errand_of(account)
    from recordings import connections

    fetching.read_text(errand, connections.open_account(account))
    assert not Stored.objects.exists()
    assert storage.folder_of(row).is_dir()
    world.work()

    row.refresh_from_db()
    assert row.has_text
    assert len(list(storage.folder_of(row).iterdir())) == 1


def test_half_written_file_leaves_nothing(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    row = tell(account, status=Status.PROCESSING)

    with pytest.raises(OSError, match="No space"):
        storage.keep(row, words("hello").files)

    assert list(storage.folder_of(row).iterdir()) == []


def test_full_disk_is_said_and_tried_again_until_it_is_freed(
    world: World, account: Account, recording: Recording, operator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(storage, "_write", full)
        world.order(operator, recording, "transcript.order")
        world.work()
        world.advance(1200, step=60)
        assert "No space left" in errand_of(account).problem
        assert errand_of(account).state == Errand.State.QUEUED
    world.advance(90)

    assert Transcript.objects.get().has_text
    account.refresh_from_db()
    assert account.is_healthy


def test_refused_words_are_said_on_the_transcript_and_not_asked_for_by_each_listing(
    world: World, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch_text(*_: Any) -> TranscriptText:
        raise Refused("It sends them once only.")

    monkeypatch.setattr(FifthAdapter, "fetch_text", fetch_text)
    tell(account, **completed())
    world.work()

    row = tell(account, source=Source.SWEEP, **completed())

    assert (row.text.problem, row.has_text, row.is_empty) == ("It sends them once only.", False, False)
    assert errand_of(account).state == Errand.State.FAILED
    row = tell(account, text=words("here they are"), **completed())
    assert (row.text.problem, row.has_text) == ("", True)


def test_words_that_the_provider_cannot_give_for_hours_are_asked_for_by_the_next_listing(
    world: World, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch_text(*_: Any) -> TranscriptText:
        raise Unavailable("down", status=503)

    with monkeypatch.context() as patch:
        patch.setattr(FifthAdapter, "fetch_text", fetch_text)
        tell(account, **completed())
        for _ in range(12):
            Account.objects.update(is_healthy=True)  # Only this read fails: other work shows it.
            world.advance(300, step=300)
        assert errand_of(account).state == Errand.State.FAILED
        assert not Stored.objects.exists()

    monkeypatch.setattr(FifthAdapter, "fetch_text", lambda *_: words("at last"))
    tell(account, source=Source.SWEEP, **completed())
    Account.objects.update(is_healthy=True)
    world.work()

    assert Transcript.objects.get().has_text


def test_giving_up_leaves_words_that_came_otherwise(world: World, account: Account) -> None:
    row = tell(account, **completed())
    errand = errand_of(account)
    tell(account, text=words("hello"), **completed())

    fetching.give_up(errand, "refused")

    row.refresh_from_db()
    assert row.text.problem == ""


def test_giving_up_on_what_is_gone_does_nothing(world: World, account: Account) -> None:
    row = tell(account, **completed())
    errand = errand_of(account)
    row.is_buried = True
    row.save()

    fetching.give_up(errand, "refused")
    row.delete()
    fetching.give_up(errand, "refused")

    assert not Stored.objects.exists()


def test_completion_while_a_read_that_came_too_early_runs_is_not_missed(
    world: World, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    from recordings import connections

    monkeypatch.setattr(FifthAdapter, "fetch_text", lambda *_: words("hello"))
    row = tell(account, status=Status.PROCESSING)
    texts.ask_for(row)
    early = fetching.read_text(errand_of(account), connections.open_account(account))
    tell(account, **completed())
    Errand.objects.filter(kind="transcript.text").update(state=Errand.State.DONE)

    early.write()
    world.work()

    row.refresh_from_db()
    assert row.has_text


def test_words_of_an_unknown_or_open_transcript_are_not_read(
    world: World, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = tell(account, status=Status.PROCESSING)
    texts.ask_for(row)
    Errand.objects.create(account=account, kind="transcript.text", subject="nobody", due_at=world.clock.utc())
    Errand.objects.filter(kind="transcript.fetch").delete()

    world.work()

    kinds = Errand.objects.filter(kind="transcript.text").values_list("state", flat=True)
    assert set(kinds) == {Errand.State.DONE}
    assert not Stored.objects.exists()


def test_row_that_was_merged_away_while_it_was_read_is_read_anew(
    world: World, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    from recordings import connections

    monkeypatch.setattr(FifthAdapter, "fetch_text", lambda *_: words("hello"))
    row = tell(account, **completed())
    step = fetching.read_text(errand_of(account), connections.open_account(account))
    row.delete()
    kept = tell(account, **completed())
    Errand.objects.filter(kind="transcript.text").update(state=Errand.State.DONE)

    step.write()
    kept.refresh_from_db()
    assert not kept.has_text
    world.work()

    kept.refresh_from_db()
    assert kept.has_text
    assert str(kept.key) in kept.text.files[0]["path"]


def test_merging_leaves_missing_files_out_and_keeps_the_words_that_are_there(account: Account) -> None:
    kept = tell(account, "tra-1", **completed(text=words("hello")))
    gone = tell(account, "tra-2", **completed(text=words("good bye")))
    silent = tell(account, "tra-3", text=TranscriptText(utterances=(), problem="?"), **completed())
    storage.path_of(gone.text.files[0]).unlink()

    undone(lambda: texts.take_over(kept, gone))
    texts.take_over(silent, gone)

    kept.refresh_from_db()
    assert kept.text.utterances[0]["text"] == "hello"
    taken = Stored.objects.get(transcript=silent)
    assert taken.utterances[0]["text"] == "good bye"
    assert taken.files == []


def test_three_hours_of_words_are_stored(account: Account) -> None:
    spoken = tuple(
        Utterance(
            text=" ".join(["word"] * 10),
            start=float(number),
            words=tuple(Word(text="word", start=number + 0.1, end=number + 0.2) for _ in range(10)),
        )
        for number in range(3000)
    )

    row = tell(account, text=TranscriptText(utterances=spoken), **completed())

    assert row.text.words == 30_000
