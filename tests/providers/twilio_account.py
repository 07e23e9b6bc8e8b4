"""An account at the simulated Twilio, and what its tests say often."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from recordings.providers.base import Connection, Delivered, Inbound
from recordings.providers.client import Client, LinkReader
from recordings.providers.orders import CallRef, Order, RecordingRef, TranscriptRef
from recordings.providers.snapshots import CallState, RecordingSnapshot, Status
from recordings.providers.twilio import TwilioAdapter
from tests.simulators.clock import Clock
from tests.simulators.twilio import TwilioSimulator
from tests.transport import connection

FIXTURES = Path(__file__).parents[1] / "fixtures" / "twilio"
NOW = 1_715_000_000.0
AT = datetime.fromtimestamp(NOW, UTC)
HOOK = "https://hooks.example.test/webhooks/twilio/secret/"
KEY = "7d1f6c6e-3b3a-4f5e-8a53-0f3f8a8f6c11"
AC, SERVICE = "AC" + "a" * 32, "GA" + "1" * 32
CA, CF, RE, GT, TR = (f"{prefix}{'b' * 32}" for prefix in ("CA", "CF", "RE", "GT", "TR"))
ROOT = f"https://api.twilio.com/2010-04-01/Accounts/{AC}"
PRODUCT = "https://intelligence.twilio.com/v2"


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text())


class Account:
    """A simulator and the adapter that is connected to it."""

    def __init__(self, **changes: str) -> None:
        self.simulator = TwilioSimulator(clock=Clock(start=NOW))
        self.connection = connection(TwilioAdapter, self.simulator, **changes)
        self.adapter = TwilioAdapter(self.connection)
        self.letters: list[Inbound] = []
        self.simulator.outbox.deliver = self._deliver

    def configured(self, **config: str) -> TwilioAdapter:
        """The same account with other settings."""
        return TwilioAdapter(replace(self.connection, config={**self.connection.config, **config}))

    def call(self, **place: Any) -> CallRef:
        sid = self.simulator.place_call("Harbor Dental", **place)
        return CallRef(external_id=sid, key="call-key", state=CallState.LIVE)

    def start(self, call: CallRef, **options: Any) -> RecordingRef:
        """A recording that the adapter started, as the mirror would know it."""
        answer = self.adapter.perform(order("recording.start", call=call, options=options))
        return ref(answer.facts[-1], call=call)

    def completed(self, *, seconds: float = 20.0, conversation: int = 0, **options: Any) -> RecordingRef:
        """A recording whose media is there."""
        call = self.call(conversation=conversation)
        started = self.start(call, **options)
        self.simulator.advance(seconds)
        self.simulator.end_call(call.external_id)
        self.simulator.advance(15)
        return ref(self.adapter.fetch("recording", started.external_id)[0], call=ended(call))

    def message(self, **leave: Any) -> RecordingRef:
        """A voice message with a legacy transcription."""
        sid = self.simulator.leave_message("Oak Tree Rentals", **leave)
        self.simulator.advance(60)
        return ref(self.adapter.fetch("recording", sid)[0])

    def transcribed(self, recording: RecordingRef, **options: Any) -> TranscriptRef:
        asked = order("transcript.order", recording=recording, options=options)
        made = self.adapter.perform(asked).facts[0]
        self.simulator.advance(15)
        found, *_ = self.adapter.fetch("transcript", made.external_id)
        return transcript_ref(
            made.external_id, kind=found.kind, recording=recording, handle=found.handle, status=found.status
        )

    def asked(self) -> list[tuple[str, str]]:
        return [(each.method, each.path.rpartition(self.simulator.account_sid)[2]) for each in self.requests]

    @property
    def requests(self) -> list[Any]:
        return self.simulator.requests

    def _deliver(self, url: str, method: str, headers: dict[str, str], body: bytes) -> int | None:
        named = {name.lower(): value for name, value in headers.items()}
        self.letters.append(inbound(url, body, method=method, headers=named))
        return 200


class Answers(httpx.BaseTransport):
    """Answers that the simulator cannot give, one after the other; the last one again and again."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


def answering(*answers: httpx.Response | Exception, base_url: str = "", **config: str) -> TwilioAdapter:
    """An adapter at the real addresses, with ready answers in place of Twilio's."""
    http = httpx.Client(transport=Answers(*answers))
    return TwilioAdapter(
        Connection(
            base_url=base_url,
            config={"account_sid": AC, "intelligence_service_sid": SERVICE, **config},
            secrets={"auth_token": "12345", "shared_keys": "shared=shared-test-key"},
            client=Client(http, hosts=(*TwilioAdapter.hosts, "proxy.example.test")),
            links=LinkReader(http),
        )
    )


def sent_by(adapter: TwilioAdapter) -> list[httpx.Request]:
    return adapter.connection.client._http._transport.requests


def form_of(request: httpx.Request) -> dict[str, str]:
    return dict(parse_qsl(request.content.decode(), keep_blank_values=True))


def ok(data: Any, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json=data)


def failing(code: int, status: int = 400, **headers: str) -> httpx.Response:
    return httpx.Response(
        status, json={"code": code, "message": "Because", "status": status}, headers=headers
    )


def listing(key: str, *items: Any, following: Any = None) -> httpx.Response:
    """Both kinds of envelope at once: each reader takes its own."""
    return ok({key: list(items), "next_page_uri": following, "meta": {"next_page_url": following}})


def order(kind: str, **about: Any) -> Order:
    known: dict[str, Any] = {"callback_url": HOOK, "ordered_at": AT, "sent_at": AT, "key": KEY}
    return Order(kind=kind, send_key="send-1", **{**known, **about})


def ended(call: CallRef) -> CallRef:
    return replace(call, state=CallState.ENDED)


def call_ref(external_id: str = CA, **changes: Any) -> CallRef:
    return CallRef(**{"external_id": external_id, "key": "call-key", "state": CallState.LIVE, **changes})


def ref(snapshot: RecordingSnapshot, *, call: CallRef | None = None) -> RecordingRef:
    return RecordingRef(
        external_id=snapshot.external_id,
        key=snapshot.key or "row-key",
        status=snapshot.status or Status.REQUESTED,
        handle=snapshot.handle,
        source=snapshot.source,
        channels=snapshot.channels,
        duration_seconds=snapshot.duration_seconds,
        started_at=snapshot.started_at,
        call=call,
    )


def recording_ref(external_id: str = RE, **changes: Any) -> RecordingRef:
    known = RecordingRef(external_id=external_id, key="row-key", status=Status.COMPLETED)
    return replace(known, **changes)


def transcript_ref(external_id: str = GT, **changes: Any) -> TranscriptRef:
    known = TranscriptRef(external_id=external_id, key=KEY, status=Status.COMPLETED, kind="intelligence")
    return replace(known, **changes)


def inbound(url: str, body: bytes, *, method: str = "POST", headers: dict[str, str] | None = None) -> Inbound:
    return Inbound(
        method=method,
        url=url,
        path=urlsplit(url).path.removeprefix(urlsplit(HOOK).path),
        headers=headers or {},
        body=body,
        received_at=AT,
    )


def stored(request: Inbound) -> Delivered:
    return Delivered(
        event="",
        method=request.method,
        path=request.path,
        query=urlsplit(request.url).query,
        headers=request.headers,
        body=request.body,
        received_at=request.received_at,
    )


def form_delivery(fields: dict[str, str], *, path: str = "") -> Delivered:
    headers = {"content-type": "application/x-www-form-urlencoded; charset=UTF-8"}
    return stored(inbound(HOOK + path, urlencode(fields).encode(), headers=headers))


def json_delivery(fields: Any) -> Delivered:
    return stored(inbound(HOOK, json.dumps(fields).encode(), headers={"content-type": "application/json"}))


def later(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)
