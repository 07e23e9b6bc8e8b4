"""What a provider said at a moment: the frozen dataclasses that leave an adapter.

Moments are aware datetimes in UTC, durations and offsets are seconds, money is a ``Decimal`` in the
currency named beside it. ``None`` and ``""`` mean unknown, never zero. Links that grant access by
themselves are removed before a snapshot leaves its adapter.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

Json = Any  # what ``json.loads`` gives


class Status(StrEnum):
    """Our words for the state of a recording or a transcript; ``RANK`` orders them."""

    REQUESTED = "requested"
    IN_PROGRESS = "in_progress"
    PAUSED = "paused"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    DELETED = "deleted"


RANK: Mapping[str, int] = {
    Status.REQUESTED: 0,
    Status.IN_PROGRESS: 1,
    Status.PAUSED: 1,
    Status.PROCESSING: 2,
    Status.COMPLETED: 3,
    Status.FAILED: 3,
    Status.DELETED: 4,
}


class CallState(StrEnum):
    """Whether a call can be recorded: ``waiting`` is on its way in (ringing, joining)."""

    SCHEDULED = "scheduled"
    WAITING = "waiting"
    LIVE = "live"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingSnapshot:
    """One recording as the provider tells it.

    ``external_id`` may be empty only when ``key`` is not: the provider has taken an order of ours and
    given no id yet.
    """

    external_id: str
    key: str = ""  # ours, echoed
    call_external_id: str = ""
    status: Status | None = None  # None: the word is unknown, ours stays
    provider_status: str = ""
    status_at: datetime | None = None  # the provider's own time of the status
    may_be_live: bool = False  # "processing" that is also said of running ones: never ends a live state
    reason: str = ""  # why it failed, is empty or went away, in a sentence
    reason_code: str = ""  # the provider's own code for it
    handle: Mapping[str, Json] = field(default_factory=dict)  # what stopping needs; merged, never emptied
    started_at: datetime | None = None
    completed_at: datetime | None = None
    duration_seconds: float | None = None
    media_expires_at: datetime | None = None
    price: Decimal | None = None  # what the provider charged, positive
    currency: str = ""
    channels: int | None = None
    source: str = ""  # the provider's word for how it was started
    options: Mapping[str, Json] = field(default_factory=dict)  # echoed by the provider, where it does
    raw: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSnapshot:
    """One call; ``recordings`` are those that its answer carried."""

    external_id: str
    key: str = ""
    state: CallState | None = None
    provider_status: str = ""
    status_at: datetime | None = None
    title: str = ""
    details: Mapping[str, str] = field(default_factory=dict)  # label to text, as a person reads it
    flags: Mapping[str, Json] = field(default_factory=dict)  # what the adapter's ``unavailable`` needs
    participants: tuple[str, ...] | None = None
    starts_at: datetime | None = None  # when a scheduled one begins
    started_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str = ""
    reason_code: str = ""
    recordings: tuple[RecordingSnapshot, ...] = ()
    raw: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word, or one caption line, with its offsets in seconds from the start of the recording."""

    text: str
    start: float | None = None
    end: float | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """What one speaker said without a break. ``text`` is authoritative; ``words`` may be empty."""

    text: str
    speaker: str = ""  # the provider's label, "" when unknown
    start: float | None = None
    end: float | None = None
    words: tuple[Word, ...] = ()
    channel: int | None = None
    confidence: float | None = None
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFile:
    """One file of the provider, byte for byte; ``name`` is safe as a file name."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptText:
    """The words of a transcript and the files they were read from.

    ``problem`` says in a sentence why a file could not be read; the files are kept all the same.
    """

    utterances: tuple[Utterance, ...]
    files: tuple[TextFile, ...] = ()
    language: str = ""
    note: str = ""  # why there are no words, if the provider says
    problem: str = ""
    extra: Json = None  # results beside the words, such as an operator's or a summary


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptSnapshot:
    """One transcript as the provider tells it; ``text`` only when the same message carried it."""

    external_id: str
    key: str = ""
    recording_external_id: str = ""
    recording_key: str = ""
    call_external_id: str = ""
    kind: str = ""  # one of the adapter's ``transcript_kinds``
    engine: str = ""
    language: str = ""
    status: Status | None = None
    provider_status: str = ""
    status_at: datetime | None = None
    reason: str = ""
    reason_code: str = ""
    handle: Mapping[str, Json] = field(default_factory=dict)  # what fetching, stopping, deleting needs
    started_at: datetime | None = None
    completed_at: datetime | None = None
    duration_seconds: float | None = None
    price: Decimal | None = None
    currency: str = ""
    is_empty: bool = False  # completed without words
    text: TranscriptText | None = None
    raw: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Captions:
    """Words of a running transcript; ``sequence`` orders the pieces of one transcript."""

    transcript_external_id: str
    sequence: float
    utterances: tuple[Utterance, ...]
    is_final: bool = True
    call_external_id: str = ""
    recording_external_id: str = ""
    kind: str = ""
    engine: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSnapshot:
    """Where the provider posts, as the provider tells it."""

    external_id: str
    url: str
    state: str  # the provider's word
    is_healthy: bool | None = None
    events: tuple[str, ...] = ()
    failures: int | None = None
    last_push_at: datetime | None = None
    raw: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A wish of the adapter: read this at the provider soon. ``kind``: call, recording, transcript, text."""

    kind: str
    external_id: str
    parent_external_id: str = ""
    delay_seconds: float = 0.0


Snapshot = CallSnapshot | RecordingSnapshot | TranscriptSnapshot | Captions | EndpointSnapshot
Fact = Snapshot | Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a listing; an empty ``next_cursor`` ends it. ``total`` where the provider says."""

    items: tuple[Snapshot, ...]
    next_cursor: str = ""
    total: int | None = None
