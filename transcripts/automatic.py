"""Orders a transcript when a recording completes, if the account says so: once, or says why not."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from recordings import clock
from recordings.actions import place
from recordings.models import Account, Operation, Recording
from recordings.models.work import BULK
from recordings.providers.snapshots import Status
from recordings.sync.recordings import recording_changed
from recordings.targets import Target, fingerprint
from recordings.validation import OrderRefused
from recordings.work.steps import Kind, note
from transcripts.models import Transcript

ORDER = "transcript.order"
BECAUSE = "the account's setting"
KEY = "auto:"


def listen() -> None:
    """Hear of recordings that complete."""
    recording_changed.connect(_changed, dispatch_uid="transcripts.automatic")


def _changed(*, recording: Recording, before: str, **_: Any) -> None:
    if recording.status == Status.COMPLETED != before and _is_meant(recording.account, recording):
        _order(recording.account, recording)


def _is_meant(account: Account, recording: Recording) -> bool:
    since, completed_at = account.automatic_since, _completed_at(recording)
    if since is None or completed_at is None or completed_at < since:
        return False
    if Operation.objects.filter(recording=recording, order_key__startswith=KEY).exists():
        return False
    return not Transcript.objects.filter(recording=recording).exclude(status=Status.FAILED).exists()


def _completed_at(recording: Recording) -> datetime | None:
    """None for one whose age nothing tells: it may be as old as the provider."""
    known = recording.completed_at or recording.status_at
    if known is None and recording.started_at is not None:
        known = recording.started_at + timedelta(seconds=recording.duration_seconds or 0)
    return known


def _order(account: Account, recording: Recording) -> None:
    try:
        place(
            None,
            Target.of(recording),
            ORDER,
            options=account.automatic_options,
            order_key=f"{KEY}{recording.key}",
            ordered_for=BECAUSE,
            is_bulk=True,
        )
    except OrderRefused as exc:
        _note_refusal(account, recording, exc)


def _note_refusal(account: Account, recording: Recording, exc: OrderRefused) -> None:
    """It shows where orders show: as one that failed before anything was sent."""
    problems = [f"{name}: {problem}" for name, problem in exc.errors.items()]
    outcome = " ".join([exc.message, *problems])
    target = Target.of(recording)
    with transaction.atomic():
        order = Operation.objects.create(
            account=account,
            order_key=f"{KEY}{recording.key}",
            kind=ORDER,
            state=Operation.State.FAILED,
            lane=BULK,
            call=recording.call,
            recording=recording,
            subject_key=recording.key,
            options=account.automatic_options,
            fingerprint=fingerprint(target, ORDER, account.automatic_options),
            ordered_for=BECAUSE,
            done_at=clock.now(),
            outcome_code="not_ordered",
            outcome=outcome,
        )
        note(order, Kind.ORDERED, BECAUSE)
        note(order, Kind.DECIDED, outcome)
