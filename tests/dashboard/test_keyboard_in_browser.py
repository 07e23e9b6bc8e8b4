"""The console without a pointer: every control takes the focus, and a day's work is done by keys."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from dashboard.models import User
from recordings import minting
from recordings.models import Operation
from tests.dashboard import samples
from tests.dashboard.browser import complaints, sign_in
from tests.dashboard.test_routes import SAMPLES, anybody

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["anybody"]
MOST = 200  # controls of one page
STEP = 25
# What a person can act on, each once: of radio buttons, the group. Whatever takes the focus goes from it.
COLLECT = """() => {
  const all = "a[href], button, input:not([type=hidden]), select, textarea, summary, "
    + "audio[controls], video[controls], [tabindex='0']";
  const nameOf = (each) => each.type === "radio" ? `radio ${each.name}` : each.outerHTML.slice(0, 110);
  window.left = new Map();
  for (const each of document.querySelectorAll(all)) {
    if (!each.checkVisibility({ visibilityProperty: true }) || each.disabled) continue;
    // Of a transcript's lines one takes Tab, and the arrows go on; the strip of voices only repeats them.
    if (each.matches(".panel-body--lines [tabindex='-1'], svg *")) continue;
    const key = each.type === "radio" ? each.name : each;
    if (!window.left.has(key)) window.left.set(key, nameOf(each));
  }
  document.addEventListener("focusin", ({ target }) => {
    window.left.delete(target);
    if (target.type === "radio") window.left.delete(target.name);
  });
  return window.left.size;
}"""
LEFT = "() => [...window.left.values()]"


@pytest.fixture(autouse=True)
def _no_links_are_kept() -> Iterator[None]:
    minting.forget()
    yield
    minting.forget()


def unreached(page: Any) -> list[str]:
    """The controls that Tab never comes to, pressed until all were met or it has gone round."""
    count = page.evaluate(COLLECT)
    assert count, "a page without any control would prove nothing"
    left: list[str] = []
    for _ in range(0, min(MOST, count * 2 + STEP), STEP):
        for _ in range(STEP):
            page.keyboard.press("Tab")
        left = page.evaluate(LEFT)
        if not left:
            break
    return left


def test_every_control_of_every_page_takes_the_focus(
    page: Any, live_server: Any, world: Any, recall: Any, account: Any, operator: User, anybody: User
) -> None:
    things = samples.full(world, recall, account, operator)
    sign_in(page, live_server, anybody)
    found = []
    pages = (next((each for each in make(things) if each.is_page), None) for make in SAMPLES.values())
    for address in filter(None, pages):
        page.goto(f"{live_server.url}{address.path}", wait_until="domcontentloaded")
        found += [f"{address}: {control}" for control in unreached(page)]

    assert found == []


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


@pytest.fixture
def board(page: Any, live_server: Any, operator: User, world: Any, recall: Any, account: Any) -> Any:
    """Three live calls, and somebody who has signed in by keys."""
    for title in ("Planning", "Review", "Stand-up"):
        world.call(account, recall.place_call(title))
    page.goto(f"{live_server.url}/")
    page.keyboard.type("operator")
    press(page, "Tab")
    page.keyboard.type("correct horse battery")
    press(page, "Enter")
    expect(page).to_have_title("Now · Tapedeck")
    page.wait_for_load_state()  # the title comes before the scripts that listen to keys
    return page.locator("#now .call")


def test_calls_are_recorded_and_stopped_by_keys_alone(page: Any, world: Any, board: Any) -> None:
    press(page, "j", "x", "j", "x", "s")
    expect(page.locator("#toasts")).to_contain_text("Start: 2 ordered.")
    world.advance(20)
    expect(board.nth(0).locator(".recording .badge").first).to_have_text("recording")
    expect(board.nth(1).locator(".recording .badge").first).to_have_text("recording")
    # Ticks go with the orders; the call that has the focus is meant where none is ticked.
    expect(page.locator("#several [data-ticked]")).to_have_text("Tick calls, then choose.")
    world.clock.advance(5)
    press(page, "k", "e")
    expect(page.locator("#toasts")).to_contain_text("Stop: 1 ordered.")
    world.advance(60)

    expect(board.nth(0)).to_contain_text("not recorded")
    expect(board.nth(1).locator(".recording .badge").first).to_have_text("recording")
    expect(board.nth(2)).to_contain_text("not recorded")
    kinds = list(Operation.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["recording.start", "recording.start", "recording.stop"]


def test_sheet_of_keys_and_the_form_open_and_close_by_keys(page: Any, board: Any) -> None:
    refused = complaints(page)
    press(page, "?")
    sheet = page.get_by_role("dialog", name="Keys of this page")
    expect(sheet).to_contain_text("pause, resume its recording")
    press(page, "Escape")
    expect(sheet).to_be_hidden()

    press(page, "j", "o")
    dialog = page.get_by_role("dialog", name="Start recording")
    expect(dialog).to_be_visible()
    press(page, "Escape")
    expect(dialog).to_be_hidden()
    assert refused == []


def test_ticks_outlive_what_is_drawn_anew(
    page: Any, world: Any, recall: Any, account: Any, board: Any
) -> None:
    press(page, "j", "j", "x")
    expect(page.locator("#several [data-ticked]")).to_have_text("1 ticked")
    world.clock.advance(5)
    world.call(account, recall.place_call("Late"))
    page.evaluate("htmx.trigger(document.body, 'tapedeck-changed')")

    expect(board).to_have_count(4)
    expect(board.nth(1).get_by_role("checkbox")).to_be_checked()
    expect(board.nth(0).get_by_role("checkbox")).not_to_be_checked()
    expect(page.locator("#several [data-ticked]")).to_have_text("1 ticked")
