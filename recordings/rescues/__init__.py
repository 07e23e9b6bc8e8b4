"""Rescues: media copied into our own storage before the provider deletes them; resumable and checksummed."""

from recordings.rescues.copying import register_all
from recordings.rescues.orders import (
    KEPT,
    RESCUE,
    action_of,
    is_kept,
    keeping,
    listen,
    order,
    unavailable,
)

__all__ = [
    "KEPT",
    "RESCUE",
    "action_of",
    "is_kept",
    "keeping",
    "listen",
    "order",
    "register_all",
    "unavailable",
]
