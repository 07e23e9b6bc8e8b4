"""A bare client and a mailbox for the tests of the Recall.ai simulator."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.simulators.clock import Clock
from tests.simulators.http import Request, Response
from tests.simulators.recall import RecallSimulator

NOW = 1767323045.0
HOOK = "https://tapedeck.example.com/webhooks/recall/k1/"
ORIGIN = "http://recall.test"


@dataclass(kw_only=True)
class Letter:
    """One callback as the receiver got it."""

    at: float
    url: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> str:
        return self.json["event"]

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass(kw_only=True)
class Recall:
    """The simulator on a frozen clock, what it sent, and how the receiver answers."""

    simulator: RecallSimulator
    letters: list[Letter] = field(default_factory=list)
    answers: list[int | None] = field(default_factory=list)  # one for each attempt; then ``answer``
    answer: int | None = 204

    def deliver(self, url: str, method: str, headers: dict[str, str], body: bytes) -> int | None:
        self.letters.append(Letter(at=self.simulator.clock.now(), url=url, headers=headers, body=body))
        return self.answers.pop(0) if self.answers else self.answer

    def events(self) -> list[str]:
        return [letter.event for letter in self.letters]

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str = "",
        headers: dict[str, str] | None = None,
        query: Any = (),
    ) -> Response:
        sent = {"authorization": f"Token {self.simulator.api_key}"}
        if body is not None:
            sent["content-type"] = "application/json"
        if key:
            sent["idempotency-key"] = key
        return self.simulator.respond(
            Request(
                method=method,
                path=path if path.startswith("/") else f"/api/v1/{path}",
                query=urlencode(query) if not isinstance(query, str) else query,
                headers={**sent, **(headers or {})},
                body=b"" if body is None else json.dumps(body).encode(),
                origin=ORIGIN,
            )
        )

    def get(self, path: str, **query: Any) -> Any:
        return data(self.ask("GET", path, query=query))

    def post(self, path: str, body: Any = None, **more: Any) -> Response:
        return self.ask("POST", path, body, **more)

    def status(self, bot: str) -> str:
        return self.get(f"bot/{bot}/")["status_changes"][-1]["code"]

    def download(self, link: str, **headers: str) -> Response:
        target = urlsplit(link)
        return self.simulator.respond(
            Request(method="GET", path=target.path, query=target.query, headers=headers, origin=ORIGIN)
        )

    def follow(self, link: str) -> Any:
        target = urlsplit(link)
        return data(self.ask("GET", target.path, query=target.query))

    # Ways to a state.

    def recording_call(self, seconds: float = 10.0, **options: Any) -> tuple[str, str]:
        """A call that is being recorded: bot and recording."""
        bot = self.simulator.place_call()
        assert self.post(f"bot/{bot}/start_recording/", options).status == 200
        self.simulator.advance(1 + seconds)
        return bot, self.get(f"bot/{bot}/")["recordings"][-1]["id"]

    def recorded(self, **options: Any) -> tuple[str, str]:
        """A finished recording of a call that goes on."""
        bot, recording = self.recording_call(**options)
        assert self.post(f"bot/{bot}/stop_recording/").status == 200
        self.simulator.advance(5)
        return bot, recording

    def transcribed(self, recording: str, body: Any = None) -> dict[str, Any]:
        answer = self.post(f"recording/{recording}/create_transcript/", body or RECALLAI)
        assert answer.status == 200, answer.body
        return data(answer)


RECALLAI = {"provider": {"recallai_async": {"language_code": "auto"}}}


def recall(**options: Any) -> Recall:
    """A fresh one, with the mailbox as its webhook."""
    found = Recall(simulator=RecallSimulator(clock=Clock(start=NOW), **options))
    found.simulator.outbox.deliver = found.deliver
    found.simulator.set_webhook(HOOK)
    return found


def data(answer: Response) -> Any:
    return json.loads(answer.body)


def passes(secret: str, family: str, headers: dict[str, str], body: bytes) -> bool:
    """Verified by hand, as the contract tells a receiver to."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{headers[f'{family}-id']}.{headers[f'{family}-timestamp']}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return expected in headers[f"{family}-signature"].split(" ")
