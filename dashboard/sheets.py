"""What an operator is told before an order: what it does, costs and takes away, and about consent."""

import uuid
from dataclasses import dataclass, field

from django.contrib.auth.models import AbstractUser
from django.http import QueryDict

from dashboard.beginnings import Beginning, beginnings, given
from dashboard.forms import OrderForm
from dashboard.models import User
from dashboard.subjects import key_of, name_of, order_url
from recordings import clock, connections, rates
from recordings.actions import choices
from recordings.models import Operation
from recordings.providers.orders import Action, Subject
from recordings.targets import Target, seen_state
from recordings.validation import MANAGE


@dataclass(slots=True, kw_only=True)
class Sheet:
    """One order form with everything around it."""

    target: Target
    action: Action
    form: OrderForm
    key: uuid.UUID
    url: str
    title: str
    unavailable: str
    consequence: str
    running: Operation | None
    consent: tuple[str, ...]
    estimate: str = ""
    is_asking_again: bool = False
    next_url: str = ""
    beginnings: list[Beginning] = field(default_factory=list)


def fresh_sheet(user: User, target: Target, action: Action, chosen: QueryDict) -> Sheet:
    """Return the sheet of an order that begins with what the address says."""
    made = sheet(user, target, action, fresh_form(user, target, action, chosen))
    made.beginnings = beginnings(target, action, chosen)
    return made


def sheet(user: User, target: Target, action: Action, form: OrderForm, *, next_url: str = "") -> Sheet:
    """Return the sheet of an action; `form` is a fresh or a filled one."""
    choice = next(each for each in choices(user, target) if each.action.kind == action.kind)
    off = "" if target.account.is_active else "This account is switched off."
    return Sheet(
        target=target,
        action=action,
        form=form,
        key=key_of(target),
        url=order_url(target, action.kind),
        title=name_of(target),
        unavailable=off or choice.unavailable,
        consequence=choice.consequence,
        running=choice.open_operation,
        consent=consent(target, action),
        estimate=estimate_of(target, action, form),
        next_url=next_url,
    )


def estimate_of(target: Target, action: Action, form: OrderForm) -> str:
    """Return what the order costs by the table of rates, with the options as they are typed; "" nothing."""
    if not action.costs:
        return ""
    typed = form.values() if form.is_bound and not form.errors else form.begun()
    rate = rates.rate_of(target.account, action.kind, rates.engine_of(action, typed), clock.now())
    if rate is None:
        return "No rate is known for it."
    recording = target.recording if target.subject is Subject.RECORDING else None
    amount = rates.cost(rate, recording.duration_seconds if recording else None)
    if amount is None:
        return f"By the table of rates: {rate}."
    return f"By the table of rates: about {rates.money(amount, rate.currency)}."


def consequence_of(target: Target, action: Action, form: OrderForm) -> str:
    """Return what the provider would do with the options as they are typed, right or wrong."""
    form.is_valid()
    return connections.face(target.account.provider).consequence(action.kind, target.ref(), form.values())


def filled_form(user: AbstractUser, target: Target, action: Action, typed: QueryDict) -> OrderForm:
    """Return the form with what was typed."""
    return OrderForm(
        typed,
        options=action.options,
        account=target.account,
        may_send_elsewhere=user.has_perm(MANAGE),
    )


def consent(target: Target, action: Action) -> tuple[str, ...]:
    """Return what to think of before people are recorded: the account's words, then the provider's."""
    if action.right != "control" or action.makes not in {Subject.RECORDING, Subject.CALL}:
        return ()
    note = connections.face(target.account.provider).consent_note
    return tuple(text for text in (target.account.consent_reminder, note) if text)


def fresh_form(user: AbstractUser, target: Target, action: Action, chosen: QueryDict) -> OrderForm:
    """Return the form as it begins: with its defaults, a preset, or the options of an earlier order."""
    return OrderForm(
        options=action.options,
        account=target.account,
        may_send_elsewhere=user.has_perm(MANAGE),
        given=given(user, target, action, chosen),
        initial={"order_key": uuid.uuid4(), "seen": seen_state(target)},
    )
