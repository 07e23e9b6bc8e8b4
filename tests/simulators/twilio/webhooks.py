"""Callbacks: signed as Twilio signs, retried as the fragment of their address says."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from tests.simulators.outbox import Callback

if TYPE_CHECKING:
    from tests.simulators.twilio.simulator import TwilioSimulator

SIGNATURE = "X-Twilio-Signature"
SETTINGS = "X-Twilio-Webhooks-Signature-Settings"
IDEMPOTENCY = "I-Twilio-Idempotency-Token"
# How long Twilio waits between attempts is not in the contract; all of them fit into 15 s.
RETRY_WAIT_SECONDS = 2.0
TOTAL_MILLISECONDS = 15_000


def signature(secret: str, url: str, fields: Iterable[tuple[str, str]] = (), *, digest: str = "sha1") -> str:
    """The signature over a URL and the fields of a form; a JSON body has none, its hash is in the URL."""
    values: dict[str, set[str]] = {}
    for name, value in fields:
        values.setdefault(name, set()).add(value)
    signed = url + "".join(name + value for name in sorted(values) for value in sorted(values[name]))
    return base64.b64encode(hmac.new(secret.encode(), signed.encode(), digest).digest()).decode()


def with_body_hash(url: str, body: bytes) -> str:
    return _with_query(url, f"bodySHA256={hashlib.sha256(body).hexdigest()}")


class Webhooks:
    """Puts callbacks into the outbox."""

    def __init__(self, simulator: "TwilioSimulator") -> None:
        self._simulator = simulator

    def send_form(self, url: str, event: str, fields: dict[str, str], *, method: str = "POST") -> None:
        """A form by POST or, with ``method="GET"``, the same fields in the query."""
        target, fragment = url.partition("#")[::2]
        if method == "GET":
            target = _with_query(target, urlencode(fields))
            self._put(event, target, fragment, b"", {}, (), method="GET")
            return
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
        self._put(event, target, fragment, urlencode(fields).encode(), headers, tuple(fields.items()))

    def send_json(self, url: str, event: str, data: dict[str, Any]) -> None:
        target, fragment = url.partition("#")[::2]
        body = json.dumps(data).encode()
        headers = {"Content-Type": "application/json"}
        self._put(event, with_body_hash(target, body), fragment, body, headers, ())

    def _put(
        self,
        event: str,
        url: str,
        fragment: str,
        body: bytes,
        headers: dict[str, str],
        fields: tuple[tuple[str, str], ...],
        method: str = "POST",
    ) -> None:
        switches = self._simulator.switches
        token = self._simulator.new_uuid()

        def sign(_moment: float) -> dict[str, str]:
            one = token if switches.idempotency_token_repeats else self._simulator.new_uuid()
            return {IDEMPOTENCY: one, **self._signed(url, fields)}

        retries, should_retry = _retries(fragment, no_answer=lambda: switches.no_answer_is)
        callback = Callback(
            event=event,
            url=url,
            body=body,
            method=method,
            headers={"User-Agent": "TwilioProxy/1.1", "Accept": "*/*", **headers},
            sign=sign,
            retries=retries,
            should_retry=should_retry,
        )
        self._simulator.outbox.put(callback, now=switches.callbacks_before_answer)

    def _signed(self, url: str, fields: tuple[tuple[str, str], ...]) -> dict[str, str]:
        url = _with_port(url, self._simulator.switches.signed_port)
        key, secret = next(iter(self._simulator.shared_keys.items()))
        match self._simulator.switches.sign_with:
            case "shared_key":
                named = {SETTINGS: f"key={key},algorithm=HMAC_SHA256"}
                return {SIGNATURE: signature(secret, url, fields, digest="sha256"), **named}
            case "unheld_key":
                named = {SETTINGS: "key=not-held,algorithm=HMAC_SHA256"}
                return {SIGNATURE: signature("not held", url, fields, digest="sha256"), **named}
            case "unknown_algorithm":
                named = {SETTINGS: f"key={key},algorithm=HMAC_MD5"}
                return {SIGNATURE: signature(secret, url, fields, digest="md5"), **named}
            case "wrong_token":
                return {SIGNATURE: signature("not the token", url, fields)}
        return {SIGNATURE: signature(self._simulator.auth_token, url, fields)}


def _retries(
    fragment: str, *, no_answer: Callable[[], str]
) -> tuple[list[float], Callable[[int | None], bool]]:
    """The waits before further attempts, and which outcomes deserve one: the connection override."""
    wishes = {name: values[-1] for name, values in parse_qs(fragment).items()}
    count = _bounded(wishes.get("rc", ""), default=1, low=0, high=5)
    total = _bounded(wishes.get("tt", ""), default=TOTAL_MILLISECONDS, low=100, high=TOTAL_MILLISECONDS)
    allowed = min(count, int(total / 1000 / RETRY_WAIT_SECONDS))
    policy = set(wishes.get("rp", "ct").split(","))

    def should_retry(status: int | None) -> bool:
        if "all" in policy:
            return True
        if status is None:
            return no_answer() in policy
        return f"{status // 100}xx" in policy

    return [RETRY_WAIT_SECONDS] * allowed, should_retry


def _bounded(value: str, *, default: int, low: int, high: int) -> int:
    return int(value) if value.isdecimal() and low <= int(value) <= high else default


def _with_query(url: str, query: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}{query}"


def _with_port(url: str, wish: str) -> str:
    target = urlsplit(url)
    if wish == "with" and target.port is None:
        netloc = f"{target.netloc}:{443 if target.scheme == 'https' else 80}"
        return urlunsplit(target._replace(netloc=netloc))
    if wish == "without" and target.port is not None:
        return urlunsplit(target._replace(netloc=target.netloc.rpartition(":")[0]))
    return url
