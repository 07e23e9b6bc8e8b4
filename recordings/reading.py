"""Errands that read single things at a provider: fetches, the live list, tests, endpoints."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from recordings import clock, sync
from recordings.models import Account, Call, Errand, Rule
from recordings.models.mirror import PRESENT, Source
from recordings.models.work import BULK, SINGLE
from recordings.providers.base import ProviderAdapter
from recordings.providers.snapshots import (
    RANK,
    CallSnapshot,
    Fact,
    RecordingSnapshot,
    Status,
    TranscriptSnapshot,
)
from recordings.sync.wishes import follow_seconds, remind
from recordings.work import errands
from recordings.work.errands import Kind, Step

SLOW_LOOK_SECONDS = 300.0
ENDPOINTS_SECONDS = 600.0  # one that a provider gave up is silent from then on
LARGEST_SEEN = 2_000  # live calls remembered from page to page


def _fetch(kind: str) -> Kind:
    def handler(errand: Errand, adapter: ProviderAdapter) -> Step:
        began = clock.now()
        facts = adapter.fetch(kind, errand.subject, parent=errand.parent)

        def write() -> None:
            sync.apply(errand.account, facts, source=Source.REPLY, at=began)

        waits = follow_seconds(errand.account)
        if _is_open(facts) and errand.step < len(waits):
            return Step(write=write, due_in_seconds=waits[errand.step])
        return Step(write=write)

    return Kind(handler=handler, reads="fetch")


def _is_open(facts: tuple[Fact, ...]) -> bool:
    things = [fact for fact in facts if isinstance(fact, RecordingSnapshot | TranscriptSnapshot)]
    return any(thing.status is None or RANK[thing.status] < RANK[Status.COMPLETED] for thing in things)


def look_at_calls(errand: Errand, adapter: ProviderAdapter) -> Step:
    """One page of the live list; after the last one, what is no longer listed is read by itself."""
    now = clock.now()
    cursor: dict[str, Any] = errand.cursor or {"began": now.isoformat(), "seen": [], "tokens": []}
    page = adapter.list_calls(cursor.get("next", ""))
    ids = [item.external_id for item in page.items if isinstance(item, CallSnapshot)]
    seen = [*cursor["seen"], *ids][:LARGEST_SEEN]
    account = errand.account
    began = datetime.fromisoformat(cursor["began"])
    is_last = not page.next_cursor or page.next_cursor in cursor["tokens"]

    def write() -> None:
        sync.apply(account, page.items, source=Source.SWEEP, at=now)
        listed = Call.objects.filter(account=account, external_id__in=ids)
        listed.update(seen_at=now)
        for external_id in listed.filter(title="").values_list("external_id", flat=True):
            remind(account, "call.fetch", subject=external_id)
        if is_last:
            Account.objects.filter(pk=account.pk).update(calls_seen_at=began)
            _ask_for_the_gone(account, set(seen), began)

    if is_last:
        return Step(write=write, every_seconds=look_seconds(account, adapter, now))
    tokens = [*cursor["tokens"], page.next_cursor]
    return Step(write=write, cursor={**cursor, "seen": seen, "tokens": tokens, "next": page.next_cursor})


def look_seconds(account: Account, adapter: ProviderAdapter, now: datetime) -> float:
    """How soon the live list is read again: quickly while somebody watches, or a rule records its calls."""
    is_watched = account.watched_until is not None and account.watched_until > now
    is_quick = is_watched or Rule.objects.acting(Rule.Does.RECORD).filter(accounts=account.pk).exists()
    return adapter.live_poll_seconds if is_quick else SLOW_LOOK_SECONDS


def watch(accounts: list[Account]) -> None:
    """Somebody looks at the live calls of these accounts: read them more often for a while."""
    now = clock.now()
    soon = now + timedelta(seconds=30)
    stale = [each for each in accounts if each.watched_until is None or each.watched_until < soon]
    if not stale:
        return
    Account.objects.filter(pk__in=[each.pk for each in stale]).update(
        watched_until=now + timedelta(seconds=60)
    )
    waiting = Errand.objects.filter(account__in=stale, kind="calls.look", state=Errand.State.QUEUED)
    waiting.filter(lease_token=None, due_at__gt=now + timedelta(seconds=15)).update(due_at=now)


def look_soon(accounts: Iterable[Account]) -> None:
    """Have the live lists of these accounts read now: a rule begins to record their calls."""
    waiting = Errand.objects.filter(account__in=accounts, kind="calls.look", state=Errand.State.QUEUED)
    waiting.filter(lease_token=None).update(due_at=clock.now())


def check(errand: Errand, adapter: ProviderAdapter) -> Step:
    """Test an account's credentials and address."""
    found = adapter.check()
    account = errand.account

    def write() -> None:
        Account.objects.filter(pk=account.pk).update(
            is_healthy=found.is_healthy, health_message=found.message, health_at=clock.now()
        )

    # A sick account is tested again by itself; a healthy one shows it by its work.
    return Step(write=write, every_seconds=900.0 if found.is_healthy else 60.0)


def look_at_endpoints(errand: Errand, adapter: ProviderAdapter) -> Step:
    """The provider's side of the webhooks, where it can be read."""
    found = adapter.list_endpoints()

    def write() -> None:
        if found is None:
            return
        Account.objects.filter(pk=errand.account_id).update(endpoints=[])
        sync.apply(errand.account, found, source=Source.SWEEP)

    return Step(write=write, every_seconds=ENDPOINTS_SECONDS)


def _ask_for_the_gone(account: Account, seen: set[str], began: datetime) -> None:
    gone = Call.objects.filter(clock.before("created_at", began), account=account, state__in=PRESENT)
    for external_id in gone.exclude(external_id="").values_list("external_id", flat=True):
        if external_id not in seen:
            remind(account, "call.fetch", subject=external_id)


def ensure_standing(account: Account) -> None:
    """The errands that every active account has."""
    errands.standing(account, "calls.look", every_seconds=SLOW_LOOK_SECONDS, lane=BULK)
    errands.standing(account, "account.check", every_seconds=900.0, lane=SINGLE)
    errands.standing(account, "endpoints.look", every_seconds=ENDPOINTS_SECONDS, lane=BULK)


def register_all() -> None:
    """Make these errands known to the engine."""
    for kind in ("call", "recording", "transcript"):
        errands.register(f"{kind}.fetch", _fetch(kind))
    errands.register("calls.look", Kind(handler=look_at_calls, reads="list_calls"))
    errands.register("account.check", Kind(handler=check))
    errands.register("endpoints.look", Kind(handler=look_at_endpoints, reads="list_endpoints"))
