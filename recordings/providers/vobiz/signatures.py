"""Signatures of callbacks: over address and nonce, never over the body, often absent (contract 5.5)."""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit, urlunsplit

SIGNED = "The signature covers the address only, not the body."
UNSIGNED = "Not signed: accepted by its secret address."
UNSIGNED_REFUSED = "The callback is not signed, and this account requires a signature."
WRONG = "None of the callback's signatures is made with this account's Auth Token for this address."

_HEADER = "x-vobiz-signature-"
_OWN = ("v2", "v3")  # V1 is not read: what it is made of is not documented
_PARENT = {
    "ma-v2": "v2",
    "ma-v3": "v3",
}  # with the main account's token: the same one unless this is a sub-account
_JOINTS = {"v2": "", "v3": "."}


def has_signature(headers: Mapping[str, str]) -> bool:
    """Whether one is there that must verify. A parent's cannot be checked by a sub-account, so that
    those alone are as good as none."""
    return any(headers.get(_HEADER + version) for version in _OWN)


def is_signed(headers: Mapping[str, str], url: str, token: str) -> bool:
    """Whether at least one recognised signature is the token's, compared in constant time."""
    return any(_is_equal(headers, name, url, token) for name in (*_OWN, *_PARENT))


def bases(url: str) -> Iterator[str]:
    """Scheme, host and path. Of two samples of Vobiz one keeps the port and one drops it."""
    parts = urlsplit(url)
    yield urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
    if parts.port is not None:
        yield urlunsplit((parts.scheme, parts.hostname or "", parts.path, "", ""))


def signature(token: str, base: str, nonce: str, *, version: str) -> str:
    message = f"{base}{_JOINTS[version]}{nonce}"
    return base64.b64encode(hmac.new(token.encode(), message.encode(), hashlib.sha256).digest()).decode()


def _is_equal(headers: Mapping[str, str], name: str, url: str, token: str) -> bool:
    version = _PARENT.get(name, name)
    given = headers.get(_HEADER + name, "")
    # No nonce header of its own is documented for a parent's signature.
    nonce = headers.get(f"{_HEADER}{name}-nonce") or headers.get(f"{_HEADER}{version}-nonce", "")
    if not given or not nonce or not token:
        return False
    made = [signature(token, base, nonce, version=version) for base in bases(url)]
    return any(hmac.compare_digest(each.encode(), given.encode("utf-8", "replace")) for each in made)
