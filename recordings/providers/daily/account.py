"""An account is one Daily domain: what an administrator types in, and how it is tested (contract 1, 2.1)."""

from collections.abc import Mapping
from typing import Any

from recordings.providers.base import ConfigField, Health
from recordings.providers.daily.api import Api, other_domain, subdomain
from recordings.providers.daily.values import mapping, text
from recordings.providers.errors import ProviderError

CONFIG_FIELDS = (
    ConfigField(
        name="domain",
        label="Daily domain",
        help="The name in front of .daily.co in the address of your rooms, such as fernweh. The test tells "
        "when the API key belongs to another one.",
        is_identity=True,
    ),
    ConfigField(
        name="api_key",
        label="API key",
        help="Daily dashboard, Developers: the key of the domain. One key reaches every room of it.",
        is_secret=True,
        is_required=True,
    ),
    ConfigField(
        name="webhook_hmac",
        label="Webhook secret",
        help="Base64. Daily is given it with the webhook. To change it, "
        "put the new one into the first line and keep the old one below until the webhook is repaired.",
        is_secret=True,
        is_many=True,
        is_generated=True,
    ),
    ConfigField(
        name="basic_auth",
        label="Webhook login",
        help="A second proof beside the signature: Daily sends it as Authorization: Basic. Type it as "
        "Daily is to send it. After a change, repair the webhook.",
        is_secret=True,
    ),
)
SETUP_HELP = (
    "Sign in at dashboard.daily.co, open Developers and copy the API key of the domain. Recording, live "
    "transcripts and webhooks need a card on the Daily account. Rooms record only with enable_recording, and "
    "keep live transcripts only with enable_transcription_storage."
)
WEBHOOK_HELP = (
    "Daily has no form for webhooks: order “Create webhook” on the account's page. Tapedeck then makes it by "
    "API with this account's secret, and Daily tests the address at once."
)
CONSENT_NOTE = (
    "Nothing in Daily's API asks the people in a room whether they may be recorded: their consent is the "
    "duty of the account's holder."
)


def check(api: Api) -> Health:
    """``GET /`` is the domain's configuration (contract 2.1)."""
    try:
        answer = api.read_object("/")
    except ProviderError as exc:
        return Health(is_healthy=False, message=exc.message)
    found = subdomain(text(answer.get("domain_name")))
    if found and api.domain and found != api.domain:
        return Health(is_healthy=False, message=other_domain(found, api.domain))
    return Health(is_healthy=True, message="Daily accepts the API key.", details=_details(found, answer))


def _details(domain: str, answer: Mapping[str, Any]) -> dict[str, str]:
    config = mapping(answer.get("config"))
    stores = config.get("enable_transcription_storage") is True
    details = {
        "Domain": domain,
        "Recording": text(config.get("enable_recording")) or "set by each room",
        "Live transcripts": "kept" if stores else "kept where a room says so",
    }
    return {label: value for label, value in details.items() if value}
