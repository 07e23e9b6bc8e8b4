"""Domain and rooms: flags that decide whether a recording or a stored transcript is possible."""

from typing import Any

from tests.simulators.daily.answers import body_of, invalid, is_flag, is_object, is_text, one_of
from tests.simulators.daily.core import newest_first
from tests.simulators.daily.events import Events
from tests.simulators.daily.state import Room, iso
from tests.simulators.http import Request, Response, json_answer

RECORDING_TYPES = ("cloud", "cloud-audio-only", "local", "raw-tracks")
BUCKET_KEYS = {
    "bucket_name": is_text,
    "bucket_region": is_text,
    "assume_role_arn": is_text,
    "allow_api_access": is_flag,
    "allow_streaming_from_bucket": is_flag,
}
# Daily has many more properties; the contract names these, others are kept as they come.
PROPERTIES = {
    "enable_recording": one_of(*RECORDING_TYPES),
    "enable_transcription_storage": is_flag,
    "recordings_template": lambda value: is_text(value) and "{epoch_time}" in value,
    "auto_transcription_settings": is_object,
}
BUCKETS = ("recordings_bucket", "transcription_bucket", "batch_processor_bucket")
BY_SUPPORT = ("max_streaming_instances_per_room",)


class Rooms(Events):
    def get_domain(self, request: Request) -> Response:
        self.query(request)
        return json_answer(self._domain())

    def update_domain(self, request: Request) -> Response:
        body = body_of(request, {"properties": is_object})
        properties = body.get("properties", {})
        for name in BY_SUPPORT:
            if name in properties:
                raise invalid(f"'{name}' is set by Daily support")
        check_properties(properties)
        self.domain_config.update(properties)
        self.perform("update_domain", self.domain, **body)
        return json_answer(self._domain())

    def list_rooms(self, request: Request) -> Response:
        params = self.query(request, "limit", "starting_after", "ending_before")
        rooms = newest_first(list(self.rooms.values()), lambda room: room.created_at)
        return self.listing(rooms, params, lambda room: room.id, self.shown_room)

    def get_room(self, request: Request, name: str) -> Response:
        self.query(request)
        return json_answer(self.shown_room(self.room(name)))

    def update_room(self, request: Request, name: str) -> Response:
        room = self.room(name)
        body = body_of(request, {"privacy": one_of("public", "private"), "properties": is_object})
        check_properties(body.get("properties", {}))
        room.privacy = body.get("privacy", room.privacy)
        room.config.update(body.get("properties", {}))
        self.perform("update_room", name, **body)
        return json_answer(self.shown_room(room))

    def delete_room(self, request: Request, name: str) -> Response:
        """The contract gives no body; whether a call in the room goes on is unsaid: here it ends."""
        self.room(name)
        session = self.live(name)
        if session is not None:
            self.end_session(session)
        del self.rooms[name]
        if not self.switches.recordings_survive_room:
            gone = [ident for ident, each in self.recordings.items() if each.room_name == name]
            for ident in gone:
                del self.recordings[ident]
        self.perform("delete_room", name)
        return json_answer({"deleted": True, "name": name})

    def shown_room(self, room: Room) -> dict[str, Any]:
        return {
            "id": room.id,
            "name": room.name,
            "api_created": room.api_created,
            "privacy": room.privacy,
            "url": f"https://{self.domain}.daily.co/{room.name}",
            "created_at": iso(room.created_at),
            "config": room.config,
        }

    def end_session(self, session: Any) -> None:
        raise NotImplementedError

    def _domain(self) -> dict[str, Any]:
        return {"domain_name": self.domain, "domainId": self.domain_id, "config": self.domain_config}


def check_properties(properties: dict[str, Any]) -> None:
    for name, value in properties.items():
        if name in BUCKETS:
            _check_bucket(name, value)
        elif not PROPERTIES.get(name, lambda _: True)(value):
            raise invalid(f"invalid value for property '{name}'")


def _check_bucket(name: str, value: Any) -> None:
    if not isinstance(value, dict):
        raise invalid(f"invalid value for property '{name}'")
    for key, each in value.items():
        if key not in BUCKET_KEYS or not BUCKET_KEYS[key](each):
            raise invalid(f"invalid value for property '{name}.{key}'")
