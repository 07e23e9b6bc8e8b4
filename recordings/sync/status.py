"""How a status may change: never backwards, and by the better evidence inside a rank. Pure."""

from dataclasses import dataclass
from datetime import datetime

from recordings.providers.snapshots import RANK, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the mirror holds. ``is_confirmed``: the provider has named it at least once."""

    status: Status
    status_at: datetime | None
    is_confirmed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the provider said. ``is_listing``: by a listing, which yields to an answer or a callback."""

    status: Status | None
    status_at: datetime | None
    is_listing: bool
    may_be_live: bool = False


def decide(known: Known, told: Told, *, is_call_over: bool, lifts_failed: bool) -> Status | None:
    """The status to take over, or None to keep what is held.

    ``is_call_over`` lets an ambiguous "processing" end a live state. ``lifts_failed``: at this
    provider something ready may follow an error, and an error may trail what is ready.
    """
    status = told.status
    if status is None or status == known.status:
        return None
    if not known.is_confirmed:
        return status
    if told.may_be_live and _is_live(known.status) and not is_call_over:
        return None
    before, after = RANK[known.status], RANK[status]
    if after != before:
        return status if after > before else None
    if lifts_failed and Status.COMPLETED in (known.status, status):
        return status if status is Status.COMPLETED else None
    return status if _is_better(known, told) else None


def _is_live(status: Status) -> bool:
    return RANK[status] == RANK[Status.IN_PROGRESS]


def _is_better(known: Known, told: Told) -> bool:
    if known.status_at is not None and told.status_at is not None:
        return told.status_at >= known.status_at
    return not told.is_listing
