"""Rates: which one holds, and what so many seconds cost by it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from recordings import rates
from recordings.models import Account, Rate

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def a_rate(amount: str, **facts: Any) -> Rate:
    facts = {"provider": "fifth", "kind": "transcript.order", "since": date(2026, 1, 1), **facts}
    return Rate.objects.create(amount=Decimal(amount), currency="USD", **facts)


@pytest.mark.parametrize(
    ("unit", "seconds", "amount"),
    [
        ("minute", 0.0, "0"),
        ("minute", 1.0, "0.15"),
        ("minute", 60.0, "0.15"),
        ("minute", 61.0, "0.30"),
        ("minute", None, None),
        ("hour", 1800.0, "0.075"),
        ("hour", None, None),
        ("item", None, "0.15"),
    ],
)
def test_cost_is_of_minutes_begun_or_hours_to_the_second_or_the_order(
    unit: str, seconds: float | None, amount: str | None
) -> None:
    found = rates.cost(Rate(unit=unit, amount=Decimal("0.15"), currency="USD"), seconds)

    assert found == (None if amount is None else Decimal(amount))


def test_account_s_own_rate_comes_first_then_the_engine_s_then_the_newest(account: Account) -> None:
    a_rate("1", since=date(2025, 1, 1))
    a_rate("2")
    a_rate("9", since=date(2027, 1, 1))
    a_rate("8", kind="recording.start")
    a_rate("7", provider="another")
    anything = rates.rate_of(account, "transcript.order", "premium", NOON)
    a_rate("3", engine="premium")
    engine = rates.rate_of(account, "transcript.order", "premium", NOON)
    a_rate("4", account=account)
    own = rates.rate_of(account, "transcript.order", "premium", NOON)

    assert [rate.amount for rate in (anything, engine, own) if rate] == [2, 3, 4]
    assert rates.rate_of(account, "transcript.order", "", datetime(2024, 1, 1, tzinfo=UTC)) is None


def test_money_shows_what_is_there() -> None:
    assert rates.money(Decimal("0.5"), "USD") == "0.50 USD"
    assert rates.money(Decimal("0.0025"), "") == "0.0025"
    assert (
        str(Rate(amount=Decimal("0.100000"), currency="INR", unit="minute")) == "0.10 INR each minute begun"
    )
