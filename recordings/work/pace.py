"""The pace at which all workers together may call a provider."""

from datetime import datetime, timedelta

from django.db import transaction

from recordings import clock
from recordings.models import Account, Bucket
from recordings.providers.base import ProviderAdapter
from recordings.providers.orders import Bucket as Limit
from recordings.providers.orders import Scope

WHOLE = "all"  # the bucket of an adapter that names none
LONGEST_BACKOFF_SECONDS = 300.0
CLOCK_SLACK = timedelta(seconds=1)


def take(account: Account, adapter: ProviderAdapter, names: tuple[str, ...], *, call_id: str = "") -> float:
    """Take one request out of each named bucket: 0 when it may go now, else the seconds to wait.

    Nothing is taken unless all of them allow it.
    """
    with transaction.atomic():
        now = clock.now()
        limits = [limit for limit in adapter.buckets if limit.name in names]
        rows = [(limit, _row(account, limit, call_id)) for limit in limits]
        closed = _whole(account)
        waits = [_wait(row, limit, now) for limit, row in rows] + [_closed(closed, now)]
        if max(waits) > 0:
            return max(waits)
        for limit, row in rows:
            row.taken = [*_recent(row, limit, now), now.timestamp()]
            row.save(update_fields=["taken"])
    return 0.0


def close(account: Account, name: str, *, seconds: float, scope_id: str = "") -> None:
    """Nothing more out of this bucket for so long: what a ``Retry-After`` asks."""
    now = clock.now()
    until = now + timedelta(seconds=seconds)
    row, _ = Bucket.objects.get_or_create(account=account, name=name or WHOLE, scope_id=scope_id)
    if row.closed_until is None or row.closed_until < until:
        Bucket.objects.filter(pk=row.pk).update(closed_at=now, closed_until=until)


def backoff_seconds(attempts: int, *, first: float = 1.0) -> float:
    """Doubling waits, bounded."""
    return float(min(first * 2 ** max(0, attempts - 1), LONGEST_BACKOFF_SECONDS))


def _row(account: Account, limit: Limit, call_id: str) -> Bucket:
    scope_id = call_id if limit.scope is Scope.CALL else ""
    Bucket.objects.get_or_create(account=account, name=limit.name, scope_id=scope_id)
    return Bucket.objects.select_for_update().get(account=account, name=limit.name, scope_id=scope_id)


def _whole(account: Account) -> Bucket | None:
    return Bucket.objects.filter(account=account, name=WHOLE, scope_id="").first()


def _recent(row: Bucket, limit: Limit, now: datetime) -> list[float]:
    horizon = now.timestamp() - limit.per_seconds
    return [moment for moment in row.taken if horizon < moment <= now.timestamp() + 1]


def _wait(row: Bucket, limit: Limit, now: datetime) -> float:
    closed = _closed(row, now)
    recent = _recent(row, limit, now)
    if len(recent) < limit.limit:
        return closed
    oldest = sorted(recent)[-limit.limit]
    return max(closed, oldest + limit.per_seconds - now.timestamp(), 0.01)


def _closed(row: Bucket | None, now: datetime) -> float:
    if row is None or row.closed_until is None:
        return 0.0
    if row.closed_at is not None and row.closed_at > now + CLOCK_SLACK:
        # Our clock was ahead then, and is so no more: closed for as long, counted from here.
        row.closed_at, row.closed_until = now, now + (row.closed_until - row.closed_at)
        row.save(update_fields=["closed_at", "closed_until"])
    return max(0.0, (row.closed_until - now).total_seconds())
