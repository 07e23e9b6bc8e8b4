"""The whole story in a real browser, as the demo's operator, at each of the four providers."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo
from tests.browser.steps import (
    WAIT_MS,
    Receiver,
    eventually,
    fill_order,
    order,
    pressed,
    reloaded,
    tick_rows,
)
from tests.simulators.speech import conversations

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Story:
    """What an operator types that is not the default, and how the provider names it."""

    start: dict[str, str]
    performed: dict[str, Any] = field(default_factory=dict)
    has_transcript_order: bool = True
    is_deleted_there: bool = True


STORIES = {
    "recall": Story(start={"video_mixed_layout": "audio_only", "start_recording_on": "call_join"}),
    "twilio": Story(start={"Trim": "trim-silence", "RecordingTrack": "both"}),
    "daily": Story(start={"maxDuration": "1234"}, performed={"maxDuration": 1234}),
    "vobiz": Story(
        start={"time_limit": "777", "transcription_type": "auto"},
        performed={"time_limit": 777, "transcription_type": "auto"},
        has_transcript_order=False,
        is_deleted_there=False,
    ),
}


@pytest.mark.parametrize("provider", STORIES)
def test_operator_goes_the_whole_way(demo: Demo, operator_page: Page, provider: str) -> None:
    story, page = STORIES[provider], operator_page

    address = start_and_stop(demo, page, provider, story)
    eventually(lambda: demo_status(demo, address) == "completed")
    page.goto(f"{demo.url}{address}")
    if story.has_transcript_order:
        order(page, page, "transcript.order")
    key = eventually(lambda: transcript_key(demo, address))
    page.goto(f"{demo.url}/transcripts/{key}/")
    words = spoken_words(demo, key)
    expect(page.locator("body")).to_contain_text(words, timeout=WAIT_MS)
    assert plays(page)

    order(page, page, "transcript.delete")
    eventually(lambda: text_rows(demo, key) == 0)
    page.goto(f"{demo.url}/transcripts/{key}/")
    expect(page.locator("body")).not_to_contain_text(words)
    expect(page.locator("main")).to_contain_text("operator")
    if story.is_deleted_there:
        eventually(lambda: is_gone(demo, provider, key))


def place_call(demo: Demo, page: Page, provider: str) -> str:
    """A call as the company's other systems make it."""
    return str(demo.control(provider, "place_call", title=f"Story {provider}", conversation=0))


def send_bot(demo: Demo, page: Page, provider: str) -> str:
    """A meeting that nobody records yet: the operator sends a bot to it."""
    meeting_url = demo.control(provider, "place_meeting", title=f"Story {provider}", conversation=0)
    order(page, page, "call.send", {"meeting_url": meeting_url, "bot_name": f"Story {provider}"})
    sent = eventually(lambda: demo.control(provider, "record", action="send_bot"))
    assert sent[-1]["details"]["options"]["meeting_url"] == meeting_url
    return str(sent[-1]["result"])


BEGINNINGS = {"recall": send_bot}


def start_and_stop(demo: Demo, page: Page, provider: str, story: Story) -> str:
    """See the call live, start its recording with options, stop it; answers the recording's page."""
    call_id = BEGINNINGS.get(provider, place_call)(demo, page, provider)
    row = page.locator("li.call", has_text=re.compile(rf"Story {provider}|{call_id}", re.IGNORECASE)).first
    expect(row).to_be_visible(timeout=WAIT_MS)
    order(page, row, "recording.start", story.start)
    recorded = row.locator(".recording", has=page.locator("form[action*='/recording.stop/']"))
    expect(recorded).to_be_visible(timeout=WAIT_MS)
    started = performed(demo, provider, call_id)
    assert {name: started.get(name) for name in story.start} == (story.performed or story.start)
    address = recorded.locator("a[href^='/recordings/']").first.get_attribute("href")
    time.sleep(2)  # Long enough that something is recorded.
    order(page, row, "recording.stop")
    return str(address)


def performed(demo: Demo, provider: str, call_id: str) -> dict[str, Any]:
    """The options of the start that the provider really had for this call."""

    def look() -> Any:
        found = demo.control(provider, "record", action="start_recording")
        return [each for each in found if each["subject"] == call_id]

    details = eventually(look)[-1]["details"]
    options: dict[str, Any] = details.get("options", details)
    return options


def demo_status(demo: Demo, address: str) -> str:
    key = address.split("/")[2].replace("-", "")
    return str(demo.rows("SELECT status FROM recordings_recording WHERE key = ?", key)[0][0])


def transcript_key(demo: Demo, address: str) -> str:
    """Our key of the recording's transcript, once its words are here."""
    key = address.split("/")[2].replace("-", "")
    rows = demo.rows(
        "SELECT t.key FROM transcripts_transcript t JOIN recordings_recording r ON r.id = t.recording_id"
        " WHERE r.key = ? AND t.has_text",
        key,
    )
    if not rows:
        return ""
    text = str(rows[0][0])
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def spoken_words(demo: Demo, key: str) -> str:
    """A stretch of what was really said in this recording: it must stand on the page to the letter."""
    rows = demo.rows(
        "SELECT x.utterances FROM transcripts_transcripttext x JOIN transcripts_transcript t"
        " ON t.id = x.transcript_id WHERE t.key = ?",
        key.replace("-", ""),
    )
    text = " ".join(line["text"] for line in json.loads(rows[0][0]))
    spoken = [each for each in conversations() if each.turns[0].text in text]
    assert spoken, f"nobody said: {text[:200]}"
    return " ".join(spoken[0].turns[0].text.split()[:4])


def plays(page: Page) -> bool:
    """The sound beside the text is really heard: time passes in it."""
    page.evaluate(
        "() => { const m = document.querySelector('audio, video'); m.muted = true; return m.play() }"
    )
    page.wait_for_function("() => document.querySelector('audio, video').currentTime > 0.3", timeout=WAIT_MS)
    return True


def text_rows(demo: Demo, key: str) -> int:
    rows = demo.rows(
        "SELECT count(*) FROM transcripts_transcripttext x JOIN transcripts_transcript t"
        " ON t.id = x.transcript_id WHERE t.key = ?",
        key.replace("-", ""),
    )
    return int(rows[0][0])


def is_gone(demo: Demo, provider: str, key: str) -> bool:
    external_id = demo.rows(
        "SELECT external_id FROM transcripts_transcript WHERE key = ?", key.replace("-", "")
    )[0][0]
    there = demo.control(provider, "truth")["transcripts"].get(external_id)
    return there is None or "deleted" in there["status"]


def test_every_mirror_row_came_from_a_provider(demo: Demo) -> None:
    strangers = [
        row
        for table in ("recordings_call", "recordings_recording", "transcripts_transcript")
        for row in demo.rows(
            f"SELECT '{table}', key, source FROM {table} WHERE source NOT IN ('reply', 'webhook', 'sweep')"
        )
    ]

    assert strangers == []


# The other points of the console, by those who have to do with them.

Enter = Callable[[str], Page]


def test_recordings_begin_with_a_preset_and_are_stopped_on_a_phone(demo: Demo, enter: Enter) -> None:
    # The demo's own day begins with some: a room of ours would be taken for one of them.
    eventually(lambda: len(demo.control("daily", "record", action="start_recording")) > 1)
    page = enter("manager")
    page.goto(f"{demo.url}/presets/new/?for=daily:recording.start")
    page.fill("[name=name]", "Short ones")
    page.fill("[name='o-maxDuration']", "777")
    pressed(page, "Save")
    expect(page.locator("main table")).to_contain_text("Short ones")
    rooms = [demo.control("daily", "place_call", name=name) for name in ("short-one", "short-two")]

    page.goto(f"{demo.url}/?view=flat")
    calls = [page.locator("li.call", has_text=room) for room in rooms]
    for call, room in zip(calls, rooms, strict=True):
        call.get_by_role("link", name="Start recording").click(timeout=WAIT_MS)
        page.locator("#dialog").get_by_text("Short ones").click()
        expect(page.locator("[name='o-maxDuration']")).to_have_value("777")
        fill_order(page, {})
        assert performed(demo, "daily", room)["maxDuration"] == 777

    page.set_viewport_size({"width": 390, "height": 844})
    order(page, calls[0], "recording.stop")
    expect(calls[0]).to_contain_text("not recorded", timeout=WAIT_MS)
    calls[1].get_by_role("checkbox").check()
    page.locator("#several").get_by_role("button", name="Stop").click()
    expect(calls[1]).to_contain_text("not recorded", timeout=WAIT_MS)
    stopped = {each["subject"] for each in demo.control("daily", "record", action="stop_recording")}
    assert set(rooms) <= stopped
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_rule_is_tried_and_what_it_holds_stands_in_red(demo: Demo, enter: Enter) -> None:
    page = enter("manager")
    page.goto(f"{demo.url}/rules/new/")
    page.fill("[name=name]", "Board rooms")
    page.select_option("[name=does]", label="Start a recording")
    page.locator("label.check", has_text="Daily").get_by_role("checkbox").first.check()
    page.fill("[name=room]", "board-*, morning-*")
    page.fill("[name=monthly_amount]", "5")
    page.fill("[name=monthly_currency]", "usd")
    pressed(page, "Save")
    expect(page.locator("h1")).to_have_text("Board rooms on last week")
    expect(page.locator("main")).to_contain_text("Nothing is ordered by looking at this.")
    expect(page.locator("main table")).to_contain_text("morning-stand-up")
    pressed(page, "Switch on")

    demo.control("daily", "place_call", name="board-room")
    page.goto(demo.url)
    call = page.locator("li.call", has_text="board-room")
    expect(call).to_contain_text("should be recorded", timeout=WAIT_MS)
    expect(call).to_contain_text("Held it", ignore_case=True, timeout=WAIT_MS)
    call.get_by_role("link", name="The rule").click()
    expect(page.locator("main table")).to_contain_text("held")
    pressed(page, "Leave it out")
    expect(page.locator("main").get_by_role("button", name="Leave it out")).to_have_count(0)
    pressed(page, "Switch off")
    expect(page.locator(".page-head .badge")).to_have_text("off")
    assert not [
        each
        for each in demo.control("daily", "record", action="start_recording")
        if each["subject"] == "board-room"
    ]


def test_list_is_filtered_taken_along_and_ordered_in_bulk_until_it_is_cancelled(
    demo: Demo, enter: Enter
) -> None:
    demo.control(
        "recall", "fail", kind="slow", method="POST", path_contains="create_transcript", times=99, seconds=4
    )
    page = enter("manager")
    page.goto(f"{demo.url}/recordings/")
    page.select_option("[name=provider]", label="Recall.ai")
    page.select_option("[name=status]", label="completed")
    pressed(page, "Filter")
    assert "provider=recall" in page.url
    shown = page.locator("main tbody tr").count()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert 0 < shown < len(download.value.path().read_text().splitlines())  # one is the heading

    page.get_by_label("All that match the filters").check()
    pressed(page, "Order transcripts …")
    title = page.locator("h1")
    expect(title).to_contain_text("Order transcripts: ")
    count = int(title.inner_text().rpartition(" ")[2])
    before = len(demo.control("recall", "record", action="create_transcript"))
    expect(page.locator("main")).to_contain_text(f"This is charged {count} times.")
    pressed(page, f"Order transcripts: {count}")
    expect(page.locator("#batch-progress")).to_have_attribute("max", str(count))
    pressed(page, "Cancel the rest")
    expect(page.locator("#batch .page-head .badge")).to_have_text("cancelled", timeout=WAIT_MS)
    expect(page.locator("#batch")).to_contain_text(f"{count} of {count} are over", timeout=WAIT_MS)
    demo.control("recall", "clear_faults")
    sent = len(demo.control("recall", "record", action="create_transcript")) - before
    assert count - sent > 0
    expect(page.locator("#batch .chips")).to_contain_text(f"{count - sent} cancelled")


def test_many_are_deleted_only_by_their_number(demo: Demo, enter: Enter) -> None:
    page = enter("manager")
    page.goto(f"{demo.url}/recordings/?provider=twilio&status=completed")
    keys = tick_rows(page, 2)
    ids = [
        demo.rows("SELECT external_id FROM recordings_recording WHERE key = ?", key.replace("-", ""))[0][0]
        for key in keys
    ]
    pressed(page, "Delete recordings …")
    page.get_by_label("Type 2 to confirm").fill("3")
    pressed(page, "Delete recordings: 2")
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Type 2 to confirm").fill("2")
    pressed(page, "Delete recordings: 2")

    expect(page.locator("#batch")).to_contain_text("2 of 2 are over", timeout=WAIT_MS)
    expect(page.locator("#batch .chips")).to_contain_text("2 succeeded")
    gone = {each["subject"] for each in demo.control("twilio", "record", action="delete_recording")}
    assert set(ids) <= gone


def test_cause_is_snoozed_shown_again_and_mended_by_a_retry(demo: Demo, enter: Enter) -> None:
    page = enter("operator")
    demo.control("recall", "fail_transcripts", sub_code="insufficient_balance")
    page.goto(f"{demo.url}/recordings/?provider=recall&status=completed")
    page.locator("main tbody th a").first.click()
    order(page, page, "transcript.order")
    page.goto(f"{demo.url}/attention/")
    reloaded(page, "main", "insufficient_balance")
    cause = page.locator("#transcripts .cause", has_text="insufficient_balance")
    cause.locator("summary", has_text="Snooze").click()
    cause.get_by_role("button", name="For an hour").click()
    expect(cause).to_have_count(0)
    page.locator("#snoozed > summary").click()
    put_off = page.locator("#snoozed .cause", has_text="insufficient_balance")
    put_off.locator("summary", has_text="Snooze").click()
    put_off.get_by_role("button", name="Show it again").click()

    cause.locator("h3 a").click()
    page.locator(".item").get_by_role("link", name="Retry").first.click()
    fill_order(page, {})
    reloaded(page, "main", "Nothing is left of this cause")


def test_callbacks_are_tested_what_was_missed_is_swept_and_alerts_arrive(demo: Demo, enter: Enter) -> None:
    page = enter("administrator")
    tested = len(demo.control("daily", "record", action="update_webhook"))
    page.goto(f"{demo.url}/accounts/")
    page.locator("main tbody tr", has_text="Daily").get_by_role("link").first.click()
    doctor = page.locator("#account-doctor")
    expect(doctor).to_contain_text("callbacks passed in the last 7 days")
    doctor.get_by_role("link", name="Test and repair webhook").click()
    fill_order(page, {})
    eventually(lambda: len(demo.control("daily", "record", action="update_webhook")) > tested)
    expect(doctor).to_contain_text("An endpoint leads here and works.", timeout=WAIT_MS)
    page.get_by_role("link", name="Ledger").click()
    pressed(page, "Sweep two days")
    reloaded(page, "main", "Matched")

    with Receiver() as receiver:
        page.goto(f"{demo.url}/alerts/new/")
        page.fill("[name=name]", "Team room")
        page.select_option("[name=kind]", "webhook")
        page.fill("[name=target]", receiver.url)
        pressed(page, "Save")
        page.get_by_role("button", name="Test Team room").click()
        messages = eventually(lambda: receiver.bodies)
    assert "This channel works" in json.loads(messages[0])["text"]
    page.get_by_role("link", name="Team room").click()
    page.locator("summary", has_text="Delete this channel").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.locator("main")).to_contain_text("Nobody is alerted yet")


def test_media_are_rescued_and_costs_are_told(demo: Demo, enter: Enter) -> None:
    page = enter("manager")
    page.goto(f"{demo.url}/expiry/")
    row = page.locator("main tbody tr").first
    address = str(row.locator("th a").get_attribute("href"))
    row.get_by_role("button", name="Rescue").click()
    expect(page.locator("body")).to_contain_text("Rescue media: ")
    assert page.url == f"{demo.url}/expiry/"
    page.goto(f"{demo.url}{address}")
    reloaded(page, "main", "SHA-256")
    page.goto(f"{demo.url}/expiry/?show=kept")
    expect(page.locator(f"main a[href='{address}']")).to_be_visible()
    assert [each for each in (demo.data / "rescued").rglob("*") if each.is_file()]

    page.goto(f"{demo.url}/costs/")
    expect(page.locator("main table")).to_contain_text("Recordings")
    expect(page.locator("main")).to_contain_text("Administrators enter rates.")
