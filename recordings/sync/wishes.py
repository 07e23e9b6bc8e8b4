"""Reads that an adapter or the mirror wishes for become errands."""

from datetime import timedelta

from recordings import clock
from recordings.models import Account, Errand
from recordings.models.work import BACKGROUND, BULK
from recordings.providers.snapshots import RANK, Status, Wanted
from recordings.sync.context import Context

# After the last of them the sweeps alone go on.
FOLLOW_SECONDS = (60.0, 300.0, 900.0)
FOLLOW_WITHOUT_CALLBACKS = (5.0, 5.0, 5.0, 10.0, 20.0, 30.0, 60.0, 60.0, 120.0, 300.0, 900.0)
PUT_ASIDE = timedelta(days=1)  # what killed its workers is not asked for again by itself for so long
INTRODUCED_AFTER = 5.0  # seconds: by then the live list or a callback has often told of it
FETCHES = {"call": "call.fetch", "recording": "recording.fetch", "transcript": "transcript.fetch"}


def apply_wanted(context: Context, wanted: Wanted) -> None:
    """Ask for the read that the adapter wishes for."""
    context.mention(wanted.external_id, wanted.parent_external_id)
    kind = FETCHES.get(wanted.kind, f"transcript.{wanted.kind}")
    remind(
        context.account,
        kind,
        subject=wanted.external_id,
        parent=wanted.parent_external_id,
        delay_seconds=wanted.delay_seconds,
    )


def introduce(context: Context) -> None:
    """Calls that only their recordings name are read by themselves, unless the same message told of them."""
    due_at = clock.now() + timedelta(seconds=INTRODUCED_AFTER)
    errands = [
        Errand(
            account=context.account,
            kind=FETCHES["call"],
            subject=call.external_id,
            lane=BACKGROUND,
            due_at=due_at,
        )
        for call in context.strangers
        if not call.title
    ]
    Errand.objects.bulk_create(errands, ignore_conflicts=True)


def follow(context: Context, external_id: str, status: Status) -> None:
    """What is open now is read by itself later, should no callback tell how it ended."""
    if external_id and RANK[status] < RANK[Status.COMPLETED]:
        waits = follow_seconds(context.account)
        remind(context.account, FETCHES["recording"], subject=external_id, delay_seconds=waits[0])


def follow_seconds(account: Account) -> tuple[float, ...]:
    """After how long an open thing is read again, time after time."""
    return FOLLOW_SECONDS if account.has_callbacks else FOLLOW_WITHOUT_CALLBACKS


def remind(
    account: Account, kind: str, *, subject: str, parent: str = "", delay_seconds: float = 0.0
) -> None:
    """Ask for what listings and callbacks wish for time and again: not while it lies aside because it
    killed its workers. A person may ask for it all the same."""
    aside = Errand.objects.filter(account=account, kind=kind, subject=subject, state=Errand.State.FAILED)
    if not aside.filter(deaths__gt=0, done_at__gt=clock.now() - PUT_ASIDE).exists():
        ask(account, kind, subject=subject, parent=parent, delay_seconds=delay_seconds)


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
