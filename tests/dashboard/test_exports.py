"""Transcripts leave as files: one at once, many in the background, and only for who may see them."""

import io
import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zipfile import ZipFile

import docx
import pytest
from django.contrib.auth.models import Group
from django.test import Client
from playwright.sync_api import Page, expect

from dashboard import export_files, export_sources
from dashboard.models import User
from dashboard.views import exports
from recordings import media
from recordings.models import Account, ReadRecord, Recording
from tests.dashboard.browser import barriers, complaints, sign_in
from tests.dashboard.spoken import NOW, recorded, transcribed
from tests.world import World
from transcripts import archives
from transcripts.archives_files import whole_of
from transcripts.exports import Format
from transcripts.models import Export, Transcript

RARE = "Zwiebelfisch"
NEW = "/exports/new/"
State = Export.State


@pytest.fixture(autouse=True)
def _own_data_folder(settings: Any, tmp_path: Any) -> None:
    settings.TAPEDECK_DATA = tmp_path


@pytest.fixture
def console(viewer: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(viewer)


@pytest.fixture
def recording(account: Account) -> Recording:
    return recorded(account)


@pytest.fixture
def talk(recording: Recording) -> Transcript:
    turns = (("Ana", 0.5, f"Good morning {RARE}"), ("Bob", 2.0, "=1+1"))
    return transcribed(recording, "tra-1", *turns, is_primary=True, engine="deepgram")


def chosen(**changes: Any) -> dict[str, Any]:
    on = {"format": "txt", "has_speakers": "on", "has_times": "on", "wording": ""}
    wanted = {"order_key": str(uuid.uuid4()), **on, **changes}
    return {name: value for name, value in wanted.items() if value is not None}


def of(*transcripts: Transcript) -> str:
    return f"{NEW}?" + "&".join(f"transcript={each.key}" for each in transcripts)


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def words_in(form: Format, content: bytes) -> str:
    if form is Format.DOCX:
        return "\n".join(each.text for each in docx.Document(io.BytesIO(content)).paragraphs)
    return content.decode()


def told(answer: Any) -> str:
    return "".join(str(message) for message in answer.context["messages"])


# One.


@pytest.mark.parametrize("form", list(Format))
def test_one_transcript_is_answered_at_once(console: Client, talk: Transcript, form: Format) -> None:
    answer = console.post(of(talk), chosen(format=form.value))

    assert answer.status_code == 200
    assert f"_deepgram_{talk.key.hex[:12]}.{form}" in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert RARE in words_in(form, answer.content)
    assert ReadRecord.objects.get().purpose == "exported"
    assert not Export.objects.exists()


def test_form_says_what_it_is_about(console: Client, talk: Transcript) -> None:
    page = console.get(of(talk)).content.decode()

    assert "Weekly planning" in page
    assert "You get the file at once" in page
    assert not ReadRecord.objects.exists()


def test_choices_are_remembered(console: Client, viewer: User, talk: Transcript) -> None:
    console.post(of(talk), chosen(format="srt", has_speakers=None, wording="original"))

    initial = console.get(of(talk)).context["form"].initial
    viewer.refresh_from_db()
    assert (initial["format"], initial["has_speakers"], initial["wording"]) == ("srt", False, "original")
    assert viewer.preferences["export"]["has_times"] is True
    assert console.get(f"{of(talk)}&format=docx").context["form"].initial["format"] == "docx"


def test_preferences_that_are_none_are_as_usual(console: Client, viewer: User, talk: Transcript) -> None:
    viewer.preferences = {"export": "nonsense", "appearance": "dark"}
    viewer.save()

    assert console.get(of(talk)).context["form"].initial["format"] == "txt"

    console.post(of(talk), chosen())
    viewer.refresh_from_db()
    assert viewer.preferences["appearance"] == "dark"


def test_wrong_choice_keeps_the_form(console: Client, talk: Transcript) -> None:
    answer = console.post(of(talk), chosen(format="exe"))

    assert answer.status_code == 200
    assert answer.context["form"].errors.keys() == {"format"}


def test_transcript_without_words_is_refused(console: Client, recording: Recording) -> None:
    silent = transcribed(recording, "tra-2")

    answer = console.post(of(silent), chosen())

    assert "no words here yet" in answer.content.decode()


@pytest.mark.parametrize(
    "query", ["", "?transcript=nonsense", "?transcript=0190d3c4-0000-7000-8000-000000000000", "?source=no"]
)
def test_nothing_to_export_is_not_found(console: Client, account: Account, query: str) -> None:
    assert console.get(f"{NEW}{query}").status_code == 404


def test_long_one_is_made_in_the_background(
    console: Client, talk: Transcript, world: World, monkeypatch: Any
) -> None:
    monkeypatch.setattr(exports, "AT_ONCE_WORDS", 2)

    answer = console.post(of(talk), chosen(), follow=True)

    assert answer.redirect_chain[-1][0] == "/exports/"
    assert "is being made" in told(answer)
    assert Export.objects.get().total == 1


# Many.


def ordered(console: Client, *transcripts: Transcript, **changes: Any) -> Export:
    assert console.post(of(*transcripts), chosen(**changes)).status_code == 302
    return Export.objects.latest("pk")


def ready(console: Client, world: World, *transcripts: Transcript, **changes: Any) -> Export:
    export = ordered(console, *transcripts, **changes)
    world.work()
    export.refresh_from_db()
    assert export.state == State.READY
    return export


def download(console: Client, export: Export, *, follow: bool = False) -> Any:
    return console.get(f"/exports/{export.key}/download/", follow=follow)


@pytest.fixture
def two(recording: Recording, talk: Transcript) -> list[Transcript]:
    return [talk, transcribed(recording, "tra-2", ("Ana", 0.0, "Second one"))]


@pytest.mark.parametrize("form", list(Format))
def test_many_are_packed_into_one_file(
    console: Client, viewer: User, world: World, two: list[Transcript], form: Format
) -> None:
    export = ready(console, world, *two, format=form.value)

    answer = download(console, export)
    content = body(answer)

    assert answer["Content-Type"] == "application/zip"
    assert int(answer["Content-Length"]) == len(content)
    with ZipFile(io.BytesIO(content)) as whole:
        files = [name for name in whole.namelist() if name.endswith(f".{form}")]
        assert any(RARE in words_in(form, whole.read(name)) for name in files if name != "manifest.json")
        assert json.loads(whole.read("manifest.json"))["exported_by"] == "viewer"
    noted = ReadRecord.objects.filter(user=viewer, purpose="exported")
    assert {record.key for record in noted} == {each.key for each in two}


def test_same_form_twice_is_one_export(console: Client, two: list[Transcript]) -> None:
    data = chosen()

    for _ in range(2):
        console.post(of(*two), data)

    assert Export.objects.count() == 1


def test_names_of_files_are_in_the_person_s_time_zone(
    console: Client, viewer: User, world: World, two: list[Transcript]
) -> None:
    viewer.time_zone = "Asia/Tokyo"
    viewer.save()

    with ZipFile(whole_of(ready(console, world, *two))) as whole:
        assert whole.namelist()[0].startswith("2026-11-20_1800_")


def test_all_that_a_list_of_transcripts_lets_through(
    console: Client, world: World, recording: Recording, two: list[Transcript]
) -> None:
    transcribed(recording, "tra-3", ("Ana", 0.0, "Not this"), engine="other", language="de")
    transcribed(recording, "tra-4")
    address = f"{NEW}?source=transcripts&query=engine%3Ddeep"

    page = console.get(address).content.decode()
    console.post(address, chosen())
    world.work()

    assert "The list of transcripts" in page
    assert '"/transcripts/?engine=deep"' in page
    assert Export.objects.get().total == 1
    assert [item.transcript for item in Export.objects.get().items.all()] == [two[0]]


def test_first_transcript_of_each_recording_of_a_list(
    console: Client, world: World, account: Account, two: list[Transcript]
) -> None:
    recorded(account, "rec-2")
    address = f"{NEW}?source=recordings&query=q%3DWeekly"

    console.post(address, chosen())
    world.work()

    assert [item.transcript for item in Export.objects.get().items.all()] == [two[0]]


def test_picked_recordings_give_the_transcript_that_is_shown_first(
    console: Client, recording: Recording, two: list[Transcript]
) -> None:
    answer = console.post(f"{NEW}?recording={recording.key}", chosen())

    assert f"{two[0].key.hex[:12]}.txt" in answer["Content-Disposition"]


@pytest.mark.parametrize(
    ("source", "data", "leads"),
    [
        ("transcripts", {"key": ["1", "2"]}, "/exports/new/?transcript=1&transcript=2"),
        ("recordings", {"key": ["1"]}, "/exports/new/?recording=1"),
        (
            "transcripts",
            {"key": ["1"], "all": "1", "query": "q=a&status=open"},
            "/exports/new/?source=transcripts&query=q%3Da%26status%3Dopen",
        ),
        ("transcripts", {"query": "q=a"}, "/transcripts/?q=a"),
    ],
)
def test_ticked_rows_lead_to_the_form(console: Client, source: str, data: dict[str, Any], leads: str) -> None:
    assert console.post(f"/exports/picked/{source}/", data).headers["Location"] == leads


def test_rows_of_no_list_are_not_found(console: Client) -> None:
    assert console.post("/exports/picked/accounts/", {"key": ["1"]}).status_code == 404


def test_whole_lists_are_read_page_by_page(
    console: Client, world: World, viewer: User, recording: Recording, monkeypatch: Any
) -> None:
    monkeypatch.setattr(export_sources, "AT_ONCE", 2)
    for number in range(5):
        transcribed(recording, f"tra-{number}", ("Ana", 0.0, "x"), sort_at=NOW - timedelta(hours=number))
    source = archives.source_of("transcripts")
    assert source is not None

    assert export_sources.count(source, viewer, "") == (5, False)
    monkeypatch.setattr(export_sources, "PAGES", 2)
    assert export_sources.count(source, viewer, "") == (4, True)
    assert "4 and more" in console.get(f"{NEW}?source=transcripts").content.decode()
    console.post(f"{NEW}?source=transcripts", chosen())
    world.work()

    assert Export.objects.get().total == 5


def test_filters_that_let_nothing_through_say_so(console: Client, talk: Transcript) -> None:
    page = console.get(f"{NEW}?source=transcripts&query=q%3Dnothing").content.decode()

    assert "there is nothing to export" in page


def test_too_many_picked_are_refused(console: Client, two: list[Transcript], monkeypatch: Any) -> None:
    monkeypatch.setattr(archives, "MOST_CHOSEN", 1)

    answer = console.post(of(*two), chosen())

    assert "one by one" in answer.content.decode()


# The page.


def test_page_shows_progress_and_asks_for_news(console: Client, world: World, two: list[Transcript]) -> None:
    empty = console.get("/exports/").content.decode()
    ordered(console, *two)

    page = console.get("/exports/")
    again = console.get("/exports/", {"stamp": page.context["stamp"]}, headers={"HX-Request": "true"})
    world.work()
    news = console.get("/exports/", {"stamp": page.context["stamp"]}, headers={"HX-Request": "true"})

    assert "No exports yet" in empty
    assert "<progress" in page.content.decode()
    assert "data-poll" in page.content.decode()
    assert again.status_code == 204
    assert "Download" in news.content.decode()
    assert "data-poll" not in news.content.decode()
    assert "<html" not in news.content.decode()


def test_nobody_sees_another_s_exports(
    console: Client, world: World, two: list[Transcript], administrator: User, signed_in: Any
) -> None:
    export = ready(console, world, *two)
    other = signed_in(administrator)

    assert str(export.key) not in other.get("/exports/").content.decode()
    assert download(other, export).status_code == 404
    assert other.post(f"/exports/{export.key}/cancel/").status_code == 404
    assert other.post(f"/exports/{export.key}/remove/").status_code == 404


def test_whoever_may_not_read_transcripts_gets_none(client: Client, db: None) -> None:
    client.force_login(User.objects.create_user("nobody"))
    key = uuid.uuid4()

    for address in ("/exports/", NEW, f"/exports/{key}/download/"):
        assert client.get(address).status_code == 403
    for address in (f"/exports/{key}/cancel/", f"/exports/{key}/remove/"):
        assert client.post(address).status_code == 403


def test_export_is_cancelled(console: Client, world: World, two: list[Transcript]) -> None:
    export = ordered(console, *two)

    first = console.post(f"/exports/{export.key}/cancel/", follow=True)
    second = console.post(f"/exports/{export.key}/cancel/", follow=True)
    world.work()

    assert "Cancelled" in told(first)
    assert "ended already" in told(second)
    assert Export.objects.get().state == State.CANCELLED
    assert "Cancelled" in told(download(console, export, follow=True))


@pytest.mark.django_db(transaction=True)
def test_file_is_removed_before_its_time(console: Client, world: World, two: list[Transcript]) -> None:
    export = ready(console, world, *two)

    first = console.post(f"/exports/{export.key}/remove/", follow=True)
    second = console.post(f"/exports/{export.key}/remove/", follow=True)

    assert "removed" in told(first)
    assert "no file" in told(second)
    assert not whole_of(export).exists()


# The download.


def test_unfinished_file_is_not_downloaded(console: Client, two: list[Transcript]) -> None:
    assert "not ready yet" in told(download(console, ordered(console, *two), follow=True))


def test_file_that_is_gone_says_so(
    console: Client, world: World, two: list[Transcript], monkeypatch: Any
) -> None:
    export = ready(console, world, *two)
    with monkeypatch.context() as patch:
        patch.setattr(archives, "require_visible", lambda *_: None)
        whole_of(export).unlink()
        assert "gone" in told(download(console, export, follow=True))

    assert "gone" in told(download(console, export, follow=True))
    assert not ReadRecord.objects.filter(purpose="exported").exists()


def test_crowded_downloads_are_put_off(console: Client, world: World, two: list[Transcript]) -> None:
    export = ready(console, world, *two)

    with media.downloads:
        assert "Too many downloads" in told(download(console, export, follow=True))
    assert body(download(console, export))


def test_download_gives_its_place_back(console: Client, world: World, two: list[Transcript]) -> None:
    export = ready(console, world, *two)

    for _ in range(3):
        assert body(download(console, export))

    with media.downloads:
        pass


def test_what_cannot_be_noted_is_not_given(
    console: Client, world: World, two: list[Transcript], monkeypatch: Any
) -> None:
    export = ready(console, world, *two)

    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(export_files, "note_read", fail)
    with pytest.raises(ZeroDivisionError):
        download(console, export)

    with media.downloads:
        pass


@pytest.mark.parametrize("form", list(Format))
def test_no_format_tells_of_an_account_that_one_may_not_see(
    console: Client, world: World, account: Account, two: list[Transcript], others: Group, form: Format
) -> None:
    before = ready(console, world, *two, format=form.value)
    waiting = ordered(console, *two, format=form.value)
    account.groups.set([others])

    assert console.get(of(two[0])).status_code == 404
    assert console.post(of(two[0]), chosen(format=form.value)).status_code == 404
    assert console.post(f"{NEW}?source=transcripts", chosen(format=form.value)).status_code in {200, 302}
    world.work()
    answers = [download(console, export, follow=True) for export in Export.objects.all()]

    assert not any(RARE in body(answer).decode(errors="replace") for answer in answers)
    assert {export.state for export in (before, waiting)} == {State.READY, State.QUEUED}
    assert set(Export.objects.values_list("state", flat=True)) <= {State.ERASED, State.FAILED}
    assert RARE not in console.get("/exports/").content.decode()


# In the browser.


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_export_is_chosen_made_and_downloaded(
    page: Page, live_server: Any, viewer: User, world: World, two: list[Transcript], recording: Recording
) -> None:
    said = complaints(page)
    sign_in(page, live_server, viewer)
    page.goto(f"{live_server.url}{of(*two)}")
    assert barriers(page) == []

    page.get_by_label("File").select_option("csv")
    page.get_by_label("Name the speakers").uncheck()
    page.get_by_role("button", name="Make the file").click()

    expect(page.get_by_role("heading", name="Exports")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_visible()
    assert barriers(page) == []
    world.work()
    link = page.get_by_role("link", name="Download")
    expect(link).to_be_visible()
    with page.expect_download() as taken:
        link.click()
    with ZipFile(taken.value.path()) as whole:
        assert len(whole.namelist()) == 4
        assert b"Ana" not in whole.read(whole.namelist()[0])
    assert barriers(page) == []
    assert said == []


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_rows_are_ticked_and_exported(
    page: Page, live_server: Any, viewer: User, recording: Recording, two: list[Transcript]
) -> None:
    sign_in(page, live_server, viewer)
    page.goto(f"{live_server.url}/transcripts/")
    assert barriers(page) == []

    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    page.get_by_role("button", name="Export words").click()

    expect(page.get_by_text("2 transcripts")).to_be_visible()
    expect(page.get_by_role("button", name="Make the file")).to_be_visible()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_one_is_downloaded_by_keyboard(page: Page, live_server: Any, viewer: User, talk: Transcript) -> None:
    sign_in(page, live_server, viewer)
    page.goto(f"{live_server.url}{of(talk)}")

    page.get_by_label("File").focus()
    page.keyboard.type("SRT")
    with page.expect_download() as taken:
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")

    assert taken.value.suggested_filename.endswith(".srt")
