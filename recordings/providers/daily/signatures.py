"""Proof that a callback is Daily's (contract 5.2)."""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Iterable
from typing import Any

from recordings.providers.base import Inbound, Verified
from recordings.providers.daily.values import mapping, text
from recordings.providers.errors import SignatureRefused

FRESH_SECONDS = 300.0
MILLISECONDS_FROM = 1e11
PING = b'{"test":"test"}'
LONGEST_ID = 200
NOT_PROVABLE = "the account has no webhook secret: nothing can be proven"
UNSIGNED = "the callback carries no signature"
NO_TIMESTAMP = "the callback's timestamp is no number"
WRONG = "the signature is not made with this account's secret"
STALE = "the callback's timestamp is more than 5 minutes away from now"
NO_LOGIN = "the callback lacks the login that the account asks for (basicAuth)"
UNPROVEN_PING = "Daily's test message, taken without proof since no secret is set"
_TIMESTAMP = re.compile(r"[0-9]{1,16}(\.[0-9]{1,9})?")


def secrets_of(lines: str) -> tuple[str, ...]:
    """One a line: while a secret is being changed both are good."""
    return tuple(filter(None, (line.strip() for line in lines.splitlines())))


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """base64(HMAC-SHA256(decoded secret, timestamp + "." + raw body)); "" for a secret that is no base64."""
    try:
        key = base64.b64decode(secret, validate=True)
    except (binascii.Error, ValueError):
        return ""
    digest = hmac.new(key, timestamp.encode() + b"." + body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def verify(request: Inbound, *, secrets: Iterable[str], basic_auth: str) -> Verified:
    """Raises ``SignatureRefused``. Without a secret only the test message is taken, once a webhook was made
    by hand: it is all that can come before the secret is known (contract 5.1)."""
    known = tuple(secrets)
    if not known and request.body.strip() == PING:
        return Verified(dedupe_id="ping", event="ping", note=UNPROVEN_PING, is_ping=True)
    _require_signature(request, known)
    _require_fresh(request)
    _require_login(request, basic_auth)
    return _verified(request.body)


def _require_signature(request: Inbound, secrets: tuple[str, ...]) -> None:
    if not secrets:
        raise SignatureRefused(NOT_PROVABLE)
    given = request.headers.get("x-webhook-signature", "")
    timestamp = request.headers.get("x-webhook-timestamp", "")
    if not given or not timestamp:
        raise SignatureRefused(UNSIGNED)
    wanted = [signature(secret, timestamp, request.body) for secret in secrets]
    # All are compared, so that the time does not tell which one fits.
    fits = [hmac.compare_digest(each.encode(), given.encode()) for each in wanted if each]
    if not any(fits):
        raise SignatureRefused(WRONG)


def _require_fresh(request: Inbound) -> None:
    """A window of our own choice. Whether Daily signs a retry anew is not documented: if it does not, its
    late ones are refused here and the sweeps bring what they told."""
    timestamp = request.headers["x-webhook-timestamp"].strip()
    if not _TIMESTAMP.fullmatch(timestamp):
        raise SignatureRefused(NO_TIMESTAMP)
    sent_at = float(timestamp)
    sent_at = sent_at / 1000 if sent_at > MILLISECONDS_FROM else sent_at
    skew = sent_at - request.received_at.timestamp()
    if abs(skew) > FRESH_SECONDS:
        raise SignatureRefused(STALE, skew_seconds=skew)


def _require_login(request: Inbound, basic_auth: str) -> None:
    """Whether Daily encodes the value is not documented: both ways are good (contract 5.2)."""
    if not basic_auth:
        return
    encoded = base64.b64encode(basic_auth.encode()).decode()
    given = request.headers.get("authorization", "").encode()
    fits = [hmac.compare_digest(f"Basic {value}".encode(), given) for value in (basic_auth, encoded)]
    if not any(fits):
        raise SignatureRefused(NO_LOGIN)


def _verified(body: bytes) -> Verified:
    """Deduplicated by the envelope's id, used whole: its parts mean nothing (contract 5.4, 5.5)."""
    data = _envelope(body)
    event = text(data.get("type"))
    if not event and "test" in data:
        return Verified(dedupe_id="ping", event="ping", is_ping=True)
    return Verified(dedupe_id=_dedupe_id(text(data.get("id")), body), event=event)


def _dedupe_id(ident: str, body: bytes) -> str:
    if ident and len(ident) <= LONGEST_ID:
        return ident
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def _envelope(body: bytes) -> Any:
    try:
        return mapping(json.loads(body))
    except (ValueError, RecursionError):
        return {}
