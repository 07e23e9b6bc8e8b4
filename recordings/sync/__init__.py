"""The one funnel into the mirror: answers, callbacks and listings all pass here."""

import uuid
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.dispatch import Signal

from recordings import clock, connections
from recordings.models import Account, Call, DeliveryMention, WebhookDelivery
from recordings.models.mirror import Source
from recordings.providers.snapshots import CallSnapshot, EndpointSnapshot, Fact, RecordingSnapshot, Wanted
from recordings.sync.calls import apply_call, as_uuid
from recordings.sync.context import Applied, Context
from recordings.sync.endpoints import apply_endpoint
from recordings.sync.recordings import apply_recording
from recordings.sync.wishes import apply_wanted, introduce

Applier = Callable[[Context, Any], object]
# Sent inside the transaction, after all was written. Arguments: account, calls (those that were told of,
# save what a listing only repeated of ended ones).
calls_told = Signal()
LARGEST_STEP = 100  # facts in one transaction
FEWEST_OF_A_PAGE = 3  # fewer are asked for one by one
OF_A_CALL = ("account", "key", "external_id", "state")  # what a recording asks of its call


def _apply_call_and_recordings(context: Context, snapshot: CallSnapshot) -> None:
    call = apply_call(context, snapshot)
    for recording in snapshot.recordings:
        apply_recording(context, recording, call=call)


_appliers: dict[type, Applier] = {
    CallSnapshot: _apply_call_and_recordings,
    RecordingSnapshot: apply_recording,
    EndpointSnapshot: apply_endpoint,
    Wanted: apply_wanted,
}


def register(kind: type, applier: Applier) -> None:
    """Let a higher package write its own mirror rows: called from ``AppConfig.ready``."""
    _appliers[kind] = applier


def apply(
    account: Account,
    facts: Iterable[Fact],
    *,
    source: Source,
    at: datetime | None = None,
    delivery: WebhookDelivery | None = None,
) -> Applied:
    """Write what a provider said, each fact stamped with where it came from.

    Idempotent, in any order. Joins the caller's transaction; facts of one account are written one
    after the other, on every worker, so that two of them never add the same thing twice.
    """
    context = Context(
        account=account,
        adapter=connections.open_account(account),
        source=source,
        at=at or clock.now(),
        delivery=delivery,
    )
    told = tuple(facts)
    with transaction.atomic():
        Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        news = context.news(told)
        _read_ahead(context, news)
        for fact in news:
            if not isinstance(fact, CallSnapshot | RecordingSnapshot):
                context.write_new()  # Other kinds look for their rows in the database.
            _appliers[type(fact)](context, fact)
        context.write_new()
        context.repeats.write()
        introduce(context)
        _note_mentions(context)
        _tell_of_calls(context, news)
    return context.applied


def _tell_of_calls(context: Context, told: tuple[Fact, ...]) -> None:
    calls = [fact for fact in told if isinstance(fact, CallSnapshot)]
    rows = {_row_of(context, fact) for fact in calls} - {None}
    if rows:
        calls_told.send(sender=Call, account=context.account, calls=sorted(rows, key=lambda row: row.pk))


def _row_of(context: Context, fact: CallSnapshot) -> Call | None:
    return context.calls.by_id(fact.external_id) or context.calls.by_key(as_uuid(fact.key))


def _read_ahead(context: Context, told: tuple[Fact, ...]) -> None:
    """Read at once what the facts of a page would ask for one by one."""
    calls = [fact for fact in told if isinstance(fact, CallSnapshot)]
    recordings = [fact for fact in told if isinstance(fact, RecordingSnapshot)]
    recordings += [recording for call in calls for recording in call.recordings]
    if len(calls) + len(recordings) < FEWEST_OF_A_PAGE:
        return
    context.calls.read((each.external_id for each in calls), _keys(calls))
    context.calls.read((each.call_external_id for each in recordings), fields=OF_A_CALL)
    context.recordings.read({each.external_id for each in recordings}, _keys(recordings))
    context.read_ahead()


def _keys(snapshots: Iterable[CallSnapshot | RecordingSnapshot]) -> list[uuid.UUID]:
    found = (as_uuid(snapshot.key) for snapshot in snapshots if snapshot.key)
    return [key for key in found if key is not None]


def _note_mentions(context: Context) -> None:
    delivery = context.delivery
    if delivery is None:
        return
    DeliveryMention.objects.bulk_create(
        [
            DeliveryMention(delivery=delivery, account=context.account, external_id=each)
            for each in sorted(context.applied.mentioned)
        ],
        ignore_conflicts=True,
    )
