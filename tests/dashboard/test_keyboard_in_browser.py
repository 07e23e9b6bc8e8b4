"""The console without a pointer: every control takes the focus, and a day's work is done by keys."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from dashboard.models import AlertChannel, User
from recordings import minting, rescues
from recordings.models import Batch, Errand, Operation, Recording, Rule
from recordings.providers.snapshots import Status
from tests.dashboard import samples
from tests.dashboard.browser import complaints, sign_in
from tests.dashboard.test_routes import SAMPLES, TODAY, anybody

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


# Where more can be pressed once something went wrong.
REPAIRED = ("account", "account-ledger", "account-ledger-rows", "attention", "operation")


def test_every_control_of_what_went_wrong_takes_the_focus(
    page: Any, live_server: Any, world: Any, account: Any, anybody: User
) -> None:
    things = samples.failing(world, account)
    sign_in(page, live_server, anybody)
    found = []
    for address in (each for route in REPAIRED for each in SAMPLES[route](things) if each.is_page):
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


REACHED = r"""() => {
  const found = document.activeElement;
  const name = found.ariaLabel || found.labels?.[0]?.innerText || found.innerText || "";
  return name.trim().replace(/\s+/g, " ");
}"""


def reach(page: Any, name: str) -> None:
    """Press Tab until the control of this name has the focus."""
    page.wait_for_load_state()
    met = []
    for _ in range(MOST):
        page.keyboard.press("Tab")
        met.append(page.evaluate(REACHED))
        if f"{met[-1]} ".startswith(f"{name} "):
            return
    raise AssertionError(f"no way to {name!r} past {met}")


def pressed(page: Any, name: str) -> None:
    """Reach a button or link and press it; its page is there afterwards."""
    reach(page, name)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def typed(page: Any, name: str, text: str) -> None:
    reach(page, name)
    page.keyboard.type(text)


@pytest.fixture
def deleted_soon(account: Any) -> Recording:
    """A recording whose media the provider will delete."""
    now = timezone.now()
    return Recording.objects.create(
        account=account,
        external_id="soon",
        status=Status.COMPLETED,
        sort_at=now,
        media_expires_at=now + timedelta(hours=5),
    )


def test_media_are_rescued_in_bulk_and_failed_ones_again_by_keys_alone(
    page: Any, live_server: Any, manager: User, deleted_soon: Recording
) -> None:
    sign_in(page, live_server, manager)
    page.goto(f"{live_server.url}/expiry/")
    page.wait_for_load_state()  # the scripts listen to keys
    press(page, "j", "x")
    pressed(page, "Rescue media …")
    pressed(page, "Rescue media: 1")
    assert Batch.objects.get().state == Batch.State.RUNNING

    rescue = rescues.order(manager, deleted_soon, order_key="once")
    Operation.objects.filter(pk=rescue.pk).update(
        state="failed", outcome_code="rescue_failed", outcome="Off."
    )
    page.goto(f"{live_server.url}/attention/")
    pressed(page, "The media could not be copied here.")
    pressed(page, "Retry")

    assert Operation.objects.exclude(pk=rescue.pk).get().state == Operation.State.QUEUED


def test_rule_is_written_tried_and_switched_on_by_keys_alone(
    page: Any, live_server: Any, manager: User, account: Any
) -> None:
    sign_in(page, live_server, manager)
    page.goto(f"{live_server.url}/rules/")
    pressed(page, "New rule")
    typed(page, "Name", "Board rooms")
    reach(page, "Recall.ai:")
    press(page, "Space")
    typed(page, "Room or meeting", "board-*")
    typed(page, "Orders a month at most", "3")
    pressed(page, "Save")
    expect(page.locator("h1")).to_have_text("Board rooms on last week")
    pressed(page, "Switch on")

    rule = Rule.objects.get()
    assert (rule.is_enabled, rule.room, rule.monthly_count) == (True, "board-*", 3)


def test_account_is_tested_and_swept_and_its_ledger_and_the_costs_are_asked_by_keys_alone(
    page: Any, live_server: Any, administrator: User, world: Any, account: Any
) -> None:
    samples.failing(world, account)
    sign_in(page, live_server, administrator)
    page.goto(f"{live_server.url}{account.get_absolute_url()}")
    for button, told in (("Sweep what was missed", "The sweep begins now"), ("Test", "The test runs now")):
        pressed(page, button)
        expect(page.locator("body")).to_contain_text(told)
    pressed(page, "Ledger")
    pressed(page, "Sweep two days")
    expect(page.locator("body")).to_contain_text("The sweep begins now")
    page.goto(f"{page.url}recordings/{TODAY}/differing/")
    pressed(page, "Read all anew")
    expect(page.locator("body")).to_contain_text("read anew now")

    page.goto(f"{live_server.url}/costs/")
    reach(page, "Month")
    press(page, "ArrowDown")
    pressed(page, "Show")

    assert "month=" in page.url


def test_channel_of_alerts_is_made_and_tested_by_keys_alone(
    page: Any, live_server: Any, administrator: User, account: Any
) -> None:
    sign_in(page, live_server, administrator)
    page.goto(f"{live_server.url}/alerts/")
    pressed(page, "New channel")
    typed(page, "Name", "Team room")
    reach(page, "Kind")
    page.keyboard.type("Webhook")
    typed(page, "Email address or webhook URL", "https://hooks.chat.test/x")
    pressed(page, "Save")
    pressed(page, "Test Team room")

    assert Errand.objects.get(kind="alerts.test").subject == str(AlertChannel.objects.get().key)
