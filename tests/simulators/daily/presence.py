"""Who is live, and who was: presence, sessions, and people who come and go."""

from typing import Any

from tests.simulators.daily.answers import flag, not_found, number
from tests.simulators.daily.core import newest_first
from tests.simulators.daily.rooms import Rooms
from tests.simulators.daily.state import Person, Room, Session, iso
from tests.simulators.http import Request, Response, json_answer

GRANULARITY = 15  # seconds, of a meeting's start


class Presence(Rooms):
    _seen_at = float("-inf")
    _seen: dict[str, list[dict[str, Any]]] = {}

    def get_presence(self, request: Request) -> Response:
        """A map, as old as ``presence_lag_seconds`` lets it be."""
        self.query(request)
        if self.clock.now() - self._seen_at >= self.switches.presence_lag_seconds * self.scale:
            self._seen_at = self.clock.now()
            sessions = [session for session in self.sessions.values() if session.present]
            self._seen = {
                each.room.name: [self._shown_person(each, who) for who in each.present] for each in sessions
            }
        return json_answer(self._seen)

    def get_room_presence(self, request: Request, name: str) -> Response:
        params = self.query(request, "limit", "userId", "userName")
        self.room(name)
        session = self.live(name)
        people = session.present if session else []
        found = (
            [self._shown_person(session, each) for each in people if _is_asked(each, params)]
            if session
            else []
        )
        return json_answer({"total_count": len(found), "data": found[: number(params, "limit", 100)]})

    def list_meetings(self, request: Request) -> Response:
        names = ("room", "timeframe_start", "timeframe_end", "ongoing", "no_participants")
        params = self.query(request, *names, "limit", "starting_after", "ending_before")
        sessions = newest_first(list(self.sessions.values()), lambda each: each.began_at)
        found = [each for each in sessions if _is_wanted(each, params)]
        bare = flag(params, "no_participants") is True
        return self.listing(found, params, lambda each: each.id, lambda each: self._meeting(each, bare=bare))

    def get_meeting(self, request: Request, ident: str) -> Response:
        self.query(request)
        return json_answer(self._meeting(self._session(ident), bare=True))

    def get_meeting_participants(self, request: Request, ident: str) -> Response:
        """The cursors are participant ids (the contract does not say); past the end it is a 404."""
        params = self.query(request, "limit", "joined_after", "joined_before")
        people = self._session(ident).people
        ids = [person.session_id for person in people]
        if "joined_after" in params:
            people = people[ids.index(params["joined_after"]) + 1 :] if params["joined_after"] in ids else []
        if "joined_before" in params:
            people = people[: ids.index(params["joined_before"])] if params["joined_before"] in ids else []
        if not people:
            raise not_found("no participants found")
        shown = [self._attendee(each) for each in people[: number(params, "limit", 100, most=100)]]
        return json_answer({"data": shown})

    # People.

    def open_session(self, room: Room, conversation: int) -> Session:
        session = Session(id=self.new_uuid(), room=room, began_at=self.clock.now(), conversation=conversation)
        self.sessions[session.id] = session
        self.emit(
            "meeting.started",
            f"mtg-sta-{session.id}",
            {"meeting_id": session.id, "room": room.name, "start_ts": self.clock.now()},
        )
        return session

    def admit(
        self, session: Session, name: str, *, user_id: str | None = None, is_owner: bool = False
    ) -> Person:
        person = Person(
            session_id=self.new_uuid(),
            name=name,
            user_id=user_id,
            is_owner=is_owner,
            joined_at=self.clock.now(),
        )
        session.people.append(person)
        session.most = max(session.most, len(session.present))
        session.idle_since = None
        for instance in self.instances_of(session):
            subject = instance.recording or instance.transcript
            if subject is not None:
                subject.max_participants = max(subject.max_participants, len(session.present))
        self.emit(
            "participant.joined",
            f"ptcpt-join-{person.session_id}-{_ms(person.joined_at)}",
            _joined(session, person),
        )
        return person

    def dismiss(self, session: Session, person: Person) -> None:
        """One leaves; with the last the session is over, and so is what was running in it."""
        now = person.left_at = self.clock.now()
        payload = {**_joined(session, person), "duration": round(now - person.joined_at, 3)}
        self.emit("participant.left", f"ptcpt-left-{person.session_id}-{_ms(now)}", payload)
        if session.present:
            return
        session.ended_at = now
        self.emit(
            "meeting.ended",
            f"mtg-end-{session.id}",
            {
                "meeting_id": session.id,
                "room": session.room.name,
                "start_ts": session.began_at,
                "end_ts": now,
            },
        )
        self.session_emptied(session)

    def end_session(self, session: Session) -> None:
        for person in session.present:
            self.dismiss(session, person)

    def session_emptied(self, session: Session) -> None:
        raise NotImplementedError

    def _session(self, ident: str) -> Session:
        if ident not in self.sessions:
            raise not_found(f"meeting {ident} not found")
        return self.sessions[ident]

    def _shown_person(self, session: Session, person: Person) -> dict[str, Any]:
        return {
            "room": session.room.name,
            "id": person.session_id,
            "userId": person.user_id,
            "userName": person.name or None,
            "mtgSessionId": session.id,
            "joinTime": iso(person.joined_at),
            "duration": int(self.clock.now() - person.joined_at),
        }

    def _meeting(self, session: Session, *, bare: bool) -> dict[str, Any]:
        start = int(session.began_at) // GRANULARITY * GRANULARITY
        shown: dict[str, Any] = {
            "id": session.id,
            "room": session.room.name,
            "start_time": start,
            "duration": int((session.ended_at or self.clock.now()) - session.began_at),
            "ongoing": session.ended_at is None,
            "max_participants": session.most,
        }
        if not bare:
            shown["participants"] = [self._attendee(person) for person in session.people]
        return shown

    def _attendee(self, person: Person) -> dict[str, Any]:
        return {
            "user_id": person.user_id,
            "participant_id": person.session_id,
            "user_name": person.name or None,
            "join_time": int(person.joined_at),
            "duration": int((person.left_at or self.clock.now()) - person.joined_at),
        }


def _is_asked(person: Person, params: dict[str, str]) -> bool:
    if "userId" in params and person.user_id != params["userId"]:
        return False
    return "userName" not in params or person.name == params["userName"]


def _is_wanted(session: Session, params: dict[str, str]) -> bool:
    if "room" in params and session.room.name != params["room"]:
        return False
    ongoing = flag(params, "ongoing")
    if ongoing is not None and (session.ended_at is None) != ongoing:
        return False
    if session.began_at < number(params, "timeframe_start", 0, least=0):
        return False
    return "timeframe_end" not in params or session.began_at <= number(params, "timeframe_end", 0, least=0)


def _joined(session: Session, person: Person) -> dict[str, Any]:
    return {
        "room": session.room.name,
        "user_id": person.user_id or person.session_id,
        "user_name": person.name,
        "session_id": person.session_id,
        "joined_at": round(person.joined_at, 3),
        "will_eject_at": None,
        "owner": person.is_owner,
        "permissions": {
            "hasPresence": True,
            "canSend": True,
            "canReceive": {"base": True},
            "canAdmin": person.is_owner,
        },
    }


def _ms(moment: float) -> int:
    return int(moment * 1000)
