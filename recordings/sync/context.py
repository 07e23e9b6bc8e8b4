"""What one application of facts carries along."""

from dataclasses import dataclass, field
from datetime import datetime

from recordings.models import Account, WebhookDelivery
from recordings.models.mirror import Mirrored, Source
from recordings.providers.base import ProviderAdapter
from recordings.providers.snapshots import Json


@dataclass(slots=True, kw_only=True)
class Applied:
    """What came of a set of facts."""

    seen: int = 0
    added: int = 0
    changed: int = 0
    mentioned: set[str] = field(default_factory=set)  # external ids


@dataclass(slots=True, kw_only=True)
class Context:
    """The funnel's own knowledge: whose facts, where from, and of what moment."""

    account: Account
    adapter: ProviderAdapter
    source: Source
    at: datetime
    delivery: WebhookDelivery | None = None
    applied: Applied = field(default_factory=Applied)

    @property
    def is_listing(self) -> bool:
        return self.source == Source.SWEEP

    def mention(self, *external_ids: str) -> None:
        self.applied.mentioned.update(each for each in external_ids if each)

    def save_changes(self, row: Mirrored, changes: dict[str, Json]) -> bool:
        """Write what differs; a row that nothing changed is not written. Answers whether it was."""
        changed = {name: value for name, value in changes.items() if getattr(row, name) != value}
        if not changed:
            return False
        changed["source"] = self.source
        changed["seen_at"] = max(filter(None, (row.seen_at, self.at)))
        for name, value in changed.items():
            setattr(row, name, value)
        row.save(update_fields=[*changed, "updated_at"])
        self.applied.changed += 1
        return True
