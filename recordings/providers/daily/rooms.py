"""Rooms and the domain: what they allow, and which name belongs to an id (contract 2.1).

Transcripts carry a room's id, everything else its name. What was read is remembered for a minute, so that
watching the live rooms does not read all of them again each time.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from recordings.providers.daily.api import Api, segment
from recordings.providers.daily.values import count, known, mapping, text
from recordings.providers.errors import ProviderError
from recordings.providers.snapshots import Json

FRESH_SECONDS = 60.0
MOST_SINGLE_READS = 10  # in one look, beside a page of a hundred
MOST_REMEMBERED = 2_000

Room = Mapping[str, Any]


class Rooms:
    """What is known of one domain's rooms. A read that fails leaves them unknown: it is never the point of a
    look, which must not fail for it."""

    def __init__(self, api: Api, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._api = api
        self._clock = clock
        self._rooms: dict[str, tuple[float, Room]] = {}  # by name
        self._names: dict[str, str] = {}  # by id; a room keeps its name
        self._domain: tuple[float, Room] | None = None

    def named(self, names: Iterable[str]) -> dict[str, Room]:
        """The rooms of these names, as far as a page and a few single reads tell."""
        missing = [name for name in names if not self._fresh(name)]
        if missing:
            self._read_page()
        for name in [name for name in missing if not self._fresh(name)][:MOST_SINGLE_READS]:
            self._read_one(name)
        return {name: self._rooms[name][1] for name in names if self._fresh(name)}

    def domain(self) -> Room | None:
        """The domain's own settings, which hold where a room has none; None when they cannot be read."""
        if self._domain is None or self._is_old(self._domain[0]):
            answer = self._read("/")
            self._domain = None if answer is None else (self._clock(), mapping(answer.get("config")))
        return self._domain[1] if self._domain else None

    def forget_domain(self) -> None:
        self._domain = None

    def remember(self, room: Room) -> None:
        name, room_id = text(room.get("name")), text(room.get("id"))
        if len(self._rooms) >= MOST_REMEMBERED:
            self._rooms.clear()
        self._rooms[name] = (self._clock(), room)
        self.remember_name(room_id, name)

    def remember_name(self, room_id: str, name: str) -> None:
        if len(self._names) >= MOST_REMEMBERED:
            self._names.clear()
        if room_id and name:
            self._names[room_id] = name

    def names_of(self, sessions: Mapping[str, str]) -> dict[str, str]:
        """Names by room id; ``sessions`` has for each id one meeting session, by which a room that is
        deleted or far down the list is found all the same."""
        if any(room_id not in self._names for room_id in sessions):
            self._read_page()
        missing = [room_id for room_id in sessions if room_id not in self._names]
        for room_id in missing[:MOST_SINGLE_READS]:
            self.remember_name(room_id, self.of_session(sessions[room_id]))
        return {room_id: self._names[room_id] for room_id in sessions if room_id in self._names}

    def of_session(self, session_id: str) -> str:
        """The name of the room that hosted a meeting session; "" when that is not known."""
        answer = self._read(f"/meetings/{segment(session_id)}") if session_id else None
        return text(mapping(answer).get("room"))

    def _read_page(self) -> None:
        try:
            page = self._api.page("/rooms", {})
        except ProviderError:
            return
        for room in page.rows:
            self.remember(room)

    def _read_one(self, name: str) -> None:
        room = self._read(f"/rooms/{segment(name)}")
        if room is not None:
            self.remember({**room, "name": name})

    def _read(self, path: str) -> Room | None:
        try:
            return self._api.read_object(path)
        except ProviderError:
            return None

    def _fresh(self, name: str) -> bool:
        found = self._rooms.get(name)
        return found is not None and not self._is_old(found[0])

    def _is_old(self, read_at: float) -> bool:
        return self._clock() - read_at > FRESH_SECONDS


def flags_of(room: Room | None, domain: Room | None) -> dict[str, Json]:
    """What decides whether an order can work. A flag that is not there is unknown; ``enable_recording`` and
    the storage flag are "" and False only where neither room nor domain sets them (contract 2.1)."""
    own, default = mapping(mapping(room).get("config")), mapping(domain)
    flags = known(
        room_id=text(mapping(room).get("id")),
        max_instances=count(default.get("max_streaming_instances_per_room")),
    )
    is_whole = room is not None and domain is not None
    for name, read in (("enable_recording", text), ("enable_transcription_storage", _is_on)):
        if name in own or is_whole:
            flags[name] = read(own.get(name) if name in own else default.get(name))
    return flags


def _is_on(value: object) -> bool:
    return value is True
