"""Callbacks leaving a simulator: signed at each attempt, retried, and the ways they go astray."""

import http.client
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.simulators.clock import Clock

Deliver = Callable[[str, str, dict[str, str], bytes], int | None]


@dataclass(kw_only=True)
class Attempt:
    at: float
    status: int | None  # None: no connection, or no answer in time


@dataclass(kw_only=True)
class Callback:
    """One event's callback with everything that was tried for it."""

    event: str
    url: str  # without fragment
    body: bytes
    method: str = "POST"
    headers: dict[str, str] = field(default_factory=dict)
    sign: Callable[[float], dict[str, str]] = lambda moment: {}  # headers of one attempt
    is_success: Callable[[int], bool] = lambda status: 200 <= status < 300
    retries: Sequence[float] = ()  # seconds between one failed attempt and the next
    should_retry: Callable[[int | None], bool] = lambda status: True
    on_outcome: Callable[["Callback"], None] | None = None
    attempts: list[Attempt] = field(default_factory=list)
    is_delivered: bool = False
    is_dropped: bool = False  # by the chaos below: never tried

    @property
    def is_given_up(self) -> bool:
        return not self.is_delivered and len(self.attempts) > len(self.retries)


@dataclass
class Chaos:
    """How callbacks go astray; all off by default."""

    drop: float = 0.0  # probability that one is never sent
    duplicates: int = 0  # so many more of each
    delay_seconds: float = 0.0
    jitter_seconds: float = 0.0  # reorders


class Outbox:
    """Sends callbacks when the clock lets it; never inside a request unless asked to."""

    def __init__(self, clock: Clock, rng: random.Random, *, scale: float = 1.0) -> None:
        self.clock = clock
        self.chaos = Chaos()
        self.deliver: Deliver = deliver_over_http
        self.sent: list[Callback] = []  # every callback ever put in, in order
        self.scale = scale  # retry waits are multiplied by it
        self._rng = rng

    def put(self, callback: Callback, *, after: float = 0.0, now: bool = False) -> None:
        """Send in ``after`` seconds; ``now`` sends before the running request is answered."""
        self.sent.append(callback)
        if self._rng.random() < self.chaos.drop:
            callback.is_dropped = True
            return
        if now:
            self._attempt(callback)
            return
        for _ in range(1 + self.chaos.duplicates):
            wait = after + self.chaos.delay_seconds + self._rng.uniform(0, self.chaos.jitter_seconds)
            self.clock.after(wait, lambda: self._attempt(callback))

    def resend(self, callback: Callback) -> None:
        """The same callback once more, as a provider's dashboard would by hand."""
        self.clock.after(0, lambda: self._attempt(callback))

    def _attempt(self, callback: Callback) -> None:
        now = self.clock.now()
        headers = {**callback.headers, **callback.sign(now)}
        status = self.deliver(callback.url, callback.method, headers, callback.body)
        callback.attempts.append(Attempt(at=now, status=status))
        succeeded = status is not None and callback.is_success(status)
        callback.is_delivered = callback.is_delivered or succeeded
        tried = len(callback.attempts)
        if not succeeded and tried <= len(callback.retries) and callback.should_retry(status):
            self.clock.after(callback.retries[tried - 1] * self.scale, lambda: self._attempt(callback))
        if callback.on_outcome is not None:
            callback.on_outcome(callback)


def deliver_over_http(url: str, method: str, headers: dict[str, str], body: bytes) -> int | None:
    """One real request; ``None`` when there was no connection or no answer."""
    target = urlsplit(url)
    maker = http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
    connection = maker(target.netloc, timeout=15)
    try:
        path = target.path + (f"?{target.query}" if target.query else "")
        connection.request(method, path or "/", body=body, headers=headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
