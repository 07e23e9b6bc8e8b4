"""Vobiz's face: each method leads to the module of its subject."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import ClassVar

from recordings.providers.base import (
    ConfigField,
    Connection,
    Delivered,
    Health,
    Inbound,
    Media,
    ProviderAdapter,
    Variant,
    Verified,
)
from recordings.providers.errors import ProviderError, Refused
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
from recordings.providers.snapshots import Fact, Page, RecordingSnapshot, TranscriptSnapshot, TranscriptText
from recordings.providers.vobiz import (
    availability,
    calls,
    evidence,
    listing,
    media,
    recordings,
    transcripts,
    webhooks,
)
from recordings.providers.vobiz.actions import ACTIONS, MISSING, READ_BUCKETS, REQUESTS
from recordings.providers.vobiz.api import HOSTS, PREFIX, Api
from recordings.providers.vobiz.options import LONGEST_LIMIT, start_body
from recordings.providers.vobiz.remedies import REMEDIES, SIGNS
from recordings.providers.vobiz.values import mapping, text

UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"

CONFIG_FIELDS = (
    ConfigField(
        name="auth_id",
        label="Auth ID",
        help="Vobiz console, on the overview page beside the Auth Token. It begins with MA_ (main account) "
        "or SA_ (sub-account).",
        is_required=True,
        is_identity=True,
    ),
    ConfigField(
        name="require_signature",
        label="Refuse callbacks without a signature",
        help="Vobiz signs callbacks only of addresses that have credentials configured there. Leave this off "
        "unless the deliveries of this account are signed: an unsigned callback would be lost, and with it "
        "the text of a transcript.",
        is_boolean=True,
    ),
    ConfigField(
        name="auth_token",
        label="Auth Token",
        help="Vobiz console, beside the Auth ID. When a new one is made there, the old one may die at once.",
        is_secret=True,
        is_required=True,
    ),
)
SETUP_HELP = (
    "Sign in to the Vobiz console and copy the Auth ID and the Auth Token of the account whose calls are to "
    "be seen here. A sub-account sees its own calls only."
)
WEBHOOK_HELP = (
    "Nothing needs to be pasted at Vobiz: each recording started here carries its own address. "
    "Of recordings that other systems start, nothing is heard before they are finished and listed."
)
WEBHOOK_LIMITS = (
    "Vobiz keeps no address of an account and sends no test callbacks: there is nothing to test or to make "
    "anew."
)
CONSENT_NOTE = (
    "Vobiz announces nothing to the people on the call: consent, and any announcement that the law asks for "
    "(in India TRAI's rules among others), are the duty of the account's holder."
)

PERFORM: Mapping[str, Callable[[Api, Order], Answer]] = {
    "recording.start": recordings.start,
    "recording.stop": recordings.stop,
    "recording.stop_all": recordings.stop_all,
    "recording.delete": recordings.delete,
    "transcript.delete": lambda _api, order: transcripts.delete(order),
}
EVIDENCE: Mapping[str, Callable[[Api, Order], Evidence]] = {
    "recording.start": evidence.of_start,
    "recording.stop": evidence.of_stop,
    "recording.stop_all": evidence.of_stop_all,
    "recording.delete": evidence.of_delete,
    "transcript.delete": evidence.of_transcript_delete,
}


class VobizAdapter(ProviderAdapter):
    """Phone calls, identified by their call UUID."""

    slug = "vobiz"
    label = "Vobiz"
    call_label = "Call UUID"
    call_noun = "call"
    config_fields = CONFIG_FIELDS
    setup_help = SETUP_HELP
    webhook_help = WEBHOOK_HELP
    webhook_limits = WEBHOOK_LIMITS
    actions = ACTIONS
    missing_actions = MISSING
    buckets = (REQUESTS,)
    read_buckets: ClassVar[Mapping[str, tuple[str, ...]]] = READ_BUCKETS
    hosts = HOSTS
    remedies = REMEDIES
    remedy_signs = SIGNS
    transcript_kinds = (transcripts.KIND,)
    visibility_delay_seconds = evidence.VISIBILITY_DELAY_SECONDS
    unlisted_for_seconds = LONGEST_LIMIT
    # The text comes once: one that follows an error is worth more than the error.
    ready_lifts_failed = frozenset({"transcript"})
    consent_note = CONSENT_NOTE
    transcript_overdue_seconds = transcripts.OVERDUE_SECONDS
    call_traits = {
        "caller": ("From",),
        "callee": ("To",),
        "direction": ("Direction",),
        "room": ("Conference",),
    }
    id_patterns: ClassVar[Mapping[str, str]] = {"call": UUID, "recording": UUID}

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._api = Api.of(connection)

    @classmethod
    def unavailable(cls, kind: str, subject: SubjectRef | None, config: Mapping[str, str]) -> str:
        return availability.unavailable(kind, subject)

    @classmethod
    def consequence(cls, kind: str, subject: SubjectRef | None, options: Options) -> str:
        return availability.consequence(kind, subject, options)

    @classmethod
    def preview(cls, order: Order) -> Mapping[str, object]:
        if order.kind == "recording.start":
            return start_body(order.options, key=order.key, callback_url=order.callback_url)
        url = order.recording.handle.get("url") if order.recording else ""
        return {"URL": url} if order.kind == "recording.stop" and url else {}

    def check(self) -> Health:
        """The list of recordings surely exists; ``auth/me`` is only said to (contract 1.1)."""
        try:
            reply = self._api.read("Recording/", {"limit": 1})
        except ProviderError as exc:
            return Health(is_healthy=False, message=exc.message)
        if not isinstance(mapping(reply.data).get("objects"), list):
            return Health(is_healthy=False, message="An answer came that is not Vobiz's: check the address.")
        details = {"Auth ID": self._api.auth_id, **self._names()}
        return Health(
            is_healthy=True, message="Vobiz accepts the Auth ID and the Auth Token.", details=details
        )

    def perform(self, order: Order) -> Answer:
        """One write. Raises ``Refused`` before it for an order that could hit more than was meant."""
        do = PERFORM.get(order.kind)
        if do is None:
            raise Refused(f"{availability.unavailable(order.kind, None)} Nothing was sent.")
        return do(self._api, order)

    def evidence(self, order: Order) -> Evidence:
        look = EVIDENCE.get(order.kind)
        if look is None:
            raise Refused(availability.NOT_KNOWN)
        return look(self._api, order)

    def list_calls(self, cursor: str = "") -> Page:
        return calls.live_calls(self._api)

    def list_recordings(self, *, since: datetime | None, until: datetime | None, cursor: str = "") -> Page:
        return listing.page(self._api, since=since, cursor=cursor)

    def fetch(self, kind: str, external_id: str, *, parent: str = "") -> tuple[Fact, ...]:
        if kind == "call":
            return (calls.call(self._api, external_id),)
        if kind == "recording":
            return recordings.recording(self._api, external_id)
        raise Refused(transcripts.NOT_AGAIN)

    def fetch_text(self, transcript: TranscriptRef) -> TranscriptText:
        raise Refused(transcripts.NOT_AGAIN)

    def variants(self, recording: RecordingRef) -> tuple[Variant, ...]:
        return media.variants(recording)

    def media(self, recording: RecordingRef, variant: str) -> Media:
        return media.media(self._api, recording)

    def verify(self, request: Inbound) -> Verified:
        return webhooks.verify(
            request,
            token=self._api.auth_token,
            requires_signature=bool(self.connection.config.get("require_signature")),
        )

    def read(self, delivery: Delivered) -> tuple[Fact, ...] | None:
        return webhooks.read(delivery)

    def matches(self, pending: Pending, snapshot: RecordingSnapshot | TranscriptSnapshot) -> float | None:
        """A transcript needs none: it has the id of its recording from the beginning."""
        return evidence.matches(pending, snapshot) if isinstance(snapshot, RecordingSnapshot) else None

    def _names(self) -> dict[str, str]:
        try:
            reply = self._api.read_at(f"{self._api.origin}{PREFIX}/auth/me")
        except ProviderError:
            return {}
        name = text(mapping(reply.data).get("name"))
        return {"Account": name} if name else {}
