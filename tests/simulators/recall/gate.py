"""What stands before every endpoint: firewall, slash, key, rate limits, idempotency keys."""

import math
import re
from collections import defaultdict, deque
from dataclasses import dataclass, replace
from email.utils import formatdate
from typing import TYPE_CHECKING

from tests.simulators.http import Request, Response, json_answer
from tests.simulators.recall.refusals import Refused, blocked, detail, not_found

if TYPE_CHECKING:
    from tests.simulators.recall.simulator import RecallSimulator

LOCAL = re.compile(rb"(https?|wss?|rtmps?)://localhost\b", re.IGNORECASE)
NEVER_STORED = {
    401,
    403,
    409,
    502,
    503,
    504,
}  # not answered by the application itself: a guess for the last three


def pass_firewall(request: Request) -> None:
    if request.method == "GET" and request.body:
        raise blocked()
    if LOCAL.search(request.body):
        raise blocked()


def require_slash(request: Request) -> None:
    """The contract says 301 or 404: reads are led on, writes are not."""
    if request.path.endswith("/"):
        return
    if request.method != "GET":
        raise not_found()
    query = f"?{request.query}" if request.query else ""
    raise Refused(Response(status=301, headers={"Location": f"{request.path}/{query}"}))


def require_key(sim: "RecallSimulator", request: Request) -> None:
    given = request.headers.get("authorization", "")
    if given == f"Token {sim.api_key}":
        return
    if sim.switches.allow_bare_key and given == sim.api_key:
        return
    body = {"detail": "Invalid token."}
    if sim.switches.unauthorized_code:
        body["code"] = sim.switches.unauthorized_code
    raise Refused(json_answer(body, 401))


class Limits:
    """Sliding windows; a throttled request does not count."""

    def __init__(self, sim: "RecallSimulator") -> None:
        self.sim = sim
        self._hits: dict[tuple[str, str], deque[float]] = defaultdict(deque)

    def take(self, name: str, bucket: str) -> None:
        switches = self.sim.switches
        now, window = self.sim.clock.now(), switches.rate_window_seconds
        hits = self._hits[name, "" if switches.shared_limits and name != "create_transcript" else bucket]
        while hits and hits[0] <= now - window:
            hits.popleft()
        if len(hits) < switches.rate_limits[name]:
            hits.append(now)
            return
        oldest = hits[0] if hits else now
        wait = max(1, math.ceil(oldest + window - now))
        raise self._throttled(now, wait)

    def _throttled(self, now: float, wait: int) -> Refused:
        when = formatdate(now + wait, usegmt=True) if self.sim.switches.retry_after_as_date else str(wait)
        text = f"Request was throttled. Expected available in {wait} seconds."
        return detail(429, text, Retry_After=when)


@dataclass(kw_only=True)
class Stored:
    answer: Response
    done_at: float


class IdempotencyKeys:
    """Answers by (key, user, method, path): 409 while the first runs, replayed for an hour, then gone."""

    def __init__(self, sim: "RecallSimulator") -> None:
        self.sim = sim
        self._stored: dict[tuple[str, ...], Stored] = {}

    def replay(self, request: Request) -> Response | None:
        name = self._name(request)
        stored = self._stored.get(name)
        if stored is None:
            return None
        now = self.sim.clock.now()
        if now < stored.done_at:
            text = "A request with this idempotency key is still being processed."
            return json_answer({"detail": text}, 409)
        if now - stored.done_at < self.sim.switches.idempotency_seconds:
            return replace(stored.answer)
        del self._stored[name]
        return None

    def keep(self, request: Request, answer: Response) -> None:
        """Remember the first answer; a fault on its way out does not change what was stored."""
        name = self._name(request)
        if not name or name in self._stored or answer.is_dropped or answer.status in NEVER_STORED:
            return
        if answer.status == 429 and not self.sim.switches.idempotency_keeps_429:
            return
        done_at = self.sim.clock.now() + self.sim.switches.running_seconds
        self._stored[name] = Stored(answer=replace(answer), done_at=done_at)

    def note_delay(self, request: Request, seconds: float) -> None:
        """An injected late answer: until it has left, the first use is still running."""
        stored = self._stored.get(self._name(request))
        if stored is not None and seconds:
            stored.done_at = max(stored.done_at, self.sim.clock.now() + seconds)

    def _name(self, request: Request) -> tuple[str, ...]:
        key = request.headers.get("idempotency-key", "")
        if not key or request.method not in {"POST", "PUT", "PATCH"}:
            return ()
        return key, request.headers.get("authorization", ""), request.method, request.path
