"""What needs somebody, by cause."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from dashboard.causes import sections
from dashboard.models import User
from recordings.models import Account, Operation, Recording, WebhookDelivery
from recordings.providers.snapshots import Status
from tests.dashboard import samples
from tests.world import World
from transcripts.models import Transcript


def failed_order(account: Account, **facts: Any) -> Operation:
    values = {"state": "failed", "kind": "recording.start", "outcome": "Boom."} | facts
    return Operation.objects.create(
        account=account, order_key=str(uuid.uuid4()), fingerprint=str(uuid.uuid4()), **values
    )


def causes(user: User, key: str) -> list[Any]:
    return next(each for each in sections(user) if each.key == key).causes


def test_nothing_needs_anybody(operator: User, signed_in: Callable[[User], Client], account: Account) -> None:
    assert "Nothing needs you" in signed_in(operator).get("/attention/").content.decode()


def test_everything_that_can_be_wrong_is_shown(
    operator: User, signed_in: Callable[[User], Client], world: World, account: Account
) -> None:
    samples.failing(world, account)

    page = signed_in(operator).get("/attention/").content.decode()

    for words in (
        "The API key was refused.",
        "No answer came.",
        "The bot has left.",
        "cannot_command_completed_bot",
        "The bot could not store it.",
        "No credit.",
        "The body is not JSON.",
    ):
        assert words in page


def test_orders_are_one_cause_by_code_and_else_by_their_words(operator: User, account: Account) -> None:
    for number in range(3):
        failed_order(account, outcome=f"Bot {number} has left.", outcome_code="gone")
    failed_order(account, outcome="One.")
    failed_order(account, outcome="Another.", state="expired")

    found = {cause.code or cause.why: cause for cause in causes(operator, "orders")}

    assert {name: cause.count for name, cause in found.items()} == {"gone": 3, "One.": 1, "Another.": 1}
    assert len(found["gone"].examples) == 3
    assert found["gone"].what == "Start recording"
    assert f"account={account.key}" in found["gone"].url


def test_doubts_stay_however_old_they_are(operator: User, account: Account) -> None:
    order = failed_order(account, state="in_doubt", outcome="")
    Operation.objects.filter(pk=order.pk).update(created_at=timezone.now() - timedelta(days=30))

    (cause,) = causes(operator, "doubts")

    assert (cause.why, cause.tone) == ("No reason is known.", "warn")


def test_old_failures_are_left_out(operator: User, account: Account) -> None:
    order = failed_order(account)
    Operation.objects.filter(pk=order.pk).update(created_at=timezone.now() - timedelta(days=8))

    assert causes(operator, "orders") == []


def test_links_lead_to_the_list_of_all_of_them(
    operator: User, signed_in: Callable[[User], Client], account: Account
) -> None:
    now = timezone.now()
    for number in range(2):
        Recording.objects.create(
            account=account,
            external_id=f"rec-{number}",
            status=Status.FAILED,
            reason_code="boom",
            sort_at=now,
        )
    Recording.objects.create(account=account, external_id="rec-9", status=Status.FAILED, sort_at=now)
    Transcript.objects.create(account=account, status=Status.FAILED, sort_at=now)
    WebhookDelivery.objects.create(account=account, dedupe_id="a", state="failed", event="x", received_at=now)
    browser = signed_in(operator)

    cause = next(each for each in causes(operator, "recordings") if each.code == "boom")

    assert cause.why == "The provider gives no reason."
    assert len(browser.get(cause.url).context["page"].rows) == cause.count == 2
    for key in ("transcripts", "deliveries"):
        (only,) = causes(operator, key)
        assert len(browser.get(only.url).context["page"].rows) == 1


def test_hidden_accounts_need_nobody(operator: User, world: World, account: Account, others: Group) -> None:
    samples.failing(world, account)
    account.groups.set([others])

    assert all(not section.causes for section in sections(operator))


@pytest.mark.django_db
def test_viewers_are_not_asked(viewer: User, signed_in: Callable[[User], Client]) -> None:
    assert signed_in(viewer).get("/attention/").status_code == 403
