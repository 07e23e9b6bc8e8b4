"""Callbacks that belong to a webhook: none leaves once it has FAILED or is gone."""

import base64
import hashlib
import hmac
from dataclasses import dataclass

from tests.simulators.daily.state import Webhook
from tests.simulators.outbox import Callback, Outbox


@dataclass(kw_only=True)
class HookCallback(Callback):
    hook: Webhook


class HookOutbox(Outbox):
    """Looks at the webhook's state at the moment of each attempt: nothing is replayed later."""

    def _attempt(self, callback: Callback) -> None:
        if isinstance(callback, HookCallback) and callback.hook.state != "ACTIVE":
            callback.is_dropped = not callback.is_delivered
            return
        super()._attempt(callback)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """base64(HMAC-SHA256(base64-decoded secret, timestamp + "." + raw body))."""
    key = base64.b64decode(secret)
    digest = hmac.new(key, timestamp.encode() + b"." + body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()
