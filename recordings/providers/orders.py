"""Orders as an adapter meets them: what can be ordered, of what, how often, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from recordings.providers.errors import Exchange
from recordings.providers.options import Option, Options
from recordings.providers.snapshots import CallState, Fact, Json, Status


class Subject(StrEnum):
    """What an order is about."""

    ACCOUNT = "account"
    CALL = "call"
    RECORDING = "recording"
    TRANSCRIPT = "transcript"


class Repeat(StrEnum):
    """Whether an order may be sent again after an unknown outcome."""

    REPEATABLE = "repeatable"  # the same effect again does no harm: sent again
    KEYED = "keyed"  # the provider knows the send key: sent again with the same one, within its window
    ONCE = "once"  # never sent again: evidence decides, else it stays in doubt


class Scope(StrEnum):
    """Who shares a bucket."""

    ACCOUNT = "account"
    CALL = "call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A limit of the provider: ``limit`` requests each ``per_seconds`` (rate), or at once (0)."""

    name: str
    limit: int
    per_seconds: float
    scope: Scope = Scope.ACCOUNT


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing that can be ordered, as data: buttons, forms, rights and the engine's rules come from it.

    ``kind`` is unique inside the adapter. Common kinds, spelled alike at every provider:
    ``call.send``, ``call.change``, ``call.cancel``, ``call.leave``, ``recording.start``,
    ``recording.stop``, ``recording.stop_all``, ``recording.pause``, ``recording.resume``,
    ``recording.update``, ``recording.delete``, ``transcript.order``, ``transcript.delete``,
    ``captions.start``, ``captions.update``, ``captions.stop``, ``endpoint.create``,
    ``endpoint.repair``, ``endpoint.delete``; others are the provider's own.
    """

    kind: str
    subject: Subject
    label: str  # of the button: "Start recording"
    repeat: Repeat
    right: str  # "control", "order", "delete", "manage" or "administer"
    lane: int = 1  # 0 for stop, pause and leave
    not_after_seconds: int | None = 90  # None: until the call is over
    buckets: tuple[str, ...] = ()  # names among the adapter's buckets
    options: tuple[Option, ...] = ()
    makes: Subject | None = None  # a row of this kind stands in the mirror from the click on
    becomes: Status | None = None  # what the subject's status is once the provider accepted
    overwrites_live: bool = False  # a running recording of the call is lost by it
    is_destructive: bool = False
    help: str = ""  # what it does, for the form
    costs: str = ""  # what is charged, in a sentence; "" nothing
    goes: str = ""  # what is lost by it, in a sentence; "" nothing
    local_note: str = ""  # set when nothing happens at the provider: says so


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRef:
    """A call as the mirror knows it."""

    external_id: str
    key: str
    state: CallState | None = None
    provider_status: str = ""
    flags: Mapping[str, Json] = field(default_factory=dict)
    title: str = ""
    live_recordings: tuple["RecordingRef", ...] = ()  # in progress or paused, filled for call orders
    recording_ids: frozenset[str] = frozenset()  # the provider's, of all that have a row; filled likewise


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRef:
    """A recording as the mirror knows it."""

    external_id: str
    key: str
    status: Status
    provider_status: str = ""
    handle: Mapping[str, Json] = field(default_factory=dict)
    source: str = ""
    channels: int | None = None
    duration_seconds: float | None = None
    started_at: datetime | None = None
    call: CallRef | None = None
    transcripts_completed: int = 0
    transcripts_open: int = 0
    transcripts_ever: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptRef:
    """A transcript as the mirror knows it."""

    external_id: str
    key: str
    status: Status
    kind: str = ""
    engine: str = ""
    handle: Mapping[str, Json] = field(default_factory=dict)
    recording: RecordingRef | None = None
    call: CallRef | None = None


SubjectRef = CallRef | RecordingRef | TranscriptRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order on its way out.

    ``key`` is the key of the row that the order makes, else of its subject: it is echoed by the
    provider wherever the contract has a place for it. ``send_key`` changes with each definite
    refusal. ``callback_url`` is this account's address with a trailing slash ("" when callbacks
    cannot reach us): the adapter appends its own path and puts ``key`` into it.
    """

    kind: str
    key: str
    send_key: str
    options: Options = field(default_factory=dict)
    call: CallRef | None = None
    recording: RecordingRef | None = None
    transcript: TranscriptRef | None = None
    callback_url: str = ""
    ordered_at: datetime | None = None
    sent_at: datetime | None = None  # of the attempt that is in doubt
    # What else could explain a thing that names no order: filled for looks for evidence only.
    rivals: "tuple[Pending, ...]" = ()  # orders like it, of the same call, that wait for their thing too
    taken: frozenset[str] = frozenset()  # the provider's ids of what orders like it have made
    strays: tuple[RecordingRef, ...] = ()  # recordings of the call that no order of ours has made


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of an order: facts for the mirror, and the exchange for the timeline."""

    facts: tuple[Fact, ...] = ()
    note: str = ""  # what a person should know of it, such as "was gone already"
    exchange: Exchange | None = None
    is_confirmed: bool = True  # False: the provider took the command; whether it happened comes later


class Verdict(StrEnum):
    """What a look for evidence found."""

    HAPPENED = "happened"
    ABSENT = "absent"  # the look was complete and nothing is there
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The outcome of one look; ``looked_at`` says in a sentence what was asked and seen."""

    verdict: Verdict
    looked_at: str
    facts: tuple[Fact, ...] = ()
    exchange: Exchange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A row of ours that has no id of the provider yet, for ``matches``."""

    key: str
    kind: str  # the order that made it
    options: Options
    call_external_id: str
    recording_external_id: str = ""
    handle: Mapping[str, Any] = field(default_factory=dict)
    ordered_at: datetime | None = None
    sent_at: datetime | None = None
    rivals: "tuple[Pending, ...]" = ()  # others like it, of the same call
