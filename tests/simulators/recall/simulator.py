"""The provider as a whole: its state, its parts, and the way of a request through them."""

import copy
from collections.abc import Callable
from typing import Any

from tests.simulators.base import CONTROL
from tests.simulators.clock import Clock
from tests.simulators.http import Request, Response
from tests.simulators.recall.bots import PLAIN, Bots
from tests.simulators.recall.captures import Captures
from tests.simulators.recall.control import ControlSide
from tests.simulators.recall.gate import IdempotencyKeys, Limits, pass_firewall, require_key, require_slash
from tests.simulators.recall.lists import Lists
from tests.simulators.recall.realtime import Realtime
from tests.simulators.recall.recordings import Recordings
from tests.simulators.recall.refusals import Refused, detail, not_found
from tests.simulators.recall.routes import routes
from tests.simulators.recall.sessions import Sessions
from tests.simulators.recall.shapes import Shapes
from tests.simulators.recall.state import Artifact, Bot, Meeting, Recording, Transcript
from tests.simulators.recall.storage import Storage
from tests.simulators.recall.switches import Switches
from tests.simulators.recall.transcripts import Transcripts
from tests.simulators.recall.webhooks import Webhooks
from tests.simulators.recall.words import AUTOMATIC_LEAVE, RECORDING_DEFAULTS

REGION = "us-east-1"


class RecallSimulator(ControlSide):
    """Recall.ai, API v1.11, one workspace in one region.

    Actions in ``performed`` (subject → result; ``details["options"]`` holds what was asked, as received).

    Asked through the API:
    ``send_bot`` (bot → bot), ``change_bot``, ``delete_bot``, ``leave_call``, ``delete_media``,
    ``request_recording_permission`` (bot); ``start_recording`` (bot; ``details["overwrites"]`` is the
    recording that it destroyed, or ""); ``stop_recording``, ``pause_recording``, ``resume_recording``
    (bot → recording); ``create_transcript`` (recording → transcript); ``change_<kind>`` and
    ``delete_<kind>`` of recording, transcript and each artifact.

    What came of it by itself: ``recording_started``, ``recording_ended`` (bot → recording),
    ``overwrite_recording``, ``expire_media`` (recording), ``webhook_disabled`` (URL).
    """

    slug = "recall"

    def __init__(self, *, clock: Clock | None = None, seed: int = 0, scale: float = 1.0) -> None:
        super().__init__(clock=clock, seed=seed, scale=scale)
        self.switches = Switches()
        self.api_key = self.new_hex(40)
        self.region = REGION
        self.bots: dict[str, Bot] = {}
        self.meetings: dict[str, Meeting] = {}  # by URL
        self.recordings: dict[str, Recording] = {}
        self.transcripts: dict[str, Transcript] = {}
        self.limits = Limits(self)
        self.keys = IdempotencyKeys(self)
        self.lists = Lists(self)
        self.shapes = Shapes(self)
        self.storage = Storage(self)
        self.webhooks = Webhooks(self)
        self.realtime = Realtime(self)
        self.sessions = Sessions(self)
        self.captures = Captures(self)
        self.speech = Transcripts(self)
        self.bots_api = Bots(self)
        self.recordings_api = Recordings(self)
        self._routes = routes(self)

    def account(self) -> dict[str, Any]:
        return {
            "provider": self.slug,
            "name": "Recall.ai (simulated)",
            "base_url": "",
            "config": {"region": self.region},
            "secrets": {
                "api_key": self.api_key,
                "webhook_secrets": "\n".join([*self.webhooks.secrets, self.webhooks.endpoint_secret]),
            },
        }

    # The way of a request.

    def respond(self, request: Request) -> Response:
        answer = super().respond(request)
        if not request.path.startswith(CONTROL):
            with self.lock:
                self._note(request, answer)
        return answer

    def _note(self, request: Request, answer: Response) -> None:
        """A fault's own refusal is an answer like any other: its key replays it."""
        if answer.status >= 400:
            self.keys.keep(request, answer)
        self.keys.note_delay(request, answer.delay_seconds)

    def handle(self, request: Request) -> Response:
        try:
            if self.storage.knows(request):
                return self.storage.serve(request)
            pass_firewall(request)
            require_slash(request)
            require_key(self, request)
            return self._answer_once(request)
        except Refused as refusal:
            return refusal.answer

    def _answer_once(self, request: Request) -> Response:
        replayed = self.keys.replay(request)
        if replayed is not None:
            return replayed
        try:
            answer = self._route(request)
        except Refused as refusal:
            answer = refusal.answer
        self.keys.keep(request, answer)
        return answer

    def _route(self, request: Request) -> Response:
        key, place = _place(request)
        methods = self._routes.get(place)
        if methods is None:
            raise not_found()
        route = methods.get(request.method)
        if route is None:
            raise detail(405, f'Method "{request.method}" not allowed.')
        if route.limit:
            self.limits.take(route.limit, f"{request.method} {'/'.join(place)}")
        return route.handler(request, key)

    # What the parts share.

    def at(self, moment: float, change: Callable[[], None]) -> None:
        """At a moment that the API has named, so ``scale`` does not apply."""

        def locked() -> None:
            with self.lock:
                change()

        self.clock.after(max(0.0, moment - self.clock.now()), locked)

    def is_seen(self, row: Recording | Artifact) -> bool:
        """Deleted objects are gone, unless the switch says that they stay to be read."""
        return row.status.code != "deleted" or self.switches.deleted_get == "object"

    def find_artifact(self, key: str) -> Artifact | None:
        if key in self.transcripts:
            return self.transcripts[key]
        rows = (row for recording in self.recordings.values() for row in recording.artifacts.values())
        return next((row for row in rows if row.id == key), None)

    def realtime_transcript(self, recording: Recording) -> Transcript | None:
        rows = (row for row in self.transcripts.values() if row.recording == recording.id and row.is_realtime)
        return next(rows, None)

    def require_credit(self) -> None:
        if self.switches.credit_used_up:
            raise detail(402, "Your free credit is used up. Add a payment method to continue.")

    def with_defaults(self, config: dict[str, Any] | None) -> dict[str, Any]:
        """A recording configuration with every omitted field at the endpoint's default."""
        defaults = {**RECORDING_DEFAULTS, "retention": self.switches.default_retention}
        return copy.deepcopy({**defaults, **(config or {})})

    def new_bot(self, body: dict[str, Any], *, join_at: float | None = None) -> Bot:
        """A bot that has not set out yet, from the fields of the API."""
        bot = Bot(
            id=self.new_uuid(),
            created_at=self.clock.now(),
            meeting_url=body["meeting_url"],
            bot_name=body.get("bot_name", "Meeting Notetaker"),
            join_at=join_at,
            config=self.with_defaults(body.get("recording_config")),
            automatic_leave={**AUTOMATIC_LEAVE, **(body.get("automatic_leave") or {})},
            metadata=dict(body.get("metadata") or {}),
            extras={name: body[name] for name in PLAIN if name in body},
        )
        self.bots[bot.id] = bot
        return bot


def _place(request: Request) -> tuple[str, tuple[str, str]]:
    match request.parts:
        case ["api", "v1", "billing", "usage", ""]:
            return "", ("billing/usage", "")
        case ["api", "v1", resource, ""]:
            return "", (resource, "")
        case ["api", "v1", resource, key, ""]:
            return key, (resource, "*")
        case ["api", "v1", resource, key, action, ""]:
            return key, (resource, action)
    raise not_found()
