"""Which path leads where, under which rate limit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.simulators.http import Request, Response, json_answer
from tests.simulators.recall.lists import moment_filter
from tests.simulators.recall.recordings import Artifacts
from tests.simulators.recall.words import ARTIFACTS

if TYPE_CHECKING:
    from tests.simulators.recall.simulator import RecallSimulator

Handler = Callable[[Request, str], Response]
COMMANDS = (
    "leave_call",
    "delete_media",
    "start_recording",
    "stop_recording",
    "pause_recording",
    "resume_recording",
    "request_recording_permission",
    "send_chat_message",
)


@dataclass(kw_only=True)
class Route:
    handler: Handler
    limit: str = ""  # the class of its rate limit; none: the handler sees to it


Table = dict[tuple[str, str], dict[str, Route]]


def routes(sim: "RecallSimulator") -> Table:
    """By resource and what follows it: "" for the collection, "*" for one of it, else an action."""
    table: Table = {
        ("bot", ""): {
            "GET": Route(handler=sim.bots_api.list, limit="list"),
            "POST": Route(handler=sim.bots_api.create, limit="create_bot"),
        },
        ("bot", "*"): _one(sim.bots_api),
        ("recording", ""): {"GET": Route(handler=sim.recordings_api.list, limit="list")},
        ("recording", "*"): _one(sim.recordings_api),
        ("recording", "create_transcript"): {"POST": Route(handler=sim.speech.create)},
        ("transcript", ""): {"GET": Route(handler=sim.speech.list, limit="list")},
        ("transcript", "*"): _one(sim.speech),
    }
    for command in COMMANDS:
        table["bot", command] = {"POST": Route(handler=getattr(sim.bots_api, command), limit="command")}
    for kind in ARTIFACTS:
        artifacts = Artifacts(sim, kind)
        table[kind, ""] = {"GET": Route(handler=artifacts.list, limit="list")}
        table[kind, "*"] = _one(artifacts)
    table["billing/usage", ""] = {"GET": Route(handler=lambda request, _: usage(sim, request), limit="usage")}
    return table


def _one(owner: object) -> dict[str, Route]:
    methods = {"GET": "retrieve", "PATCH": "change", "DELETE": "delete"}
    return {method: Route(handler=getattr(owner, name), limit="retrieve") for method, name in methods.items()}


def usage(sim: "RecallSimulator", request: Request) -> Response:
    """Bot time from joining_call to done; a fatal end counts too (copies of the page disagree)."""
    start, end = moment_filter(request, "start"), moment_filter(request, "end")
    total = 0.0
    for bot in sim.bots.values():
        began = bot.moment_of("joining_call")
        if began is None:
            continue
        ended = bot.moment_of("done", "fatal") or sim.clock.now()
        first = began if start is None else max(began, start)
        last = ended if end is None else min(ended, end)
        total += max(0.0, last - first)
    return json_answer({"bot_total": total})
