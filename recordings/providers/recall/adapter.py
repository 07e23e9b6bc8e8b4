"""Recall.ai: bots sit in meetings and record them; a call is a bot, identified by its bot ID."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from recordings.providers.base import (
    Delivered,
    Health,
    Inbound,
    Media,
    ProviderAdapter,
    TranscriptKind,
    Variant,
    Verified,
)
from recordings.providers.errors import NotFound, ProviderError
from recordings.providers.options import Options
from recordings.providers.orders import Answer, Evidence, Order, RecordingRef, SubjectRef, TranscriptRef
from recordings.providers.recall import (
    account,
    availability,
    bodies,
    calls,
    checks,
    consequences,
    evidence,
    recordings,
    sending,
    signatures,
    transcripts,
    webhooks,
)
from recordings.providers.recall.actions import ACTIONS, BUCKETS
from recordings.providers.recall.api import HOSTS, Api
from recordings.providers.recall.reading import inner, number, sequence, text
from recordings.providers.recall.remedies import REMEDIES, SIGNS
from recordings.providers.snapshots import Fact, Page, TranscriptText

UUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


class RecallAdapter(ProviderAdapter):
    """Recall.ai's API v1.11."""

    slug = "recall"
    label = "Recall.ai"
    call_label = "Bot"
    call_noun = "bot"
    config_fields = account.CONFIG_FIELDS
    setup_help = account.SETUP_HELP
    webhook_help = account.WEBHOOK_HELP
    webhook_limits = account.WEBHOOK_LIMITS
    consent_note = account.CONSENT_NOTE
    actions = ACTIONS
    buckets = BUCKETS
    hosts = HOSTS
    remedies = REMEDIES
    remedy_signs = SIGNS
    quiet_details = frozenset({calls.BOT_NAME})  # most bots of an account have the same
    transcript_kinds = (
        TranscriptKind(
            name=transcripts.ASYNC,
            label="Afterwards",
            help="Ordered on the finished recording; several may be.",
        ),
        TranscriptKind(
            name=transcripts.REALTIME, label="Live", help="Made while the call ran, by the bot's own options."
        ),
    )
    # The contract names no delay between a write and its lists; a minute is far above what was ever reported.
    visibility_delay_seconds = 60.0
    # Section 1.7: an hour from the end of the first use. Five minutes less, for clocks and for the way.
    keyed_window_seconds = 3300.0
    lists_transcripts = True
    call_traits = {"room": ("Meeting",)}
    id_patterns = {"call": UUID, "recording": UUID, "transcript": UUID}

    @classmethod
    def unavailable(cls, kind: str, subject: SubjectRef | None, config: Mapping[str, str]) -> str:
        """Why the button of this kind cannot work on this subject (sections 2.3 to 4.4)."""
        return availability.unavailable(kind, subject)

    @classmethod
    def consequence(cls, kind: str, subject: SubjectRef | None, options: Options) -> str:
        """What Recall.ai would do that the operator may not expect."""
        return consequences.consequence(kind, subject, options)

    @classmethod
    def check_options(cls, kind: str, options: Options) -> dict[str, str]:
        """Rules between fields."""
        return checks.check_options(kind, options)

    @classmethod
    def preview(cls, order: Order) -> Mapping[str, object]:
        """The body as it is sent; labels of a PATCH are added to those that are found there first."""
        return bodies.body_of(order) or {}

    def check(self) -> Health:
        """List one page of bots; the month's usage and the signing secrets beside it."""
        api = self._api()
        try:
            api.page("bot")
        except ProviderError as exc:
            return Health(is_healthy=False, message=exc.message)
        keys = len(signatures.signing_keys(self.connection.secrets.get("webhook_secrets", "")))
        details = {"Address": api.base, "Usable signing secrets": str(keys), **_usage(api)}
        if not keys:
            return Health(
                is_healthy=True,
                message="The API key works. Without a signing secret every webhook is refused: add it.",
                details=details,
            )
        return Health(is_healthy=True, message="The API key works.", details=details)

    def perform(self, order: Order) -> Answer:
        """One write (contract, sections 2.1, 3.1, 4.5)."""
        return sending.perform(self._api(), order)

    def evidence(self, order: Order) -> Evidence:
        """What metadata with our key, or the thing's own state, tells of an order in doubt."""
        return evidence.look(self._api(), order)

    def list_calls(self, cursor: str = "") -> Page:
        """Bots that are in a call or on their way, then bots that are scheduled."""
        return calls.list_live(self._api(), cursor)

    def list_recordings(self, *, since: datetime | None, until: datetime | None, cursor: str = "") -> Page:
        """Recordings by the moment they were made, those of other systems too."""
        page = self._api().page("recording", params=recordings.window(since, until), following=cursor)
        items = tuple(recordings.recording_snapshot(item) for item in sequence(page.get("results")))
        return Page(items=items, next_cursor=text(page.get("next")))

    def list_transcripts(self, *, since: datetime | None, until: datetime | None, cursor: str = "") -> Page:
        """Transcripts by the moment they were made, live ones too."""
        page = self._api().page("transcript", params=recordings.window(since, until), following=cursor)
        items = tuple(transcripts.transcript_snapshot(item) for item in sequence(page.get("results")))
        return Page(items=items, next_cursor=text(page.get("next")))

    def fetch(self, kind: str, external_id: str, *, parent: str = "") -> tuple[Fact, ...]:
        """Read one thing. A 404 of the API means that it was deleted or expired (sections 2.1, 3.5)."""
        reader, gone = _FETCHES[kind]
        try:
            return reader(self._api(), external_id)
        except NotFound:
            return (gone(external_id),)

    def fetch_text(self, transcript: TranscriptRef) -> TranscriptText:
        """The words by a fresh link (section 4.6)."""
        return transcripts.fetch_text(self._api(), self.connection.links, transcript)

    def variants(self, recording: RecordingRef) -> tuple[Variant, ...]:
        """Video and audio, as the last full read showed them."""
        return recordings.variants(recording)

    def media(self, recording: RecordingRef, variant: str) -> Media:
        """A pre-signed link of some hours (section 3.4)."""
        return recordings.media(self._api(), recording, variant)

    def verify(self, request: Inbound) -> Verified:
        """The signature over id, time and body (section 5.4)."""
        return signatures.verify(request, self.connection.secrets.get("webhook_secrets", ""))

    def read(self, delivery: Delivered) -> tuple[Fact, ...] | None:
        """Every event of section 5.2 that touches bots, recordings or transcripts."""
        return webhooks.read(delivery)

    def _api(self) -> Api:
        return Api(self.connection)


def _call(api: Api, external_id: str) -> tuple[Fact, ...]:
    return (calls.call_snapshot(api.read(api.path("bot", external_id))),)


def _recording(api: Api, external_id: str) -> tuple[Fact, ...]:
    """The recording, and the transcript that its shortcut shows; the others are listed (section 4.5)."""
    payload = api.read(api.path("recording", external_id))
    recording = recordings.recording_snapshot(payload)
    shortcut = inner(payload, "media_shortcuts", "transcript")
    if not shortcut:
        return (recording,)
    transcript = transcripts.transcript_snapshot(
        shortcut, recording_id=recording.external_id, call_id=recording.call_external_id
    )
    return recording, transcript


def _transcript(api: Api, external_id: str) -> tuple[Fact, ...]:
    return (transcripts.transcript_snapshot(api.read(api.path("transcript", external_id))),)


_FETCHES: Mapping[str, tuple[Callable[[Api, str], tuple[Fact, ...]], Callable[[str], Fact]]] = {
    "call": (_call, calls.gone_call),
    "recording": (_recording, recordings.deleted_recording),
    "transcript": (_transcript, transcripts.deleted_transcript),
}


def _usage(api: Api) -> dict[str, str]:
    """Bot time of this month, where the key may read it: it says nothing of the key's health."""
    now = datetime.now(UTC)
    start = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    window = [("start", start.isoformat()), ("end", now.isoformat())]
    try:
        seconds = number(api.read("billing/usage/", params=window, bucket="usage").get("bot_total"))
    except ProviderError:
        return {}
    return {} if seconds is None else {"Bot time this month": f"{seconds / 3600:.1f} hours"}
