"""Leases: who may work on a row, for how long, and in whose turn."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Min

from recordings import clock
from recordings.models import WebhookDelivery, WorkItem
from recordings.work import turns
from recordings.work.turns import MODELS

DELIVERIES_A_LEASE = 20
DEATHS_ALLOWED = 3
RACES = 3  # lost in a row, before the next look tries
_CLAIM_LOCK = 7_310_442  # any number, the same on all workers


class LeaseLost(Exception):
    """Another worker may hold the item by now: nothing was written."""


@dataclass(slots=True, kw_only=True)
class Lease:
    """The right to work on an item, or on several deliveries of one account."""

    item: WorkItem
    token: uuid.UUID
    worker: str
    more: list[WebhookDelivery] = field(default_factory=list)

    def write(self, item: WorkItem | None = None, **changes: Any) -> None:
        """Write under the token, keeping the lease; raises ``LeaseLost``."""
        target = item or self.item
        written = type(target)._default_manager.filter(pk=target.pk, lease_token=self.token).update(**changes)
        if not written:
            raise LeaseLost
        for name, value in changes.items():
            setattr(target, name, value)

    def settle(self, item: WorkItem | None = None, **changes: Any) -> None:
        """Give the lease back with what came of it: the first statement of the settling transaction.

        Without ``due_at`` nothing is left to do. Raises ``LeaseLost``, and the transaction must end.
        """
        self.write(item, **{"due_at": None, "deaths": 0, **changes, "lease_token": None, "lease_until": None})


def claim(*, worker: str, served: turns.Served) -> Lease | None:
    """The next item in turn, or None when nothing is due that may be worked on.

    ``served`` are the accounts that this look has already worked for, in each lane: others come first.
    The caller's set is updated.
    """
    now = clock.now()
    if not turns.is_any_due(now):
        return None
    for _ in range(RACES):
        with transaction.atomic():
            _one_at_a_time()
            item = turns.next_item(now, served)
            if item is None:
                return None
            lease = _take(item, now, worker)
        if lease is not None:
            return lease
    return None


def oldest_due_age_seconds() -> float:
    """How long the longest waiting item has been due; 0 when none is."""
    now = clock.now()
    oldest = [
        model._default_manager.filter(due_at__isnull=False, due_at__lte=now).aggregate(at=Min("due_at"))["at"]
        for model in MODELS
    ]
    ages = [(now - at).total_seconds() for at in oldest if at is not None]
    return max(ages, default=0.0)


def _one_at_a_time() -> None:
    # SQLite's IMMEDIATE transaction is the lock already.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CLAIM_LOCK])


def _take(item: WorkItem, now: datetime, worker: str) -> Lease | None:
    lease = Lease(item=item, token=uuid.uuid4(), worker=worker)
    has_died = item.lease_token is not None
    if not _write_lease(lease, item, now, deaths=item.deaths + has_died):
        return None
    if isinstance(item, WebhookDelivery) and not item.deaths:
        lease.more = _take_more(lease, item, now)
    return lease


def _take_more(lease: Lease, first: WebhookDelivery, now: datetime) -> list[WebhookDelivery]:
    """Others of the same account and lane, in one statement: callbacks wait meanwhile, on SQLite."""
    free = WebhookDelivery.objects.filter(
        account=first.account_id, lane=first.lane, deaths=0, lease_token=None, due_at__lte=now
    )
    found = list(free.order_by("due_at", "pk").values_list("pk", flat=True)[: DELIVERIES_A_LEASE - 1])
    columns = {**_lease_columns(lease, now), "attempts": F("attempts") + 1}
    if not found or not free.filter(pk__in=found).update(**columns):
        return []
    taken = WebhookDelivery.objects.filter(pk__in=found, lease_token=lease.token).defer("headers", "body")
    return sorted(taken, key=lambda each: found.index(each.pk))


def _write_lease(lease: Lease, item: WorkItem, now: datetime, *, deaths: int) -> bool:
    """Compare and set. A worker that was taken for dead, or a callback, may have settled the item since it
    was read: on PostgreSQL nothing else keeps what has ended from being leased, and sent, once more."""
    changes = {**_lease_columns(lease, now), "deaths": deaths, "attempts": item.attempts + 1}
    as_seen = type(item)._default_manager.filter(pk=item.pk, lease_token=item.lease_token, due_at=item.due_at)
    if not as_seen.update(**changes):
        return False
    for name, value in changes.items():
        setattr(item, name, value)
    return True


def _lease_columns(lease: Lease, now: datetime) -> dict[str, Any]:
    until = now + timedelta(seconds=settings.TAPEDECK_LEASE_SECONDS)
    return {"lease_token": lease.token, "lease_until": until, "due_at": until, "worker": lease.worker}
