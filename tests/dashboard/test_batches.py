"""Acting in bulk: first what would be touched, then how each thing fares."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from recordings.models import Account, Batch, BatchItem, Operation, Preset, Recording
from recordings.providers.snapshots import Status
from tests.dashboard.browser import barriers, complaints, sign_in
from transcripts.models import Transcript

HTMX = {"HX-Request": "true"}
ORDER, DELETE = "transcript.order", "recording.delete"


@pytest.fixture
def done(world, recall, account, operator):
    """Three recordings that are complete."""
    rows = []
    for name in ("Planning", "Interview", "Support"):
        call = world.call(account, recall.place_call(name))
        order = world.order(operator, call, "recording.start", retention="forever")
        world.advance(30)
        recall.end_call(call.external_id)
        world.advance(60)
        rows.append(Recording.objects.get(key=order.made_key))
    return rows


def rows(account, count=3, status=Status.COMPLETED):
    now = timezone.now()
    return [
        Recording.objects.create(
            account=account, external_id=f"x{status}{number}", status=status, sort_at=now, completed_at=now
        )
        for number in range(count)
    ]


def drafted(client, kind, things=(), **data):
    response = client.post(reverse("batch-new"), {"kind": kind, "key": [each.key for each in things], **data})
    assert response.status_code == 302, response
    return Batch.objects.latest("pk")


def confirm(client, batch, **data):
    return client.post(reverse("batch-confirm", args=[batch.key]), data)


def test_lists_let_managers_choose_and_nobody_else(signed_in, manager, operator, account):
    rows(account, 1)

    mine = signed_in(manager).get(reverse("recordings")).content.decode()
    theirs = signed_in(operator).get(reverse("recordings")).content.decode()

    assert 'name="key"' in mine
    assert "Delete recordings …" in mine
    assert 'name="key"' not in theirs


@pytest.mark.parametrize("route", ["batch-confirm", "batch-cancel", "batch-retry", "batch-new", "batches"])
def test_operators_do_not_act_in_bulk(signed_in, manager, operator, account, route):
    batch = drafted(signed_in(manager), DELETE, rows(account, 1))
    client = signed_in(operator)
    path = reverse(route, args=[] if route in {"batch-new", "batches"} else [batch.key])

    assert (client.get(path) if route == "batches" else client.post(path)).status_code == 403
    assert client.get(batch.get_absolute_url()).status_code == 403


def test_draft_says_what_is_touched_left_out_and_charged(signed_in, manager, account):
    good, bad = rows(account, 2), rows(account, 1, Status.DELETED)
    client = signed_in(manager)

    batch = drafted(client, ORDER, [*good, *bad])
    page = client.get(batch.get_absolute_url()).content.decode()

    assert "Order transcripts: 2" in page
    assert "Left out" in page
    assert "charged 2 times" in page
    assert not Operation.objects.exists()


def test_all_that_match_are_taken_from_the_filters_of_the_address(signed_in, manager, account):
    rows(account, 3)
    rows(account, 2, Status.FAILED)

    batch = drafted(signed_in(manager), DELETE, all="1", query="status=completed&before=nonsense")

    assert batch.items.count() == 3


def test_nothing_selected_leads_back_to_the_list(signed_in, manager, account):
    response = signed_in(manager).post(reverse("batch-new"), {"kind": DELETE}, follow=True)

    assert response.redirect_chain[0][0] == reverse("recordings")
    assert "Nothing was selected" in response.content.decode()


def test_order_that_is_not_given_in_bulk_is_not_there(signed_in, manager, account):
    assert signed_in(manager).post(reverse("batch-new"), {"kind": "recording.start"}).status_code == 404


def test_delete_needs_the_number_typed(signed_in, manager, account):
    client = signed_in(manager)
    batch = drafted(client, DELETE, rows(account, 3))

    for typed in ("", "2", "three"):
        assert "Type 3 to confirm" in confirm(client, batch, typed=typed).content.decode()
    assert Batch.objects.get().state == "draft"
    confirm(client, batch, typed="3")

    assert Batch.objects.get().state == "running"


def test_transcripts_are_ordered_with_a_preset_and_each_outcome_is_told(
    signed_in, manager, world, recall, account, done
):
    preset = Preset.objects.create(
        provider="recall", kind=ORDER, name="German", options={"provider": "recallai_async"}
    )
    client = signed_in(manager)
    batch = drafted(client, ORDER, done)
    options = reverse("batch-options", args=[batch.key, "recall"])

    client.post(options, {"preset": preset.key})
    page = client.get(batch.get_absolute_url()).content.decode()
    confirm(client, batch)
    world.advance(120)
    told = client.get(batch.get_absolute_url()).content.decode()

    assert "recallai_async" in page
    assert "The request of the first" in page
    assert "3 of 3 are over" in told
    assert "3 succeeded" in told
    assert Transcript.objects.count() == 3
    assert {each.ordered_for for each in Operation.objects.filter(kind=ORDER)} == {"in bulk"}


def test_options_are_typed_in_the_form_and_checked(signed_in, manager, account):
    client = signed_in(manager)
    batch = drafted(client, ORDER, rows(account, 1))
    path = reverse("batch-options", args=[batch.key, "recall"])
    shown = client.get(path).content.decode()

    wrong = client.post(path, {"order_key": "x", "o-provider": "nobody"}).content.decode()
    right = client.post(path, {"order_key": "x", "o-provider": "recallai_async"})
    batch.refresh_from_db()

    assert 'name="o-provider"' in shown
    assert "field-error" in wrong
    assert right.url == batch.get_absolute_url()
    assert batch.options["recall"]["provider"] == "recallai_async"
    client.post(path, {"preset": ""})
    assert client.get(reverse("batch-options", args=[batch.key, "twilio"])).status_code == 404
    confirm(client, batch)
    assert client.get(path).status_code == 404


def test_wrong_preset_orders_nothing_and_says_why(signed_in, manager, account):
    preset = Preset.objects.create(provider="recall", kind=ORDER, name="Old", options={"provider": "gone"})
    client = signed_in(manager)
    batch = drafted(client, ORDER, rows(account, 1))
    client.post(reverse("batch-options", args=[batch.key, "recall"]), {"preset": preset.key})

    page = confirm(client, batch).content.decode()

    assert "Some options are wrong" in page
    assert Batch.objects.get().state == "draft"


def test_page_asks_for_news_only_while_it_runs(signed_in, manager, account):
    client = signed_in(manager)
    batch = drafted(client, DELETE, rows(account, 2))
    confirm(client, batch, typed="2")

    page = client.get(batch.get_absolute_url()).content.decode()
    stamp = re.search(r"stamp=(\w+)", page).group(1)
    same = client.get(f"{batch.get_absolute_url()}?stamp={stamp}", headers=HTMX)
    BatchItem.objects.update(state="skipped")
    other = client.get(f"{batch.get_absolute_url()}?stamp={stamp}", headers=HTMX)

    assert same.status_code == 204
    assert other.content.decode().startswith("<div")


def test_batch_is_cancelled_and_the_rest_is_left(signed_in, manager, world, account):
    client = signed_in(manager)
    batch = drafted(client, DELETE, rows(account, 2))
    confirm(client, batch, typed="2")

    told = client.post(reverse("batch-cancel", args=[batch.key]), follow=True).content.decode()
    again = client.post(reverse("batch-cancel", args=[batch.key]), follow=True).content.decode()
    world.work()
    page = client.get(f"{batch.get_absolute_url()}?show=cancelled").content.decode()

    assert "nothing more is sent" in told
    assert "It is over" in again
    assert "2 cancelled" in page
    assert page.count('<tr id="item-') == 2
    assert not Operation.objects.exists()


def test_failed_are_drafted_again_with_the_same_options(signed_in, manager, world, account):
    client = signed_in(manager)
    batch = drafted(client, ORDER, rows(account, 2))  # the provider has never heard of these
    confirm(client, batch)
    world.advance(60)
    page = client.get(f"{batch.get_absolute_url()}?show=failed").content.decode()

    response = client.post(reverse("batch-retry", args=[batch.key]))

    second = Batch.objects.latest("pk")
    assert "Order the 2 that failed again" in page
    assert response.url == second.get_absolute_url()
    assert second.items.filter(state="waiting").count() == 2
    assert second.options == Batch.objects.get(pk=batch.pk).options


def test_confirming_twice_is_one_batch_and_an_old_draft_is_none(signed_in, manager, world, account):
    client = signed_in(manager)
    batch = drafted(client, DELETE, rows(account, 1))
    world.clock.advance(3700)

    page = client.get(batch.get_absolute_url()).content.decode()
    told = client.post(reverse("batch-confirm", args=[batch.key]), {"typed": "1"}, follow=True)

    assert "older than an hour" in page
    assert "select anew" in told.content.decode()
    assert client.get(reverse("batches")).content.decode().count("Delete recordings") == 0


def test_list_tells_of_batches(signed_in, manager, account):
    client = signed_in(manager)
    confirm(client, drafted(client, DELETE, rows(account, 1)), typed="1")

    assert "Delete recordings: picked one by one" in client.get(reverse("batches")).content.decode()


def test_batch_shows_nothing_of_accounts_that_one_may_not_see(signed_in, manager, account, others):
    client = signed_in(manager)
    batch = drafted(client, DELETE, rows(account, 2))
    second = Account.objects.create(provider="recall", name="Second")
    hidden = Recording.objects.create(
        account=second, external_id="h", status="completed", sort_at=timezone.now()
    )
    BatchItem.objects.create(batch=batch, account=second, subject_key=hidden.key)
    second.groups.add(others)

    page = client.get(batch.get_absolute_url()).content.decode()
    account.groups.add(others)

    assert "Delete recordings: 2" in page
    assert "Second" not in page
    assert client.get(batch.get_absolute_url()).status_code == 404
    assert drafted_count(client, [hidden]) == 0


def drafted_count(client, things):
    client.post(reverse("batch-new"), {"kind": DELETE, "key": [each.key for each in things]})
    return BatchItem.objects.filter(batch=Batch.objects.latest("pk")).count()


def test_draft_is_its_author_s_alone(signed_in, manager, administrator, account):
    batch = drafted(signed_in(manager), DELETE, rows(account, 1))

    assert signed_in(administrator).get(batch.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("reason", ["switched off", "cannot", "right"])
def test_what_cannot_be_ordered_is_left_out(signed_in, manager, account, reason):
    things = rows(account, 1)
    kind = DELETE
    if reason == "switched off":
        Account.objects.update(is_active=False)
    if reason == "cannot":
        Account.objects.update(provider="vobiz")
        kind = ORDER
    if reason == "right":
        manager.groups.clear()
        manager.user_permissions.set(_only("manage_bulk", "view_recording"))
    client = signed_in(manager)

    page = client.get(drafted(client, kind, things).get_absolute_url()).content.decode()

    assert "Nothing of it can be ordered." in page
    assert BatchItem.objects.get().reason


def _only(*codes):
    from django.contrib.auth.models import Permission

    return Permission.objects.filter(codename__in=codes)


def test_transcripts_are_chosen_from_their_list(signed_in, manager, account):
    recording = rows(account, 1)[0]
    Transcript.objects.create(
        account=account, recording=recording, external_id="t1", status="completed", sort_at=timezone.now()
    )
    client = signed_in(manager)

    page = client.get(reverse("transcripts")).content.decode()
    batch = drafted(client, "transcript.delete", all="1")

    assert "Delete transcripts …" in page
    assert batch.items.get().state == "waiting"
    assert "Delete transcripts: 1" in client.get(batch.get_absolute_url()).content.decode()


def test_many_items_come_a_page_at_a_time(signed_in, manager, account, monkeypatch):
    monkeypatch.setattr("dashboard.batch_page.SIZE", 2)
    client = signed_in(manager)
    batch = drafted(client, DELETE, rows(account, 3))
    confirm(client, batch, typed="3")

    first = client.get(batch.get_absolute_url()).content.decode()
    after = re.search(r"after=(\d+)", first).group(1)
    second = client.get(f"{batch.get_absolute_url()}?after={after}&show=waiting").content.decode()

    assert first.count('<tr id="item-') == 2
    assert second.count('<tr id="item-') == 1


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_rows_are_chosen_by_key_and_deleted(page, live_server, manager, world, account):
    rows(account, 3)
    sign_in(page, live_server, manager)
    refused = complaints(page)
    page.goto(f"{live_server.url}{reverse('recordings')}")
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    assert "2 selected" in page.locator("#bulk").inner_text()
    found = barriers(page)

    page.get_by_role("button", name="Delete recordings").click()
    found += barriers(page)
    page.get_by_label("Type 2 to confirm").fill("2")
    page.get_by_role("button", name="Delete recordings: 2").click()
    page.get_by_role("button", name="Cancel the rest").wait_for()
    found += barriers(page)

    assert Batch.objects.get().items.count() == 2
    assert found == []
    assert refused == []
