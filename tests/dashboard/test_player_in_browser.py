"""The player and the words beside it, in a real Chromium."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dashboard.models import User
from recordings import media, minting
from recordings.models import Account
from tests.dashboard import samples
from tests.dashboard.browser import complaints, held_back, sign_in
from tests.dashboard.samples import Things
from tests.simulators.recall import RecallSimulator
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PLAYER = "document.querySelector('[data-player] audio, [data-player] video')"
IS_READY = f"{PLAYER}?.readyState >= 1"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Sound may begin by itself, as it may after a click of a person."""
    args = [*browser_type_launch_args["args"], "--autoplay-policy=no-user-gesture-required", "--mute-audio"]
    return {**browser_type_launch_args, "args": args}


@pytest.fixture
def things(world: World, recall: RecallSimulator, account: Account, operator: User) -> Things:
    minting.forget()
    return samples.full(world, recall, account, operator)


@pytest.fixture
def refused(page: Page) -> list[str]:
    return complaints(page)


def until(page: Page, condition: str) -> None:
    """Playwright's own wait needs eval, which the policy refuses."""
    for _ in range(150):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"never: {condition}")


def address(thing: Any) -> str:
    return str(thing.get_absolute_url())


def test_line_seeks_and_the_spoken_line_is_marked(
    page: Page, live_server: Any, refused: list[str], operator: User, things: Things
) -> None:
    sign_in(page, live_server, operator)
    page.goto(live_server.url + address(things.transcript))
    until(page, IS_READY)

    page.get_by_role("button", name="Play from 0:06").click()

    expect(page.locator("#line-2")).to_have_attribute("aria-current", "true")
    until(page, f"{PLAYER}.currentTime > 6 && !{PLAYER}.paused")
    page.evaluate(f"{PLAYER}.currentTime = 9.5")
    expect(page.locator("#line-3")).to_have_attribute("aria-current", "true")
    expect(page.locator(".line[aria-current]")).to_have_count(1)
    assert page.url.endswith(address(things.transcript))
    assert refused == []


def test_line_is_pressed_by_keyboard(page: Page, live_server: Any, operator: User, things: Things) -> None:
    sign_in(page, live_server, operator)
    page.goto(live_server.url + address(things.transcript))
    until(page, IS_READY)

    page.get_by_role("button", name="Play from 0:03").focus()
    page.keyboard.press("Enter")

    expect(page.locator("#line-1")).to_have_attribute("aria-current", "true")


def test_page_opens_at_a_moment_and_needs_no_script(
    browser: Any, live_server: Any, operator: User, things: Things
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server, operator)
    page.goto(live_server.url + address(things.transcript))

    page.get_by_role("button", name="Play from 0:06").click()

    expect(page.locator("#line-2")).to_have_attribute("aria-current", "true")
    assert "t=6" in page.url
    assert "#t=6" in (page.locator("[data-player] video").get_attribute("src") or "")
    context.close()


def test_player_goes_on_while_the_page_around_it_changes(
    page: Page, live_server: Any, refused: list[str], operator: User, world: World, things: Things
) -> None:
    sign_in(page, live_server, operator)
    page.goto(live_server.url + address(things.recording))
    until(page, IS_READY)
    page.evaluate(f"window.before = {PLAYER}; {PLAYER}.play()")

    page.get_by_role("link", name="Transcribe", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Transcribe").click()
    expect(page.locator("#recording-transcripts tbody tr")).to_have_count(2)
    world.advance(60)

    expect(page.locator("#recording-transcripts")).to_contain_text("2 of 10")
    assert page.evaluate(f"window.before === {PLAYER} && !{PLAYER}.error && {PLAYER}.currentTime > 0")
    assert refused == []


def test_player_appears_when_there_is_something_to_play(
    page: Page, live_server: Any, operator: User, world: World, recall: RecallSimulator, account: Account
) -> None:
    call = world.call(account, recall.place_call("Planning"))
    order = world.order(operator, call, "recording.start", **samples.defaults_of(account, "recording.start"))
    world.advance(20)
    sign_in(page, live_server, operator)
    page.goto(f"{live_server.url}/recordings/{order.made_key}/")
    expect(page.locator("#player")).to_contain_text("It is being recorded now")

    recall.end_call(call.external_id)
    world.advance(60)

    until(page, IS_READY)


def test_busy_player_says_so_and_tries_again_by_itself(
    page: Page, live_server: Any, operator: User, things: Things
) -> None:
    sign_in(page, live_server, operator)
    with media.slots, media.slots:
        page.goto(live_server.url + address(things.recording))
        expect(page.locator("[data-player-note]")).to_contain_text("Too many players at once")

    until(page, IS_READY)
    expect(page.locator("[data-player-note]")).to_be_hidden()


def test_player_that_was_refused_before_its_script_came_tries_again_too(
    page: Page, live_server: Any, operator: User, things: Things
) -> None:
    held = held_back(page, "**/player*.js")
    sign_in(page, live_server, operator)
    with media.slots, media.slots:
        page.goto(live_server.url + address(things.recording), wait_until="commit")
        until(page, f"!!{PLAYER}?.error")
        held[0].continue_()
        expect(page.locator("[data-player-note]")).to_contain_text("Too many players at once")

    until(page, IS_READY)
    expect(page.locator("[data-player-note]")).to_be_hidden()


def test_deleted_while_somebody_reads_leaves_a_tombstone(
    page: Page, live_server: Any, refused: list[str], operator: User, world: World, things: Things
) -> None:
    sign_in(page, live_server, operator)
    page.goto(live_server.url + address(things.transcript))

    page.get_by_role("link", name="Delete the transcript").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete the transcript").click()
    expect(page.locator("#transcript")).to_contain_text("Delete the transcript: Queued")
    world.advance(30)

    expect(page.locator("#tombstone")).to_contain_text("operator deleted this transcript")
    expect(page.locator("#lines")).to_have_count(0)
    assert [text for text in refused if "404" not in text] == []
