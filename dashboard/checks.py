"""System checks on what would go wrong only later: clocks out of order, a key beside its data."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register

# In this order, or work is performed twice: a call outlives its lease, a task its queue's patience.
CLOCKS = (
    "TAPEDECK_CALL_SECONDS",
    "TAPEDECK_LEASE_SECONDS",
    "TAPEDECK_TIMEOUT_SECONDS",
    "TAPEDECK_RETRY_SECONDS",
)


@register
def check_clocks(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Each clock of the work engine must be shorter than the next."""
    return [
        checks.Error(f"{shorter} must be less than {longer}.", id="tapedeck.E001")
        for shorter, longer in pairwise(CLOCKS)
        if getattr(settings, shorter) >= getattr(settings, longer)
    ]


@register
def check_keys(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Each of the accounts' keys must be one; which of them opens what shows only in use."""
    hint = "Each is what cryptography's Fernet.generate_key() returns; commas stand between them."
    return [
        checks.Error(f"Key {number} of TAPEDECK_KEYS is not a key.", hint=hint, id="tapedeck.E002")
        for number, key in enumerate(settings.TAPEDECK_KEYS, start=1)
        if not _is_fernet_key(key)
    ]


def _is_fernet_key(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True


@register(Tags.security, deploy=True)
def check_key_file(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """A stolen copy of the data folder must not carry the key to its secrets."""
    if not settings.TAPEDECK_KEY_FILE.exists():
        return []
    return [
        checks.Warning(
            "The key of the accounts' secrets lies in the data folder, beside what it encrypts.",
            hint="Put its text into TAPEDECK_KEYS in the environment, then remove the file "
            f"{settings.TAPEDECK_KEY_FILE}.",
            id="tapedeck.W001",
        )
    ]


@register(Tags.security, deploy=True)
def check_public_url(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Without a public https address no provider is given a callback."""
    if settings.PUBLIC_URL.startswith("https://"):
        return []
    return [
        checks.Warning(
            "PUBLIC_URL is not an https address: no provider is given a callback, and states come "
            "by looks alone.",
            hint="Set PUBLIC_URL to the address at which people and providers reach Tapedeck.",
            id="tapedeck.W002",
        )
    ]
