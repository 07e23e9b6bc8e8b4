"""Costs: a month as charged and as estimated, the table of rates, and the estimate before an order."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from dashboard import costs
from recordings import sync
from recordings.models import Rate, Recording
from recordings.models.mirror import Source
from recordings.providers.snapshots import RecordingSnapshot, Status
from transcripts.models import Transcript

NOVEMBER = date(2026, 11, 1)
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


def a_rate(account, kind="transcript.order", amount="0.50", **facts):
    facts = {"currency": "USD", "since": date(2026, 1, 1), "provider": account.provider, **facts}
    return Rate.objects.create(kind=kind, amount=Decimal(amount), **facts)


def a_recording(account, **facts):
    facts = {"status": Status.COMPLETED, "duration_seconds": 90.0, "sort_at": NOON, **facts}
    number = Recording.objects.count()
    return Recording.objects.create(account=account, external_id=f"r{number}", **facts)


def a_transcript(account, **facts):
    facts = {"status": Status.COMPLETED, "engine": "recallai_async", "sort_at": NOON, **facts}
    number = Transcript.objects.count()
    return Transcript.objects.create(account=account, external_id=f"t{number}", **facts)


def text(response):
    return response.content.decode()


# A month.


def test_what_was_charged_stands_beside_what_is_estimated(account):
    a_rate(account)
    recording = a_recording(account)
    a_transcript(account, recording=recording)
    a_transcript(account, duration_seconds=60.0)
    a_transcript(account, price=Decimal("0.07"), currency="USD", duration_seconds=600.0)
    a_transcript(account, price=Decimal(3), currency="EUR", status=Status.FAILED)
    a_transcript(account, status=Status.FAILED)
    a_transcript(account, kind="import", duration_seconds=60.0)
    a_transcript(account)

    recordings, transcripts = costs.costs([account], NOVEMBER)

    assert (recordings.noun, recordings.count, recordings.minutes, recordings.unrated) == (
        "Recordings",
        1,
        1.5,
        1,
    )
    assert (recordings.charged, recordings.estimated) == ({}, {})
    assert (transcripts.engine, transcripts.count, transcripts.charged_count) == ("recallai_async", 5, 2)
    assert transcripts.charged == {"USD": Decimal("0.07"), "EUR": Decimal(3)}
    assert transcripts.estimated == {"USD": Decimal("1.50")}
    assert transcripts.unmeasured == 1
    assert costs.totals([recordings, transcripts]) == {
        "EUR": (Decimal(3), Decimal(0)),
        "USD": (Decimal("0.07"), Decimal("1.50")),
    }


def test_rate_of_the_day_is_what_counts(account):
    a_rate(account, "recording.start", "1", unit="hour")
    a_rate(account, "recording.start", "2", unit="item", since=date(2026, 11, 15))
    a_recording(account, duration_seconds=1800.0)
    a_recording(account, sort_at=datetime(2026, 11, 15, tzinfo=UTC), duration_seconds=None)
    a_recording(account, sort_at=datetime(2026, 12, 1, tzinfo=UTC))
    a_recording(account, sort_at=datetime(2026, 10, 31, 23, 59, tzinfo=UTC))

    (row,) = costs.costs([account], NOVEMBER)

    assert row.count == 2
    assert row.estimated == {"USD": Decimal("2.50")}
    assert row.unmeasured == 0


def test_charge_that_the_provider_tells_later_replaces_the_estimate(account):
    a_rate(account, "recording.start")
    recording = a_recording(account)

    later = RecordingSnapshot(external_id=recording.external_id, price=Decimal("0.0025"), currency="USD")
    sync.apply(account, [later], source=Source.SWEEP)

    (row,) = costs.costs([account], NOVEMBER)
    assert (row.charged, row.estimated) == ({"USD": Decimal("0.0025")}, {})


def test_page_shows_the_month_that_is_asked_for(signed_in, operator, administrator, account):
    a_recording(account)
    a_rate(account)
    a_transcript(account, duration_seconds=30.0)
    client = signed_in(operator)

    november = text(client.get(f"{reverse('costs')}?month=2026-11"))
    before = text(client.get(f"{reverse('costs')}?month=2024-01"))
    now = text(client.get(f"{reverse('costs')}?month=soon"))

    assert "0.50 USD" in november
    assert "For 1 thing neither a charge nor a rate is known: no sum holds it." in november
    assert "Administrators enter rates." in november
    assert "Nothing in January 2024" in before
    assert 'value="2024-01" selected' in before
    assert 'value="2026-11" selected' in now
    assert reverse("admin:recordings_rate_add") in text(signed_in(administrator).get(reverse("costs")))


def test_month_as_a_table_has_a_line_a_currency(signed_in, auditor, account):
    a_transcript(account, price=Decimal("0.07"), currency="USD", duration_seconds=600.0)
    a_transcript(account, price=Decimal(3), currency="EUR")
    a_recording(account)

    answer = signed_in(auditor).get(f"{reverse('costs-csv')}?month=2026-11")

    lines = answer.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 4
    assert lines[0].startswith("month,account,provider,what,engine")
    assert lines[1].endswith("Recordings,,1,1.5,,,,0,1,0")
    assert ",EUR,3,,2,0,0" in lines[2]
    assert ",USD,0.07,,2,0,0" in lines[3]


def test_costs_of_an_account_that_one_may_not_use_are_not_shown(signed_in, operator, account, others):
    a_recording(account)
    account.groups.add(others)

    assert account.name not in text(signed_in(operator).get(reverse("costs")))


def test_viewers_do_not_see_costs(signed_in, viewer):
    assert signed_in(viewer).get(reverse("costs")).status_code == 403
    assert signed_in(viewer).get(reverse("costs-csv")).status_code == 403


# Before an order.


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        (None, "No rate is known for it."),
        ({"engine": "recallai_async"}, "By the table of rates: about 1.00 USD."),
        ({"engine": "another"}, "No rate is known for it."),
        ({"unit": "item"}, "By the table of rates: about 0.50 USD."),
    ],
)
def test_form_of_an_order_tells_what_it_costs(signed_in, operator, account, facts, told):
    recording = a_recording(account)
    if facts is not None:
        a_rate(account, **facts)

    page = text(
        signed_in(operator).get(reverse("order", args=["recording", recording.key, "transcript.order"]))
    )

    assert told in page


def test_estimate_follows_the_engine_as_it_is_chosen(signed_in, operator, account):
    recording = a_recording(account)
    a_rate(account, engine="deepgram_async")
    path = reverse("order-check", args=["recording", recording.key, "transcript.order"])

    typed = {"order_key": "x", "o-provider": "deepgram_async"}
    chosen = text(signed_in(operator).post(path, typed))
    wrong = text(signed_in(operator).post(path, {**typed, "order_key": ""}))

    assert "about 1.00 USD" in chosen
    assert "about 1.00 USD" in wrong


def test_what_runs_for_an_unknown_time_tells_its_rate(signed_in, operator, world, recall, account):
    call = world.call(account, recall.place_call("Weekly planning"))
    a_rate(account, "recording.start", "0.0025")

    page = text(signed_in(operator).get(reverse("order", args=["call", call.key, "recording.start"])))

    costs_something = "Nothing is charged for this." not in page
    assert ("By the table of rates: 0.0025 USD each minute begun." in page) == costs_something


# The table of rates.


def typed(of_account, **changes):
    facts = {"provider": "recall", "kind": "transcript.order", "unit": "minute", "amount": "0.0025"}
    return {**facts, "currency": " usd ", "since": "2026-11-01", "account": of_account.pk, **changes}


def test_administrator_enters_a_rate(signed_in, administrator, account):
    client = signed_in(administrator)

    client.post(reverse("admin:recordings_rate_add"), typed(account))

    rate = Rate.objects.get()
    assert (rate.amount, rate.currency, rate.account) == (Decimal("0.0025"), "USD", account)
    assert "0.0025" in text(client.get(reverse("admin:recordings_rate_changelist")))
    assert "Rates" in text(client.get(reverse("admin:index")))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"provider": "twilio"}, "This account is at another provider."),
        ({"provider": "vobiz", "account": "", "kind": "call.send"}, "This provider has no such order."),
        ({"kind": "recording.stop"}, "Select a valid choice."),
        ({"provider": "nobody"}, "Select a valid choice."),
        ({"amount": "-1"}, "greater than or equal to 0"),
    ],
)
def test_rate_of_what_nobody_charges_is_refused(signed_in, administrator, account, changes, told):
    page = text(
        signed_in(administrator).post(reverse("admin:recordings_rate_add"), typed(account, **changes))
    )

    assert told in page
    assert not Rate.objects.exists()


def test_managers_enter_no_rates(signed_in, manager):
    assert signed_in(manager).get(reverse("admin:recordings_rate_add")).status_code == 302
    assert "Rates</a>" not in text(signed_in(manager).get(reverse("costs")))
