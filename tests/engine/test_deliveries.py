"""Stored callbacks: read into the mirror once, whatever comes of it."""

import hashlib
import hmac
import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError
from django_q.models import OrmQ

from recordings import clock, intake, tasks
from recordings.models import Account, DeliveryMention, Recording, Refusal, WebhookDelivery
from recordings.work import waking
from tests.fifth.simulator import WEBHOOK_SECRET, FifthSimulator
from tests.world import PUBLIC, World

State = WebhookDelivery.State


def post(world: World, account: Account, fifth: FifthSimulator, **event: Any) -> int:
    """A callback as the simulator signs it."""
    sent: list[tuple[Any, ...]] = []
    deliver, fifth.outbox.deliver = fifth.outbox.deliver, lambda *callback: sent.append(callback) or 200
    fifth._announce(event.get("event", "recording.done"), event.get("data", {}))
    fifth.clock.run_due()
    fifth.outbox.deliver = deliver
    return world.arrive(*sent[0])


def settle(world: World) -> WebhookDelivery:
    world.work()
    return WebhookDelivery.objects.get()


def test_verified_callback_is_stored_then_settled_and_remembers_what_it_spoke_of(
    world: World, account: Account, fifth: FifthSimulator
) -> None:
    call_id = fifth.place_call()
    fifth._start(call_id, {})
    world.clock.run_due()

    delivery = settle(world)

    assert world.webhook_statuses == [200]
    assert delivery.state == State.SETTLED
    assert delivery.event == "recording.started"
    assert sorted(DeliveryMention.objects.values_list("external_id", flat=True)) == ["call-1", "rec-1"]
    assert Recording.objects.get().source == "webhook"


def test_event_that_means_nothing_is_stored_as_ignored(
    world: World, account: Account, fifth: FifthSimulator
) -> None:
    assert post(world, account, fifth, event="weather.changed") == 200

    assert settle(world).state == State.IGNORED


def sign(body: bytes) -> dict[str, str]:
    return {"X-Fifth-Signature": hmac.new(WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()}


def test_verified_body_that_cannot_be_read_is_stored_as_unreadable(world: World, account: Account) -> None:
    body = json.dumps({"id": "e1", "event": "recording.done", "data": {}}).encode()

    status = world.arrive(account.webhook_url, "POST", sign(body), body)
    WebhookDelivery.objects.update(body=b"cut off {")

    assert status == 200
    assert settle(world).state == State.UNREADABLE


@pytest.mark.parametrize("times", [2, 5])
def test_same_id_twice_is_one_row(world: World, account: Account, fifth: FifthSimulator, times: int) -> None:
    body = json.dumps({"id": "e1", "event": "weather.changed", "data": {}}).encode()

    statuses = [world.arrive(account.webhook_url, "POST", sign(body), body) for _ in range(times)]
    delivery = settle(world)

    assert statuses == [200] * times
    assert delivery.duplicates == times - 1
    assert delivery.last_duplicate_at is not None


def test_resend_of_one_that_had_failed_makes_it_due_again(
    world: World, account: Account, fifth: FifthSimulator
) -> None:
    body = json.dumps({"id": "e1", "event": "weather.changed", "data": {}}).encode()
    world.arrive(account.webhook_url, "POST", sign(body), body)
    settle(world)
    WebhookDelivery.objects.update(state=State.FAILED)

    world.arrive(account.webhook_url, "POST", sign(body), body)

    assert settle(world).state == State.IGNORED


def test_forged_callback_is_refused_counted_and_not_kept(
    world: World, account: Account, fifth: FifthSimulator
) -> None:
    for _ in range(3):
        status = world.arrive(account.webhook_url, "POST", {"X-Fifth-Signature": "no"}, b"{}")

    refusal = Refusal.objects.get()
    assert status == 400
    assert not WebhookDelivery.objects.exists()
    assert (refusal.account, refusal.count, refusal.reason) == (account, 3, "The signature does not fit.")
    assert refusal.url_expected.startswith(PUBLIC)


def test_unknown_key_gets_404_and_one_counter(world: World, account: Account) -> None:
    for number in range(3):
        assert world.arrive(f"{PUBLIC}/webhooks/fifth/wrong{number}/", "POST", {}, b"") == 404

    assert Refusal.objects.get().count == 3


def test_rotated_key_works_a_week_more(world: World, account: Account, fifth: FifthSimulator) -> None:
    old = account.webhook_url
    account.old_webhook_key = account.webhook_key
    account.old_webhook_key_until = clock.now() + timedelta(days=7)
    account.webhook_key = "new-key"
    account.save()
    body = b'{"id": "e1", "event": "x", "data": {}}'

    within = world.arrive(old, "POST", sign(body), body)
    world.clock.advance(8 * 86_400)
    intake.forget()

    assert within == 200
    assert world.arrive(old, "POST", sign(body), body) == 404


def test_switched_off_account_takes_nothing(world: World, account: Account) -> None:
    Account.objects.update(is_active=False)

    assert world.arrive(account.webhook_url, "POST", {}, b"") == 404


def test_unreadable_credentials_ask_the_provider_to_come_again(world: World, account: Account) -> None:
    Account.objects.update(sealed_secrets="gAAAA-nonsense")

    assert world.arrive(account.webhook_url, "POST", {}, b"{}") == 503


def test_database_that_cannot_be_written_gets_503_and_never_200(
    world: World, account: Account, fifth: FifthSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: Any) -> None:
        raise DatabaseError("database or disk is full")

    monkeypatch.setattr(intake, "_store", full)

    assert post(world, account, fifth) == 503


def test_secrets_among_the_headers_are_not_kept(world: World, account: Account) -> None:
    body = b'{"id": "e1", "event": "x", "data": {}}'
    headers = {**sign(body), "Authorization": "Basic x", "Cookie": "y", "User-Agent": "Fifth"}

    world.arrive(account.webhook_url, "POST", headers, body)

    assert WebhookDelivery.objects.get().headers == {"user-agent": "Fifth"}


def store(account: Account, **fields: Any) -> WebhookDelivery:
    return WebhookDelivery.objects.create(
        account=account,
        dedupe_id=str(uuid.uuid4()),
        event="recording.done",
        received_at=clock.now(),
        due_at=clock.now(),
        **fields,
    )


def test_bad_one_does_not_hold_up_the_others(world: World, account: Account) -> None:
    store(account, body=b"broken")
    good = store(account, body=b"broken too")

    world.work()

    good.refresh_from_db()
    assert good.state == State.UNREADABLE


def test_erased_one_is_not_read_again(world: World, account: Account) -> None:
    erased = store(account, is_erased=True)

    world.work()

    erased.refresh_from_db()
    assert erased.state == State.IGNORED


def test_one_that_killed_its_worker_three_times_is_put_aside_alone(world: World, account: Account) -> None:
    deadly, good = store(account, deaths=3, body=b"broken"), store(account, body=b"broken")

    world.work()

    deadly.refresh_from_db()
    good.refresh_from_db()
    assert (deadly.state, good.state) == (State.FAILED, State.UNREADABLE)


def test_unreadable_credentials_make_it_wait_and_at_last_fail(world: World, account: Account) -> None:
    delivery = store(account, body=b"{}")
    Account.objects.update(sealed_secrets="gAAAA-nonsense")

    world.work()
    delivery.refresh_from_db()
    waiting = delivery.state
    world.advance(3600, step=60)

    delivery.refresh_from_db()
    assert (waiting, delivery.state) == (State.RECEIVED, State.FAILED)


def test_lost_lease_leaves_it_to_whoever_holds_it_now(
    world: World, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = store(account, body=b"broken")

    def steal(*_args: Any, **_more: Any) -> None:
        WebhookDelivery.objects.update(lease_token=uuid.uuid4())

    monkeypatch.setattr("recordings.work.deliveries.delivered", steal)
    monkeypatch.setattr("tests.fifth.adapter.FifthAdapter.read", lambda self, delivery: ())
    tasks.look()

    delivery.refresh_from_db()
    assert delivery.state == State.RECEIVED


def test_wake_ups_are_left_out_when_enough_wait(db: None) -> None:
    for _ in range(settings.TAPEDECK_WORKERS + 5):
        waking.wake()

    assert OrmQ.objects.count() == settings.TAPEDECK_WORKERS
