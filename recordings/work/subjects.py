"""What orders are about and what they make; higher packages register their kinds of it here."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone

from recordings import connections
from recordings.models import Call, Operation, Recording
from recordings.models.mirror import Source
from recordings.models.work import OperationQuerySet
from recordings.providers.orders import Action, Order, RecordingRef, Subject, SubjectRef, TranscriptRef
from recordings.providers.snapshots import CallState, Status
from recordings.sync.correlation import as_pending

Counts = Callable[[Recording], dict[str, int]]
MOST_OTHERS = 50  # orders and recordings of one call that are looked at beside one in doubt


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How one kind of row takes part in orders.

    ``ref``: the row as adapters see it. ``make``: the pending row that stands in the mirror from the
    click on. ``fail``: that row, when the order came to nothing; ``source`` is empty when the
    provider never heard of it. ``bury``: the operator's deletion succeeded.
    """

    ref: Callable[[uuid.UUID], SubjectRef | None]
    make: Callable[[Operation, Action], uuid.UUID]
    fail: Callable[[uuid.UUID, str, str, str], None]
    bury: Callable[[Operation], None] | None = None


_kinds: dict[Subject, Kind] = {}
_counts: list[Counts] = []


def register(subject: Subject, kind: Kind) -> None:
    """Called from ``AppConfig.ready`` of the package that owns the rows."""
    _kinds[subject] = kind


def register_counts(counts: Counts) -> None:
    """A package that knows how many transcripts a recording has."""
    _counts.append(counts)


def kind_of(subject: Subject) -> Kind:
    """Raises ``KeyError`` for a subject that no package owns."""
    return _kinds[subject]


def full_ref(recording: Recording) -> RecordingRef:
    """A recording as adapters see it, with the numbers of its transcripts."""
    counts: dict[str, int] = {}
    for count in _counts:
        counts |= count(recording)
    return connections.recording_ref(recording, counts=counts)


def order_of(operation: Operation, action: Action) -> Order:
    """An order as its adapter sees it, read fresh."""
    made = str(operation.made_key or operation.subject_key or operation.key)
    transcript = None
    if action.subject is Subject.TRANSCRIPT and operation.subject_key:
        found = kind_of(Subject.TRANSCRIPT).ref(operation.subject_key)
        transcript = found if isinstance(found, TranscriptRef) else None
    recording = full_ref(operation.recording) if operation.recording else None
    call = operation.call
    return Order(
        kind=operation.kind,
        key=made,
        send_key=str(operation.send_key or operation.key),
        options=operation.options,
        call=connections.call_ref(call, with_recordings=True) if call else None,
        recording=recording,
        transcript=transcript,
        callback_url=operation.account.webhook_url,
        ordered_at=operation.created_at,
        sent_at=operation.sent_at,
    )


def order_in_doubt(operation: Operation, action: Action) -> Order:
    """The same with what else could explain a thing that names no order: for looks for evidence."""
    order = order_of(operation, action)
    if operation.call_id is None or action.makes is None:
        return order
    others = Operation.objects.filter(call=operation.call_id, kind=operation.kind).exclude(pk=operation.pk)
    others = others.exclude(made_key=None).select_related("call", "recording")
    waiting = others.open().exclude(sent_at=None)
    made = [kind_of(action.makes).ref(key) for key in _recently_made(others)]
    return replace(
        order,
        rivals=tuple(as_pending(other) for other in waiting),
        taken=frozenset(each.external_id for each in made if each is not None and each.external_id),
        strays=_strays(operation),
    )


def _recently_made(others: OperationQuerySet) -> list[uuid.UUID]:
    """Newest first: what is looked for has begun lately too."""
    keys = others.order_by("-created_at").values_list("made_key", flat=True)[:MOST_OTHERS]
    return [key for key in keys if key is not None]


def _strays(operation: Operation) -> tuple[RecordingRef, ...]:
    made = Operation.objects.filter(call=operation.call_id).exclude(made_key=None).values("made_key")
    strays = Recording.objects.filter(call=operation.call_id).exclude(external_id="").exclude(key__in=made)
    newest = strays.order_by("-sort_at", "-pk")[:MOST_OTHERS]
    return tuple(connections.recording_ref(stray, with_call=False) for stray in newest)


# The rows of this package.


def _make_recording(operation: Operation, _action: Action) -> uuid.UUID:
    recording = Recording.objects.create(
        account=operation.account,
        call=operation.call,
        status=Status.REQUESTED,
        options=operation.options,
        sort_at=timezone.now(),
    )
    return recording.key


def _fail_recording(key: uuid.UUID, reason: str, code: str, source: str) -> None:
    pending = Recording.objects.filter(key=key, status=Status.REQUESTED, external_id="").first()
    if pending is None:
        return
    pending.status, pending.reason, pending.reason_code = Status.FAILED, reason, code
    pending.source = Source(source) if source else ""
    pending.save(update_fields=["status", "reason", "reason_code", "source", "updated_at"])


def _make_call(operation: Operation, action: Action) -> uuid.UUID:
    title = next((str(value) for name, value in operation.options.items() if "name" in name), "")
    is_scheduled = bool(operation.options.get("join_at"))
    call = Call.objects.create(
        account=operation.account,
        state=CallState.SCHEDULED if is_scheduled else CallState.WAITING,
        title=title or action.label,
    )
    return call.key


def _fail_call(key: uuid.UUID, reason: str, code: str, source: str) -> None:
    Call.objects.filter(key=key, external_id="").update(
        state=CallState.ENDED, reason=reason, reason_code=code, source=source, updated_at=timezone.now()
    )


def _recording_ref(key: uuid.UUID) -> SubjectRef | None:
    found = Recording.objects.filter(key=key).select_related("call").first()
    return full_ref(found) if found else None


def _call_ref(key: uuid.UUID) -> SubjectRef | None:
    found: Any = Call.objects.filter(key=key).first()
    return connections.call_ref(found, with_recordings=True) if found else None


register(Subject.CALL, Kind(ref=_call_ref, make=_make_call, fail=_fail_call))
register(Subject.RECORDING, Kind(ref=_recording_ref, make=_make_recording, fail=_fail_recording))
