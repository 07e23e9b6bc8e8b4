"""The file of a recording: behind both headers, perhaps behind redirects, and not always what its name says
(contract 3.5)."""

from typing import Any
from urllib.parse import urlsplit

import httpx

from recordings.providers.base import Media, Variant
from recordings.providers.client import LARGEST_REDIRECTS, Reply
from recordings.providers.errors import CredentialsRefused, NotFound, ProviderError, Refused, Unavailable
from recordings.providers.orders import RecordingRef
from recordings.providers.snapshots import RecordingSnapshot, Status
from recordings.providers.vobiz import recordings
from recordings.providers.vobiz.api import Api
from recordings.providers.vobiz.values import text

MP3, WAV = "audio/mpeg", "audio/wav"
ENDINGS = {MP3: "mp3", WAV: "wav"}
REDIRECTS = frozenset({301, 302, 303, 307, 308})
LAST_BYTE = 15  # enough to tell a WAV from an MP3
NO_FILE = "Vobiz does not give the file: it is deleted, expired (after about 30 days) or not finished yet."
FOREIGN = "Vobiz named an address for the file that is not its own: the credentials were not sent there."


def variants(recording: RecordingRef) -> tuple[Variant, ...]:
    if recording.status is not Status.COMPLETED or not recording.external_id:
        return ()
    return (Variant(name="audio", label="Audio", content_type=_by_name(_known_url(recording))),)


def media(api: Api, recording: RecordingRef) -> Media:
    """Follows redirects by hand: httpx would carry our headers to any host (contract 3.5).

    A location that is no address has failed in the client by then.
    """
    url = _known_url(recording) or _asked_url(api, recording)
    if not api.is_own(url):
        raise Refused(FOREIGN)
    for _ in range(LARGEST_REDIRECTS + 1):
        reply = api.peek(url, last_byte=LAST_BYTE)
        if reply.status not in REDIRECTS:
            return _media(recording, url, reply, headers=api.headers())
        url = str(httpx.URL(url).join(reply.headers.get("location", "")))
        if not api.is_own(url):
            return _foreign(api, recording, url)
    raise Unavailable("Vobiz redirected the file more than three times.")


def sniffed(content: bytes, *, name: str) -> str:
    """By the first bytes; name, header and ``recording_format`` may all say MP3 of a WAV."""
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return WAV
    if content[:3] == b"ID3" or (len(content) > 1 and content[0] == 0xFF and content[1] >= 0xE0):
        return MP3
    return _by_name(name)


def _known_url(recording: RecordingRef) -> str:
    return text(recording.handle.get("recording_url")) or text(recording.handle.get("url"))


def _asked_url(api: Api, recording: RecordingRef) -> str:
    fact = recordings.recording(api, recording.external_id)[0]
    url = text(fact.handle.get("recording_url")) if isinstance(fact, RecordingSnapshot) else ""
    if not url:
        raise NotFound(NO_FILE)
    return url


def _foreign(api: Api, recording: RecordingRef, url: str) -> Media:
    """A storage host's link that opens by itself: read and handed on without our headers."""
    return _media(recording, url, api.links.read(url, cut_at=LAST_BYTE + 1), headers={})


def _media(recording: RecordingRef, url: str, reply: Reply, *, headers: dict[str, str]) -> Media:
    if reply.status not in {200, 206}:
        raise _refusal(reply, is_own=bool(headers))
    content_type = sniffed(reply.content, name=url)
    return Media(
        url=url,
        content_type=content_type,
        headers=headers,
        has_ranges=reply.status == 206 or reply.headers.get("accept-ranges", "") == "bytes",
        filename=f"{recording.external_id}.{ENDINGS.get(content_type, 'bin')}",
    )


def _refusal(reply: Reply, *, is_own: bool) -> ProviderError:
    facts: dict[str, Any] = {"status": reply.status, "exchange": reply.exchange}
    if reply.status in {404, 410}:
        return NotFound(NO_FILE, **facts)
    if is_own and reply.status in {401, 403}:
        return CredentialsRefused("Vobiz refused the account's credentials for the file.", **facts)
    return Unavailable(f"Vobiz did not give the file (HTTP {reply.status}): try again later.", **facts)


def _by_name(url: str) -> str:
    return WAV if urlsplit(url).path.endswith(".wav") else MP3
