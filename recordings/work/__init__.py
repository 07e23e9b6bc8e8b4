"""The work engine: leases on rows, the pace of each provider, and what an unknown outcome means."""

from recordings.work.leases import Lease, LeaseLost, claim, oldest_due_age_seconds
from recordings.work.waking import wake

__all__ = ["Lease", "LeaseLost", "claim", "oldest_due_age_seconds", "wake"]
