"""Sample states of the console: nothing yet, a day's work, and everything that can go wrong."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from dashboard.models import Alert
from recordings import connections
from recordings.models import (
    Account,
    Call,
    Errand,
    LedgerDay,
    LedgerEntry,
    Operation,
    Recording,
    Refusal,
    WebhookDelivery,
)
from recordings.providers.snapshots import CallState, Status
from tests.contract.conftest import defaults
from tests.simulators.recall import RecallSimulator
from tests.world import World
from transcripts.models import Transcript, TranscriptText

HOSTILE = "Ana\u202egnp.exe <script>alert(1)</script> & co"
EVIL_TEXT = '<img src=x onerror="alert(1)"> =HYPERLINK("http://evil.test") \u202ereversed'


@dataclass(kw_only=True)
class Things:
    """One of each, to make addresses of."""

    account: Account
    call: Call | None = None
    recording: Recording | None = None
    transcript: Transcript | None = None
    operation: Operation | None = None
    delivery: WebhookDelivery | None = None


def empty(world: World, account: Account) -> Things:
    """An account, and nothing of it."""
    return Things(account=account)


def full(world: World, recall: RecallSimulator, account: Account, user: Any) -> Things:
    """A call that was recorded, transcribed and can be read; another that is live and recorded."""
    call = world.call(account, recall.place_call("Quarterly planning"))
    start = world.order(user, call, "recording.start", **defaults_of(account, "recording.start"))
    world.advance(40)
    recall.end_call(call.external_id)
    world.advance(60)
    recording = Recording.objects.get(key=start.made_key)
    order = world.order(user, recording, "transcript.order", **defaults_of(account, "transcript.order"))
    world.advance(60)
    live = world.call(account, recall.place_call("Stand-up", conversation=1))
    world.order(user, live, "recording.start", **defaults_of(account, "recording.start"))
    world.advance(10)
    recording.refresh_from_db()
    return Things(
        account=account,
        call=call,
        recording=recording,
        transcript=Transcript.objects.get(key=order.made_key),
        operation=order,
        delivery=WebhookDelivery.objects.filter(account=account).first(),
    )


def failing(world: World, account: Account) -> Things:
    """Failures of every kind, doubts, refusals, and hostile words wherever people's words stand."""
    now = timezone.now()
    Account.objects.filter(pk=account.pk).update(
        is_healthy=False, health_message="The API key was refused.", health_at=now
    )
    account.refresh_from_db()
    call = Call.objects.create(account=account, external_id="call-x", title=HOSTILE, state=CallState.ENDED)
    recording = Recording.objects.create(
        account=account,
        call=call,
        external_id="rec-x",
        status=Status.FAILED,
        reason="The bot could not store it.",
        reason_code="internal_error",
        sort_at=now,
        raw={"title": HOSTILE, "download_url": "https://files.test/a?Signature=secret"},
    )
    transcript = Transcript.objects.create(
        account=account,
        call=call,
        recording=recording,
        external_id="tra-x",
        status=Status.COMPLETED,
        engine="recallai_async",
        has_text=True,
        sort_at=now,
    )
    TranscriptText.objects.create(
        transcript=transcript,
        utterances=_utterances(),
        words=9,
        problem="2 turns were left out.",
        stored_at=now,
    )
    Transcript.objects.create(
        account=account,
        recording=recording,
        external_id="tra-y",
        status=Status.FAILED,
        reason="No credit.",
        sort_at=now,
    )
    operation = Operation.objects.create(
        account=account,
        call=call,
        recording=recording,
        subject_key=recording.key,
        order_key="order-x",
        kind="transcript.order",
        fingerprint="x",
        state=Operation.State.IN_DOUBT,
        doubt_since=now,
        outcome="No answer came.",
    )
    Operation.objects.create(
        account=account,
        call=call,
        subject_key=call.key,
        order_key="order-y",
        kind="recording.start",
        fingerprint="y",
        state=Operation.State.FAILED,
        outcome="The bot has left.",
        outcome_code="cannot_command_completed_bot",
    )
    delivery = WebhookDelivery.objects.create(
        account=account,
        dedupe_id="msg-x",
        event="recording.done",
        state=WebhookDelivery.State.UNREADABLE,
        body=f'{{"title": "{HOSTILE}", "token": "x"'.encode(),
        headers={"content-type": "application/json"},
        outcome="The body is not JSON.",
        received_at=now,
    )
    Refusal.objects.create(
        account=account,
        day=now.date(),
        reason="The signature does not fit.",
        count=3,
        last_at=now,
        skew_seconds=-400,
        url_seen=f"other.test/webhooks/recall/{account.webhook_key}/",
        url_expected=f"{settings.PUBLIC_URL}/webhooks/recall/{account.webhook_key}/",
    )
    _ledger(account, recording)
    Alert.objects.create(
        account=account,
        kind="failure",
        cause="x",
        title=f"Recordings that failed: {HOSTILE}",
        text=EVIL_TEXT,
        path="/attention/",
        opened_at=now,
    )
    Errand.objects.create(
        account=account, kind="transcript.text", subject="tra-x", state="failed", problem="Gone.", done_at=now
    )
    return Things(
        account=account,
        call=call,
        recording=recording,
        transcript=transcript,
        operation=operation,
        delivery=delivery,
    )


def _ledger(account: Account, recording: Recording) -> None:
    """A day on which the provider's list and the mirror part, and a gap in the callbacks."""
    now = timezone.now()
    facts = {"account": account, "things": "recordings", "day": now.date()}
    LedgerDay.objects.create(**facts, began_at=now, listed=4, ours=3, matched=2, waiting=1)
    for number, verdict in enumerate(("repaired", "differing", "unexplained")):
        for external_id, row in ((recording.external_id, recording), (f"lost-{number}", None)):
            LedgerEntry.objects.create(
                **facts,
                verdict=verdict,
                external_id=external_id,
                row_key=row.key if row else None,
                values={"status": ["completed", "deleted"], "": ["not here", HOSTILE]},
                note="A read by itself finds it.",
                at=now,
            )
    Account.objects.filter(pk=account.pk).update(created_at=now - timedelta(days=3))
    began = now - timedelta(hours=30)
    Recording.objects.create(
        account=account, external_id="rec-silent", status="completed", sort_at=began, found_by="webhook"
    )


def _utterances() -> list[dict[str, Any]]:
    empty: dict[str, Any] = {"channel": None, "confidence": None, "language": "", "words": []}
    return [
        {"speaker": HOSTILE, "start": 0.5, "end": 4.0, "text": EVIL_TEXT, **empty},
        {"speaker": "", "start": None, "end": None, "text": "שלום, no time and no name", **empty},
        {"speaker": "Ben", "start": 3600.25, "end": 3601.0, "text": "An hour later.", **empty},
    ]


def defaults_of(account: Account, kind: str) -> dict[str, Any]:
    """The options with which a form of this kind starts."""
    return defaults(connections.face(account.provider), kind)
