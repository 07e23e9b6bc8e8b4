"""Transcripts: listed, read, and taken along."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from dashboard.lines import current, lines, speakers
from dashboard.models import User
from recordings.models import Account, Call, Operation, ReadRecord, Recording
from recordings.providers.recall.adapter import RecallAdapter
from recordings.providers.snapshots import Status, TextFile
from tests.dashboard import samples
from tests.simulators.recall import RecallSimulator
from tests.world import World
from transcripts import storage
from transcripts.models import Transcript, TranscriptText

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LIST = "/transcripts/"


@pytest.fixture
def browser(viewer: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(viewer)


@pytest.fixture
def recording(account: Account) -> Recording:
    call = Call.objects.create(account=account, external_id="call-1", title="Weekly planning")
    return Recording.objects.create(
        account=account, call=call, external_id="rec-1", status=Status.COMPLETED, sort_at=NOW
    )


def made(recording: Recording, number: int = 0, **facts: Any) -> Transcript:
    values = {"status": Status.COMPLETED, "sort_at": NOW - timedelta(hours=number)} | facts
    values.setdefault("external_id", f"tra-{number}")
    return Transcript.objects.create(
        account=recording.account, recording=recording, call=recording.call, **values
    )


def said(transcript: Transcript, *turns: tuple[str, float | None, str], **facts: Any) -> TranscriptText:
    unknown: dict[str, Any] = {"channel": None, "confidence": None, "language": "", "words": []}
    utterances = [
        {"speaker": speaker, "start": start, "end": None, "text": text, **unknown}
        for speaker, start, text in turns
    ]
    transcript.has_text = bool(turns)
    transcript.save()
    return TranscriptText.objects.create(
        transcript=transcript, utterances=utterances, words=len(turns), stored_at=NOW, **facts
    )


def html(browser: Client, transcript: Transcript, **query: str) -> str:
    return browser.get(transcript.get_absolute_url(), query).content.decode()


# The list.


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({}, ["tra-0", "tra-1", "tra-2", "tra-3"]),
        ({"status": "open"}, ["tra-1"]),
        ({"status": "empty"}, ["tra-2"]),
        ({"status": "failed"}, ["tra-3"]),
        ({"engine": "deep"}, ["tra-0"]),
        ({"language": "DE"}, ["tra-2"]),
        ({"reason": "no_credit"}, ["tra-3"]),
        ({"q": "week"}, ["tra-0", "tra-1", "tra-2", "tra-3"]),
        ({"q": "tra-2"}, ["tra-2"]),
    ],
)
def test_filters(browser: Client, recording: Recording, query: dict[str, str], ids: list[str]) -> None:
    made(recording, 0, engine="deepgram_async")
    made(recording, 1, status=Status.PROCESSING)
    made(recording, 2, is_empty=True, language="de")
    made(recording, 3, status=Status.FAILED, reason_code="no_credit")

    found = browser.get(LIST, query).context["page"].rows

    assert [row.external_id for row in found] == ids


def test_list_of_a_hidden_account_is_empty(
    browser: Client, recording: Recording, account: Account, others: Group
) -> None:
    made(recording)
    account.groups.set([others])

    assert "No transcripts" in browser.get(LIST).content.decode()


def test_table_has_no_words(browser: Client, recording: Recording) -> None:
    said(made(recording, engine="=cmd()"), ("Ana", 0.0, "A secret word"))
    orphan = made(recording, 1, recording_external_id="rec-unknown")
    Transcript.objects.filter(pk=orphan.pk).update(recording=None, call=None)

    text = browser.get("/transcripts/export.csv").content.decode()

    assert "'=cmd()" in text
    assert "rec-unknown" in text
    assert "secret" not in text


# Reading.


def test_words_stand_beside_the_sound(
    operator: User,
    signed_in: Callable[[User], Client],
    world: World,
    recall: RecallSimulator,
    account: Account,
) -> None:
    things = samples.full(world, recall, account, operator)
    assert things.transcript
    assert things.recording

    page = html(signed_in(operator), things.transcript, t="4")

    assert "Glimmerwick Lamps, this is Nora." in page
    assert f"/recordings/{things.recording.key}/media/?variant=video#t=4" in page
    assert page.count('class="line"') == 5
    assert page.count('aria-current="true"') == 1
    assert "Delete the transcript" in page
    assert "transcript.json" in page
    assert ReadRecord.objects.filter(key=things.transcript.key, purpose="saw").exists()


def test_words_are_escaped_and_turned_directions_stay_inside(browser: Client, recording: Recording) -> None:
    transcript = made(recording)
    said(transcript, ("<b>Ana\u202e", 1.0, '<img src=x onerror="a()">'), ("<b>Ana\u202e", 2.0, "שלום"))

    page = html(browser, transcript)

    assert '<bdi class="line-speaker">&lt;b&gt;Ana\u202e</bdi>' in page
    assert '<span dir="auto">&lt;img src=x onerror=&quot;a()&quot;&gt;</span>' in page
    assert page.count("line-speaker") == 1  # said once, while the same one speaks


def test_each_line_is_a_button_that_works_without_a_script(browser: Client, recording: Recording) -> None:
    transcript = made(recording)
    said(transcript, ("Ana", 83.25, "Hello."), ("Ben", None, "No time."))

    page = html(browser, transcript)

    assert '<button class="line-time" name="t" value="83.25" aria-label="Play from 1:23">' in page
    assert '<form method="get"' in page
    assert 'id="line-1"><span class="line-time" title="The provider gave no time">' in page


def test_many_lines_are_several_lists_that_count_on() -> None:
    drawn = lines([{"text": f"Line {number}."} for number in range(51)])

    assert [piece.count("<li") for piece in drawn.split("</ol>")] == [25, 25, 1, 0]
    assert [drawn.count(f'<ol class="lines-piece" start="{first}">') for first in (1, 26, 51)] == [1, 1, 1]
    assert lines([]) == ""


def test_current_line_is_the_last_that_has_begun() -> None:
    turns = [{"start": 0.0}, {"start": 5.0}, {"start": None}, {"start": 3.0}]

    assert current(turns, 4.0) == 3
    assert current(turns, 99.0) == 1
    assert current(turns, -1.0) is None
    assert current(turns, None) is None


def test_line_has_its_times_and_unknown_speakers_are_named() -> None:
    turns = [{"speaker": "", "start": 1.5, "end": 2.0, "text": "Hm."}, {"start": None, "end": 3.0}]

    written = lines(turns, moment=1.5)

    assert 'data-start="1.5" data-end="2" aria-current="true"' in written
    assert "Speaker not known" in written
    assert speakers(turns) == ["Speaker not known"]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"status": Status.REQUESTED}, "has not answered yet"),
        ({"status": Status.PROCESSING}, "The provider is working on it"),
        ({"status": Status.FAILED, "reason": "No credit."}, "It failed. No credit."),
        ({"status": Status.FAILED}, "The provider gives no reason."),
        ({"is_empty": True}, "has no words. The provider does not say why."),
        ({"is_empty": True, "reason": "Silence."}, "has no words. Silence."),
        ({}, "its words are being read"),
    ],
)
def test_states_without_words_say_what_is(
    browser: Client, recording: Recording, facts: dict[str, Any], words: str
) -> None:
    assert words in html(browser, made(recording, **facts))


def test_empty_with_the_providers_own_words(browser: Client, recording: Recording) -> None:
    transcript = made(recording, is_empty=True)
    said(transcript, note="Nobody spoke.")

    assert "has no words. Nobody spoke." in html(browser, transcript)


def test_overdue_of_a_provider_that_tells_once(
    browser: Client, recording: Recording, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RecallAdapter, "transcript_overdue_seconds", 600.0)
    world.clock.advance(3600)  # A long call: it counts from its end.
    recording.completed_at = world.clock.utc()
    recording.save()
    transcript = made(recording, status=Status.PROCESSING)
    Transcript.objects.update(created_at=NOW)
    poll = {"stamp": browser.get(transcript.get_absolute_url()).context["stamp"], "shows": "processing"}

    assert "overdue" not in html(browser, transcript)
    world.clock.advance(601)
    assert "It is overdue" in html(browser, transcript)
    htmx = {"HX-Request": "true"}
    assert browser.get(transcript.get_absolute_url(), poll, headers=htmx).status_code == 200


def test_file_that_cannot_be_read_is_shown_as_it_is(browser: Client, recording: Recording) -> None:
    transcript = made(recording)
    file = TextFile(name="t.json", content_type="application/json", content="<oops é".encode())
    files = storage.keep(transcript, [file])
    text = said(transcript, problem="It is no JSON.", files=files)

    page = html(browser, transcript)
    storage.path_of(files[0]).unlink()
    later = html(browser, transcript)

    assert "The words could not be read. It is no JSON." in page
    assert "&lt;oops é" in page
    assert "&lt;oops" not in later
    assert text.files == files


def test_words_with_a_problem_say_so(browser: Client, recording: Recording) -> None:
    transcript = made(recording)
    said(transcript, ("Ana", 0.0, "Hello."), problem="2 turns were left out.")

    assert "2 turns were left out." in html(browser, transcript)


def test_deleted_shows_its_tombstone_and_no_word(
    operator: User,
    signed_in: Callable[[User], Client],
    world: World,
    recall: RecallSimulator,
    account: Account,
) -> None:
    things = samples.full(world, recall, account, operator)
    assert things.transcript
    browser = signed_in(operator)
    address = things.transcript.get_absolute_url()
    poll = {"stamp": browser.get(address).context["stamp"], "shows": "words"}
    world.order(operator, things.transcript, "transcript.delete")
    world.advance(30)

    news = browser.get(address, poll, headers={"HX-Request": "true"})
    page = browser.get(address).content.decode()

    assert news.headers["HX-Refresh"] == "true"
    assert "operator deleted this transcript" in page
    assert "Glimmerwick" not in page
    assert browser.get(f"{address}txt/").status_code == 404


def test_deleted_at_the_provider_keeps_our_words(
    browser: Client, operator: User, signed_in: Callable[[User], Client], recording: Recording
) -> None:
    transcript = made(recording, status=Status.DELETED, deleted_at=NOW)
    said(transcript, ("Ana", 0.0, "Hello."))

    page, seen = html(signed_in(operator), transcript), html(browser, transcript)

    assert "was deleted at the provider" in page
    assert "Hello." in page
    assert "Erase our copy" in page
    assert "Erase our copy" not in seen
    assert "Live words so far" not in page
    assert f"/transcripts/{transcript.key}/delete/" in page


def test_poll_is_answered_204_until_something_changes(
    operator: User, signed_in: Callable[[User], Client], recording: Recording
) -> None:
    transcript = made(recording, status=Status.PROCESSING)
    browser, address = signed_in(operator), transcript.get_absolute_url()
    poll = {"stamp": browser.get(address).context["stamp"], "shows": "processing"}
    htmx = {"HX-Request": "true"}

    assert browser.get(address, poll, headers=htmx).status_code == 204
    Operation.objects.create(
        account=recording.account,
        order_key="a",
        fingerprint="a",
        kind="transcript.delete",
        subject_key=transcript.key,
    )
    news = browser.get(address, poll, headers=htmx)

    assert news.status_code == 200
    assert "Delete the transcript: Queued" in news.content.decode()
    assert 'id="words"' not in news.content.decode()


def test_without_a_recording_it_can_be_read_all_the_same(browser: Client, recording: Recording) -> None:
    transcript = made(recording)
    said(transcript, ("Ana", 0.0, "Hello."))
    Transcript.objects.update(recording=None, call=None)

    page = html(browser, transcript)

    assert "Hello." in page
    assert "data-player" not in page


def test_hidden_transcript_is_404(
    browser: Client, recording: Recording, account: Account, others: Group
) -> None:
    transcript = made(recording)
    account.groups.set([others])

    assert browser.get(transcript.get_absolute_url()).status_code == 404


# Files.


@pytest.mark.parametrize(
    ("form", "content_type", "content"),
    [
        ("txt", "text/plain", "[00:00:01] Ana: Hello.\n"),
        ("vtt", "text/vtt", "WEBVTT\n\nunknown-end\n00:00:01.000 --> 00:00:03.000\n<v Ana>Hello.\n"),
        ("srt", "application/x-subrip", "1\n00:00:01,000 --> 00:00:03,000\nAna: Hello.\n\n"),
    ],
)
def test_files_that_are_written_here(
    browser: Client, recording: Recording, form: str, content_type: str, content: str
) -> None:
    transcript = made(recording)
    said(transcript, ("Ana", 1.0, "Hello."))

    response = browser.get(reverse("transcript-file", args=[transcript.key, form]))

    assert response.content.decode() == content
    assert response.headers["Content-Type"] == f"{content_type}; charset=utf-8"
    assert (
        f'filename="weekly-planning-{str(transcript.key)[:8]}.{form}"'
        in response.headers["Content-Disposition"]
    )
    assert ReadRecord.objects.get(key=transcript.key).purpose == "downloaded"


def test_providers_file_comes_byte_for_byte(browser: Client, recording: Recording) -> None:
    transcript = made(recording)
    content = b"\xff\x00<script>"
    file = TextFile(name="words.html", content_type="text/html", content=content)
    said(transcript, ("Ana", 1.0, "Hello."), files=storage.keep(transcript, [file]))

    response = browser.get(reverse("transcript-file", args=[transcript.key, "0"]))

    assert hashlib.sha256(response.content).digest() == hashlib.sha256(content).digest()
    assert response.headers["Content-Type"].startswith("application/octet-stream")
    assert 'attachment; filename="words.html"' in response.headers["Content-Disposition"]


@pytest.mark.parametrize("form", ["exe", "7"])
def test_file_that_is_not_there(browser: Client, recording: Recording, form: str) -> None:
    transcript = made(recording)
    said(transcript, ("Ana", 1.0, "Hello."))

    assert browser.get(reverse("transcript-file", args=[transcript.key, form])).status_code == 404


def test_no_file_of_a_transcript_without_words(browser: Client, recording: Recording) -> None:
    transcript = made(recording)

    assert browser.get(reverse("transcript-file", args=[transcript.key, "txt"])).status_code == 404


def test_providers_file_that_was_removed(browser: Client, recording: Recording) -> None:
    transcript = made(recording)
    files = storage.keep(transcript, [TextFile(name="a", content_type="text/plain", content=b"a")])
    said(transcript, ("Ana", 1.0, "Hello."), files=files)
    storage.path_of(files[0]).unlink()

    assert browser.get(reverse("transcript-file", args=[transcript.key, "0"])).status_code == 404
