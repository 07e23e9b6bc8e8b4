"""What an order at Vobiz can be given: every field of "Start recording a call" (contract 2.3)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from recordings.providers.options import Kind, Option, Options

LONGEST_LIMIT = 28_800
USUAL_LIMIT = 14_400  # left out, Vobiz would end the recording after one minute
LONGEST_TRANSCRIBED = 14_400

START_OPTIONS = (
    Option(
        name="time_limit",
        kind=Kind.INTEGER,
        label="Longest length in seconds",
        help="The recording ends by itself after so many seconds, or when the call ends if that is sooner. "
        "The longest that Vobiz allows is 28,800 (8 hours).",
        default=USUAL_LIMIT,
        provider_default="60 seconds; Tapedeck therefore always sends a limit",
        minimum=1,
        maximum=LONGEST_LIMIT,
        is_main=True,
    ),
    Option(
        name="transcription_type",
        kind=Kind.CHOICE,
        label="Transcript",
        help="Vobiz transcribes English only, between half a second and 4 hours of audio. It must be asked "
        "for now: it cannot be ordered for a recording that exists. It is billed on top of the recording.",
        choices=(("auto", "Make a transcript when the recording has ended"),),
        provider_default="no transcript",
        needs_callback=True,
        is_main=True,
    ),
    Option(
        name="record_channel_type",
        kind=Kind.CHOICE,
        label="Channels",
        help="Two channels keep the caller and the callee apart.",
        choices=(("mono", "One channel: both voices mixed"), ("stereo", "Two channels: one for each side")),
        default="mono",
        provider_default="mono",
        is_main=True,
    ),
    Option(
        name="file_format",
        kind=Kind.CHOICE,
        label="File format",
        help="MP3 is small; choose it if a transcript is wanted of a long call. WAV is several times larger.",
        choices=(("mp3", "MP3"), ("wav", "WAV")),
        default="mp3",
        provider_default="mp3",
    ),
    Option(
        name="callback_url",
        kind=Kind.URL,
        label="Address told when the recording ends",
        help="Tapedeck's own address with the key of this recording.",
        group="Callbacks",
        is_ours=True,
        needs_callback=True,
    ),
    Option(
        name="callback_method",
        kind=Kind.CHOICE,
        label="How that address is called",
        help="Tapedeck asks for POST.",
        choices=(("POST", "POST"), ("GET", "GET")),
        default="POST",
        provider_default="POST",
        group="Callbacks",
        is_ours=True,
        needs_callback=True,
    ),
    Option(
        name="transcription_url",
        kind=Kind.URL,
        label="Address that gets the text",
        help="Tapedeck's own address. Vobiz sends the text there once and keeps no copy that can be read.",
        group="Callbacks",
        is_ours=True,
        needs_callback=True,
    ),
)
_TYPED = frozenset(option.name for option in START_OPTIONS if not option.is_ours)


def wants_transcript(options: Options) -> bool:
    return bool(options.get("transcription_type"))


def start_body(options: Options, *, key: str, callback_url: str) -> Mapping[str, Any]:
    """The body of a start: what was chosen, always a limit, and our addresses if we can be reached."""
    chosen = {name: value for name, value in options.items() if name in _TYPED and value not in (None, "")}
    return {"time_limit": USUAL_LIMIT, **chosen, **_addresses(chosen, key=key, callback_url=callback_url)}


def _addresses(options: Options, *, key: str, callback_url: str) -> Mapping[str, str]:
    """The key stands in the path: the query is outside Vobiz's signatures (contract 5.6)."""
    if not callback_url:
        return {}
    own = f"{callback_url}{quote(key, safe='')}"
    if not wants_transcript(options):
        return {"callback_url": f"{own}/recording/", "callback_method": "POST"}
    # "auto" comes back with the recording's callback: then a transcript is known to be on its way
    # even if the answer to the start was lost.
    return {
        "callback_url": f"{own}/recording/auto/",
        "callback_method": "POST",
        "transcription_url": f"{own}/transcription/",
    }
