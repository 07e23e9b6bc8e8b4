"""Takes callbacks in: verify, store, and nothing else. One statement for a new one, one for a double."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Q
from django.utils import timezone

from recordings import connections, inbox
from recordings.models import Account
from recordings.providers.base import Inbound, ProviderAdapter, Verified
from recordings.providers.errors import ProviderError, SignatureRefused
from recordings.work.waking import wake_soon

logger = logging.getLogger(__name__)

LARGEST_BODY = 10 * 1024 * 1024
ACCOUNT_KEPT_SECONDS = 5.0
_accounts: dict[tuple[str, str], tuple[float, Account]] = {}


class BodyCut(Exception):
    """The sender went away in the middle of its body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """One request on a webhook address, as the web server saw it."""

    method: str
    path: str  # after the account's key
    full_path: str  # the whole path with its query, as requested
    host: str  # with the scheme, as far as the web server can tell
    headers: Mapping[str, str]  # names in lower case
    body: bytes | None = b""  # None: larger than ``LARGEST_BODY``, and not read


def receive(
    provider: str,
    webhook_key: str,
    arrived: Arrived,
    *,
    read: Callable[[], bytes | None] | None = None,
) -> int:
    """The HTTP status to answer: 200 stored or a double, 400 refused, 404 unknown key, 413 too large,
    503 not stored.

    ``read`` gives the body once the key is known, so that a slow stranger holds no thread. Never 2xx
    without a commit.
    """
    try:
        return _receive(provider, webhook_key, arrived, read)
    except BodyCut:
        return 400
    except DatabaseError as exc:
        logger.warning("a callback was not stored, its sender may try again: %s", exc)
        return 503


def _receive(
    provider: str, webhook_key: str, arrived: Arrived, read: Callable[[], bytes | None] | None
) -> int:
    account = _account(provider, webhook_key)
    now = timezone.now()  # Not the database's clock: that would be one more statement.
    if account is None:
        inbox.count_refusal(None, "unknown address", at=now)
        return 404
    body = read() if read else arrived.body
    if body is None:
        _refuse(account, webhook_key, "larger than 10 MiB", arrived, now)
        return 413
    try:
        verified = _verify(connections.open_account(account), arrived, body, now)
    except SignatureRefused as exc:
        _refuse(account, webhook_key, _reason(exc), arrived, now, skew_seconds=exc.skew_seconds)
        return 400
    except ProviderError as exc:  # Our keys are wrong: the provider may try again later.
        _refuse(account, webhook_key, exc.message, arrived, now)
        return 503
    if not verified.is_ping:
        _store(account, verified, arrived, body, now)
        wake_soon()
    return 200


def _verify(adapter: ProviderAdapter, arrived: Arrived, body: bytes, now: datetime) -> Verified:
    return adapter.verify(
        Inbound(
            method=arrived.method,
            url=f"{settings.PUBLIC_URL}{arrived.full_path}",
            path=arrived.path,
            headers=arrived.headers,
            body=body,
            received_at=now,
        )
    )


def _account(provider: str, webhook_key: str) -> Account | None:
    known = _accounts.get((provider, webhook_key))
    if known is not None and known[0] > time.monotonic():
        return known[1]
    old = Q(old_webhook_key=webhook_key, old_webhook_key_until__gt=timezone.now())
    found = Account.objects.filter(
        Q(webhook_key=webhook_key) | old, provider=provider, is_active=True
    ).first()
    if found is not None:
        _accounts[provider, webhook_key] = (time.monotonic() + ACCOUNT_KEPT_SECONDS, found)
    return found


def forget() -> None:
    """Read accounts anew: between tests."""
    _accounts.clear()
    inbox.forget()


def _store(account: Account, verified: Verified, arrived: Arrived, body: bytes, now: datetime) -> None:
    inbox.store(
        account,
        verified,
        at=now,
        method=arrived.method,
        path=arrived.path,
        query=arrived.full_path.partition("?")[2],
        headers=arrived.headers,
        body=body,
    )


def _reason(refused: SignatureRefused) -> str:
    """A reason that many callbacks share; by how much a clock is off stands beside it."""
    if refused.skew_seconds is None:
        return refused.reason
    return "its timestamp is ahead of our clock" if refused.skew_seconds > 0 else "its timestamp is too old"


def _refuse(
    account: Account,
    webhook_key: str,
    reason: str,
    arrived: Arrived,
    now: datetime,
    *,
    skew_seconds: float | None = None,
) -> None:
    # Whoever knows an account's key can post in its name: it does not stand in a counter.
    path = arrived.full_path.partition("?")[0].replace(webhook_key, "…")
    inbox.count_refusal(
        account,
        reason,
        at=now,
        skew_seconds=skew_seconds,
        url_seen=f"{arrived.host}{path}",
        url_expected=f"{settings.PUBLIC_URL}{path}",
    )
