"""Sweeps: reconciliation of the mirror by listing, page by page, alone able to rebuild it."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.dispatch import Signal

from recordings import balances, clock, connections, ledger, sync
from recordings.models import Account, Errand, Recording
from recordings.models.ledger import Things
from recordings.models.mirror import FINAL, Source
from recordings.models.work import BACKGROUND
from recordings.providers.base import ProviderAdapter
from recordings.providers.errors import NotFound
from recordings.providers.snapshots import CallState, Fact, Page, RecordingSnapshot, Status
from recordings.sync.wishes import remind
from recordings.work import errands
from recordings.work.errands import Kind, Step

RECENT = timedelta(days=2)
RECENT_EVERY_SECONDS = 900.0
FULL_EVERY_SECONDS = 86_400.0
TOKENS_KEPT = 20  # a listing that goes in circles does so within a few pages
ABSENT_AT_ONCE = 200
# A listing was read to its end; higher packages look for what it did not hold. Sent inside the transaction.
# Arguments: account, phase ("recordings" or "transcripts"), began, since (None: everything).
listing_ended = Signal()
LEFT_BEHIND = timedelta(hours=6)  # nothing was heard for so long of what should have ended
NOT_LISTED = "A read by itself finds it: the provider's list does not hold it."
GONE = "The provider lists it no more, and does not find it either."


def sweep_recent(errand: Errand, adapter: ProviderAdapter) -> Step:
    """One page of the last two days."""
    return _step(errand, adapter, since=clock.now() - RECENT)


def sweep_full(errand: Errand, adapter: ProviderAdapter) -> Step:
    """One page of everything."""
    return _step(errand, adapter, since=None)


def ensure_standing(account: Account) -> None:
    """The sweeps that every active account has."""
    for kind, every in (("sweep.recent", RECENT_EVERY_SECONDS), ("sweep.full", FULL_EVERY_SECONDS)):
        errands.standing(account, kind, every_seconds=every, lane=BACKGROUND)


def register_all() -> None:
    """Make these errands known to the engine."""
    errands.register("sweep.recent", Kind(handler=sweep_recent, reads="list_recordings"))
    errands.register("recording.confirm", Kind(handler=confirm_absence, reads="fetch"))
    ledger.register(Things.RECORDINGS, ledger.Book(model=Recording, is_expected=_is_expected_by))
    balances.register_all()
    errands.register("sweep.full", Kind(handler=sweep_full, reads="list_recordings"))


def _step(errand: Errand, adapter: ProviderAdapter, *, since: datetime | None) -> Step:
    now = clock.now()
    cursor: dict[str, Any] = errand.cursor or _beginning(since, now)
    window = {
        "since": datetime.fromisoformat(cursor["since"]) if cursor["since"] else None,
        "until": None,
    }
    read = adapter.list_recordings if cursor["phase"] == "recordings" else adapter.list_transcripts
    page = read(**window, cursor=cursor["next"])
    is_circle = page.next_cursor in cursor["tokens"]
    is_last = not page.next_cursor or is_circle
    following = _following(cursor, page, adapter, is_last=is_last, is_circle=is_circle)
    counts = {**cursor["counts"], "pages": cursor["counts"]["pages"] + 1}
    counts["seen"] += len(page.items)

    def write() -> None:
        days = _write_page(errand.account, page, now, counts, cursor)
        if is_last and not is_circle:
            _end(errand.account, cursor, days, since=window["since"])
        after = {"progress": counts}
        if following is not None:
            told = [] if is_last else ledger.ids_of(page.items)
            counted = {"days": {} if is_last else days, "told": told}
            after["cursor"] = {**following, "counts": counts, **counted}
        Errand.objects.filter(pk=errand.pk).update(**after)

    return Step(write=write, cursor=following)


def _beginning(since: datetime | None, now: datetime) -> dict[str, Any]:
    return {
        "phase": "recordings",
        "next": "",
        "tokens": [],
        "days": {},
        "told": [],  # by the page before
        "since": since.isoformat() if since else None,
        "began": now.isoformat(),
        "counts": {"pages": 0, "seen": 0, "added": 0, "changed": 0, "problem": ""},
    }


def _following(
    cursor: dict[str, Any], page: Page, adapter: ProviderAdapter, *, is_last: bool, is_circle: bool
) -> dict[str, Any] | None:
    if is_circle:
        cursor["counts"]["problem"] = "The provider's listing went in circles: it was cut short."
    if not is_last:
        tokens = [*cursor["tokens"], page.next_cursor][-TOKENS_KEPT:]
        return {**cursor, "next": page.next_cursor, "tokens": tokens}
    if cursor["phase"] == "recordings" and adapter.lists_transcripts:
        return {**cursor, "phase": "transcripts", "next": "", "tokens": []}
    return None


def _end(account: Account, cursor: dict[str, Any], days: dict[str, int], *, since: datetime | None) -> None:
    """A listing was read to its end: what it did not hold is looked for, and its days are written down."""
    began = datetime.fromisoformat(cursor["began"])
    if cursor["phase"] == "recordings":
        _ask_for_the_absent(account, cursor)
    listing_ended.send(sender=Errand, account=account, phase=cursor["phase"], began=began, since=since)
    balances.ask_for_balance(account, cursor["phase"], days, began=began, since=since)


def _write_page(
    account: Account, page: Page, now: datetime, counts: dict[str, Any], cursor: dict[str, Any]
) -> dict[str, int]:
    """Write a page into the mirror and the ledger; answers how many things of each day were listed so far."""
    phase = cursor["phase"]
    # What is new at the provider meanwhile pushes things of one page onto the next. What another sweep
    # saw meanwhile was not counted by this one.
    known = cursor.get("told", [])
    for start in range(0, len(page.items), sync.LARGEST_STEP):
        piece = page.items[start : start + sync.LARGEST_STEP]
        applied = sync.apply(account, piece, source=Source.SWEEP, at=now)
        counts["added"] += applied.added
        counts["changed"] += applied.changed
        ledger.note_repairs(account, applied.repairs, at=now)
    ids = [item.external_id for item in page.items if isinstance(item, RecordingSnapshot)]
    named = Recording.objects.filter(account=account, external_id__in=ids).exclude(external_id="")
    named.update(swept_at=now)
    days = dict(cursor.get("days", {}))
    for day, number in ledger.note_page(account, phase, page.items, known=known, at=now).items():
        days[day] = days.get(day, 0) + number
    return days


def _ask_for_the_absent(account: Account, cursor: dict[str, Any]) -> None:
    """What a complete listing did not hold is read by itself: absence alone proves no deletion."""
    began = datetime.fromisoformat(cursor["began"])
    known = Recording.objects.filter(clock.before("created_at", began), account=account)
    absent = known.filter(Q(swept_at=None) | clock.before("swept_at", began))
    absent = absent.exclude(external_id="").exclude(status=Status.DELETED)
    if cursor["since"]:
        absent = absent.filter(sort_at__gte=datetime.fromisoformat(cursor["since"]) + timedelta(hours=1))
    absent = absent.filter(_is_expected_by(account, began))
    rows = list(absent.only("external_id", "key", "status", "sort_at")[:ABSENT_AT_ONCE])
    ledger.note_absent(account, Things.RECORDINGS, rows)
    for row in rows:
        remind(account, "recording.confirm", subject=row.external_id)


def _is_expected_by(account: Account, began: datetime) -> Q:
    """What a listing begun then must hold: what it held before, and what has ended long enough ago.

    A provider may list nothing that still runs, and what has just finished only after a while. What was
    stopped, or could run no longer, has ended though its call goes on.
    """
    face = connections.face(account.provider)
    delay = timedelta(seconds=face.visibility_delay_seconds)
    finished = Q(status__in=FINAL) & (Q(swept_at__isnull=False) | Q(seen_at__lte=began - delay))
    has_ended = Q(call__isnull=True) | Q(call__state=CallState.ENDED) | Q(status=Status.PROCESSING)
    if face.unlisted_for_seconds:
        has_ended |= Q(sort_at__lte=began - timedelta(seconds=face.unlisted_for_seconds))
    left_behind = has_ended & Q(seen_at__lte=began - LEFT_BEHIND)
    return finished | (left_behind & ~Q(status__in=FINAL))


def confirm_absence(errand: Errand, adapter: ProviderAdapter) -> Step:
    """A complete listing did not hold it: if a read does not find it either, it is deleted there."""
    try:
        facts = adapter.fetch("recording", errand.subject)
    except NotFound:
        gone = RecordingSnapshot(external_id=errand.subject, status=Status.DELETED, reason=GONE)
        facts = (gone,)
    return Step(write=lambda: _confirmed(errand, facts))


def _confirmed(errand: Errand, facts: tuple[Fact, ...]) -> None:
    applied = sync.apply(errand.account, facts, source=Source.SWEEP)
    ledger.note_repairs(errand.account, applied.repairs, at=clock.now())
    ledger.explained(errand.account, Things.RECORDINGS, errand.subject, NOT_LISTED)
