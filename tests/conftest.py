"""What every test may need: a real Chromium, or a plain word on why there is none."""

import contextlib
import importlib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage
from hypothesis import HealthCheck, settings

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
NO_CHROMIUM = "no Chromium: on Debian and Ubuntu, apt-get install chromium fonts-dejavu-core"
TESTS = Path(__file__).parent
CONTRACT = TESTS / "contract"


# A busy machine is not a failing test: only what is found counts, not how long it took.
settings.register_profile("tapedeck", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tapedeck")


def pytest_collection(session: pytest.Session) -> None:
    """Rewriting all asserts takes seconds: each process begins with other files, and finds the rest done."""
    worker = getattr(session.config, "workerinput", None)
    if worker is None or session.config.args != session.config.getini("testpaths"):
        return
    number, of = int(worker["workerid"].removeprefix("gw")), worker["workercount"]
    for path in sorted(TESTS.rglob("test_*.py"))[number::of]:
        # What is wrong with a file, or has it skipped, is told when it is collected.
        with contextlib.suppress(Exception, pytest.skip.Exception):
            importlib.import_module(".".join(path.relative_to(TESTS.parent).with_suffix("").parts))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Measured are the tests that find the lines, not those that go the same ways once for each provider.

    Whoever drives a browser waits for it, and the contract's stories go through what engine, sync and
    providers test step by step. Measuring makes a test take up to twice as long.
    """
    for item in items:
        if "page" in getattr(item, "fixturenames", ()) or CONTRACT in item.path.parents:
            item.add_marker(pytest.mark.no_cover)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    with _measured_no_more_than(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    with _measured_no_more_than(item):
        return (yield)


@contextlib.contextmanager
def _measured_no_more_than(item: pytest.Item) -> Iterator[None]:
    """The mark holds for the call alone: what such a test needs is not measured either."""
    measure = Coverage.current() if item.get_closest_marker("no_cover") else None
    if measure:
        measure.stop()
    try:
        yield
    finally:
        if measure:
            measure.start()


def pytest_configure() -> None:
    # Playwright keeps an event loop running in the thread of the tests that use the database.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """PostgreSQL drops no database that is in use: a page that a browser has left may still be answered."""
    from django.db import connection

    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """What `page` and `browser` are launched with."""
    return chromium_launch_args()


def chromium_launch_args() -> dict[str, Any]:
    """Debian's Chromium; skips without it, unless in CI or where one is required."""
    if Path(CHROMIUM).exists():
        flags = ["--no-sandbox", "--disable-dev-shm-usage"]
        return {"executable_path": CHROMIUM, "args": flags}
    if os.environ.get("CI") or os.environ.get("TAPEDECK_REQUIRE_BROWSER"):
        pytest.fail(NO_CHROMIUM, pytrace=False)
    pytest.skip(NO_CHROMIUM)


@pytest.fixture(autouse=True)
def _no_place_among_the_downloads_is_left_taken() -> Iterator[None]:
    """A response that a test never closes would refuse the downloads of all later ones."""
    from recordings.slots import downloads, slots

    yield
    for _ in range(100):  # A player that has just been closed gives its place back from another thread.
        if slots.are_free and downloads.are_free:
            return
        time.sleep(0.05)
    pytest.fail("a place among the downloads is still taken")
