"""Orders a transcript when a recording completes, if a rule or the account says so: once, or says why not.

A rule comes first: what it took up, also what it holds, the account's own setting leaves alone.
"""

from typing import Any

from django.db import transaction

from recordings import clock, rules
from recordings.actions import place
from recordings.models import Account, Operation, Recording, Rule
from recordings.models.work import BULK
from recordings.providers.snapshots import Status
from recordings.sync.context import Context
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


def _changed(*, recording: Recording, before: str, context: Context | None = None, **_: Any) -> None:
    if recording.status != Status.COMPLETED or before == Status.COMPLETED:
        return
    account = recording.account
    if account.automatic_since is None and not rules.are_there(account, Rule.Does.TRANSCRIBE, context):
        return
    if _has_one(recording) or rules.on_completion(Rule.Does.TRANSCRIBE, recording, context=context):
        return
    if _is_meant(account, recording):
        _order(account, recording)


def _has_one(recording: Recording) -> bool:
    if Operation.objects.filter(recording=recording, order_key__startswith=KEY).exists():
        return True
    return Transcript.objects.filter(recording=recording).exclude(status=Status.FAILED).exists()


def _is_meant(account: Account, recording: Recording) -> bool:
    since, at = account.automatic_since, rules.completed_at(recording)
    return since is not None and at is not None and at >= since


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
