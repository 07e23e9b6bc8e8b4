"""Daily as one program: authorization, pace and routes."""

from dataclasses import dataclass
from typing import Any

from tests.simulators.clock import Clock
from tests.simulators.daily.answers import Refused, not_found
from tests.simulators.daily.day import Day
from tests.simulators.daily.limits import Limits
from tests.simulators.http import Request, Response

API = "/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    method: str
    path: str  # "*" stands for one id
    handler: str
    tier: str = "most"

    def matches(self, method: str, parts: list[str]) -> bool:
        pattern = self.path.split("/") if self.path else []
        if method != self.method or len(parts) != len(pattern):
            return False
        return all(want == part or (want == "*" and part) for want, part in zip(pattern, parts, strict=True))

    def ids(self, parts: list[str]) -> list[str]:
        return [part for want, part in zip(self.path.split("/"), parts, strict=False) if want == "*"]


def _route(line: str, handler: str, tier: str = "most") -> Route:
    method, _, path = line.partition(" /")
    return Route(method=method, path=path, handler=handler, tier=tier)


ROUTES = (
    _route("GET /", "get_domain"),
    _route("POST /", "update_domain"),
    _route("GET /rooms", "list_rooms"),
    _route("GET /rooms/*", "get_room"),
    _route("POST /rooms/*", "update_room"),
    _route("DELETE /rooms/*", "delete_room", "slow"),
    _route("GET /presence", "get_presence"),
    _route("GET /rooms/*/presence", "get_room_presence"),
    _route("GET /meetings", "list_meetings"),
    _route("GET /meetings/*", "get_meeting"),
    _route("GET /meetings/*/participants", "get_meeting_participants"),
    _route("POST /rooms/*/recordings/start", "start_recording", "start"),
    _route("POST /rooms/*/recordings/update", "update_recording"),
    _route("POST /rooms/*/recordings/stop", "stop_recording"),
    _route("POST /rooms/*/transcription/start", "start_transcription"),
    _route("POST /rooms/*/transcription/update", "update_transcription"),
    _route("POST /rooms/*/transcription/stop", "stop_transcription"),
    _route("GET /recordings", "list_recordings", "slow"),
    _route("GET /recordings/*", "get_recording"),
    _route("GET /recordings/*/access-link", "get_recording_link"),
    _route("DELETE /recordings/*", "delete_recording"),
    _route("GET /transcript", "list_transcripts"),
    _route("GET /transcript/*", "get_transcript"),
    _route("GET /transcript/*/access-link", "get_transcript_link"),
    _route("DELETE /transcript/*", "delete_transcript"),
    _route("POST /batch-processor", "submit_job"),
    _route("GET /batch-processor", "list_jobs"),
    _route("GET /batch-processor/*", "get_job"),
    _route("GET /batch-processor/*/access-link", "get_job_link"),
    _route("DELETE /batch-processor/*", "delete_job"),
    _route("POST /webhooks", "create_webhook"),
    _route("GET /webhooks", "list_webhooks"),
    _route("GET /webhooks/*", "get_webhook"),
    _route("POST /webhooks/*", "update_webhook"),
    _route("DELETE /webhooks/*", "delete_webhook"),
)
NO_ROUTE = Route(method="", path="", handler="")


class DailySimulator(Day):
    """Daily's API under ``/v1`` of its origin; every other path is the presigned file host.

    Actions in ``performed``, ``details`` being the body's keys as received:
    ``start_recording``, ``update_recording``, ``stop_recording``, ``start_transcription``,
    ``update_transcription``, ``stop_transcription`` (subject room name, result instance id: the
    command was accepted); ``recording_began``, ``recording_ended``, ``transcription_began``,
    ``transcription_ended`` (subject room name, result recording or transcript id: it came true);
    ``submit_job`` (subject recording id or uri, result job id), ``job_finished`` (subject job id);
    ``delete_recording``, ``delete_transcript``, ``delete_job`` (subject their id); ``update_domain``,
    ``update_room``, ``delete_room`` (subject domain or room name); ``create_webhook`` (subject url,
    result uuid), ``update_webhook``, ``delete_webhook`` (subject uuid).
    """

    def __init__(self, *, clock: Clock | None = None, seed: int = 0, scale: float = 1.0) -> None:
        super().__init__(clock=clock, seed=seed, scale=scale)
        self.limits = Limits(self.clock)

    def account(self) -> dict[str, Any]:
        """``base_url`` is the origin, without ``/v1``."""
        return {
            "provider": self.slug,
            "name": "Daily (simulated)",
            "base_url": "",
            "config": {"domain": self.domain},
            "secrets": {"api_key": self.api_key, "webhook_hmac": self.webhook_hmac, "basic_auth": ""},
        }

    def handle(self, request: Request) -> Response:
        if request.path != API and not request.path.startswith(f"{API}/"):
            return self.storage.serve(request)
        try:
            self._authenticate(request)
            parts = request.parts[1:]
            parts = [] if parts == [""] else parts
            route = next((each for each in ROUTES if each.matches(request.method, parts)), NO_ROUTE)
            self._pace(route)
            if route is NO_ROUTE:
                raise not_found(f"no route {request.method} {request.path}")
            answer: Response = getattr(self, route.handler)(request, *route.ids(parts))
        except Refused as refusal:
            return refusal.answer()
        return answer

    def _authenticate(self, request: Request) -> None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not key or " " in key:
            info = "authorization header missing or malformed; expected 'Bearer <api key>'"
            raise Refused(400, "authorization-header-error", info)
        if key != self.api_key:
            raise Refused(401, "authentication-error", "api key is not valid")

    def _pace(self, route: Route) -> None:
        tier = route.tier
        if self.switches.meetings_are_slow and route.path.startswith("meetings"):
            tier = "slow"
        bucket = f"{route.method} {route.path}" if self.switches.limits_per_route else tier
        if not self.switches.is_limited or self.limits.allows(tier, bucket):
            return
        wait = self.switches.retry_after
        headers = {} if wait is None else {"Retry_After": str(wait)}
        raise Refused(429, "rate-limit-error", "too many requests", **headers)
