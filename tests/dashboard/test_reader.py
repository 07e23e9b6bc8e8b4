"""The words of a transcript as lines: who speaks, how sure, what is marked, and who spoke when."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from dashboard.line_words import confidence, word_times
from dashboard.lines import Look, lines
from dashboard.models import User
from dashboard.voices import voices
from recordings.models import Account, ReadRecord, Recording
from recordings.providers.snapshots import Status
from tests.dashboard.test_transcripts import html, made, recording, said
from transcripts import overlays_changes
from transcripts.models import LineCorrection, SpeakerName, Transcript, TranscriptText
from transcripts.query import parse

__all__ = ["recording"]
HTMX = {"HX-Request": "true"}
HOSTILE = '<b onclick="a()">\u202egpj.exe\u2066'


@pytest.fixture
def transcript(recording: Recording) -> Transcript:
    row = made(recording)
    said(
        row,
        ("Speaker 0", 1.0, "We ship on Monday."),
        ("Speaker 1", 3.0, "Fine."),
        ("Speaker 0", 5.0, "Good."),
    )
    return row


@pytest.fixture
def browser(operator: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(operator)


def line_url(transcript: Transcript, number: int = 0) -> str:
    return reverse("transcript-line", args=[transcript.key, number])


def turn(text: str, start: float | None, words: list[list[Any]], **facts: Any) -> dict[str, Any]:
    return {"speaker": "Ana", "start": start, "end": None, "text": text, "words": words, **facts}


# Words.


def test_words_between_spaces_have_their_times_after_the_line() -> None:
    words = [["Hello", 10.0, 10.3, 0.9], ["there.", 10.41, 10.8, 0.7]]

    assert word_times(turn("Hello there.", 10.0, words)) == "0 41"


def test_words_without_spaces_have_their_places_as_scripts_count_them() -> None:
    words = [["😀我", 1.0, 1.2, None], ["们", 1.5, 1.8, None]]

    assert word_times(turn("😀我们", 1.0, words)) == "0:0 3:50"


def test_words_that_are_not_in_the_line_or_not_after_the_one_before() -> None:
    words = [
        ["one", 2.0, 2.1, None],
        ["lost", None, None, None],
        ["", 2.2, 2.3, None],
        ["two", 1.0, 2.1, None],
    ]

    assert word_times(turn("one two", 1.0, words)) == "0:100 4:120"


@pytest.mark.parametrize("start", [None, 1.0])
def test_no_words_no_times(start: float | None) -> None:
    assert word_times(turn("Hello", start, [["Hello", 1.0, 2.0, None]] if start is None else [])) == ""


def test_confidence_is_the_lines_else_the_mean_of_its_words() -> None:
    words = [["a", 0, 1, 0.5], ["b", 1, 2, None], ["c", 1, 2, 0.9]]

    assert confidence(turn("a b c", 0, words, confidence=0.3)) == 0.3
    assert confidence(turn("a b c", 0, words)) == pytest.approx(0.7)
    assert confidence(turn("a b c", 0, [])) is None


def test_low_confidence_is_told_in_figures_and_marked() -> None:
    written = lines([turn("a", 0.0, [], confidence=0.41), turn("b", 1.0, [], confidence=0.97)])

    assert '<span class="line-sure" data-low title="Confidence">41 %</span>' in written
    assert '<span class="line-sure" title="Confidence">97 %</span>' in written


def test_lines_without_a_name_are_told_by_their_channel() -> None:
    written = lines([turn("a", 0.0, []) | {"speaker": "", "channel": 1}])

    assert "Channel 1</bdi>" in written


def test_what_was_searched_for_is_marked_and_escaped() -> None:
    written = lines([turn("<i>café</i> & Cafe", 0.0, [])], look=Look(query=parse("cafe")))

    assert "&lt;i&gt;<mark>café</mark>&lt;/i&gt; &amp; <mark>Cafe</mark>" in written


def test_ninth_speaker_has_the_first_colour_again_and_a_name_of_its_own() -> None:
    turns = [turn("a", float(number), []) | {"speaker": f"S{number}"} for number in range(9)]

    written = lines(turns)

    assert written.count('data-voice="0"') == 2
    assert written.count("line-speaker") == 9


# Who spoke when.


def test_talk_time_is_added_up_and_close_turns_are_drawn_as_one() -> None:
    turns = [
        turn("a", 0.0, []) | {"end": 10.0},
        turn("b", 10.1, []) | {"end": 20.0},
        turn("c", 50.0, []) | {"end": 70.0, "speaker": "Ben"},
        turn("d", 90.0, []) | {"end": 100.0},
        turn("e", None, []) | {"speaker": "Eve"},
    ]

    ana, ben, eve = voices(turns)

    assert (ana.lines, round(ana.seconds or 0, 1), ana.share) == (3, 29.9, 60)
    assert [(span.x, span.width, span.line) for span in ana.spans] == [
        ("0.0", "200.0", 0),
        ("900.0", "100.0", 3),
    ]
    assert (ben.spans[0].moment, ben.spans[0].clock) == ("50", "0:50–1:10")
    assert (eve.seconds, eve.share, eve.spans) == (None, None, [])


def test_strips_are_drawn_by_the_server_and_lead_to_their_moment(
    browser: Client, transcript: Transcript
) -> None:
    text = TranscriptText.objects.get()
    for each in text.utterances:
        each["end"] = each["start"] + 1
    text.save()

    page = html(browser, transcript)

    assert '<a href="?t=3#line-1" data-seek="3" tabindex="-1" aria-label="Play from 0:03–0:04">' in page
    assert "0:02 · 67 %" in page


def test_names_in_strips_are_escaped() -> None:
    [voice] = voices([turn("a", 0.0, []) | {"end": 10.0, "speaker": "<b>&"}])

    assert voice.strip.endswith(
        '<rect x="0.0" width="1000.0" height="10"><title>&lt;b&gt;&amp;, 0:00–0:10</title></rect></a>'
    )
    assert voice.strip.count("<a ") == 1


# What the address asks.


def test_query_of_the_address_is_marked_and_counted(browser: Client, transcript: Transcript) -> None:
    page = html(browser, transcript, q="ship OR good")

    assert "We <mark>ship</mark> on Monday." in page
    assert "2 found" in page


def test_query_that_cannot_be_read_is_explained(browser: Client, transcript: Transcript) -> None:
    page = html(browser, transcript, q=")")

    assert "A parenthesis is closed that was never opened." in page
    assert "We ship on Monday." in page


def test_without_any_media_the_page_says_so_and_the_words_stay(
    browser: Client, transcript: Transcript
) -> None:
    Recording.objects.update(status=Status.DELETED)
    deleted = html(browser, transcript)
    Transcript.objects.update(recording=None)
    unknown = html(browser, transcript)

    assert "This recording is deleted: there is nothing to play." in deleted
    assert "No recording of these words is known here" in unknown
    assert "We ship on Monday." in deleted
    assert "We ship on Monday." in unknown


def test_hostile_names_and_words_stay_text_everywhere(browser: Client, recording: Recording) -> None:
    transcript = made(recording)
    said(transcript, (HOSTILE, 1.0, HOSTILE))
    browser.post(line_url(transcript), {"text": f"{HOSTILE} too", "speaker": HOSTILE, "scope": "line"})

    addresses = [
        f"{transcript.get_absolute_url()}?q=exe&t={HOSTILE}",
        line_url(transcript),
        f"{reverse('transcript-speaker', args=[transcript.key])}?label={HOSTILE}",
        reverse("transcript-changes", args=[transcript.key]),
    ]
    for address in addresses:
        page = browser.get(address).content.decode()
        assert "<b onclick" not in page
        assert "&lt;b onclick=" in page
        assert f"{HOSTILE[3:]}<" not in page


# Several transcripts.


def test_transcripts_of_the_recording_are_chosen_and_one_is_shown_first(
    browser: Client, transcript: Transcript, recording: Recording
) -> None:
    other = made(recording, 1, engine="deepgram_async", is_primary=True)
    made(recording, 2, status=Status.FAILED)
    made(recording, 3, is_empty=True, language="de")

    page = html(browser, transcript)
    answer = browser.post(reverse("transcript-primary", args=[transcript.key]), follow=True)

    assert f'href="{other.get_absolute_url()}"' in page
    assert "Shown first:" in page
    assert "(failed)" in page
    assert ", de (no words)" in page
    assert "This transcript is shown first from now on." in answer.content.decode()
    assert list(Transcript.objects.filter(is_primary=True)) == [transcript]


def test_unfinished_transcript_is_not_shown_first(browser: Client, recording: Recording) -> None:
    row = made(recording, status=Status.PROCESSING)

    answer = browser.post(reverse("transcript-primary", args=[row.key]), follow=True)

    assert "Only a complete transcript of a recording can be shown first." in answer.content.decode()


# Names and corrections.


def test_line_is_corrected_and_said_by_somebody_else(browser: Client, transcript: Transcript) -> None:
    answer = browser.post(
        line_url(transcript),
        {"text": "We ship\r\non Tuesday.", "speaker": "Ana", "scope": "line"},
        follow=True,
    )
    page = answer.content.decode()

    assert answer.redirect_chain == [(f"{transcript.get_absolute_url()}?t=1#line-0", 302)]
    assert "We ship\non Tuesday." in page
    assert 'title="As it came: We ship on Monday."' in page
    assert page.count('class="line-speaker">Ana<') == 1
    assert page.count('class="line-speaker">Speaker 0<') == 1
    assert TranscriptText.objects.get().utterances[0]["text"] == "We ship on Monday."


def test_original_is_shown_on_request(browser: Client, transcript: Transcript) -> None:
    browser.post(line_url(transcript), {"text": "We ship on Tuesday.", "speaker": "", "scope": "line"})

    corrected = html(browser, transcript, q="ship")
    original = html(browser, transcript, original="1")

    assert '?q=ship&amp;original=1">Show original' in corrected
    assert "We ship on Monday.</span>" in original
    assert "Show as corrected" in original
    assert "line-fix" not in original


def test_speaker_of_a_line_is_renamed_everywhere(browser: Client, transcript: Transcript) -> None:
    browser.post(
        line_url(transcript), {"text": "We ship on Monday.", "speaker": "Nora", "scope": "everywhere"}
    )

    page = html(browser, transcript)

    assert page.count('class="line-speaker">Nora<') == 2
    assert "Speaker 0</bdi>" not in page
    assert not LineCorrection.objects.exclude(text="", speaker="").exists()


def test_speaker_is_renamed_and_named_as_before(browser: Client, transcript: Transcript) -> None:
    address = f"{reverse('transcript-speaker', args=[transcript.key])}?label=Speaker+0"

    form = browser.get(address).content.decode()
    browser.post(address, {"label": "Speaker 0", "name": "Nora"})
    named = html(browser, transcript)
    browser.post(address, {"label": "Speaker 0", "name": ""})

    assert '<option value="Speaker 1">' in form
    assert named.count("Nora</bdi>") == 3  # two turns, and the strip
    assert f"{address.replace('+', '%20')}" in named
    assert "Nora</bdi>" not in html(browser, transcript)
    assert SpeakerName.objects.count() == 2


def test_line_alone_is_answered_to_the_script(browser: Client, transcript: Transcript) -> None:
    form = browser.get(line_url(transcript), headers=HTMX).content.decode()
    answer = browser.post(
        line_url(transcript), {"text": "Tuesday.", "speaker": "Speaker 0", "scope": "line"}, headers=HTMX
    )

    assert 'hx-target="closest .line"' in form
    assert "<html" not in form
    assert answer.content.decode().startswith('<li class="line" data-voice="0"')
    assert answer.content.decode().count("<li") == 1
    assert "HX-Retarget" not in answer.headers


def test_new_name_draws_all_lines_anew(browser: Client, transcript: Transcript) -> None:
    answer = browser.post(
        line_url(transcript, 2), {"text": "Good.", "speaker": "Nora", "scope": "line"}, headers=HTMX
    )

    assert answer.headers["HX-Retarget"] == "#lines"
    assert 'id="voices"' in answer.content.decode()
    assert answer.content.decode().count('class="line"') == 3


def test_correction_is_taken_back_and_stays_history(browser: Client, transcript: Transcript) -> None:
    browser.post(line_url(transcript), {"text": "Wrong.", "speaker": "Ana", "scope": "line"})
    form = browser.get(line_url(transcript)).content.decode()
    browser.post(line_url(transcript), {"original": "1"})

    page = browser.get(reverse("transcript-changes", args=[transcript.key])).content.decode()

    assert "Back to the original" in form
    assert "We ship on Monday.</span>" in html(browser, transcript)
    assert page.count("<li>") == 2
    assert '<del dir="auto">Wrong.</del> <ins dir="auto">We ship on Monday.</ins>' in page


def test_history_of_untouched_words_is_empty(browser: Client, transcript: Transcript) -> None:
    page = browser.get(reverse("transcript-changes", args=[transcript.key])).content.decode()

    assert "Nothing was changed" in page


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_correction_that_is_refused_is_told_in_the_form(
    browser: Client, transcript: Transcript, headers: dict[str, str]
) -> None:
    long = {"text": "a", "speaker": "n" * 201, "scope": "line"}

    line = browser.post(line_url(transcript), long, headers=headers)
    speaker = browser.post(
        reverse("transcript-speaker", args=[transcript.key]), {"label": "x", "name": "y"}, headers=headers
    )

    assert "at most 200 characters" in line.content.decode()
    assert line.headers.get("HX-Retarget", "") == ("#line-form" if headers else "")
    assert "Nobody speaks under this label." in speaker.content.decode()
    assert not LineCorrection.objects.exists()


def test_line_that_is_still_spoken_is_not_corrected(browser: Client, transcript: Transcript) -> None:
    Transcript.objects.update(status=Status.IN_PROGRESS)
    text = TranscriptText.objects.get()
    text.utterances[0]["sequence"] = 1
    text.save()

    answer = browser.post(line_url(transcript), {"text": "New.", "speaker": "", "scope": "line"})

    assert "It is still being spoken" in answer.content.decode()


def test_line_that_is_not_there(browser: Client, transcript: Transcript) -> None:
    assert browser.get(line_url(transcript, 3)).status_code == 404


def test_viewer_reads_and_corrects_nothing(
    viewer: User, signed_in: Callable[[User], Client], transcript: Transcript
) -> None:
    browser = signed_in(viewer)

    page = html(browser, transcript)

    assert "line-fix" not in page
    assert "voice-rename" not in page
    assert browser.post(line_url(transcript), {"text": "x"}).status_code == 403
    assert browser.post(reverse("transcript-speaker", args=[transcript.key])).status_code == 403
    assert browser.post(reverse("transcript-primary", args=[transcript.key])).status_code == 403


def test_hidden_account_hides_its_lines(
    browser: Client, transcript: Transcript, account: Account, others: Group
) -> None:
    account.groups.set([others])

    for name in ("transcript-speaker", "transcript-changes"):
        assert browser.get(reverse(name, args=[transcript.key])).status_code == 404
    assert browser.get(line_url(transcript)).status_code == 404
    assert browser.post(reverse("transcript-primary", args=[transcript.key])).status_code == 404


def test_whoever_opens_a_line_has_seen_the_words(browser: Client, transcript: Transcript) -> None:
    browser.get(line_url(transcript))

    assert ReadRecord.objects.get(key=transcript.key).purpose == "saw"


def test_files_have_the_names_and_corrections(browser: Client, transcript: Transcript) -> None:
    browser.post(line_url(transcript), {"text": "Tuesday.", "speaker": "Nora", "scope": "everywhere"})

    text = browser.get(reverse("transcript-file", args=[transcript.key, "txt"])).content.decode()

    assert text.startswith("[00:00:01] Nora: Tuesday.\n")


def test_files_at_once_are_as_the_last_export_was(
    browser: Client, operator: User, transcript: Transcript
) -> None:
    overlays_changes.correct_line(operator, transcript, 0, text="We ship on Tuesday.")
    export = f"{reverse('export-new')}?transcript={transcript.key}"
    asked = {"order_key": "a", "format": "json", "has_times": "", "has_speakers": "", "wording": "original"}

    browser.post(export, asked)
    plain = browser.get(reverse("transcript-file", args=[transcript.key, "txt"]))
    captions = browser.get(reverse("transcript-file", args=[transcript.key, "vtt"])).content.decode()

    assert plain.content.decode() == "We ship on Monday.\n\nFine.\n\nGood.\n"
    assert plain["Content-Type"] == "text/plain; charset=utf-8"
    assert "We ship on Monday." in captions
    assert "<v " not in captions


# What others change meanwhile.


@pytest.fixture
def ben(manager: User, transcript: Transcript) -> User:
    Transcript.objects.update(has_text=True)
    manager.username = "ben"
    manager.save()
    return manager


def poll(browser: Client, transcript: Transcript, page: str) -> Any:
    [address] = [part.split('"')[0] for part in page.split('hx-get="') if "stamp=" in part.split('"')[0]]
    return browser.get(address.replace("&amp;", "&"), headers=HTMX)


def words_of(response: Any) -> str:
    return str(response.content.decode())


def test_changes_of_others_are_told_while_one_reads(
    browser: Client, operator: User, ben: User, transcript: Transcript
) -> None:
    overlays_changes.rename_speaker(operator, transcript, "Speaker 1", "Ana")
    page = html(browser, transcript)
    assert poll(browser, transcript, page).status_code == 204

    overlays_changes.rename_speaker(ben, transcript, "Speaker 0", "Ben")
    overlays_changes.correct_line(ben, transcript, 1, text="Fine!")
    told = poll(browser, transcript, page)
    again = poll(browser, transcript, words_of(told))

    assert "<bdi>ben</bdi> changed names or corrections since this page was opened" in words_of(told)
    assert again.status_code == 204
    assert "changed names or corrections" not in html(browser, transcript)


def test_own_changes_and_those_of_nobody(
    browser: Client, operator: User, ben: User, transcript: Transcript
) -> None:
    page = html(browser, transcript)

    overlays_changes.correct_line(operator, transcript, 1, text="Fine!")
    own = words_of(poll(browser, transcript, page))
    overlays_changes.correct_line(ben, transcript, 1, text="Fine?")
    ben.delete()
    theirs = words_of(poll(browser, transcript, page))

    assert "changed names or corrections" not in own
    assert "<bdi>Somebody</bdi> changed names or corrections" in theirs


@pytest.mark.parametrize("mark", ["", "x", "1-x", f"{'9' * 30}-0"])
def test_mark_that_nobody_gave_out_tells_nothing(
    browser: Client, ben: User, transcript: Transcript, mark: str
) -> None:
    overlays_changes.correct_line(ben, transcript, 1, text="Fine!")
    told = {"stamp": "old", "shows": "words", "read": mark}

    response = browser.get(transcript.get_absolute_url(), told, headers=HTMX)

    assert response.status_code == 200
    assert "changed names or corrections" not in words_of(response)
