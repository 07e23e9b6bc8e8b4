"""Any pasted id lands on its page."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboard.models import User
from recordings.models import Account, Call, Operation, Recording, WebhookDelivery
from recordings.providers.snapshots import CallState
from transcripts.models import Transcript

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def browser(operator: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(operator)


@pytest.fixture
def call(account: Account) -> Call:
    return Call.objects.create(account=account, external_id="call-1", title="Planning", state=CallState.LIVE)


@pytest.fixture
def recording(account: Account, call: Call) -> Recording:
    return Recording.objects.create(account=account, call=call, external_id="rec-1", sort_at=NOW)


def test_ids_lead_to_their_pages(browser: Client, account: Account, recording: Recording) -> None:
    transcript = Transcript.objects.create(account=account, external_id="tra-1", sort_at=NOW)
    order = Operation.objects.create(account=account, kind="x", order_key="order-1", fingerprint="x")
    callback = WebhookDelivery.objects.create(account=account, dedupe_id="msg-1", received_at=NOW)
    pages = {
        "rec-1": recording,
        ' "rec-1", ': recording,
        str(recording.key): recording,
        "tra-1": transcript,
        str(transcript.key): transcript,
        "order-1": order,
        str(order.key): order,
        "msg-1": callback,
        str(callback.key): callback,
        str(account.key): account,
    }

    for text, thing in pages.items():
        response = browser.get("/search/", {"q": text})
        assert (response.status_code, response.headers.get("Location")) == (302, thing.get_absolute_url()), (
            text
        )


def test_call_leads_to_what_was_recorded_of_it(
    browser: Client, account: Account, call: Call, recording: Recording
) -> None:
    assert browser.get("/search/?q=call-1").headers["Location"] == recording.get_absolute_url()

    Recording.objects.create(account=account, call=call, external_id="rec-2", sort_at=NOW)
    assert browser.get("/search/?q=call-1").headers["Location"] == f"/recordings/?call={call.key}"


def test_call_without_a_recording(browser: Client, call: Call) -> None:
    assert browser.get("/search/?q=call-1").headers["Location"] == f"/#call-{call.key}"

    Call.objects.update(state=CallState.ENDED)
    page = browser.get("/search/?q=call-1").content.decode()
    assert "nothing was recorded of it" in page


def test_one_id_of_several_things_lists_them(browser: Client, account: Account, recording: Recording) -> None:
    Transcript.objects.create(account=account, external_id="rec-1", sort_at=NOW)

    page = browser.get("/search/?q=rec-1").content.decode()

    assert "What has this id" in page
    assert recording.get_absolute_url() in page


@pytest.mark.parametrize("text", ["", "rec", "two words", "rec-1 rec-1", str(uuid.uuid4())])
def test_nothing_matches(browser: Client, recording: Recording, text: str) -> None:
    response = browser.get("/search/", {"q": text})

    assert response.status_code == 200
    assert ("No id matches" in response.content.decode()) is bool(text)


def test_hidden_accounts_do_not_match(
    browser: Client, account: Account, recording: Recording, others: Group
) -> None:
    account.groups.set([others])

    assert "No id matches" in browser.get("/search/?q=rec-1").content.decode()
    assert "No id matches" in browser.get("/search/", {"q": str(account.key)}).content.decode()


def test_viewers_find_no_orders(viewer: User, signed_in: Callable[[User], Client], account: Account) -> None:
    Operation.objects.create(account=account, kind="x", order_key="order-1", fingerprint="x")

    assert "No id matches" in signed_in(viewer).get("/search/?q=order-1").content.decode()


def test_without_a_role_nothing_is_found(signed_in: Callable[[User], Client], recording: Recording) -> None:
    nobody = User.objects.create_user("nobody")

    assert "No id matches" in signed_in(nobody).get("/search/?q=rec-1").content.decode()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's own planner")
def test_ids_are_found_by_an_index(browser: Client, recording: Recording) -> None:
    with CaptureQueriesContext(connection) as queries:
        browser.get("/search/?q=rec-1")
    looked = [each["sql"] for each in queries if "'rec-1'" in each["sql"]]

    with connection.cursor() as cursor:
        for sql in looked:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = " ".join(row[3] for row in cursor.fetchall())
            assert "external_id=?" in plan or "order_key=?" in plan or "dedupe_id=?" in plan, plan
    assert len(looked) == 5
