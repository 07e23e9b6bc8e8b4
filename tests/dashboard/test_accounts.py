"""Accounts: how well each works."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dashboard.account_page import looks, without_key
from dashboard.models import User
from recordings import clock
from recordings.models import Account, Errand, Refusal, WebhookDelivery
from tests.dashboard import samples
from tests.simulators.recall import RecallSimulator
from tests.world import World


@pytest.fixture
def of(signed_in: Callable[[User], Client], account: Account) -> Callable[[User], str]:
    """The account's page as this person sees it."""
    return lambda user: signed_in(user).get(account.get_absolute_url()).content.decode()


def test_list_tells_of_each(
    viewer: User, signed_in: Callable[[User], Client], world: World, recall: RecallSimulator, account: Account
) -> None:
    world.look_at_calls(account)
    recall.place_call("Planning")
    world.look_at_calls(account)
    Refusal.objects.create(
        account=account, day=timezone.now().date(), reason="No.", count=4, last_at=timezone.now()
    )
    world.add(RecallSimulator(clock=world.clock, seed=3), name="Off")
    Account.objects.filter(name="Off").update(is_active=False)

    response = signed_in(viewer).get("/accounts/")
    rows = {row.account.name: row for row in response.context["rows"]}

    assert (rows[account.name].live, rows[account.name].refused) == (1, 4)
    assert rows[account.name].swept_at is not None
    assert (rows["Off"].live, rows["Off"].refused, rows["Off"].swept_at) == (0, 0, None)
    assert "switched off" in response.content.decode()


def test_no_account_teaches_how_to_add_one(administrator: User, signed_in: Callable[[User], Client]) -> None:
    assert "No account yet" in signed_in(administrator).get("/accounts/").content.decode()


def test_health_refusals_and_given_up_reads(
    of: Callable[[User], str], viewer: User, world: World, account: Account
) -> None:
    samples.failing(world, account)

    page = of(viewer)

    assert "The API key was refused." in page
    assert "The signature does not fit." in page
    assert "-400 s" in page
    assert "other.test/webhooks/recall/…/" in page
    assert "Gone." in page


def test_secret_address_is_for_administrators(
    of: Callable[[User], str], operator: User, administrator: User, world: World, account: Account
) -> None:
    samples.failing(world, account)

    assert account.webhook_key not in of(operator)
    page = of(administrator)
    assert account.webhook_url in page
    assert "add an endpoint with this address" in page


def test_old_address_is_named_while_it_works(
    of: Callable[[User], str], administrator: User, account: Account
) -> None:
    Account.objects.update(old_webhook_key="old", old_webhook_key_until=timezone.now() + timedelta(days=1))
    assert "The address before works until" in of(administrator)

    Account.objects.update(old_webhook_key_until=timezone.now() - timedelta(days=1))
    assert "The address before works until" not in of(administrator)


def test_without_a_public_address_it_says_so(
    of: Callable[[User], str], viewer: User, account: Account, settings: Any
) -> None:
    settings.PUBLIC_URL = ""

    assert "the provider cannot call back" in of(viewer)


def test_reads_that_were_given_up_are_called_as_people_do(
    of: Callable[[User], str], viewer: User, account: Account
) -> None:
    for kind in ("transcript.text", "strange.thing"):
        Errand.objects.create(account=account, kind=kind, state="failed", problem="Gone.")

    page = of(viewer)

    assert "<strong>Fetch of a transcript&#x27;s words</strong>" in page
    assert "<strong>Strange thing</strong>" in page


def test_last_callback_and_the_providers_own_word(
    of: Callable[[User], str], viewer: User, account: Account
) -> None:
    WebhookDelivery.objects.create(
        account=account, dedupe_id="a", received_at=timezone.now() - timedelta(minutes=5)
    )
    Account.objects.update(
        endpoints=[
            {
                "external_id": "1",
                "url": account.webhook_url,
                "state": "active",
                "is_healthy": True,
                "failures": 2,
            },
            {"external_id": "2", "url": "https://other.test/", "state": "odd", "events": ["a", "b"]},
        ]
    )

    page = of(viewer)

    assert "5 min ago" in page
    assert "this Tapedeck" in page
    assert account.webhook_key not in page
    assert "2 failures" in page
    assert "a, b" in page


def test_keys_are_taken_out_of_addresses(account: Account) -> None:
    account.old_webhook_key = "before"

    assert without_key(account, f"/{account.webhook_key}/before/") == "/…/…/"


def test_what_is_read_tells_its_counts(world: World, account: Account) -> None:
    assert looks(account) == []
    world.sweep(account, "sweep.recent")
    Errand.objects.filter(kind="sweep.full").update(step=2, progress={"problem": "In circles."})

    found = {look.errand.kind: look for look in looks(account)}

    assert dict(found["sweep.recent"].counts)["pages"] == 2
    Errand.objects.filter(kind="sweep.recent").update(progress={"pages": 1, "seen": 0})
    again = {look.errand.kind: look for look in looks(account)}
    assert again["sweep.recent"].counts == (("page", 1), ("seen", 0))
    assert not found["sweep.recent"].is_running
    assert found["sweep.full"].is_running
    assert found["sweep.full"].problem == "In circles."


def test_poll_is_answered_204_until_something_changes(
    viewer: User, signed_in: Callable[[User], Client], account: Account
) -> None:
    browser, address = signed_in(viewer), account.get_absolute_url()
    poll = {"stamp": browser.get(address).context["stamp"]}
    htmx = {"HX-Request": "true"}

    assert browser.get(address, poll, headers=htmx).status_code == 204
    Account.objects.update(is_healthy=False, health_message="Wrong key.")
    news = browser.get(address, poll, headers=htmx).content.decode()

    assert "Wrong key." in news
    assert "<html" not in news


@pytest.mark.parametrize(("name", "kind"), [("recent", "sweep.recent"), ("full", "sweep.full")])
def test_sweep_now(
    manager: User, signed_in: Callable[[User], Client], world: World, account: Account, name: str, kind: str
) -> None:
    world.sweep(account, kind)
    (before,) = Errand.objects.filter(kind=kind, state="queued")
    assert before.due_at is not None
    assert before.due_at > clock.now()

    response = signed_in(manager).post(reverse("account-sweep", args=[account.key, name]), follow=True)

    (errand,) = Errand.objects.filter(kind=kind, state="queued")
    assert errand.due_at == clock.now()
    assert errand.every_seconds
    assert "The sweep begins now" in response.content.decode()


def test_test_now(
    administrator: User, signed_in: Callable[[User], Client], world: World, account: Account
) -> None:
    response = signed_in(administrator).post(reverse("account-test", args=[account.key]), follow=True)
    world.work()

    account.refresh_from_db()
    assert "The test runs now" in response.content.decode()
    assert account.is_healthy is True


def test_account_that_is_switched_off_is_neither_swept_nor_tested(
    administrator: User, signed_in: Callable[[User], Client], account: Account
) -> None:
    Account.objects.update(is_active=False)
    browser = signed_in(administrator)

    for address in (
        reverse("account-sweep", args=[account.key, "full"]),
        reverse("account-test", args=[account.key]),
    ):
        assert "switched off: nothing is read." in browser.post(address, follow=True).content.decode()
    assert not Errand.objects.exists()


@pytest.mark.parametrize(("route", "args"), [("account-sweep", ["full"]), ("account-test", [])])
def test_operators_neither_sweep_nor_test(
    operator: User, signed_in: Callable[[User], Client], account: Account, route: str, args: list[str]
) -> None:
    assert signed_in(operator).post(reverse(route, args=[account.key, *args])).status_code == 403


def test_no_such_sweep(manager: User, signed_in: Callable[[User], Client], account: Account) -> None:
    address = reverse("account-sweep", args=[account.key, "nonsense"])

    assert signed_in(manager).post(address).status_code == 404
