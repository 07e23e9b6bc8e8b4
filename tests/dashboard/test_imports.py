"""Caption files are taken in at a recording, and deleted again without a provider."""

import uuid
from collections.abc import Callable
from html import escape
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from dashboard import uploads
from dashboard.models import User
from recordings.models import Account, Operation, Recording
from recordings.providers.snapshots import Status
from tests.dashboard.browser import barriers, complaints, sign_in
from tests.dashboard.spoken import NOW, recorded, transcribed
from transcripts import imports
from transcripts.models import Transcript, TranscriptText

VTT = b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ana>Hello there\n"
HOSTILE = b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v \xe2\x80\xaeEvil>&lt;script&gt;alert(1)&lt;/script&gt;\n"


@pytest.fixture(autouse=True)
def _own_data_folder(settings: Any, tmp_path: Any) -> None:
    settings.TAPEDECK_DATA = tmp_path


@pytest.fixture
def recording(account: Account) -> Recording:
    return recorded(account)


@pytest.fixture
def console(operator: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(operator)


def address(recording: Recording) -> str:
    return f"/recordings/{recording.key}/import/"


def upload(
    console: Client, recording: Recording, content: bytes = VTT, name: str = "a.vtt", **facts: Any
) -> Any:
    file = SimpleUploadedFile(name, content)
    return console.post(address(recording), {"file": file}, **facts)


def told(answer: Any) -> str:
    return "".join(str(message) for message in answer.context["messages"])


def test_file_becomes_a_transcript_and_is_shown(console: Client, recording: Recording) -> None:
    form = console.get(address(recording)).content.decode()
    answer = upload(console, recording, follow=True)

    imported = Transcript.objects.get()
    assert 'enctype="multipart/form-data"' in form
    assert answer.redirect_chain[-1][0] == imported.get_absolute_url()
    assert told(answer) == "Imported."
    assert "Hello there" in answer.content.decode()
    assert imported.options["imported by"] == "operator"


def test_what_could_not_be_read_is_said(console: Client, recording: Recording) -> None:
    answer = upload(console, recording, b"Hello", follow=True)

    assert "not all of it could be read" in told(answer)


def test_hostile_words_are_shown_as_words(console: Client, recording: Recording) -> None:
    page = upload(console, recording, HOSTILE, "<b>\u202e.vtt", follow=True).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert "<b>" not in page


def test_forty_people_a_word_a_line_at_times_that_cannot_be(console: Client, recording: Recording) -> None:
    people = [f"<b>P{number}</b>\u202e" for number in range(40)]
    cues = [
        f"00:{number % 50:02}.000 --> 00:{number % 50 + 9:02}.000\n"
        f"<v {escape(people[number % 40])}>w{number}&lt;i&gt;\u2067\n"
        for number in range(400)
    ]
    file = "\n".join(["WEBVTT\n", "-00:05.000 --> 00:02.000\n<v Nobody>before\n", *cues])

    page = upload(console, recording, file.encode(), follow=True).content.decode()
    imported = Transcript.objects.get()
    again = console.get(reverse("transcript-file", args=[imported.key, "vtt"])).content
    upload(console, recording, again)

    assert page.count('class="voice-name"') == page.count('class="voice" ') == 41
    assert page.count('class="line" ') == 401
    assert "1 cue with times before the beginning" in page
    assert all(f"<bdi>{escape(each)}</bdi>" in page for each in people)
    assert all(f">w{number}&lt;i&gt;\u2067</span>" in page for number in range(400))
    first, second = TranscriptText.objects.order_by("pk")
    assert [(each["speaker"], each["start"], each["end"], each["text"]) for each in second.utterances] == [
        (each["speaker"], each["start"], each["end"], each["text"]) for each in first.utterances
    ]


@pytest.mark.parametrize("name", ["words.txt", "words.vtt.exe", "words"])
def test_other_files_are_turned_away(console: Client, recording: Recording, name: str) -> None:
    answer = upload(console, recording, name=name)

    assert answer.status_code == 200
    assert "Only .vtt and .srt files" in answer.content.decode()
    assert not Transcript.objects.exists()


def test_form_without_a_file_says_so(console: Client, recording: Recording) -> None:
    answer = console.post(address(recording))

    assert answer.context["form"].errors.keys() == {"file"}


def test_empty_file_is_kept_and_flagged(console: Client, recording: Recording) -> None:
    upload(console, recording, b"")

    assert "No words" in TranscriptText.objects.get().problem


def test_too_large_file_is_told_and_not_kept(
    console: Client, recording: Recording, monkeypatch: Any, tmp_path: Any
) -> None:
    monkeypatch.setattr(uploads, "LARGEST", 100)

    answer = upload(console, recording, VTT + b"x" * 100)

    assert answer.status_code == 200
    assert "larger than 50 MB" in answer.content.decode()
    assert answer.context["form"].errors["file"] == [uploads.TOO_LARGE]
    assert not Transcript.objects.exists()
    assert not list(tmp_path.iterdir())


def test_fifty_megabytes_are_taken_and_one_more_byte_is_not(console: Client, recording: Recording) -> None:
    content = VTT + b"\n" * (imports.LARGEST - len(VTT))

    whole = upload(console, recording, content, follow=True)
    more = upload(console, recording, content + b"\n")

    assert told(whole) == "Imported."
    assert "larger than 50 MB" in more.content.decode()
    assert Transcript.objects.get().status == "processing"


def test_full_disk_is_told(console: Client, recording: Recording, monkeypatch: Any) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(imports.storage, "keep", full)

    answer = upload(console, recording)

    assert "No space left on device" in answer.content.decode()
    assert not Transcript.objects.exists()


def test_token_is_checked(operator: User, recording: Recording) -> None:
    console = Client(enforce_csrf_checks=True)
    console.force_login(operator)

    assert upload(console, recording).status_code == 403
    assert not Transcript.objects.exists()


def test_only_who_may_order_transcripts_imports_one(
    viewer: User, signed_in: Callable[[User], Client], recording: Recording
) -> None:
    console = signed_in(viewer)

    assert console.get(address(recording)).status_code == 403
    assert upload(console, recording).status_code == 403


def test_recording_that_is_hidden_or_gone_is_not_found(
    console: Client, recording: Recording, account: Account, others: Group
) -> None:
    assert console.get(f"/recordings/{uuid.uuid4()}/import/").status_code == 404

    Recording.objects.update(is_buried=True)
    assert upload(console, recording).status_code == 404

    Recording.objects.update(is_buried=False)
    account.groups.set([others])
    assert upload(console, recording).status_code == 404


# Deleting.


@pytest.fixture
def imported(operator: User, recording: Recording) -> Transcript:
    return imports.take(operator, recording, "a.vtt", VTT)


def test_delete_is_confirmed_and_local(console: Client, operator: User, imported: Transcript) -> None:
    page = console.get(f"/transcripts/{imported.key}/delete/").content.decode()
    answer = console.post(f"/transcripts/{imported.key}/delete/", follow=True)

    imported.refresh_from_db()
    assert "no provider is asked" in page
    assert "no provider was asked" in told(answer)
    assert (imported.is_buried, imported.deleted_by) == (True, operator)
    assert "operator" in answer.content.decode()
    assert not Operation.objects.exists()
    assert console.get(f"/transcripts/{imported.key}/delete/").status_code == 404


def test_provider_s_transcript_is_not_deleted_here(console: Client, recording: Recording) -> None:
    theirs = transcribed(recording, "tra-1", ("Ana", 0.0, "Hello"))

    assert console.post(f"/transcripts/{theirs.key}/delete/").status_code == 404


def test_copy_of_what_the_provider_deleted_is_erased_here(
    console: Client, operator: User, recording: Recording
) -> None:
    left = transcribed(recording, "tra-1", ("Ana", 0.0, "Hello"), status=Status.DELETED, deleted_at=NOW)

    page = console.get(f"/transcripts/{left.key}/delete/").content.decode()
    answer = console.post(f"/transcripts/{left.key}/delete/", follow=True)

    left.refresh_from_db()
    shown = answer.content.decode()
    assert "this copy is the last" in page
    assert (left.is_buried, left.has_text, left.deleted_by) == (True, False, operator)
    assert not TranscriptText.objects.exists()
    assert "only the copy here was erased" in shown
    assert "Erase our copy" not in shown
    assert not Operation.objects.exists()
    assert console.get(f"/transcripts/{left.key}/delete/").status_code == 404


def test_nothing_is_erased_where_nothing_is_left(console: Client, recording: Recording) -> None:
    gone = transcribed(recording, "tra-1", status=Status.DELETED, deleted_at=NOW)

    page = console.get(gone.get_absolute_url()).content.decode()

    assert "Erase our copy" not in page
    assert console.get(f"/transcripts/{gone.key}/delete/").status_code == 404


def test_only_who_may_delete_deletes_it(
    viewer: User, signed_in: Callable[[User], Client], imported: Transcript
) -> None:
    assert signed_in(viewer).post(f"/transcripts/{imported.key}/delete/").status_code == 403


def test_hidden_one_is_not_found(
    console: Client, account: Account, imported: Transcript, others: Group
) -> None:
    account.groups.set([others])

    assert console.post(f"/transcripts/{imported.key}/delete/").status_code == 404


# In the browser.


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_file_is_imported_and_deleted_in_the_browser(
    page: Page, live_server: Any, operator: User, recording: Recording
) -> None:
    said = complaints(page)
    sign_in(page, live_server, operator)
    page.goto(f"{live_server.url}{address(recording)}")
    assert barriers(page) == []

    page.get_by_label("Caption file").set_input_files(
        [{"name": "meeting.vtt", "mimeType": "text/vtt", "buffer": VTT}]
    )
    page.get_by_role("button", name="Import").click()

    expect(page.get_by_text("Imported.")).to_be_visible()
    expect(page.get_by_text("Hello there")).to_be_visible()
    imported = Transcript.objects.get()
    page.goto(f"{live_server.url}/transcripts/{imported.key}/delete/")
    assert barriers(page) == []
    page.get_by_role("button", name="Delete transcript").click()
    expect(page.get_by_text("no provider was asked")).to_be_visible()
    assert [text for text in said if "404" not in text] == []  # the simulator has no such recording to play


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_too_large_file_is_said_before_it_is_sent(
    page: Page, live_server: Any, operator: User, recording: Recording, tmp_path: Any
) -> None:
    large = tmp_path / "large.vtt"
    with large.open("wb") as file:
        file.truncate(imports.LARGEST + 1)
    sign_in(page, live_server, operator)
    page.goto(f"{live_server.url}{address(recording)}")

    page.get_by_label("Caption file").set_input_files(large)
    page.get_by_role("button", name="Import").click()

    message = page.evaluate("document.querySelector('input[type=file]').validationMessage")
    assert message == "The file is larger than 50 MB."
    assert page.url.endswith("/import/")
    assert not Transcript.objects.exists()
