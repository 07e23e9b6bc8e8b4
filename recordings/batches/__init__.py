"""Batches: many orders from one click, written down first and worked off in steps that survive a death."""

from recordings.batches.drafts import MOST, Pick, draft, failed_of, set_options
from recordings.batches.running import cancel, confirm, is_late
from recordings.batches.steps import register_all, target_of

__all__ = [
    "MOST",
    "Pick",
    "cancel",
    "confirm",
    "draft",
    "failed_of",
    "is_late",
    "register_all",
    "set_options",
    "target_of",
]
