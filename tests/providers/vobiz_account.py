"""An account at the simulated Vobiz, and what its tests say often."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from recordings.providers.base import Delivered, Inbound
from recordings.providers.orders import CallRef, Order, RecordingRef, TranscriptRef
from recordings.providers.snapshots import CallState, RecordingSnapshot, Status
from recordings.providers.vobiz import VobizAdapter
from tests.simulators.clock import Clock
from tests.simulators.vobiz import VobizSimulator
from tests.transport import SimulatorTransport, connection

FIXTURES = Path(__file__).parents[1] / "fixtures" / "vobiz"
NOON = 1_778_155_200.0
AT = datetime.fromtimestamp(NOON, UTC)
HOOK = "https://hooks.example.test/webhooks/vobiz/secret/"
KEY = "7d1f6c6e-3b3a-4f5e-8a53-0f3f8a8f6c11"
RECORDING = "b2b8f1de-3c4a-4d5e-9f60-718293a4b5c6"
CALL = "7f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / name).read_text())


def body(name: str) -> bytes:
    return (FIXTURES / name).read_bytes()


class Account:
    """A simulator and the adapter that is connected to it."""

    def __init__(self, **changes: str) -> None:
        self.simulator = VobizSimulator(clock=Clock(start=NOON))
        self.connection = connection(VobizAdapter, self.simulator, **changes)
        self.adapter = VobizAdapter(self.connection)

    def transport(self) -> SimulatorTransport:
        return self.connection.client._http._transport

    def call(self, **place: Any) -> CallRef:
        uuid = self.simulator.place_call(**place)
        return CallRef(external_id=uuid, key="call-key", state=CallState.LIVE)

    def start(self, call: CallRef, *, callback_url: str = HOOK, **options: Any) -> RecordingRef:
        """A recording that the adapter started, as the mirror would know it."""
        answer = self.adapter.perform(start_order(call, callback_url=callback_url, **options))
        return ref(answer.facts[0], call=call)

    def finished(self, **add: Any) -> str:
        """A recording of an earlier call; answers its id."""
        return self.simulator.add_recording(**add)

    def asked(self) -> list[tuple[str, str, str]]:
        return [(each.method, each.path, each.query) for each in self.simulator.requests]


def start_order(call: CallRef | None, *, callback_url: str = HOOK, **options: Any) -> Order:
    return Order(
        kind="recording.start",
        key=KEY,
        send_key="send-1",
        options=options,
        call=call,
        callback_url=callback_url,
        ordered_at=AT,
        sent_at=AT,
    )


def order(kind: str, **about: Any) -> Order:
    return Order(kind=kind, key=KEY, send_key="send-1", callback_url=HOOK, ordered_at=AT, sent_at=AT, **about)


def ref(snapshot: RecordingSnapshot, *, call: CallRef | None = None) -> RecordingRef:
    return RecordingRef(
        external_id=snapshot.external_id,
        key=snapshot.key or "row-key",
        status=snapshot.status or Status.REQUESTED,
        handle=snapshot.handle,
        source=snapshot.source,
        started_at=snapshot.started_at,
        call=call,
    )


def recording_ref(external_id: str = RECORDING, **changes: Any) -> RecordingRef:
    known = RecordingRef(external_id=external_id, key="row-key", status=Status.COMPLETED)
    return replace(known, **changes)


def transcript_ref(external_id: str = RECORDING, **changes: Any) -> TranscriptRef:
    known = TranscriptRef(external_id=external_id, key="text-key", status=Status.COMPLETED)
    return replace(known, **changes)


def delivered(
    path: str, content: bytes, *, content_type: str = "", method: str = "POST", query: str = ""
) -> Delivered:
    return Delivered(
        event="",
        method=method,
        path=path,
        query=query,
        headers={"content-type": content_type or "application/x-www-form-urlencoded"},
        body=content,
        received_at=AT,
    )


def inbound(callback: Any) -> Inbound:
    """What the simulator sent, as the view would hand it on."""
    parts = urlsplit(callback.url)
    return Inbound(
        method=callback.method,
        url=callback.url,
        path=parts.path.removeprefix(urlsplit(HOOK).path),
        headers={name.lower(): value for name, value in {**callback.headers, **callback.sign(NOON)}.items()},
        body=callback.body,
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


def later(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)
