"""Calls and conferences: their lives, and how the API shows them."""

from typing import TYPE_CHECKING, Any

from tests.simulators.http import Request, Response, json_answer
from tests.simulators.twilio.answers import not_found, rfc2822
from tests.simulators.twilio.forms import PAGING, dated, is_day, is_within, one_of, read_query, sid, text
from tests.simulators.twilio.paging import classic
from tests.simulators.twilio.state import Call, Conference

if TYPE_CHECKING:
    from tests.simulators.twilio.simulator import TwilioSimulator

STATUSES = ("queued", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled")
OVER = STATUSES[3:]
LINKS = (
    "notifications",
    "recordings",
    "payments",
    "events",
    "siprec",
    "streams",
    "transcriptions",
    "user_defined_message_subscriptions",
    "user_defined_messages",
)
LIST = {
    "Status": one_of(*STATUSES),
    "To": text(),
    "From": text(),
    "ParentCallSid": sid("CA"),
    **dated("StartTime", is_day),
    **dated("EndTime", is_day),
    **PAGING,
}
PRICE_PER_MINUTE = 0.0085


class Calls:
    def __init__(self, simulator: "TwilioSimulator") -> None:
        self._simulator = simulator
        self.all: dict[str, Call] = {}
        self.conferences: dict[str, Conference] = {}

    # What happens.

    def place(self, *, status: str = "in-progress", **fields: Any) -> Call:
        """A new call; one that is in progress has been answered just now."""
        simulator = self._simulator
        now = simulator.clock.now()
        call = Call(
            sid=simulator.new_sid("CA"), order=simulator.next_order(), status=status, created_at=now, **fields
        )
        call.to = call.to or "+14155550100"
        call.from_number = call.from_number or f"+1202555{simulator.rng.randrange(100, 200):04d}"
        if call.is_live:
            call.started_at = now
        self.all[call.sid] = call
        return call

    def bridge(self, parent: Call) -> Call:
        """The child leg: the agent's end of a bridged conversation."""
        return self.place(
            parent=parent.sid,
            direction="outbound-dial",
            from_number=parent.from_number,
            to=f"+1312555{self._simulator.rng.randrange(100, 200):04d}",
            conversation=parent.conversation,
        )

    def answer(self, call: Call) -> None:
        if call.status not in {"queued", "ringing"}:
            return
        call.status, call.started_at = "in-progress", self._simulator.clock.now()
        if not call.trunk:
            self.bridge(call)

    def end(self, call: Call, status: str = "completed") -> None:
        """Hang up: child legs, recordings and live transcriptions end with the call."""
        if call.status in OVER:
            return
        was_live = call.is_live
        call.status, call.ended_at = status, self._simulator.clock.now()
        for child in self.all.values():
            if child.parent == call.sid:
                self.end(child)
        self._simulator.live.end_with(call)
        self._simulator.recordings.end_with(call)
        if was_live:
            self._simulator.after(
                self._simulator.switches.price_seconds, lambda: setattr(call, "is_priced", True)
            )

    def gather(self, title: str, conversation: int, participants: int) -> Conference:
        """A conference that its TwiML records from the beginning."""
        conference = Conference(sid=self._simulator.new_sid("CF"), title=title)
        self.conferences[conference.sid] = conference
        for _ in range(participants):
            self.join(conference, conversation)
        return conference

    def join(self, conference: Conference, conversation: int = 0) -> Call:
        call = self.place(title=conference.title, conversation=conversation)
        conference.participants.append(call.sid)
        return call

    def end_conference(self, conference: Conference) -> None:
        if not conference.is_live:
            return
        conference.is_live = False
        for participant in conference.participants:
            self.end(self.all[participant])
        self._simulator.recordings.end_with_conference(conference)

    def root(self, call: Call) -> Call:
        """The leg that recordings belong to."""
        return self.all[call.parent] if call.parent else call

    @property
    def live(self) -> list[Call]:
        return [call for call in self.all.values() if call.is_live and not call.parent]

    # What the API shows.

    def find(self, call_sid: str) -> Call:
        if call_sid not in self.all:
            raise not_found(f"/Calls/{call_sid}")
        return self.all[call_sid]

    def find_conference(self, conference_sid: str) -> Conference:
        if conference_sid not in self.conferences:
            raise not_found(f"/Conferences/{conference_sid}")
        return self.conferences[conference_sid]

    def index(self, request: Request) -> Response:
        simulator = self._simulator
        query = read_query(request, LIST, strict=simulator.switches.is_strict)
        found = [call for call in self.all.values() if _matches(call, query)]
        page = simulator.pager.cut(found, query)
        return json_answer(
            classic(request, "calls", page, self.shape, older=simulator.switches.older_envelope)
        )

    def fetch(self, request: Request, call: str) -> Response:
        return json_answer(self.shape(self.find(call)))

    def shape(self, call: Call) -> dict[str, Any]:
        uri = f"{self._simulator.root}/Calls/{call.sid}"
        seconds = _seconds(call)
        return {
            "sid": call.sid,
            "account_sid": self._simulator.account_sid,
            "parent_call_sid": call.parent or None,
            "phone_number_sid": None if call.direction == "outbound-dial" else self._simulator.number_sid,
            "group_sid": None,
            "trunk_sid": call.trunk or None,
            "to": call.to,
            "to_formatted": _formatted(call.to),
            "from": call.from_number,
            "from_formatted": _formatted(call.from_number),
            "status": call.status,
            "start_time": rfc2822(call.started_at),
            "end_time": rfc2822(call.ended_at),
            "duration": None if seconds is None else str(seconds),
            "queue_time": "0",
            "price": self._simulator.price(_cost(seconds)) if call.is_priced else None,
            "price_unit": "USD",
            "direction": call.direction,
            "answered_by": None,
            "api_version": "2010-04-01",
            "forwarded_from": None,
            "caller_name": call.title or None,
            "date_created": rfc2822(call.created_at),
            "date_updated": rfc2822(call.ended_at or call.started_at or call.created_at),
            "uri": f"{uri}.json",
            "subresource_uris": {name: f"{uri}/{_camel(name)}.json" for name in LINKS},
        }


def _matches(call: Call, query: dict[str, str]) -> bool:
    fields = {"Status": call.status, "To": call.to, "From": call.from_number, "ParentCallSid": call.parent}
    if any(name in query and query[name] != value for name, value in fields.items()):
        return False
    return is_within(call.started_at, "StartTime", query) and is_within(call.ended_at, "EndTime", query)


def _seconds(call: Call) -> int | None:
    if call.ended_at is None:
        return None
    return round(call.ended_at - (call.started_at or call.ended_at))


def _cost(seconds: int | None) -> float:
    return -PRICE_PER_MINUTE * max(1, -(-(seconds or 0) // 60))


def _formatted(number: str) -> str:
    if number.startswith("+1") and len(number) == 12:
        return f"({number[2:5]}) {number[5:8]}-{number[8:]}"
    return number


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
