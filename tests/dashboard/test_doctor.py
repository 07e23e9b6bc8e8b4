"""The webhook doctor: each finding in good health and in bad."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.doctor import Finding, diagnosis
from dashboard.models import User
from recordings.models import Account, Operation, Recording, Refusal, WebhookDelivery
from tests.simulators.daily import DailySimulator
from tests.simulators.recall import RecallSimulator
from tests.world import World


def found(account: Account, title: str) -> Finding:
    return next(each for each in diagnosis(account).findings if each.title == title)


def called(account: Account, *, minutes: float = 1, **facts: Any) -> WebhookDelivery:
    at = timezone.now() - timedelta(minutes=minutes)
    return WebhookDelivery.objects.create(account=account, dedupe_id=str(minutes), received_at=at, **facts)


def refused(account: Account, reason: str = "The signature does not fit.", **facts: Any) -> Refusal:
    now = timezone.now()
    return Refusal.objects.create(
        **{"account": account, "day": now.date(), "reason": reason, "count": 1, "last_at": now, **facts}
    )


def ordered(account: Account, *, hours: float) -> None:
    """One that ran without a word, so many hours ago."""
    at = timezone.now() - timedelta(hours=hours)
    Account.objects.filter(pk=account.pk).update(created_at=at - timedelta(days=1))
    account.refresh_from_db()
    row = Recording.objects.create(account=account, external_id=str(hours), status="completed", sort_at=at)
    Operation.objects.create(
        account=account, order_key=str(hours), kind="recording.start", fingerprint="x", made_key=row.key
    )


def test_last_event_is_told_beside_the_usual_rhythm(account: Account) -> None:
    for minutes in (7, 10, 13, 16, 19):
        called(account, minutes=minutes)

    finding = found(account, "Callbacks")

    assert (finding.tone, finding.text) == (
        "good",
        "The last one came 7 min ago. Usually one comes every 3 min.",
    )


def test_callbacks_that_come_together_are_told_so(account: Account) -> None:
    for tenth in range(5):
        called(account, minutes=7 + tenth / 1000)

    assert found(account, "Callbacks").text.endswith(" Usually several come at once.")


def test_silence_while_recordings_ran_is_bad(account: Account) -> None:
    called(account, minutes=31 * 60)
    ordered(account, hours=5)

    finding = found(account, "Callbacks")

    assert finding.tone == "bad"
    assert "1 recording began since" in finding.text
    assert "a sweep brings in" in finding.advice


def test_first_silence_is_bad_only_if_something_ran(account: Account) -> None:
    assert (found(account, "Callbacks").tone, found(account, "Callbacks").text) == ("info", "None ever came.")

    ordered(account, hours=5)
    assert found(account, "Callbacks").tone == "bad"


@pytest.mark.parametrize(
    ("accepted", "turned_away", "tone", "text"),
    [
        (0, 0, "info", "No callback came"),
        (1, 0, "good", "The only callback passed"),
        (1, 1, "warn", "50.0% of 2 callbacks passed in the last 7 days. Most often: The signature"),
        (0, 3, "bad", "0.0% of 3 callbacks"),
    ],
)
def test_pass_rate_of_signatures(
    account: Account, accepted: int, turned_away: int, tone: str, text: str
) -> None:
    if accepted:
        called(account)
    if turned_away:
        refused(account, count=turned_away)

    finding = found(account, "Signatures")

    assert finding.tone == tone
    assert finding.text.startswith(text)
    assert bool(finding.advice) == (tone in {"warn", "bad"})


def test_doubles_pass_and_unsigned_ones_are_named(account: Account) -> None:
    called(account, duplicates=98, note="not signed: accepted by its secret path")
    refused(account)

    finding = found(account, "Signatures")

    assert finding.text.startswith("99.0% of 100 callbacks")
    assert "1 was accepted with a remark" in finding.text


def test_all_that_passed_are_not_a_rate_and_a_rate_is_not_rounded_up_to_all(account: Account) -> None:
    called(account, duplicates=9_998)
    assert found(account, "Signatures").text == "All 9,999 callbacks passed in the last 7 days."

    refused(account, count=1)
    assert found(account, "Signatures").text.startswith("99.9% of 10,000 callbacks passed")


def test_old_refusals_do_not_count(account: Account) -> None:
    refused(account, day=(timezone.now() - timedelta(days=30)).date())

    assert found(account, "Signatures").tone == "info"


@pytest.mark.parametrize(
    ("skew", "tone", "text"),
    [
        (None, "good", "Nothing was turned away for its time."),
        (20.0, "good", "Nothing was turned away for its time."),
        (-400.0, "bad", "6 min ahead of the sender's"),
        (400.0, "bad", "6 min behind the sender's"),
    ],
)
def test_clock(account: Account, skew: float | None, tone: str, text: str) -> None:
    refused(account, skew_seconds=skew)

    assert found(account, "Clock").tone == tone
    assert text in found(account, "Clock").text


def test_address_seen_is_held_against_the_expected_one(account: Account) -> None:
    assert found(account, "Address").text == "Callbacks are expected at tapedeck.test."

    called(account, headers={"host": "10.0.0.1:8000"})
    assert found(account, "Address").tone == "info"
    assert "came for 10.0.0.1:8000, and tapedeck.test is expected" in found(account, "Address").text

    refused(account, url_seen="http://other.test/webhooks/…", url_expected="https://tapedeck.test/webhooks/…")
    assert found(account, "Address").tone == "warn"
    assert "as other.test, and tapedeck.test is expected" in found(account, "Address").text


def test_refusal_at_the_right_address_says_nothing_of_it(account: Account) -> None:
    refused(account, url_seen="tapedeck.test/webhooks/…", url_expected="https://tapedeck.test/webhooks/…")

    assert found(account, "Address").tone == "good"


@pytest.mark.parametrize(
    ("endpoints", "tone", "text"),
    [
        ([], "info", "does not tell"),
        ([{"url": "https://other.test/"}], "bad", "None of the provider's endpoints leads here"),
        (
            [{"url": "OURS", "is_healthy": True}, {"url": "https://other.test/"}],
            "good",
            "leads here and works",
        ),
        ([{"url": "OURS", "is_healthy": False, "state": "FAILED"}], "bad", "leads here FAILED"),
        ([{"url": "OURS", "is_healthy": False}], "bad", "leads here unhealthy"),
    ],
)
def test_providers_side(account: Account, endpoints: list[Any], tone: str, text: str) -> None:
    account.endpoints = [
        {**each, "url": each["url"].replace("OURS", account.webhook_url)} for each in endpoints
    ]

    assert found(account, "Provider's side").tone == tone
    assert text in found(account, "Provider's side").text


def test_without_a_public_address_nothing_else_is_looked_at(account: Account, settings: Any) -> None:
    settings.PUBLIC_URL = ""

    (finding,) = diagnosis(account).findings

    assert "No public https address" in finding.text
    assert not diagnosis(account).is_open


def test_page_offers_the_sweep_that_covers_the_gap_until_it_is_done(
    signed_in: Callable[[User], Client], manager: User, viewer: User, world: World, account: Account
) -> None:
    called(account, minutes=31 * 60)
    ordered(account, hours=5)
    client = signed_in(manager)

    page = client.get(account.get_absolute_url()).content.decode()
    assert "No complete sweep covers it yet." in page
    assert "Sweep what was missed" in page
    assert "Sweep what was missed" not in signed_in(viewer).get(account.get_absolute_url()).content.decode()

    world.sweep(account)
    page = client.get(account.get_absolute_url()).content.decode()
    assert "covers it." in page
    assert "Sweep what was missed" not in page


def test_endpoint_is_made_from_here_where_the_provider_lets_us(
    signed_in: Callable[[User], Client],
    administrator: User,
    operator: User,
    world: World,
    recall: RecallSimulator,
) -> None:
    account = world.add(DailySimulator(clock=world.clock))
    page = signed_in(administrator).get(account.get_absolute_url()).content.decode()
    doctor = page.partition('id="account-doctor"')[2].partition("</section>")[0]

    assert "endpoint.create" in doctor
    assert "endpoint.create" not in page.partition("</section>")[2].partition('id="account-health"')[2]
    assert "endpoint.create" not in signed_in(operator).get(account.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("slug", "offered", "limit"),
    [
        ("recall", [], "neither be read nor tested nor made anew"),
        ("twilio", ["Point the Intelligence Service here"], "Twilio sends no test callbacks."),
        ("daily", ["Create webhook", "Test and repair webhook", "Delete webhook"], ""),
        ("vobiz", [], "there is nothing to test or to make anew"),
    ],
)
def test_doctor_offers_what_the_api_allows_and_says_what_it_does_not(
    signed_in: Callable[[User], Client], administrator: User, slug: str, offered: list[str], limit: str
) -> None:
    """By the contracts: section 5.1 of three, and 5.3 of the one whose addresses go with each order."""
    config = {"intelligence_service_sid": f"GA{'0' * 32}"} if slug == "twilio" else {}
    account = Account.objects.create(provider=slug, name="Plain", config=config)

    page = signed_in(administrator).get(account.get_absolute_url())
    doctor = page.content.decode().partition('id="account-doctor"')[2].partition("</section>")[0]

    choices = page.context["endpoint_choices"]
    assert [each.action.label for each in choices if not each.unavailable] == offered
    assert all(f"/{each.action.kind}/" in doctor for each in choices)
    assert page.context["webhook_limits"] == "" if not limit else limit in doctor
