"""The provider's side of the webhooks into the account's row."""

from recordings.models import Account
from recordings.providers.snapshots import EndpointSnapshot, Json
from recordings.sync.context import Context


def apply_endpoint(context: Context, snapshot: EndpointSnapshot) -> None:
    """Note one endpoint's state; the others of the account stay as they are."""
    account = Account.objects.get(pk=context.account.pk)
    others = [each for each in account.endpoints if each.get("external_id") != snapshot.external_id]
    account.endpoints = [*others, _row(context, snapshot)]
    account.save(update_fields=["endpoints"])


def _row(context: Context, snapshot: EndpointSnapshot) -> Json:
    pushed = snapshot.last_push_at
    return {
        "external_id": snapshot.external_id,
        "url": snapshot.url,
        "state": snapshot.state,
        "is_healthy": snapshot.is_healthy,
        "events": list(snapshot.events),
        "failures": snapshot.failures,
        "last_push_at": pushed.isoformat() if pushed else None,
        "seen_at": context.at.isoformat(),
    }
