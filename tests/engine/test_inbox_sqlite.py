"""Statements that wait for one file together are committed together, and each gets its own end."""

import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from recordings import inbox_sqlite

INSERT = "INSERT INTO words VALUES (?)"
PATIENT = {"turn_seconds": 30.0, "lock_seconds": 30.0}


class Shop:
    """A database file, and what this process's threads have asked of it."""

    def __init__(self, path):
        self.path, self.asked, self.opened = path, [], []
        self.holder = self.open()
        self.holder.execute("PRAGMA journal_mode=WAL")
        self.holder.execute("CREATE TABLE words (word TEXT UNIQUE)")
        self.asked.clear()

    def open(self):
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        connection.set_trace_callback(self.asked.append)
        self.opened.append(connection)
        return connection

    def write(self, word, **patience):
        inbox_sqlite.execute(self.open(), INSERT, [word], **PATIENT | patience)

    def words(self):
        return {word for (word,) in self.holder.execute("SELECT word FROM words")}

    def count(self, statement):
        return sum(each.startswith(statement) for each in self.asked)


@pytest.fixture
def shop(tmp_path):
    made = Shop(tmp_path / "shop.sqlite3")
    yield made
    for connection in made.opened:
        connection.close()
    assert not inbox_sqlite._waiting


@pytest.fixture
def threads():
    with ThreadPoolExecutor() as pool:
        yield pool


def until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def all_at_once(shop, threads, words, **patience):
    """Each by a thread of its own, while another process writes; that ends once all of them wait."""
    shop.holder.execute("BEGIN IMMEDIATE")
    shop.asked.clear()
    futures = []
    for word in words:
        futures.append(threads.submit(shop.write, word, **patience))
        until(lambda: len(inbox_sqlite._waiting) == len(futures))
    shop.holder.execute("ROLLBACK")
    return [future.exception(timeout=30) for future in futures]


def test_one_alone_is_one_statement_that_commits_itself(shop):
    shop.write("alone")

    assert shop.words() == {"alone"}
    assert (shop.count("INSERT"), shop.count("BEGIN"), shop.count("COMMIT")) == (1, 0, 0)


def test_those_that_wait_are_committed_once(shop, threads):
    errors = all_at_once(shop, threads, ["a", "b", "c"])

    assert errors == [None] * 3
    assert shop.words() == {"a", "b", "c"}
    assert shop.count("COMMIT") == 1


@pytest.mark.parametrize(
    ("bad", "error", "place"),
    [
        *[("a", sqlite3.IntegrityError, place) for place in range(3)],
        (2**70, OverflowError, 1),
        ("\ud800", UnicodeEncodeError, 2),
    ],
)
def test_one_at_fault_fails_alone(shop, threads, bad, error, place):
    shop.write("a")
    words = ["b", "c"]
    words.insert(place, bad)

    errors = all_at_once(shop, threads, words)

    assert [type(each) for each in errors if each] == [error]
    assert isinstance(errors[place], error)
    assert shop.words() == {"a", "b", "c"}


@pytest.mark.parametrize("bad", [2**70, "\ud800"])
def test_what_cannot_be_stored_does_not_wait(shop, bad):
    shop.holder.execute("BEGIN IMMEDIATE")

    with pytest.raises((OverflowError, ValueError)):
        shop.write(bad)


def test_a_file_that_stays_locked_is_told_and_nothing_is_stored(shop):
    shop.holder.execute("BEGIN IMMEDIATE")

    with pytest.raises(sqlite3.OperationalError, match="locked"):
        shop.write("late", lock_seconds=0.02)

    shop.holder.execute("ROLLBACK")
    assert shop.words() == set()


def test_who_can_wait_no_longer_leaves_the_others_waiting(shop, threads):
    shop.holder.execute("BEGIN IMMEDIATE")
    hasty = threads.submit(shop.write, "hasty", lock_seconds=0.05)
    until(lambda: len(inbox_sqlite._waiting) == 1)
    patient = threads.submit(shop.write, "patient")

    assert isinstance(hasty.exception(timeout=30), sqlite3.OperationalError)
    shop.holder.execute("ROLLBACK")

    assert patient.exception(timeout=30) is None
    assert shop.words() == {"patient"}


def test_whose_turn_does_not_come_has_stored_nothing(shop):
    with inbox_sqlite._turn, pytest.raises(sqlite3.OperationalError, match="other writers"):
        shop.write("late", turn_seconds=0.01)

    assert shop.words() == set()


def test_what_another_is_writing_is_waited_for(shop, threads):
    with inbox_sqlite._turn:
        future = threads.submit(shop.write, "taken along", turn_seconds=0.05)
        until(lambda: inbox_sqlite._waiting)
        wish = inbox_sqlite._waiting.popleft()
        time.sleep(0.1)
        assert not future.done()
        wish.end()

    assert future.exception(timeout=30) is None


def test_a_thread_that_is_ended_leaves_the_others_their_turn(shop, threads, monkeypatch):
    """Whatever ends the one that writes for all, the others write for themselves."""
    leader, real = [], inbox_sqlite._Wish.write

    def write(wish, connection):
        leader.append(threading.get_ident())
        if shop.holder.in_transaction or threading.get_ident() != leader[0]:
            return real(wish, connection)
        raise KeyboardInterrupt

    monkeypatch.setattr(inbox_sqlite._Wish, "write", write)

    errors = all_at_once(shop, threads, ["a", "b", "c"])

    assert [type(each) for each in errors].count(KeyboardInterrupt) == 1
    assert len(shop.words()) == 2


def test_the_connection_waits_as_long_as_before(shop):
    connection = shop.open()
    connection.execute("PRAGMA busy_timeout = 1234")

    inbox_sqlite.execute(connection, INSERT, ["a"], **PATIENT)

    assert connection.execute("PRAGMA busy_timeout").fetchone() == (1234,)
