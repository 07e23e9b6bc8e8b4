"""Reads that an adapter or the mirror wishes for become errands."""

from datetime import timedelta

from recordings import clock
from recordings.models import Account, Errand
from recordings.models.work import BULK
from recordings.providers.snapshots import Wanted
from recordings.sync.context import Context

FETCHES = {"call": "call.fetch", "recording": "recording.fetch", "transcript": "transcript.fetch"}


def apply_wanted(context: Context, wanted: Wanted) -> None:
    """Ask for the read that the adapter wishes for."""
    context.mention(wanted.external_id, wanted.parent_external_id)
    kind = FETCHES.get(wanted.kind, f"transcript.{wanted.kind}")
    ask(
        context.account,
        kind,
        subject=wanted.external_id,
        parent=wanted.parent_external_id,
        delay_seconds=wanted.delay_seconds,
    )


def ask(
    account: Account,
    kind: str,
    *,
    subject: str = "",
    parent: str = "",
    delay_seconds: float = 0.0,
    lane: int = BULK,
) -> Errand:
    """One open errand a kind and subject: asking again only brings it forward."""
    due_at = clock.now() + timedelta(seconds=delay_seconds)
    errand, is_new = Errand.objects.get_or_create(
        account=account,
        kind=kind,
        subject=subject,
        state=Errand.State.QUEUED,
        defaults={"parent": parent, "lane": lane, "due_at": due_at},
    )
    is_idle = errand.lease_token is None
    if not is_new and is_idle and (errand.due_at is None or errand.due_at > due_at):
        Errand.objects.filter(pk=errand.pk, lease_token=None).update(due_at=due_at)
    return errand
