"""The file of a recording, behind a link that opens by itself for an hour (contract 3)."""

from recordings.providers.base import Media, Variant
from recordings.providers.daily.api import Api, segment
from recordings.providers.daily.bodies import RAW_TRACKS, type_of
from recordings.providers.daily.values import is_link, moment, shown, text
from recordings.providers.errors import ProviderError, Unavailable
from recordings.providers.orders import RecordingRef
from recordings.providers.snapshots import Status

LINK_SECONDS = 3600
VIDEO, SOUND = "video/mp4", "audio/mp4"
FIRST_BYTES = 16  # enough to tell an MP4 from an MP3
ENDINGS = {VIDEO: "mp4", SOUND: "m4a", "audio/mpeg": "mp3", "audio/webm": "webm"}


def variants(recording: RecordingRef) -> tuple[Variant, ...]:
    """Raw tracks are many files in the customer's own bucket: there is no link to them."""
    if recording.status is not Status.COMPLETED or not recording.external_id:
        return ()
    kind = type_of(recording)
    if kind == RAW_TRACKS:
        return ()
    if kind == "cloud-audio-only":
        return (Variant(name="audio", label="Sound", content_type=SOUND),)
    return (Variant(name="video", label="Video", content_type=VIDEO),)


def media(api: Api, recording: RecordingRef) -> Media:
    """The link is fetched without the API key: storage takes one authorization only, and it would leak."""
    path = f"/recordings/{segment(recording.external_id)}/access-link"
    answer = api.read_object(path, {"valid_for_secs": LINK_SECONDS})
    link = link_of(text(answer.get("download_link")), what="file")
    content_type = _content_type(api, recording, link)
    return Media(
        url=link,
        content_type=content_type,
        expires_at=moment(answer.get("expires")),
        filename=f"{recording.external_id}.{ENDINGS[content_type]}",
    )


def link_of(found: str, *, what: str) -> str:
    """The link, or ``Unavailable`` with the sentence that stands in its place."""
    if is_link(found):
        return found
    said = shown(found)
    raise Unavailable(f"Daily gives no link to the {what}. {f'Daily says: {said}' if said else ''}".strip())


def sniffed(content: bytes) -> str:
    """Which file a recording of sound alone is: the documentation says MP4, nobody has said more."""
    if content[:3] == b"ID3" or (len(content) > 1 and content[0] == 0xFF and content[1] >= 0xE0):
        return "audio/mpeg"
    return "audio/webm" if content[:4] == b"\x1aE\xdf\xa3" else SOUND


def _content_type(api: Api, recording: RecordingRef, link: str) -> str:
    if type_of(recording) != "cloud-audio-only":
        return VIDEO
    try:
        reply = api.links.read(link, cut_at=FIRST_BYTES)
    except ProviderError:
        return SOUND
    return sniffed(reply.content) if reply.is_success else SOUND
