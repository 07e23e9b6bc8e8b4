"""The badge of every state: its tone and its words."""

from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString

TONES = {
    # recordings and transcripts
    "requested": "info",
    "in_progress": "live",
    "paused": "warn",
    "processing": "info",
    "completed": "good",
    "failed": "bad",
    "deleted": "neutral",
    # calls
    "scheduled": "neutral",
    "waiting": "info",
    "live": "good",
    "ended": "neutral",
    # orders, errands, callbacks
    "queued": "info",
    "sent": "info",
    "in_doubt": "warn",
    "succeeded": "good",
    "done": "good",
    "cancelled": "neutral",
    "expired": "warn",
    # batches
    "running": "info",
    "cancelling": "warn",
    "skipped": "neutral",
    "received": "info",
    "settled": "good",
    "ignored": "neutral",
    "unreadable": "bad",
    # what rules took up
    "held": "bad",
    "refused": "bad",
    # exports
    "building": "info",
    "ready": "good",
    "erased": "neutral",
    # accounts
    "healthy": "good",
    "unhealthy": "bad",
    "not tested": "neutral",
}
_WORDS = {("recording", "in_progress"): "recording"}


@lru_cache(maxsize=256)
def badge(state: str, *, kind: str = "") -> SafeString:
    """Return the badge of a state; one that is not known is shown as it is, without a colour."""
    text = _WORDS.get((kind, state), state.replace("_", " "))
    return format_html('<span class="badge" data-tone="{}">{}</span>', TONES.get(state, "neutral"), text)
