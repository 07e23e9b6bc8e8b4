"""Orders of unknown outcome: looks for evidence until it decides, and never a second sending."""

from datetime import datetime, timedelta

from django.db import transaction

from recordings import clock, sync
from recordings.models import Operation
from recordings.models.mirror import Source
from recordings.providers.base import ProviderAdapter
from recordings.providers.errors import ProviderError
from recordings.providers.orders import Action, Evidence, Verdict
from recordings.sync.evidence import ABSENT
from recordings.work import health, settling
from recordings.work.leases import Lease, LeaseLost
from recordings.work.steps import SET_BACK, Kind, is_clock_shared, note
from recordings.work.subjects import kind_of, order_in_doubt

State = Operation.State
ACCEPTED_FOR_SECONDS = 60.0  # An accepted command that shows no effect by then is in doubt.
LOOKS_SECONDS = (5.0, 10.0, 20.0, 60.0, 300.0, 900.0, 3600.0, 4 * 3600.0)
LAST_LOOK_AFTER = timedelta(hours=24)
WAIT = timedelta(minutes=5)  # until an account without usable credentials is tried again
NO_EFFECT = "The provider took the command, and a minute later nothing shows that it came true."
NOTHING = "The provider shows nothing of it, twice: it did not happen. Nothing was sent again."


def look(lease: Lease, operation: Operation, adapter: ProviderAdapter, action: Action) -> None:
    """Look once at the mirror, else at the provider; a read that fails is no evidence."""
    found = _named(operation, action) or _asked(operation, adapter, action)
    try:
        _settle(lease, operation, adapter, action, found)
    except LeaseLost:
        with transaction.atomic():
            note(operation, Kind.LOST, found.looked_at, worker=lease.worker, exchange=found.exchange)


def _named(operation: Operation, action: Action) -> Evidence | None:
    """What it made was named by the provider: it happened, even if it was deleted since."""
    if action.makes is None or operation.made_key is None:
        return None
    made = kind_of(action.makes).ref(operation.made_key)
    if made is None or not made.external_id:
        return None
    return Evidence(
        verdict=Verdict.HAPPENED, looked_at=f"The provider has named what it made: {made.external_id}."
    )


def _asked(operation: Operation, adapter: ProviderAdapter, action: Action) -> Evidence:
    try:
        found = adapter.evidence(order_in_doubt(operation, action))
    except ProviderError as exc:
        health.note_failure(operation.account, exc)
        return Evidence(verdict=Verdict.UNCLEAR, looked_at=exc.message, exchange=exc.exchange)
    health.note_success(operation.account)
    return found


def wait(lease: Lease, operation: Operation, why: str) -> None:
    """Nobody can be asked now: it stays in doubt, and is looked at again as long as doubts are."""
    now = clock.now()
    doubt_since = operation.doubt_since or now
    with transaction.atomic():
        lease.settle(
            operation,
            state=State.IN_DOUBT,
            doubt_since=doubt_since,
            is_accepted=False,
            due_at=None if now - doubt_since > LAST_LOOK_AFTER else now + WAIT,
        )
        note(operation, Kind.WAITING, why, worker=lease.worker)


def distrust_moments() -> None:
    """What was sent while our clock was ahead is looked for now, and no absence is believed any more."""
    now = clock.now()
    open_ones = Operation.objects.filter(state__in=(State.SENT, State.IN_DOUBT), due_at__isnull=False)
    ahead = open_ones.filter(sent_at__gt=now + clock.SLACK, lease_token=None).exclude(steps__text=SET_BACK)
    for operation in ahead:
        with transaction.atomic():
            if open_ones.filter(pk=operation.pk, lease_token=None).update(due_at=now):
                note(operation, Kind.WAITING, SET_BACK)


def _settle(
    lease: Lease, operation: Operation, adapter: ProviderAdapter, action: Action, found: Evidence
) -> None:
    with transaction.atomic():
        if found.verdict is Verdict.HAPPENED:
            _happened(lease, operation, action, found)
        elif found.verdict is Verdict.ABSENT and _is_proven_absent(operation, adapter, found):
            _absent(lease, operation, found)
        else:
            _look_again(lease, operation, adapter, found)


def _happened(lease: Lease, operation: Operation, action: Action, found: Evidence) -> None:
    lease.settle(
        operation,
        state=State.SUCCEEDED,
        done_at=clock.now(),
        is_accepted=False,
        outcome=found.looked_at,
        outcome_code="",
        looks=operation.looks + 1,
    )
    note(operation, Kind.LOOKED, found.looked_at, worker=lease.worker, exchange=found.exchange)
    settling.take_effect(operation, action, found.facts)


def _is_proven_absent(operation: Operation, adapter: ProviderAdapter, found: Evidence) -> bool:
    """Two complete looks, this one after the time by which the provider shows everything.

    Where our clock and the provider's disagreed meanwhile, no time proves anything.
    """
    if operation.sent_at is None or operation.absences < 1:
        return False
    visible_by = operation.sent_at + timedelta(seconds=adapter.visibility_delay_seconds)
    return clock.now() >= visible_by and is_clock_shared(operation, found.exchange)


def _absent(lease: Lease, operation: Operation, found: Evidence) -> None:
    lease.settle(
        operation,
        state=State.FAILED,
        done_at=clock.now(),
        is_accepted=False,
        outcome=NOTHING,
        outcome_code=ABSENT,
        looks=operation.looks + 1,
        absences=operation.absences + 1,
    )
    note(operation, Kind.LOOKED, found.looked_at, worker=lease.worker, exchange=found.exchange)
    note(operation, Kind.DECIDED, NOTHING, worker=lease.worker)
    settling.did_not_happen(operation, NOTHING, ABSENT)


def _look_again(lease: Lease, operation: Operation, adapter: ProviderAdapter, found: Evidence) -> None:
    now = clock.now()
    is_absent = found.verdict is Verdict.ABSENT
    due_at = _next_look(operation, adapter, is_absent=is_absent)
    changes: dict[str, object] = {
        "looks": operation.looks + 1,
        "absences": operation.absences + is_absent,
        "due_at": due_at,
    }
    sent_at = operation.sent_at or operation.created_at
    if operation.is_accepted and (now - sent_at).total_seconds() >= ACCEPTED_FOR_SECONDS:
        changes |= {"is_accepted": False, "state": State.IN_DOUBT, "doubt_since": now, "outcome": NO_EFFECT}
    elif operation.is_accepted:
        changes["due_at"] = min(due_at or now, sent_at + timedelta(seconds=ACCEPTED_FOR_SECONDS))
    lease.settle(operation, **changes)
    note(operation, Kind.LOOKED, found.looked_at, worker=lease.worker, exchange=found.exchange)
    # What the look saw beside the answer may still tell by its place which row it belongs to.
    sync.apply(operation.account, found.facts, source=Source.REPLY)


def _next_look(operation: Operation, adapter: ProviderAdapter, *, is_absent: bool) -> datetime | None:
    now = clock.now()
    began = operation.doubt_since or operation.sent_at or now
    if now - began > LAST_LOOK_AFTER:
        return None  # It stays in doubt, with its age, until a person or a callback decides.
    wait = LOOKS_SECONDS[min(operation.looks, len(LOOKS_SECONDS) - 1)]
    if is_absent and operation.sent_at is not None:
        is_first = operation.absences == 0 and adapter.unlisted_for_seconds > 0
        # Where nothing that runs is listed, it may have ended only just before the first complete look.
        shown_from = now if is_first else operation.sent_at
        visible_by = shown_from + timedelta(seconds=adapter.visibility_delay_seconds)
        return max(now + timedelta(seconds=min(wait, 5.0)), visible_by)
    return now + timedelta(seconds=wait)
