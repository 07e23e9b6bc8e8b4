"""Everything that the page of one recording shows, but for the player."""

import hashlib
from typing import Any

from django.db.models import Max, QuerySet

from dashboard.expiry import rescue_of
from dashboard.models import User
from dashboard.timeline import SEE, events, orders_about
from dashboard.tombstones import Tombstone, tombstone
from recordings import connections
from recordings.actions import Choice, choices
from recordings.models import DeliveryMention, Operation, Recording
from recordings.providers.orders import Subject
from recordings.providers.scrub import scrubbed
from recordings.providers.snapshots import Status
from recordings.targets import Target
from transcripts.models import Transcript

OPEN_SECONDS, SETTLED_SECONDS = 2, 6  # between two polls


def stamp(recording: Recording) -> str:
    """Changes whenever something that the page shows does."""
    orders = Operation.objects.filter(orders_about(recording)).order_by("pk")
    mentions = DeliveryMention.objects.filter(
        account=recording.account_id, external_id=recording.external_id or None
    )
    parts = [
        (recording.status, recording.updated_at),
        (recording.call.state, recording.call.updated_at) if recording.call else None,
        *orders.values_list("state", "updated_at"),
        *_transcripts(recording).values_list("pk", "status", "updated_at"),
        mentions.aggregate(newest=Max("pk"))["newest"],
    ]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def context(recording: Recording, user: User) -> dict[str, Any]:
    """What the templates of the page need."""
    transcripts = list(_transcripts(recording).defer("raw", "handle"))
    mine = choices(user, Target.of(recording))
    orders = [each for each in mine if each.action.makes is Subject.TRANSCRIPT]
    is_open = not recording.is_final or any(not each.is_final for each in transcripts)
    waits = any(each.open_operation for each in mine)
    return {
        "recording": recording,
        "transcripts": transcripts,
        "choices": possible_first([each for each in mine if each not in orders]),
        "transcript_choices": orders,
        "call_choices": _of_call(recording, user),
        "events": events(recording, transcripts, user),
        "tombstone": tombstone_of(recording) if recording.status == Status.DELETED else None,
        "options": options_of(recording),
        "rescue": rescue_of(recording, user),
        "stamp": stamp(recording),
        "seconds": OPEN_SECONDS if is_open or waits else SETTLED_SECONDS,
        "may_see_orders": user.has_perm(SEE),
    }


def possible_first(found: list[Choice]) -> list[Choice]:
    """What can work now stands in front; the rest says why it cannot."""
    return sorted(found, key=lambda each: bool(each.unavailable))


def raw_of(recording: Recording) -> Any:
    """The provider's last full answer, without what grants access."""
    return scrubbed(recording.raw)


def tombstone_of(recording: Recording) -> Tombstone:
    """Who deleted it, when, and what the provider answered."""
    keys = [recording.key, *([recording.call.key] if recording.call else [])]
    who = str(recording.deleted_by) if recording.deleted_by else ""
    return tombstone(recording.account, keys, who=who, at=recording.deleted_at, reason=recording.reason)


def options_of(recording: Recording) -> list[tuple[str, Any]]:
    """Label and value of each option that the recording was started with."""
    face = connections.face(recording.account.provider)
    action = face.action("recording.start")
    labels = {option.name: option.label for option in action.options} if action else {}
    return [(labels.get(name, name), value) for name, value in recording.options.items()]


def _of_call(recording: Recording, user: User) -> list[Choice]:
    return possible_first(choices(user, Target.of(recording.call))) if recording.call else []


def _transcripts(recording: Recording) -> "QuerySet[Transcript]":
    return Transcript.objects.filter(recording=recording).order_by("-is_primary", "-sort_at", "-pk")
