"""The inbox of callbacks."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dashboard import repairs
from dashboard.models import User
from recordings.models import Account, Call, DeliveryMention, ReadRecord, Recording, WebhookDelivery
from tests.dashboard import samples
from tests.simulators.recall import RecallSimulator
from tests.world import World
from transcripts.models import Transcript

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LIST = "/deliveries/"
State = WebhookDelivery.State


def made(account: Account, number: int = 0, **facts: Any) -> WebhookDelivery:
    values = {"state": State.SETTLED, "received_at": NOW - timedelta(hours=number), "body": b"{}"} | facts
    return WebhookDelivery.objects.create(
        account=account,
        dedupe_id=f"msg-{uuid.uuid4()}",
        event=facts.get("event", f"event.{number}"),
        **{name: value for name, value in values.items() if name != "event"},
    )


def mirror() -> list[tuple[Any, ...]]:
    """What is held to be true; when it was last heard is left out."""
    told = ("key", "external_id", "status", "status_at", "started_at", "completed_at", "reason")
    rows = [*Recording.objects.values_list(*told), *Transcript.objects.values_list(*told)]
    return sorted(rows, key=str)


@pytest.fixture
def browser(manager: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(manager)


@pytest.mark.parametrize(
    ("query", "events"),
    [
        ({}, ["event.0", "event.1", "event.30"]),
        ({"state": "unreadable"}, ["event.1"]),
        ({"event": "event.3"}, ["event.30"]),
        ({"until": "2026-11-19"}, ["event.30"]),
    ],
)
def test_filters(browser: Client, account: Account, query: dict[str, str], events: list[str]) -> None:
    made(account)
    made(account, 1, state=State.UNREADABLE)
    made(account, 30)

    found = browser.get(LIST, query).context["page"].rows

    assert [row.event for row in found] == events


def test_viewers_have_no_inbox(viewer: User, signed_in: Callable[[User], Client]) -> None:
    assert signed_in(viewer).get(LIST).status_code == 403


def test_body_is_shown_without_what_opens_something(browser: Client, account: Account) -> None:
    delivery = made(
        account,
        body=b'{"download_url": "https://files.test/a?Signature=secret", "title": "<b>"}',
        query="key=1&token=secret",
        headers={"content-type": "application/json"},
        duplicates=2,
        last_duplicate_at=NOW,
        note="Not signed.",
        attempts=2,
    )

    page = browser.get(delivery.get_absolute_url()).content.decode()

    assert "&lt;b&gt;" in page
    assert "=secret" not in page
    assert "application/json" in page
    assert "Not signed." in page
    assert "2, the last" in page
    assert ReadRecord.objects.get().what == "delivery"


def test_body_that_is_no_text_is_shown_as_far_as_it_is(browser: Client, account: Account) -> None:
    delivery = made(account, body=b"\xff\xfe not json", state=State.UNREADABLE, outcome="No JSON.")

    assert "not json" in browser.get(delivery.get_absolute_url()).content.decode()


def test_empty_and_erased_bodies_say_so(browser: Client, account: Account) -> None:
    empty, erased = made(account, body=b""), made(account, body=b"", is_erased=True)

    assert "It was empty." in browser.get(empty.get_absolute_url()).content.decode()
    page = browser.get(erased.get_absolute_url()).content.decode()
    assert "It was erased" in page
    assert 'aria-disabled="true"' in page


def test_what_it_speaks_of_is_linked(browser: Client, account: Account) -> None:
    delivery = made(account)
    call = Call.objects.create(account=account, external_id="call-1", title="Planning")
    recording = Recording.objects.create(account=account, call=call, external_id="rec-1", sort_at=NOW)
    for external_id in ("call-1", "rec-1", "tra-unknown"):
        DeliveryMention.objects.create(delivery=delivery, account=account, external_id=external_id)

    page = browser.get(delivery.get_absolute_url()).content.decode()

    assert recording.get_absolute_url() in page
    assert "Planning" in page
    assert "tra-unknown" in page


def test_replay_changes_nothing_and_is_counted(
    browser: Client, manager: User, world: World, recall: RecallSimulator, account: Account
) -> None:
    things = samples.full(world, recall, account, manager)
    assert things.recording
    delivery = WebhookDelivery.objects.get(event="recording.done")
    before = mirror()

    for _ in range(3):
        response = browser.post(reverse("delivery-replay", args=[delivery.key]), follow=True)
        assert "It is due again" in response.content.decode()
        world.work()

    delivery.refresh_from_db()
    assert (delivery.state, delivery.replays) == (State.SETTLED, 3)
    assert mirror() == before


def test_replay_twice_before_it_is_read_is_one(browser: Client, account: Account) -> None:
    delivery = made(account)

    for _ in range(2):
        response = browser.post(reverse("delivery-replay", args=[delivery.key]), follow=True)

    delivery.refresh_from_db()
    assert delivery.replays == 1
    assert "It is due already." in response.content.decode()


def test_erased_cannot_be_replayed(browser: Client, account: Account) -> None:
    delivery = made(account, is_erased=True)

    response = browser.post(reverse("delivery-replay", args=[delivery.key]), follow=True)

    delivery.refresh_from_db()
    assert (delivery.state, delivery.replays) == (State.SETTLED, 0)
    assert "Its body was erased" in response.content.decode()


def test_one_that_is_being_read_is_left_alone(browser: Client, account: Account) -> None:
    delivery = made(account, lease_token=uuid.uuid4())

    response = browser.post(reverse("delivery-replay", args=[delivery.key]), follow=True)

    assert "It is being read at this moment." in response.content.decode()


def test_replaying_needs_a_manager(
    operator: User, signed_in: Callable[[User], Client], account: Account
) -> None:
    delivery, browser = made(account), signed_in(operator)

    assert browser.post(reverse("delivery-replay", args=[delivery.key])).status_code == 403
    assert browser.post(reverse("deliveries-replay")).status_code == 403
    assert "Read it again" not in browser.get(delivery.get_absolute_url()).content.decode()


def test_filtered_set_is_counted_first_and_then_replayed(browser: Client, account: Account) -> None:
    for number in range(3):
        made(account, number, state=State.FAILED)
    made(account, 4)
    made(account, 5, state=State.FAILED, is_erased=True)

    asked = browser.get("/deliveries/replay/?state=failed").content.decode()
    response = browser.post(
        "/deliveries/replay/", {"state": "failed", "csrfmiddlewaretoken": "x"}, follow=True
    )

    assert "3 callbacks</strong> will be read again" in asked
    assert 'name="state" value="failed"' in asked
    assert response.redirect_chain == [("/deliveries/?state=failed", 302)]
    assert "3 callbacks are due again." in response.content.decode()
    assert WebhookDelivery.objects.filter(replays=1).count() == 3


def test_nothing_to_replay(browser: Client, account: Account) -> None:
    page = browser.get("/deliveries/replay/").content.decode()

    assert "None of these callbacks can be read again" in page
    assert 'href="/deliveries/"' in page


def test_too_many_are_refused(browser: Client, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repairs, "AT_MOST", 2)
    for number in range(3):
        made(account, number)

    asked = browser.get("/deliveries/replay/").content.decode()
    response = browser.post("/deliveries/replay/", follow=True)

    assert "More than 2 callbacks pass these filters" in asked
    assert "Nothing was done." in response.content.decode()
    assert not WebhookDelivery.objects.filter(replays__gt=0).exists()
