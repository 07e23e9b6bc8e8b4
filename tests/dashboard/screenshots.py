"""Takes a picture of every page in each of its states, at 1440 and 390 pixels, light and dark.

Not a test: ``make screenshots`` runs it. ``ONLY=now,account`` takes some routes alone.
"""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from dashboard.models import User
from tests.dashboard.browser import sign_in
from tests.dashboard.samples import Things
from tests.dashboard.test_routes import SAMPLES, anybody, things

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["anybody", "things"]
FOLDER = Path("var/screenshots")  # a run of the tests empties test-results
SIZES = {"wide": (1440, 900), "phone": (390, 844)}
SCHEMES = ("light", "dark")
TALLEST = 2600  # the rest of a long list looks like what is above it


def wanted() -> set[str]:
    named = {name for name in os.environ.get("ONLY", "").split(",") if name}
    return named or set(SAMPLES)


def name_of(route: str, path: str, number: int) -> str:
    """The route, and what its address asks for beside."""
    query = re.sub(r"[^a-z0-9]+", "-", path.partition("?")[2].lower()).strip("-")[:30]
    return "-".join(filter(None, (route, str(number) if number else "", query)))


def take(page: Any, path: Path) -> None:
    height = page.evaluate("document.documentElement.scrollHeight")
    width = page.viewport_size["width"]
    clip = {"x": 0, "y": 0, "width": width, "height": min(height, TALLEST)}
    page.screenshot(path=path, full_page=True, clip=clip)


def test_take(page: Any, live_server: Any, anybody: User, things: Things, request: Any) -> None:
    folder = FOLDER / request.node.callspec.params["things"]
    folder.mkdir(parents=True, exist_ok=True)
    sign_in(page, live_server, anybody)
    for route in sorted(wanted() & SAMPLES.keys()):
        pages = [each for each in SAMPLES[route](things) if each.is_page]
        for number, address in enumerate(pages):
            for size, (width, height) in SIZES.items():
                page.set_viewport_size({"width": width, "height": height})
                page.goto(f"{live_server.url}{address.path}", wait_until="domcontentloaded")
                for scheme in SCHEMES:
                    page.emulate_media(color_scheme=scheme)
                    take(page, folder / f"{name_of(route, address.path, number)}-{size}-{scheme}.png")
