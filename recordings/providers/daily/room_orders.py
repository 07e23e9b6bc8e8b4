"""Changes rooms and the domain, and deletes rooms (contract 2.1)."""

from collections.abc import Callable, Mapping
from typing import Any

from recordings.providers.daily import calls
from recordings.providers.daily.api import LISTING, Api, object_of
from recordings.providers.daily.bodies import body_of
from recordings.providers.daily.room_actions import CHANGE_DOMAIN, CHANGE_ROOM, DELETE_ROOM
from recordings.providers.daily.rooms import Rooms
from recordings.providers.daily.subjects import call_of, room_path
from recordings.providers.daily.values import mapping
from recordings.providers.errors import NotFound
from recordings.providers.orders import Answer, Evidence, Order, Verdict
from recordings.providers.snapshots import CallSnapshot, CallState, Wanted

GONE_ALREADY = "Daily did not know the room any more: it was gone already."


def change_room(api: Api, _rooms: Rooms, order: Order) -> Answer:
    """The room is read anew: its answer tells neither who is in it nor what the domain sets."""
    reply = api.write(order.kind, "POST", room_path(order), body_of(order))
    object_of(reply)
    wanted = Wanted(kind="call", external_id=call_of(order).external_id)
    return Answer(facts=(wanted,), exchange=reply.exchange)


def delete_room(api: Api, _rooms: Rooms, order: Order) -> Answer:
    reply = api.write(order.kind, "DELETE", room_path(order), bucket=LISTING)
    note = "" if reply.is_success else GONE_ALREADY
    return Answer(facts=(_gone(order),), note=note, exchange=reply.exchange)


def change_domain(api: Api, rooms: Rooms, order: Order) -> Answer:
    reply = api.write(order.kind, "POST", "/", body_of(order))
    object_of(reply)
    rooms.forget_domain()
    return Answer(exchange=reply.exchange)


def look(api: Api, _rooms: Rooms, order: Order) -> Evidence:
    """What was ordered is compared with what is there."""
    try:
        found = api.read_object("/" if order.kind == CHANGE_DOMAIN else room_path(order))
    except NotFound as missing:
        return _of_missing(api, order, missing)
    if order.kind == DELETE_ROOM:
        return Evidence(verdict=Verdict.ABSENT, looked_at="The room is still there.")
    is_so = _has(found, body_of(order))
    seen = "agree" if is_so else "do not agree"
    verdict = Verdict.HAPPENED if is_so else Verdict.ABSENT
    return Evidence(verdict=verdict, looked_at=f"The settings at Daily {seen} with the order.")


def _of_missing(api: Api, order: Order, missing: NotFound) -> Evidence:
    if not api.is_gone(missing):
        raise missing
    verdict = Verdict.HAPPENED if order.kind == DELETE_ROOM else Verdict.ABSENT
    return Evidence(
        verdict=verdict,
        looked_at="Daily does not know the room.",
        facts=(_gone(order),),
        exchange=missing.exchange,
    )


def _has(found: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    """``properties`` of a request are ``config`` in answers; a room's holds what is not the default."""
    config, wanted = mapping(found.get("config")), mapping(body.get("properties"))
    of_room = {name: value for name, value in body.items() if name != "properties"}
    return all(config.get(name) == value for name, value in wanted.items()) and all(
        found.get(name) == value for name, value in of_room.items()
    )


def _gone(order: Order) -> CallSnapshot:
    return CallSnapshot(
        external_id=call_of(order).external_id,
        state=CallState.ENDED,
        provider_status=calls.UNKNOWN_ROOM,
        reason=calls.GONE,
    )


PERFORM: Mapping[str, Callable[[Api, Rooms, Order], Answer]] = {
    CHANGE_ROOM: change_room,
    DELETE_ROOM: delete_room,
    CHANGE_DOMAIN: change_domain,
}
