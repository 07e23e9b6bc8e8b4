"""The provider's side of the webhooks: watched, made and woken from the account's page, by whoever may."""

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from recordings.models import Operation, WebhookDelivery
from tests.contract.conftest import Provider, build
from tests.world import World

State = Operation.State


@pytest.fixture
def daily(world: World, user: Any) -> Provider:
    user.user_permissions.add(Permission.objects.get(codename="view_recording"))
    return build("daily", world, user)


@pytest.fixture
def client(daily: Provider) -> Client:
    client = Client()
    client.force_login(daily.user)
    return client


def page(client: Client, daily: Provider) -> str:
    return client.get(daily.account.get_absolute_url()).content.decode()


def look(daily: Provider) -> list[tuple[str, bool | None]]:
    """The state that the product knows once its look is due."""
    daily.world.look_at_calls(daily.account)  # makes the standing errands
    daily.world.advance(610, step=305)
    daily.account.refresh_from_db()
    return [(each["state"], each["is_healthy"]) for each in daily.account.endpoints]


def press(client: Client, daily: Provider, kind: str, **options: Any) -> Operation:
    """As the form of the account's page would."""
    path = reverse("order", args=["account", daily.account.key, kind])
    form = client.get(path)
    assert form.status_code == 200
    shown = {field.html_name: field.value() for field in form.context["form"]}
    filled = {name: value for name, value in shown.items() if value not in (None, "", False)}
    answer = client.post(path, {**filled, "order_key": str(uuid.uuid4()), **options})
    assert answer.status_code == 302, answer.context["form"].errors
    daily.world.work()
    order = Operation.objects.get(kind=kind)
    daily.world.advance(10)
    order.refresh_from_db()
    return order


def give_up(daily: Provider) -> None:
    """Three callbacks in a row find nobody, and the provider sends no more."""
    for hook in daily.simulator.webhooks.values():
        hook.retry_type = "circuit-breaker"
    deliver, daily.simulator.outbox.deliver = daily.simulator.outbox.deliver, lambda *_: None
    for number in range(3):
        daily.simulator.post_event("meeting.started", f"m-{number}", {"room": "r", "meeting_id": "m"})
        daily.world.clock.advance(1)
    daily.simulator.outbox.deliver = deliver


def states(daily: Provider) -> list[str]:
    return [hook.state for hook in daily.simulator.webhooks.values()]


def test_endpoint_that_was_given_up_is_seen_and_woken_from_the_page(daily: Provider, client: Client) -> None:
    before = look(daily)
    give_up(daily)
    while_down = look(daily)
    shown = page(client, daily)

    order = press(client, daily, "endpoint.repair")

    assert before == [("ACTIVE", True)]
    assert (states(daily), while_down) == (["ACTIVE"], [("FAILED", False)])
    assert "FAILED" in shown
    assert "endpoint.repair" in shown
    assert order.state == State.SUCCEEDED, order.outcome
    assert look(daily) == [("ACTIVE", True)]
    assert len(daily.simulator.effects("update_webhook")) == 1
    call = daily.place_call()
    daily.world.advance(5)
    assert call.external_id
    assert WebhookDelivery.objects.filter(event="meeting.started").exists()


def test_endpoint_that_is_gone_is_made_anew_from_the_page(daily: Provider, client: Client) -> None:
    daily.simulator.webhooks.clear()
    gone = look(daily)
    made_before = len(daily.simulator.effects("create_webhook"))

    order = press(client, daily, "endpoint.create", retryType="exponential")

    assert gone == []
    assert order.state == State.SUCCEEDED, order.outcome
    assert look(daily) == [("ACTIVE", True)]
    assert len(daily.simulator.effects("create_webhook")) == made_before + 1
    [hook] = daily.simulator.webhooks.values()
    assert hook.url == daily.account.webhook_url
    assert hook.retry_type == "exponential"
    assert "recording.ready-to-download" in hook.event_types


def test_second_creation_makes_no_second_endpoint(daily: Provider, client: Client) -> None:
    order = press(client, daily, "endpoint.create", retryType="exponential")

    assert order.state == State.SUCCEEDED
    assert len(daily.simulator.webhooks) == 1


def test_endpoint_whose_address_cannot_be_reached_is_refused_in_words(
    daily: Provider, client: Client
) -> None:
    daily.simulator.webhooks.clear()
    daily.simulator.outbox.deliver = lambda *_: 502

    order = press(client, daily, "endpoint.create", retryType="exponential")

    assert order.state == State.FAILED
    assert "got no 200 there" in order.outcome
    assert daily.simulator.webhooks == {}


def test_only_administrators_touch_the_endpoint(daily: Provider, client: Client) -> None:
    daily.user.user_permissions.remove(Permission.objects.get(codename="administer_accounts"))
    path = reverse("order", args=["account", daily.account.key, "endpoint.repair"])

    assert "endpoint.repair" not in page(client, daily)
    assert client.post(path, {"order_key": "x"}).status_code == 403
    assert not Operation.objects.exists()
