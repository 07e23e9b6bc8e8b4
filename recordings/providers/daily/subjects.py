"""What an order is about, in Daily's ids; an order without one is refused before anything is sent."""

from recordings.providers.daily.api import segment
from recordings.providers.errors import Refused
from recordings.providers.orders import CallRef, Order, RecordingRef, TranscriptRef

NO_ROOM = "Which room this is about is not known yet: nothing was sent."
NO_RECORDING = "The order names no recording: nothing was sent."
NO_TRANSCRIPT = "The order names no transcript: nothing was sent."


def call_of(order: Order) -> CallRef:
    """The room of an order, or that of the thing which the order is about."""
    found = order.call
    for thing in (order.recording, order.transcript):
        found = found or (thing.call if thing else None)
    if found is None or not found.external_id:
        raise Refused(NO_ROOM)
    return found


def room_path(order: Order) -> str:
    return f"/rooms/{segment(call_of(order).external_id)}"


def recording_of(order: Order) -> RecordingRef:
    if order.recording is None:
        raise Refused(NO_RECORDING)
    return order.recording


def transcript_of(order: Order) -> TranscriptRef:
    if order.transcript is None:
        raise Refused(NO_TRANSCRIPT)
    return order.transcript


def waited_seconds(order: Order) -> float:
    """How long after the click this attempt is made; infinitely when that is not known."""
    if order.ordered_at is None or order.sent_at is None:
        return float("inf")
    return (order.sent_at - order.ordered_at).total_seconds()
