"""What Daily remembers: rooms, sessions, running instances, recordings, transcripts, jobs, webhooks."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

# Used when a start names none; reserved, so a client that sends it is refused.
DEFAULT_INSTANCE = "c3df927c-f738-4471-a2b7-066fa7e95a6b"


def iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(kw_only=True)
class Room:
    id: str
    name: str
    created_at: float
    privacy: str = "public"
    api_created: bool = True
    config: dict[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class Person:
    session_id: str
    name: str
    joined_at: float
    user_id: str | None = None
    is_owner: bool = False
    left_at: float | None = None


@dataclass(kw_only=True)
class Session:
    """From the first join to the last leave."""

    id: str
    room: Room
    began_at: float
    conversation: int = 0
    people: list[Person] = field(default_factory=list)
    most: int = 0  # the largest number of people at once
    idle_since: float | None = None  # everyone muted
    ended_at: float | None = None

    @property
    def present(self) -> list[Person]:
        return [person for person in self.people if person.left_at is None]


@dataclass(kw_only=True)
class Recording:
    id: str
    instance_id: str
    room_name: str
    session_id: str
    start_at: float
    conversation: int
    type: str = "cloud"
    status: str = "in-progress"
    max_participants: int = 1
    duration: int | None = None
    share_token: str = ""
    s3key: str = ""
    bucket: dict[str, Any] | None = None  # the customer's
    tracks: list[dict[str, Any]] | None = None


@dataclass(kw_only=True)
class Transcript:
    id: str
    instance_id: str
    room: Room
    session_id: str
    began_at: float
    updated_at: float
    conversation: int
    names: list[str]  # of the speakers, in the order of the conversation's
    is_stored: bool
    key: str
    heard: set[int] | None = None  # speakers who are transcribed; None: everyone
    status: str = "t_in_progress"
    max_participants: int = 1
    duration: float = 0.0
    minutes: float = 0.0
    is_vtt_available: bool = False
    flushed_seconds: float = 0.0  # how much of the text lies in the file
    bucket: dict[str, Any] | None = None
    error: str | None = None
    ended_at: float | None = None


@dataclass(kw_only=True)
class Instance:
    """A recorder or transcriber at work, from the accepted start to its end."""

    id: str
    kind: str  # "recording" or "transcription"
    session: Session
    options: dict[str, Any]
    recording: Recording | None = None
    transcript: Transcript | None = None
    stopped_at: float | None = None
    is_over: bool = False


@dataclass(kw_only=True)
class Job:
    id: str
    preset: str
    input: dict[str, Any]
    template: str
    submitted_at: float
    conversation: int = 0
    status: str = "submitted"
    output: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
    bucket: dict[str, Any] | None = None


@dataclass(kw_only=True)
class Webhook:
    uuid: str
    url: str
    hmac: str
    event_types: list[str]
    created_at: float
    updated_at: float
    basic_auth: str | None = None
    retry_type: str = "circuit-breaker"
    state: str = "ACTIVE"
    failed_count: int = 0
    pushed_at: float | None = None
