"""Takes secrets and links that grant access by themselves out of what is kept or shown."""

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

REMOVED = "[removed]"
LONGEST = 20_000  # characters of a body in an order's timeline

_SECRET_KEYS = re.compile(
    r"^(share_?token|access_?token|api_?key|auth_?token|authorization|.*password|hmac|basic_?auth"
    r"|secret|client_secret)$",
    re.IGNORECASE,
)
_LINK_KEYS = re.compile(r"^(download_link|download_url|.*_download_url|link|media_url)$", re.IGNORECASE)
_GRANT = re.compile(
    r"(^|&)(X-Amz-Signature|X-Amz-Credential|X-Amz-Security-Token|Signature|AWSAccessKeyId|sig|token"
    r"|access_token|share_token|Key-Pair-Id|Policy)=",
    re.IGNORECASE,
)
_PLAIN = frozenset((str, int, float, bool, type(None)))  # most of what there is: decided at once
_LINK_IN_TEXT = re.compile(r"https?://[^\s\"'<>\\]+")


def scrubbed(value: Any, *, secrets: Iterable[str] = ()) -> Any:
    """A copy of decoded JSON or text without secrets, tokens and access links."""
    return _scrub(value, tuple(secret for secret in secrets if len(secret) >= 6))


def scrubbed_text(text: str, *, secrets: Iterable[str] = ()) -> str:
    """The same for a raw body: JSON is scrubbed as JSON, anything else by its links."""
    try:
        decoded = json.loads(text)
    except (ValueError, RecursionError):
        return str(scrubbed(text, secrets=secrets))
    return json.dumps(scrubbed(decoded, secrets=secrets), ensure_ascii=False, indent=2)


def grants_access(link: str) -> bool:
    """Whether whoever holds this link can read what is behind it; true of one that cannot be taken apart."""
    try:
        return bool(_GRANT.search(urlsplit(link).query))
    except ValueError:
        return True


def _scrub(value: Any, secrets: tuple[str, ...]) -> Any:
    if isinstance(value, dict):
        return {key: _scrub_item(str(key), item, secrets) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_scrub(item, secrets) for item in value]
    if not isinstance(value, str):
        return value
    for secret in secrets:
        value = value.replace(secret, REMOVED)
    return _LINK_IN_TEXT.sub(_masked_link, value) if "://" in value else value


def _scrub_item(key: str, item: Any, secrets: tuple[str, ...]) -> Any:
    is_secret, is_link = _kind_of(key)
    if not (is_secret or is_link or secrets) and type(item) in _PLAIN:
        return _LINK_IN_TEXT.sub(_masked_link, item) if type(item) is str and "://" in item else item
    if item in (None, "") or isinstance(item, dict | list):
        return _scrub(item, secrets)
    if is_secret:
        return REMOVED
    if is_link and isinstance(item, str) and item.startswith("http"):
        return _masked(item)
    return _scrub(item, secrets)


@lru_cache(maxsize=4096)
def _kind_of(key: str) -> tuple[bool, bool]:
    """Whether what stands under this name is a secret, and whether it is a link; a provider's names recur."""
    return bool(_SECRET_KEYS.match(key)), bool(_LINK_KEYS.match(key))


def _masked_link(found: re.Match[str]) -> str:
    link = found.group()
    return _masked(link) if grants_access(link) else link


def _masked(link: str) -> str:
    try:
        parts = urlsplit(link)
    except ValueError:
        return REMOVED
    return f"{parts.scheme}://{parts.netloc}{parts.path}" + (f"?{REMOVED}" if parts.query else "")
