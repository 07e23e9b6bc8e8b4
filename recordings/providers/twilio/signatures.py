"""Proves that a callback is Twilio's: X-Twilio-Signature in both of its schemes (contract 5.4)."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

from recordings.providers.base import Inbound
from recordings.providers.errors import SignatureRefused

SIGNATURE = "x-twilio-signature"
SETTINGS = "x-twilio-webhooks-signature-settings"
HASH = "bodySHA256"
FORM = "application/x-www-form-urlencoded"
SHARED_ALGORITHM = "HMAC_SHA256"
PORTS = {"https": "443", "http": "80"}
Fields = Iterable[tuple[str, str]]


def require(request: Inbound, *, token: str, shared_keys: Mapping[str, str]) -> None:
    """Raises ``SignatureRefused`` unless the request is signed by a key of this account.

    There is no timestamp in the scheme: nothing here tells a replay.
    """
    given = request.headers.get(SIGNATURE, "")
    if not given:
        raise SignatureRefused("no X-Twilio-Signature")
    secret, digest = _key(request.headers.get(SETTINGS, ""), token, shared_keys)
    signed = _signed_fields(request)
    expected = [signature(secret, url, signed, digest=digest) for url in _addresses(request.url)]
    seen = given.encode("utf-8", "surrogatepass")
    if not any(hmac.compare_digest(each.encode(), seen) for each in expected):
        raise SignatureRefused("the signature does not fit: another token, another address or another body")


def signature(secret: str, url: str, fields: Fields, *, digest: str = "sha1") -> str:
    """The base64 HMAC over the address and each distinct value of each name, both in order."""
    values: dict[str, set[str]] = {}
    for name, value in fields:
        values.setdefault(name, set()).add(value)
    signed = url + "".join(name + value for name in sorted(values) for value in sorted(values[name]))
    code = hmac.new(secret.encode(), signed.encode("utf-8", "surrogatepass"), digest).digest()
    return base64.b64encode(code).decode()


def is_form(headers: Mapping[str, str]) -> bool:
    return headers.get("content-type", "").partition(";")[0].strip().lower() == FORM


def form_fields(body: bytes) -> list[tuple[str, str]]:
    """The pairs of a form, blank values and repeated names kept."""
    return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)


def shared_keys_of(lines: str) -> dict[str, str]:
    """``id=secret``, one a line."""
    pairs = (line.strip().partition("=") for line in lines.splitlines())
    return {name.strip(): secret.strip() for name, _, secret in pairs if name.strip() and secret.strip()}


def _key(settings: str, token: str, shared_keys: Mapping[str, str]) -> tuple[str, str]:
    """Without an algorithm in the settings it is the Auth Token with SHA-1 (contract 5.4)."""
    pairs = (part.strip().partition("=") for part in settings.split(","))
    wishes = {name.strip(): value.strip() for name, _, value in pairs}
    if "algorithm" not in wishes:
        return _held(token, "no Auth Token is held"), "sha1"
    if wishes["algorithm"] != SHARED_ALGORITHM:
        raise SignatureRefused("signed with an algorithm that is not known")
    return _held(
        shared_keys.get(wishes.get("key", ""), ""), "signed with a shared key that is not held"
    ), "sha256"


def _held(secret: str, reason: str) -> str:
    if not secret:
        raise SignatureRefused(reason)
    return secret


def _signed_fields(request: Inbound) -> list[tuple[str, str]]:
    """The fields that are signed beside the address. A body that neither is a form nor has its hash in
    the address is covered by nothing, and refused."""
    query = parse_qsl(request.url.partition("?")[2], keep_blank_values=True)
    hashes = [value for name, value in query if name == HASH]
    if hashes:
        actual = hashlib.sha256(request.body).hexdigest()
        if not all(hmac.compare_digest(actual.encode(), each.lower().encode()) for each in hashes):
            raise SignatureRefused("the body is not the one that was signed")
        return []
    if not request.body:
        return []
    if not is_form(request.headers):
        raise SignatureRefused("the body is not covered by the signature")
    return form_fields(request.body)


def _addresses(url: str) -> tuple[str, ...]:
    """As it is, with the explicit port and without any: the signer is not consistent (contract 5.4).

    Nothing else of the address is touched: each byte of it is signed.
    """
    url = url.partition("#")[0]
    scheme, mark, rest = url.partition("://")
    end = min((rest.index(each) for each in "/?" if each in rest), default=len(rest))
    netloc, after = rest[:end], rest[end:]
    host, _, port = netloc.rpartition(":")
    bare = host if host and port.isdecimal() else netloc
    with_port = netloc if bare != netloc else f"{netloc}:{PORTS.get(scheme.lower(), '')}".removesuffix(":")
    return url, f"{scheme}{mark}{bare}{after}", f"{scheme}{mark}{with_port}{after}"
