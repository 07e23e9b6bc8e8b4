"""Where a worker dies by its own hand, because from outside nobody could hit that moment.

A file in the folder that ``FAULTS_STRIKES`` names says at which point of which order: it is named for
the point and the call, and holds the number of the signal. It becomes ``….struck``, with the process and
the moment, just before the blow, so that each strikes once.
Callbacks that hold a word of poison kill whoever reads them, or never come to an end.
"""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.apps import AppConfig

KILL, SLEEP = b"poison-kill", b"poison-sleep"
FOLDER = Path(os.environ.get("FAULTS_STRIKES", "/nonexistent"))
BEFORE_SEND = "before-send"
MARKED = "marked-not-sent"
AFTER_ANSWER = "after-answer"
BEFORE_COMMIT = "before-commit"
POINTS = (BEFORE_SEND, MARKED, AFTER_ANSWER, BEFORE_COMMIT)


class StrikesConfig(AppConfig):
    name = "tests.faults.real"
    label = "faults_real"

    def ready(self) -> None:
        from multiprocessing.queues import Queue

        from django_q.signals import post_spawn

        from recordings.providers.registry import ADAPTERS, adapter_class
        from recordings.work import settling

        for slug in ADAPTERS:
            adapter: Any = adapter_class(slug)
            adapter.read = _poisoned(adapter.read)
        settling.mark_sent = _around_marking(settling.mark_sent)
        settling.succeeded = _before_settling(settling.succeeded)
        settling.take_effect = _after_effect(settling.take_effect)
        post_spawn.connect(_note_worker)
        Queue._reset = _noting_the_lock(Queue._reset)  # type: ignore[method-assign]


def arm(point: str, call_id: str, number: signal.Signals = signal.SIGKILL) -> None:
    """Whoever comes to this point of an order about this call gets this signal there, once."""
    FOLDER.mkdir(exist_ok=True)
    _path(point, call_id).write_text(str(int(number)))


def struck(point: str, call_id: str) -> tuple[int, float] | None:
    """The process that was struck, and when."""
    try:
        pid, at = _path(point, call_id).with_suffix(".struck").read_text().split()
    except FileNotFoundError:
        return None
    return int(pid), float(at)


def holder() -> int:
    """The worker that waits for the queue's next task, with its lock; the others wait for the lock."""
    try:
        return int((FOLDER / "holder").read_text() or 0)
    except FileNotFoundError:
        return 0


def workers() -> list[int]:
    """The processes that look for work, dead ones too; not those that feed and hear them."""
    return [int(path.name.rpartition("-")[2]) for path in FOLDER.glob("worker-*")]


def _path(point: str, call_id: str) -> Path:
    return FOLDER / f"{point}@{call_id.replace('/', '-')}.due"


def _strike(point: str, operation: Any) -> None:
    path = _path(point, operation.call.external_id if operation.call else "")
    if path.exists():
        number = int(path.read_text())
        path.write_text(f"{os.getpid()} {time.time()}")
        path.rename(path.with_suffix(".struck"))
        os.kill(os.getpid(), number)


def _around_marking(mark: Callable[..., None]) -> Callable[..., None]:
    def marking(lease: Any, operation: Any) -> None:
        _strike(BEFORE_SEND, operation)
        mark(lease, operation)
        _strike(MARKED, operation)

    return marking


def _before_settling(settle: Callable[..., None]) -> Callable[..., None]:
    def settling(lease: Any, operation: Any, *rest: Any) -> None:
        _strike(AFTER_ANSWER, operation)
        settle(lease, operation, *rest)

    return settling


def _after_effect(take_effect: Callable[..., None]) -> Callable[..., None]:
    def taking(operation: Any, *rest: Any, **more: Any) -> None:
        take_effect(operation, *rest, **more)
        _strike(BEFORE_COMMIT, operation)

    return taking


def _poisoned(read: Callable[..., Any]) -> Callable[..., Any]:
    def reading(self: Any, delivery: Any) -> Any:
        if KILL in delivery.body:
            os.kill(os.getpid(), signal.SIGKILL)
        if SLEEP in delivery.body:
            time.sleep(3600)
        return read(self, delivery)

    return reading


def _note_worker(**_: Any) -> None:
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"worker-{os.getpid()}").touch()


def _noting_the_lock(reset: Callable[..., None]) -> Callable[..., None]:
    """A queue reads its pipe while it holds its lock: whoever does so writes its name down."""

    def resetting(self: Any, *rest: Any, **more: Any) -> None:
        reset(self, *rest, **more)
        receive = self._recv_bytes

        def receiving() -> Any:
            if (FOLDER / f"worker-{os.getpid()}").exists():
                (FOLDER / "holder").write_text(str(os.getpid()))
            return receive()

        self._recv_bytes = receiving

    return resetting
