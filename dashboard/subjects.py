"""Finds what an order is about, for people who may see it, and says what to call it."""

import uuid
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db.models import Model
from django.http import Http404
from django.urls import reverse
from django.utils.html import format_html

from recordings import connections
from recordings.models import Account, Call, Operation, Recording
from recordings.providers.orders import Action, Subject
from recordings.targets import Target
from transcripts.models import Transcript

MODELS: dict[str, Any] = {
    Subject.ACCOUNT: Account,
    Subject.CALL: Call,
    Subject.RECORDING: Recording,
    Subject.TRANSCRIPT: Transcript,
}
_RELATED = {
    Subject.CALL: ("account",),
    Subject.RECORDING: ("account", "call"),
    Subject.TRANSCRIPT: ("account", "call", "recording"),
}


def find(user: AbstractUser, subject: str, key: uuid.UUID) -> Target:
    """Return the target; raises `Http404` for what is not there or not theirs to see."""
    model = MODELS.get(subject)
    if model is None:
        raise Http404
    rows = model.objects.usable_by(user).select_related(*_RELATED.get(Subject(subject), ()))
    thing = rows.filter(key=key).first()
    if thing is None:
        raise Http404
    return Target.of(thing)


def action_of(target: Target, kind: str) -> Action:
    """Return what is to be ordered; raises `Http404` where the provider has nothing like it."""
    action = connections.face(target.account.provider).action(kind)
    if action is None or action.subject is not target.subject:
        raise Http404
    return action


def key_of(target: Target) -> uuid.UUID:
    """Return the key in the target's addresses."""
    return target.key or target.account.key


def order_url(target: Target, kind: str) -> str:
    """Return where an order of this kind is given."""
    return reverse("order", args=[target.subject.value, key_of(target), kind])


def again_url(operation: Operation) -> str:
    """Return where an order is given anew with the same options; "" where it cannot be."""
    action = _action_of_operation(operation)
    if action is None:
        return ""
    key = operation.account.key if action.subject is Subject.ACCOUNT else operation.subject_key
    if key is None:
        return ""
    address = reverse("order", args=[action.subject.value, key, operation.kind])
    return f"{address}?again={operation.key}"


def right_of(operation: Operation) -> str:
    """Return the right that an order needs, "manage" for one that no provider knows any more."""
    action = _action_of_operation(operation)
    return action.right if action else "manage"


def page_of(thing: Model | None) -> str:
    """Return the address of a thing's own page; "" where it has none."""
    address = getattr(thing, "get_absolute_url", None)
    return address() if address else ""


def name_of(target: Target) -> str:
    """Return what people call the target, its account last, as HTML: a title may be written right to left."""
    thing = target.call or target.recording
    return format_html("<bdi>{}</bdi> · {}", thing, target.account) if thing else str(target.account)


def _action_of_operation(operation: Operation) -> Action | None:
    try:
        return connections.face(operation.account.provider).action(operation.kind)
    except KeyError:
        return None
