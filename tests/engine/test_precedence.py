"""Callbacks go before the workers' own writing: workers give way, but not for long."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.backends.signals import connection_created
from django.utils import timezone

from recordings import inbox, inbox_sqlite, precedence


@pytest.fixture
def elsewhere(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The file as another process has it open."""
    settings.TAPEDECK_DATA = tmp_path
    monkeypatch.setattr(precedence, "_gate", precedence._Gate())
    number = os.open(tmp_path / "callbacks.lock", os.O_RDWR | os.O_CREAT)
    yield number
    os.close(number)


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was slept, by a clock that goes on by that only."""
    slept: list[float] = []
    monkeypatch.setattr(precedence.time, "sleep", slept.append)
    monkeypatch.setattr(precedence.time, "monotonic", lambda: sum(slept))
    return slept


def is_held(number: int) -> bool:
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(number, fcntl.LOCK_UN)
    return False


def test_nobody_waits_while_no_callback_does(elsewhere: int, naps: list[float]) -> None:
    precedence.give_way()

    assert naps == []
    assert not is_held(elsewhere)


def test_worker_gives_way_for_a_while_and_then_goes_on(elsewhere: int, naps: list[float]) -> None:
    fcntl.flock(elsewhere, fcntl.LOCK_SH)

    precedence.give_way()

    assert sum(naps) == pytest.approx(precedence.LONGEST_SECONDS, abs=2 * precedence.PAUSE_SECONDS)


def test_worker_goes_on_as_soon_as_the_callback_is_stored(
    elsewhere: int, naps: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl.flock(elsewhere, fcntl.LOCK_SH)

    def stored_meanwhile(seconds: float) -> None:
        naps.append(seconds)
        fcntl.flock(elsewhere, fcntl.LOCK_UN)

    monkeypatch.setattr(precedence.time, "sleep", stored_meanwhile)

    precedence.give_way()

    assert naps == [precedence.PAUSE_SECONDS]


def test_two_callbacks_of_one_process_hold_it_until_both_are_stored(elsewhere: int) -> None:
    with precedence.taken():
        with precedence.taken():
            assert is_held(elsewhere)
        assert is_held(elsewhere)

    assert not is_held(elsewhere)


def test_two_processes_may_store_at_once(elsewhere: int) -> None:
    fcntl.flock(elsewhere, fcntl.LOCK_SH)

    with precedence.taken():
        fcntl.flock(elsewhere, fcntl.LOCK_UN)
        assert is_held(elsewhere)


def test_forked_process_has_a_hold_of_its_own(elsewhere: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with precedence.taken():
        monkeypatch.setattr(precedence.os, "getpid", lambda: -1)
        assert not precedence._gate.is_free()
        monkeypatch.undo()


@pytest.mark.django_db(transaction=True)
def test_callback_that_is_stored_holds_the_workers_back(
    elsewhere: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("elsewhere many write at a time")
    seen: list[bool] = []
    monkeypatch.setattr(inbox_sqlite, "execute", lambda *_, **__: seen.append(is_held(elsewhere)))

    inbox.count_refusal(None, "any", at=timezone.now())

    assert seen == [True]
    assert not is_held(elsewhere)


@pytest.mark.parametrize(("role", "is_watching"), [("worker", True), ("web", False), ("command", False)])
def test_only_workers_give_way(settings: Any, role: str, is_watching: bool) -> None:
    settings.TAPEDECK_ROLE = role
    precedence.listen()

    found = connection_created.disconnect(dispatch_uid="recordings.precedence")

    assert found is is_watching


@pytest.mark.parametrize(("vendor", "count"), [("sqlite", 1), ("postgresql", 0)])
def test_each_connection_to_sqlite_is_watched_once(vendor: str, count: int) -> None:
    opened = SimpleNamespace(vendor=vendor, execute_wrappers=[])

    for _ in range(2):
        precedence._watch(connection=opened)

    assert len(opened.execute_wrappers) == count


@pytest.mark.django_db(transaction=True)
def test_way_is_given_once_a_transaction_and_not_for_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("elsewhere many write at a time")
    given: list[int] = []
    monkeypatch.setattr(precedence, "give_way", lambda: given.append(1))

    with connection.execute_wrapper(precedence._before), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        with transaction.atomic():
            cursor.execute("SELECT 1")

    assert given == [1]
