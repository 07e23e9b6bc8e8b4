import pytest

from dashboard.watchdog import Watchdog


class Queue:
    """What the watchdog sees, set by each test."""

    def __init__(self):
        self.is_due = True
        self.beat = 0
        self.restarts = 0

    def restart(self):
        self.restarts += 1

    def heartbeat(self):
        if isinstance(self.beat, Exception):
            raise self.beat
        return self.beat


@pytest.fixture
def queue():
    return Queue()


@pytest.fixture
def look(queue):
    return Watchdog(
        is_work_due=lambda: queue.is_due,
        heartbeat=queue.heartbeat,
        on_wedged=queue.restart,
        patience=3,
    ).look


def test_due_work_without_a_heartbeat_restarts_the_queue(queue, look):
    for _ in range(4):  # The first only learns what the heartbeat is.
        look()

    assert queue.restarts == 1


def test_restarted_queue_gets_twice_the_patience_until_it_works(queue, look):
    for _ in range(4 + 5):
        look()
    assert queue.restarts == 1

    look()
    assert queue.restarts == 2

    queue.beat += 1  # It works, and is missed as soon as at first when it stops again.
    for _ in range(3):
        look()
    assert queue.restarts == 2
    look()
    assert queue.restarts == 3


def test_patience_has_an_end(queue, look):
    looks = [1 + 3, 6, 12, 24, 24, 24]

    for restarts, count in enumerate(looks, start=1):
        for _ in range(count):
            look()
        assert queue.restarts == restarts


def test_heartbeat_that_moves_is_work(queue, look):
    for _ in range(10):
        queue.beat += 1
        look()

    assert queue.restarts == 0


def test_nothing_due_is_rest(queue, look):
    queue.is_due = False
    for _ in range(10):
        look()

    assert queue.restarts == 0


def test_time_without_the_database_is_not_held_against_the_queue(queue, look):
    for _ in range(3):
        look()
    queue.beat = OSError("gone")
    with pytest.raises(OSError, match="gone"):
        look()
    queue.beat = 0

    look()

    assert queue.restarts == 0
