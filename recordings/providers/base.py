"""The face that every adapter shows to the rest of Tapedeck."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from recordings.providers.client import Client, LinkReader
from recordings.providers.options import Options
from recordings.providers.orders import (
    Action,
    Answer,
    Bucket,
    Evidence,
    Order,
    Pending,
    RecordingRef,
    SubjectRef,
    TranscriptRef,
)
from recordings.providers.remedies import Remedy, Sign, find
from recordings.providers.snapshots import (
    EndpointSnapshot,
    Fact,
    Page,
    RecordingSnapshot,
    TranscriptSnapshot,
    TranscriptText,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigField:
    """One line of an account's form. Secrets are encrypted and never shown again."""

    name: str
    label: str
    help: str = ""
    is_secret: bool = False
    is_required: bool = False
    is_many: bool = False  # one value a line
    is_identity: bool = False  # changing it clears the secrets: they belong to another account then
    choices: tuple[tuple[str, str], ...] = ()
    is_generated: bool = False  # made by Tapedeck (32 random bytes, base64) when left empty
    is_boolean: bool = False  # "" or "on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """An account as its adapter sees it; ``client`` and ``links`` are shared by the process."""

    base_url: str  # "" for the adapter's own
    config: Mapping[str, str]
    secrets: Mapping[str, str]
    client: Client
    links: LinkReader


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """One request on a webhook address. ``url`` is the public one with its query; ``path`` is what
    follows the account's key, without a leading slash. Header names are in lower case."""

    method: str
    url: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A callback that is the provider's. ``dedupe_id`` is equal for resends and only for them."""

    dedupe_id: str
    event: str  # the provider's name of it, for lists; "" when it cannot be read
    note: str = ""  # what weakens the proof, such as "not signed: accepted by its secret path"
    is_ping: bool = False  # answered and forgotten


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A stored callback, to be read; ``is_ignored`` of an answer with no facts is the reader's to see."""

    event: str
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What a test of the connection found, in sentences."""

    is_healthy: bool
    message: str
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """Where the bytes of a recording are, for this moment only. ``headers`` go to ``url`` alone."""

    url: str
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    has_ranges: bool = True
    expires_at: datetime | None = None
    filename: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One form in which a recording's media can be had; the first of a list is played."""

    name: str  # fit for a query string: "video", "audio", "wav"
    label: str
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptKind:
    """A way in which this provider makes transcripts; different kinds never look alike."""

    name: str
    label: str
    help: str = ""
    is_listed: bool = True  # False: the provider keeps none of them, so that no listing holds one


class ProviderAdapter(ABC):
    """One provider. The class attributes say what it can do; they need no account.

    Every method that calls the provider raises ``ProviderError`` and nothing else for whatever the
    provider or the network does. No method retries by itself and none writes but ``perform``.
    """

    slug: ClassVar[str]
    label: ClassVar[str]
    call_label: ClassVar[str]  # what identifies a call: "Call SID", "Room", "Bot", "Call UUID"
    call_noun: ClassVar[str]  # "call", "room", "bot"
    config_fields: ClassVar[tuple[ConfigField, ...]]
    setup_help: ClassVar[str]  # where an administrator finds the credentials
    webhook_help: ClassVar[str]  # where the webhook address is pasted, or that it is not
    webhook_limits: ClassVar[str] = ""  # what its API cannot do: test, make anew; "" where it can do both
    actions: ClassVar[tuple[Action, ...]]
    missing_actions: ClassVar[tuple[Action, ...]] = ()  # shown, and ``unavailable`` says why they never work
    buckets: ClassVar[tuple[Bucket, ...]] = ()
    read_buckets: ClassVar[Mapping[str, tuple[str, ...]]] = {}  # method name, such as "list_calls"
    calls_can_revive: ClassVar[bool] = False  # a room is one call: it can be live again after its end
    hosts: ClassVar[tuple[str, ...]]  # where credentials may go; ".example.com" means below it
    transcript_kinds: ClassVar[tuple[TranscriptKind, ...]] = ()
    engine_labels: ClassVar[Mapping[str, str]] = {}  # of engines that no option names, by its word for them
    quiet_details: ClassVar[frozenset[str]] = frozenset()  # of a call's details, no matter while it is live
    visibility_delay_seconds: ClassVar[float]  # after this an effect is certain to be listed
    # So long a recording may run that no list holds before it has ended; 0: running ones are listed.
    unlisted_for_seconds: ClassVar[float] = 0.0
    keyed_window_seconds: ClassVar[float] = 0.0  # how long a send key is honoured
    ready_lifts_failed: ClassVar[frozenset[str]] = frozenset()  # of "recording", "transcript"
    lists_transcripts: ClassVar[bool] = False
    lists_deleted: ClassVar[bool] = False  # absence from a complete listing is not a deletion then
    consent_note: ClassVar[str] = ""  # what the provider itself says or does about consent
    live_poll_seconds: ClassVar[float] = 15.0  # asking for live calls more often gains nothing
    transcript_overdue_seconds: ClassVar[float | None] = None  # pushed once or never
    # What rules tell calls apart by ("caller", "callee", "room", "direction"), and where to read it: "id",
    # "raw." and a name, or a label of the call's details; the first that is there counts.
    call_traits: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    id_patterns: ClassVar[Mapping[str, str]] = {}  # subject name to a regular expression of its ids
    remedies: ClassVar[Mapping[str, Remedy]] = {}  # by the provider's codes, each under its own ``code``
    remedy_signs: ClassVar[tuple[Sign, ...]] = ()  # words that tell more than the code beside them

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @classmethod
    def action(cls, kind: str) -> Action | None:
        """The action of this kind, or None when the provider has none."""
        return next((action for action in cls.actions if action.kind == kind), None)

    @classmethod
    def remedy_for(cls, code: str, text: str) -> Remedy | None:
        """What a code and its words mean and who can mend it; None where the catalogue has no entry."""
        return find(cls.remedies, cls.remedy_signs, code, text)

    # What can be done now. Pure: no call to the provider.

    @classmethod
    def unavailable(cls, kind: str, subject: SubjectRef | None, config: Mapping[str, str]) -> str:
        """Why the button of this kind cannot work on this subject, in a sentence; "" when it can."""
        return ""

    @classmethod
    def consequence(cls, kind: str, subject: SubjectRef | None, options: Options) -> str:
        """What the provider would do that the operator may not expect, before the click; "" nothing."""
        return ""

    @classmethod
    def check_options(cls, kind: str, options: Options) -> dict[str, str]:
        """Rules between fields: field name to message. Each field alone was checked before."""
        return {}

    @classmethod
    def preview(cls, order: Order) -> Mapping[str, object]:
        """The request's body exactly as ``perform`` would send it, without secrets."""
        return dict(order.options)

    # Calls to the provider.

    @abstractmethod
    def check(self) -> Health:
        """Test credentials and address; a wrong answer is a Health, not an error."""

    @abstractmethod
    def perform(self, order: Order) -> Answer:
        """Send one order, once. Raises ``Refused`` and its kinds when nothing happened,
        ``OutcomeUnknown`` or ``UnexpectedResponse`` when that is not certain."""

    @abstractmethod
    def evidence(self, order: Order) -> Evidence:
        """Look once, reading only, whether an order of unknown outcome happened."""

    @abstractmethod
    def list_calls(self, cursor: str = "") -> Page:
        """One page of the calls that are live, on their way in or scheduled."""

    @abstractmethod
    def list_recordings(self, *, since: datetime | None, until: datetime | None, cursor: str = "") -> Page:
        """One page of recordings made in the window (None: without bound). May answer more than asked."""

    def list_transcripts(self, *, since: datetime | None, until: datetime | None, cursor: str = "") -> Page:
        """One page of transcripts, of all kinds that can be listed."""
        return Page(items=())

    @abstractmethod
    def fetch(self, kind: str, external_id: str, *, parent: str = "") -> tuple[Fact, ...]:
        """Read one ``call``, ``recording`` or ``transcript``; what is gone is a snapshot with DELETED
        where the contract lets a 404 mean that, else ``NotFound``. ``parent`` of a transcript is its
        recording or, where it is of none, its call."""

    @abstractmethod
    def fetch_text(self, transcript: TranscriptRef) -> TranscriptText:
        """The words of a completed transcript, with the files they came in."""

    @abstractmethod
    def variants(self, recording: RecordingRef) -> tuple[Variant, ...]:
        """In which forms the media can be had now; empty when it cannot. Pure."""

    @abstractmethod
    def media(self, recording: RecordingRef, variant: str) -> Media:
        """Mint access to the media; raises ``NotFound`` when it is gone."""

    def list_endpoints(self) -> tuple[EndpointSnapshot, ...] | None:
        """The provider's side of the webhooks, or None where it cannot be read."""
        return None

    # Callbacks. Pure: no call to the provider, no clock but the given moment.

    @abstractmethod
    def verify(self, request: Inbound) -> Verified:
        """Prove a callback; raises ``SignatureRefused``."""

    @abstractmethod
    def read(self, delivery: Delivered) -> tuple[Fact, ...] | None:
        """The facts in a verified callback, oldest first; None for an event that means nothing to us.
        Raises ``Unreadable``."""

    # Correlation. Pure.

    def matches(self, pending: Pending, snapshot: RecordingSnapshot | TranscriptSnapshot) -> float | None:
        """How far this snapshot is from that row (0 fits best), or None when it cannot be its."""
        return None
