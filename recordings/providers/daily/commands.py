"""Commands to a running call. Daily answers only that the command was sent: what came of it shows later, by
callback or by looking (contract 2.3, 2.4)."""

from collections.abc import Callable
from typing import Any

from recordings.providers.client import Reply
from recordings.providers.daily import listings, recordings
from recordings.providers.daily.api import REQUESTS, STARTS, Api, unexpected
from recordings.providers.daily.bodies import body_of
from recordings.providers.daily.outcomes import complaint_of
from recordings.providers.daily.rooms import Rooms
from recordings.providers.daily.subjects import (
    call_of,
    recording_of,
    room_path,
    transcript_of,
    waited_seconds,
)
from recordings.providers.daily.transcripts import ENGINE, REALTIME
from recordings.providers.daily.values import known
from recordings.providers.errors import NotFound, Refused
from recordings.providers.orders import Answer, Order
from recordings.providers.snapshots import Fact, RecordingSnapshot, Status, TranscriptSnapshot, Wanted

SETTLING_SECONDS = 15.0  # a room that just filled may be "not hosting a call" for some seconds
STOPPING_SECONDS = 60.0  # so long a stop is tried again where nothing seems to run
AGAIN_SECONDS = 3.0
LOOK_SECONDS = 10.0
SENT = "Daily has taken the command; whether it came true shows in a moment."
CHANGED = "Daily has taken the command. It does not tell what came of it."
ENDED_ALREADY = "It had ended already."
ROOM_EMPTY = "Nobody is in the room any more: Daily has ended it, or does so by itself within minutes."
STILL_THERE = "Daily says that there is nothing to stop, and lists it as running all the same."
NOT_SEEN = "Daily says that nothing of this order runs in the room."
NOT_STOPPED = "Nothing was stopped: look at the room, and end the call if people must not be recorded."


def start_recording(api: Api, _rooms: Rooms, order: Order) -> Answer:
    """Never sent twice: Daily gives no id and takes no idempotency key (contract 1, 8)."""
    reply = _start(api, order, "recordings/start", bucket=STARTS)
    kind = order.options.get("type", "cloud")
    fact = RecordingSnapshot(
        external_id="",
        key=order.key,
        call_external_id=call_of(order).external_id,
        status=Status.REQUESTED,
        handle={"instanceId": order.key, "type": kind},
    )
    return Answer(facts=(fact,), note=SENT, exchange=reply.exchange, is_confirmed=False)


def update_recording(api: Api, _rooms: Rooms, order: Order) -> Answer:
    recording_of(order)
    reply = _taken(api.write(order.kind, "POST", f"{room_path(order)}/recordings/update", body_of(order)))
    return Answer(note=CHANGED, exchange=reply.exchange)


def stop_recording(api: Api, rooms: Rooms, order: Order) -> Answer:
    """ "Nothing to stop" is believed only after a look: the recording may have ended by itself, or this may
    be a mistake that would leave people recorded (contract 2.3)."""
    recording = recording_of(order)
    reply = api.write(order.kind, "POST", f"{room_path(order)}/recordings/stop", body_of(order))
    ident = recording.external_id
    if reply.is_success:
        return _stopping(
            _taken(reply), Wanted(kind="recording", external_id=ident, delay_seconds=LOOK_SECONDS)
        )
    facts = recordings.recording(api, rooms, ident) if ident else ()
    return _nothing_to_stop(order, reply, facts, is_over=reply.status == 404)


def start_captions(api: Api, _rooms: Rooms, order: Order) -> Answer:
    reply = _start(api, order, "transcription/start", bucket=REQUESTS)
    fact = TranscriptSnapshot(
        external_id="",
        key=order.key,
        call_external_id=call_of(order).external_id,
        kind=REALTIME.name,
        engine=ENGINE,
        language=str(order.options.get("language", "")),
        status=Status.REQUESTED,
        handle=known(instanceId=order.key, model=order.options.get("model")),
    )
    return Answer(facts=(fact,), note=SENT, exchange=reply.exchange, is_confirmed=False)


def update_captions(api: Api, _rooms: Rooms, order: Order) -> Answer:
    transcript_of(order)
    reply = _taken(api.write(order.kind, "POST", f"{room_path(order)}/transcription/update", body_of(order)))
    return Answer(note=CHANGED, exchange=reply.exchange)


def stop_captions(api: Api, rooms: Rooms, order: Order) -> Answer:
    """A 404 says "no call" and "no transcription" alike: both are looked at again (contract 2.4)."""
    transcript = transcript_of(order)
    reply = api.write(order.kind, "POST", f"{room_path(order)}/transcription/stop", body_of(order))
    ident = transcript.external_id
    if reply.is_success:
        return _stopping(
            _taken(reply), Wanted(kind="transcript", external_id=ident, delay_seconds=LOOK_SECONDS)
        )
    facts = listings.transcript(api, rooms, ident, parent="") if ident else ()
    return _nothing_to_stop(order, reply, facts, is_over=False)


def _start(api: Api, order: Order, command: str, *, bucket: str) -> Reply:
    try:
        path = f"{room_path(order)}/{command}"
        return _taken(api.write(order.kind, "POST", path, body_of(order), bucket=bucket))
    except NotFound as missing:
        if waited_seconds(order) > SETTLING_SECONDS or not missing.code:
            raise
        raise Refused(
            missing.message,
            can_wait=True,
            code=missing.code,
            status=missing.status,
            retry_after_seconds=AGAIN_SECONDS,
            exchange=missing.exchange,
        ) from missing


def _taken(reply: Reply) -> Reply:
    """``{"status": "sent"}``, ``{"sent": "true"}``, ``{}`` or nothing: which one is not certain (contract
    10). A page of HTML or an error under a 200 is none of them, and the command may be lost."""
    if not reply.content.strip():
        return reply
    data: Any = reply.data
    if not isinstance(data, dict) or complaint_of(data).code or complaint_of(data).words:
        raise unexpected(reply, "something else")
    return reply


def _stopping(reply: Reply, wanted: Wanted) -> Answer:
    facts = (wanted,) if wanted.external_id else ()
    return Answer(facts=facts, note=SENT, exchange=reply.exchange, is_confirmed=False)


def _nothing_to_stop(order: Order, reply: Reply, facts: tuple[Fact, ...], *, is_over: bool) -> Answer:
    if is_over:
        return Answer(facts=facts, note=ROOM_EMPTY, exchange=reply.exchange)
    if facts and not _is_running(facts[0]):
        return Answer(facts=facts, note=ENDED_ALREADY, exchange=reply.exchange)
    # It may not have begun yet, or be ending just now: a stop is worth trying again for a while.
    what = STILL_THERE if facts else NOT_SEEN
    raise Refused(
        f"{what} {NOT_STOPPED}",
        can_wait=waited_seconds(order) < STOPPING_SECONDS,
        code=complaint_of(reply.data).code,
        status=reply.status,
        retry_after_seconds=AGAIN_SECONDS,
        exchange=reply.exchange,
    )


def _is_running(fact: Fact) -> bool:
    """An unknown word may mean that it runs."""
    status = getattr(fact, "status", None)
    return status is None or status in {Status.REQUESTED, Status.IN_PROGRESS, Status.PAUSED}


COMMANDS: dict[str, Callable[[Api, Rooms, Order], Answer]] = {
    "recording.start": start_recording,
    "recording.update": update_recording,
    "recording.stop": stop_recording,
    "captions.start": start_captions,
    "captions.update": update_captions,
    "captions.stop": stop_captions,
}
