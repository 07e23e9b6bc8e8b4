"""The ways in which an attempt at an order ends, each one transaction that compares the lease first."""

import uuid
from datetime import timedelta

from django.db import transaction

from recordings import clock, sync
from recordings.models import Operation
from recordings.models.mirror import Source
from recordings.providers.errors import ProviderError
from recordings.providers.orders import Action, Answer, Subject
from recordings.providers.snapshots import Fact, RecordingSnapshot, Status, TranscriptSnapshot
from recordings.sync import burial
from recordings.sync.overwriting import overwrite_others
from recordings.work.leases import Lease
from recordings.work.steps import Kind, note
from recordings.work.subjects import kind_of

State = Operation.State


def mark_sent(lease: Lease, operation: Operation) -> None:
    """Committed before the first byte leaves. A keyed repeat keeps its key, a new attempt gets one."""
    now = clock.now()
    is_repeat = operation.state == State.SENT
    with transaction.atomic():
        lease.write(
            operation,
            state=State.SENT,
            send_key=operation.send_key if is_repeat else uuid.uuid4(),
            first_sent_at=operation.first_sent_at if is_repeat else now,
            sent_at=now,
        )
        note(operation, Kind.SENT, "Sent again." if is_repeat else "", worker=lease.worker)


def succeeded(lease: Lease, operation: Operation, action: Action, answer: Answer) -> None:
    """The provider has answered: its facts into the mirror, and the order ends with them.

    A command that was only taken stays open: whether it happened comes by callback or by a look.
    """
    with transaction.atomic():
        if answer.is_confirmed:
            lease.settle(
                operation, state=State.SUCCEEDED, done_at=clock.now(), outcome=answer.note, outcome_code=""
            )
        else:
            due_at = clock.now() + timedelta(seconds=5)
            lease.settle(operation, is_accepted=True, outcome=answer.note, due_at=due_at)
        note(operation, Kind.ANSWERED, answer.note, worker=lease.worker, exchange=answer.exchange)
        take_effect(operation, action, answer.facts, is_confirmed=answer.is_confirmed)


def take_effect(
    operation: Operation, action: Action, facts: tuple[Fact, ...], *, is_confirmed: bool = True
) -> None:
    """What an order did, in the mirror."""
    implied = _implied(operation, action) if is_confirmed else ()
    sync.apply(operation.account, [*facts, *implied], source=Source.REPLY)
    if not is_confirmed:
        return
    if action.overwrites_live:
        overwrite_others(operation)
    if action.becomes is Status.DELETED and action.subject is not Subject.ACCOUNT:
        bury = kind_of(action.subject).bury
        (bury or burial.bury)(operation)


def refused(lease: Lease, operation: Operation, error: ProviderError) -> None:
    """Nothing happened at the provider, and would not later."""
    with transaction.atomic():
        lease.settle(operation, **_end(State.FAILED, error.message, error.code))
        note(operation, Kind.REFUSED, error.message, worker=lease.worker, exchange=error.exchange)
        _drop_made(operation, source=Source.REPLY if error.status else "")


def failed(lease: Lease, operation: Operation, message: str, *, code: str = "") -> None:
    """It did not happen, as far as we know; the provider may never have heard of it."""
    with transaction.atomic():
        lease.settle(operation, **_end(State.FAILED, message, code))
        note(operation, Kind.DECIDED, message, worker=lease.worker)
        _drop_made(operation, source="")


def expired(lease: Lease, operation: Operation, message: str) -> None:
    """Past its time: nothing was sent."""
    with transaction.atomic():
        lease.settle(operation, **_end(State.EXPIRED, message, "expired"))
        note(operation, Kind.DECIDED, message, worker=lease.worker)
        _drop_made(operation, source="")


def postponed(
    lease: Lease, operation: Operation, seconds: float, message: str, *, error: ProviderError | None = None
) -> None:
    """Nothing happened now; it is due again in a while, at the latest when it expires."""
    with transaction.atomic():
        due_at = clock.now() + timedelta(seconds=seconds)
        if operation.not_after is not None:
            due_at = min(due_at, operation.not_after + timedelta(milliseconds=1))
        lease.settle(operation, state=State.QUEUED, due_at=due_at, outcome=message)
        if error is not None:
            note(operation, Kind.WAITING, message, worker=lease.worker, exchange=error.exchange)


def paced(lease: Lease, operation: Operation, seconds: float) -> None:
    """The provider's pace allows it later; whatever was known of it stays so."""
    due_at = clock.now() + timedelta(seconds=seconds)
    if operation.not_after is not None:
        due_at = min(due_at, operation.not_after + timedelta(milliseconds=1))
    waiting = "Waiting: the provider's pace allows it later."
    lease.settle(operation, due_at=due_at, outcome=waiting, deaths=operation.deaths)


def to_repeat(
    lease: Lease, operation: Operation, seconds: float, message: str, *, error: ProviderError
) -> None:
    """Unknown, and sending the same again does no harm: it stays sent and is due again."""
    with transaction.atomic():
        due_at = clock.now() + timedelta(seconds=seconds)
        lease.settle(operation, state=State.SENT, due_at=due_at, outcome=message)
        note(operation, Kind.WAITING, message, worker=lease.worker, exchange=error.exchange)


def in_doubt(lease: Lease, operation: Operation, message: str, *, error: ProviderError | None = None) -> None:
    """Unknown, and never sent again: evidence decides."""
    with transaction.atomic():
        now = clock.now()
        lease.settle(
            operation,
            state=State.IN_DOUBT,
            doubt_since=operation.doubt_since or now,
            is_accepted=False,
            due_at=now + timedelta(seconds=1),
            outcome=message,
        )
        exchange = error.exchange if error else None
        note(operation, Kind.DECIDED, message, worker=lease.worker, exchange=exchange)


def quarantine(lease: Lease, operation: Operation) -> None:
    """It ended its worker time and again: put aside, and shown."""
    message = "Its worker died over it several times: it was put aside."
    if operation.state == State.QUEUED:
        failed(lease, operation, message, code="quarantined")
        return
    with transaction.atomic():
        doubt_since = operation.doubt_since or clock.now()
        lease.settle(operation, state=State.IN_DOUBT, doubt_since=doubt_since, outcome=message)
        note(operation, Kind.DECIDED, message, worker=lease.worker)


def keep_late_answer(lease: Lease, operation: Operation, answer: Answer) -> None:
    """The lease ended before the answer came: it settles nothing, but what it says is known now."""
    with transaction.atomic():
        note(operation, Kind.LOST, answer.note, worker=lease.worker, exchange=answer.exchange)
        sync.apply(operation.account, answer.facts, source=Source.REPLY)


def did_not_happen(operation: Operation, message: str, code: str) -> None:
    """The pending row of an order that came to nothing. Joins the caller's transaction."""
    operation.outcome, operation.outcome_code = message, code
    _drop_made(operation, source=Source.REPLY)


def _end(state: Operation.State, message: str, code: str) -> dict[str, object]:
    return {"state": state, "done_at": clock.now(), "outcome": message, "outcome_code": code[:200]}


def _drop_made(operation: Operation, *, source: str) -> None:
    if operation.made_key is None:
        return
    for subject in (Subject.CALL, Subject.RECORDING, Subject.TRANSCRIPT):
        try:
            kind = kind_of(subject)
        except KeyError:
            continue
        kind.fail(operation.made_key, operation.outcome, operation.outcome_code, source)


def _implied(operation: Operation, action: Action) -> tuple[Fact, ...]:
    """What an accepted order means for its subject, where the answer itself is silent."""
    external_id = _external_id(operation, action) if action.becomes is not None else ""
    if not external_id:
        return ()
    # The provider gave no time for it.
    if action.subject is Subject.RECORDING:
        return (RecordingSnapshot(external_id=external_id, status=action.becomes, status_at=None),)
    if action.subject is Subject.TRANSCRIPT:
        return (TranscriptSnapshot(external_id=external_id, status=action.becomes, status_at=None),)
    return ()


def _external_id(operation: Operation, action: Action) -> str:
    """The provider's name of what this was about; one that was not known yet may be known by now."""
    if action.subject is Subject.RECORDING and operation.recording and operation.recording.external_id:
        return operation.recording.external_id
    subject = kind_of(action.subject).ref(operation.subject_key) if operation.subject_key else None
    return subject.external_id if subject else ""
