"""Where a recording can be heard: behind our credentials, never by a link of its own (contract 3.6)."""

from urllib.parse import urlencode

from recordings.providers.base import Media, Variant
from recordings.providers.client import LinkReader, Reply
from recordings.providers.errors import NotFound
from recordings.providers.orders import RecordingRef
from recordings.providers.outcomes import meaning_of
from recordings.providers.scrub import grants_access
from recordings.providers.snapshots import Status
from recordings.providers.twilio import transcript_reads
from recordings.providers.twilio.api import HOSTS, LARGEST_PEEK, Api, object_of, sid
from recordings.providers.twilio.outcomes import MONO_ONLY, RULES, complaint_of, refusal
from recordings.providers.twilio.texts import UNREDACTED
from recordings.providers.twilio.transcript_reads import HAS_SOUND
from recordings.providers.twilio.values import host_of, text

TYPES = {"mp3": "audio/mpeg", "wav": "audio/x-wav"}
LABELS = {"mp3": "MP3, 32 kbit/s", "wav": "WAV, 128 kbit/s"}
TRANSCRIBED = "transcribed"  # by Intelligence, which redacts where its service does (contract 4.2)
NOT_TRANSCRIBED = "Twilio's Intelligence has no sound of this recording: it holds no completed transcript."
NOT_THERE = (
    "Twilio has no media of this recording: it is not ready yet (try again in a minute), deleted, or kept in "
    "storage outside Twilio."
)


def variants(recording: RecordingRef) -> tuple[Variant, ...]:
    """MP3 first, because it is small; an encrypted recording has none (contract 1.4, 6.12)."""
    if recording.status is not Status.COMPLETED or recording.handle.get("is_external"):
        return ()
    if recording.handle.get("is_encrypted"):
        return (Variant(name="wav", label="WAV, encrypted with your key", content_type=TYPES["wav"]),)
    if recording.channels != 2:
        return (*(_variant(kind, "", LABELS[kind]) for kind in TYPES), *_transcribed(recording))
    both = [_variant(kind, "-2", f"{LABELS[kind]}, both channels") for kind in TYPES]
    mixed = [_variant(kind, "-1", f"{LABELS[kind]}, mixed into one") for kind in TYPES]
    return (*both, *mixed, *_transcribed(recording))


def sound_of_transcript(
    api: Api, links: LinkReader, recording: RecordingRef, *, is_redacted: bool = True
) -> Media:
    """What the recording's transcript was made of, by the link that Intelligence mints for it."""
    found, _, _ = transcript_reads.of_recording(api, recording.external_id)
    done = next((each for each in found if each.status is Status.COMPLETED), None)
    if done is None:
        raise NotFound(NOT_TRANSCRIBED)
    params = None if is_redacted else [UNREDACTED]
    reply = api.read(api.product(f"Transcripts/{sid(done.external_id)}/Media"), params)
    url = text(object_of(reply).get("media_url"))
    # Whether it asks for credentials is not told: Twilio's own addresses do, signed ones must not get any.
    is_own = host_of(url) in HOSTS and not grants_access(url)
    seen = api.peek(url) if is_own else links.read(url, byte_range="bytes=0-0", cut_at=LARGEST_PEEK)
    _require_sound(seen)
    return Media(
        url=url,
        content_type=seen.headers.get("content-type", "") or TYPES["wav"],
        headers={"Authorization": api.authorization()} if is_own else {},
        has_ranges=seen.status == 206,
        filename=f"{recording.external_id}-{TRANSCRIBED}.wav",
    )


def media(api: Api, recording: RecordingRef, variant: str) -> Media:
    """Look at the first byte, so that what is gone, or has no ranges, is known before it is played.

    Two channels of what has one are refused with 400: then the mixed one is given (contract 6.8).
    """
    kind, _, channels = variant.partition("-")
    if kind not in TYPES:
        raise NotFound(f"Twilio has no media of the form {variant}.")
    url = _url(api, recording, kind, channels)
    reply = api.peek(url)
    if complaint_of(reply).code == MONO_ONLY and not reply.is_success:
        url = _url(api, recording, kind, "1")
        reply = api.peek(url)
    _require_sound(reply)
    return Media(
        url=url,
        content_type=reply.headers.get("content-type", "") or TYPES[kind],
        headers={"Authorization": api.authorization()},
        has_ranges=reply.status == 206,
        filename=f"{recording.external_id}.{kind}",
    )


def _transcribed(recording: RecordingRef) -> tuple[Variant, ...]:
    if not recording.handle.get(HAS_SOUND):
        return ()
    return (Variant(name=TRANSCRIBED, label="As it was transcribed", content_type=TYPES["wav"]),)


def _variant(kind: str, suffix: str, label: str) -> Variant:
    return Variant(name=f"{kind}{suffix}", label=label, content_type=TYPES[kind])


def _url(api: Api, recording: RecordingRef, kind: str, channels: str) -> str:
    query = f"?{urlencode({'RequestedChannels': channels})}" if channels in {"1", "2"} else ""
    return api.classic(f"Recordings/{sid(recording.external_id)}.{kind}") + query


def _require_sound(reply: Reply) -> None:
    """Status and type: an error's page was saved as sound elsewhere (contract 6.6)."""
    if reply.is_success and reply.headers.get("content-type", "audio/").startswith(
        ("audio/", "binary/", "application/octet-stream")
    ):
        return
    if reply.is_success or reply.status == 404:
        raise NotFound(NOT_THERE, status=reply.status, code=complaint_of(reply).code, exchange=reply.exchange)
    meaning = meaning_of(RULES, kind="", status=reply.status, code=complaint_of(reply).code)
    raise refusal(meaning, reply, kind="", bucket="api")
