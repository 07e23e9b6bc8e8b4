"""What the contract leaves open, or lets vary: each a switch, its default the contract's advice."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints


@dataclass(kw_only=True)
class Switches:
    """Numbers that end in ``_seconds`` are the provider's own waits, unless they say otherwise."""

    # Limits and lists (contract 1).
    is_limited: bool = True
    limits_per_route: bool = False  # one observer says that limits are per key and route; tiers are stricter
    meetings_are_slow: bool = False  # one observer puts meeting analytics into the slow tier
    retry_after: int | None = None  # 429 answers carry it when it is a number
    ignores_unknown_query: bool = False  # the contract is silent; strict as for body keys
    clamps_limit: bool = False  # limit over 100: a 400, or taken as 100
    unknown_cursor: Literal["refuse", "empty", "first"] = "refuse"

    # Live calls (2).
    presence_lag_seconds: float = 0.0  # "up to 15 s stale"; 0 so that tests need not wait
    settling_seconds: float = 0.0  # so long a room that just filled is "not hosting a call"
    start_seconds: float = 2.0  # from "sent" to running
    stop_seconds: float = 3.0  # from "sent" to finished
    idle_lag_seconds: float = 60.0  # on top of minIdleTimeOut: "plus 1-3 min"
    default_max_duration: int = 10800  # the schema text says 15000
    workers: int | None = None  # recorders there are; the next start beyond them gets 503
    loses_starts: bool = False  # "sent" is answered and nothing ever happens
    ignores_unknown_keys: bool = False  # one observer says so, another saw 400
    stop_answer: Literal["sent", "empty"] = "sent"
    recording_error: Literal["", "only", "before-started", "before-ready", "after-ready", "fatal"] = ""
    recording_error_text: str = "cloud-recording-error: Error fetching STS credentials"
    refuse_transcription: Literal["", "sfu", "closed", "deepgram"] = ""

    # Recordings (3).
    session_ids: Literal["present", "null", "missing"] = "present"  # mtgSessionId is "often missing"
    reports_type: bool = False
    omits_max_participants: bool = False
    unfinished_link_status: Literal[400, 404] = 400
    link_error: str = ""  # this sentence instead of a link, recordings and live transcripts
    recordings_survive_room: bool = True
    audio_only_container: Literal["mp4", "mp3"] = "mp4"  # "mp4 file"; for audio only it is an open question

    # Live transcripts (4.1).
    ready_when_unstored: bool = False
    transcript_error: Literal["", "only", "before-started", "before-ready", "after-ready"] = ""
    transcript_error_text: str = (
        "AccessDenied: User: arn:aws:sts::000000000000:assumed-role/example "
        "is not authorized to perform: s3:PutObject"
    )
    transcript_link_key: Literal["link", "download_link"] = "link"
    not_stored_as: Literal["link", "status"] = "link"  # the sentence in the link field, or a 400
    empty_transcripts_404: bool = False
    lists_deleted: bool = True
    standard_vtt: bool = False  # <v Name>text</v> where Daily writes <v>Name:</v>text

    # Batch processor (4.2).
    submit_seconds: float = 5.0
    process_seconds: float = 20.0
    batch_error: str = ""  # jobs end with this error
    out_params_required: bool = True
    unknown_recording_status: Literal[400, 404] = 400
    full_job_rows: bool = False
    batch_link_seconds: int = 3600

    # Webhooks (5).
    webhook_as_array: bool = False
    webhook_envelope: bool = False  # GET /webhooks inside {"total_count", "data"}
    empty_delete_webhook: bool = False
    max_webhooks: int | None = None
    encodes_basic_auth: bool = False
    timestamp_unit: Literal["seconds", "milliseconds"] = "seconds"
    integer_event_ts: bool = False
    started_has_room_name: bool = False
    ready_has_type: bool = True
    integer_error_timestamp: bool = False
    error_action: str = "cloud-recording-error"  # the schema has the typo clourd-recording-err
    transcript_ready_slip: bool = False  # the docs sample: no room_name, and room_id holds the name

    def turn(self, settings: dict[str, Any]) -> dict[str, Any]:
        """Set some; raises ``ValueError`` for an unknown name or value."""
        hints = get_type_hints(type(self))
        for name, value in settings.items():
            if name not in hints:
                raise ValueError(f"no switch named {name}")
            if get_origin(hints[name]) is Literal and value not in get_args(hints[name]):
                raise ValueError(f"{name} is one of {get_args(hints[name])}")
            setattr(self, name, value)
        return asdict(self)
