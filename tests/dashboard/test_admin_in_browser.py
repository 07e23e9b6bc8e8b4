"""The administration in a real Chromium, under the strict policy, looked at by axe."""

import pytest
from playwright.sync_api import expect

from recordings import connections
from recordings.models import Account, WebhookDelivery
from tests.dashboard.browser import barriers, complaints, sign_in
from tests.simulators.recall import RecallSimulator

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Of Django's own pages, and no rule of WCAG: the search field is named by a picture of a magnifier.
STOCK = ("label-title-only",)


def found(page):
    return [text for text in barriers(page) if not any(f": {rule}:" in text for rule in STOCK)]


def test_account_is_added_tested_and_given_automatic_orders(page, live_server, administrator, world):
    refused = complaints(page)
    simulator = RecallSimulator(clock=world.clock)
    world.transport.simulators["recall-0.test"] = simulator
    told = simulator.account()
    page.goto(f"{live_server.url}/admin/")
    page.get_by_label("Username").fill("administrator")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()

    page.get_by_role("link", name="Accounts").first.click()
    page.get_by_role("link", name="Add account").click()
    page.get_by_role("link", name="Recall.ai").click()
    page.get_by_label("Name").fill("Support")
    page.get_by_label("Base URL").fill("http://recall-0.test")
    page.get_by_label("Region").select_option(told["config"]["region"])
    page.get_by_label("API key", exact=False).first.fill(told["secrets"]["api_key"])
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_label("Webhook address")).to_have_value(Account.objects.get().webhook_url)
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_text("A worker is testing the account")).to_be_visible()
    world.work()
    expect(page.get_by_text("It works.")).to_be_visible()
    page.get_by_role("link", name="Back to the account").click()
    page.get_by_role("link", name="Choose when and how").click()
    page.get_by_label("Order a transcript as soon as").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The automatic orders are saved.")).to_be_visible()

    account = Account.objects.get()
    assert account.order_automatically
    assert connections.secrets_of(account)["api_key"] == told["secrets"]["api_key"]
    assert refused == []


def test_no_page_keeps_anybody_out(page, live_server, administrator, account, world, recall):
    refused, asked_by_axe = complaints(page), 0
    recall.place_call("Weekly")
    world.look_at_calls(account)
    world.advance(5)
    sign_in(page, live_server, administrator)
    form = f"recordings/account/{account.pk}"
    addresses = [
        "",
        "recordings/account/add/",
        "recordings/account/add/?provider=recall",
        *(f"{form}/{name}/" for name in ("change", "test", "automatic")),
        "recordings/call/",
        f"recordings/webhookdelivery/{WebhookDelivery.objects.latest('pk').pk}/change/",
        f"dashboard/user/{administrator.pk}/change/",
        "auth/group/add/",
    ]

    barred = {}
    for address in addresses:
        page.goto(f"{live_server.url}/admin/{address}")
        assert refused[asked_by_axe:] == []
        barred[address] = found(page)
        asked_by_axe = len(refused)  # It measures with inline styles, which the policy refuses.

    assert {address: texts for address, texts in barred.items() if texts} == {}
