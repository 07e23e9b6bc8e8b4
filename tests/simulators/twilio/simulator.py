"""The account: who may come in, which door a request takes, and the parts behind the doors."""

import base64
import binascii
import threading
from collections.abc import Callable, Iterable
from typing import Any

from tests.simulators.base import CONTROL
from tests.simulators.clock import Clock
from tests.simulators.http import Request, Response
from tests.simulators.twilio.answers import Refusal, not_found
from tests.simulators.twilio.calls import Calls
from tests.simulators.twilio.control import Controls
from tests.simulators.twilio.legacy import Legacy
from tests.simulators.twilio.live import Live
from tests.simulators.twilio.media import Media
from tests.simulators.twilio.paging import Pager
from tests.simulators.twilio.recording_routes import RecordingRoutes
from tests.simulators.twilio.recordings import Recordings
from tests.simulators.twilio.routes import Routes, wants_xml
from tests.simulators.twilio.services import Services
from tests.simulators.twilio.state import Switches
from tests.simulators.twilio.transcript_routes import TranscriptRoutes
from tests.simulators.twilio.transcript_text import TranscriptText
from tests.simulators.twilio.transcripts import Transcripts
from tests.simulators.twilio.webhooks import Webhooks

CLASSIC, PRODUCT, LINKED = "/2010-04-01/Accounts/", "/v2/", "/intelligence-media/"


class TwilioSimulator(Controls):
    """One account behind api.twilio.com and intelligence.twilio.com, whose paths do not overlap.

    Batch Transcription v3 (voice.twilio.com, public beta without list and delete) is left out.

    Actions in ``performed`` (subject; result; details are the form as received):

    - ``start_recording`` (Call SID; Recording SID)
    - ``start_recording_again`` (Call SID; the SID of the recording that already ran): a start that was
      answered with success although nothing new was recorded; only with ``second_start`` same or ghost
    - ``stop_recording``, ``pause_recording``, ``resume_recording`` (Recording SID; none; ``within`` is the
      call or conference): only when the state changed
    - ``delete_recording`` (Recording SID)
    - ``delete_transcription`` (legacy TR SID; ``recording``)
    - ``start_transcription`` (Call SID; real-time GT SID), ``stop_transcription`` (GT SID; ``within``)
    - ``create_transcript`` (Recording SID or media URL; GT SID)
    - ``delete_transcript`` (GT SID; ``recording``)
    - ``create_service`` (account; GA SID), ``update_service``, ``delete_service`` (GA SID)

    What TwiML or a service with auto-transcription begins is no order of an API client: it is in
    ``truth()``, not in ``performed``.
    """

    slug = "twilio"

    def __init__(self, *, clock: Clock | None = None, seed: int = 0, scale: float = 1.0) -> None:
        super().__init__(clock=clock, seed=seed, scale=scale)
        self.switches = Switches()
        self.origin = "https://api.twilio.com"  # until a caller has used another one
        self.account_sid = self.new_sid("AC")
        self.auth_token = self.new_hex(32)
        self.api_key_sid, self.api_key_secret = self.new_sid("SK"), self.new_hex(32)
        self.shared_keys = {"shared-key-1": self.new_hex(32)}
        self.number_sid = self.new_sid("PN")
        self.is_day_begun = False
        self._orders = 0
        self._in_flight = 0
        self._counting = threading.Lock()
        self.pager = Pager(self.new_hex)
        self.webhooks = Webhooks(self)
        self.calls = Calls(self)
        self.recordings = Recordings(self)
        self.recording_routes = RecordingRoutes(self)
        self.media = Media(self)
        self.legacy = Legacy(self)
        self.live = Live(self)
        self.services = Services(self)
        self.transcripts = Transcripts(self)
        self.transcript_routes = TranscriptRoutes(self)
        self.transcript_text = TranscriptText(self)
        self.routes = Routes(self)
        self.service = self.services.add("calls", friendly_name="Calls")

    def account(self) -> dict[str, Any]:
        return {
            "provider": "twilio",
            "name": "Twilio (simulated)",
            "base_url": "",
            "config": {
                "account_sid": self.account_sid,
                "intelligence_service_sid": self.service.sid,
                "api_key_sid": self.api_key_sid,
            },
            "secrets": {
                "auth_token": self.auth_token,
                "api_key_secret": self.api_key_secret,
                "shared_keys": "\n".join(f"{key}={secret}" for key, secret in self.shared_keys.items()),
            },
        }

    # What the parts share.

    @property
    def root(self) -> str:
        return f"/2010-04-01/Accounts/{self.account_sid}"

    def new_sid(self, prefix: str) -> str:
        return prefix + self.new_hex(32)

    def next_order(self) -> int:
        self._orders += 1
        return self._orders

    def price(self, amount: float) -> str | float:
        return amount if self.switches.price_as_number else f"{amount:.5f}"

    def later(self, seconds: float, change: Callable[[], None]) -> None:
        """What people do, at their own pace: unlike ``after``, never scaled."""

        def locked() -> None:
            with self.lock:
                change()

        self.clock.after(seconds, locked)

    # Requests.

    def respond(self, request: Request) -> Response:
        self.origin = request.origin or self.origin
        return super().respond(request)

    def handle(self, request: Request) -> Response:
        try:
            return self._answer(request)
        except Refusal as refusal:
            return refusal.answer(as_xml=wants_xml(request.path))

    def _answer(self, request: Request) -> Response:
        if request.path.startswith(LINKED):
            return self.media.linked(request)
        self._admit(request)
        if request.path.startswith(PRODUCT):
            answer = self.routes.product(request, request.path.removeprefix(PRODUCT))
            answer.headers.update(_rate_headers(self.switches.concurrency_limit))
            return answer
        account, _, path = request.path.removeprefix(CLASSIC).partition("/")
        if not request.path.startswith(CLASSIC) or account != self.account_sid:
            raise not_found(request.path)
        return self.routes.classic(request, path)

    def _admit(self, request: Request) -> None:
        known = {(self.account_sid, self.auth_token), (self.api_key_sid, self.api_key_secret)}
        if _credentials(request) not in known or self.switches.credentials != "valid":
            raise Refusal(20003, headers={"WWW-Authenticate": 'Basic realm="Twilio API"'})
        if self.switches.account_state != "active":
            raise Refusal(20005)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Requests that run at once beyond the limit are refused, unprocessed. In-process callers of
        ``respond`` never run at once."""
        with self._counting:
            self._in_flight += 1
            is_over = self._in_flight > self.switches.concurrency_limit
        try:
            if is_over and not environ["PATH_INFO"].startswith(CONTROL):
                return self._refuse_busy(start_response)
            return super().__call__(environ, start_response)
        finally:
            with self._counting:
                self._in_flight -= 1

    def _refuse_busy(self, start_response: Callable[..., Any]) -> list[bytes]:
        answer = Refusal(20429).answer()
        if self.switches.retry_after:
            answer.headers["Retry-After"] = self.switches.retry_after
        start_response("429 429", [*answer.headers.items(), ("Content-Length", str(len(answer.body)))])
        return [answer.body]


def _credentials(request: Request) -> tuple[str, str]:
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return "", ""
    try:
        user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, password


def _rate_headers(limit: int) -> dict[str, str]:
    """Declared for Intelligence v2; what they hold is not in the contract."""
    return {
        "X-Rate-Limit-Limit": str(limit),
        "X-Rate-Limit-Remaining": str(limit - 1),
        "X-Rate-Limit-Config": "account",
    }
