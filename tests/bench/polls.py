"""P18: what Now's polls cost while nothing changes, beside drawing the region."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils import timezone

from dashboard import fragments, stamps
from recordings.models import Account, Call, Recording
from recordings.providers.snapshots import CallState, Status
from tests.bench.figures import Figure, Size, measures
from tests.bench.requests import Browser, costs

ACCOUNTS, CALLS, OPERATORS = 4, 50, 200
POLLS_A_SECOND = OPERATORS / 2
REGION = "/now/region/"


@measures("P18")
def polls(size: Size) -> Iterator[Figure]:
    """Fifty live calls, half of them recorded."""
    fill()
    browser = Browser(_operator(), headers={"HTTP_HX_REQUEST": "true"})
    # What was written within the last moments makes a version that settles: nothing is that young here.
    stamps.forget()
    poll = f"{REGION}?stamp={quote(stamps.current())}"

    def full() -> None:
        fragments.forget()
        browser.get(REGION)

    spent = costs(
        3 if size.is_quick else 12,
        5 if size.is_quick else 40,
        unchanged=lambda: browser.get(poll, status="204 No Content"),
        full=full,
        shared=lambda: browser.get(REGION),
    )
    yield Figure(
        number="P18",
        what="unchanged poll / full fragment, by CPU",
        ratio=spent.of("unchanged") / spent.of("full"),
        here=spent.told("unchanged"),
        peer=spent.told("full"),
        must=0.14,
        goal=0.05,
        is_more_better=False,
    )
    yield Figure(
        number="P18",
        what=f"{OPERATORS} operators, a poll every 2 s, % of a core",
        ratio=spent.of("unchanged") * POLLS_A_SECOND * 100,
        here=spent.told("unchanged"),
        peer=f"the fragment drawn for another already: {spent.told('shared')}",
        must=6,
        goal=2,
        is_more_better=False,
    )


def _operator() -> Any:
    user = get_user_model().objects.create_user("operator", password="x")
    user.groups.set(Group.objects.filter(name="operator"))
    return user


def fill() -> None:
    """Live calls of four providers, half of them recorded, that changed a while ago."""
    before = timezone.now() - timedelta(minutes=10)
    slugs = ("recall", "twilio", "daily", "vobiz")
    accounts = [Account.objects.create(name=slug, provider=slug, calls_seen_at=before) for slug in slugs]
    calls = [
        Call(account=accounts[n % ACCOUNTS], external_id=f"c{n}", title=f"Call {n}", state=CallState.LIVE)
        for n in range(CALLS)
    ]
    Call.objects.bulk_create(calls)
    Recording.objects.bulk_create(
        Recording(
            account=call.account,
            call=call,
            external_id=f"r{number}",
            status=Status.IN_PROGRESS,
            sort_at=before,
            started_at=before,
        )
        for number, call in enumerate(calls[::2])
    )
    for model in (Call, Recording):
        model.objects.update(updated_at=before)
