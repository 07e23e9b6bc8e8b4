"""Encrypts the secrets of accounts with keys of their own, never with Django's."""

import json
from collections.abc import Mapping
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class SecretsUnreadable(Exception):
    """None of the present keys opens these secrets; what they seal is not lost, only shut."""


def seal(secrets: Mapping[str, str]) -> str:
    """Encrypt with the first key."""
    plain = json.dumps(dict(secrets), sort_keys=True).encode()
    return _cipher(tuple(settings.TAPEDECK_KEYS)).encrypt(plain).decode()


def unseal(sealed: str) -> dict[str, str]:
    """Decrypt with whichever key fits; raises ``SecretsUnreadable``."""
    if not sealed:
        return {}
    try:
        plain = _cipher(tuple(settings.TAPEDECK_KEYS)).decrypt(sealed.encode())
    except InvalidToken as exc:
        raise SecretsUnreadable from exc
    opened: dict[str, str] = json.loads(plain)
    return opened


def reseal(sealed: str) -> str:
    """The same secrets under the first key; raises ``SecretsUnreadable``."""
    return seal(unseal(sealed))


@cache
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
