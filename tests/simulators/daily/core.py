"""The state that every part of the simulator works on, and the questions that all parts ask it."""

import base64
from collections.abc import Callable
from typing import Any, TypeVar

from tests.simulators.base import Simulator, control
from tests.simulators.clock import Clock
from tests.simulators.daily.answers import body_of, invalid, not_found, page
from tests.simulators.daily.hooks import HookOutbox
from tests.simulators.daily.state import Instance, Job, Recording, Room, Session, Transcript, Webhook
from tests.simulators.daily.storage import Storage
from tests.simulators.daily.switches import Switches
from tests.simulators.http import Request, Response, json_answer

Item = TypeVar("Item")


class Core(Simulator):
    slug = "daily"
    domain = "fernweh"

    def __init__(self, *, clock: Clock | None = None, seed: int = 0, scale: float = 1.0) -> None:
        super().__init__(clock=clock, seed=seed, scale=scale)
        self.outbox = HookOutbox(self.clock, self.rng, scale=scale)
        self.switches = Switches()
        self.api_key = self.new_hex(64)
        self.webhook_hmac = base64.b64encode(self.rng.randbytes(32)).decode()
        self.domain_id = self.new_uuid()
        self.domain_config: dict[str, Any] = {}
        self.rooms: dict[str, Room] = {}
        self.sessions: dict[str, Session] = {}
        self.instances: dict[tuple[str, str, str], Instance] = {}  # room, kind, instance id
        self.recordings: dict[str, Recording] = {}
        self.transcripts: dict[str, Transcript] = {}
        self.jobs: dict[str, Job] = {}
        self.webhooks: dict[str, Webhook] = {}
        self.storage = Storage(self.clock, self.new_hex(32))

    @control
    def switch(self, **settings: Any) -> dict[str, Any]:
        """Turn switches (the fields of ``Switches``); answers all of them."""
        return self.switches.turn(settings)

    def room(self, name: str) -> Room:
        if name not in self.rooms:
            raise not_found(f"room {name} not found")
        return self.rooms[name]

    def live(self, name: str) -> Session | None:
        """The session that a room hosts now."""
        found = (s for s in self.sessions.values() if s.room.name == name and s.ended_at is None)
        return next(found, None)

    def hosting(self, name: str) -> Session:
        """The live session for a command; unknown, empty and just filled rooms are refused alike."""
        session = self.live(name)
        settled = self.clock.now() - self.switches.settling_seconds * self.scale
        if session is None or session.began_at > settled:
            raise not_found(f"room {name} does not seem to be hosting a call currently")
        return session

    def setting(self, room: Room, name: str) -> Any:
        """A room's property, else the domain's."""
        return room.config.get(name, self.domain_config.get(name))

    def bucket(self, room: Room, name: str) -> dict[str, Any] | None:
        found = self.setting(room, name)
        return found if isinstance(found, dict) else None

    def running(self, name: str, kind: str, instance_id: str) -> Instance | None:
        """The instance that is there, be it starting, running or stopping."""
        return self.instances.get((name, kind, instance_id))

    def enlist(self, instance: Instance) -> None:
        self.instances[(instance.session.room.name, instance.kind, instance.id)] = instance

    def discard(self, instance: Instance) -> None:
        instance.is_over = True
        self.instances.pop((instance.session.room.name, instance.kind, instance.id), None)

    def instances_of(self, session: Session) -> list[Instance]:
        return [instance for instance in self.instances.values() if instance.session is session]

    def command_body(self, request: Request, schema: dict[str, Callable[[Any], bool]]) -> dict[str, Any]:
        return body_of(request, schema, ignores_unknown=self.switches.ignores_unknown_keys)

    def query(self, request: Request, *names: str) -> dict[str, str]:
        params = request.params
        unknown = [name for name in params if name not in names]
        if unknown and not self.switches.ignores_unknown_query:
            raise invalid(f"unknown query parameter '{unknown[0]}'")
        return params

    def listing(
        self,
        items: list[Item],
        params: dict[str, str],
        ident: Callable[[Item], str],
        shown: Callable[[Item], dict[str, Any]],
    ) -> Response:
        count, found = page(
            items,
            params,
            ident,
            clamps_limit=self.switches.clamps_limit,
            unknown_cursor=self.switches.unknown_cursor,
        )
        return json_answer({"total_count": count, "data": [shown(item) for item in found]})

    def sent(self) -> Response:
        return json_answer({"status": "sent"})


def newest_first(items: list[Item], moment: Callable[[Item], float]) -> list[Item]:
    """By moment; what came in later wins a tie."""
    return sorted(items, key=moment)[::-1]
