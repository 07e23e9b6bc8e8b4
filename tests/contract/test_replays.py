"""Callbacks again, and callbacks backwards: the mirror ends the same."""

from datetime import timedelta
from typing import Any

from recordings import clock
from recordings.models import Call, Errand, Operation, OperationStep, Recording, WebhookDelivery
from tests.contract.conftest import Provider
from transcripts.models import Transcript

FINAL = ("external_id", "status", "reason_code", "duration_seconds", "is_buried")


def mirror(provider: Provider) -> dict[str, Any]:
    """What the mirror says of everything, without the marks of who said it last."""
    return {
        "calls": sorted(Call.objects.values_list("external_id", "state", "title")),
        "recordings": sorted(Recording.objects.values_list(*FINAL), key=str),
        "transcripts": sorted(Transcript.objects.values_list("external_id", "status", "has_text"), key=str),
    }


def test_replaying_every_callback_three_times_changes_nothing(provider: Provider) -> None:
    provider.record()
    before, rows = mirror(provider), WebhookDelivery.objects.count()

    for _ in range(3):
        WebhookDelivery.objects.update(state=WebhookDelivery.State.RECEIVED, due_at=clock.now())
        provider.world.work(rounds=60)

    assert rows > 0
    assert mirror(provider) == before
    assert WebhookDelivery.objects.count() == rows


def test_callbacks_in_reverse_order_end_in_the_same_mirror(provider: Provider) -> None:
    provider.record()
    in_order = mirror(provider)

    for model in (OperationStep, Operation, Transcript, Recording, Call, Errand):
        model.objects.all().delete()
    for age, delivery in enumerate(WebhookDelivery.objects.order_by("pk")):
        delivery.due_at = clock.now() - timedelta(seconds=age)
        delivery.state = WebhookDelivery.State.RECEIVED
        delivery.save()
    provider.world.work(rounds=60)
    provider.world.sweep(provider.account)
    provider.world.advance(30)

    assert mirror(provider) == in_order
