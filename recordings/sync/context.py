"""What one application of facts carries along."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from recordings import clock
from recordings.models import Account, Call, Operation, Recording, WebhookDelivery
from recordings.models.mirror import Mirrored, Source
from recordings.providers.base import ProviderAdapter
from recordings.providers.snapshots import CallSnapshot, Fact, Json, RecordingSnapshot
from recordings.sync.repeats import Repeats
from recordings.sync.rows import Rows

CLOCK_SLACK = timedelta(minutes=1)  # workers may disagree by as much


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """What a listing changed of a row: names of columns to what stood there and what stands there now."""

    row: Mirrored
    values: Mapping[str, tuple[Json, Json]]


@dataclass(slots=True, kw_only=True)
class Applied:
    """What came of a set of facts."""

    seen: int = 0
    added: int = 0
    changed: int = 0
    mentioned: set[str] = field(default_factory=set)  # external ids
    repairs: list[Repair] = field(default_factory=list)  # of listings only


@dataclass(slots=True, kw_only=True)
class Context:
    """The funnel's own knowledge: whose facts, where from, and of what moment."""

    account: Account
    adapter: ProviderAdapter
    source: Source
    at: datetime
    delivery: WebhookDelivery | None = None
    applied: Applied = field(default_factory=Applied)
    calls: Rows[Call] = field(init=False)
    recordings: Rows[Recording] = field(init=False)
    repeats: Repeats = field(init=False)
    _new: list[tuple[Mirrored, Callable[[], None]]] = field(default_factory=list)
    strangers: list[Call] = field(default_factory=list)  # named by their recordings only
    _answers: dict[str, bool] = field(default_factory=dict)
    _unsettled: dict[uuid.UUID, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.calls = Rows(Call.objects.filter(account=self.account))
        self.recordings = Rows(Recording.objects.filter(account=self.account))
        self.repeats = Repeats(self.account.pk, self.source)

    @property
    def is_listing(self) -> bool:
        return self.source == Source.SWEEP

    def news(self, told: tuple[Fact, ...]) -> tuple[Fact, ...]:
        """The facts that may change something: a listing repeats itself."""
        news = self.repeats.without(told)
        self.applied.seen += len(told) - len(news)
        self.calls.lack(self.repeats.absent.get(CallSnapshot, ()))
        self.recordings.lack(self.repeats.absent.get(RecordingSnapshot, ()))
        return news

    def mention(self, *external_ids: str) -> None:
        self.applied.mentioned.update(each for each in external_ids if each)

    def once(self, question: str, ask: Callable[[], bool]) -> bool:
        """The answer to a question that one application of facts asks again and again."""
        if question not in self._answers:
            self._answers[question] = ask()
        return self._answers[question]

    def forget_answer(self, question: str) -> None:
        """What was written now may change the answer."""
        self._answers.pop(question, None)

    def add(self, row: Mirrored, then: Callable[[], None]) -> None:
        """Write a new row and do what follows from it: at once, or with the others of a listing's page."""
        self.applied.added += 1
        self._new.append((row, then))
        if not self.is_listing:
            self.write_new()

    def is_unwritten(self, row: Mirrored) -> bool:
        return any(row is new for new, _ in self._new)

    def write_new(self) -> None:
        """Write the new rows, calls before their recordings, each kind in one statement."""
        new, self._new = self._new, []
        Call.objects.bulk_create([row for row, _ in new if isinstance(row, Call)])
        Recording.objects.bulk_create([row for row, _ in new if isinstance(row, Recording)])
        for _, then in new:
            then()

    def may_settle(self, row: Mirrored) -> bool:
        """Whether an order that made this row may still be open; asked for a page's rows at once."""
        if row.key not in self._unsettled:
            self._read_unsettled([row.key])
        return self._unsettled[row.key]

    def read_ahead(self) -> None:
        """What a page's known recordings are asked one by one otherwise."""
        self._read_unsettled([row.key for row in self.recordings.held()])

    def _read_unsettled(self, keys: list[uuid.UUID]) -> None:
        open_orders = Operation.objects.filter(made_key__in=keys).exclude(state=Operation.State.SUCCEEDED)
        found = set(open_orders.values_list("made_key", flat=True))
        self._unsettled |= {key: key in found for key in keys}

    def seen_at(self, row: Mirrored) -> datetime | None:
        """When the provider last spoke of it; None too for a moment ahead: our clock was set back since."""
        if row.seen_at is None or row.seen_at <= self.at or row.seen_at <= clock.now() + CLOCK_SLACK:
            return row.seen_at
        return None

    def save_changes(self, row: Mirrored, changes: dict[str, Json]) -> bool:
        """Write what differs; a row that nothing changed is not written. Answers whether it was."""
        if self.source == Source.WEBHOOK and row.raw:
            changes = {**changes, "raw": row.raw}  # A callback is thinner than what was read before.
        changed = {name: value for name, value in changes.items() if getattr(row, name) != value}
        if not changed:
            return False
        if self.is_listing:
            values = {name: (getattr(row, name), value) for name, value in changed.items()}
            self.applied.repairs.append(Repair(row=row, values=values))
        changed["source"] = self.source
        changed["seen_at"] = max(filter(None, (self.seen_at(row), self.at)))
        for name, value in changed.items():
            setattr(row, name, value)
        if row.pk is not None:  # One that is still to be written takes it along.
            row.save(update_fields=[*changed, "updated_at"])
        self.applied.changed += 1
        return True
