"""The sound of recordings: three names for it, one or two channels."""

import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tests.simulators import speech
from tests.simulators.http import Request, Response, bytes_answer
from tests.simulators.twilio.answers import Refusal, not_found
from tests.simulators.twilio.forms import one_of, read_query

if TYPE_CHECKING:
    from tests.simulators.twilio.simulator import TwilioSimulator

TYPES = {"": "audio/x-wav", ".wav": "audio/x-wav", ".mp3": "audio/mpeg"}
QUERY = {"RequestedChannels": one_of("1", "2")}
LINK_SECONDS = 3600
MU_LAW = 7
LOUDNESS = 0x7F  # of an inverted mu-law sample; the eighth bit is the sign


class Media:
    def __init__(self, simulator: "TwilioSimulator") -> None:
        self._simulator = simulator
        self._links: dict[str, tuple[str, float]] = {}  # token: Transcript SID and end

    def recording(self, request: Request, recording: str, suffix: str) -> Response:
        query = read_query(request, QUERY, strict=self._simulator.switches.is_strict)
        found = self._simulator.recordings.find(recording)
        if found.status != "completed" or not found.is_media_ready or found.is_external:
            raise not_found(request.path)
        if suffix == ".mp3" and found.is_encrypted:
            raise Refusal(16109)
        if query.get("RequestedChannels") == "2" and found.channels == 1:
            raise Refusal(16113)
        wanted = 1 if found.conference else found.channels
        wanted = int(query.get("RequestedChannels", wanted))
        content = self.sound(found.conversation, suffix, channels=wanted)
        ranges = self._simulator.switches.media_ranges
        return bytes_answer(request, content, TYPES[suffix], ranges=ranges)

    def sound(self, conversation: int, suffix: str, *, channels: int) -> bytes:
        # An mp3 stays as it was spoken, in stereo: the standard library cannot mix it.
        spoken = speech.with_wav(conversation)
        if suffix == ".mp3":
            return spoken.audio("mp3")
        content = spoken.audio("wav")
        return mono(content) if channels == 1 else content

    def link(self, transcript_sid: str) -> str:
        """A pre-signed link: it needs no credentials and dies by itself."""
        token = self._simulator.new_hex(40)
        self._links[token] = (transcript_sid, self._simulator.clock.now() + LINK_SECONDS)
        return f"{self._simulator.origin}/intelligence-media/{transcript_sid}.wav?Signature={token}"

    def linked(self, request: Request) -> Response:
        transcript_sid, end = self._links.get(request.params.get("Signature", ""), ("", 0.0))
        transcript = self._simulator.transcripts.all.get(transcript_sid)
        is_valid = (
            request.path == f"/intelligence-media/{transcript_sid}.wav" and self._simulator.clock.now() < end
        )
        if transcript is None or not is_valid:
            return Response(
                status=403, headers={"Content-Type": "application/xml"}, body=b"<Error>AccessDenied</Error>"
            )
        content = self.sound(transcript.conversation, ".wav", channels=transcript.channels)
        return bytes_answer(request, content, TYPES[".wav"])


def mono(content: bytes) -> bytes:
    """Both channels of a mu-law file in one, as on the telephone; other sound stays as it is.

    Of each pair the louder sample is kept, which needs no decoding: people take turns.
    """
    chunks = dict(_chunks(content))
    kind, channels, rate = struct.unpack_from("<HHI", chunks[b"fmt "])
    if (kind, channels) != (MU_LAW, 2):
        return content
    sound = chunks[b"data"]
    mixed = bytes(
        left if ~left & LOUDNESS > ~right & LOUDNESS else right
        for left, right in zip(sound[::2], sound[1::2], strict=True)
    )
    form = struct.pack("<HHIIHHH", MU_LAW, 1, rate, rate, 1, 8, 0)
    body = b"WAVE" + _chunk(b"fmt ", form) + _chunk(b"data", mixed)
    return _chunk(b"RIFF", body)


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(b"RIFF....WAVE")
    while at + 8 <= len(content):
        name, size = struct.unpack_from("<4sI", content, at)
        yield name, content[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack("<4sI", name, len(content)) + content + b"\0" * (len(content) % 2)
