"""Everything that one cause hit is retried as one bulk order."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from dashboard.models import User
from recordings.models import Account, Batch, BatchItem, Operation
from tests.dashboard.test_attention_in_browser import failed_transcript

URL = "/attention/retry/"
CODE = "provider_connection_failed"


def asked(**changes: Any) -> dict[str, str]:
    return {"what": "transcripts", "in": "recall", "cause": CODE, **changes}


@pytest.fixture
def failed(account: Account) -> list[Any]:
    now = timezone.now()
    made = [failed_transcript(account, f"Call {hours}", now - timedelta(hours=hours)) for hours in (1, 2, 30)]
    failed_transcript(account, "Otherwise", now, code="never_heard_of")
    return made


def test_failed_transcripts_are_drafted_with_the_options_they_had(
    signed_in: Callable[[User], Client], manager: User, failed: list[Any]
) -> None:
    newest = Operation.objects.get(made_key=failed[0].key)
    Operation.objects.exclude(pk=newest.pk).update(options={"old": True})
    Operation.objects.filter(pk=newest.pk).update(created_at=timezone.now() + timedelta(seconds=1))
    client = signed_in(manager)
    page = client.get("/attention/cause/", asked()).content.decode()
    assert "Order transcripts for all of it" in page

    answer = client.post(URL, asked())

    batch = Batch.objects.get()
    assert answer.headers["Location"] == batch.get_absolute_url()
    assert (batch.kind, batch.state, batch.ordered_by) == ("transcript.order", "draft", manager)
    assert set(batch.items.values_list("subject_key", flat=True)) == {each.recording.key for each in failed}
    assert batch.options == {"recall": newest.options}
    client.post(f"{batch.get_absolute_url()}confirm/")
    batch.refresh_from_db()
    assert batch.state == "running"


def test_days_and_account_of_the_page_hold_for_the_batch(
    signed_in: Callable[[User], Client], manager: User, account: Account, failed: list[Any]
) -> None:
    today = timezone.now().date().isoformat()
    signed_in(manager).post(URL, asked(since=today, account=str(account.key)))

    assert BatchItem.objects.count() == len(
        [each for each in failed if each.sort_at.date().isoformat() == today]
    )


def test_failed_orders_are_drafted_for_what_they_were_about(
    signed_in: Callable[[User], Client], manager: User, account: Account, failed: list[Any]
) -> None:
    now = timezone.now()
    Operation.objects.all().delete()
    for number, each in enumerate(failed):
        kind = "transcript.order" if number else "recording.pause"
        Operation.objects.create(
            account=account,
            call=each.call,
            recording=each.recording,
            subject_key=each.recording.key,
            order_key=str(number),
            kind=kind,
            fingerprint=str(number),
            state="expired",
            outcome_code="expired",
            outcome="It could not be sent in time.",
            created_at=now,
        )
    signed_in(manager).post(URL, asked(what="orders", cause="expired"))

    batch = Batch.objects.get()
    assert batch.kind == "transcript.order"
    assert set(batch.items.values_list("subject_key", flat=True)) == {
        each.recording.key for each in failed[1:]
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"what": "nonsense"},
        {"what": "recordings"},
        {"cause": "gone"},
        {"what": "orders", "cause": "expired"},
    ],
    ids=str,
)
def test_nothing_is_drafted_where_nothing_is_left(
    signed_in: Callable[[User], Client], manager: User, failed: list[Any], changes: dict[str, str]
) -> None:
    page = signed_in(manager).post(URL, asked(**changes), follow=True).content.decode()

    assert "Nothing of it is left" in page
    assert not Batch.objects.exists()


def test_kinds_that_no_bulk_order_does_are_not_offered(
    signed_in: Callable[[User], Client], manager: User, account: Account, failed: list[Any]
) -> None:
    Operation.objects.create(
        account=account,
        order_key="x",
        kind="recording.pause",
        fingerprint="x",
        state="expired",
        outcome_code="expired",
    )
    recording = failed[0].recording
    type(recording).objects.filter(pk=recording.pk).update(status="failed", reason_code="x")
    client = signed_in(manager)

    for changes in ({"what": "orders", "cause": "expired"}, {"what": "recordings", "cause": "x"}):
        assert "for all of it" not in client.get("/attention/cause/", asked(**changes)).content.decode()
        assert "Nothing of it is left" in client.post(URL, asked(**changes), follow=True).content.decode()


def test_transcripts_without_a_recording_leave_nothing_to_order(
    signed_in: Callable[[User], Client], manager: User, failed: list[Any]
) -> None:
    for each in failed:
        each.recording = None
        each.save()
    Operation.objects.all().delete()

    page = signed_in(manager).post(URL, asked(), follow=True).content.decode()

    assert "nothing left to order it for" in page


def test_only_managers_act_in_bulk_and_hidden_accounts_stay_hidden(
    signed_in: Callable[[User], Client],
    manager: User,
    operator: User,
    account: Account,
    failed: list[Any],
    others: Group,
) -> None:
    assert signed_in(operator).post(URL, asked()).status_code == 403
    assert "for all of it" not in signed_in(operator).get("/attention/cause/", asked()).content.decode()
    account.groups.set([others])

    assert "Nothing of it is left" in signed_in(manager).post(URL, asked(), follow=True).content.decode()
