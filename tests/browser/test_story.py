"""The whole story in a real browser, as the demo's operator, at each of the four providers."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Demo
from tests.simulators.speech import conversations

pytestmark = pytest.mark.browser

WAIT_MS = 120_000  # a busy machine is not a failing test


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


def eventually(look: Callable[[], Any], *, seconds: float = WAIT_MS / 1000) -> Any:
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        if found := look():
            return found
        time.sleep(0.3)
    raise AssertionError("it did not come about in time")


def fill_order(page: Page, options: dict[str, str]) -> None:
    """Type into the form of an order, wherever its fields fold away, and give the order."""
    give = page.locator("#order-give")
    give.wait_for()
    page.evaluate("document.querySelectorAll('#order-sheet details').forEach(each => { each.open = true })")
    for name, value in options.items():
        control = page.locator(f"[name='o-{name}']")
        if control.evaluate("element => element.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
    give.click()
    expect(give).to_have_count(0)


def order(page: Page, within: Locator | Page, kind: str, options: dict[str, str] | None = None) -> None:
    """Press the button of an order, and give it if it asks."""
    direct = within.locator(f"form[action*='/{kind}/'] button")
    asking = within.locator(f"a[href*='/{kind}/']")
    expect(direct.or_(asking).first).to_be_visible(timeout=WAIT_MS)
    if direct.count():
        direct.first.click()
        return
    asking.first.click()
    fill_order(page, options or {})


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
