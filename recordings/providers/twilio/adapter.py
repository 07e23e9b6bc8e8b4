"""Twilio's face: each method leads to the module of its subject."""

from collections.abc import Callable, Mapping
from dataclasses import replace
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
    Snapshot,
    TranscriptSnapshot,
    TranscriptText,
)
from recordings.providers.twilio import (
    availability,
    bodies,
    calls,
    checks,
    current,
    endpoints,
    evidence,
    media,
    recording_orders,
    recordings,
    services,
    texts,
    transcript_orders,
    transcript_reads,
    webhooks,
)
from recordings.providers.twilio.actions import (
    ACTIONS,
    BUCKETS,
    ENGINE_LABELS,
    READ_BUCKETS,
    TRANSCRIPT_KINDS,
)
from recordings.providers.twilio.api import HOSTS, Api
from recordings.providers.twilio.configuration import CONFIG_FIELDS, SETUP_HELP, WEBHOOK_HELP, WEBHOOK_LIMITS
from recordings.providers.twilio.current_actions import CURRENT_KINDS
from recordings.providers.twilio.remedies import REMEDIES, SIGNS
from recordings.providers.twilio.service_actions import SERVICE_KINDS
from recordings.providers.twilio.signatures import shared_keys_of

HEX = "[0-9a-fA-F]{32}"
PERFORM: Mapping[str, Callable[[Api, Order, str], Answer]] = {
    "recording.start": lambda api, order, _: recording_orders.start(api, order),
    "recording.stop": lambda api, order, _: recording_orders.update(api, order),
    "recording.pause": lambda api, order, _: recording_orders.update(api, order),
    "recording.resume": lambda api, order, _: recording_orders.update(api, order),
    "recording.delete": lambda api, order, _: recording_orders.delete(api, order),
    "transcript.order": lambda api, order, service: transcript_orders.order(api, order, service=service),
    "transcript.delete": lambda api, order, _: transcript_orders.delete(api, order),
    "captions.start": lambda api, order, _: transcript_orders.start_captions(api, order),
    "captions.stop": lambda api, order, _: transcript_orders.stop_captions(api, order),
    "endpoint.repair": lambda api, order, service: endpoints.repair(api, order, service=service),
    **{kind: lambda api, order, _: current.perform(api, order) for kind in CURRENT_KINDS},
    **{kind: lambda api, order, _: services.perform(api, order) for kind in SERVICE_KINDS},
}
EVIDENCE: Mapping[str, Callable[[Api, Order, str], Evidence]] = {
    "recording.start": lambda api, order, _: evidence.of_start(api, order),
    "recording.stop": lambda api, order, _: evidence.of_update(api, order),
    "recording.pause": lambda api, order, _: evidence.of_update(api, order),
    "recording.resume": lambda api, order, _: evidence.of_update(api, order),
    "recording.delete": lambda api, order, _: evidence.of_delete(api, order),
    "transcript.order": lambda api, order, _: evidence.of_transcript(api, order),
    "transcript.delete": lambda api, order, _: evidence.of_transcript_delete(api, order),
    "captions.start": lambda api, order, _: evidence.of_captions(api, order),
    "captions.stop": lambda api, order, _: evidence.of_captions(api, order),
    "endpoint.repair": lambda api, order, service: evidence.of_repair(api, order, service=service),
    **{kind: lambda api, order, _: current.look(api, order) for kind in CURRENT_KINDS},
    **{kind: lambda api, order, _: services.look(api, order) for kind in SERVICE_KINDS},
}


class TwilioAdapter(ProviderAdapter):
    """Phone calls, identified by their Call SID; conferences appear by their recordings."""

    slug = "twilio"
    label = "Twilio"
    call_label = "Call SID"
    call_noun = "call"
    config_fields = CONFIG_FIELDS
    setup_help = SETUP_HELP
    webhook_help = WEBHOOK_HELP
    webhook_limits = WEBHOOK_LIMITS
    actions = ACTIONS
    buckets = BUCKETS
    read_buckets: ClassVar[Mapping[str, tuple[str, ...]]] = READ_BUCKETS
    hosts = HOSTS
    remedies = REMEDIES
    remedy_signs = SIGNS
    transcript_kinds = TRANSCRIPT_KINDS
    engine_labels: ClassVar[Mapping[str, str]] = ENGINE_LABELS
    visibility_delay_seconds = evidence.VISIBILITY_DELAY_SECONDS
    lists_transcripts = True
    # Deleted recordings are listed, but for 40 days only, and transcripts not at all: what a complete
    # listing lacks is gone.
    lists_deleted = False
    # As it is dialled: the formatted number may lack its country.
    call_traits = {
        "caller": ("raw.from", "From"),
        "callee": ("raw.to", "To"),
        "direction": ("raw.direction", "Direction"),
    }
    id_patterns: ClassVar[Mapping[str, str]] = {
        "call": f"(CA|CF){HEX}",
        "recording": f"RE{HEX}",
        "transcript": f"(GT|TR){HEX}",
    }

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._api = Api.of(connection)
        self._service = connection.config.get("intelligence_service_sid", "")
        self._is_redacted = not connection.config.get("unredacted")

    @classmethod
    def unavailable(cls, kind: str, subject: SubjectRef | None, config: Mapping[str, str]) -> str:
        return availability.unavailable(kind, subject, config)

    @classmethod
    def consequence(cls, kind: str, subject: SubjectRef | None, options: Options) -> str:
        return availability.consequence(kind, subject)

    @classmethod
    def check_options(cls, kind: str, options: Options) -> dict[str, str]:
        return availability.check_options(kind, options)

    @classmethod
    def preview(cls, order: Order) -> Mapping[str, object]:
        return bodies.of_order(order)

    def check(self) -> Health:
        return checks.check(self._api, self.connection)

    def perform(self, order: Order) -> Answer:
        """One write, after a look where that can save one (contract 7.1)."""
        do = PERFORM.get(order.kind)
        if do is None:
            raise Refused(f"{availability.unavailable(order.kind, None, {})} Nothing was sent.")
        return do(self._api, order, self._service)

    def evidence(self, order: Order) -> Evidence:
        look = EVIDENCE.get(order.kind)
        if look is None:
            raise Refused(availability.NOT_KNOWN)
        return look(self._api, order, self._service)

    def list_calls(self, cursor: str = "") -> Page:
        return calls.list_calls(self._api, cursor)

    def list_recordings(self, *, since: datetime | None, until: datetime | None, cursor: str = "") -> Page:
        """Conferences come with their recordings: nothing else lists them."""
        page = recordings.list_page(self._api, since=since, until=until, cursor=cursor)
        items = [
            fact
            for item in page.items
            if isinstance(item, RecordingSnapshot)
            for fact in _with_conference(item)
        ]
        return replace(page, items=tuple(items))

    def list_transcripts(self, *, since: datetime | None, until: datetime | None, cursor: str = "") -> Page:
        return transcript_reads.list_page(
            self._api, since=since, until=until, cursor=cursor, with_intelligence=bool(self._service)
        )

    def fetch(self, kind: str, external_id: str, *, parent: str = "") -> tuple[Fact, ...]:
        if kind == "call":
            return (calls.fetch(self._api, external_id),)
        if kind == "recording":
            found = recordings.fetch(self._api, external_id)
            return (*_with_conference(found), *transcript_reads.of_message(self._api, found))
        transcript = transcript_reads.fetch(self._api, external_id, parent=parent)
        return (transcript, *transcript_reads.heard(transcript, parent))

    def fetch_text(self, transcript: TranscriptRef) -> TranscriptText:
        config = self.connection.config
        speakers = {"1": config.get("channel_one", ""), "2": config.get("channel_two", "")}
        return texts.fetch(self._api, transcript, speakers=speakers, is_redacted=self._is_redacted)

    def variants(self, recording: RecordingRef) -> tuple[Variant, ...]:
        return media.variants(recording)

    def media(self, recording: RecordingRef, variant: str) -> Media:
        if variant == media.TRANSCRIBED:
            links = self.connection.links
            return media.sound_of_transcript(self._api, links, recording, is_redacted=self._is_redacted)
        return media.media(self._api, recording, variant)

    def list_endpoints(self) -> tuple[EndpointSnapshot, ...] | None:
        return (endpoints.read(self._api, self._service)[0],) if self._service else None

    def verify(self, request: Inbound) -> Verified:
        secrets = self.connection.secrets
        return webhooks.verify(
            request,
            account_sid=self._api.account_sid,
            token=secrets.get("auth_token", ""),
            shared_keys=shared_keys_of(secrets.get("shared_keys", "")),
        )

    def read(self, delivery: Delivered) -> tuple[Fact, ...] | None:
        return webhooks.read(delivery)

    def matches(self, pending: Pending, snapshot: RecordingSnapshot | TranscriptSnapshot) -> float | None:
        return evidence.matches(pending, snapshot)


def _with_conference(recording: RecordingSnapshot) -> tuple[Snapshot, ...]:
    return (*calls.conference_of(recording), recording)
