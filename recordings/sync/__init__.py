"""The one funnel into the mirror: answers, callbacks and listings all pass here."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from recordings import clock, connections
from recordings.models import Account, DeliveryMention, WebhookDelivery
from recordings.models.mirror import Source
from recordings.providers.snapshots import CallSnapshot, EndpointSnapshot, Fact, RecordingSnapshot, Wanted
from recordings.sync.calls import apply_call
from recordings.sync.context import Applied, Context
from recordings.sync.endpoints import apply_endpoint
from recordings.sync.recordings import apply_recording
from recordings.sync.wishes import apply_wanted

Applier = Callable[[Context, Any], object]
LARGEST_STEP = 100  # facts in one transaction


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
    with transaction.atomic():
        Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        for fact in facts:
            _appliers[type(fact)](context, fact)
        _note_mentions(context)
    return context.applied


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
