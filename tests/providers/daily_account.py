"""An account at the simulated Daily, and what its tests say often."""

import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from recordings.providers.base import Connection, Delivered, Inbound
from recordings.providers.client import Client, LinkReader
from recordings.providers.daily import DailyAdapter
from recordings.providers.orders import CallRef, Order, RecordingRef, TranscriptRef
from recordings.providers.snapshots import CallState, Status
from tests.simulators.clock import Clock
from tests.simulators.daily import DailySimulator
from tests.transport import connection

START = 1_733_234_946.25
HOOK = "https://console.example.test/webhooks/daily/key/"
KEY = "0b5f7c52-52a5-4a58-9c1a-3c1c9c7f7b11"
OTHER_KEY = "7d1f3c9a-1b2c-4d5e-8f90-a1b2c3d4e5f6"
RECORDING = "08fa0b24-9220-44c5-846c-3f116cf8e738"
TRANSCRIPT = "8d5c03f3-1f5c-4c0e-9a6b-7b1d2c3e4f50"
JOB = "f9a3c6c1-68fd-4d6a-a3d7-bc7d9a6d7d9a"
NOW = datetime.fromtimestamp(START, UTC)
FIXTURES = Path(__file__).parent.parent / "fixtures" / "daily"


def fixture(name):
    return json.loads((FIXTURES / f"{name}.json").read_text())


def body(name):
    return (FIXTURES / name).read_bytes()


class Account:
    """One account with its own simulator, whose clock stands still until it is moved."""

    def __init__(self, **changes):
        self.simulator = DailySimulator(clock=Clock(start=START))
        self.got = []
        self.simulator.outbox.deliver = self._deliver
        self.connection = connection(DailyAdapter, self.simulator, **changes)
        self.adapter = DailyAdapter(self.connection)

    def _deliver(self, url, method, headers, content):
        self.got.append((url, headers, content))
        return 200

    def now(self):
        return self.simulator.clock.utc()

    def call(self, **place):
        name = self.simulator.place_call(**place)
        return CallRef(external_id=name, key=str(uuid.uuid4()), state=CallState.LIVE)

    def order(self, kind, *, key=KEY, **about):
        """An order that is sent as soon as it is given."""
        now = self.now()
        fields = {"ordered_at": now, "sent_at": now, "callback_url": HOOK, **about}
        return Order(kind=kind, key=key, send_key=str(uuid.uuid4()), **fields)

    def perform(self, kind, **about):
        return self.adapter.perform(self.order(kind, **about))

    def start(self, call, *, key=KEY, **options):
        """A recording that runs."""
        self.perform("recording.start", key=key, call=call, options=options)
        self.simulator.advance(5)
        ident = self.simulator.effects("recording_began")[-1].result
        handle = {"instanceId": key, "type": options.get("type", "cloud")}
        return RecordingRef(
            external_id=ident,
            key=key,
            status=Status.IN_PROGRESS,
            handle=handle,
            call=call,
            started_at=self.now(),
        )

    def finished(self, call=None, **options):
        """A recording of a call that is over."""
        call = call or self.call()
        recording = self.start(call, **options)
        self.simulator.advance(60)
        self.simulator.end_call(call.external_id)
        self.simulator.advance(10)
        return replace(recording, status=Status.COMPLETED)

    def transcribe(self, call, *, key=KEY, **options):
        """A live transcript that runs."""
        self.perform("captions.start", key=key, call=call, options=options)
        self.simulator.advance(5)
        ident = self.simulator.effects("transcription_began")[-1].result
        return transcript_ref(
            ident, key=key, status=Status.IN_PROGRESS, handle={"instanceId": key}, call=call
        )

    def transcribed(self, call=None, **options):
        """A live transcript of a call that is over."""
        call = call or self.call()
        transcript = self.transcribe(call, **options)
        self.simulator.advance(60)
        self.simulator.end_call(call.external_id)
        self.simulator.advance(10)
        return replace(transcript, status=Status.COMPLETED)

    def job(self, recording=None, *, key=OTHER_KEY, **options):
        """A job that is finished."""
        recording = recording or self.finished()
        answer = self.perform("transcript.order", key=key, recording=recording, options=options)
        self.simulator.advance(60)
        kind = answer.facts[0].kind
        return transcript_ref(answer.facts[0].external_id, key=key, kind=kind, recording=recording)

    def asked(self):
        """Method and path of every request so far."""
        return [f"{each.method} {each.path}" for each in self.simulator.requests]

    def events(self):
        return [json.loads(content) for _, _, content in self.got]

    def facts(self, kind):
        """What the adapter reads in the last event of this type."""
        found = [each for each in self.events() if each.get("type") == kind]
        return self.adapter.read(delivered(found[-1]))


def answering(answers, **changes):
    """An adapter at a Daily that answers as told: (method, path) to a response or a list of them."""
    asked = []

    def respond(request):
        asked.append(request)
        found = answers[(request.method, request.url.path.removeprefix("/v1"))]
        found = found.pop(0) if isinstance(found, list) else found
        return httpx.Response(
            found.status_code, headers=found.headers, content=found.content, request=request
        )

    http = httpx.Client(transport=httpx.MockTransport(respond))
    secrets = {"api_key": "a" * 64, "webhook_hmac": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}
    config = {"domain": changes.pop("domain", "")}
    adapter = DailyAdapter(
        Connection(
            base_url="",
            config=config,
            secrets={**secrets, **changes},
            client=Client(http, hosts=DailyAdapter.hosts, secrets=tuple(secrets.values())),
            links=LinkReader(http),
        )
    )
    return adapter, asked


def says(data, status=200):
    return httpx.Response(status, json=data)


def complains(status, code, info=""):
    return httpx.Response(status, json={"error": code, "info": info})


def order(kind, *, key=KEY, **about):
    fields = {"ordered_at": NOW, "sent_at": NOW, "callback_url": HOOK, **about}
    return Order(kind=kind, key=key, send_key="s", **fields)


def call_ref(name="my-room", **changes):
    return CallRef(**{"external_id": name, "key": OTHER_KEY, "state": CallState.LIVE, **changes})


def recording_ref(external_id=RECORDING, **changes):
    fields = {"key": KEY, "status": Status.COMPLETED, "call": call_ref(), **changes}
    return RecordingRef(external_id=external_id, **fields)


def transcript_ref(external_id=TRANSCRIPT, **changes):
    fields = {"key": KEY, "status": Status.COMPLETED, "kind": "realtime", **changes}
    return TranscriptRef(external_id=external_id, **fields)


def delivered(event, **changes):
    content = event if isinstance(event, bytes) else json.dumps(event).encode()
    fields = {"event": "", "method": "POST", "path": "", "query": "", "headers": {}, "received_at": NOW}
    return Delivered(**{**fields, "body": content, **changes})


def inbound(content, headers, *, received_at=NOW):
    named = {name.lower(): value for name, value in headers.items()}
    return Inbound(method="POST", url=HOOK, path="", headers=named, body=content, received_at=received_at)


def later(seconds):
    return NOW + timedelta(seconds=seconds)
