"""What exists at the provider: meetings, bots, recordings and their artifacts, transcripts."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

HOSTS = {
    "zoom.us": "zoom",
    "meet.google.com": "google_meet",
    "teams.live.com": "microsoft_teams_live",
    "teams.microsoft.com": "microsoft_teams",
    "meet.goto.com": "goto_meeting",
    "app.goto.com": "goto_meeting",
}
TEAMS_KEYS = ("organizer_id", "tenant_id", "message_id", "business_meeting_id", "business_meeting_password")


def stamp(moment: float | None) -> str | None:
    """As the API writes times."""
    if moment is None:
        return None
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(kw_only=True)
class Change:
    """A status and since when."""

    code: str
    at: float
    sub_code: str | None = None

    def shape(self) -> dict[str, Any]:
        return {"code": self.code, "sub_code": self.sub_code, "updated_at": stamp(self.at)}


@dataclass(kw_only=True)
class Person:
    id: int
    name: str
    is_host: bool = False
    is_here: bool = True

    def shape(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "is_host": self.is_host,
            "platform": "desktop",
            "extra_data": {},
            "email": None,
        }


@dataclass(kw_only=True)
class Meeting:
    url: str
    title: str
    conversation: int
    people: list[Person]
    has_waiting_room: bool = False
    permission: str = "granted"  # to record, on Zoom: granted, denied, pending
    denial: str = "zoom_local_recording_request_denied_by_host"
    fatal: str = ""  # bots cannot come in: the sub code
    is_silent: bool = False
    is_over: bool = False
    refuses_bots: bool = False  # a Teams tenant's block list

    @property
    def platform(self) -> str:
        return str((described(self.url) or {}).get("platform", ""))

    @property
    def has_people(self) -> bool:
        return any(person.is_here for person in self.people)


@dataclass(kw_only=True)
class Bot:
    id: str
    created_at: float
    meeting_url: str
    bot_name: str = "Meeting Notetaker"
    join_at: float | None = None
    config: dict[str, Any] = field(default_factory=dict)
    automatic_leave: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    extras: dict[str, Any] = field(default_factory=dict)  # variant, zoom …: kept as they came
    changes: list[Change] = field(default_factory=list)
    recordings: list[str] = field(default_factory=list)
    capture: str = ""  # the recording that is under way
    armed: dict[str, Any] | None = None  # records with this as soon as the meeting lets it
    was_allowed: bool = False  # the host's permission was announced
    has_met_people: bool = False

    @property
    def status(self) -> str:
        return self.changes[-1].code if self.changes else ""

    @property
    def is_scheduled(self) -> bool:
        return self.join_at is not None and not self.changes

    def moment_of(self, *codes: str) -> float | None:
        return next((change.at for change in self.changes if change.code in codes), None)


@dataclass(kw_only=True)
class Artifact:
    """A file or data set of a recording; a transcript too."""

    id: str
    kind: str
    recording: str
    created_at: float
    status: Change
    metadata: dict[str, Any] = field(default_factory=dict)
    format: str = ""


@dataclass(kw_only=True)
class Transcript(Artifact):
    kind: str = "transcript"
    provider: dict[str, Any] = field(default_factory=dict)
    diarization: dict[str, Any] | None = None
    is_realtime: bool = False
    failure: str = ""  # the sub code it will fail with


@dataclass(kw_only=True)
class Recording:
    id: str
    bot: str
    created_at: float
    status: Change
    meeting: Meeting
    config: dict[str, Any]  # with the endpoint's defaults filled in
    metadata: dict[str, Any] = field(default_factory=dict)
    started_at: float | None = None
    completed_at: float | None = None
    expires_at: float | None = None
    realtime: list[dict[str, Any]] = field(
        default_factory=list
    )  # the endpoints as received, each with its id
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    is_silent: bool = False
    failure: str = ""
    kind: str = "recording"

    @property
    def is_stored(self) -> bool:
        """False under zero retention: nothing is kept."""
        return self.config.get("retention") is not None


def described(url: str) -> dict[str, Any] | None:
    """The object that the API answers for a meeting URL; ``None`` when no platform knows it."""
    link = urlsplit(url)
    last = link.path.rstrip("/").rsplit("/", 1)[-1]
    platform = _platform(link.hostname or "")
    if link.scheme != "https" or not last or not platform or (platform == "zoom" and not last.isdigit()):
        return None
    password = parse_qs(link.query).get("pwd", [None])[0]
    if platform == "microsoft_teams":
        return {"platform": platform, "thread_id": last, **dict.fromkeys(TEAMS_KEYS)}
    if platform in {"zoom", "microsoft_teams_live"}:
        return {"platform": platform, "meeting_id": last, "meeting_password": password}
    return {"platform": platform, "meeting_id": last}


def _platform(host: str) -> str:
    if host.endswith((".zoom.us", ".webex.com")):
        return host.split(".")[-2]
    return HOSTS.get(host, "")
