"""Callbacks of each provider, signed as it signs them, as many different ones as are wanted."""

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from recordings import connections
from recordings.models import Account
from tests.simulators.daily.hooks import signature as daily_signature
from tests.simulators.recall.webhooks import signature as recall_signature
from tests.simulators.registry import simulator_class
from tests.simulators.twilio.webhooks import signature as twilio_signature
from tests.simulators.vobiz.webhooks import signature_base, signature_v3

FIXTURES = Path(__file__).parent.parent / "fixtures"
FORM = "application/x-www-form-urlencoded"
PATHS = {"recall": "", "daily": "", "twilio": "recording/{key}", "vobiz": "recording/{key}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """One request of a provider."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """One account with the provider's side of its secrets."""

    account: Account
    public_url: str
    told: dict[str, Any]

    def new(self) -> Callback:
        """One that was never sent before."""
        rest = PATHS[self.account.provider].format(key=uuid.uuid4())
        path = f"/webhooks/{self.account.provider}/{self.account.webhook_key}/{rest}"
        headers, body = _MAKERS[self.account.provider](
            str(uuid.uuid4()), f"{self.public_url}{path}", self.told
        )
        return Callback(path=path, headers={"User-Agent": "Provider/1.0", **headers}, body=body)


def senders(
    public_url: str, *, prefix: str = "", origins: Mapping[str, str] | None = None
) -> dict[str, Sender]:
    """An account at each provider; at ``origins``, where what the callbacks ask for is to be read."""
    return {slug: _sender(slug, public_url, prefix, (origins or {}).get(slug, "")) for slug in PATHS}


def round_robin(every: dict[str, Sender], count: int) -> Iterator[Callback]:
    """So many, of the providers in turn."""
    turn = list(every.values())
    for number in range(count):
        yield turn[number % len(turn)].new()


def _sender(slug: str, public_url: str, prefix: str, origin: str) -> Sender:
    told = simulator_class(slug)().account()
    account = Account(
        provider=slug, name=f"{prefix}{slug} under load", base_url=origin, config=told["config"]
    )
    secrets = {name: value for name, value in told["secrets"].items() if isinstance(value, str)}
    connections.set_secrets(account, secrets)
    account.save()
    return Sender(account=account, public_url=public_url, told=told)


def _fixture(name: str) -> Any:
    return json.loads((FIXTURES / name).read_text())


def _recall(ident: str, url: str, told: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    payload = _fixture("recall/recording.done.json")
    payload["data"]["recording"]["id"] = ident
    body, now = json.dumps(payload).encode(), int(time.time())
    secret = told["secrets"]["webhook_secrets"].splitlines()[0]
    return {
        "Content-Type": "application/json",
        "webhook-id": f"msg_{ident}",
        "webhook-timestamp": str(now),
        "webhook-signature": recall_signature(secret, f"msg_{ident}", now, body),
    }, body


def _daily(ident: str, url: str, told: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    payload = _fixture("daily/recording.ready-to-download.json") | {"id": f"rec-rtd-{ident}"}
    body, now = json.dumps(payload).encode(), str(int(time.time()))
    return {
        "Content-Type": "application/json",
        "X-Webhook-Timestamp": now,
        "X-Webhook-Signature": daily_signature(told["secrets"]["webhook_hmac"], now, body),
    }, body


def _twilio(ident: str, url: str, told: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    fields = _fixture("twilio/recording.completed.json")
    fields |= {"RecordingSid": f"RE{uuid.UUID(ident).hex}", "AccountSid": told["config"]["account_sid"]}
    signed = twilio_signature(told["secrets"]["auth_token"], url, fields.items())
    return {"Content-Type": FORM, "X-Twilio-Signature": signed}, urlencode(fields).encode()


def _vobiz(ident: str, url: str, told: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    fields = _fixture("vobiz/recording.json") | {"recording_id": ident}
    nonce = str(uuid.uuid4().int)[:20]
    return {
        "Content-Type": FORM,
        "X-Vobiz-Signature-V3": signature_v3(told["secrets"]["auth_token"], signature_base(url), nonce),
        "X-Vobiz-Signature-V3-Nonce": nonce,
    }, urlencode(fields).encode()


_MAKERS: dict[str, Callable[[str, str, dict[str, Any]], tuple[dict[str, str], bytes]]] = {
    "recall": _recall,
    "daily": _daily,
    "twilio": _twilio,
    "vobiz": _vobiz,
}
