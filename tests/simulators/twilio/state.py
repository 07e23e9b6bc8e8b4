"""What the simulated account holds, and the switches for what its contract leaves open."""

from dataclasses import dataclass, field
from typing import Any

LIVE_RECORDING = ("in-progress", "paused")


@dataclass(kw_only=True)
class Call:
    sid: str
    order: int
    status: str
    created_at: float
    parent: str = ""
    to: str = ""
    from_number: str = ""
    direction: str = "inbound"
    title: str = ""  # shown as caller_name: a call has no title of its own
    conversation: int = 0
    started_at: float | None = None
    ended_at: float | None = None
    is_silent: bool = False
    is_relay: bool = False  # inside <Connect><ConversationRelay>: cannot be recorded
    trunk: str = ""
    is_priced: bool = False

    @property
    def is_live(self) -> bool:
        return self.status == "in-progress"


@dataclass(kw_only=True)
class Conference:
    sid: str
    title: str
    participants: list[str] = field(default_factory=list)  # Call SIDs, first to join first
    is_live: bool = True


@dataclass(kw_only=True)
class Recording:
    sid: str
    order: int
    call: str
    conference: str
    source: str
    status: str  # what is true now; a fetch shows less while it is live
    created_at: float
    updated_at: float
    channels: int
    track: str
    conversation: int
    callback: str = ""
    callback_method: str = "POST"
    events: tuple[str, ...] = ("completed",)
    transcribe: bool = False  # <Record transcribe="true">
    transcribe_callback: str = ""
    is_silent: bool = False
    paused_at: float | None = None
    pause_behavior: str = "silence"
    skipped_seconds: float = 0.0
    duration_seconds: float | None = None
    error_code: int | None = None
    price: str | None = None
    deleted_at: float | None = None
    is_media_ready: bool = False
    is_encrypted: bool = False
    is_external: bool = False
    is_pci: bool = False

    @property
    def is_live(self) -> bool:
        return self.status in LIVE_RECORDING


@dataclass(kw_only=True)
class LegacyTranscription:
    """A ``TR``: made by ``<Record transcribe>`` only."""

    sid: str
    order: int
    recording: str
    status: str
    created_at: float
    updated_at: float
    text: str | None = None
    duration_seconds: float | None = None
    price: str | None = None
    will_fail: bool = False


@dataclass(kw_only=True)
class LiveTranscription:
    """A real-time ``GT`` on a call: answers and callbacks, no fetch, list or delete."""

    sid: str
    call: str
    name: str
    status: str
    updated_at: float
    options: dict[str, str]
    sequence: int = 0
    service: str = ""


@dataclass(kw_only=True)
class Service:
    sid: str
    order: int
    created_at: float
    updated_at: float
    unique_name: str
    version: int = 1
    settings: dict[str, Any] = field(default_factory=dict)  # by their names in answers

    def setting(self, name: str) -> Any:
        return self.settings.get(name, SERVICE_DEFAULTS[name])


SERVICE_DEFAULTS: dict[str, Any] = {
    "friendly_name": "",
    "language_code": "en-US",
    "auto_transcribe": False,
    "auto_redaction": False,
    "media_redaction": False,
    "data_logging": False,
    "webhook_url": "",
    "webhook_http_method": "POST",
    "read_only_attached_operator_sids": [],
    "encryption_credential_sid": None,
}


@dataclass(kw_only=True)
class Transcript:
    """An Intelligence v2 ``GT``."""

    sid: str
    order: int
    service: str
    recording: str  # empty: external audio or a live call
    media_url: str
    status: str
    created_at: float
    updated_at: float
    channel: dict[str, Any]
    customer_key: str | None
    media_start_time: str | None
    conversation: int
    channels: int
    duration_seconds: float = 0.0
    fails_with: int = 0  # the code that will end it as failed, or 0


@dataclass
class Switches:
    """What the contract leaves open. The defaults are its advice, or its first candidate."""

    live_fetch_status: str = "processing"  # "truth": a fetch shows in-progress, paused, stopped
    second_start: str = "same"  # "new": a second RE; "ghost": 201 with an RE that is never seen again
    stop_finished_code: int = 21220  # or 20404
    delete_unfinished_code: int = 20409  # or 20001
    conference_stop_code: int = 20422  # the contract names no code
    duplicate_transcript_code: int = 20409  # guess: the contract found none
    transcript_uniqueness: str = "recording"  # "service": one for each service and recording
    source_errors_at_create: bool = True  # False: 202, and failed later
    cascade_delete: bool = False  # deleting a recording deletes its TR and GT
    is_strict: bool = True  # unknown parameters are refused with 20001
    # Callbacks.
    sign_with: str = "auth_token"  # "shared_key", "unheld_key", "unknown_algorithm", "wrong_token"
    signed_port: str = "as_is"  # "with", "without"
    idempotency_token_repeats: bool = True
    no_answer_is: str = "ct"  # "rt": an attempt without an answer counts as read timeout
    callbacks_before_answer: bool = False
    webhook_encoding: str = "json"  # "form"
    webhook_has_status: bool = False
    webhook_on_failure: bool = False  # voice_intelligence_transcript_failed
    transcribe_callback: str = ""  # for every <Record> that names none of its own
    # The account.
    credentials: str = "valid"  # "revoked"
    account_state: str = "active"  # "suspended"
    is_pci: bool = False
    is_encrypted: bool = False
    is_external_storage: bool = False
    concurrency_limit: int = 100  # guess; counted over sockets only
    retry_after: str = ""  # of a 429
    # Shapes that the contract saw in more than one form.
    price_as_number: bool = False
    empty_channel: bool = False  # Transcript.channel is {}
    sentence_times: str = "number"  # "string", "null"
    older_envelope: bool = False  # last_page_uri, num_pages, total
    page_token_repeats: bool = False  # a fault: the second page links to itself
    media_ranges: bool = True
    # Waits, in seconds before ``scale``.
    too_short_seconds: float = 1.0  # compared with the clock, so not scaled
    processing_seconds: float = 5.0
    media_lag_seconds: float = 5.0
    price_seconds: float = 120.0
    queued_seconds: float = 2.0
    transcribing_seconds: float = 8.0
