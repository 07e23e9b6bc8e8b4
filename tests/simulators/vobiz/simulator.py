"""The provider as one program: credentials, paths to the letter, and the errors around the routes."""

import re
from collections.abc import Callable
from typing import Any

from tests.simulators.http import Request, Response, json_answer
from tests.simulators.vobiz.answers import Missing, Refused, error_body, limit_details, missing_answer
from tests.simulators.vobiz.calls import CallRoutes
from tests.simulators.vobiz.control import Controls
from tests.simulators.vobiz.day import Day
from tests.simulators.vobiz.media import MediaRoutes
from tests.simulators.vobiz.recordings import RecordingRoutes
from tests.simulators.vobiz.transcripts import TranscriptRoutes

ACCOUNT = "/api/v1/Account/(?P<account>[^/]+)"
ROUTES: tuple[tuple[str, dict[str, str]], ...] = (
    ("/api/v1/auth/me", {"GET": "who_am_i"}),
    (f"{ACCOUNT}/Call/", {"GET": "list_live_calls"}),
    (f"{ACCOUNT}/Call/(?P<id>[^/]+)/", {"GET": "retrieve_call"}),
    (f"{ACCOUNT}/Call/(?P<id>[^/]+)/Record/", {"POST": "start_recording", "DELETE": "stop_recording"}),
    (f"{ACCOUNT}/Recording/", {"GET": "list_recordings", "DELETE": "remove_all_recordings"}),
    (f"{ACCOUNT}/Recording/(?:BulkDelete)?/", {"DELETE": "remove_all_recordings"}),  # "//" is an empty id
    (f"{ACCOUNT}/Recording/(?P<id>[^/]+)/", {"GET": "retrieve_recording", "DELETE": "remove_recording"}),
    (
        f"{ACCOUNT}/Transcription/(?P<id>[^/]+)/",
        {"POST": "order_transcript", "GET": "retrieve_transcript", "DELETE": "delete_transcript"},
    ),
    # Files: usually without the ``/api`` that all else has, in some examples with it.
    ("(?:/api)?/v1/Account/(?P<account>[^/]+)/Recording/(?P<id>[^/]+[.](?:mp3|wav))", {"GET": "media"}),
)
LIVE_LIST = re.compile(f"{ACCOUNT}/Call/?")
SIGNED = re.compile("/signed/(?P<id>[^/]+)")


class VobizSimulator(CallRoutes, RecordingRoutes, MediaRoutes, TranscriptRoutes, Controls, Day):
    """Vobiz with one account.

    ``performed`` has these actions; subject, then result and details:

    - ``start_recording``: call UUID; result the recording id; ``options`` the body as received
    - ``stop_recording``: recording id, once for each one stopped; ``call``, ``by`` ("URL" or "all"), ``body``
    - ``finish_recording``: recording id; ``reason`` ("stopped", "time_limit", "hangup"), ``billed_minutes``
    - ``transcribe``: recording id, when the text was made and billed; ``status``, ``charge``
    - ``delete_recording``: recording id; ``by`` ("api", "bulk" or "somebody")
    - ``bulk_delete``: "Recording"; ``query``, ``recordings``: the mishap of a delete without an id
    - ``leak_credentials``: the foreign origin that was shown the X-Auth headers; ``headers``
    - ``order_transcript`` (``options``) and ``delete_transcript``: recording id; if ``transcription_api``
    """

    def account(self) -> dict[str, Any]:
        return {
            "provider": "vobiz",
            "name": "Vobiz demo",
            "base_url": "",
            "config": {"auth_id": self.auth_id, "require_signature": ""},
            "secrets": {"auth_token": self.auth_token},
        }

    def handle(self, request: Request) -> Response:
        try:
            return self._routed(request)
        except Missing as missing:
            return missing_answer(self.new_uuid(), str(missing))
        except Refused as refused:
            return self._refusal(refused)

    def who_am_i(self, request: Request) -> Response:
        """A "small account object"; its fields are not in the contract, so only the id is worth reading."""
        return json_answer({"api_id": self.new_uuid(), "auth_id": self.auth_id, "name": "Vobiz demo"})

    def _routed(self, request: Request) -> Response:
        signed = SIGNED.fullmatch(request.path)
        if signed is not None:
            return self.signed_media(request, signed["id"])
        self._last_origin = request.origin or self._last_origin
        self._check_credentials(request)
        self._check_pace()
        route, found = self._route(request)
        if found.groupdict().get("account", self.auth_id) != self.auth_id:
            raise Refused(401)  # Path and header belong to one account; 403 is as likely.
        name = route.get(request.method)
        if name is None:
            raise Refused(405)
        answer: Callable[..., Response] = getattr(self, name)
        recording_or_call = found.groupdict().get("id")
        return answer(request) if recording_or_call is None else answer(request, recording_or_call)

    def _check_credentials(self, request: Request) -> None:
        shown = request.headers.get("x-auth-id"), request.headers.get("x-auth-token")
        if shown != (self.auth_id, self.auth_token):
            raise Refused(401)

    def _check_pace(self) -> None:
        """At most so many requests in any one second."""
        now = self.clock.now()
        while self.recent and self.recent[0] <= now - 1:
            self.recent.popleft()
        if self.requests_per_second and len(self.recent) >= self.requests_per_second:
            raise Refused(429, **limit_details(self.requests_per_second, len(self.recent) + 1))
        self.recent.append(now)

    def _route(self, request: Request) -> tuple[dict[str, str], re.Match[str]]:
        """The route of a path spelt to the letter; a nearly right one is answered 401."""
        path = self._live_list_path(request)
        for pattern, methods in ROUTES:
            found = re.fullmatch(pattern, path)
            if found is not None:
                return methods, found
        if _is_route(f"{path}/"):
            raise Refused(self.missing_slash_status)
        if (
            _is_route(path, re.IGNORECASE)
            or _is_route(f"{path}/", re.IGNORECASE)
            or _is_route(path.rstrip("/"))
        ):
            raise Refused(401)
        raise Refused(404)

    def _live_list_path(self, request: Request) -> str:
        """The list of live calls, spelt both ways in the provider's own material."""
        is_list = request.params.get("status") == "live" and LIVE_LIST.fullmatch(request.path)
        if not is_list or request.method != "GET":
            return request.path
        if self.live_list_slash == "both":
            return request.path.rstrip("/") + "/"
        has_slash = request.path.endswith("/")
        if has_slash == (self.live_list_slash == "slash"):
            return request.path.rstrip("/") + "/"
        return request.path.rstrip("/")  # No route: 401.

    def _refusal(self, refused: Refused) -> Response:
        body = error_body(
            refused.status,
            refused.message,
            refused.details,
            shape=self.error_shape,
            at=self.clock.utc(),
            api_id=self.new_uuid(),
        )
        answer = json_answer(body, refused.status)
        if refused.status == 429 and self.sends_retry_after:
            answer.headers["Retry-After"] = str(refused.details["retryAfter"])
        return answer


def _is_route(path: str, flags: int = 0) -> bool:
    return any(re.fullmatch(pattern, path, flags) for pattern, _ in ROUTES)
