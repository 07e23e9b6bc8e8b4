"""The control side: calls, people, flags, webhooks, and the truth."""

import re
from typing import Any

from tests.simulators import speech
from tests.simulators.base import control
from tests.simulators.daily.batch import Batch
from tests.simulators.daily.events import EVENT_TYPES
from tests.simulators.daily.rooms import check_properties
from tests.simulators.daily.state import Room
from tests.simulators.daily.webhooks import Webhooks

FLAGS = {"enable_recording": "cloud", "enable_transcription_storage": True}


class Control(Batch, Webhooks):
    @control
    def place_call(
        self,
        title: str = "",
        conversation: int = 0,
        *,
        name: str = "",
        participants: list[str] | None = None,
        properties: dict[str, Any] | None = None,
    ) -> str:
        """A room with people in it; answers its name. ``properties`` go over a new room's ``FLAGS``."""
        spoken = speech.conversation(conversation)
        named = _slug(title) if title else spoken.slug
        wanted = name or named
        while not name and self.live(wanted) is not None:
            wanted = f"{named}-{self.new_hex(4)}"
        if self.live(wanted) is not None:
            raise ValueError(f"room {wanted} hosts a call already")
        flags = {} if wanted in self.rooms else FLAGS
        room = self._make_room(wanted)
        room.config = _merged({**room.config, **flags}, properties or {})
        session = self.open_session(room, conversation)
        for number, person in enumerate(participants or spoken.speakers):
            self.admit(session, person, is_owner=number == 0)
        return room.name

    @control
    def end_call(self, call_id: str) -> None:
        """Everybody leaves; nothing happens when nobody is there."""
        session = self.live(call_id)
        if session is not None:
            self.end_session(session)

    @control
    def join(self, call_id: str, name: str, user_id: str | None = None, owner: bool = False) -> str:
        """One more person; answers their session id. Into an empty room, this begins a new session."""
        session = self.live(call_id) or self.open_session(self.rooms[call_id], 0)
        return self.admit(session, name, user_id=user_id, is_owner=owner).session_id

    @control
    def leave(self, call_id: str, who: str) -> None:
        """``who`` is a session id or a name."""
        session = self.live(call_id)
        for person in session.present if session else []:
            if session is not None and who in {person.session_id, person.name}:
                self.dismiss(session, person)

    @control
    def mute(self, call_id: str) -> None:
        """Everybody turns camera and microphone off: idle."""
        session = self.live(call_id)
        if session is not None:
            self.mute_session(session)

    @control
    def unmute(self, call_id: str) -> None:
        session = self.live(call_id)
        if session is not None:
            session.idle_since = None

    @control
    def set_room(self, name: str, privacy: str = "", **properties: Any) -> dict[str, Any]:
        """Make or change a room as its owner would; a property of ``None`` is taken away."""
        room = self._make_room(name)
        room.privacy = privacy or room.privacy
        check_properties({key: value for key, value in properties.items() if value is not None})
        room.config = _merged(room.config, properties)
        return self.shown_room(room)

    @control
    def set_domain(self, **properties: Any) -> dict[str, Any]:
        """As the owner or Daily's support would: ``max_streaming_instances_per_room`` too."""
        check_properties({key: value for key, value in properties.items() if value is not None})
        self.domain_config = _merged(self.domain_config, properties)
        return self.domain_config

    @control
    def set_webhook(self, url: str, retry_type: str = "exponential") -> str:
        """In the place of all webhooks one for every event, with the account's secret; "" leaves none.

        Daily has no dashboard for it: this is the administrator's call of the API, with its ping, and
        raises ``Refused`` when the ping is not answered with 200.
        """
        for hook in list(self.webhooks.values()):
            hook.state = "DELETED"
        self.webhooks.clear()
        if not url:
            return ""
        body = {
            "url": url,
            "hmac": self.webhook_hmac,
            "eventTypes": list(EVENT_TYPES),
            "retryType": retry_type,
        }
        return self.add_webhook(body).uuid

    @control
    def resend(self, event: str) -> int:
        """The last callback of this event type once more, to every webhook that got it; answers how many."""
        found = [sent for sent in self.outbox.sent if sent.event == event]
        again = [sent for sent in found if sent.body == found[-1].body]
        for sent in again:
            self.outbox.resend(sent)
        return len(again)

    @control
    def post_event(self, kind: str, event_id: str, payload: dict[str, Any], version: str = "1.0.0") -> None:
        """Any event at all, known or not, to every active webhook whatever it subscribed to."""
        subscriptions = {uuid: hook.event_types for uuid, hook in self.webhooks.items()}
        for hook in self.webhooks.values():
            hook.event_types = [kind]
        self.emit(kind, event_id, payload, version=version)
        for uuid, hook in self.webhooks.items():
            hook.event_types = subscriptions[uuid]

    @control
    def truth(self) -> dict[str, Any]:
        """What there is, in Daily's words; batch jobs are transcripts too."""
        recordings = {
            each.id: {
                "status": each.status,
                "call": each.room_name,
                "instance": each.instance_id,
                "duration": each.duration,
            }
            for each in self.recordings.values()
        }
        live = {
            each.id: {"status": each.status, "recording": "", "call": each.room.name, "kind": "realtime"}
            for each in self.transcripts.values()
        }
        batch = {
            each.id: {
                "status": each.status,
                "recording": each.input.get("recordingId", ""),
                "call": "",
                "kind": "batch",
            }
            for each in self.jobs.values()
        }
        calls = [each.room.name for each in self.sessions.values() if each.ended_at is None]
        return {"calls": calls, "recordings": recordings, "transcripts": {**live, **batch}}

    def _make_room(self, name: str) -> Room:
        if name not in self.rooms:
            self.rooms[name] = Room(id=self.new_uuid(), name=name, created_at=self.clock.now())
        return self.rooms[name]


def _merged(config: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in {**config, **properties}.items() if value is not None}


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:41] or "room"
