"""Takes callbacks in: verify, store, and nothing else. One statement for a new one, one for a double."""

import json
import threading
import time
import uuid
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from recordings import clock, connections
from recordings.models import Account, Refusal, WebhookDelivery
from recordings.models.work import SINGLE
from recordings.providers.base import Inbound, ProviderAdapter, Verified
from recordings.providers.errors import ProviderError, SignatureRefused
from recordings.work.waking import wake_soon

LARGEST_BODY = 10 * 1024 * 1024
ACCOUNT_KEPT_SECONDS = 5.0
# Kept for the doctor and for reading again; signatures and credentials are not.
_DROPPED_HEADERS = ("authorization", "cookie", "signature")
_accounts: dict[tuple[str, str], tuple[float, Account]] = {}
# SQLite's waiting writers back off for long: two at a time keep the tail short.
_sqlite_writers = threading.BoundedSemaphore(2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """One request on a webhook address, as the web server saw it."""

    method: str
    path: str  # after the account's key
    full_path: str  # the whole path with its query, as requested
    host: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes


def receive(provider: str, webhook_key: str, arrived: Arrived) -> int:
    """The HTTP status to answer: 200 stored or a double, 400 refused, 404 unknown key, 503 not stored.

    Never 2xx without a commit.
    """
    try:
        return _receive(provider, webhook_key, arrived)
    except DatabaseError:
        return 503


def _receive(provider: str, webhook_key: str, arrived: Arrived) -> int:
    account = _account(provider, webhook_key)
    if account is None:
        _refuse(None, "unknown address", arrived)
        return 404
    now = timezone.now()  # Not the database's clock: that would be one more statement.
    url = f"{settings.PUBLIC_URL}{arrived.full_path}"
    try:
        adapter = connections.open_account(account)
        verified = _verify(adapter, arrived, url, now)
    except SignatureRefused as exc:
        _refuse(account, exc.reason, arrived, skew_seconds=exc.skew_seconds, url=url)
        return 400
    except ProviderError as exc:  # Our keys are wrong: the provider may try again later.
        _refuse(account, exc.message, arrived, url=url)
        return 503
    if not verified.is_ping:
        _store(account, verified, arrived, now)
        wake_soon()
    return 200


def _verify(adapter: ProviderAdapter, arrived: Arrived, url: str, now: datetime) -> Verified:
    return adapter.verify(
        Inbound(
            method=arrived.method,
            url=url,
            path=arrived.path,
            headers=arrived.headers,
            body=arrived.body,
            received_at=now,
        )
    )


def _account(provider: str, webhook_key: str) -> Account | None:
    known = _accounts.get((provider, webhook_key))
    if known is not None and known[0] > time.monotonic():
        return known[1]
    old = Q(old_webhook_key=webhook_key, old_webhook_key_until__gt=clock.now())
    found = Account.objects.filter(
        Q(webhook_key=webhook_key) | old, provider=provider, is_active=True
    ).first()
    if found is not None:
        _accounts[provider, webhook_key] = (time.monotonic() + ACCOUNT_KEPT_SECONDS, found)
    return found


def forget() -> None:
    """Read accounts anew: between tests."""
    _accounts.clear()


def _store(account: Account, verified: Verified, arrived: Arrived, now: datetime) -> None:
    guard: Any = _sqlite_writers if connection.vendor == "sqlite" else nullcontext()
    moment = connection.ops.adapt_datetimefield_value(now)
    _, _, query = arrived.full_path.partition("?")
    values = [
        account.pk,
        _uuid_value(),
        WebhookDelivery.State.RECEIVED,
        SINGLE,
        verified.dedupe_id[:200],
        verified.event[:100],
        arrived.method,
        arrived.path[:500],
        query,
        json.dumps(_kept(arrived.headers)),
        arrived.body,
        verified.note[:300],
        *[moment] * 4,
        WebhookDelivery.State.FAILED,
        moment,
        WebhookDelivery.State.FAILED,
        WebhookDelivery.State.RECEIVED,
    ]
    with guard, connection.cursor() as cursor:
        cursor.execute(_INSERT, values)


def _uuid_value() -> str:
    new = uuid.uuid4()
    return str(new) if connection.features.has_native_uuid_field else new.hex


# A resend of a delivery that had failed makes it due again; any other double is only counted.
_INSERT = """
INSERT INTO recordings_webhookdelivery
  (account_id, key, state, lane, dedupe_id, event, method, path, query, headers, body, note,
   received_at, created_at, due_at,
   attempts, deaths, duplicates, replays, worker, outcome, is_erased)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 0, 0, 0, 0, '', '', FALSE)
ON CONFLICT (account_id, dedupe_id) DO UPDATE SET
  duplicates = recordings_webhookdelivery.duplicates + 1,
  last_duplicate_at = %s,
  due_at = CASE WHEN recordings_webhookdelivery.state = %s THEN %s
           ELSE recordings_webhookdelivery.due_at END,
  state = CASE WHEN recordings_webhookdelivery.state = %s THEN %s
          ELSE recordings_webhookdelivery.state END
"""


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value for name, value in headers.items() if not any(word in name for word in _DROPPED_HEADERS)
    }


def _refuse(
    account: Account | None,
    reason: str,
    arrived: Arrived,
    *,
    skew_seconds: float | None = None,
    url: str = "",
) -> None:
    now = clock.now()
    seen = f"{arrived.host}{arrived.full_path.partition('?')[0]}" if account else ""
    with transaction.atomic():
        refusal, _ = Refusal.objects.get_or_create(
            account=account, day=now.date(), reason=reason[:200], defaults={"last_at": now}
        )
        Refusal.objects.filter(pk=refusal.pk).update(
            count=F("count") + 1,
            last_at=now,
            skew_seconds=skew_seconds,
            url_seen=seen[:500],
            url_expected=url.partition("?")[0][:500],
        )
