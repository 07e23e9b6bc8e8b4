"""What happens on a click: orders are checked, written down once, and the workers woken."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from recordings import clock, connections
from recordings.models import Operation, OrderForm
from recordings.models.work import BULK
from recordings.providers.base import ProviderAdapter
from recordings.providers.options import Options
from recordings.providers.orders import Action, SubjectRef
from recordings.targets import Target, fingerprint, seen_state
from recordings.validation import OrderRefused, check_options
from recordings.work import wake
from recordings.work.steps import Kind, note
from recordings.work.subjects import kind_of

RIGHTS = {
    "control": "recordings.control_calls",
    "order": "recordings.order_transcripts",
    "delete": "recordings.delete_items",
    "manage": "recordings.manage_bulk",
    "administer": "recordings.administer_accounts",
}


TIMES_TRIED = 2  # The order that stood in the way may close at that very moment.


class AskAgain(Exception):
    """The subject changed since the form was shown: ``consequence`` says what would happen now."""

    def __init__(self, consequence: str, *, seen: str) -> None:
        super().__init__(consequence)
        self.consequence = consequence
        self.seen = seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One button: what it orders, why it cannot work, what it would do that one may not expect."""

    action: Action
    unavailable: str = ""
    consequence: str = ""
    open_operation: Operation | None = field(default=None, compare=False)


def choices(
    user: AbstractUser,
    target: Target,
    *,
    ref: SubjectRef | None = None,
    open_orders: Iterable[Operation] | None = None,
) -> list[Choice]:
    """The buttons of a thing for this user; actions that the user has no right to are left out.

    A page of many things reads their refs and open orders at once and hands them over.
    """
    adapter = connections.face(target.account.provider)
    ref = ref or target.ref()
    running = {each.kind: each for each in (_open_orders(target) if open_orders is None else open_orders)}
    return [
        Choice(
            action=action,
            unavailable=_unavailable(target, action, ref),
            consequence=adapter.consequence(action.kind, ref, {}),
            open_operation=running.get(action.kind),
        )
        for action in (*adapter.actions, *adapter.missing_actions)
        if action.subject is target.subject and user.has_perm(RIGHTS[action.right])
    ]


def place(
    user: AbstractUser | None,
    target: Target,
    kind: str,
    *,
    options: Options,
    order_key: str,
    seen: str = "",
    ordered_for: str = "",
    is_bulk: bool = False,
) -> Operation:
    """Write an order down and wake a worker; the same form twice is one order and answers the first.

    ``user`` is None for orders of rules. ``seen`` is ``seen_state`` at the time the form was made.
    Raises ``PermissionDenied``, ``OrderRefused`` (with messages per field) and ``AskAgain``.
    """
    first = _of_form(order_key)
    if first is not None:
        return first
    action = _action(user, target, kind)
    cleaned = check_options(user, target, action, options)
    ref = target.ref()
    reason = _unavailable(target, action, ref)
    if reason:
        raise OrderRefused(reason)
    _ask_again_if_changed(target, action, ref, cleaned, seen)
    alike = fingerprint(target, action.kind, cleaned)
    for _ in range(TIMES_TRIED):
        try:
            with transaction.atomic():
                return _write(user, target, action, cleaned, order_key, ordered_for, is_bulk=is_bulk)
        except IntegrityError:
            found = _of_form(order_key) or _open_alike(alike, order_key)
        if found is not None:
            return found
    raise OrderRefused("The same was ordered at this very moment: look at it, and try again.")


def _action(user: AbstractUser | None, target: Target, kind: str) -> Action:
    adapter = connections.face(target.account.provider)
    action = adapter.action(kind)
    if action is None or action.subject is not target.subject:
        raise OrderRefused(_why_missing(adapter, target, kind) or f"{adapter.label} cannot do this.")
    if user is not None and not user.has_perm(RIGHTS[action.right]):
        raise PermissionDenied
    if not target.account.is_active:
        raise OrderRefused("This account is switched off: nothing was sent.")
    return action


def _why_missing(adapter: type[ProviderAdapter], target: Target, kind: str) -> str:
    is_shown = any(each.kind == kind for each in adapter.missing_actions)
    return adapter.unavailable(kind, target.ref(), target.account.config) if is_shown else ""


def _unavailable(target: Target, action: Action, ref: SubjectRef | None) -> str:
    adapter = connections.face(target.account.provider)
    return adapter.unavailable(action.kind, ref, target.account.config)


def _ask_again_if_changed(
    target: Target, action: Action, ref: SubjectRef | None, options: Options, seen: str
) -> None:
    now = seen_state(target)
    if not seen or seen == now:
        return
    consequence = connections.face(target.account.provider).consequence(action.kind, ref, options)
    if consequence:
        raise AskAgain(consequence, seen=now)


def _write(
    user: AbstractUser | None,
    target: Target,
    action: Action,
    options: dict[str, Any],
    order_key: str,
    ordered_for: str,
    *,
    is_bulk: bool,
) -> Operation:
    now = clock.now()
    limit = action.not_after_seconds
    operation = Operation.objects.create(
        account=target.account,
        order_key=order_key,
        kind=action.kind,
        lane=BULK if is_bulk else action.lane,
        due_at=now,
        call=target.call,
        recording=target.recording,
        subject_key=target.key,
        options=options,
        fingerprint=fingerprint(target, action.kind, options),
        ordered_by_id=user.pk if user else None,
        ordered_for=ordered_for,
        not_after=now + timedelta(seconds=limit) if limit is not None else None,
    )
    if action.makes is not None:
        operation.made_key = kind_of(action.makes).make(operation, action)
        operation.save(update_fields=["made_key"])
    note(operation, Kind.ORDERED, ordered_for)
    wake()
    return operation


def _of_form(order_key: str) -> Operation | None:
    """The order of a form that was sent before, by itself or on top of an open one."""
    first = Operation.objects.filter(order_key=order_key).first()
    return first or Operation.objects.filter(forms__order_key=order_key).first()


def _open_alike(alike: str, order_key: str) -> Operation | None:
    """The same order, still open: this form is its form too from now on."""
    with transaction.atomic():
        found = Operation.objects.open().filter(fingerprint=alike).first()
        if found is not None:
            OrderForm.objects.get_or_create(order_key=order_key, defaults={"operation": found})
    return found


def _open_orders(target: Target) -> list[Operation]:
    if target.key is None:
        return []
    return list(Operation.objects.open().filter(subject_key=target.key))
