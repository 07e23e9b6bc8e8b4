"""What the contract leaves open, and the account's troubles, as attributes that a test or the demo turns."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(kw_only=True)
class Switches:
    """Defaults are the contract's advice; each line that is a doubt says so."""

    # Transport.
    allow_bare_key: bool = False  # doubt: whether the server takes a key without "Token "
    unauthorized_code: str = ""  # doubt: a `code` may stand beside `detail` in a 401
    page_size: int = 20  # undocumented
    list_order: str = "newest"  # or "oldest", "id"; undocumented
    bot_list_cursor: bool = False  # one integrator saw `cursor` on the bot list
    bare_cursor: bool = False  # `next` is a cursor instead of a URL
    repeat_cursor: bool = False  # a broken list: `next` leads to the same page for ever
    extra_keys: bool = False  # keys that samples show and the specification lacks
    rate_limits: dict[str, int] = field(
        default_factory=lambda: {
            "list": 60,
            "retrieve": 300,  # and PATCH, DELETE
            "command": 300,
            "create_bot": 60,  # doubt: 120 was measured in 2026
            "create_transcript": 5,  # per bot
            "usage": 5,
        }
    )
    rate_window_seconds: float = 60.0
    shared_limits: bool = False  # doubt: one window a class instead of one an operation
    retry_after_as_date: bool = False
    idempotency_seconds: float = 3600.0
    running_seconds: float = 0.0  # so long the first use of a key counts as still running: 409
    idempotency_keeps_429: bool = False  # unknown

    # Account troubles.
    credit_used_up: bool = False  # 402; its body is undocumented
    pool: int | None = None  # ad-hoc bots left; None: always enough; 0: 507
    pool_retry_after: int | None = 30  # older text has no Retry-After: None
    missing_credentials: list[str] = field(default_factory=list)  # keys of transcription providers

    # Bots.
    finished_bot_code: str = "cannot_command_completed_bot"  # or cannot_command_unstarted_bot: both reported
    waiting_room_start: str = "refuse"  # or "queue": unknown
    joining_leave: str = (
        "refuse"  # or "accept": "a bot that never joined" may or may not include a joining one
    )
    idle_stop: str = "refuse"  # or "accept": a no-op 200; also pause and resume with nothing to do
    idle_code: str = "no_recording_in_progress"  # invented
    overwritten: str = "vanish"  # or "deleted": the fate of a recording that start_recording overwrites
    pause_shows_on_bot: bool = False  # doubt: the bot's status while paused
    has_recording_done: bool = True  # doubt: the status recording_done on the way to done
    adhoc_seconds: float = (
        600.0  # a new join_at nearer than this is refused, an ad-hoc bot is taken from the pool
    )
    meeting_url_seconds: float = 7 * 86400.0  # "cleared some days after the call"; null is a guess

    # Recordings and transcripts.
    default_retention: dict[str, Any] | None = field(default_factory=lambda: {"type": "forever"})
    deleted_get: str = "404"  # or "object": status deleted, listed too
    delete_in_progress: str = "accept"  # or "refuse": undocumented
    reported_duration: str = "conversation"  # or "wall": completed_at is then the true moment of the stop
    silence_below_seconds: float = 1.0  # nobody has spoken in so short a recording: its transcript is []
    failed_carries_error: bool = True  # data.data.error in recording.failed
    link_seconds: float = 6 * 3600.0
    transcript_link: str = "storage"  # or "api": /api/v1/download/transcript?token=…
    absolute_times: bool = False  # `absolute` of word times instead of null
    transcript_limit: str = "successful"  # 10 done and 100 in all; or "any": 10 of any status
    transcript_limit_code: str = "transcript_limit_reached"  # invented
    transcript_status: int = 200  # of create_transcript; any 2xx
    transcript_shows_source: bool = False  # `recording.source.bot.id` of the oldest sample
    bot_in_transcript_events: bool = True  # else null

    # The provider's waits in seconds; ``scale`` applies.
    join_seconds: float = 4.0
    start_seconds: float = 1.0
    finalise_seconds: float = 4.0
    shutdown_seconds: float = 2.0
    transcript_seconds: float = 5.0

    # Webhooks.
    signed: bool = True  # False: no secret was made yet, no signature headers
    header_family: str = "webhook"  # or "svix", "both"; endpoints with their own secret always use svix
    wrong_signatures: int = 0  # so many attempts from now carry a false signature
    other_versions: bool = False  # signatures of unknown versions stand before the true one
