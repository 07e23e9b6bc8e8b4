"""Where an id leads that somebody pasted: the provider's, or a key of ours."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from dashboard.models import User
from recordings.models import Account, Call, Operation, Recording, WebhookDelivery
from transcripts.models import Transcript

LONGEST = 300
MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One thing that has the id."""

    noun: str
    name: str
    url: str
    account: str


def look_up(text: str, user: User) -> list[Hit]:
    """Everything with this id that the person may see; nothing for what is no id of anything."""
    wanted = text.strip().strip("\"'<>()[]{},;").strip()[:LONGEST]
    if not wanted or " " in wanted:
        return []
    return [hit for hits in _hits(wanted, user) for hit in hits][:MOST]


def _hits(wanted: str, user: User) -> Iterator[list[Hit]]:
    key = _key(wanted)
    if user.has_perm("recordings.view_recording"):
        yield [_recording(each) for each in _mirrored(Recording, wanted, key, user)]
        yield [_call(each) for each in _mirrored(Call, wanted, key, user)]
        yield [_account(each) for each in Account.objects.usable_by(user).filter(key=key)] if key else []
    if user.has_perm("transcripts.view_transcript"):
        yield [_transcript(each) for each in _mirrored(Transcript, wanted, key, user)]
    if user.has_perm("recordings.see_operations"):
        yield [_of("order", each) for each in _orders(wanted, key, user)]
        yield [_of("callback", each) for each in _callbacks(wanted, key, user)]


def _mirrored(model: Any, wanted: str, key: uuid.UUID | None, user: User) -> list[Any]:
    rows = model.objects.usable_by(user).select_related("account").defer("raw")
    # SQLite's index of ids leaves out the empty ones, and is used only when that is said.
    return _found(rows, rows.filter(external_id=wanted).exclude(external_id=""), key)


def _orders(wanted: str, key: uuid.UUID | None, user: User) -> list[Any]:
    rows = Operation.objects.usable_by(user).select_related("account")
    return _found(rows, rows.filter(order_key=wanted), key)


def _callbacks(wanted: str, key: uuid.UUID | None, user: User) -> list[Any]:
    rows = WebhookDelivery.objects.usable_by(user).for_list()
    return _found(rows, rows.filter(dedupe_id=wanted), key)


def _found(rows: "QuerySet[Any]", named: "QuerySet[Any]", key: uuid.UUID | None) -> list[Any]:
    """By its name, and by our key: one index each."""
    by_key = rows.filter(key=key) if key else rows.none()
    return list({row.pk: row for row in (*named[:MOST], *by_key)}.values())


def _key(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _of(noun: str, row: Any) -> Hit:
    return Hit(noun=noun, name=str(row), url=row.get_absolute_url(), account=row.account.name)


def _recording(row: Recording) -> Hit:
    return _of("recording", row)


def _transcript(row: Transcript) -> Hit:
    return _of("transcript", row)


def _account(row: Account) -> Hit:
    return Hit(noun="account", name=row.name, url=row.get_absolute_url(), account=row.name)


def _call(row: Call) -> Hit:
    """Calls have no page: what was recorded of one stands for it, else its row among the live ones."""
    recordings = list(Recording.objects.filter(call=row).only("key")[:2])
    if len(recordings) == 1:
        url = recordings[0].get_absolute_url()
    elif recordings:
        url = f"{reverse('recordings')}?{urlencode({'call': str(row.key)})}"
    elif row.is_present:
        url = f"{reverse('now')}#call-{row.key}"
    else:
        url = ""
    return Hit(noun="call", name=str(row), url=url, account=row.account.name)
