"""Many transcripts as one file: whole, only what the person may see, and gone when it must go."""

import hashlib
import io
import json
import os
import time
import tracemalloc
import uuid
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import docx
import pytest
from django.contrib.auth.models import Group

from recordings import clock
from recordings.models import Account, Errand
from recordings.providers.snapshots import Status
from tests.transcripts.conftest import completed, tell, words
from tests.world import World
from transcripts import archives, archives_steps, archives_tidying, burial
from transcripts.archives import ExportRefused, Source, require_visible
from transcripts.archives_files import folder_of, whole_of
from transcripts.archives_packing import Part, merge
from transcripts.exports import Format, Options
from transcripts.merging import merge as merge_rows
from transcripts.models import Export, ExportItem, Transcript

# Files go once their transaction is committed.
commits = pytest.mark.django_db(transaction=True)
RARE = "Zwiebelfisch"
State = Export.State


@pytest.fixture
def talk(account: Account) -> Transcript:
    """A transcript whose words are stored."""
    return made(account, f"=Hello {RARE}")


def made(account: Account, *texts: str, name: str = "") -> Transcript:
    return tell(account, name or str(uuid.uuid4()), **completed(text=words(*texts, name="words.txt")))


def order(user: Any, *transcripts: Transcript, form: Format = Format.TXT, **facts: Any) -> Export:
    options = facts.pop("options", Options(format=form))
    return archives.order(
        user, options=options, order_key=str(uuid.uuid4()), transcripts=transcripts, **facts
    )


def done(world: World, export: Export) -> Export:
    world.work(rounds=100)
    export.refresh_from_db()
    return export


def opened(export: Export) -> ZipFile:
    return ZipFile(whole_of(export))


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A list of transcripts by their ids, five a page."""

    @contextmanager
    def of(ids: list[int]) -> Any:
        def find(user: Any, query: str, cursor: str) -> tuple[list[int], str]:
            first = int(cursor or 0)
            past = first + 5
            return ids[first:past], str(past) if past < len(ids) else ""

        monkeypatch.setitem(archives._sources, "list", Source(label="A list", find=find))
        yield

    return of


# What is in it.


def test_export_is_a_zip_with_manifest_and_checksums(
    world: World, account: Account, operator: Any, talk: Transcript
) -> None:
    other = made(account, "Second")

    export = done(world, order(operator, talk, other, form=Format.CSV, time_zone="Asia/Kolkata"))

    with opened(export) as whole:
        assert whole.testzip() is None
        *files, manifest, sums = whole.namelist()
        contents = {name: whole.read(name) for name in whole.namelist()}
    assert (manifest, sums) == ("manifest.json", "SHA256SUMS")
    assert (export.state, export.total, export.done, export.left_out) == (State.READY, 2, 2, 0)
    assert export.size == whole_of(export).stat().st_size
    told = json.loads(contents[manifest])
    assert told["exported_by"] == operator.username
    assert told["options"]["format"] == "csv"
    assert told["made_at"].endswith("+05:30")
    assert [each["file"] for each in told["transcripts"]] == files
    assert told["transcripts"][0]["key"] == str(talk.key)
    assert contents[sums].decode().splitlines() == [
        f"{hashlib.sha256(contents[name]).hexdigest()}  {name}" for name in (*files, manifest)
    ]
    assert f"'=Hello {RARE}" in contents[files[0]].decode()


@pytest.mark.parametrize("form", list(Format))
def test_every_format_can_be_exported(world: World, operator: Any, talk: Transcript, form: Format) -> None:
    export = done(world, order(operator, talk, form=form))

    with opened(export) as whole:
        content = whole.read(whole.namelist()[0])
    if form is Format.DOCX:
        content = "\n".join(each.text for each in docx.Document(io.BytesIO(content)).paragraphs).encode()
    assert RARE.encode() in content


def test_whole_list_is_exported_page_by_page(
    world: World, account: Account, operator: Any, source: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives_steps, "AT_ONCE", 4)
    rows = [made(account, f"number {number}") for number in range(11)]

    with source([row.pk for row in rows] + [rows[0].pk]):
        export = done(world, order(operator, source="list", query="status=completed"))

    with opened(export) as whole:
        assert whole.testzip() is None
        assert len(whole.namelist()) == 11 + 2
        assert json.loads(whole.read("manifest.json"))["filters"] == "status=completed"
    assert [path.name for path in folder_of(export).iterdir()] == ["transcripts.zip"]


def test_long_step_ends_early_and_goes_on(
    world: World, account: Account, operator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives_steps, "STEP_SECONDS", -1.0)

    export = done(world, order(operator, *(made(account, "words") for _ in range(3))))

    assert Errand.objects.get(kind=archives.ERRAND).step >= 3
    with opened(export) as whole:
        assert len(whole.namelist()) == 5


def test_what_has_no_words_is_left_out_and_told(
    world: World, account: Account, operator: Any, talk: Transcript
) -> None:
    silent = tell(account, "tra-silent", status=Status.PROCESSING)

    export = done(world, order(operator, talk, silent))

    assert (export.done, export.left_out) == (2, 1)
    with opened(export) as whole:
        left_out = json.loads(whole.read("manifest.json"))["left_out"]
    assert left_out == [{"key": str(silent.key), "reason": "It has no words here."}]


@commits
def test_export_of_nothing_fails_and_says_why(
    world: World, account: Account, operator: Any, source: Any
) -> None:
    with source([]):
        empty = done(world, order(operator, source="list"))
    silent = done(world, order(operator, tell(account, "tra-1", status=Status.PROCESSING)))

    assert (empty.state, empty.problem) == (
        State.FAILED,
        "Nothing was left to export: the filters let nothing through.",
    )
    assert (silent.state, silent.problem) == (
        State.FAILED,
        "Nothing was left to export: It has no words here.",
    )
    assert not folder_of(silent).exists()


def test_source_that_is_not_there_any_more_finds_nothing(
    world: World, account: Account, operator: Any
) -> None:
    assert done(world, order(operator, source="gone")).state == State.FAILED


# Ordering.


def test_same_form_twice_is_one_export(world: World, operator: Any, talk: Transcript) -> None:
    key = str(uuid.uuid4())

    first, second = (
        archives.order(operator, options=Options(), order_key=key, transcripts=[talk]) for _ in range(2)
    )

    assert first == second
    assert Errand.objects.filter(kind=archives.ERRAND).count() == 1


def test_same_form_at_the_same_moment_is_one_export(
    world: World, operator: Any, talk: Transcript, monkeypatch: Any
) -> None:
    carrier, key = archives._carrier, str(uuid.uuid4())

    def overtaken(user: Any) -> Any:
        monkeypatch.setattr(archives, "_carrier", carrier)
        archives.order(operator, options=Options(), order_key=key, transcripts=[talk])
        return carrier(user)

    monkeypatch.setattr(archives, "_carrier", overtaken)

    assert archives.order(operator, options=Options(), order_key=key, transcripts=[talk])
    assert Export.objects.count() == 1


def test_nothing_chosen_is_refused(operator: Any, account: Account) -> None:
    with pytest.raises(ExportRefused, match="nothing to export"):
        order(operator)


def test_who_has_no_account_has_nothing_to_export(operator: Any) -> None:
    with pytest.raises(ExportRefused, match="nothing to export"):
        order(operator, source="list")


def test_too_many_chosen_are_refused(operator: Any, talk: Transcript, monkeypatch: Any) -> None:
    monkeypatch.setattr(archives, "MOST_CHOSEN", 1)

    with pytest.raises(ExportRefused, match="one by one"):
        order(operator, talk, talk)


def test_too_many_found_are_refused(
    world: World, account: Account, operator: Any, source: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(archives, "MOST", 6)

    with source([made(account, "a").pk for _ in range(8)]):
        export = done(world, order(operator, source="list"))

    assert export.state == State.FAILED
    assert "narrow the filters" in export.problem


def test_export_needs_no_provider(world: World, operator: Any, account: Account, talk: Transcript) -> None:
    Account.objects.update(sealed_secrets="nobody can read this", is_healthy=False)

    export = done(world, order(operator, talk))

    assert export.state == State.READY
    account.refresh_from_db()
    assert account.is_healthy is False


def test_healthy_account_carries_it(world: World, operator: Any, account: Account, talk: Transcript) -> None:
    healthy = Account.objects.create(name="Healthy", provider=account.provider, is_healthy=True)

    order(operator, talk)

    assert Errand.objects.get(kind=archives.ERRAND).account == healthy


# Who may see it.


def hide(account: Account) -> None:
    account.groups.add(Group.objects.create(name="others"))


@commits
def test_account_that_one_may_not_see_is_in_no_export(
    world: World, account: Account, operator: Any, talk: Transcript, tmp_path: Path
) -> None:
    exports = [order(operator, talk, form=form) for form in Format]
    hide(account)

    assert {done(world, export).state for export in exports} == {State.FAILED}
    assert not list((tmp_path / "exports").iterdir())


def test_account_hidden_between_leaves_no_trace(
    world: World, account: Account, operator: Any, talk: Transcript
) -> None:
    seen = Account.objects.create(name="Seen", provider=account.provider)
    visible = made(seen, "visible")
    export = order(operator, talk, visible)
    hide(account)

    done(world, export)

    with opened(export) as whole:
        everything = b"".join(whole.read(name) for name in whole.namelist())
    assert RARE.encode() not in everything
    assert str(talk.key).encode() not in everything
    assert account.name.encode() not in everything


def test_disabled_person_gets_nothing(world: World, operator: Any, talk: Transcript) -> None:
    export = order(operator, talk)
    operator.is_active = False
    operator.save()

    assert done(world, export).state == State.FAILED


@commits
def test_download_is_refused_and_the_file_erased_once_something_in_it_is_hidden(
    world: World, account: Account, operator: Any, talk: Transcript
) -> None:
    export = done(world, order(operator, talk))
    require_visible(export, operator)
    hide(account)

    with pytest.raises(ExportRefused, match="may not see"):
        require_visible(export, operator)

    assert not folder_of(export).exists()
    assert Export.objects.get().state == State.ERASED


# Deletions.


@commits
def test_deleted_transcript_is_in_no_export(
    world: World, operator: Any, talk: Transcript, tmp_path: Path
) -> None:
    ready = [done(world, order(operator, talk, form=form)) for form in Format]
    waiting = [order(operator, talk, form=form) for form in Format]

    burial.forget(Transcript.objects.get(pk=talk.pk))
    later = [order(operator, talk, form=form) for form in Format]

    assert {done(world, each).state for each in (*ready, *waiting)} == {State.ERASED}
    assert {done(world, each).state for each in later} == {State.FAILED}
    assert not list((tmp_path / "exports").iterdir())
    assert not Errand.objects.filter(kind=archives.ERRAND, state=Errand.State.QUEUED).exists()


@commits
def test_transcript_that_is_deleted_while_a_step_runs_is_in_no_file(
    world: World, operator: Any, talk: Transcript, monkeypatch: Any
) -> None:
    export = order(operator, talk)
    written = archives_steps.written

    def write_then_delete(*args: Any) -> bytes:
        content = written(*args)
        burial.forget(Transcript.objects.get(pk=talk.pk))
        return content

    monkeypatch.setattr(archives_steps, "written", write_then_delete)
    done(world, export)

    assert export.state == State.ERASED
    assert not folder_of(export).exists()


def test_deletion_that_is_taken_back_leaves_the_export(world: World, operator: Any, talk: Transcript) -> None:
    from tests.transcripts.conftest import undone

    export = done(world, order(operator, talk))

    undone(lambda: burial.forget(Transcript.objects.get(pk=talk.pk)))

    assert whole_of(export).is_file()


def test_export_follows_a_transcript_that_is_merged_into_another(
    world: World, account: Account, operator: Any, talk: Transcript
) -> None:
    kept = Transcript.objects.create(account=account, sort_at=clock.now())
    export = done(world, order(operator, talk))

    merge_rows(kept, talk)
    burial.forget(Transcript.objects.get(pk=kept.pk))

    assert Export.objects.get(pk=export.pk).state == State.ERASED


def test_merging_two_that_are_in_one_export_keeps_one(
    world: World, account: Account, operator: Any, talk: Transcript
) -> None:
    kept = made(account, "same")
    export = done(world, order(operator, talk, kept))

    archives.move(kept, talk)

    assert ExportItem.objects.filter(export=export, transcript=kept).count() == 1


# Ends.


@commits
def test_cancelled_export_makes_no_file(world: World, operator: Any, talk: Transcript) -> None:
    export = order(operator, talk)

    assert archives.cancel(export)
    done(world, export)

    assert export.state == State.CANCELLED
    assert not folder_of(export).exists()
    assert not archives.cancel(export)


@commits
def test_cancelling_while_a_step_runs_discards_what_it_made(
    world: World, operator: Any, talk: Transcript, monkeypatch: Any
) -> None:
    export = order(operator, talk)
    packed = archives_steps.merge

    def merge_then_cancel(*args: Any, **kwargs: Any) -> None:
        packed(*args, **kwargs)
        archives.cancel(export)

    monkeypatch.setattr(archives_steps, "merge", merge_then_cancel)

    assert done(world, export).state == State.CANCELLED
    assert not folder_of(export).exists()


def test_cancelling_while_it_is_searched_adds_nothing(
    world: World, account: Account, operator: Any, monkeypatch: Any, talk: Transcript
) -> None:
    def find(user: Any, query: str, cursor: str) -> tuple[list[int], str]:
        archives.cancel(Export.objects.get())
        return [talk.pk], ""

    monkeypatch.setitem(archives._sources, "list", Source(label="A list", find=find))

    assert done(world, order(operator, source="list")).state == State.CANCELLED
    assert not ExportItem.objects.exists()


@commits
def test_file_goes_after_a_week(world: World, operator: Any, talk: Transcript) -> None:
    export = done(world, order(operator, talk))
    assert export.expires_at == export.ended_at + timedelta(days=7)
    world.clock.advance(7 * 86_400 + 1)
    with pytest.raises(ExportRefused, match="gone"):
        require_visible(export, operator)

    tidy(world)

    assert Export.objects.get().state == State.EXPIRED
    assert not folder_of(export).exists()

    world.clock.advance(31 * 86_400)
    tidy(world)

    assert not Export.objects.exists()


def tidy(world: World) -> None:
    from recordings import housekeeping

    housekeeping.ensure_standing()
    Errand.objects.filter(kind=archives_tidying.ERRAND).update(due_at=clock.now())
    world.work()


@commits
def test_finished_file_can_be_removed_at_once(world: World, operator: Any, talk: Transcript) -> None:
    export = done(world, order(operator, talk))

    assert archives.remove(export)

    assert not folder_of(export).exists()
    assert not archives.remove(export)


def test_files_that_belong_to_nothing_are_tidied_away(
    world: World, account: Account, operator: Any, talk: Transcript, tmp_path: Path
) -> None:
    export = done(world, order(operator, talk))
    orphan, stranger = tmp_path / "exports" / str(uuid.uuid4()), tmp_path / "exports" / "readme"
    for folder in (orphan, stranger):
        folder.mkdir()
    young = tmp_path / "exports" / str(uuid.uuid4())
    young.mkdir()
    old = time.time() - 7200
    for folder in (orphan, stranger, folder_of(export)):
        os.utime(folder, (old, old))

    tidy(world)

    assert not orphan.exists()
    assert stranger.exists()
    assert young.exists()
    assert whole_of(export).is_file()


# What goes wrong.


def test_step_whose_worker_died_is_done_again(world: World, operator: Any, talk: Transcript) -> None:
    export = order(operator, talk)
    errand = Errand.objects.get(kind=archives.ERRAND)
    archives_steps.step(errand)  # its part is written, and nobody learns of it

    done(world, export)

    with opened(export) as whole:
        assert len(whole.namelist()) == 3
    assert [path.name for path in folder_of(export).iterdir()] == ["transcripts.zip"]


def test_worker_that_dies_time_and_again_ends_it(world: World, operator: Any, talk: Transcript) -> None:
    export = order(operator, talk)
    Errand.objects.filter(kind=archives.ERRAND).update(deaths=3)

    done(world, export)

    assert export.state == State.FAILED
    assert "put aside" in export.problem


def test_giving_up_on_one_that_is_gone_harms_nothing(world: World, account: Account) -> None:
    errand = Errand(account=account, kind=archives.ERRAND, subject=str(uuid.uuid4()))

    archives_steps.give_up(errand, "It died.")

    assert archives_steps.step(errand).cursor is None


def test_lost_part_has_all_made_anew(world: World, account: Account, operator: Any, talk: Transcript) -> None:
    export = order(operator, talk)
    errand = Errand.objects.get(kind=archives.ERRAND)
    step = archives_steps.step(errand)
    step.write()
    for path in folder_of(export).iterdir():
        path.write_bytes(b"not a zip")
    Errand.objects.filter(pk=errand.pk).update(cursor=step.cursor)

    done(world, export)

    assert (export.state, export.done) == (State.READY, 1)
    with opened(export) as whole:
        assert whole.testzip() is None


@pytest.mark.parametrize("name", ["Part", "merge"])
def test_full_disk_is_waited_for(
    world: World, operator: Any, talk: Transcript, monkeypatch: Any, name: str
) -> None:
    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(28, "No space left on device")

    export = order(operator, talk)
    with monkeypatch.context() as patch:
        patch.setattr(archives_steps, name, full)
        done(world, export)
        assert export.is_open
        assert "No space left on device" in export.problem

    world.advance(61)
    done(world, export)

    assert export.is_ready


def test_disk_that_fills_up_while_a_part_is_closed_leaves_no_part(tmp_path: Path, monkeypatch: Any) -> None:
    close = ZipFile.close

    def full(whole: ZipFile) -> None:
        close(whole)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(ZipFile, "close", full)
        with pytest.raises(OSError, match="No space"), Part(tmp_path / "part.zip") as part:
            part.add("a", b"b")

    assert not (tmp_path / "part.zip").exists()


def test_part_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), Part(tmp_path / "part.zip"):
        1 / 0  # noqa: B018

    assert not (tmp_path / "part.zip").exists()


# How much it takes.


def test_memory_does_not_grow_with_the_number_of_files(tmp_path: Path) -> None:
    content = os.urandom(100_000)

    def peak(count: int) -> int:
        parts = [tmp_path / f"{count}-{number}" for number in range(count // 10)]
        tracemalloc.start()
        for path in parts:
            with Part(path) as part:
                for number in range(10):
                    part.add(f"{path.name}-{number}.txt", content)
        merge(parts, tmp_path / f"{count}.zip", streams=[("manifest.json", (b"x" for _ in range(count)))])
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(10)
    few, many = peak(20), peak(400)

    with ZipFile(tmp_path / "400.zip") as whole:
        assert whole.testzip() is None
        assert len(whole.namelist()) == 401
    assert many < few * 1.5
