"""Callbacks at a steady rate from many senders, signed as the provider signs, retried, some doubled."""

import http.client
import json
import queue
import random
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.faults.real.providers import Provider
from tests.simulators.outbox import Callback

SENDERS = 24
RETRY_SECONDS = 1.0
TIMEOUT_SECONDS = 20.0
MOST_OPEN, PAUSE_SECONDS = 1500, 0.1  # a provider's own queue is not endless either


@dataclass(frozen=True, kw_only=True)
class _Due:
    at: float
    callback: Callback


class Load:
    """An open loop: what is due is sent, whether or not the earlier ones were answered."""

    def __init__(self, provider: Provider, rng: random.Random, *, rate: float, doubled: float = 0.1) -> None:
        self._provider, self._rng, self._rate, self._doubled = provider, rng, rate, doubled
        self._due: queue.Queue[_Due | None] = queue.Queue()
        self._is_on = threading.Event()
        self._threads: list[threading.Thread] = []
        self.made = 0
        self.open = 0  # made, and not acknowledged yet
        self.waits: list[float] = []  # seconds from when each attempt was due to its answer
        self._lock = threading.Lock()

    def start(self) -> None:
        self._is_on.set()
        for _ in range(SENDERS):
            self._threads.append(threading.Thread(target=self._send, daemon=True))
        self._threads.append(threading.Thread(target=self._make, daemon=True))
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Make no more; those under way are still tried until they are taken."""
        self._is_on.clear()

    def is_taken(self) -> bool:
        """every callback is taken at last"""
        return self.open == 0

    def end(self) -> None:
        for _ in range(SENDERS):
            self._due.put(None)

    def _make(self) -> None:
        began, number = time.monotonic(), 0
        while self._is_on.is_set():
            if self.open >= MOST_OPEN:
                began += PAUSE_SECONDS
                time.sleep(PAUSE_SECONDS)
                continue
            callback = event(self._provider, number)
            number += 1
            with self._lock:
                self.made, self.open = self.made + 1, self.open + 1
            for _ in range(1 + (self._rng.random() < self._doubled)):
                self._due.put(_Due(at=time.time(), callback=callback))
            time.sleep(max(0.0, began + number / self._rate - time.monotonic()))

    def _send(self) -> None:
        sender = Sender()
        while (due := self._due.get()) is not None:
            time.sleep(max(0.0, due.at - time.time()))
            began = time.time()
            status = sender.send(due.callback)
            self._provider.note(due.callback.url, due.callback.body, status, began)
            self.waits.append(time.time() - due.at)
            if status != 200:
                self._due.put(_Due(at=time.time() + RETRY_SECONDS, callback=due.callback))
                continue
            with self._lock:
                self.open -= not due.callback.is_delivered
                due.callback.is_delivered = True


class Sender:
    """One connection that is kept open, as providers' senders do."""

    def __init__(self) -> None:
        self._connection: http.client.HTTPConnection | None = None

    def send(self, callback: Callback, netloc: str = "") -> int | None:
        """The status, or None without an answer."""
        target = urlsplit(callback.url)
        if self._connection is None:
            self._connection = http.client.HTTPConnection(netloc or target.netloc, timeout=TIMEOUT_SECONDS)
        headers = {**callback.headers, **callback.sign(time.time())}
        try:
            self._connection.request("POST", target.path, body=callback.body, headers=headers)
            answer = self._connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            self._connection.close()
            self._connection = None
            return None


def event(
    provider: Provider, number: int, *, kind: str = "bot.in_call_not_recording", **more: Any
) -> Callback:
    """A callback of its own that changes little: a bot says where it is."""
    simulator: Any = provider.simulator
    webhooks = simulator.webhooks
    bot = list(simulator.bots.values())[number % len(simulator.bots)]
    status = {"code": kind.partition(".")[2], "sub_code": None, "updated_at": _moment(simulator, number)}
    data = {"data": status, "bot": {"id": bot.id, "metadata": bot.metadata}, **more}
    body = json.dumps({"event": kind, "data": data}).encode()
    callback: Callback = webhooks._callback(webhooks.endpoints[0], kind, webhooks.message_id(), body)
    return callback


def _moment(simulator: Any, number: int) -> str:
    return f"{simulator.clock.utc().isoformat(timespec='seconds')[:19]}.{number % 1_000_000:06}+00:00"
