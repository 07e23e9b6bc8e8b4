"""Daily's face: each method leads to the module of its subject."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import ClassVar

from recordings.providers.base import (
    Connection,
    Delivered,
    Health,
    Inbound,
    Media,
    ProviderAdapter,
    Variant,
    Verified,
)
from recordings.providers.daily import (
    account,
    availability,
    bodies,
    calls,
    endpoints,
    evidence,
    listings,
    media,
    recordings,
    results,
    room_orders,
    signatures,
    texts,
    webhooks,
)
from recordings.providers.daily.actions import ACTIONS, BUCKETS, READ_BUCKETS
from recordings.providers.daily.api import HOSTS, Api
from recordings.providers.daily.commands import COMMANDS
from recordings.providers.daily.jobs import BATCH, ENGINE, SUMMARY
from recordings.providers.daily.remedies import REMEDIES, SIGNS
from recordings.providers.daily.rooms import Rooms
from recordings.providers.daily.transcripts import REALTIME
from recordings.providers.errors import Refused
from recordings.providers.options import Options
from recordings.providers.orders import (
    Answer,
    Evidence,
    Order,
    Pending,
    RecordingRef,
    SubjectRef,
    TranscriptRef,
)
from recordings.providers.snapshots import (
    EndpointSnapshot,
    Fact,
    Page,
    RecordingSnapshot,
    TranscriptSnapshot,
    TranscriptText,
)

UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"

PERFORM: Mapping[str, Callable[[Api, Rooms, Order], Answer]] = {
    **COMMANDS,
    **room_orders.PERFORM,
    "recording.delete": results.delete_recording,
    "transcript.order": results.order_transcript,
    "transcript.delete": results.delete_transcript,
    "endpoint.create": endpoints.create,
    "endpoint.repair": endpoints.repair,
    "endpoint.delete": endpoints.delete,
}


class DailyAdapter(ProviderAdapter):
    """Video rooms, identified by their name."""

    slug = "daily"
    label = "Daily"
    call_label = "Room"
    call_noun = "room"
    config_fields = account.CONFIG_FIELDS
    setup_help = account.SETUP_HELP
    webhook_help = account.WEBHOOK_HELP
    actions = ACTIONS
    buckets = BUCKETS
    read_buckets: ClassVar[Mapping[str, tuple[str, ...]]] = READ_BUCKETS
    calls_can_revive = True  # a room is one call, and people come back
    hosts = HOSTS
    remedies = REMEDIES
    remedy_signs = SIGNS
    transcript_kinds = (REALTIME, BATCH, SUMMARY)
    engine_labels: ClassVar[Mapping[str, str]] = {ENGINE: "Deepgram"}
    quiet_details = calls.QUIET
    visibility_delay_seconds = evidence.VISIBILITY_DELAY_SECONDS
    # Errors may come before what is ready, and after it (contract 5.5).
    ready_lifts_failed = frozenset({"recording", "transcript"})
    lists_transcripts = True
    consent_note = account.CONSENT_NOTE
    live_poll_seconds = 15.0  # presence is no younger (contract 2.2)
    call_traits = {"room": ("id",)}
    id_patterns: ClassVar[Mapping[str, str]] = {"recording": UUID, "transcript": UUID}

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._api = Api.of(connection)
        self._rooms = Rooms(self._api)

    @classmethod
    def unavailable(cls, kind: str, subject: SubjectRef | None, config: Mapping[str, str]) -> str:
        return availability.unavailable(kind, subject)

    @classmethod
    def consequence(cls, kind: str, subject: SubjectRef | None, options: Options) -> str:
        return availability.consequence(kind, subject, options)

    @classmethod
    def check_options(cls, kind: str, options: Options) -> dict[str, str]:
        return bodies.check_options(kind, options)

    @classmethod
    def preview(cls, order: Order) -> Mapping[str, object]:
        return bodies.body_of(order)

    def check(self) -> Health:
        return account.check(self._api)

    def perform(self, order: Order) -> Answer:
        """One write, after the looks that the contract asks for. ``recording.delete`` and
        ``transcript.order`` raise ``Refused`` with the codes ``job-open`` and ``job-exists`` of our own."""
        do = PERFORM.get(order.kind)
        if do is None:
            raise Refused(f"{availability.unavailable(order.kind, None)} Nothing was sent.")
        return do(self._api, self._rooms, order)

    def evidence(self, order: Order) -> Evidence:
        return evidence.look(self._api, self._rooms, order)

    def list_calls(self, cursor: str = "") -> Page:
        return calls.live_calls(self._api, self._rooms)

    def list_recordings(self, *, since: datetime | None, until: datetime | None, cursor: str = "") -> Page:
        return recordings.page(self._api, since=since, cursor=cursor)

    def list_transcripts(self, *, since: datetime | None, until: datetime | None, cursor: str = "") -> Page:
        return listings.page(self._api, self._rooms, since=since, cursor=cursor)

    def fetch(self, kind: str, external_id: str, *, parent: str = "") -> tuple[Fact, ...]:
        if kind == "call":
            return (calls.call(self._api, self._rooms, external_id),)
        if kind == "recording":
            return recordings.recording(self._api, self._rooms, external_id)
        return listings.transcript(self._api, self._rooms, external_id, parent=parent)

    def fetch_text(self, transcript: TranscriptRef) -> TranscriptText:
        return texts.text_of(self._api, transcript)

    def variants(self, recording: RecordingRef) -> tuple[Variant, ...]:
        return media.variants(recording)

    def media(self, recording: RecordingRef, variant: str) -> Media:
        return media.media(self._api, recording)

    def list_endpoints(self) -> tuple[EndpointSnapshot, ...]:
        return endpoints.listed(self._api)

    def verify(self, request: Inbound) -> Verified:
        return signatures.verify(
            request,
            secrets=self._api.webhook_secrets,
            basic_auth=self._api.basic_auth,
        )

    def read(self, delivery: Delivered) -> tuple[Fact, ...] | None:
        return webhooks.read(delivery)

    def matches(self, pending: Pending, snapshot: RecordingSnapshot | TranscriptSnapshot) -> float | None:
        return evidence.matches(pending, snapshot)
