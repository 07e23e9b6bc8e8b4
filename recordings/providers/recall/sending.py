"""Sends one order to Recall.ai and says what came of it: one write each (contract, sections 2.1, 3.1, 4)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from recordings.providers.client import Reply
from recordings.providers.errors import ProviderError, Refused, UnexpectedResponse
from recordings.providers.orders import Action, Answer, Order, Repeat
from recordings.providers.outcomes import Meaning
from recordings.providers.recall import accepted
from recordings.providers.recall.actions import ACTIONS
from recordings.providers.recall.answers import UNSTARTED, failure, problem_of, verdict
from recordings.providers.recall.api import Api
from recordings.providers.recall.availability import MOST_COMPLETED, MOST_EVER
from recordings.providers.recall.bodies import Body, body_of
from recordings.providers.recall.calls import call_snapshot
from recordings.providers.recall.reading import mapping
from recordings.providers.recall.subjects import bot_id_of, recording_id_of, transcript_id_of
from recordings.providers.snapshots import CallState

_BY_KIND: Mapping[str, Action] = {action.kind: action for action in ACTIONS}
_LIMIT_HINT = (
    "This recording has {completed} of {most_completed} transcripts, {ever} of {most_ever} ever ordered:"
    " delete one and order again."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where an order goes: the id in the middle of its path, and what a success says."""

    method: str
    thing: str  # bot, recording or transcript
    identity: Callable[[Order], str]
    command: str = ""
    accepted: Callable[[Order, Reply], Answer]


def perform(api: Api, order: Order) -> Answer:
    """One write. Labels are read first, because PATCH may put the new ones in the place of all others."""
    route = ROUTES[order.kind]
    path = _path(api, route, order)
    body = _with_present_labels(api, route, order, body_of(order))
    reply = api.write(route.method, path, body=body, send_key=_send_key(order))
    if reply.is_success:
        return replace(_accepted(route, order, reply), exchange=reply.exchange)
    return replace(_refused(api, order, reply), exchange=reply.exchange)


def _send_key(order: Order) -> str:
    # Section 1.7: a key replays stored errors for an hour. An order that may be repeated must really
    # be repeated then, so it goes without; DELETE knows no keys at all.
    return order.send_key if _BY_KIND[order.kind].repeat is Repeat.KEYED else ""


def _path(api: Api, route: Route, order: Order) -> str:
    parts = [route.thing, route.identity(order), route.command]
    return api.path(*(part for part in parts if part))


def _with_present_labels(api: Api, route: Route, order: Order, body: Body | None) -> Body | None:
    if route.method != "PATCH" or body is None or "metadata" not in body:
        return body
    try:
        present = api.read(_path(api, route, order)).get("metadata")
    except Refused:
        raise
    except ProviderError as exc:
        raise Refused(
            f"The labels could not be read first, so nothing was sent. {exc.message}",
            can_wait=True,
            status=exc.status,
            exchange=exc.exchange,
        ) from exc
    return {**body, "metadata": {**mapping(present), **body["metadata"]}}


def _accepted(route: Route, order: Order, reply: Reply) -> Answer:
    try:
        return route.accepted(order, reply)
    except UnexpectedResponse as exc:
        exc.status, exc.exchange = reply.status, reply.exchange
        raise


def _refused(api: Api, order: Order, reply: Reply) -> Answer:
    if order.kind == "call.leave" and problem_of(reply).code == UNSTARTED:
        return _leave_unstarted(api, order, reply)
    if verdict(reply, kind=order.kind) is Meaning.DONE:
        return accepted.DONE[order.kind](order)
    hint = _limit_hint(order) if reply.status == 400 else ""
    raise failure(reply, kind=order.kind, bucket=_BY_KIND[order.kind].buckets[0], hint=hint)


def _limit_hint(order: Order) -> str:
    # Section 4.4: the code of this refusal is not published, so it is told by our own count.
    recording = order.recording
    if order.kind != "transcript.order" or recording is None:
        return ""
    if recording.transcripts_completed < MOST_COMPLETED and recording.transcripts_ever < MOST_EVER:
        return ""
    return _LIMIT_HINT.format(
        completed=recording.transcripts_completed,
        ever=recording.transcripts_ever,
        most_completed=MOST_COMPLETED,
        most_ever=MOST_EVER,
    )


def _leave_unstarted(api: Api, order: Order, reply: Reply) -> Answer:
    """Section 2.5: the code does not tell a bot that left from one that has not joined: look."""
    error = failure(reply, kind=order.kind)
    try:
        call = call_snapshot(api.read(api.path("bot", bot_id_of(order))))
    except ProviderError as exc:
        raise Refused(error.message, code=error.code, can_wait=True, exchange=error.exchange) from exc
    if call.state is CallState.ENDED:
        return Answer(facts=(call,), note="The bot had left already.")
    if call.state is CallState.SCHEDULED:
        message = "The bot has not been sent yet, so it cannot leave: cancel it instead."
        raise Refused(message, code=error.code, status=reply.status, exchange=reply.exchange)
    message = "The bot is still on its way in and cannot be told to leave yet: it is tried again by itself."
    raise Refused(message, code=error.code, status=reply.status, exchange=reply.exchange, can_wait=True)


def _bot(method: str, command: str, accepted: Callable[[Order, Reply], Answer]) -> Route:
    return Route(method=method, thing="bot", identity=bot_id_of, command=command, accepted=accepted)


def _nothing(order: Order) -> str:
    return ""


ROUTES: Mapping[str, Route] = {
    "call.send": Route(method="POST", thing="bot", identity=_nothing, accepted=accepted.sent_bot),
    "call.change": _bot("PATCH", "", accepted.changed_call),
    "call.cancel": _bot("DELETE", "", accepted.cancelled),
    "call.leave": _bot("POST", "leave_call", accepted.left),
    "call.request_permission": _bot("POST", "request_recording_permission", accepted.asked),
    "call.message": _bot("POST", "send_chat_message", accepted.asked),
    "call.delete_media": _bot("POST", "delete_media", accepted.media_deleted),
    "recording.start": _bot("POST", "start_recording", accepted.started),
    "recording.stop": _bot("POST", "stop_recording", accepted.stopped),
    "recording.pause": _bot("POST", "pause_recording", accepted.paused),
    "recording.resume": _bot("POST", "resume_recording", accepted.resumed),
    "recording.update": Route(
        method="PATCH", thing="recording", identity=recording_id_of, accepted=accepted.changed_recording
    ),
    "recording.delete": Route(
        method="DELETE", thing="recording", identity=recording_id_of, accepted=accepted.recording_gone
    ),
    "transcript.order": Route(
        method="POST",
        thing="recording",
        identity=recording_id_of,
        command="create_transcript",
        accepted=accepted.ordered,
    ),
    "transcript.update": Route(
        method="PATCH", thing="transcript", identity=transcript_id_of, accepted=accepted.changed_transcript
    ),
    "transcript.delete": Route(
        method="DELETE", thing="transcript", identity=transcript_id_of, accepted=accepted.transcript_gone
    ),
}
