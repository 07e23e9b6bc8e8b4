"""The one-time link with which the first administrator is made."""

import hashlib
import hmac
import json
import os
import secrets
import time
from pathlib import Path

from django.conf import settings

from dashboard.models import User

VALID_SECONDS = 3600


def setup_link(base: str) -> str:
    """Return a fresh link below the address `base`, or "" once there is a user.

    Only its digest is kept, in the data folder; a new link replaces the one before.
    """
    if User.objects.exists():
        forget()
        return ""
    token = secrets.token_urlsafe(32)
    _write({"digest": _digest(token), "until": time.time() + VALID_SECONDS})
    return f"{base.rstrip('/')}/setup/{token}/"


def is_valid(token: str) -> bool:
    """Tell whether `token` is the link's, in its hour, and nobody has an account here yet."""
    kept = _read()
    fits = hmac.compare_digest(_digest(token), str(kept.get("digest", "")))
    return fits and time.time() < float(str(kept.get("until", 0))) and not User.objects.exists()


def forget() -> None:
    """End the link."""
    _path().unlink(missing_ok=True)


def _path() -> Path:
    return Path(settings.TAPEDECK_DATA) / "setup_link"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _write(kept: dict[str, object]) -> None:
    descriptor = os.open(_path(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        json.dump(kept, file)


def _read() -> dict[str, object]:
    try:
        kept = json.loads(_path().read_text(encoding="ascii"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}
