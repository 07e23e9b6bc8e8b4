"""The demo's own processes, once for all tests of this folder."""

import json
import os
import re
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.conftest import chromium_launch_args

BASE = Path(__file__).parents[2]
STARTS_WITHIN_SECONDS = 60.0


@dataclass
class Demo:
    """A running demo: where it is, who may sign in, and the simulators behind it."""

    url: str
    data: Path
    passwords: dict[str, str]
    process: "subprocess.Popen[str]"

    def control(self, provider: str, name: str, /, **arguments: Any) -> Any:
        """One control of a simulator."""
        address = f"{self.origin(provider)}/_control/{name}"
        body = json.dumps(arguments).encode()
        request = urllib.request.Request(address, data=body, method="POST")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())

    def origin(self, provider: str) -> str:
        return str(self.rows("SELECT base_url FROM recordings_account WHERE provider = ?", provider)[0][0])

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read the demo's database, as nobody but a test would."""
        database = sqlite3.connect(f"file:{self.data}/tapedeck.sqlite3?mode=ro", uri=True, timeout=10)
        try:
            return database.execute(query, values).fetchall()
        finally:
            database.close()

    def sign_in(self, page: Page, role: str) -> None:
        page.goto(f"{self.url}/sign-in/")
        page.fill("input[name=username]", role)
        page.fill("input[name=password]", self.passwords[role])
        page.keyboard.press("Enter")
        page.wait_for_url(f"{self.url}/")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Started as `make demo` starts it, with a data folder of its own."""
    chromium_launch_args()  # Skips, or fails in CI, before anything is started in vain.
    data = tmp_path_factory.mktemp("demo")
    port = free_port()
    # Nor is it measured, which would have it take twice as long for everything.
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TAPEDECK_", "COVERAGE_"))}
    environment = {
        **kept,
        "TAPEDECK_DEMO_DATA": str(data),
        "TAPEDECK_BIND": f"127.0.0.1:{port}",
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        "PYTHONUNBUFFERED": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "manage.py", "demo"],
        cwd=BASE,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        passwords = _read_sign_ins(process)
        demo = Demo(url=f"http://127.0.0.1:{port}", data=data, passwords=passwords, process=process)
        _drain(process)
        _wait_for(demo.url)
        yield demo
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
        if process.stdout is not None:
            process.stdout.close()


def _read_sign_ins(process: "subprocess.Popen[str]") -> dict[str, str]:
    found: dict[str, str] = {}
    ends_at = time.monotonic() + STARTS_WITHIN_SECONDS
    said = []
    assert process.stdout is not None
    while time.monotonic() < ends_at and process.poll() is None:
        if not select.select([process.stdout], [], [], 0.2)[0]:
            continue
        line = process.stdout.readline()
        said.append(line)
        match = re.match(r"\s+(\w+)\s+(demo-\w+)$", line)
        if match:
            found[match[1]] = match[2]
        elif "Tapedeck is at" in line:
            return found
    pytest.fail("the demo did not start:\n" + "".join(said))


def _drain(process: "subprocess.Popen[str]") -> None:
    """Keep the pipe empty, or the demo would wait for a reader of its log."""

    def read() -> None:
        assert process.stdout is not None
        for _ in process.stdout:
            pass

    threading.Thread(target=read, daemon=True).start()


def _wait_for(url: str) -> None:
    ends_at = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < ends_at:
        try:
            urllib.request.urlopen(f"{url}/healthz", timeout=2).close()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the demo's web server does not answer")


@pytest.fixture
def enter(demo: Demo, context: BrowserContext) -> Callable[[str], Page]:
    """Signs somebody in, by their role; answers their page, at Now."""

    def enter(role: str) -> Page:
        page = context.new_page()
        page.set_default_timeout(30_000)
        demo.sign_in(page, role)
        return page

    return enter


@pytest.fixture
def operator_page(enter: Callable[[str], Page]) -> Page:
    """A signed-in operator at Now."""
    return enter("operator")
