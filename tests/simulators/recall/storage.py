"""Downloads: pre-signed links on another path, their expiry, and the files behind them."""

import hashlib
import hmac
import json
import struct
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from tests.simulators.http import Request, Response, bytes_answer
from tests.simulators.recall.spoken import (
    events_file,
    participants_file,
    provider_file,
    timeline_file,
    words_file,
)
from tests.simulators.recall.state import Artifact, Recording, Transcript
from tests.simulators.speech import conversation

if TYPE_CHECKING:
    from tests.simulators.recall.simulator import RecallSimulator

PREFIX = "/_storage/"
TOKEN_PATH = "/api/v1/download/transcript"
TYPES = {"mp4": "video/mp4", "mp3": "audio/mpeg", "json": "application/json"}
SILENT_MP3 = b"\xff\xfb\x90\x64" + bytes(413)  # one frame of nothing
EMPTY_MP4 = struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"isom", 512, b"isom", b"mp42") + struct.pack(
    ">I4s", 8, b"mdat"
)


def _failure(status: int, code: str, message: str) -> Response:
    body = f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Response(status=status, headers={"Content-Type": "application/xml"}, body=body.encode())


class Storage:
    """Answers like a store of files that knows nothing of the API's key."""

    def __init__(self, sim: "RecallSimulator") -> None:
        self.sim = sim
        self._secret = sim.new_hex(32).encode()

    def link(self, artifact: Artifact, name: str, origin: str) -> str | None:
        """A fresh link once the artifact is done."""
        if artifact.status.code != "done":
            return None
        expires = int(self.sim.clock.now() + self.sim.switches.link_seconds)
        if name == "transcript.json" and self.sim.switches.transcript_link == "api":
            token = f"{artifact.id}:{expires}:{self._signature(artifact.id, name, expires)}"
            return f"{origin}{TOKEN_PATH}?token={quote(token, safe='')}"
        signature = self._signature(artifact.id, name, expires)
        path = f"{PREFIX}{artifact.kind}/{artifact.id}/{name}"
        return f"{origin}{path}?Expires={expires}&Signature={signature}"

    def knows(self, request: Request) -> bool:
        return request.path.startswith(PREFIX) or request.path == TOKEN_PATH

    def serve(self, request: Request) -> Response:
        if request.path == TOKEN_PATH:
            return self._serve_token(request)
        if "authorization" in request.headers:
            return _failure(400, "InvalidArgument", "Only one auth mechanism allowed")
        key, name = [*request.path.split("/"), "", ""][3:5]
        return self._serve(
            request, key, name, request.params.get("Expires", ""), request.params.get("Signature", "")
        )

    def _serve_token(self, request: Request) -> Response:
        parts = [*unquote(request.params.get("token", "")).split(":"), "", ""][:3]
        return self._serve(request, parts[0], "transcript.json", parts[1], parts[2])

    def _serve(self, request: Request, key: str, name: str, expires: str, signature: str) -> Response:
        if request.method != "GET":
            return _failure(403, "SignatureDoesNotMatch", "The link is signed for GET")
        is_genuine = expires.isdigit() and hmac.compare_digest(
            signature.encode(), self._signature(key, name, int(expires)).encode()
        )
        if not is_genuine:
            return _failure(403, "SignatureDoesNotMatch", "The request signature does not match")
        if self.sim.clock.now() >= int(expires):
            return _failure(403, "AccessDenied", "Request has expired")
        artifact = self.sim.find_artifact(key)
        if artifact is None or artifact.status.code != "done":
            return _failure(404, "NoSuchKey", "The specified key does not exist.")
        content = self._content(artifact, name)
        return bytes_answer(request, content, TYPES.get(name.rpartition(".")[2], "application/octet-stream"))

    def _signature(self, key: str, name: str, expires: int) -> str:
        return hmac.new(self._secret, f"{key}/{name}/{expires}".encode(), hashlib.sha256).hexdigest()

    def _content(self, artifact: Artifact, name: str) -> bytes:
        recording = self.sim.recordings[artifact.recording]
        if name.endswith(".json"):
            return json.dumps(self._document(artifact, recording, name)).encode()
        if artifact.kind.endswith("_separate"):
            return b""  # what lies behind the links of separate streams is not in the contract
        return self._sound(recording, artifact.format)

    def _document(self, artifact: Artifact, recording: Recording, name: str) -> Any:
        match name:
            case "transcript.json" if isinstance(artifact, Transcript):
                return words_file(recording, artifact, absolute=self.sim.switches.absolute_times)
            case "provider_data.json" if isinstance(artifact, Transcript):
                return provider_file(recording, artifact)
            case "participants.json":
                return participants_file(recording)
            case "speaker_timeline.json":
                return timeline_file(recording)
        return events_file(recording)

    def _sound(self, recording: Recording, container: str) -> bytes:
        if recording.is_silent:
            return {"mp3": SILENT_MP3, "mp4": EMPTY_MP4}.get(container, b"")
        spoken = conversation(recording.meeting.conversation)
        if container == "raw":
            try:
                return spoken.audio("wav")[44:]
            except FileNotFoundError:
                return b""
        return spoken.audio(container)
