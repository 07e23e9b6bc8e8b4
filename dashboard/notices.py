"""What needs somebody beside orders and what they made: accounts that do not work, callbacks unread."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from dashboard.templatetags.tapedeck import provider_label
from dashboard.troubles import SPAN
from recordings.models import Account, WebhookDelivery

MOST = 50
State = WebhookDelivery.State
STEPS = {
    State.UNREADABLE: "Open one and look at its body: another program may post to this address, or the "
    "provider has changed its format, which an administrator should report.",
    State.FAILED: "Replay them once the reason is mended: a replay changes nothing that is known already.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One line that leads to a page of its own."""

    what: str
    why: str
    step: str
    account: Account
    url: str
    count: int = 1
    newest_at: datetime | None = None


def sick(accounts: Sequence[Account]) -> Iterator[Notice]:
    """Accounts whose last test failed."""
    for account in accounts:
        if account.is_healthy is False:
            yield Notice(
                what=f"{provider_label(account.provider)} account",
                why=account.health_message or "The last test failed.",
                step="An administrator mends it, then presses Test on the account's page.",
                account=account,
                newest_at=account.health_at,
                url=account.get_absolute_url(),
            )


def callbacks(accounts: Sequence[Account]) -> Iterator[Notice]:
    """Callbacks of the last days that could not be read, by event and reason."""
    by_pk, since = {each.pk: each for each in accounts}, timezone.now() - SPAN
    rows = WebhookDelivery.objects.filter(account__in=accounts, state__in=STEPS, received_at__gte=since)
    groups = rows.order_by().values("account", "state", "event", "outcome")
    for group in groups.annotate(count=Count("pk"), newest=Max("received_at")).order_by("-count")[:MOST]:
        account = by_pk[group["account"]]
        filters = {"state": group["state"], "account": str(account.key), "event": group["event"]}
        told = {**filters, "since": f"{timezone.localtime(since):%Y-%m-%d}"}
        query = urlencode({name: value for name, value in told.items() if value})
        yield Notice(
            what=group["event"] or "without a name",
            why=group["outcome"] or "No reason is known.",
            step=STEPS[State(group["state"])],
            account=account,
            count=group["count"],
            newest_at=group["newest"],
            url=f"{reverse('deliveries')}?{query}",
        )
