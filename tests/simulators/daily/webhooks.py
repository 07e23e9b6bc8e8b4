"""Webhook management: created and revived by a signed ping that must be answered with 200."""

import base64
import binascii
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from tests.simulators.daily.answers import (
    body_of,
    invalid,
    is_text,
    not_found,
    one_of,
    texts,
)
from tests.simulators.daily.events import EVENT_FAMILIES, EVENT_TYPES, Events
from tests.simulators.daily.state import Webhook, iso
from tests.simulators.http import Request, Response, empty_answer, json_answer

LOOPBACK = {"127.0.0.1", "localhost", "::1", "testserver"}


def is_address(value: Any) -> bool:
    """https only; plain http to this machine passes, or no test and no demo could listen."""
    if not is_text(value):
        return False
    parts = urlsplit(value)
    if parts.scheme == "http":
        return parts.hostname in LOOPBACK
    return parts.scheme == "https" and bool(parts.hostname)


def is_base64(value: Any) -> bool:
    try:
        return is_text(value) and base64.b64decode(value, validate=True) != b""
    except (binascii.Error, ValueError):
        return False


def are_events(value: Any) -> bool:
    if not texts(value) or not value:
        return False
    return all(kind in EVENT_TYPES or kind.startswith(EVENT_FAMILIES) for kind in value)


FIELDS = {
    "url": is_address,
    "eventTypes": are_events,
    "hmac": is_base64,
    "basicAuth": is_text,
    "retryType": one_of("circuit-breaker", "exponential"),
}
NAMES = {
    "url": "url",
    "eventTypes": "event_types",
    "hmac": "hmac",
    "basicAuth": "basic_auth",
    "retryType": "retry_type",
}


class Webhooks(Events):
    def create_webhook(self, request: Request) -> Response:
        body = body_of(request, FIELDS, required=("url", "eventTypes"))
        most = self.switches.max_webhooks
        if most is not None and len(self.webhooks) >= most:
            raise invalid("maximum number of webhooks reached")
        return json_answer(self._shown_webhook(self.add_webhook(body)))

    def add_webhook(self, body: dict[str, Any]) -> Webhook:
        """Ping, then keep; raises ``Refused`` and keeps nothing when the ping fails."""
        now = self.clock.now()
        hook = Webhook(
            uuid=self.new_uuid(),
            url=body["url"],
            hmac=body.get("hmac") or base64.b64encode(self.rng.randbytes(32)).decode(),
            event_types=list(body["eventTypes"]),
            basic_auth=body.get("basicAuth"),
            retry_type=body.get("retryType", "circuit-breaker"),
            created_at=now,
            updated_at=now,
        )
        self._prove(hook)
        self.webhooks[hook.uuid] = hook
        self.perform("create_webhook", hook.url, result=hook.uuid, **body)
        return hook

    def list_webhooks(self, request: Request) -> Response:
        self.query(request)
        shown = [self._shown_webhook(hook) for hook in self.webhooks.values()]
        if self.switches.webhook_envelope:
            return json_answer({"total_count": len(shown), "data": shown})
        return json_answer(shown)

    def get_webhook(self, request: Request, uuid: str) -> Response:
        self.query(request)
        shown = self._shown_webhook(self._webhook(uuid))
        return json_answer([shown] if self.switches.webhook_as_array else shown)

    def update_webhook(self, request: Request, uuid: str) -> Response:
        """Only the keys sent; pings again, and revives a FAILED one. A failed ping leaves it as it was."""
        hook = self._webhook(uuid)
        body = body_of(request, FIELDS)
        changed = replace(
            hook,
            **{NAMES[key]: value for key, value in body.items()},
            state="ACTIVE",
            failed_count=0,
            updated_at=self.clock.now(),
        )
        self._prove(changed)
        # The same webhook as before: a retry that is under way goes on.
        vars(hook).update(vars(changed))
        self.perform("update_webhook", uuid, **body)
        return json_answer(self._shown_webhook(hook))

    def delete_webhook(self, request: Request, uuid: str) -> Response:
        self._webhook(uuid).state = "DELETED"
        del self.webhooks[uuid]
        self.perform("delete_webhook", uuid)
        return empty_answer(200) if self.switches.empty_delete_webhook else json_answer({})

    def _prove(self, hook: Webhook) -> None:
        received = self.ping(hook)
        if received != "200":
            raise invalid(f"non-200 status code returned from webhook endpoint, recvd {received}")

    def _webhook(self, uuid: str) -> Webhook:
        if uuid not in self.webhooks:
            raise not_found(f"webhook {uuid} not found")
        return self.webhooks[uuid]

    def _shown_webhook(self, hook: Webhook) -> dict[str, Any]:
        return {
            "uuid": hook.uuid,
            "url": hook.url,
            "hmac": hook.hmac,
            "basicAuth": hook.basic_auth,
            "retryType": hook.retry_type,
            "eventTypes": hook.event_types,
            "state": hook.state,
            "failedCount": hook.failed_count,
            "lastMomentPushed": iso(hook.pushed_at) if hook.pushed_at is not None else None,
            "domainId": self.domain_id,
            "createdAt": iso(hook.created_at),
            "updatedAt": iso(hook.updated_at),
        }
