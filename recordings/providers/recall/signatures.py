"""Proof that a webhook is Recall.ai's (contract, section 5.4)."""

import base64
import binascii
import hashlib
import hmac
import json
from datetime import datetime

from recordings.providers.base import Inbound, Verified
from recordings.providers.errors import SignatureRefused
from recordings.providers.recall.reading import mapping, text

TOLERANCE_SECONDS = 300.0  # section 5.4; each attempt carries its own time, so late retries pass
FAMILIES = ("webhook", "svix")
Headers = tuple[str, str, str]  # id, timestamp, signatures


def verify(request: Inbound, secrets: str) -> Verified:
    """Either family of headers, any of the secrets, any of the signatures (section 5.4)."""
    keys = signing_keys(secrets)
    if not keys:
        raise SignatureRefused("no signing secret of Recall.ai is set in this account")
    families = [family for family in (_headers(request, name) for name in FAMILIES) if all(family)]
    if not families:
        # Section 5.4: until a secret exists in the dashboard, requests carry no signature at all.
        raise SignatureRefused("it carries no signature: make a signing secret in Recall.ai's dashboard")
    proven = [family for family in families if _is_signed(family, request.body, keys)]
    if not proven:
        raise SignatureRefused("no signature matches any of the account's signing secrets")
    delivery_id, sent_at, _ = proven[0]
    _require_fresh(sent_at, request.received_at)
    return Verified(dedupe_id=delivery_id, event=event_of(request.body))


def signing_keys(secrets: str) -> list[bytes]:
    """One a line, ``whsec_`` and base64; what is no secret is left out."""
    found = (_key(line.strip()) for line in secrets.splitlines())
    return [key for key in found if key]


def event_of(body: bytes) -> str:
    """The event's name; "" when the body cannot be read."""
    try:
        return text(mapping(json.loads(body)).get("event"))
    except (ValueError, RecursionError):
        return ""


def _key(line: str) -> bytes:
    encoded = line.removeprefix("whsec_")
    try:
        return base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _headers(request: Inbound, family: str) -> Headers:
    delivery_id, sent_at, signatures = (
        request.headers.get(f"{family}-{name}", "").strip() for name in ("id", "timestamp", "signature")
    )
    return delivery_id, sent_at, signatures


def _is_signed(family: Headers, body: bytes, keys: list[bytes]) -> bool:
    delivery_id, sent_at, signatures = family
    signed = f"{delivery_id}.{sent_at}.".encode() + body
    given = [each[3:].encode() for each in signatures.split() if each.startswith("v1,")]
    expected = [base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()) for key in keys]
    # All pairs are compared, so that time tells nothing.
    matches = [hmac.compare_digest(one, other) for one in given for other in expected]
    return any(matches)


def _require_fresh(sent_at: str, received_at: datetime) -> None:
    if not (sent_at.isascii() and sent_at.isdigit() and len(sent_at) <= 12):
        raise SignatureRefused("its timestamp is no number of seconds")
    skew = int(sent_at) - received_at.timestamp()
    if abs(skew) > TOLERANCE_SECONDS:
        raise SignatureRefused(
            f"its timestamp is {abs(skew):.0f} seconds {'ahead' if skew > 0 else 'old'}", skew_seconds=skew
        )
