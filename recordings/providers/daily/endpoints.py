"""Daily's side of the webhooks: made, repaired and deleted by API alone (contract 5.1)."""

from collections.abc import Mapping
from typing import Any

from recordings.providers.client import Reply
from recordings.providers.daily.api import Api, id_of, looking_first, object_of, segment, unexpected
from recordings.providers.daily.bodies import body_of
from recordings.providers.daily.rooms import Rooms
from recordings.providers.daily.values import count, kept, mapping, moment, sequence, text
from recordings.providers.errors import Refused
from recordings.providers.orders import Answer, Order
from recordings.providers.snapshots import EndpointSnapshot

ACTIVE, DELETED = "ACTIVE", "DELETED"
NO_ADDRESS = (
    "Tapedeck has no public https address (PUBLIC_URL), so that Daily could not reach it: nothing was sent."
)
NOT_PROVABLE = "The account has no webhook secret, without which events cannot be proven: nothing was sent."
NONE_OF_OURS = "Daily has no webhook that leads to this account: nothing was sent. Create one."
UPDATED = "Daily had a webhook to this address already: it was updated and tested."
TESTED = "Daily tested the address and got 200."
WAS_GONE = "Daily did not know it any more: it was gone already."


def listed(api: Api) -> tuple[EndpointSnapshot, ...]:
    """A bare list, unlike all others; an enveloped one is taken as well (contract 5.1)."""
    reply = api.read("/webhooks")
    data: Any = reply.data
    rows = data if isinstance(data, list) else mapping(data).get("data")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise unexpected(reply, "no list of webhooks")
    return tuple(snapshot(row) for row in rows)


def create(api: Api, _rooms: Rooms, order: Order) -> Answer:
    """One to our address is updated instead of doubled: each event would come twice (contract 5.1)."""
    body = _body(api, order)
    there = _to_us(api, order)
    path = f"/webhooks/{segment(there.external_id)}" if there else "/webhooks"
    reply = api.write(order.kind, "POST", path, body)
    return _made(reply, note=UPDATED if there else TESTED)


def repair(api: Api, _rooms: Rooms, order: Order) -> Answer:
    """Also wakes a FAILED one; it is a POST, not a PATCH (contract 5.1)."""
    body = _body(api, order)
    reply = api.write(order.kind, "POST", f"/webhooks/{segment(_wanted(api, order))}", body)
    return _made(reply, note=TESTED)


def delete(api: Api, _rooms: Rooms, order: Order) -> Answer:
    uuid = _wanted(api, order)
    reply = api.write(order.kind, "DELETE", f"/webhooks/{segment(uuid)}")
    fact = EndpointSnapshot(external_id=uuid, url="", state=DELETED)
    return Answer(facts=(fact,), note="" if reply.is_success else WAS_GONE, exchange=reply.exchange)


def snapshot(row: Mapping[str, Any], reply: Reply | None = None) -> EndpointSnapshot:
    """Only ACTIVE is healthy: pages disagree on how the other states are called (contract 5.1)."""
    state = text(row.get("state"))
    return EndpointSnapshot(
        external_id=id_of(row, "uuid", reply),
        url=text(row.get("url")),
        state=state,
        is_healthy=state == ACTIVE if state else None,
        events=tuple(filter(None, map(text, sequence(row.get("eventTypes"))))),
        failures=count(row.get("failedCount")),
        last_push_at=moment(row.get("lastMomentPushed")),
        raw=kept(dict(row)),
    )


def is_same_address(one: str, other: str) -> bool:
    return bool(one) and one.rstrip("/") == other.rstrip("/")


def _body(api: Api, order: Order) -> dict[str, Any]:
    if not order.callback_url:
        raise Refused(NO_ADDRESS)
    if not api.webhook_secrets:
        raise Refused(NOT_PROVABLE)
    login = {"basicAuth": api.basic_auth} if api.basic_auth else {}
    return {**body_of(order), "hmac": api.webhook_secrets[0], **login}


def _to_us(api: Api, order: Order) -> EndpointSnapshot | None:
    with looking_first():
        found = listed(api)
    return next((each for each in found if is_same_address(each.url, order.callback_url)), None)


def _wanted(api: Api, order: Order) -> str:
    named = text(order.options.get("uuid"))
    if named:
        return named
    there = _to_us(api, order)
    if there is None:
        raise Refused(NONE_OF_OURS)
    return there.external_id


def _made(reply: Reply, *, note: str) -> Answer:
    """The object, or a list of one as for reading (contract 5.1)."""
    data: Any = reply.data
    row = data[0] if isinstance(data, list) and len(data) == 1 and isinstance(data[0], dict) else None
    return Answer(
        facts=(snapshot(object_of(reply) if row is None else row, reply),), note=note, exchange=reply.exchange
    )
