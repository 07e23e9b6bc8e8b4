"""A plain client of the Daily simulator for its tests, and an endpoint for its webhooks."""

import json
from urllib.parse import urlsplit

from tests.simulators.clock import Clock
from tests.simulators.daily import DailySimulator
from tests.simulators.http import Request

START = 1_733_234_946.25
HOOK = "https://console.example.test/webhooks/daily/"


class Client:
    """One simulator on a clock that stands still, and calls of its API with the right key."""

    def __init__(self, **options):
        self.simulator = DailySimulator(clock=Clock(start=START), **options)
        self.endpoint = Endpoint(self.simulator)
        self.simulator.outbox.deliver = self.endpoint

    def send(self, method, path, body=None, *, key=None, **headers):
        """Body: an object becomes JSON, bytes go as they are; ``path`` is under /v1."""
        path, _, query = path.partition("?")
        key = key or self.simulator.api_key
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        named = {"authorization": f"Bearer {key}", **headers}
        answer = self.simulator.respond(
            Request(method=method, path=f"/v1{path}", query=query, headers=named, body=raw)
        )
        return answer.status, json.loads(answer.body or b"null")

    def get(self, path):
        return self.send("GET", path)

    def post(self, path, body=None):
        return self.send("POST", path, body)

    def delete(self, path):
        return self.send("DELETE", path)

    def fetch(self, link, *, method="GET", **headers):
        """A presigned link, without the key unless it is among the headers."""
        parts = urlsplit(link)
        return self.simulator.respond(
            Request(method=method, path=parts.path, query=parts.query, headers=headers)
        )

    def subscribe(self, *kinds, **fields):
        status, hook = self.post(
            "/webhooks", {"url": HOOK, "eventTypes": list(kinds) or ["recording.started"], **fields}
        )
        assert status == 200, hook
        self.endpoint.got.clear()
        return hook["uuid"]

    def recorded(self, room=None, **options):
        """A call recorded for a minute and over; answers the recording's id."""
        room = room or self.simulator.place_call()
        assert self.post(f"/rooms/{room}/recordings/start", options)[0] == 200
        self.simulator.advance(60)
        self.simulator.end_call(room)
        self.simulator.advance(10)
        return self.simulator.effects("recording_began")[-1].result

    def transcribed(self, room=None, **options):
        """A call transcribed live for a minute and over; answers the transcript's id."""
        room = room or self.simulator.place_call()
        assert self.post(f"/rooms/{room}/transcription/start", options)[0] == 200
        self.simulator.advance(60)
        self.simulator.end_call(room)
        self.simulator.advance(10)
        return self.simulator.effects("transcription_began")[-1].result

    def job(self, recording, preset="transcript", template="transcript", **more):
        body = {
            "preset": preset,
            "inParams": {"sourceType": "recordingId", "recordingId": recording},
            "outParams": {"s3Config": {"s3KeyTemplate": template, **more}},
        }
        return self.post("/batch-processor", body)


class Endpoint:
    """Takes callbacks instead of the network; answers 200 or what it was told to."""

    def __init__(self, simulator):
        self.got = []
        self.answers = []
        self.seconds = 0.0  # how long each answer takes
        self._simulator = simulator

    def __call__(self, url, method, headers, body):
        self.got.append((url, headers, body))
        self._simulator.clock._frozen_at += self.seconds
        return self.answers.pop(0) if self.answers else 200

    @property
    def events(self):
        return [json.loads(body) for _, _, body in self.got]

    @property
    def kinds(self):
        return [event.get("type", "ping") for event in self.events]

    def payload(self, kind):
        return next(event["payload"] for event in self.events if event["type"] == kind)
