"""What is said in place of something deleted: who deleted it, when, and what the provider answered."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from recordings import connections
from recordings.models import Account, Operation, OperationStep
from recordings.providers.snapshots import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """The words on it."""

    who: str  # "" when the provider deleted it
    at: datetime | None
    answer: str = ""
    order: Operation | None = None
    reason: str = ""


def tombstone(
    account: Account, keys: list[uuid.UUID], *, who: str, at: datetime | None, reason: str
) -> Tombstone:
    """For a thing with one of these keys: its own, or its call's when all of that went at once."""
    face = connections.face(account.provider)
    done = Operation.objects.filter(subject_key__in=keys, state=Operation.State.SUCCEEDED)
    for order in done.order_by("-done_at"):
        action = face.action(order.kind)
        if action is not None and action.becomes is Status.DELETED:
            return Tombstone(who=who, at=at, answer=_answer(order), order=order, reason=reason)
    return Tombstone(who=who, at=at, reason=reason)


def _answer(order: Operation) -> str:
    steps = order.steps.filter(kind__in=(OperationStep.Kind.ANSWERED, OperationStep.Kind.LOOKED))
    step = steps.last()
    status = (step.exchange or {}).get("status") if step else None
    said = (step.text if step else "") or order.outcome
    return " ".join(part for part in (f"HTTP {status}." if status else "", said) if part)
