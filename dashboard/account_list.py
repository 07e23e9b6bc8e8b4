"""All accounts at a glance, in a handful of queries."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Sum
from django.utils import timezone

from dashboard.account_page import last_event_at
from dashboard.models import User
from recordings.models import Account, Call, Errand, Refusal

REFUSED_SPAN = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One account."""

    account: Account
    live: int
    refused: int
    swept_at: datetime | None
    last_event_at: datetime | None


def rows(user: User) -> list[Row]:
    """The accounts that the person may see, by name."""
    accounts = list(Account.objects.usable_by(user).order_by("name"))
    present = Call.objects.filter(account__in=accounts).present()
    live = _by_account(present.values("account").annotate(value=Count("pk")))
    since = (timezone.now() - REFUSED_SPAN).date()
    refusals = Refusal.objects.filter(account__in=accounts, day__gte=since)
    refused = _by_account(refusals.values("account").annotate(value=Sum("count")))
    sweeps = Errand.objects.filter(account__in=accounts, kind="sweep.recent")
    swept = _by_account(sweeps.values("account").annotate(value=Max("done_at")))
    return [
        Row(
            account=each,
            live=live.get(each.pk, 0),
            refused=refused.get(each.pk, 0),
            swept_at=swept.get(each.pk),
            last_event_at=last_event_at(each),
        )
        for each in accounts
    ]


def _by_account(found: Any) -> dict[int, Any]:
    return {each["account"]: each["value"] for each in found.order_by()}
