"""What happened to a recording, in order of time: by the provider's clock, by orders, by callbacks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import Q
from django.utils import timezone

from dashboard.badges import TONES
from dashboard.models import User
from dashboard.templatetags.tapedeck import engine_label
from recordings import rescues
from recordings.models import DeliveryMention, Operation, Recording, WebhookDelivery
from recordings.providers.snapshots import Status
from transcripts.models import Transcript

SEE = "recordings.see_operations"
_GRAVITY = ["", "neutral", "good", "info", "warn", "bad"]
MOST = 50  # callbacks of one recording that are shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a timeline."""

    at: datetime
    title: str
    text: str = ""
    url: str = ""
    tone: str = ""
    state: str = ""  # shown as a badge
    is_callback: bool = False
    more: "tuple[Event, ...]" = ()  # callbacks that came one after the other, folded into this line


def events(recording: Recording, transcripts: list[Transcript], user: User) -> list[Event]:
    """Everything with a time, oldest first; orders and callbacks for those who may see them."""
    found = [*_told(recording), *_of_transcripts(transcripts, recording.account.provider)]
    if user.has_perm(SEE):
        found += [*_orders(recording), *_callbacks(recording)]
    return list(_folded(sorted(found, key=lambda event: event.at)))


def orders_about(recording: Recording) -> "Q":
    """Orders that made the recording, or are about it or its call."""
    about = Q(recording=recording) | Q(made_key=recording.key)
    return about | Q(subject_key=recording.call.key) if recording.call else about


def _folded(found: list[Event]) -> Iterator[Event]:
    """Several callbacks in a row are one line: they would bury what people did."""
    for is_callback, run in groupby(found, key=lambda event: event.is_callback):
        each = tuple(run)
        if not is_callback or len(each) == 1:
            yield from each
            continue
        tone = max((event.tone for event in each), key=_GRAVITY.index)
        yield Event(at=each[0].at, title=f"{len(each)} callbacks", tone=tone, more=each)


def _told(recording: Recording) -> Iterator[Event]:
    call = recording.call
    moments = [
        (call.started_at if call else None, "The call began", ""),
        (recording.started_at, "Recording began", "info"),
        (recording.completed_at, "Recording ended", "info"),
        (call.ended_at if call else None, "The call ended", ""),
        (recording.created_at, "First known here", ""),
    ]
    for at, title, tone in moments:
        if at:
            yield Event(at=at, title=title, tone=tone)
    if recording.status == Status.FAILED:
        at = recording.status_at or recording.updated_at
        yield Event(at=at, title="Recording failed", text=recording.reason, tone="bad")
    if recording.deleted_at:
        who = f"by {recording.deleted_by}" if recording.deleted_by else "at the provider"
        yield Event(at=recording.deleted_at, title=f"Deleted {who}", text=recording.reason, tone="warn")
    if recording.media_expires_at and not recording.deleted_at:
        is_over = recording.media_expires_at <= timezone.now()
        title = "The provider's time of keeping ended" if is_over else "The provider will delete the media"
        yield Event(at=recording.media_expires_at, title=title, tone="warn")


def _of_transcripts(transcripts: list[Transcript], provider: str) -> Iterator[Event]:
    for each in transcripts:
        at = each.completed_at or (each.status_at if each.is_final else None)
        if at:
            name = f"Transcript by {engine_label(provider, each.engine)}" if each.engine else "Transcript"
            tone = TONES.get(each.status, "")
            url = each.get_absolute_url()
            yield Event(at=at, title=name, text=each.reason, url=url, tone=tone, state=each.status)


def _orders(recording: Recording) -> Iterator[Event]:
    provider = recording.account.provider
    found = Operation.objects.filter(orders_about(recording)).select_related("ordered_by")
    for order in found.defer("options").order_by("created_at")[:MOST]:
        action = rescues.action_of(provider, order.kind)
        who = order.ordered_by or order.ordered_for or "no person"
        yield Event(
            at=order.created_at,
            title=f"{action.label if action else order.kind}, ordered by {who}",
            text=order.outcome,
            url=order.get_absolute_url(),
            tone=TONES.get(order.state, ""),
            state=order.state,
        )


def _callbacks(recording: Recording) -> Iterator[Event]:
    if not recording.external_id:
        return
    named = DeliveryMention.objects.filter(account=recording.account_id, external_id=recording.external_id)
    deliveries = WebhookDelivery.objects.filter(pk__in=named.values("delivery")).only(
        "key", "event", "received_at", "state", "duplicates", "outcome"
    )
    for each in deliveries.order_by("-received_at")[:MOST]:
        doubles = f"{each.duplicates} more of the same came. " if each.duplicates else ""
        yield Event(
            at=each.received_at,
            title=f"Callback {each.event}".strip(),
            text=f"{doubles}{each.outcome}",
            url=each.get_absolute_url(),
            tone=TONES.get(each.state, ""),
            is_callback=True,
            state=each.state if each.state != WebhookDelivery.State.SETTLED else "",
        )
