"""What the stories do again and again."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PressedInVain

WAIT_MS = 120_000  # a busy machine is not a failing test
expect.set_options(timeout=30_000)


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
    give_order(page)


def give_order(page: Page) -> None:
    """Press the form's button, and again when the form asks once more, for what it is about has gone on, or
    when a busy browser lost the press: the same form twice is one order."""
    give = page.locator("#order-give")
    for _ in range(4):
        shown = give.all_inner_texts()
        if not shown:
            return
        give.click()
        with suppress(AssertionError):
            eventually(lambda shown=shown: give.all_inner_texts() != shown, seconds=20)
    raise AssertionError("the order was not taken")


def press(page: Page, button: Locator, kind: str) -> None:
    """Press a button that orders at once, and again if a busy machine gives no answer: twice is one order."""
    for _ in range(3):
        try:
            with page.expect_response(lambda answer: f"/{kind}/" in answer.url, timeout=20_000) as found:
                button.click(timeout=10_000)
        except PressedInVain:
            continue
        if found.value.status == 200:  # a form
            page.locator("#order-give").wait_for()
            give_order(page)
        if found.value.status < 500:
            return
    raise AssertionError(f"{kind} was not taken")


def order(page: Page, within: Locator | Page, kind: str, options: dict[str, str] | None = None) -> None:
    """Press the button of an order, and give it if it asks."""
    direct = within.locator(f"form[action*='/{kind}/'] button")
    asking = within.locator(f"a[href*='/{kind}/']")
    expect(direct.or_(asking).first).to_be_visible(timeout=WAIT_MS)
    if direct.count():
        press(page, direct.first, kind)
        return
    asking.first.click()
    fill_order(page, options or {})


def reloaded(page: Page, within: str, text: str) -> None:
    """Wait for words on a page that does not renew itself."""

    def look() -> bool:
        if text in page.locator(within).inner_text():
            return True
        page.reload()
        return False

    eventually(look)


def pressed(page: Page, name: str) -> None:
    """Press the button of this name in the page itself."""
    page.locator("main").get_by_role("button", name=name, exact=True).first.click()


def tick_rows(page: Page, count: int) -> list[str]:
    """Tick the first rows of a list by keys, once it has so many; answers the keys of what they show."""
    eventually(lambda: page.locator("input[name=key]").count() >= count or not page.reload())
    page.wait_for_load_state()  # the title comes before the scripts that listen to keys
    for _ in range(count):
        page.keyboard.press("j")
        page.keyboard.press("x")
    boxes = page.locator("input[name=key]:checked")
    expect(boxes).to_have_count(count)
    return [str(box.get_attribute("value")) for box in boxes.all()]


class Receiver:
    """A program that takes alerts, as a chat would: in a thread of its own."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        bodies = self.bodies

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                bodies.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Not into the tests' output."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
