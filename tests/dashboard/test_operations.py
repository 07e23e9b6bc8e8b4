from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from dashboard import paging
from recordings.models import Operation, OperationStep, Recording

LIST = "/operations/"


@pytest.fixture
def call(world, recall, account):
    return world.call(account, recall.place_call("Weekly planning"))


@pytest.fixture
def order(world, operator, call):
    return world.order(operator, call, "recording.start", retention="timed", **{"retention.hours": 77})


def put(order, **values):
    Operation.objects.filter(pk=order.pk).update(**values)


def doubt(order):
    put(order, state="in_doubt", doubt_since=timezone.now(), lease_token=None)


def page(client, url):
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def listed(client, **filters):
    return [row.pk for row in client.get(LIST, filters).context["page"].rows]


def test_list_tells_what_who_about_what_and_with_which_outcome(signed_in, auditor, order):
    put(order, state="failed", outcome="The bot was removed.")

    shown = page(signed_in(auditor), LIST)

    for text in ("Start recording", "operator", "Weekly planning", "failed", "The bot was removed."):
        assert text in shown
    assert order.get_absolute_url() in shown


def test_filters_stand_in_the_url(signed_in, operator, manager, world, account, call, order):
    stopped = world.order(manager, call, "call.leave")
    automatic = world.order(None, account, "call.send", meeting_url="https://zoom.us/j/1234567890")
    put(stopped, state="succeeded")
    client = signed_in(operator)

    assert listed(client) == [automatic.pk, stopped.pk, order.pk]
    assert listed(client, state="succeeded") == [stopped.pk]
    assert listed(client, state="open") == [automatic.pk, order.pk]
    assert listed(client, kind="call.leave") == [stopped.pk]
    assert listed(client, who="me") == [order.pk]
    assert listed(client, who=manager.pk) == [stopped.pk]
    assert listed(client, who="rules") == [automatic.pk]
    assert listed(client, account=str(account.key)) == [automatic.pk, stopped.pk, order.pk]
    assert listed(client, state="nonsense", kind="nonsense") == [automatic.pk, stopped.pk, order.pk]


def test_list_pages_by_key_while_others_arrive(signed_in, operator, monkeypatch, account):
    monkeypatch.setitem(paging.page.__kwdefaults__, "size", 2)
    made = [
        Operation.objects.create(account=account, order_key=str(n), kind="call.send", fingerprint=str(n))
        for n in range(5)
    ]
    client = signed_in(operator)

    first = client.get(LIST).context["page"]
    Operation.objects.create(account=account, order_key="late", kind="call.send", fingerprint="late")
    second = client.get(LIST, {"before": first.next_cursor}).context["page"]
    third = client.get(LIST, {"before": second.next_cursor}).context["page"]

    shown = [row.pk for found in (first, second, third) for row in found.rows]
    assert shown == [each.pk for each in reversed(made)]
    assert not first.is_later
    assert third.is_later
    assert third.next_cursor == ""


@pytest.mark.parametrize("cursor", ["nonsense", "2026-11-20T10:00:00_1", "2026-11-20_x", "_"])
def test_a_broken_page_reference_shows_the_first_page(signed_in, operator, order, cursor):
    assert listed(signed_in(operator), before=cursor) == [order.pk]


def test_empty_list_says_what_will_stand_there(signed_in, operator):
    assert "Whatever is started, stopped" in page(signed_in(operator), LIST)
    assert "Nothing passes these filters" in page(signed_in(operator), f"{LIST}?state=failed")


def test_timeline_holds_the_exchange_and_the_outcome(signed_in, operator, world, order):
    world.work()

    shown = page(signed_in(operator), order.get_absolute_url())

    for text in (
        "Ordered",
        "Sent",
        "Answered",
        "start_recording",
        "&quot;hours&quot;: 77",
        "retention.hours",
    ):
        assert text in shown


def test_order_without_an_answer_says_so(signed_in, operator, order):
    exchange = {
        "method": "POST",
        "url": "https://a.example/",
        "status": None,
        "response": None,
        "seconds": 30.0,
    }
    OperationStep.objects.create(operation=order, kind="lost", at=timezone.now(), exchange=exchange)

    shown = page(signed_in(operator), order.get_absolute_url())

    assert "no answer in 30.00 s" in shown


def test_what_was_made_and_what_it_is_about_are_named(signed_in, operator, world, call, order):
    world.advance(30)
    recording = Recording.objects.get(key=order.made_key)
    stop = world.order(operator, recording, "recording.stop")

    made = page(signed_in(operator), order.get_absolute_url())
    about = page(signed_in(operator), stop.get_absolute_url())

    assert recording.external_id in made
    assert recording.external_id in about


def test_page_of_an_open_order_asks_for_news(signed_in, operator, world, order):
    client, url = signed_in(operator), order.get_absolute_url()
    stamp = client.get(url).context["stamp"]

    assert client.get(url, {"stamp": stamp}, headers={"HX-Request": "true"}).status_code == 204

    world.clock.advance(1)
    Operation.objects.get(pk=order.pk).save()
    fresh = client.get(url, {"stamp": stamp}, headers={"HX-Request": "true"}).content.decode()

    assert fresh.startswith('<div class="stack" id="operation" data-poll')


def test_page_of_a_settled_order_asks_no_more(signed_in, operator, order):
    put(order, state="succeeded")

    assert "hx-trigger" not in page(signed_in(operator), order.get_absolute_url())


def test_queued_order_is_cancelled(signed_in, operator, order):
    client = signed_in(operator)
    assert "Cancel this order" in page(client, order.get_absolute_url())

    response = client.post(reverse("operation-cancel", args=[order.key]), follow=True)

    assert "Cancelled: nothing was sent." in response.content.decode()
    assert Operation.objects.get().state == "cancelled"


def test_order_that_was_sent_is_not_cancelled(signed_in, operator, order):
    put(order, state="sent")

    response = signed_in(operator).post(reverse("operation-cancel", args=[order.key]), follow=True)

    assert "Too late" in response.content.decode()
    assert Operation.objects.get().state == "sent"


def test_doubt_shows_its_age_and_the_looks(signed_in, operator, order):
    doubt(order)
    put(order, doubt_since=timezone.now() - timedelta(minutes=7), looks=3, absences=1)

    shown = page(signed_in(operator), order.get_absolute_url())

    assert "7 min ago" in shown
    assert "3 looks, 1 of them complete" in shown
    assert "Did it happen?" in shown


def test_person_says_that_it_happened_and_names_what_it_made(signed_in, operator, order):
    doubt(order)

    signed_in(operator).post(
        reverse("operation-decide", args=[order.key]), {"happened": "yes", "external_id": " abc "}
    )

    order.refresh_from_db()
    assert order.state == "succeeded"
    assert Recording.objects.get(key=order.made_key).external_id == "abc"


def test_person_says_that_it_did_not_happen(signed_in, operator, order):
    doubt(order)

    response = signed_in(operator).post(
        reverse("operation-decide", args=[order.key]), {"happened": "no"}, follow=True
    )

    order.refresh_from_db()
    assert order.state == "failed"
    assert "Noted: it did not happen." in response.content.decode()


def test_doubt_that_was_settled_meanwhile_stays_as_it_is(signed_in, operator, order):
    put(order, state="succeeded")

    response = signed_in(operator).post(
        reverse("operation-decide", args=[order.key]), {"happened": "no"}, follow=True
    )

    assert "It was settled meanwhile" in response.content.decode()
    assert Operation.objects.get().state == "succeeded"


@pytest.mark.parametrize("state", ["failed", "expired", "cancelled"])
def test_order_that_came_to_nothing_can_be_given_again(signed_in, operator, call, order, state):
    put(order, state=state)

    shown = page(signed_in(operator), order.get_absolute_url())

    again = reverse("order", args=["call", call.key, "recording.start"]) + f"?again={order.key}"
    assert f'href="{again}"' in shown
    assert 'value="77"' in page(signed_in(operator), again)


def test_order_of_an_account_can_be_given_again(signed_in, operator, world, account):
    order = world.order(operator, account, "call.send", meeting_url="https://zoom.us/j/1234567890")
    put(order, state="expired")

    again = reverse("order", args=["account", account.key, "call.send"])
    assert f"{again}?again={order.key}" in page(signed_in(operator), order.get_absolute_url())


def test_order_that_no_provider_knows_any_more_is_shown_all_the_same(
    signed_in, operator, manager, account, order
):
    put(order, kind="left.over", state="failed")

    assert "left over" in page(signed_in(operator), order.get_absolute_url())
    assert "Order again" not in page(signed_in(manager), order.get_absolute_url())


def test_order_of_a_provider_that_is_gone_is_shown_all_the_same(signed_in, operator, account, order):
    account.provider = "vanished"
    account.save()

    assert "recording start" in page(signed_in(operator), order.get_absolute_url())


def test_auditor_sees_orders_and_decides_none(signed_in, auditor, order):
    client = signed_in(auditor)
    doubt(order)

    assert "It happened" not in page(client, order.get_absolute_url())
    assert client.post(reverse("operation-decide", args=[order.key]), {"happened": "no"}).status_code == 403
    assert client.post(reverse("operation-cancel", args=[order.key])).status_code == 403


def test_viewer_sees_no_orders(signed_in, viewer, order):
    client = signed_in(viewer)

    assert client.get(LIST).status_code == 403
    assert client.get(order.get_absolute_url()).status_code == 403


def test_order_of_an_account_that_one_may_not_use_is_not_there(signed_in, operator, account, order, others):
    account.groups.add(others)
    client = signed_in(operator)

    assert listed(client) == []
    assert account.name not in page(client, LIST)
    assert client.get(order.get_absolute_url()).status_code == 404
    assert client.post(reverse("operation-cancel", args=[order.key])).status_code == 404


def test_order_whose_subject_is_gone_is_shown_without_it(signed_in, operator, order):
    put(order, subject_key=None, made_key="00000000-0000-4000-8000-000000000000", state="failed")

    shown = page(signed_in(operator), order.get_absolute_url())

    assert "<dt>Made</dt>" not in shown
    assert "Order again" not in shown
