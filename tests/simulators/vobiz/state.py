"""What Vobiz knows: calls, recordings, transcripts, and the credentials of the one account."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.simulators.base import Simulator
from tests.simulators.speech import Conversation
from tests.simulators.vobiz.switches import Switches

DAY = 86400
DEFAULT_MEDIA_ORIGIN = "https://media.vobiz.ai"


@dataclass(kw_only=True)
class Call:
    call_uuid: str
    request_uuid: str
    number: int  # in order of their beginning
    started_at: float
    direction: str
    from_number: str
    to_number: str
    caller_name: str = ""
    conversation: int = 0
    transcription_error: str = ""  # what becomes of every transcription of this call
    ended_at: float | None = None

    @property
    def is_live(self) -> bool:
        return self.ended_at is None


@dataclass(kw_only=True)
class Recording:
    recording_id: str
    number: int
    call: Call
    api_id: str  # of the answer to the start; repeated in the callback
    options: dict[str, Any]  # with the defaults filled in
    url: str  # as the start answered it, which is what a stop must repeat; "" when others started it
    started_at: float
    recording_type: str = "call"
    conference_name: str = ""
    ended_at: float | None = None
    end_reason: str = ""
    speech: Conversation | None = None  # None: nothing worth hearing
    duration_seconds: float = 0.0
    row_at: float | None = None  # from when it is listed
    file_at: float | None = None  # from when its file is there
    is_wav_inside: bool = False
    is_deleted: bool = False

    @property
    def extension(self) -> str:
        return str(self.options["file_format"])

    @property
    def container(self) -> str:
        return "wav" if self.is_wav_inside else self.extension


@dataclass(kw_only=True)
class Transcript:
    recording_id: str
    status: str = "in progress"  # then "success" or "failed"
    text: str = ""
    error: str = ""
    charge: str = "0.00000"
    callback_url: str = ""
    details: dict[str, Any] = field(default_factory=dict)


class State(Switches, Simulator):
    """The account's data and the questions that the routes ask of it."""

    slug = "vobiz"

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.auth_id = "MA_SIM7T4PED3CK"
        self.auth_token = "sim-auth-token"
        self.calls: dict[str, Call] = {}
        self.recordings: dict[str, Recording] = {}
        self.transcripts: dict[str, Transcript] = {}  # by recording id: Plivo's tests use one id for both
        self.recent: deque[float] = deque()  # moments of requests, for the sliding limit
        self.day_has_begun = False
        self._last_origin = ""

    def exactly_after(self, seconds: float, change: Callable[[], None]) -> None:
        """Like ``after`` without the scale: for seconds that the caller asked for."""

        def locked() -> None:
            with self.lock:
                change()

        self.clock.after(seconds, locked)

    def live_call(self, call_uuid: str) -> Call | None:
        call = self.calls.get(call_uuid)
        return call if call is not None and call.is_live else None

    def running(self, call: Call) -> list[Recording]:
        return [each for each in self.recordings.values() if each.call is call and each.ended_at is None]

    def row(self, recording_id: str) -> Recording | None:
        """A recording that the API shows."""
        recording = self.recordings.get(recording_id)
        return recording if recording is not None and self.is_listed(recording) else None

    def is_listed(self, recording: Recording) -> bool:
        if recording.is_deleted or recording.row_at is None or recording.row_at > self.clock.now():
            return False
        return not (self.retention_drops_row and self.is_expired(recording))

    def has_file(self, recording: Recording) -> bool:
        if recording.is_deleted or recording.file_at is None or recording.file_at > self.clock.now():
            return False
        return not self.is_expired(recording)

    def is_expired(self, recording: Recording) -> bool:
        return self.clock.now() - recording.started_at >= self.retention_days * DAY

    def media_url(self, recording: Recording) -> str:
        """Where the file is: below the origin that the caller uses, unless a switch names another."""
        origin = self.media_origin or self._last_origin or DEFAULT_MEDIA_ORIGIN
        return f"{origin}/v1/Account/{self.auth_id}/Recording/{recording.recording_id}.{recording.extension}"
