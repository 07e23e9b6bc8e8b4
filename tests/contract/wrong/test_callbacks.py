"""Callbacks that are wrong: forged, doubled, out of order, of others, of kinds that nobody knows."""

import hashlib
import hmac
import random
from typing import Any

from recordings import clock
from recordings.models import Operation, Recording, Refusal, WebhookDelivery
from recordings.providers.snapshots import Status
from tests.contract.conftest import Provider
from tests.contract.test_replays import mirror
from tests.contract.wrong.test_orders import made, start
from tests.contract.wrong.ways import ways
from tests.fifth.simulator import WEBHOOK_SECRET
from tests.simulators.twilio.webhooks import SIGNATURE, signature, with_body_hash

State = WebhookDelivery.State


def recorded(provider: Provider) -> Operation:
    """A call recorded to its end, while no callback is let in."""
    provider.world.holds_callbacks = True
    call = provider.place_call()
    order = start(provider, call)
    provider.world.advance(30)
    provider.simulator.end_call(call.external_id)
    provider.world.advance(120, step=20)
    return order


def arrive(provider: Provider, held: list[Any]) -> list[int]:
    provider.world.holds_callbacks = False
    return [provider.world.arrive(*callback) for callback in held]


def test_doubled_and_shuffled_callbacks_are_one_row_each_and_one_mirror(provider: Provider) -> None:
    order = recorded(provider)
    held, provider.world.held = provider.world.held, []
    told = [*held, *held]
    random.Random(7).shuffle(told)

    statuses = arrive(provider, told)
    provider.world.advance(60)
    after_all = mirror(provider)
    provider.world.sweep(provider.account)

    rows = WebhookDelivery.objects.all()
    assert held
    assert set(statuses) == {200}
    assert sum(1 + row.duplicates for row in rows) == len(told)
    assert {row.state for row in rows} <= {State.SETTLED, State.IGNORED}
    assert made(order).status == Status.COMPLETED
    assert [row["external_id"] for row in Recording.objects.values("external_id")] == [
        made(order).external_id
    ]
    assert mirror(provider)["recordings"] == after_all["recordings"]
    assert len(provider.simulator.effects(ways(provider).began)) == 1


def test_backward_callbacks_end_in_the_truth(provider: Provider) -> None:
    order = recorded(provider)
    held, provider.world.held = provider.world.held, []

    arrive(provider, list(reversed(held)))
    provider.world.advance(60)

    order.refresh_from_db()
    assert order.state == Operation.State.SUCCEEDED
    assert made(order).status == Status.COMPLETED
    assert not WebhookDelivery.objects.exclude(state__in=(State.SETTLED, State.IGNORED)).exists()


def test_forged_callback_is_counted_and_not_kept(provider: Provider) -> None:
    order = recorded(provider)
    before = mirror(provider)
    provider.world.held.clear()
    ways(provider).tell(provider, made(order).external_id or ways(provider).stranger)
    provider.world.clock.advance(1)
    url, method, headers, body = provider.world.held[-1]

    forged = provider.world.arrive(url, method, ways(provider).forge(headers), body)
    astray = provider.world.arrive(
        url.replace(provider.account.webhook_key, "not-a-key"), method, headers, body
    )

    assert (forged, astray) == (400, 404)
    assert not WebhookDelivery.objects.exists()
    assert mirror(provider) == before
    counted = dict(Refusal.objects.values_list("account", "count"))
    assert counted == {provider.account.pk: 1, None: 1}
    refusal = Refusal.objects.get(account=provider.account)
    assert len(refusal.reason) > 10
    assert provider.account.webhook_key not in refusal.url_seen


def test_callback_about_what_nobody_here_ordered_is_kept_and_changes_nothing_else(provider: Provider) -> None:
    order = recorded(provider)
    mine = made(order)
    before = [mine.external_id, mine.status, mine.duration_seconds]
    provider.world.held.clear()
    provider.world.holds_callbacks = False

    ways(provider).tell(provider, ways(provider).stranger)
    provider.world.advance(30)

    delivery = WebhookDelivery.objects.get()
    mine.refresh_from_db()
    others = Recording.objects.exclude(pk=mine.pk)
    order.refresh_from_db()
    assert delivery.state == State.SETTLED
    assert delivery.body
    assert [mine.external_id, mine.status, mine.duration_seconds] == before
    # What its provider does not know either is shown as gone, or not at all: never as one that is there.
    told = provider.slug in {"daily", "fifth"}  # these say all of it in the callback
    assert all(row.status == Status.DELETED or told for row in others)
    assert {row.external_id for row in others} <= {ways(provider).stranger}
    assert order.state == Operation.State.SUCCEEDED


def test_kind_that_nobody_knows_is_kept_as_ignored(provider: Provider) -> None:
    ways(provider).tell_odd(provider)
    provider.world.advance(10)

    delivery = WebhookDelivery.objects.get()
    assert provider.world.webhook_statuses[-1] == 200
    assert (delivery.state, delivery.outcome) == (State.IGNORED, "This event means nothing to Tapedeck.")
    assert b"moon" in bytes(delivery.body).lower() + delivery.query.lower().encode()
    assert not Recording.objects.exists()


def test_body_that_cannot_be_read_is_kept_and_shown(provider: Provider) -> None:
    """Proven by its signature or its secret address, and no sense in it: kept for whoever can read it."""
    provider.place_call()
    url, method, headers, body = SPOILED[provider.slug](provider)

    status = provider.world.arrive(url, method, headers, body)
    provider.world.work()

    delivery = WebhookDelivery.objects.order_by("-pk").first()
    assert status == 200
    assert delivery is not None
    assert delivery.state == State.UNREADABLE
    assert len(delivery.outcome) > 10
    assert bytes(delivery.body) == body
    assert delivery.due_at is None or delivery.due_at > clock.now()


def _held(provider: Provider) -> tuple[str, str, dict[str, str], bytes]:
    provider.world.holds_callbacks = True
    ways(provider).tell(provider, ways(provider).stranger)
    provider.world.clock.advance(1)
    callback: tuple[str, str, dict[str, str], bytes] = provider.world.held[-1]
    provider.world.holds_callbacks = False
    return callback


NONSENSE = b"{nonsense"


def _recall(provider: Provider) -> tuple[str, str, dict[str, str], bytes]:
    url, method, headers, _ = _held(provider)
    now = provider.world.clock.now()
    signed = provider.simulator.webhooks.signed("msg_nonsense", now, NONSENSE)
    return url, method, {**headers, **signed}, NONSENSE


def _daily(provider: Provider) -> tuple[str, str, dict[str, str], bytes]:
    url, method, headers, _ = _held(provider)
    hook = next(iter(provider.simulator.webhooks.values()))
    signed = provider.simulator._signed(hook, NONSENSE, provider.world.clock.now())
    return url, method, {**headers, **signed}, NONSENSE


def _twilio(provider: Provider) -> tuple[str, str, dict[str, str], bytes]:
    url = with_body_hash(provider.account.webhook_url, NONSENSE)
    headers = {
        "Content-Type": "application/json",
        SIGNATURE: signature(provider.simulator.auth_token, url),
    }
    return url, "POST", headers, NONSENSE


def _vobiz(provider: Provider) -> tuple[str, str, dict[str, str], bytes]:
    url, method, headers, _ = _held(provider)
    return url, method, headers, NONSENSE


def _fifth(provider: Provider) -> tuple[str, str, dict[str, str], bytes]:
    url, method, headers, _ = _held(provider)
    digest = hmac.new(WEBHOOK_SECRET.encode(), NONSENSE, hashlib.sha256).hexdigest()
    return url, method, {**headers, "X-Fifth-Signature": digest}, NONSENSE


SPOILED = {"recall": _recall, "daily": _daily, "twilio": _twilio, "vobiz": _vobiz, "fifth": _fifth}
