"""Where the Intelligence Service posts: the one address that belongs to no single order (contract 5.3)."""

from collections.abc import Mapping
from typing import Any

from recordings.providers.errors import Refused
from recordings.providers.orders import Answer, Order
from recordings.providers.scrub import scrubbed
from recordings.providers.snapshots import EndpointSnapshot
from recordings.providers.twilio import bodies
from recordings.providers.twilio.api import Api, named_of, sid
from recordings.providers.twilio.availability import NO_SERVICE
from recordings.providers.twilio.values import text

EVENTS = ("voice_intelligence_transcript_available",)
NO_ADDRESS = "This installation has no public address that Twilio could reach. Nothing was sent."


def read(api: Api, service: str) -> tuple[EndpointSnapshot, Mapping[str, Any]]:
    """The service's webhook, and the service itself."""
    data = named_of(api.read(api.product(f"Services/{sid(service)}")))
    return snapshot(data), data


def repair(api: Api, order: Order, *, service: str) -> Answer:
    if not service:
        raise Refused(f"{NO_SERVICE} Nothing was sent.")
    if not order.callback_url:
        raise Refused(NO_ADDRESS)
    url = api.product(f"Services/{sid(service)}")
    reply = api.write(order.kind, "POST", url, bodies.of_order(order))
    return Answer(facts=(snapshot(named_of(reply)),), exchange=reply.exchange)


def snapshot(data: Mapping[str, Any]) -> EndpointSnapshot:
    """A service has one address and says nothing of how it fares."""
    url, method = text(data.get("webhook_url")), text(data.get("webhook_http_method"))
    is_set = bool(url) and method != "NULL"
    return EndpointSnapshot(
        external_id=text(data.get("sid")),
        url=url if is_set else "",
        state=method if is_set else "not set",
        is_healthy=None if is_set else False,
        events=EVENTS,
        raw=scrubbed(dict(data)),
    )
