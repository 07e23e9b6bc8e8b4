"""Reads stored callbacks into the mirror: effects and "done" in one commit."""

from datetime import timedelta

from django.db import transaction
from django.dispatch import Signal

from recordings import clock, connections, sync
from recordings.models import Account, WebhookDelivery
from recordings.models.mirror import Source
from recordings.providers.base import Delivered, ProviderAdapter
from recordings.providers.errors import ProviderError, UnexpectedResponse, Unreadable
from recordings.work import pace
from recordings.work.leases import DEATHS_ALLOWED, Lease, LeaseLost

State = WebhookDelivery.State
TRIES_ALLOWED = 8
# A callback ended without being read into the mirror: higher packages look whether it may keep its body.
# Sent inside the transaction. Arguments: delivery.
delivery_unread = Signal()


def perform(lease: Lease) -> None:
    """Settle each delivery of the lease, one transaction each: they are short, and one may be bad."""
    account = Account.objects.get(pk=lease.item.account_id)
    try:
        adapter = connections.open_account(account)
    except ProviderError as exc:
        adapter, problem = None, exc.message
    for item in (lease.item, *lease.more):
        delivery = WebhookDelivery.objects.get(pk=item.pk)
        delivery.account = account
        try:
            if adapter is None:
                _wait(lease, delivery, problem)
            else:
                _settle(lease, delivery, adapter)
        except LeaseLost:
            continue  # Whoever holds it now settles it; applying facts twice changes nothing.


def _settle(lease: Lease, delivery: WebhookDelivery, adapter: ProviderAdapter) -> None:
    if delivery.deaths >= DEATHS_ALLOWED:
        _end(lease, delivery, State.FAILED, "Its worker died over it several times: it was put aside.")
        return
    if delivery.is_erased:
        _end(lease, delivery, State.IGNORED, "Its body was erased with what it spoke of.")
        return
    try:
        facts = adapter.read(delivered(delivery))
    except (Unreadable, UnexpectedResponse) as exc:
        _end(lease, delivery, State.UNREADABLE, str(exc) or "The body cannot be read.")
        return
    if facts is None:
        _end(lease, delivery, State.IGNORED, "This event means nothing to Tapedeck.")
        return
    with transaction.atomic():
        _end(lease, delivery, State.SETTLED, "")
        applied = sync.apply(
            delivery.account, facts, source=Source.WEBHOOK, at=delivery.received_at, delivery=delivery
        )
        outcome = f"{applied.added} added, {applied.changed} changed"
        WebhookDelivery.objects.filter(pk=delivery.pk).update(outcome=outcome)


def delivered(delivery: WebhookDelivery) -> Delivered:
    """A stored callback as its adapter reads it."""
    return Delivered(
        event=delivery.event,
        method=delivery.method,
        path=delivery.path,
        query=delivery.query,
        headers=delivery.headers,
        body=bytes(delivery.body),
        received_at=delivery.received_at,
    )


def _end(lease: Lease, delivery: WebhookDelivery, state: WebhookDelivery.State, outcome: str) -> None:
    with transaction.atomic():
        lease.settle(delivery, state=state, settled_at=clock.now(), outcome=outcome)
        if state != State.SETTLED:
            delivery_unread.send(sender=WebhookDelivery, delivery=delivery)


def _wait(lease: Lease, delivery: WebhookDelivery, problem: str) -> None:
    """Credentials are unreadable: nothing is lost, it is read when they are back."""
    if delivery.attempts >= TRIES_ALLOWED:
        _end(lease, delivery, State.FAILED, problem)
        return
    wait = timedelta(seconds=pace.backoff_seconds(delivery.attempts, first=5.0))
    lease.settle(delivery, due_at=clock.now() + wait, outcome=problem)
