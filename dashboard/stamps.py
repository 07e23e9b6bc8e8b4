"""The version of what Now shows: one short text, equal while nothing has changed."""

import time
from datetime import datetime, timedelta

from django.db.models import Max
from django.utils import timezone

from recordings.models import Account, Call, Operation, Recording
from recordings.reading import watch

KEPT_SECONDS = 0.25
# Every account's list is read every few seconds: its age is told in steps, else each poll would draw.
EVIDENCE_SECONDS = 15
# No transaction is open for longer: what was written before a moment is seen by then.
SETTLED = timedelta(seconds=2)
WATCH_SECONDS = 20.0


class _Memory:
    """What this process knows of the version, for all operators who ask within a moment."""

    stamp = ""
    read_at = float("-inf")
    watched_at = float("-inf")


def current() -> str:
    """Return the version; at most a quarter of a second old."""
    if time.monotonic() - _Memory.read_at > KEPT_SECONDS:
        _Memory.stamp, _Memory.read_at = fresh(), time.monotonic()
    return _Memory.stamp


def forget() -> None:
    """Read anew at the next request: something was ordered here."""
    _Memory.read_at = float("-inf")


def fresh() -> str:
    """Return the version as the database has it now.

    A row that was written before another can be committed after it, and then never shows as the
    newest: a young version has another text once it has settled, so that it is drawn once more.
    """
    newest = [model.objects.aggregate(at=Max("updated_at"))["at"] for model in (Call, Recording, Operation)]
    accounts = Account.objects.aggregate(seen=Max("calls_seen_at"), health=Max("health_at"))
    changed = max((at for at in newest if at), default=None)
    is_young = changed is not None and timezone.now() - changed < SETTLED
    evidence = _step(accounts["seen"]), _step(accounts["health"])
    return (
        f"{changed.timestamp() if changed else 0}-{evidence[0]}-{evidence[1]}{'-young' if is_young else ''}"
    )


def keep_watching() -> None:
    """Somebody still looks: what was watched goes on being read often, though nothing changes."""
    if time.monotonic() - _Memory.watched_at < WATCH_SECONDS:
        return
    _Memory.watched_at = time.monotonic()
    watch(list(Account.objects.active().filter(watched_until__gt=timezone.now())))


def _step(moment: datetime | None) -> int:
    return int(moment.timestamp() // EVIDENCE_SECONDS) if moment else 0
