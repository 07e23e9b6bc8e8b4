"""Repairs of many rows at once: things read again at their provider, callbacks read again here."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from recordings import clock
from recordings.models import Call, Recording, WebhookDelivery
from recordings.sync.wishes import FETCHES, ask
from recordings.work import wake
from transcripts.models import Transcript

AT_MOST = 1_000
AT_ONCE = 200  # rows of one write transaction
PARENTS: dict[type, tuple[str, ...]] = {Call: (), Recording: ("call",), Transcript: ("recording",)}


class TooMany(Exception):
    """More rows than one click may touch: nothing was done."""


def read_again(rows: QuerySet[Any]) -> int:
    """Have each thing that the provider knows read anew; answers how many.

    Raises ``TooMany``. Asked twice, a read that is still open is only brought forward.
    """
    count = 0
    known = rows.exclude(external_id="").filter(account__is_active=True)
    for piece in _pieces(known.select_related("account", *PARENTS[rows.model])):
        with transaction.atomic():
            for thing in piece:
                kind = FETCHES[rows.model.__name__.lower()]
                ask(thing.account, kind, subject=thing.external_id, parent=_parent_id(thing))
            wake()
        count += len(piece)
    return count


def reprocess(deliveries: QuerySet[WebhookDelivery]) -> int:
    """Make callbacks due again with all their tries; answers how many. Erased ones stay as they are.

    Raises ``TooMany``.
    """
    count = 0
    waiting = deliveries.filter(is_erased=False, lease_token=None)
    for piece in _pieces(waiting.values_list("pk", flat=True)):  # Not the bodies.
        with transaction.atomic():
            picked = waiting.filter(pk__in=piece)
            count += picked.update(
                state=WebhookDelivery.State.RECEIVED,
                due_at=clock.now(),
                attempts=0,
                deaths=0,
                replays=F("replays") + 1,
            )
            wake()
    return count


def _pieces(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    found = list(rows[: AT_MOST + 1])
    if len(found) > AT_MOST:
        raise TooMany
    for start in range(0, len(found), AT_ONCE):
        yield found[start : start + AT_ONCE]


def _parent_id(thing: Call | Recording | Transcript) -> str:
    if isinstance(thing, Recording):
        return thing.call.external_id if thing.call else ""
    if isinstance(thing, Transcript):
        return thing.recording.external_id if thing.recording else thing.recording_external_id
    return ""
