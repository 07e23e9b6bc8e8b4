"""Reading along, finding, naming and correcting in a real Chromium, by keyboard too."""

import random
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from dashboard.models import User
from recordings import minting
from recordings.models import Account
from tests.dashboard import samples
from tests.dashboard.browser import barriers, complaints, sign_in
from tests.dashboard.samples import Things
from tests.dashboard.spoken import transcribed
from tests.dashboard.test_player_in_browser import IS_READY, PLAYER, browser_type_launch_args, until
from tests.simulators.recall import RecallSimulator
from tests.world import World
from transcripts import overlays_changes
from transcripts.models import LineCorrection, SpeakerName, Transcript, TranscriptText

__all__ = ["browser_type_launch_args"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SPEEDS = ["0.75×", "1×", "1.25×", "1.5×", "1.75×", "2×"]
ROUNDS = 8  # of one short conversation, so that the page scrolls
SPOKEN = "[...CSS.highlights.get('spoken')].map(range => range.toString()).join('|')"
FOUND_NOW = """(() => {
  const range = [...CSS.highlights.get('found-now')][0];
  return range.startContainer.data.slice(range.startOffset, range.endOffset);
})()"""


@pytest.fixture
def things(world: World, recall: RecallSimulator, account: Account, operator: User) -> Things:
    minting.forget()
    found = samples.full(world, recall, account, operator)
    text = TranscriptText.objects.get(transcript=found.transcript)
    text.utterances = [_later(each, number * 20.0) for number in range(ROUNDS) for each in text.utterances]
    text.save()
    return found


def _later(each: dict[str, Any], seconds: float) -> dict[str, Any]:
    words = [[text, start + seconds, end + seconds, sure] for text, start, end, sure in each["words"]]
    return {**each, "start": each["start"] + seconds, "end": each["end"] + seconds, "words": words}


@pytest.fixture
def refused(page: Page) -> list[str]:
    return complaints(page)


@pytest.fixture
def reader(page: Page, live_server: Any, operator: User, things: Things) -> Page:
    sign_in(page, live_server, operator)
    assert things.transcript
    page.goto(live_server.url + things.transcript.get_absolute_url())
    until(page, IS_READY)
    return page


def current(page: Page) -> str:
    return page.locator(".line[aria-current]").get_attribute("id") or ""


def test_the_spoken_word_is_marked_without_an_element_of_its_own(reader: Page, refused: list[str]) -> None:
    reader.evaluate(f"{PLAYER}.currentTime = 6.3")

    expect(reader.locator("#line-2")).to_have_attribute("aria-current", "true")
    until(reader, f"{SPOKEN} !== ''")
    assert reader.evaluate(SPOKEN) in reader.locator("#line-2 .line-words > span").inner_text()
    assert " " not in reader.evaluate(SPOKEN)
    assert reader.locator("#line-2 .line-words > span *").count() == 0
    assert refused == []


def test_following_yields_to_the_hand_and_comes_back(reader: Page) -> None:
    back = reader.get_by_role("button", name="Back to now")
    reader.get_by_role("button", name="Play from 0:00").first.click()
    until(reader, f"!{PLAYER}.paused")
    expect(back).to_be_hidden()

    reader.mouse.move(300, 500)
    reader.mouse.wheel(0, 1500)
    expect(back).to_be_visible()
    before = reader.evaluate("scrollY")
    reader.evaluate(f"{PLAYER}.currentTime = 6.1")
    expect(reader.locator("#line-2")).to_have_attribute("aria-current", "true")

    until(reader, "scrollY > 300")
    assert reader.evaluate("scrollY") >= min(before, 300)
    expect(reader.locator("#line-2")).not_to_be_in_viewport()
    back.click()
    expect(reader.locator(".line[aria-current]")).to_be_in_viewport()
    expect(back).to_be_hidden()


def test_who_does_not_follow_is_left_where_they_are(reader: Page) -> None:
    reader.get_by_label("Follow the sound").uncheck()
    reader.evaluate(f"{PLAYER}.currentTime = 0.1; scrollTo(0, document.body.scrollHeight)")
    at = reader.evaluate("scrollY")
    reader.evaluate(f"{PLAYER}.currentTime = 9.5")

    expect(reader.locator("#line-3")).to_have_attribute("aria-current", "true")
    expect(reader.get_by_role("button", name="Back to now")).to_be_visible()
    assert reader.evaluate("scrollY") == at
    reader.reload()
    expect(reader.get_by_label("Follow the sound")).not_to_be_checked()


def test_reduced_motion_jumps(reader: Page) -> None:
    reader.emulate_media(reduced_motion="reduce")
    reader.reload()
    until(reader, IS_READY)
    reader.evaluate(
        "window.ways = []; const was = Element.prototype.scrollIntoView;"
        "Element.prototype.scrollIntoView = function (how) {"
        "  if (how) ways.push(how.behavior); was.call(this, how); }"
    )

    reader.get_by_role("button", name="Play from 0:06").click()

    until(reader, "ways.length > 0")
    assert set(reader.evaluate("ways")) == {"instant"}


def test_speed_is_chosen_and_remembered(reader: Page) -> None:
    reader.get_by_label("Speed").select_option("1.75")
    assert reader.evaluate(f"{PLAYER}.playbackRate") == 1.75

    reader.reload()

    expect(reader.get_by_label("Speed")).to_have_value("1.75")
    until(reader, f"{PLAYER}.playbackRate === 1.75")
    assert reader.locator("#speed option").all_inner_texts() == [
        "0.75×",
        "1×",
        "1.25×",
        "1.5×",
        "1.75×",
        "2×",
    ]


def test_keys_play_leap_and_go_from_line_to_line(reader: Page) -> None:
    press = reader.keyboard.press
    press("Space")
    until(reader, f"!{PLAYER}.paused")
    press("Space")
    until(reader, f"{PLAYER}.paused")
    reader.evaluate(f"{PLAYER}.currentTime = 3.8")
    press("ArrowRight")
    until(reader, f"{PLAYER}.currentTime >= 8")
    press("ArrowLeft")
    until(reader, f"{PLAYER}.currentTime < 4")
    expect(reader.locator("#line-1")).to_have_attribute("aria-current", "true")

    press("ArrowDown")
    expect(reader.locator("#line-2 .line-time")).to_be_focused()
    press("ArrowDown")
    press("ArrowUp")
    press("ArrowUp")
    expect(reader.locator("#line-1 .line-time")).to_be_focused()
    press("ArrowDown")
    press("Enter")

    until(reader, f"!{PLAYER}.paused && {PLAYER}.currentTime >= 6")
    expect(reader.locator("#line-2")).to_have_attribute("aria-current", "true")
    press("Space")
    until(reader, f"{PLAYER}.paused")
    assert current(reader) == "line-2"


def test_a_leap_shows_although_its_sound_does_not_come(reader: Page) -> None:
    """Chromium may leave a leap of a paused player unfinished until it is played again."""
    reader.evaluate(f"Object.defineProperty({PLAYER}, 'seeking', {{ get: () => true }})")

    reader.evaluate(f"{PLAYER}.currentTime = 3.8")

    expect(reader.locator("#line-1")).to_have_attribute("aria-current", "true")


def test_arrows_go_on_where_one_list_of_lines_ends_and_at_both_ends_stay(reader: Page) -> None:
    for first, key, then in ((24, "ArrowDown", 25), (25, "ArrowUp", 24), (0, "ArrowUp", 0)):
        reader.locator(f"#line-{first} .line-time").focus()

        reader.keyboard.press(key)

        expect(reader.locator(f"#line-{then} .line-time")).to_be_focused()


def test_while_it_plays_the_sound_goes_along_with_the_arrows(reader: Page) -> None:
    reader.get_by_role("button", name="Play from 0:00").first.focus()
    reader.keyboard.press("Enter")
    until(reader, f"!{PLAYER}.paused")

    reader.keyboard.press("ArrowDown")

    until(reader, f"{PLAYER}.currentTime >= 3")
    expect(reader.locator("#line-1 .line-time")).to_be_focused()


def test_keys_are_listed_left_and_switched_off(reader: Page, refused: list[str]) -> None:
    reader.keyboard.press("?")
    dialog = reader.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    assert barriers(reader) == []
    reader.keyboard.press("Escape")
    expect(dialog).to_be_hidden()

    reader.get_by_role("button", name="Keys").press("Enter")
    dialog.get_by_label("Use these keys on this device").press("Space")
    reader.keyboard.press("Escape")
    reader.keyboard.press("f")

    expect(reader.locator("#find")).not_to_be_focused()
    reader.reload()
    until(reader, IS_READY)
    reader.keyboard.press("Space")
    reader.keyboard.press("f")
    expect(reader.locator("#find")).not_to_be_focused()
    assert reader.evaluate(f"{PLAYER}.paused")
    assert refused == []


def test_one_line_is_in_the_order_of_tab(reader: Page) -> None:
    reader.get_by_role("button", name="Keys").focus()
    reader.keyboard.press("Tab")
    expect(reader.locator("#line-0 .line-time")).to_be_focused()
    reader.keyboard.press("Tab")
    expect(reader.locator("#line-0 .line-fix")).to_be_focused()
    reader.keyboard.press("Tab")
    expect(reader.get_by_role("button", name="Copy the Link to this line")).to_be_focused()
    reader.keyboard.press("Tab")

    assert reader.evaluate("document.activeElement.closest('.line')") is None


def test_words_are_found_counted_and_gone_through_by_keyboard(reader: Page) -> None:
    count = reader.locator("#find-count")
    reader.keyboard.press("f")
    reader.keyboard.type("LAMPS")
    expect(count).to_have_text(f"1 of {ROUNDS}")
    assert reader.evaluate(FOUND_NOW) == "Lamps"

    reader.keyboard.press("Enter")
    expect(count).to_have_text(f"2 of {ROUNDS}")
    expect(reader.locator("#line-5")).to_be_in_viewport()
    reader.keyboard.press("Shift+Enter")
    reader.keyboard.press("Shift+Enter")
    expect(count).to_have_text(f"{ROUNDS} of {ROUNDS}")
    reader.get_by_role("button", name="Next").click()
    expect(count).to_have_text(f"1 of {ROUNDS}")
    reader.locator("#find").fill("(no such")
    expect(count).to_have_text("not found")
    reader.locator("#find").press("Escape")

    expect(reader.locator("#find")).to_have_value("")
    expect(count).to_have_text("")
    assert reader.evaluate("CSS.highlights.has('found')") is False
    expect(reader.locator(".line-time:focus")).to_have_count(1)


def test_without_highlights_the_browser_marks_with_elements(page: Page, reader: Page) -> None:
    page.add_init_script(
        "delete CSS.__proto__; Object.defineProperty(window, 'CSS', {value: {escape: CSS.escape}})"
    )
    page.reload()
    until(page, IS_READY)

    page.locator("#find").fill("lamp")
    expect(page.locator("#lines mark")).to_have_count(2 * ROUNDS)
    expect(page.locator("#lines mark.is-now")).to_have_text("Lamp")
    page.locator("#find").fill("")

    expect(page.locator("#lines mark")).to_have_count(0)
    assert page.evaluate("document.querySelector('.line-words > span').childNodes.length") == 1


def test_address_opens_at_its_moment_with_its_words_marked(reader: Page, refused: list[str]) -> None:
    reader.goto(f"{reader.url}?t=63&q=lamp*")

    expect(reader.locator("#find-count")).to_have_text(f"7 of {2 * ROUNDS}")
    expect(reader.locator(".line[aria-current]")).to_be_in_viewport()
    assert reader.locator("#lines mark").count() == 2 * ROUNDS
    assert refused == []


def test_link_to_a_line_is_copied_and_leads_there(reader: Page) -> None:
    reader.context.grant_permissions(["clipboard-read", "clipboard-write"])
    reader.locator("#line-2").hover()
    reader.get_by_role("button", name="Copy the Link to this line").click()
    expect(reader.locator("#toasts")).to_contain_text("is copied")

    reader.goto(reader.evaluate("navigator.clipboard.readText()"))

    expect(reader.locator("#line-2")).to_have_attribute("aria-current", "true")
    expect(reader.locator("#line-2")).to_be_in_viewport()


def test_link_that_cannot_be_copied_is_shown(reader: Page) -> None:
    reader.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    reader.locator("#line-0").hover()
    reader.get_by_role("button", name="Copy the Link to this line").click()

    expect(reader.locator("#toasts")).to_contain_text("#line-0")


def test_strip_leads_to_its_moment_and_shows_where_the_sound_is(reader: Page, refused: list[str]) -> None:
    reader.locator(".voice-strip a").nth(1).click()

    until(reader, f"{PLAYER}.currentTime > 5")
    assert "t=" not in reader.url
    until(reader, "Number(document.getElementById('voices').style.getPropertyValue('--now')) > 0")
    assert refused == []


def test_line_is_corrected_in_its_place_by_keyboard_while_it_plays(reader: Page, refused: list[str]) -> None:
    reader.evaluate(f"window.before = {PLAYER}; {PLAYER}.play()")
    fix = reader.locator("#line-4 .line-fix")
    fix.focus()
    reader.keyboard.press("Enter")
    field = reader.locator("#line-form textarea")
    expect(field).to_be_focused()
    assert barriers(reader) == []
    field.fill("The case number is 742.")
    reader.get_by_role("button", name="Save").press("Enter")

    expect(reader.locator("#line-4")).to_contain_text("The case number is 742.")
    expect(reader.locator("#line-4")).to_contain_text("corrected")
    expect(reader.locator("#line-form")).to_have_count(0)
    expect(fix).to_be_focused()
    assert reader.evaluate(f"window.before === {PLAYER}")
    assert LineCorrection.objects.get().text == "The case number is 742."
    fix.press("Enter")
    expect(field).to_be_focused()
    reader.keyboard.press("Escape")
    expect(reader.locator("#line-form")).to_have_count(0)
    expect(fix).to_be_focused()
    fix.click()
    reader.get_by_role("link", name="Cancel").click()
    expect(reader.locator("#line-form")).to_have_count(0)
    assert refused == []


def test_speaker_is_renamed_in_the_dialog_and_every_line_follows(reader: Page, refused: list[str]) -> None:
    reader.evaluate(f"window.before = {PLAYER}")
    reader.locator(".voice-rename").first.press("Enter")
    dialog = reader.get_by_role("dialog", name="Rename a speaker")
    dialog.get_by_label("Name").fill("Nora Q.")
    assert barriers(reader) == []
    dialog.get_by_label("Name").press("Enter")

    expect(dialog).to_be_hidden()
    expect(reader.locator(".voice-name").first).to_have_text("Nora Q.")
    expect(reader.locator("#line-0 .line-speaker")).to_have_text("Nora Q.")
    assert SpeakerName.objects.get().name == "Nora Q."
    assert reader.evaluate(f"window.before === {PLAYER}")
    # The lines are others, and are read along all the same.
    reader.get_by_role("button", name="Play from 0:06").click()
    expect(reader.locator("#line-2")).to_have_attribute("aria-current", "true")
    assert refused == []


def test_line_is_said_by_another_and_the_form_tells_what_is_wrong(reader: Page) -> None:
    reader.locator("#line-1 .line-fix").focus()
    reader.keyboard.press("Enter")
    speaker = reader.locator("#line-form").get_by_label("Speaker", exact=True)
    speaker.fill("x" * 300)
    reader.evaluate("document.querySelector('#line-form [name=speaker]').removeAttribute('maxlength')")
    speaker.fill("x" * 300)
    reader.get_by_role("button", name="Save").click()
    expect(reader.locator("#line-form")).to_contain_text("at most 200 characters")

    speaker.fill("Ben")
    reader.get_by_role("button", name="Save").click()

    expect(reader.locator("#line-1 .line-speaker")).to_have_text("Ben")
    expect(reader.locator(".voice-name")).to_have_count(3)
    expect(reader.locator("#line-1 .line-fix")).to_be_focused()


def test_corrected_and_read_without_a_script(
    browser: Any, live_server: Any, operator: User, things: Things
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server, operator)
    assert things.transcript
    page.goto(live_server.url + things.transcript.get_absolute_url())

    page.locator("#line-0 .line-fix").click()
    page.get_by_label("Text").fill("Corrected by hand.")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#line-0")).to_contain_text("Corrected by hand.")
    page.get_by_role("link", name="Show original").click()
    expect(page.locator("#line-0")).not_to_contain_text("Corrected by hand.")
    page.get_by_role("link", name="History").click()
    expect(page.get_by_role("main")).to_contain_text("Corrected by hand.")
    page.go_back()
    page.locator("#find").fill("lamps")
    page.locator("#find").press("Enter")
    expect(page.locator("#lines mark")).to_have_count(ROUNDS)
    context.close()


def test_narrow_page_keeps_the_media_at_the_top(reader: Page) -> None:
    reader.set_viewport_size({"width": 390, "height": 844})
    reader.evaluate("scrollTo(0, 1500)")

    until(reader, "scrollY > 900")
    box = reader.locator(".reader-side").bounding_box()

    assert box
    assert abs(box["y"]) < 1
    assert reader.evaluate("document.documentElement.scrollWidth") <= 390
    assert barriers(reader) == []


def test_wide_page_keeps_the_media_beside_the_words(reader: Page) -> None:
    reader.set_viewport_size({"width": 1440, "height": 900})
    reader.evaluate("scrollTo(0, 1200)")

    expect(reader.locator(".player")).to_be_in_viewport()
    assert barriers(reader) == []


def test_changes_of_others_are_told_and_shown_by_keyboard(
    reader: Page, things: Things, manager: User, refused: list[str]
) -> None:
    assert things.transcript
    overlays_changes.correct_line(manager, things.transcript, 0, text="Changed meanwhile.")
    reader.evaluate("scrollTo(0, 1200); htmx.trigger(document.body, 'tapedeck-changed')")

    expect(reader.locator(".notice--news")).to_be_in_viewport()
    expect(reader.locator(".notice--news")).to_contain_text("manager changed names or corrections")
    assert barriers(reader) == []
    reader.get_by_role("link", name="show them").focus()
    reader.keyboard.press("Enter")

    expect(reader.locator("#line-0")).to_contain_text("Changed meanwhile.")
    expect(reader.locator(".notice--news")).to_have_count(0)
    assert refused == []


def test_another_transcript_is_chosen_and_shown_first_by_keyboard(reader: Page, things: Things) -> None:
    assert things.transcript
    assert things.recording
    other = transcribed(
        things.recording, "tra-other", ("Ana", 1.0, "Another engine heard this."), language="pt"
    )
    reader.reload()
    chooser = reader.get_by_role("navigation", name="Transcripts of this recording")

    chooser.get_by_role("link", name="Transcript, pt").focus()
    reader.keyboard.press("Enter")
    reader.wait_for_url(f"**{other.get_absolute_url()}")
    assert barriers(reader) == []
    reader.get_by_role("button", name="Show this one first").focus()
    reader.keyboard.press("Enter")

    expect(chooser.locator("[aria-current]")).to_contain_text("★")
    expect(reader.locator("#line-0")).to_contain_text("Another engine heard this.")
    assert list(Transcript.objects.filter(is_primary=True)) == [other]


# Long ones.


def long_text(transcript: Transcript, words: int = 30_000) -> None:
    """Three hours of five people."""
    dice = random.Random(1)
    turns: list[dict[str, Any]] = []
    at, said = 0.0, 0
    while said < words:
        spoken = [[f"word{dice.randrange(2000)}", at + 0.36 * n, at + 0.36 * n + 0.3, 0.9] for n in range(12)]
        turns.append(
            {
                "speaker": f"Speaker {dice.randrange(5)}",
                "start": at,
                "end": at + 4.3,
                "text": " ".join(word[0] for word in spoken),
                "channel": None,
                "confidence": None,
                "language": "",
                "words": spoken,
            }
        )
        at, said = at + 4.32, said + len(spoken)
    TranscriptText.objects.filter(transcript=transcript).update(utterances=turns, words=said)


def test_three_hours_are_read_along_without_an_element_more(
    reader: Page, things: Things, refused: list[str]
) -> None:
    assert things.transcript
    long_text(things.transcript)
    reader.reload()
    until(reader, IS_READY)
    elements = "document.getElementsByTagName('*').length"
    before = reader.evaluate(elements)

    # The media is short: what it plays is told to be anywhere in the three hours.
    reader.evaluate(
        f"Object.defineProperty({PLAYER}, 'currentTime', {{get: () => window.at, set: () => {{}}}});"
        "window.told = new MutationObserver(() => {});"
        "told.observe(document.body, {subtree: true, childList: true})"
    )
    for at in (5000.5, 5000.9, 5004.5, 9000.2, 10.0):
        reader.evaluate(f"window.at = {at}; {PLAYER}.dispatchEvent(new Event('timeupdate'))")
        expect(reader.locator(".line[aria-current]")).to_have_id(f"line-{int(at / 4.32)}")
        expect(reader.locator(".line[aria-current]")).to_be_in_viewport()
        assert reader.evaluate(SPOKEN).startswith("word")

    assert reader.evaluate("told.takeRecords().length") == 0
    assert reader.evaluate(elements) == before
    assert reader.evaluate("document.querySelectorAll('.voice-strip rect').length") < 1500
    assert (
        reader.evaluate("getComputedStyle(document.querySelector('.lines-piece')).contentVisibility")
        == "auto"
    )
    reader.locator("#find").fill("word7")
    until(reader, "document.getElementById('find-count').textContent.startsWith('1 of ')")
    assert reader.evaluate(elements) == before
    assert reader.url.endswith(reverse("transcript", args=[things.transcript.key]))
    assert refused == []
