"""Leases: who may work on a row, for how long, and in whose turn."""

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Min, Q, QuerySet

from recordings import clock
from recordings.models import Account, Errand, Operation, WebhookDelivery, WorkItem
from recordings.models.work import BULK

MODELS: tuple[type[WorkItem], ...] = (Operation, WebhookDelivery, Errand)
DELIVERIES_A_LEASE = 20
DEATHS_ALLOWED = 3
# A lease never ends later than this from now, unless the clock was set back meanwhile.
CLOCK_SLACK_SECONDS = 10.0
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


def claim(*, worker: str, served: set[int]) -> Lease | None:
    """The next item in turn, or None when nothing is due that may be worked on.

    ``served`` are the accounts that this look has already worked for: others come first, within the
    lowest lane. The caller's set is updated.
    """
    now = clock.now()
    if not any(_due(model, now).exists() for model in MODELS):
        return None
    with transaction.atomic():
        _one_at_a_time()
        item = _best(now, served)
        if item is None:
            return None
        served.add(item.account_id)
        return _take(item, now, worker)


def oldest_due_age_seconds() -> float:
    """How long the longest waiting item has been due; 0 when none is."""
    now = clock.now()
    oldest = [
        model._default_manager.filter(due_at__isnull=False, due_at__lte=now).aggregate(at=Min("due_at"))["at"]
        for model in MODELS
    ]
    ages = [(now - at).total_seconds() for at in oldest if at is not None]
    return max(ages, default=0.0)


def _due(model: type[WorkItem], now: datetime) -> QuerySet[Any]:
    latest = now + timedelta(seconds=settings.TAPEDECK_LEASE_SECONDS + CLOCK_SLACK_SECONDS)
    is_due = Q(due_at__lte=now) | Q(lease_token__isnull=False, due_at__gt=latest)
    return model._default_manager.filter(is_due, due_at__isnull=False)


def _one_at_a_time() -> None:
    # SQLite's IMMEDIATE transaction is the lock already.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CLAIM_LOCK])


def _best(now: datetime, served: set[int]) -> WorkItem | None:
    blocked, bulk_blocked, is_bulk_full = _permits(now)
    candidates = Q(lane__lt=BULK) if is_bulk_full else ~Q(lane__gte=BULK, account__in=bulk_blocked)
    allowed = candidates & ~Q(account__in=blocked)
    first = _first(now, allowed)
    if first is None:
        return None
    in_turn = _first(now, allowed & Q(lane=first.lane) & ~Q(account__in=served))
    return in_turn or first


def _first(now: datetime, allowed: Q) -> WorkItem | None:
    found: list[WorkItem] = []
    for model in MODELS:
        item = _due(model, now).filter(allowed).order_by("lane", "due_at").first()
        if item is not None:
            found.append(item)
    return min(found, key=lambda item: (item.lane, item.due_at), default=None)


def _permits(now: datetime) -> tuple[list[int], list[int], bool]:
    """Accounts that may have nothing more, those that may have no bulk, and whether bulk is full."""
    held: Counter[int] = Counter()
    bulk = 0
    for account, lane in _held(now):
        held[account] += 1
        bulk += lane >= BULK
    blocked, bulk_blocked = [], []
    for account, is_healthy in Account.objects.values_list("pk", "is_healthy"):
        limit = permits_of(is_healthy=is_healthy)
        if held[account] >= limit:
            blocked.append(account)
        if held[account] >= limit - 1:
            bulk_blocked.append(account)
    return blocked, bulk_blocked, bulk >= max(1, settings.TAPEDECK_WORKERS // 2)


def permits_of(*, is_healthy: bool | None) -> int:
    """How many workers an account may hold: half of them, one while it is unhealthy.

    At least two, so that its last permit, which is closed to bulk work, is not its only one.
    """
    return 1 if is_healthy is False else max(2, int(settings.TAPEDECK_WORKERS) // 2)


def _held(now: datetime) -> Iterable[tuple[int, int]]:
    for model in MODELS:
        leased = model._default_manager.filter(lease_token__isnull=False, lease_until__gt=now)
        seen: set[uuid.UUID | None] = set()
        for account, lane, token in leased.values_list("account_id", "lane", "lease_token"):
            if token not in seen:
                seen.add(token)
                yield account, lane


def _take(item: WorkItem, now: datetime, worker: str) -> Lease:
    lease = Lease(item=item, token=uuid.uuid4(), worker=worker)
    has_died = item.lease_token is not None
    _write_lease(lease, item, now, deaths=item.deaths + has_died)
    if isinstance(item, WebhookDelivery) and not item.deaths:
        alike = _due(WebhookDelivery, now).filter(account=item.account_id, lane=item.lane, deaths=0)
        more = alike.filter(lease_token=None).exclude(pk=item.pk).order_by("due_at")
        for each in more[: DELIVERIES_A_LEASE - 1]:
            _write_lease(lease, each, now, deaths=0)
            lease.more.append(each)
    return lease


def _write_lease(lease: Lease, item: WorkItem, now: datetime, *, deaths: int) -> None:
    until = now + timedelta(seconds=settings.TAPEDECK_LEASE_SECONDS)
    item.lease_token, item.lease_until, item.due_at = lease.token, until, until
    item.worker, item.deaths, item.attempts = lease.worker, deaths, item.attempts + 1
    item.save(update_fields=["lease_token", "lease_until", "due_at", "worker", "deaths", "attempts"])
