"""Files of recordings: behind the two headers, at times behind a redirect to another host (contract 3.5)."""

import io
import wave

from tests.simulators.http import Request, Response, bytes_answer
from tests.simulators.vobiz.answers import Missing
from tests.simulators.vobiz.lifecycle import SHORTEST_SECONDS, Lifecycle
from tests.simulators.vobiz.state import Recording

TYPES = {"mp3": "audio/mpeg", "wav": "audio/wav"}
SECRET_HEADERS = ("x-auth-id", "x-auth-token")
# One frame of MPEG-1 layer III, 32 kbit/s at 44.1 kHz mono, all zero: 26 ms of silence in 104 bytes.
SILENT_FRAME = bytes.fromhex("fffb10c0") + bytes(100)
FRAME_SECONDS = 1152 / 44100


class MediaRoutes(Lifecycle):
    def __init__(self, **settings: object) -> None:
        super().__init__(**settings)
        self.link_secret = self.new_hex(32)

    def media(self, request: Request, name: str) -> Response:
        """The file, for whoever has the two headers."""
        recording = self._with_file(name)
        if self.media_redirect:
            link = f"{self.media_redirect.rstrip('/')}/signed/{name}?signature={self.link_secret}"
            return Response(status=302, headers={"Location": link})
        return self._bytes(request, recording)

    def signed_media(self, request: Request, name: str) -> Response:
        """Where the redirect leads: a link that opens by itself, on a host that must see no credentials."""
        leaked = [header for header in SECRET_HEADERS if header in request.headers]
        if leaked:
            self.perform("leak_credentials", request.origin, headers=leaked)
        if request.params.get("signature") != self.link_secret:
            return Response(status=403)
        return self._bytes(request, self._with_file(name))

    def _with_file(self, name: str) -> Recording:
        recording_id, _, extension = name.rpartition(".")
        recording = self.recordings.get(recording_id)
        if recording is None or recording.extension != extension or not self.has_file(recording):
            raise Missing("Recording not found")
        return recording

    def _bytes(self, request: Request, recording: Recording) -> Response:
        content = file_of(recording)
        return bytes_answer(request, content, TYPES[recording.extension], ranges=self.media_ranges)


def file_of(recording: Recording) -> bytes:
    """The conversation's own file; of a recording too short for one, that much silence."""
    if recording.speech is not None and recording.duration_seconds >= SHORTEST_SECONDS:
        return recording.speech.audio(recording.container)
    return silence(recording.duration_seconds, recording.container)


def silence(seconds: float, container: str) -> bytes:
    if container == "mp3":
        return SILENT_FRAME * round(seconds / FRAME_SECONDS)
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(2 * round(seconds * 8000)))
    return out.getvalue()
