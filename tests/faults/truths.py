"""The mirror beside the provider's own truth, thing by thing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from recordings import connections
from recordings.models import Account, Call, Operation, Recording
from recordings.models.mirror import PRESENT
from recordings.providers.snapshots import Status
from tests.simulators.base import Simulator
from transcripts.models import Transcript

LIVE = frozenset({Status.IN_PROGRESS, Status.PAUSED})
RUNNING = LIVE | {Status.PROCESSING}
DONE, FAILED, GONE = frozenset({Status.COMPLETED}), frozenset({Status.FAILED}), frozenset({Status.DELETED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the mirror may say of one thing; ``is_listed``: it must have a row."""

    statuses: frozenset[Status]
    is_listed: bool = True


# The provider's word to what a mirror that was just swept may hold.
WORDS: dict[str, dict[str, Expected]] = {
    "fifth": {
        "recording": Expected(statuses=frozenset({Status.IN_PROGRESS})),
        "processing": Expected(statuses=frozenset({Status.PROCESSING})),
        "running": Expected(statuses=frozenset({Status.PROCESSING})),
        "done": Expected(statuses=DONE),
    },
    "recall": {
        "processing": Expected(statuses=RUNNING),
        "paused": Expected(statuses=frozenset({Status.PAUSED})),
        "done": Expected(statuses=DONE),
        "failed": Expected(statuses=FAILED),
        "deleted": Expected(statuses=GONE, is_listed=False),
    },
    "twilio": {
        # A listing says "processing" of all that is not finished.
        **dict.fromkeys(("in-progress", "paused", "stopped", "queued"), Expected(statuses=RUNNING)),
        "completed": Expected(statuses=DONE),
        "absent": Expected(statuses=FAILED),
        "failed": Expected(statuses=FAILED),
        "deleted": Expected(statuses=GONE, is_listed=False),
    },
    "daily": {
        # Of what runs and is not listed yet, callbacks and answers alone can tell.
        **dict.fromkeys(("in-progress", "t_in_progress"), Expected(statuses=RUNNING, is_listed=False)),
        **dict.fromkeys(("submitted", "processing"), Expected(statuses=RUNNING | {Status.REQUESTED})),
        **dict.fromkeys(("finished", "t_finished"), Expected(statuses=DONE)),
        "canceled": Expected(statuses=FAILED, is_listed=False),
        **dict.fromkeys(("t_error", "error"), Expected(statuses=FAILED)),
        "t_deleted": Expected(statuses=GONE, is_listed=False),
    },
    "vobiz": {
        # Only what is finished is listed: of the others, callbacks and answers alone can tell.
        "recording": Expected(statuses=LIVE, is_listed=False),
        "finalising": Expected(statuses=RUNNING, is_listed=False),
        "available": Expected(statuses=DONE),
        "deleted": Expected(statuses=GONE, is_listed=False),
    },
}


def differences(account: Account, simulator: Simulator) -> Iterator[str]:
    """What the mirror of an account says otherwise than its provider, a sentence each."""
    truth = simulator.truth()  # type: ignore[attr-defined]
    words = WORDS[simulator.slug]
    rows = Recording.objects.filter(account=account)
    yield from _compared("recording", truth["recordings"], words, rows)
    if connections.face(account.provider).lists_transcripts:
        # Captions that the provider keeps no copy of cannot be compared with anything.
        unkept = {key for key, row in truth["transcripts"].items() if row.get("kind") == "live"}
        listed = {key: row for key, row in truth["transcripts"].items() if key not in unkept}
        rows = Transcript.objects.filter(account=account).exclude(external_id__in=unkept)
        yield from _compared("transcript", listed, words, rows)
    yield from _left_pending(account)
    yield from _calls(account, truth)


def _compared(what: str, truth: dict[str, Any], words: dict[str, Expected], rows: Any) -> Iterator[str]:
    found = {row.external_id: row for row in rows.exclude(external_id="")}
    for external_id, told in truth.items():
        expected = words[told["status"]]
        row = found.pop(external_id, None)
        if row is None:
            if expected.is_listed:
                yield f"{what} {external_id} is {told['status']} there and unknown here"
        elif row.status not in expected.statuses:
            yield f"{what} {external_id} is {told['status']} there and {row.status} here"
    for external_id, row in found.items():
        if row.status != Status.DELETED:
            yield f"{what} {external_id} is {row.status} here and gone there"


def _left_pending(account: Account) -> Iterator[str]:
    """A row that waits for an order's outcome although the order has one."""
    for model in (Recording, Transcript):
        for row in model.objects.filter(account=account, external_id="", status=Status.REQUESTED):
            order = Operation.objects.filter(made_key=row.key).first()
            if order is None or not order.is_open:
                state = order.state if order else "gone"
                yield f"{model.__name__.lower()} {row.pk} still waits for an order that is {state}"


def _calls(account: Account, truth: dict[str, Any]) -> Iterator[str]:
    present = Call.objects.filter(account=account, state__in=PRESENT).exclude(external_id="")
    here = set(present.values_list("external_id", flat=True))
    there = set(truth["calls"])
    for external_id in sorted(there - here):
        yield f"call {external_id} is live there and not here"
    for external_id in sorted(here - there - set(truth.get("arriving", ()))):
        yield f"call {external_id} is live here and not there"
