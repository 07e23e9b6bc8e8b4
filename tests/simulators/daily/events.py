"""Events on their way out: envelope, signature, and the two retry regimes of webhooks."""

import base64
import json
from collections.abc import Callable
from typing import Any

from tests.simulators.daily.core import Core
from tests.simulators.daily.hooks import HookCallback, signature
from tests.simulators.daily.state import Webhook
from tests.simulators.outbox import Callback

EVENT_TYPES = (
    "recording.started",
    "recording.ready-to-download",
    "recording.error",
    "transcript.started",
    "transcript.ready-to-download",
    "transcript.error",
    "batch-processor.job-finished",
    "batch-processor.error",
    "meeting.started",
    "meeting.ended",
    "participant.joined",
    "participant.left",
    "waiting-participant.joined",
    "waiting-participant.left",
    "streaming.started",
    "streaming.updated",
    "streaming.ended",
    "streaming.error",
)
# The contract writes these families with a star only.
EVENT_FAMILIES = ("dialin.", "dialout.", "calltransfer.")
PING = b'{"test":"test"}'
ANSWER_SECONDS = 8.0  # real seconds that an endpoint has, not scaled
STRIKES = 3
# Five attempts in all, backing off up to 15 minutes; the steps between are a guess.
BACKOFF = (30.0, 120.0, 480.0, 900.0)


class Events(Core):
    def emit(self, kind: str, event_id: str, payload: dict[str, Any], *, version: str = "1.0.0") -> None:
        """Send an event to every active webhook that asked for it; what nobody hears is never replayed."""
        now = round(self.clock.now(), 3)
        envelope = {
            "version": version,
            "type": kind,
            "id": event_id,
            "payload": payload,
            "event_ts": int(now) if self.switches.integer_event_ts else now,
        }
        body = json.dumps(envelope, separators=(",", ":")).encode()
        for hook in self.webhooks.values():
            if kind in hook.event_types and hook.state == "ACTIVE":
                self.outbox.put(self._callback(hook, kind, body))

    def ping(self, hook: Webhook) -> str:
        """Send the signed test message at once; answers what was received, "200" when all is well."""
        ping = Callback(
            event="ping",
            url=hook.url,
            body=PING,
            headers=self._headers(hook),
            sign=lambda moment: self._signed(hook, PING, moment),
        )
        ping.is_success = lambda status: status == 200 and not self._was_slow(ping)
        self.outbox.put(ping, now=True)
        last = ping.attempts[-1].status if ping.attempts else None
        if last is None or self._was_slow(ping):
            return "undefined"
        return str(last)

    def _callback(self, hook: Webhook, kind: str, body: bytes) -> HookCallback:
        made = HookCallback(
            hook=hook,
            event=kind,
            url=hook.url,
            body=body,
            headers=self._headers(hook),
            sign=lambda moment: self._signed(hook, body, moment),
            retries=BACKOFF if hook.retry_type == "exponential" else (),
            on_outcome=self._settle,
        )
        made.is_success = self._success_of(made)
        return made

    def _success_of(self, callback: Callback) -> Callable[[int], bool]:
        return lambda status: status == 200 and not self._was_slow(callback)

    def _was_slow(self, callback: Callback) -> bool:
        return self.clock.now() - callback.attempts[-1].at > ANSWER_SECONDS

    def _settle(self, callback: Callback) -> None:
        assert isinstance(callback, HookCallback)
        with self.lock:
            hook = callback.hook
            hook.pushed_at = self.clock.now()
            if hook.retry_type != "circuit-breaker":
                return
            status = callback.attempts[-1].status
            if status is not None and callback.is_success(status):
                hook.failed_count = 0
                return
            hook.failed_count += 1
            if hook.failed_count >= STRIKES and hook.state == "ACTIVE":
                hook.state = "FAILED"

    def _headers(self, hook: Webhook) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "User-Agent": "daily-webhooks"}
        if hook.basic_auth:
            # Whether Daily encodes the value itself is not stated: as given, unless switched.
            value = hook.basic_auth
            if self.switches.encodes_basic_auth:
                value = base64.b64encode(value.encode()).decode()
            headers["Authorization"] = f"Basic {value}"
        return headers

    def _signed(self, hook: Webhook, body: bytes, moment: float) -> dict[str, str]:
        unit = 1000 if self.switches.timestamp_unit == "milliseconds" else 1
        stamp = str(int(moment * unit))
        return {"X-Webhook-Timestamp": stamp, "X-Webhook-Signature": signature(hook.hmac, stamp, body)}
