"""The provider's ids that an order is about; an order without one is refused before anything is sent."""

from recordings.providers.errors import Refused
from recordings.providers.orders import CallRef, Order, RecordingRef
from recordings.providers.recall.reading import text


def bot_of(recording: RecordingRef) -> str:
    """The bot that makes a recording: commands go to it (section 2.5)."""
    known = recording.call.external_id if recording.call else ""
    return known or text(recording.handle.get("bot_id"))


def bot_id_of(order: Order) -> str:
    """The bot of an order on a call or on a recording."""
    found = order.call.external_id if order.call else ""
    return _required(found or (bot_of(order.recording) if order.recording else ""), "bot")


def recording_id_of(order: Order) -> str:
    return _required(order.recording.external_id if order.recording else "", "recording")


def transcript_id_of(order: Order) -> str:
    return _required(order.transcript.external_id if order.transcript else "", "transcript")


def platform_of(call: CallRef) -> str:
    return text(call.flags.get("platform"))


def _required(found: str, what: str) -> str:
    if not found:
        raise Refused(f"Recall.ai's id of the {what} is not known yet: nothing was sent.")
    return found
