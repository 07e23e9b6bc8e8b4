"""A bare client and a mailbox for the tests of the Twilio simulator."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.simulators.clock import Clock
from tests.simulators.http import Request, Response
from tests.simulators.twilio import TwilioSimulator

NOW = 1_715_000_000.0  # Monday, 6 May 2024, 12:53:20 GMT
HOOK = "https://tapedeck.example.com/webhooks/twilio/k1/recording?key=r1"


@dataclass(kw_only=True)
class Letter:
    """One callback as the receiver got it."""

    url: str
    method: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.url).query))


@dataclass(kw_only=True)
class Twilio:
    """The simulator on a frozen clock, what it sent, and how the receiver answers."""

    simulator: TwilioSimulator
    letters: list[Letter] = field(default_factory=list)
    answers: list[int | None] = field(default_factory=list)  # one for each attempt; then 200

    def deliver(self, url: str, method: str, headers: dict[str, str], body: bytes) -> int | None:
        self.letters.append(Letter(url=url, method=method, headers=headers, body=body))
        return self.answers.pop(0) if self.answers else 200

    def request(
        self,
        method: str,
        path: str,
        form: dict[str, str] | list[tuple[str, str]] | None = None,
        *,
        query: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Response:
        user, password = auth or (self.simulator.account_sid, self.simulator.auth_token)
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        sent = {"authorization": f"Basic {token}"}
        if form is not None:
            sent["content-type"] = "application/x-www-form-urlencoded"
        path, _, own_query = path.partition("?")
        return self.simulator.respond(
            Request(
                method=method,
                path=path,
                query=own_query or urlencode(query or {}),
                headers={**sent, **(headers or {})},
                body=urlencode(form or {}).encode(),
                origin="https://sim.example.com",
            )
        )

    def at(self, path: str) -> str:
        return f"{self.simulator.root}/{path}"

    def get(self, path: str, **query: str) -> Any:
        return body(self.request("GET", self.at(path), query=query), 200)

    def start(self, call: str, **form: str) -> dict[str, Any]:
        return body(self.request("POST", self.at(f"Calls/{call}/Recordings.json"), form), 201)

    def update(self, call: str, recording: str, **form: str) -> Response:
        return self.request("POST", self.at(f"Calls/{call}/Recordings/{recording}.json"), form)

    def order(self, recording: str, **form: str) -> Response:
        channel = json.dumps({"media_properties": {"source_sid": recording}})
        fields = {"ServiceSid": self.simulator.service.sid, "Channel": channel, **form}
        return self.request("POST", "/v2/Transcripts", fields)

    def recorded(self, conversation: int = 0, **form: str) -> str:
        """A completed recording, its media at hand."""
        call = self.simulator.place_call("Harbor Dental", conversation)
        recording = self.start(call, **form)["sid"]
        self.simulator.advance(20)
        self.simulator.end_call(call)
        self.simulator.advance(15)
        return recording

    def transcribed(self, recording: str, **form: str) -> str:
        transcript = body(self.order(recording, **form), 202)["sid"]
        self.simulator.advance(15)
        return transcript


def new_twilio() -> Twilio:
    twilio = Twilio(simulator=TwilioSimulator(clock=Clock(start=NOW)))
    twilio.simulator.outbox.deliver = twilio.deliver
    return twilio


def body(answer: Response, status: int) -> Any:
    assert answer.status == status, (answer.status, answer.body)
    return json.loads(answer.body) if answer.body else None


def refusal(answer: Response) -> tuple[int, int]:
    """HTTP status and code of an error in Twilio's form."""
    found = json.loads(answer.body)
    assert found["status"] == answer.status
    assert found["more_info"] == f"https://www.twilio.com/docs/errors/{found['code']}"
    assert found["message"]
    return answer.status, found["code"]
