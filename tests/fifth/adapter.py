"""The made-up provider's adapter."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from recordings.providers.base import (
    ConfigField,
    Connection,
    Delivered,
    Health,
    Inbound,
    Media,
    ProviderAdapter,
    TranscriptKind,
    Variant,
    Verified,
)
from recordings.providers.client import Reply
from recordings.providers.errors import (
    NotFound,
    ProviderError,
    SignatureRefused,
    UnexpectedResponse,
    Unreadable,
)
from recordings.providers.formats import read_vtt
from recordings.providers.options import Kind, Option
from recordings.providers.orders import (
    Action,
    Answer,
    Bucket,
    Evidence,
    Order,
    Pending,
    RecordingRef,
    Repeat,
    Subject,
    SubjectRef,
    TranscriptRef,
    Verdict,
)
from recordings.providers.outcomes import error_of, meaning_of
from recordings.providers.snapshots import (
    CallSnapshot,
    CallState,
    Fact,
    Page,
    RecordingSnapshot,
    Status,
    TextFile,
    TranscriptSnapshot,
    TranscriptText,
)

RECORDING = {"recording": Status.IN_PROGRESS, "processing": Status.PROCESSING, "done": Status.COMPLETED}
TRANSCRIPT = {"running": Status.PROCESSING, "done": Status.COMPLETED, "failed": Status.FAILED}
QUALITY = Option(
    name="quality",
    kind=Kind.CHOICE,
    label="Quality",
    choices=(("high", "High"), ("low", "Low")),
    default="high",
    is_main=True,
)
ENGINE = Option(
    name="engine",
    kind=Kind.CHOICE,
    label="Engine",
    choices=(("standard", "Standard"), ("premium", "Premium")),
    default="standard",
    is_main=True,
)

ENDS = frozenset({"recording.stop", "recording.delete", "transcript.delete"})
RUNNING = (Status.REQUESTED, Status.IN_PROGRESS, Status.PAUSED)


class FifthAdapter(ProviderAdapter):
    slug = "fifth"
    label = "Fifth"
    call_label = "Call number"
    call_noun = "call"
    config_fields = (
        ConfigField(name="token", label="Token", is_secret=True, is_required=True),
        ConfigField(name="webhook_secret", label="Webhook secret", is_secret=True),
    )
    setup_help = "Made up."
    webhook_help = "Made up."
    hosts = ("api.fifth.example",)
    buckets = (Bucket(name="starts", limit=50, per_seconds=1.0),)
    visibility_delay_seconds = 5.0
    call_traits = {
        "caller": ("raw.from", "From"),
        "callee": ("To",),
        "direction": ("Direction",),
        "room": ("id",),
    }
    lists_transcripts = True
    transcript_kinds = (TranscriptKind(name="standard", label="Standard"),)
    actions = (
        Action(
            kind="recording.start",
            subject=Subject.CALL,
            label="Start recording",
            repeat=Repeat.ONCE,
            right="control",
            options=(QUALITY,),
            makes=Subject.RECORDING,
            buckets=("starts",),
            costs="Each minute is charged.",
        ),
        Action(
            kind="recording.stop",
            subject=Subject.RECORDING,
            label="Stop",
            repeat=Repeat.REPEATABLE,
            right="control",
            lane=0,
            not_after_seconds=None,
        ),
        Action(
            kind="recording.delete",
            subject=Subject.RECORDING,
            label="Delete recording",
            repeat=Repeat.REPEATABLE,
            right="delete",
            not_after_seconds=86_400,
            becomes=Status.DELETED,
            is_destructive=True,
            goes="The sound is gone for good.",
        ),
        Action(
            kind="transcript.order",
            subject=Subject.RECORDING,
            label="Order transcript",
            repeat=Repeat.ONCE,
            right="order",
            not_after_seconds=86_400,
            options=(ENGINE,),
            makes=Subject.TRANSCRIPT,
            costs="Each minute is charged.",
        ),
        Action(
            kind="transcript.delete",
            subject=Subject.TRANSCRIPT,
            label="Delete transcript",
            repeat=Repeat.REPEATABLE,
            right="delete",
            not_after_seconds=86_400,
            becomes=Status.DELETED,
            is_destructive=True,
            goes="The text is gone for good.",
        ),
    )

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.base_url = connection.base_url or "https://api.fifth.example"

    @classmethod
    def unavailable(cls, kind: str, subject: SubjectRef | None, config: Mapping[str, str]) -> str:
        if isinstance(subject, RecordingRef | TranscriptRef) and not subject.external_id:
            return "The provider has not named it yet."
        if kind == "transcript.order" and isinstance(subject, RecordingRef):
            return "" if subject.status is Status.COMPLETED else "The recording is not complete yet."
        return ""

    def check(self) -> Health:
        try:
            _object(self._call("GET", "/calls"))
        except ProviderError as exc:
            return Health(is_healthy=False, message=exc.message)
        return Health(is_healthy=True, message="The credentials work.")

    def perform(self, order: Order) -> Answer:
        match order.kind:
            case "recording.start":
                body = {"key": order.key, "options": dict(order.options)}
                call_id = order.call.external_id if order.call else ""
                reply = self._call("POST", f"/calls/{call_id}/recordings", order.kind, body)
                return Answer(facts=(recording(_object(reply)),), exchange=reply.exchange)
            case "recording.stop":
                reply = self._call("POST", f"/recordings/{_id(order.recording)}/stop", order.kind)
                return Answer(facts=(recording(_object(reply)),), exchange=reply.exchange)
            case "transcript.order":
                body = {"key": order.key, **order.options}
                path = f"/recordings/{_id(order.recording)}/transcripts"
                reply = self._call("POST", path, order.kind, body)
                return Answer(facts=(transcript(_object(reply)),), exchange=reply.exchange)
        kind, thing = (
            ("transcripts", order.transcript) if order.transcript else ("recordings", order.recording)
        )
        try:
            reply = self._call("DELETE", f"/{kind}/{_id(thing)}", order.kind)
        except NotFound as exc:
            return Answer(note="It was gone already.", exchange=exc.exchange)
        return Answer(exchange=reply.exchange)

    def evidence(self, order: Order) -> Evidence:
        if order.kind in ENDS:
            return self._evidence_of_an_end(order)
        kind = "transcripts" if order.kind == "transcript.order" else "recordings"
        read = transcript if kind == "transcripts" else recording
        rows = _object(self._call("GET", f"/{kind}"))["items"]
        for row in rows:
            if row.get("key") == order.key:
                return Evidence(verdict=Verdict.HAPPENED, looked_at="Listed.", facts=(read(row),))
        return Evidence(verdict=Verdict.ABSENT, looked_at="Not listed.")

    def _evidence_of_an_end(self, order: Order) -> Evidence:
        """What was to be stopped or deleted tells by its own state."""
        kind, thing = ("transcript", order.transcript) if order.transcript else ("recording", order.recording)
        facts = self.fetch(kind, _id(thing))
        [status] = [fact.status for fact in facts if isinstance(fact, RecordingSnapshot | TranscriptSnapshot)]
        happened = status is Status.DELETED or (order.kind == "recording.stop" and status not in RUNNING)
        verdict = Verdict.HAPPENED if happened else Verdict.ABSENT
        return Evidence(verdict=verdict, looked_at=f"It is {status}.", facts=facts)

    def list_calls(self, cursor: str = "") -> Page:
        rows = _object(self._call("GET", "/calls"))["items"]
        return Page(items=tuple(call(row) for row in rows if row["state"] == "live"))

    def list_recordings(self, *, since: datetime | None, until: datetime | None, cursor: str = "") -> Page:
        data = _object(self._call("GET", f"/recordings?page={cursor or 0}"))
        return Page(items=tuple(recording(row) for row in data["items"]), next_cursor=data["next"] or "")

    def list_transcripts(self, *, since: datetime | None, until: datetime | None, cursor: str = "") -> Page:
        data = _object(self._call("GET", f"/transcripts?page={cursor or 0}"))
        return Page(items=tuple(transcript(row) for row in data["items"]), next_cursor=data["next"] or "")

    def fetch(self, kind: str, external_id: str, *, parent: str = "") -> tuple[Fact, ...]:
        try:
            data = _object(self._call("GET", f"/{kind}s/{external_id}"))
        except NotFound:
            if kind == "recording":
                return (RecordingSnapshot(external_id=external_id, status=Status.DELETED),)
            if kind == "transcript":
                return (TranscriptSnapshot(external_id=external_id, status=Status.DELETED),)
            raise
        readers: dict[str, Any] = {"call": call, "recording": recording, "transcript": transcript}
        return (readers[kind](data),)

    def fetch_text(self, transcript: TranscriptRef) -> TranscriptText:
        reply = self._call("GET", f"/transcripts/{transcript.external_id}/text")
        found = read_vtt(reply.text)
        file = TextFile(name="transcript.vtt", content_type="text/vtt", content=reply.content)
        return TranscriptText(utterances=found.utterances, files=(file,), problem=found.problem)

    def variants(self, recording: RecordingRef) -> tuple[Variant, ...]:
        if recording.status is not Status.COMPLETED:
            return ()
        return (Variant(name="audio", label="Sound", content_type="audio/mpeg"),)

    def media(self, recording: RecordingRef, variant: str) -> Media:
        return Media(
            url=f"{self.base_url}/recordings/{recording.external_id}/media",
            content_type="audio/mpeg",
            headers=self._headers(),
        )

    def verify(self, request: Inbound) -> Verified:
        secret = self.connection.secrets["webhook_secret"].encode()
        digest = hmac.new(secret, request.body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(digest, request.headers.get("x-fifth-signature", "")):
            raise SignatureRefused("The signature does not fit.")
        try:
            data = json.loads(request.body)
            return Verified(dedupe_id=data["id"], event=data["event"])
        except (ValueError, KeyError, TypeError):
            return Verified(dedupe_id=digest, event="")

    def read(self, delivery: Delivered) -> tuple[Fact, ...] | None:
        try:
            data = json.loads(delivery.body)
        except ValueError as exc:
            raise Unreadable("The body is not JSON.") from exc
        if delivery.event.startswith("recording."):
            return (recording(data["data"]),)
        if delivery.event.startswith("transcript."):
            return (transcript(data["data"]),)
        return None

    def matches(self, pending: Pending, snapshot: RecordingSnapshot | TranscriptSnapshot) -> float | None:
        if not isinstance(snapshot, RecordingSnapshot) or pending.sent_at is None:
            return None
        if snapshot.call_external_id != pending.call_external_id or snapshot.started_at is None:
            return None
        return abs((snapshot.started_at - pending.sent_at).total_seconds())

    def _call(self, method: str, path: str, kind: str = "", body: Any = None) -> Reply:
        url = f"{self.base_url}{path}"
        reply = self.connection.client.request(
            method, url, is_write=bool(kind), headers=self._headers(), json=body
        )
        if reply.is_success:
            return reply
        code = (reply.data or {}).get("error", "") if isinstance(reply.data, dict) else ""
        found = meaning_of((), kind=kind, status=reply.status, code=code)
        raise error_of(found, reply, kind=kind, message=code or f"HTTP {reply.status}", code=code)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.connection.secrets['token']}"}


def _object(reply: Reply) -> dict[str, Any]:
    if not isinstance(reply.data, dict):
        raise UnexpectedResponse("The answer is no object.", status=reply.status, exchange=reply.exchange)
    return reply.data


def call(row: dict[str, Any]) -> CallSnapshot:
    state = CallState.LIVE if row["state"] == "live" else CallState.ENDED
    return CallSnapshot(external_id=row["id"], state=state, title=row["title"], provider_status=row["state"])


def recording(row: dict[str, Any]) -> RecordingSnapshot:
    return RecordingSnapshot(
        external_id=row["id"],
        key=row["key"],
        call_external_id=row["call"],
        status=RECORDING.get(row["status"]),
        provider_status=row["status"],
        status_at=datetime.fromisoformat(row["changed"]),
        started_at=datetime.fromisoformat(row["started"]),
        duration_seconds=row["duration"],
        raw=row,
    )


def transcript(row: dict[str, Any]) -> TranscriptSnapshot:
    return TranscriptSnapshot(
        external_id=row["id"],
        key=row["key"],
        recording_external_id=row["recording"],
        status=TRANSCRIPT.get(row["status"]),
        provider_status=row["status"],
        status_at=datetime.fromisoformat(row["changed"]),
        engine=row["engine"],
        kind="standard",
        raw=row,
    )


def _id(thing: RecordingRef | TranscriptRef | None) -> str:
    return thing.external_id if thing else ""
