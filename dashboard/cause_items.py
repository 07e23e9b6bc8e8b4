"""The single things that a cause hit, each with its page and the order that can be given again."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from dashboard import subjects
from dashboard.attention_filters import AttentionFilters
from dashboard.causes import Cause
from dashboard.expiry import again_urls
from dashboard.models import User
from dashboard.paging import Page, page
from dashboard.templatetags.tapedeck import action_label
from recordings import connections
from recordings.actions import RIGHTS
from recordings.models import Account, Call, Operation, Recording
from recordings.providers.orders import Action, Subject
from recordings.validation import MANAGE
from transcripts.models import Transcript

REPEATED = (Operation.State.FAILED, Operation.State.EXPIRED)
# What names a row, and its big columns.
LIGHT: dict[type, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Operation: (("call", "recording"), ("call__raw", "recording__raw")),
    Recording: (("call",), ("raw", "handle", "options", "call__raw")),
    Transcript: (("call", "recording"), ("raw", "handle", "options", "call__raw", "recording__raw")),
    Call: ((), ("raw",)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing. ``again_url`` is the form of the order, as it was given; "" where it cannot work.

    What needs no form is ordered at ``rescue_url`` at once.
    """

    name: str
    what: str
    url: str
    account: Account
    at: datetime
    said: str
    key: uuid.UUID
    again_url: str = ""
    rescue_url: str = ""


def items(user: User, cause: Cause, filters: AttentionFilters, cursor: str) -> tuple[list[Item], Page[Any]]:
    """One page of them, newest first, with what leads to the next."""
    trouble = cause.trouble
    accounts = [each for each in filters.wanted if each.provider == cause.provider]
    rows = filters.between(trouble.of(accounts), trouble).filter(cause.condition())
    found = page(_light(rows), by=trouble.by, cursor=cursor, accounts=[each.pk for each in accounts])
    by_pk = {each.pk: each for each in accounts}
    for row in found.rows:
        row.account = by_pk[row.account_id]
    can_retry = cause.remedy is None or cause.remedy.can_retry
    again = _again(user, found.rows) if can_retry else {}
    return [_item(cause, row, again.get(row.key, {})) for row in found.rows], found


def _light(rows: Any) -> Any:
    """With what names a row, without the big columns."""
    related, big = LIGHT[rows.model]
    return (rows.select_related(*related) if related else rows).defer(*big)


def _orders(rows: Sequence[Any]) -> dict[uuid.UUID | None, Operation]:
    """The orders to give again, by the key of the row that failed: itself, or the order that made it."""
    orders = (row for row in rows if isinstance(row, Operation))
    found: dict[uuid.UUID | None, Operation] = {row.key: row for row in orders if row.state in REPEATED}
    others: dict[uuid.UUID | None, Any] = {row.key: row for row in rows if not isinstance(row, Operation)}
    for order in Operation.objects.filter(made_key__in=others).order_by("created_at"):
        order.account = others[order.made_key].account
        found[order.made_key] = order
    return found


def _again(user: User, rows: Sequence[Any]) -> dict[uuid.UUID, dict[str, str]]:
    """By the key of the row, where it is done once more: as a field of its item."""
    orders = _orders(rows)
    rescues = again_urls(list(orders.values())) if user.has_perm(MANAGE) else {}
    found = {}
    for row in rows:
        order = orders.get(row.key)
        if order is not None and order.pk in rescues:
            found[row.key] = {"rescue_url": rescues[order.pk]}
        else:
            found[row.key] = {"again_url": _as_given(user, order) if order else _anew(user, row)}
    return found


def _item(cause: Cause, row: Any, again: dict[str, str]) -> Item:
    is_order = isinstance(row, Operation)
    thing = row if isinstance(row, Call) else getattr(row, "call", None) or getattr(row, "recording", None)
    return Item(
        name=str(thing or row.account),
        what=action_label(cause.provider, row.kind) if is_order else "",
        url=subjects.page_of(row),
        account=row.account,
        at=getattr(row, cause.trouble.by),
        said=getattr(row, cause.trouble.text),
        key=row.key,
        **again,
    )


def _as_given(user: User, order: Operation) -> str:
    return subjects.again_url(order) if user.has_perm(RIGHTS[subjects.right_of(order)]) else ""


def _anew(user: User, row: Any) -> str:
    """A transcript that nobody ordered here can be ordered of its recording."""
    if not isinstance(row, Transcript) or row.recording is None:
        return ""
    action = _ordering(row.account)
    if action is None or not user.has_perm(RIGHTS[action.right]):
        return ""
    return reverse("order", args=[Subject.RECORDING.value, row.recording.key, action.kind])


def _ordering(account: Account) -> Action | None:
    face = connections.face(account.provider)
    of_recordings = (each for each in face.actions if each.subject is Subject.RECORDING)
    return next((each for each in of_recordings if each.makes is Subject.TRANSCRIPT), None)
