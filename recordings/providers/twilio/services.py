"""Makes, changes and deletes Intelligence Services (contract 4.2)."""

from collections.abc import Mapping
from typing import Any

from recordings.providers.client import Reply
from recordings.providers.errors import NotFound
from recordings.providers.orders import Answer, Evidence, Order, Verdict
from recordings.providers.snapshots import EndpointSnapshot
from recordings.providers.twilio import bodies, endpoints
from recordings.providers.twilio.api import PRODUCT_VERSION, Api, items_of, named_of, sid
from recordings.providers.twilio.looks import before_sending
from recordings.providers.twilio.outcomes import UNKNOWN_SID
from recordings.providers.twilio.service_actions import CREATE, DELETE
from recordings.providers.twilio.values import mapping, text

MOST_PAGES = 20
PAGE = [("PageSize", "1000")]
THERE = "A service of this name is there already: it is shown, and none was made."
GONE_ALREADY = "The service was gone already."
GONE = "deleted"


def perform(api: Api, order: Order) -> Answer:
    if order.kind == CREATE:
        return _create(api, order)
    reply = api.write(order.kind, _method(order), _url(api, order), bodies.of_order(order))
    if order.kind == DELETE:
        note = "" if reply.is_success else GONE_ALREADY
        return Answer(facts=(_gone(order),), note=note, exchange=reply.exchange)
    return Answer(facts=(endpoints.snapshot(named_of(reply)),), exchange=reply.exchange)


def look(api: Api, order: Order) -> Evidence:
    """A service is found by its name, or read by its SID and compared."""
    if order.kind == CREATE:
        return _look_for_name(api, order)
    try:
        reply = api.read(_url(api, order))
    except NotFound as exc:
        if exc.code != UNKNOWN_SID:
            raise
        return _about_gone(order, exc)
    data = named_of(reply)
    if order.kind == DELETE:
        return _told(Verdict.ABSENT, "the service is still there", data, reply)
    is_so = all(_is_so(data, name, value) for name, value in bodies.of_order(order).items())
    seen = f"the service {'is' if is_so else 'is not'} as it was ordered"
    return _told(Verdict.HAPPENED if is_so else Verdict.ABSENT, seen, data, reply)


def _create(api: Api, order: Order) -> Answer:
    """Looks first: the name is the only thing by which a service made twice could be told (contract 7.1)."""
    there, look_reply = before_sending(lambda: _named(api, order))
    if there is not None:
        return Answer(facts=(endpoints.snapshot(there),), note=THERE, exchange=look_reply.exchange)
    reply = api.write(order.kind, "POST", api.product("Services"), bodies.of_order(order))
    return Answer(facts=(endpoints.snapshot(named_of(reply)),), exchange=reply.exchange)


def _look_for_name(api: Api, order: Order) -> Evidence:
    there, reply = _named(api, order)
    if there is None:
        return Evidence(
            verdict=Verdict.ABSENT,
            looked_at="Twilio was asked: no service has this name.",
            exchange=reply.exchange,
        )
    return _told(Verdict.HAPPENED, "a service has this name", there, reply)


def _named(api: Api, order: Order) -> tuple[Mapping[str, Any] | None, Reply]:
    """The service of the order's name, if there is one, and the page that was read last."""
    path, wanted = f"{PRODUCT_VERSION}/Services", text(order.options.get("UniqueName"))
    reply = api.read(api.product("Services"), PAGE)
    for _ in range(MOST_PAGES):
        for item in items_of(reply, "services"):
            if text(mapping(item).get("unique_name")) == wanted:
                return mapping(item), reply
        link = api.next_link(mapping(mapping(reply.data).get("meta")).get("next_page_url"), path=path)
        if not link:
            break
        reply = api.read(f"{api.product_origin}{link}")
    return None, reply


def _url(api: Api, order: Order) -> str:
    return api.product(f"Services/{sid(text(order.options.get('ServiceSid')))}")


def _method(order: Order) -> str:
    return "DELETE" if order.kind == DELETE else "POST"


def _gone(order: Order) -> EndpointSnapshot:
    return EndpointSnapshot(external_id=text(order.options.get("ServiceSid")), url="", state=GONE)


def _about_gone(order: Order, gone: NotFound) -> Evidence:
    verdict = Verdict.HAPPENED if order.kind == DELETE else Verdict.ABSENT
    return Evidence(
        verdict=verdict,
        looked_at="Twilio was asked: it does not know the service.",
        facts=(_gone(order),),
        exchange=gone.exchange,
    )


def _is_so(data: Mapping[str, Any], name: str, wanted: str) -> bool:
    """``FriendlyName`` is ``friendly_name`` in answers."""
    wire = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
    found = data.get(wire)
    shown = {True: "true", False: "false"}.get(found, text(found)) if isinstance(found, bool) else text(found)
    return shown == wanted


def _told(verdict: Verdict, seen: str, data: Mapping[str, Any], reply: Reply) -> Evidence:
    return Evidence(
        verdict=verdict,
        looked_at=f"Twilio was asked: {seen}.",
        facts=(endpoints.snapshot(data),),
        exchange=reply.exchange,
    )
