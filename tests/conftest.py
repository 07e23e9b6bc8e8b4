"""What every test may need: a real Chromium, or a plain word on why there is none."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
NO_CHROMIUM = "no Chromium: on Debian and Ubuntu, apt-get install chromium fonts-dejavu-core"


def pytest_configure() -> None:
    # Playwright keeps an event loop running in the thread of the tests that use the database.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Debian's Chromium; skips without it, unless this is CI or a browser is required."""
    if not Path(CHROMIUM).exists():
        if os.environ.get("CI") or os.environ.get("TAPEDECK_REQUIRE_BROWSER"):
            pytest.fail(NO_CHROMIUM, pytrace=False)
        pytest.skip(NO_CHROMIUM)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-dev-shm-usage"]
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield chromium
        chromium.close()
