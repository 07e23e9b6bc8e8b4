"""What the four simulators share: requests in, faults, a record of what was really done, a control side."""

import inspect
import json
import random
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, is_dataclass
from typing import Any, TypeVar

from tests.simulators.clock import Clock
from tests.simulators.faults import Fault, Faults
from tests.simulators.http import Request, Response, json_answer
from tests.simulators.outbox import Outbox

CONTROL = "/_control/"
Method = TypeVar("Method", bound=Callable[..., Any])


@dataclass(kw_only=True)
class Performed:
    """One effect that the provider really had: the ground truth of tests."""

    at: float
    action: str  # the provider's own word, such as "start_recording"
    subject: str  # the id that it was done to
    result: str = ""  # the id that came of it
    details: dict[str, Any] = field(default_factory=dict)  # what was asked, options as received


class ConnectionDropped(Exception):
    """Raised out of the WSGI program: the server closes the connection without (more of) an answer."""


def control(method: Method) -> Method:
    """Mark a method as part of the control side: callable in-process and as POST /_control/<name>."""
    method.is_control = True  # type: ignore[attr-defined]
    return method


class Simulator:
    """A provider. Subclasses route in ``handle`` and add ``@control`` methods.

    In-process tests call ``respond`` (through a transport of the test suite) and the control methods
    directly; ``make demo`` runs the same object behind a socket.
    """

    slug = ""

    def __init__(self, *, clock: Clock | None = None, seed: int = 0, scale: float = 1.0) -> None:
        self.clock = clock or Clock()
        self.scale = scale  # multiplies the provider's own waits, so that tests and demo are quick
        self.rng = random.Random(seed)
        self.outbox = Outbox(self.clock, self.rng, scale=scale)
        self.faults = Faults()
        self.requests: list[Request] = []
        self.performed: list[Performed] = []
        self.lock = threading.RLock()

    # What a subclass provides.

    def handle(self, request: Request) -> Response:
        """Answer one request of the provider's API; runs with ``lock`` held."""
        raise NotImplementedError

    def account(self) -> dict[str, Any]:
        """What an administrator would type in: provider, name, base_url, config, secrets."""
        raise NotImplementedError

    # Shared.

    def perform(self, action: str, subject: str, *, result: str = "", **details: Any) -> None:
        """Write an effect into the record of what was really done."""
        self.performed.append(
            Performed(at=self.clock.now(), action=action, subject=subject, result=result, details=details)
        )

    def effects(self, action: str) -> list[Performed]:
        return [effect for effect in self.performed if effect.action == action]

    def after(self, seconds: float, change: Callable[[], None]) -> None:
        """The provider changes its own state later, by its own waits (``scale`` applies)."""

        def locked() -> None:
            with self.lock:
                change()

        self.clock.after(seconds * self.scale, locked)

    def new_uuid(self) -> str:
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def new_hex(self, length: int) -> str:
        return "".join(self.rng.choice("0123456789abcdef") for _ in range(length))

    def respond(self, request: Request) -> Response:
        """One request with its faults; delays and drops are marked on the answer, not acted out."""
        with self.lock:
            if request.path.startswith(CONTROL):
                return self._control(request)
            self.requests.append(request)
            fault = self.faults.take(request)
            if fault is None:
                return self.handle(request)
            answer = self.handle(request) if fault.acts_first else Response(status=fault.status)
            return fault.spoil(answer)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = self.respond(_request(environ))
        if answer.delay_seconds:
            time.sleep(answer.delay_seconds)
        if answer.is_dropped:
            raise ConnectionDropped
        headers = [*answer.headers.items(), ("Content-Length", str(len(answer.body)))]
        start_response(f"{answer.status} {answer.status}", headers)
        if answer.cut_after is not None:
            return _cut(answer.body[: answer.cut_after])
        return [answer.body]

    def _control(self, request: Request) -> Response:
        name = request.path[len(CONTROL) :]
        method = getattr(self, name, None)
        if not getattr(method, "is_control", False):
            return json_answer({"error": f"no control named {name}"}, 404)
        return json_answer(_plain(method(**(request.json() if request.body else {}))))

    # The control side that all share.

    @control
    def controls(self) -> list[str]:
        """The names of all controls with their parameters."""
        found = inspect.getmembers(self, lambda member: getattr(member, "is_control", False))
        return [f"{name}{inspect.signature(method)}" for name, method in found]

    @control
    def describe(self) -> dict[str, Any]:
        return self.account()

    @control
    def advance(self, seconds: float) -> float:
        self.clock.advance(seconds)
        return self.clock.now()

    @control
    def fail(self, **fault: Any) -> None:
        """Inject a fault: the fields of ``Fault``."""
        self.faults.add(Fault(**fault))

    @control
    def clear_faults(self) -> None:
        self.faults.clear()

    @control
    def chaos(self, **settings: Any) -> None:
        """Lead callbacks astray: the fields of ``Chaos``."""
        for name, value in settings.items():
            setattr(self.outbox.chaos, name, value)

    @control
    def record(self, action: str = "") -> list[Performed]:
        """What was really done, oldest first."""
        return [effect for effect in self.performed if action in {"", effect.action}]

    @control
    def callbacks(self) -> list[dict[str, Any]]:
        """Every callback ever made, with its attempts."""
        return [
            {"event": sent.event, "url": sent.url, "attempts": [asdict(a) for a in sent.attempts]}
            for sent in self.outbox.sent
        ]


def _request(environ: dict[str, Any]) -> Request:
    headers = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = environ["CONTENT_TYPE"]
    length = int(environ.get("CONTENT_LENGTH") or 0)
    return Request(
        method=environ["REQUEST_METHOD"],
        path=environ.get("RAW_PATH") or environ["PATH_INFO"],
        query=environ.get("QUERY_STRING", ""),
        headers=headers,
        body=environ["wsgi.input"].read(length) if length else b"",
        origin=f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}",
    )


def _cut(start: bytes) -> Iterable[bytes]:
    yield start
    raise ConnectionDropped


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=_as_json))


def _as_json(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)
