"""What the queue runs: looks. The work itself is rows."""

import logging
import os
import socket
import time
from collections.abc import Callable

from django.conf import settings
from django.db import transaction

from recordings import clock, housekeeping
from recordings.models import Errand, Heartbeat, Operation, WebhookDelivery, WorkItem
from recordings.work import (
    LeaseLost,
    claim,
    deliveries,
    draining,
    errands,
    oldest_due_age_seconds,
    orders,
    wake,
)
from recordings.work.leases import Lease
from recordings.work.turns import Served

logger = logging.getLogger(__name__)
BEAT_SECONDS = 2.0
_beat_at = -BEAT_SECONDS

_performers: dict[type[WorkItem], Callable[[Lease], None]] = {
    Operation: orders.perform,
    WebhookDelivery: deliveries.perform,
    Errand: errands.perform,
}


def look() -> int:
    """Do what is due, a little of each account in turn. Run twice or never, it does no harm.

    Answers how many items it worked on.
    """
    ends_at = time.monotonic() + settings.TAPEDECK_LOOK_SECONDS
    served: Served = set()
    count = 0
    while time.monotonic() < ends_at and not draining.is_announced():
        _beat()
        lease = claim(worker=worker_name(), served=served)
        if lease is None:
            break
        if count == 0:
            _call_another()
        perform(lease)
        count += 1
    else:
        # Its time is over, the work may not be; and whoever looked while its account had no permit left has
        # ended.
        if count:
            _call_another()
    return count


def perform(lease: Lease) -> None:
    """Work on one leased item; a lease that was lost meanwhile is somebody else's by now."""
    item = lease.item
    logger.debug("account %s: %s", item.account_id, item)
    try:
        _performers[type(item)](lease)
    except LeaseLost:
        logger.warning("account %s: the lease on %s was lost", item.account_id, item)


def pick_up() -> None:
    """Find what a lost wake-up, a dead worker or an ended lease left; run every few seconds."""
    housekeeping.ensure_standing()
    if oldest_due_age_seconds() > 0:
        with transaction.atomic():
            wake()


def worker_name() -> str:
    """This process, as the timeline of an order names it."""
    return f"{socket.gethostname()}/{os.getpid()}"


def _call_another() -> None:
    """One worker found work: another may find more. The last one finds nothing and ends the chain."""
    if oldest_due_age_seconds() > 0:
        wake()


def _beat() -> None:
    """Before each claim, but not more often than the watchdog cares to know."""
    global _beat_at  # noqa: PLW0603 - one worker a process
    if time.monotonic() - _beat_at < BEAT_SECONDS:
        return
    _beat_at = time.monotonic()
    Heartbeat.objects.update_or_create(name="worker", defaults={"beat_at": clock.now()})
