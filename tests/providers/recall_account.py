"""An account at the simulated Recall.ai, and what its tests say often."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from recordings.providers.base import Connection, Delivered, Inbound
from recordings.providers.client import Client, LinkReader
from recordings.providers.orders import CallRef, Order, RecordingRef, TranscriptRef
from recordings.providers.recall import RecallAdapter
from recordings.providers.snapshots import CallSnapshot, CallState, RecordingSnapshot, Status
from tests.simulators.clock import Clock
from tests.simulators.recall import RecallSimulator
from tests.transport import connection

FIXTURES = Path(__file__).parents[1] / "fixtures" / "recall"
NOON = 1_778_155_200.0
AT = datetime.fromtimestamp(NOON, UTC)
HOOK = "https://hooks.example.test/webhooks/recall/secret/"
KEY = "7d1f6c6e-3b3a-4f5e-8a53-0f3f8a8f6c11"
BOT = "33333333-3333-4333-8333-333333333333"
RECORDING = "22222222-2222-4222-8222-222222222222"
TRANSCRIPT = "11111111-1111-4111-8111-111111111111"


def fixture(name: str) -> Any:
    return json.loads(content(name))


def content(name: str) -> bytes:
    return (FIXTURES / name).read_bytes()


class Account:
    """A simulator and the adapter that is connected to it."""

    def __init__(self, **changes: str) -> None:
        self.simulator = RecallSimulator(clock=Clock(start=NOON))
        self.connection = connection(RecallAdapter, self.simulator, **changes)
        self.adapter = RecallAdapter(self.connection)

    def call(self, **place: Any) -> CallRef:
        """A live call of another integration, not being recorded."""
        return call_ref(self.simulator.place_call(**place))

    def scheduled(self, **options: Any) -> CallRef:
        url = self.simulator.place_meeting("Planning")
        join_at = datetime.fromtimestamp(NOON + 7200, UTC).isoformat()
        answer = self.adapter.perform(order("call.send", meeting_url=url, join_at=join_at, **options))
        return call_ref(answer.facts[0].external_id, state=CallState.SCHEDULED)

    def start(self, call: CallRef, **options: Any) -> RecordingRef:
        """A recording that the adapter started, once it runs."""
        self.adapter.perform(order("recording.start", call=call, **options))
        self.simulator.advance(5)
        (snapshot,) = [each for each in self.bot(call).recordings if each.key == KEY]
        return recording_ref(snapshot, call=call)

    def finished(self, seconds: float = 60, **options: Any) -> RecordingRef:
        """A recording that is done, with everything that this brings."""
        call = self.call()
        recording = self.start(call, **options)
        self.simulator.advance(seconds)
        self.adapter.perform(order("recording.stop", recording=recording))
        self.simulator.advance(30)
        return recording_ref(self.recording(recording), call=call)

    def transcribed(self, recording: RecordingRef, **options: Any) -> TranscriptRef:
        given = {"provider": "recallai_async", **options}
        answer = self.adapter.perform(order("transcript.order", recording=recording, **given))
        self.simulator.advance(30)
        return transcript_ref(answer.facts[0].external_id, recording=recording)

    def bot(self, call: CallRef) -> CallSnapshot:
        return self.adapter.fetch("call", call.external_id)[0]

    def recording(self, recording: RecordingRef) -> RecordingSnapshot:
        return self.adapter.fetch("recording", recording.external_id)[0]

    def options_of(self, action: str) -> dict[str, Any]:
        """What the provider received with its last effect of this name."""
        return self.simulator.effects(action)[-1].details["options"]

    def writes(self) -> list[Any]:
        return [each for each in self.simulator.requests if each.method != "GET"]


class Answering:
    """Answers every request with one thing, for shapes that the simulator cannot give."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


def answered(*answers: httpx.Response | Exception, **changes: str) -> RecallAdapter:
    """An adapter whose provider gives these answers, the last of them for ever."""
    given = {"region": "us-east-1", "api_key": "0123456789abcdef", "webhook_secrets": "", **changes}
    http = httpx.Client(transport=httpx.MockTransport(Answering(*answers)))
    return RecallAdapter(
        Connection(
            base_url=given.get("base_url", ""),
            config={"region": given["region"]},
            secrets={name: given[name] for name in ("api_key", "webhook_secrets")},
            client=Client(http, hosts=RecallAdapter.hosts),
            links=LinkReader(http),
        )
    )


def sent_by(adapter: RecallAdapter) -> list[httpx.Request]:
    return adapter.connection.client._http._transport.handler.requests


def order(
    kind: str,
    *,
    call: CallRef | None = None,
    recording: RecordingRef | None = None,
    transcript: TranscriptRef | None = None,
    callback_url: str = "",
    send_key: str = "send-1",
    key: str = KEY,
    values: dict[str, Any] | None = None,
    **options: Any,
) -> Order:
    """``values`` are options whose names hold dots."""
    return Order(
        kind=kind,
        key=key,
        send_key=send_key,
        options={**options, **(values or {})},
        call=call,
        recording=recording,
        transcript=transcript,
        callback_url=callback_url,
        ordered_at=AT,
        sent_at=AT,
    )


def call_ref(external_id: str = BOT, **changes: Any) -> CallRef:
    return replace(CallRef(external_id=external_id, key="call-key", state=CallState.LIVE), **changes)


def recording_ref(snapshot: RecordingSnapshot | None = None, **changes: Any) -> RecordingRef:
    known = RecordingRef(external_id=RECORDING, key="row-key", status=Status.COMPLETED)
    if snapshot is not None:
        known = RecordingRef(
            external_id=snapshot.external_id,
            key=snapshot.key or "row-key",
            status=snapshot.status or Status.REQUESTED,
            handle=snapshot.handle,
        )
    return replace(known, **changes)


def transcript_ref(external_id: str = TRANSCRIPT, **changes: Any) -> TranscriptRef:
    return replace(TranscriptRef(external_id=external_id, key="text-key", status=Status.COMPLETED), **changes)


def delivered(body: bytes) -> Delivered:
    return Delivered(event="", method="POST", path="", query="", headers={}, body=body, received_at=AT)


def inbound(body: bytes, headers: dict[str, str], *, at: float = NOON) -> Inbound:
    return Inbound(
        method="POST",
        url=HOOK,
        path="",
        headers=headers,
        body=body,
        received_at=datetime.fromtimestamp(at, UTC),
    )


def called_back(callback: Any, *, at: float = NOON) -> Inbound:
    """What the simulator sent, as the view would hand it on."""
    headers = {name.lower(): value for name, value in {**callback.headers, **callback.sign(at)}.items()}
    return replace(inbound(callback.body, headers, at=at), path=urlsplit(callback.url).path)
