"""Whose turn it is among all that is due: a few statements, for every look asks several times a second."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection

from recordings.models import Account, Errand, Operation, WebhookDelivery, WorkItem
from recordings.models.work import BULK

MODELS: tuple[type[WorkItem], ...] = (Operation, WebhookDelivery, Errand)
# A lease never ends later than this from now, unless the clock was set back meanwhile.
CLOCK_SLACK_SECONDS = 10.0
# So long after an account's provider has failed the others go first: it costs them a tenth of a worker.
FAILING_SECONDS = 2.0
_TABLES = {model._meta.db_table: model for model in MODELS}  # noqa: SLF001 - documented by Django
# Each lane and account that a look has worked for in this round.
Served = set[tuple[int, int]]
_DUE = "due_at IS NOT NULL AND (due_at <= %s OR (lease_token IS NOT NULL AND due_at > %s))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """Who may have nothing more now: accounts with all their permits, and bulk work in places.

    ``failing`` may, after the others.
    """

    accounts: Sequence[int]
    bulk_of: Sequence[int]
    is_bulk_full: bool
    failing: Sequence[int]

    def allows(self) -> tuple[str, list[Any]]:
        """The condition of what is left, and its parameters."""
        sql, values = _not_in("account_id", self.accounts)
        if self.is_bulk_full:
            return f"{sql} AND lane < {BULK}", values
        bulk, more = _not_in("account_id", self.bulk_of)
        return f"{sql} AND (lane < {BULK} OR {bulk})", [*values, *more]


class _Due(NamedTuple):
    table: str
    pk: int
    lane: int
    account: int


def is_any_due(now: datetime) -> bool:
    """Whether there is anything to claim, permits aside."""
    parts = [f"EXISTS (SELECT 1 FROM {table} WHERE {_DUE})" for table in _TABLES]  # noqa: S608 - own names
    return bool(_rows(f"SELECT 1 WHERE {' OR '.join(parts)}", _due_values(now) * len(_TABLES)))


def next_item(now: datetime, served: Served) -> WorkItem | None:
    """The item whose turn it is: of the lowest lane, of an account not served yet in it, the oldest.

    ``served`` is updated: once all have had their turn the next round begins.
    """
    closed = _closed(now)
    first = _first(now, closed)
    if first is None:
        return None
    had_theirs = {account for lane, account in served if lane == first.lane}
    found = _in_turn(now, closed, first, had_theirs)
    if found.account in had_theirs:
        served.difference_update((found.lane, account) for account in had_theirs)
    served.add((found.lane, found.account))
    return _TABLES[found.table]._default_manager.get(pk=found.pk)


def permits_of(*, is_healthy: bool | None) -> int:
    """How many workers an account may hold: half of them, one while it is unhealthy.

    At least two, so that its last permit, which is closed to bulk work, is not its only one.
    """
    return 1 if is_healthy is False else max(2, int(settings.TAPEDECK_WORKERS) // 2)


def _in_turn(now: datetime, closed: Closed, first: _Due, had_theirs: set[int]) -> _Due:
    """Whoever has just failed comes after the others: each of its answers may be long in coming."""
    failing = set(closed.failing)
    for passed_over in (had_theirs | failing, failing, had_theirs):
        if first.account not in passed_over:
            return first
        others, values = _not_in("account_id", sorted(passed_over))
        found = _first(now, closed, f"{others} AND lane = %s", [*values, first.lane])
        if found is not None:
            return found
    return first


def _first(now: datetime, closed: Closed, besides: str = "1 = 1", more: Sequence[Any] = ()) -> _Due | None:
    condition, values = closed.allows()
    parts = [
        f"SELECT * FROM (SELECT '{table}' AS source, id, lane, account_id, due_at FROM {table} "  # noqa: S608
        f"WHERE {_DUE} AND {condition} AND {besides} ORDER BY lane, due_at, id LIMIT 1) AS {table}_first"
        for table in _TABLES
    ]
    every = [*_due_values(now), *values, *more] * len(_TABLES)
    found = _rows(f"{' UNION ALL '.join(parts)} ORDER BY lane, due_at, source LIMIT 1", every)
    return _Due(*found[0][:4]) if found else None


def _closed(now: datetime) -> Closed:
    held: Counter[int] = Counter()
    bulk = 0
    for account, lane in _held(now):
        held[account] += 1
        bulk += lane >= BULK
    healths = list(Account.objects.order_by().values_list("pk", "is_healthy", "health_at"))
    permits = {pk: permits_of(is_healthy=is_healthy) for pk, is_healthy, _ in healths}
    return Closed(
        accounts=[pk for pk, limit in permits.items() if held[pk] >= limit],
        bulk_of=[pk for pk, limit in permits.items() if held[pk] >= limit - 1],
        is_bulk_full=bulk >= max(1, settings.TAPEDECK_WORKERS // 2),
        failing=[pk for pk, is_healthy, at in healths if is_healthy is False and _is_recent(at, now)],
    )


def _is_recent(at: datetime | None, now: datetime) -> bool:
    return at is not None and abs((now - at).total_seconds()) < FAILING_SECONDS


def _held(now: datetime) -> Iterator[tuple[int, int]]:
    """Account and lane of each lease that runs; one that holds several deliveries counts once."""
    parts = [
        f"SELECT DISTINCT account_id, lane, lease_token FROM {table} "  # noqa: S608 - own names
        "WHERE lease_token IS NOT NULL AND lease_until > %s"
        for table in _TABLES
    ]
    for account, lane, _ in _rows(" UNION ALL ".join(parts), [_moment(now)] * len(_TABLES)):
        yield account, lane


def _due_values(now: datetime) -> list[Any]:
    latest = now + timedelta(seconds=settings.TAPEDECK_LEASE_SECONDS + CLOCK_SLACK_SECONDS)
    return [_moment(now), _moment(latest)]


def _moment(at: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(at)


def _not_in(column: str, numbers: Collection[int]) -> tuple[str, list[Any]]:
    if not numbers:
        return "1 = 1", []
    return f"{column} NOT IN ({', '.join(['%s'] * len(numbers))})", list(numbers)


def _rows(sql: str, values: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
