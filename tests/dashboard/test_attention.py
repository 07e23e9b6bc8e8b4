"""What needs somebody, by cause: with remedies, retries and snoozes."""

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from django.utils.html import escape
from django.utils.http import urlencode

from dashboard import causes, own_remedies
from dashboard.attention_filters import AttentionFilters
from dashboard.models import Snooze, User
from dashboard.troubles import TROUBLES
from recordings.models import Account, Call, Operation, Recording, WebhookDelivery
from recordings.providers.registry import ADAPTERS, adapter_class
from recordings.providers.snapshots import CallState, Status
from tests.dashboard import samples
from tests.world import World
from transcripts.models import Transcript

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
ENTRIES = [(slug, code) for slug in sorted(ADAPTERS) for code in adapter_class(slug).remedies]
SignIn = Callable[[User], Client]


def failed_order(account: Account, **facts: Any) -> Operation:
    values = {"state": "failed", "kind": "recording.start", "outcome": "Boom."} | facts
    return Operation.objects.create(
        account=account, order_key=str(uuid.uuid4()), **({"fingerprint": str(uuid.uuid4())} | values)
    )


def failed_recording(account: Account, **facts: Any) -> Recording:
    values = {"status": Status.FAILED, "sort_at": timezone.now(), "external_id": str(uuid.uuid4())}
    return Recording.objects.create(account=account, **(values | facts))


def failed_transcript(account: Account, **facts: Any) -> Transcript:
    values = {"status": Status.FAILED, "sort_at": timezone.now(), "external_id": str(uuid.uuid4())}
    return Transcript.objects.create(account=account, **(values | facts))


def found(user: User, key: str, query: str = "") -> list[causes.Cause]:
    return causes.causes(TROUBLES[key], AttentionFilters(QueryDict(query), user=user))


def page_of(browser: Client, query: str = "") -> str:
    return browser.get(f"/attention/?{query}").content.decode()


@pytest.fixture
def plain(db: None) -> Callable[..., Account]:
    """An account of any provider, without anything behind it."""

    def make(provider: str = "recall", name: str = "Plain") -> Account:
        return Account.objects.create(provider=provider, name=name)

    return make


def test_nothing_needs_anybody(operator: User, signed_in: SignIn, account: Account) -> None:
    assert "Nothing needs you" in page_of(signed_in(operator))


def test_everything_that_can_be_wrong_is_shown(
    operator: User, signed_in: SignIn, world: World, account: Account
) -> None:
    samples.failing(world, account)

    page = page_of(signed_in(operator))

    for words in (
        "The API key was refused.",
        "No answer came.",
        "The bot has left the meeting, or is leaving.",
        "cannot_command_completed_bot",
        "Recall.ai had an internal error.",
        "No credit.",
        "The body is not JSON.",
    ):
        assert words in page


@pytest.mark.parametrize(("slug", "code"), ENTRIES)
def test_every_entry_is_seen_on_the_page(
    operator: User, signed_in: SignIn, plain: Callable[..., Account], slug: str, code: str
) -> None:
    said = json.loads((FIXTURES / slug / "remedies.json").read_text())[code]
    account, entry = plain(slug), adapter_class(slug).remedies[code]
    kind = ENTRIES.index((slug, code)) % 3
    if kind == 0:
        failed_order(account, outcome_code=said["code"], outcome=said["text"])
    elif kind == 1:
        failed_recording(account, reason_code=said["code"], reason=said["text"])
    else:
        failed_transcript(account, reason_code=said["code"], reason=said["text"])

    page = page_of(signed_in(operator))

    assert escape(entry.meaning) in page
    assert escape(entry.remedy.partition("{")[0]) in page
    assert ("Retry can work." in page) is entry.can_retry
    assert f">{entry.owner}<" in page


def test_our_codes_are_nobody_elses() -> None:
    assert not {code for _, code in ENTRIES} & own_remedies.REMEDIES.keys()


@pytest.mark.parametrize("code", sorted(own_remedies.REMEDIES))
def test_our_own_codes_have_entries_too(
    operator: User, signed_in: SignIn, plain: Callable[..., Account], code: str
) -> None:
    failed_order(plain(), outcome_code=code)

    assert escape(own_remedies.REMEDIES[code].meaning) in page_of(signed_in(operator))


def test_role_bucket_and_permission_are_pulled_out_of_the_text(
    operator: User, signed_in: SignIn, plain: Callable[..., Account]
) -> None:
    said = json.loads((FIXTURES / "daily" / "remedies.json").read_text())["s3-permission"]["text"]
    failed_transcript(plain("daily"), reason=said)

    page = page_of(signed_in(operator))

    assert "add s3:PutObject on acme-tapes to the policy of the role tapes-writer" in page


def test_unknown_code_says_so_and_asks_for_an_entry(
    operator: User, signed_in: SignIn, plain: Callable[..., Account]
) -> None:
    failed_order(plain(), outcome_code="brand_new")

    page = page_of(signed_in(operator))

    assert "No remedy is written for the code <code>brand_new</code> of Recall.ai yet" in page
    assert "have an entry added" in page


def test_one_cause_over_accounts_and_orders(operator: User, plain: Callable[..., Account]) -> None:
    first, second = plain(name="First"), plain(name="Second")
    for number in range(2):
        failed_order(first, outcome_code="meeting_full", outcome=f"Full {number}.")
    failed_order(second, outcome_code="meeting_full", kind="transcript.order")
    failed_order(plain("twilio", "Third"), outcome_code="meeting_full")

    one, other = found(operator, "orders")

    assert (one.provider, one.count, other.provider, other.count) == ("recall", 3, "twilio", 1)
    assert [(account.name, count) for account, count in one.named] == [("Second", 1), ("First", 2)]
    assert len(one.orders) == 2
    assert "Start recording" in one.orders


def test_words_tell_causes_apart_where_there_is_no_code(
    operator: User, plain: Callable[..., Account]
) -> None:
    account = plain()
    failed_order(account, outcome="One.")
    failed_order(account, outcome="Another.", state="expired")

    assert {cause.said: cause.count for cause in found(operator, "orders")} == {"One.": 1, "Another.": 1}


def test_doubts_stay_however_old_they_are(operator: User, account: Account) -> None:
    order = failed_order(account, state="in_doubt", outcome="")
    Operation.objects.filter(pk=order.pk).update(created_at=timezone.now() - timedelta(days=30))

    (cause,) = found(operator, "doubts")

    assert (cause.key, cause.trouble.tone) == ("in-doubt", "warn")


def test_old_failures_are_left_out_unless_asked_for(operator: User, account: Account) -> None:
    old = timezone.now() - timedelta(days=8)
    failed_recording(account, sort_at=old, reason_code="meeting_full")

    assert found(operator, "recordings") == []
    assert len(found(operator, "recordings", f"since={old:%Y-%m-%d}&until={old:%Y-%m-%d}")) == 1
    assert found(operator, "recordings", f"until={old - timedelta(days=1):%Y-%m-%d}&since=2020-01-01") == []


def test_later_success_of_the_same_mends_it_and_a_relapse_shows_again(
    operator: User, account: Account, world: World
) -> None:
    subject = uuid.uuid4()
    failed_order(account, subject_key=subject)
    world.clock.advance(5)
    failed_order(account, subject_key=subject, kind="recording.stop", state="succeeded")
    assert len(found(operator, "orders")) == 1

    failed_order(account, subject_key=subject, state="succeeded")
    assert found(operator, "orders") == []

    world.clock.advance(5)
    failed_order(account, subject_key=subject)
    assert [cause.count for cause in found(operator, "orders")] == [1]


def test_order_of_an_account_is_mended_by_the_very_same_one(
    operator: User, account: Account, world: World
) -> None:
    failed_order(account, kind="call.send", fingerprint="same")
    world.clock.advance(5)
    failed_order(account, kind="call.send", fingerprint="other", state="succeeded")
    assert len(found(operator, "orders")) == 1

    failed_order(account, kind="call.send", fingerprint="same", state="succeeded")
    assert found(operator, "orders") == []


def test_later_recording_and_transcript_mend_failed_ones(
    operator: User, account: Account, world: World
) -> None:
    call = Call.objects.create(account=account, external_id="c", state=CallState.ENDED)
    recording = failed_recording(account, call=call)
    failed_transcript(account, recording=recording)
    world.clock.advance(5)
    assert len(found(operator, "recordings")) == len(found(operator, "transcripts")) == 1

    failed_recording(account, call=call, status=Status.COMPLETED)
    failed_transcript(account, recording=recording, status=Status.COMPLETED)

    assert found(operator, "recordings") == found(operator, "transcripts") == []


def test_row_of_a_failed_order_is_not_told_twice(operator: User, account: Account) -> None:
    transcript = failed_transcript(account, external_id="")
    failed_order(account, kind="transcript.order", made_key=transcript.key)

    assert found(operator, "transcripts") == []
    assert len(found(operator, "orders")) == 1


def test_calls_that_end_as_calls_do_need_nobody(operator: User, account: Account) -> None:
    for number, code in enumerate(("call_ended_by_host", "meeting_full", "")):
        Call.objects.create(
            account=account, external_id=f"c{number}", state=CallState.ENDED, reason_code=code, title=code
        )

    (cause,) = found(operator, "calls")

    assert (cause.key, cause.count) == ("meeting_full", 1)


def test_page_of_a_cause_lists_each_with_its_retry(
    operator: User, signed_in: SignIn, world: World, account: Account
) -> None:
    call = Call.objects.create(account=account, external_id="c", title="Stand-up", state=CallState.ENDED)
    recording = failed_recording(account, call=call, status=Status.COMPLETED)
    transcript = failed_transcript(
        account, call=call, recording=recording, reason_code="internal_error", reason="Broke."
    )
    order = failed_order(
        account,
        kind="transcript.order",
        state="succeeded",
        made_key=transcript.key,
        subject_key=recording.key,
        recording=recording,
    )
    adopted = failed_transcript(account, recording=recording, reason_code="internal_error", reason="Broke.")
    browser = signed_in(operator)
    (cause,) = found(operator, "transcripts")

    page = browser.get(cause.url).content.decode()

    again = f"/order/recording/{recording.key}/transcript.order/"
    assert f"{again}?again={order.key}" in page
    assert f'href="{again}"' in page
    assert transcript.get_absolute_url() in page
    assert adopted.get_absolute_url() in page
    assert browser.get(f"{again}?again={order.key}").status_code == 200


def test_retry_is_offered_only_where_it_can_work_and_to_who_may(
    operator: User, auditor: User, signed_in: SignIn, account: Account
) -> None:
    call = Call.objects.create(account=account, external_id="c", state=CallState.LIVE)
    failed_order(account, subject_key=call.key, call=call, outcome_code="meeting_full")
    failed_order(account, subject_key=call.key, call=call, outcome_code="meeting_ended")
    recording = failed_recording(account)
    failed_transcript(account, recording=recording)
    failed_transcript(account, reason="Lost.")
    full, ended = sorted(found(operator, "orders"), key=lambda each: each.key, reverse=True)
    first, second = found(operator, "transcripts")

    def retries(user: User, cause: causes.Cause) -> bool:
        return "Retry<span" in signed_in(user).get(cause.url).content.decode()

    assert retries(operator, full)
    assert not retries(operator, ended)
    assert not retries(auditor, full)
    assert {retries(operator, first), retries(operator, second)} == {True, False}
    assert not retries(auditor, first)
    assert not retries(auditor, second)


def test_page_of_a_cause_is_paged_by_key(operator: User, signed_in: SignIn, account: Account) -> None:
    now = timezone.now()
    for number in range(60):
        failed_recording(account, reason_code="internal_error", sort_at=now - timedelta(minutes=number))
    browser = signed_in(operator)
    (cause,) = found(operator, "recordings")

    first = browser.get(cause.url)
    second = browser.get(f"{cause.url}&{urlencode({'before': first.context['page'].next_cursor})}")

    assert (len(first.context["items"]), len(second.context["items"])) == (50, 10)
    assert "Newest" in second.content.decode()


def test_page_of_a_cause_keeps_the_filters(
    operator: User, signed_in: SignIn, plain: Callable[..., Account]
) -> None:
    here, there = plain(name="Here"), plain(name="There")
    for account in (here, there):
        failed_recording(account, reason_code="internal_error")
    today = f"{timezone.localdate():%Y-%m-%d}"
    (cause,) = found(operator, "recordings", f"since={today}")

    (_, _, url) = next(line for line in cause.at_accounts() if line[0] == here)

    assert f"since={today}" in url
    response = signed_in(operator).get(url)
    assert [item.account for item in response.context["items"]] == [here]
    assert response.context["cause"].count == 1


@pytest.mark.parametrize(
    ("query", "status"), [("", 404), ("what=nonsense", 404), ("what=orders&in=recall&cause=x", 200)]
)
def test_cause_that_is_gone_says_so(
    operator: User, signed_in: SignIn, account: Account, query: str, status: int
) -> None:
    response = signed_in(operator).get(f"/attention/cause/?{query}")

    assert response.status_code == status
    assert ("Nothing is left of this cause" in response.content.decode()) is (status == 200)


def test_kind_and_provider_are_filters(
    operator: User, signed_in: SignIn, plain: Callable[..., Account]
) -> None:
    failed_order(plain("twilio"), outcome_code="20404")
    failed_recording(plain("recall", "Other"), reason_code="meeting_full")
    browser = signed_in(operator)

    orders = page_of(browser, "what=orders")
    recall = page_of(browser, "provider=recall")
    nothing = page_of(browser, "what=deliveries")

    assert "Twilio does not know this" in orders
    assert "No more people fit" not in orders
    assert "No more people fit" in recall
    assert "Twilio does not know this" not in recall
    assert "Nothing needs you" in nothing


def test_snoozed_cause_is_put_off_for_one_person(
    operator: User, manager: User, signed_in: SignIn, account: Account
) -> None:
    failed_recording(account, reason_code="meeting_full")
    (cause,) = found(operator, "recordings")
    browser = signed_in(operator)
    sent = {"cause": cause.name, "hours": "24", "next": "/attention/?what=recordings"}

    response = browser.post("/attention/snooze/", sent)

    assert response.headers["Location"] == "/attention/?what=recordings"
    mine = browser.get("/attention/").context
    assert (mine["troubles"], len(mine["snoozed"])) == ([], 1)
    assert mine["snoozed"][0].snoozed_until == Snooze.objects.get().until
    assert len(signed_in(manager).get("/attention/").context["troubles"]) == 1


def test_snooze_ends_by_itself_or_by_hand(
    operator: User, signed_in: SignIn, world: World, account: Account
) -> None:
    failed_recording(account, reason_code="meeting_full")
    (cause,) = found(operator, "recordings")
    browser = signed_in(operator)
    browser.post("/attention/snooze/", {"cause": cause.name, "hours": "1"})
    world.clock.advance(3601)
    assert len(browser.get("/attention/").context["troubles"]) == 1

    browser.post("/attention/snooze/", {"cause": cause.name, "hours": "24"})
    browser.post("/attention/snooze/", {"cause": cause.name, "hours": "0"})

    assert len(browser.get("/attention/").context["troubles"]) == 1
    assert not Snooze.objects.exists()


def test_relapse_ends_a_snooze(operator: User, signed_in: SignIn, world: World, account: Account) -> None:
    call = Call.objects.create(account=account, external_id="c", state=CallState.ENDED)
    failed_recording(account, call=call, reason_code="meeting_full")
    (cause,) = found(operator, "recordings")
    browser = signed_in(operator)
    browser.post("/attention/snooze/", {"cause": cause.name, "hours": "168"})
    world.clock.advance(60)
    failed_recording(account, call=call, status=Status.COMPLETED)
    world.clock.advance(60)

    failed_recording(account, call=call, reason_code="meeting_full")

    assert "came back" in page_of(browser)


@pytest.mark.parametrize(
    "sent", [{}, {"cause": "x"}, {"cause": "x", "hours": "-1"}, {"hours": "1", "next": "https://evil.test/"}]
)
def test_wrong_snooze_changes_nothing(operator: User, signed_in: SignIn, sent: dict[str, str]) -> None:
    response = signed_in(operator).post("/attention/snooze/", sent)

    assert response.headers["Location"] == "/attention/"
    assert not Snooze.objects.exists()


def test_unread_callbacks_lead_to_the_list_of_them(
    operator: User, signed_in: SignIn, account: Account
) -> None:
    now = timezone.now()
    WebhookDelivery.objects.create(account=account, dedupe_id="a", state="failed", event="x", received_at=now)
    browser = signed_in(operator)

    ((_, _, (line,)),) = browser.get("/attention/").context["notices"]

    assert line.why == "No reason is known."
    assert len(browser.get(line.url).context["page"].rows) == 1


def test_hidden_accounts_need_nobody(
    operator: User, signed_in: SignIn, world: World, account: Account, others: Group
) -> None:
    samples.failing(world, account)
    (cause,) = found(operator, "recordings")
    account.groups.set([others])
    browser = signed_in(operator)

    assert "Nothing needs you" in page_of(browser)
    assert "Nothing is left of this cause" in browser.get(cause.url).content.decode()


def test_provider_that_is_gone_has_no_remedies(operator: User, plain: Callable[..., Account]) -> None:
    account = plain("gone")
    failed_order(account, outcome_code="expired")
    failed_order(account, outcome_code="other")

    assert {cause.key for cause in found(operator, "orders") if cause.remedy} == {"expired"}


@pytest.mark.parametrize("address", ["/attention/", "/attention/cause/?what=orders"])
@pytest.mark.django_db
def test_viewers_are_not_asked(viewer: User, signed_in: SignIn, address: str) -> None:
    assert signed_in(viewer).get(address).status_code == 403
    assert signed_in(viewer).post("/attention/snooze/").status_code == 403


def test_queries_do_not_grow_with_causes(
    operator: User, signed_in: SignIn, account: Account, django_assert_max_num_queries: Any
) -> None:
    for code in ("meeting_full", "meeting_ended", "internal_error", "meeting_locked"):
        failed_recording(account, reason_code=code)
        failed_order(account, outcome_code=code)
    browser = signed_in(operator)

    with django_assert_max_num_queries(20):
        browser.get("/attention/")
