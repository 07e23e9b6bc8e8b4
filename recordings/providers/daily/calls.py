"""Calls are rooms: live while somebody is in them, and live again another day (contract 2.1, 2.2)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from recordings.providers.daily.api import Api, id_of, object_of, segment, unexpected
from recordings.providers.daily.rooms import Room, Rooms, flags_of
from recordings.providers.daily.values import kept, known, mapping, moment, sequence, text
from recordings.providers.errors import NotFound, ProviderError
from recordings.providers.snapshots import CallSnapshot, CallState, Page

LIVE, EMPTY, UNKNOWN_ROOM = "live", "empty", "unknown room"
NAMELESS = "(no name)"
MOST_NAMED = 20  # of those who were in a room last
# Of the room, not of the call, and who it was last time: who is there now stands beside.
QUIET = frozenset(
    ("Address", "Privacy", "Recording", "Live transcripts", "Session", "Last session", "Last in the room")
)
GONE = "Daily does not know this room any more."


def live_calls(api: Api, rooms: Rooms) -> Page:
    """All rooms with somebody in them, in one answer up to 15 s old; ``/meetings`` is not made for that and
    tells only since when."""
    present = _present(api)
    known_rooms = rooms.named(present) if present else {}
    domain = rooms.domain() if present else None
    began = _began(api, {}) if present else {}
    items = tuple(
        _live(name, people, room=known_rooms.get(name), domain=domain, began=began)
        for name, people in present.items()
    )
    return Page(items=items, total=len(items))


def call(api: Api, rooms: Rooms, name: str) -> CallSnapshot:
    """One room now. One that was deleted has ended for good."""
    try:
        room = api.read_object(f"/rooms/{segment(name)}")
        people = _people(api, name)
    except NotFound as missing:
        if not api.is_gone(missing):
            raise
        return CallSnapshot(
            external_id=name, state=CallState.ENDED, provider_status=UNKNOWN_ROOM, reason=GONE
        )
    rooms.remember({**room, "name": name})
    domain = rooms.domain()
    if people:
        began = _began(api, {"room": name})
        return _live(name, people, room=room, domain=domain, began=began)
    return CallSnapshot(
        external_id=name,
        state=CallState.ENDED,
        provider_status=EMPTY,
        title=name,
        details={**_details(room, domain), **_last_session(api, name)},
        flags=flags_of(room, domain),
        participants=(),
        raw={"room": kept(room)},
    )


def _present(api: Api) -> dict[str, list[Mapping[str, Any]]]:
    """``GET /presence`` is a map, not enveloped; only rooms with somebody in them stand in it."""
    reply = api.read("/presence")
    found = {}
    for name, people in object_of(reply).items():
        if not isinstance(people, list) or not name:
            raise unexpected(reply, "no list of participants")
        if people:
            found[name] = [mapping(person) for person in people]
    return found


def _people(api: Api, name: str) -> list[Mapping[str, Any]]:
    answer = api.read_object(f"/rooms/{segment(name)}/presence")
    return [mapping(person) for person in sequence(answer.get("data"))]


def _began(api: Api, params: Mapping[str, str]) -> dict[str, datetime]:
    """Since when each running session runs, to about 15 s; only a detail, so that its failure is none."""
    wanted = {**params, "ongoing": "true", "no_participants": "true"}
    try:
        page = api.page("/meetings", wanted)
    except ProviderError:
        return {}
    found = {id_of(row, "id"): moment(row.get("start_time")) for row in page.rows}
    return {session: began for session, began in found.items() if began is not None}


def _last_session(api: Api, name: str) -> dict[str, str]:
    """Who was in the room when it was last live; only a detail, so that its failure is none."""
    try:
        page = api.page("/meetings", {"room": name, "no_participants": "true"}, limit=1)
        session = id_of(page.rows[0], "id") if page.rows else ""
        answer = api.read_object(f"/meetings/{segment(session)}/participants") if session else {}
    except ProviderError:
        return {}
    people = [mapping(person) for person in sequence(answer.get("data"))]
    names = dict.fromkeys(text(person.get("user_name")) or NAMELESS for person in people)
    return known(**{"Last session": session, "Last in the room": ", ".join([*names][:MOST_NAMED])})


def _live(
    name: str,
    people: Sequence[Mapping[str, Any]],
    *,
    room: Room | None,
    domain: Room | None,
    began: Mapping[str, datetime],
) -> CallSnapshot:
    sessions = [text(person.get("mtgSessionId")) for person in people]
    session = next(filter(None, sessions), "")
    names = {text(person.get("id")): text(person.get("userName")) or NAMELESS for person in people}
    return CallSnapshot(
        external_id=name,
        state=CallState.LIVE,
        provider_status=LIVE,
        title=name,
        details={**_details(room, domain), **known(Session=session)},
        flags={**flags_of(room, domain), "session_id": session, "people": names},
        participants=tuple(text(person.get("userName")) or NAMELESS for person in people),
        started_at=began.get(session),
        raw=known(presence=kept([_steady(person) for person in people]), room=kept(room)),
    )


def _steady(person: Mapping[str, Any]) -> dict[str, Any]:
    """Without what grows by itself: a row that nothing changed is not written again."""
    return {name: value for name, value in person.items() if name != "duration"}


def _details(room: Room | None, domain: Room | None) -> dict[str, str]:
    flags = flags_of(room, domain)
    recording = flags.get("enable_recording")
    stores = flags.get("enable_transcription_storage")
    return known(
        Address=text(mapping(room).get("url")),
        Privacy=text(mapping(room).get("privacy")),
        Recording=None if recording is None else text(recording) or "not enabled",
        **{"Live transcripts": None if stores is None else "kept" if stores is True else "not kept"},
    )
