"""Tests an account: its credentials, the token that verifies callbacks, and its Intelligence Service."""

from collections.abc import Mapping
from typing import Any

from recordings.providers.base import Connection, Health
from recordings.providers.errors import ProviderError
from recordings.providers.twilio import endpoints
from recordings.providers.twilio.api import Api, items_of, token_auth
from recordings.providers.twilio.values import text

FINE = "Twilio accepts the credentials."
UNVERIFIABLE = (
    "Twilio accepts the API key, but not the Auth Token: callbacks cannot be verified. "
    "Enter the primary Auth Token."
)
AUTO = "Every recording, without being asked: an order here finds what is there"
ONE = [("PageSize", "1")]


def check(api: Api, connection: Connection) -> Health:
    """The Auth Token is tried by itself when an API key signs in: callbacks hang on it (contract 1.1)."""
    service = connection.config.get("intelligence_service_sid", "")
    details = {"Account SID": api.account_sid, "Signs in with": _way(api)}
    url = api.classic("Calls.json")
    try:
        items_of(api.read(url, ONE), "calls")
        if api.auth != token_auth(connection):
            problem = _token_problem(api, url, connection)
            if problem:
                return Health(is_healthy=False, message=problem, details=details)
        found = endpoints.read(api, service) if service else None
    except ProviderError as exc:
        return Health(is_healthy=False, message=exc.message, details=details)
    return Health(is_healthy=True, message=FINE, details={**details, **(_service(*found) if found else {})})


def _token_problem(api: Api, url: str, connection: Connection) -> str:
    try:
        api.read(url, ONE, auth=token_auth(connection))
    except ProviderError as exc:
        return UNVERIFIABLE if exc.status == 401 else exc.message
    return ""


def _way(api: Api) -> str:
    return "Auth Token" if api.auth[0] == api.account_sid else "API key"


def _service(endpoint: Any, data: Mapping[str, Any]) -> dict[str, str]:
    details = {
        "Intelligence Service": text(data.get("friendly_name")) or text(data.get("unique_name")),
        "Language": text(data.get("language_code")),
        "Transcribes": AUTO if data.get("auto_transcribe") is True else "",
        "Webhook": endpoint.url or "not set",
    }
    return {name: value for name, value in details.items() if value}
