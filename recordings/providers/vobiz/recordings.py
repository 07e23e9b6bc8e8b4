"""Recordings: started and stopped on a live call, listed once they are finished (contract 2.3, 2.4, 3)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from recordings.providers.client import Reply
from recordings.providers.errors import NotFound, Refused, UnexpectedResponse
from recordings.providers.orders import Answer, Order, RecordingRef
from recordings.providers.snapshots import Fact, RecordingSnapshot, Status, Wanted
from recordings.providers.vobiz import calls, transcripts
from recordings.providers.vobiz.api import Api, deletable_segment, kept_link, segment
from recordings.providers.vobiz.options import start_body, wants_transcript
from recordings.providers.vobiz.values import epoch, mapping, moment, seconds, text

# A blog and the console speak of 30 days, no row says when it goes (contract 3.5): counted from the start.
RETENTION = timedelta(days=30)
LONGEST_SECONDS = 7 * 86_400  # a length beyond it is a mistake of the provider's
NO_CALLBACKS = (
    "Vobiz sends a transcript's text to a public address once, and Tapedeck has none: "
    "start without a transcript, or have PUBLIC_URL set. Nothing was sent."
)
UNSTOPPABLE = (
    "Vobiz's address of this recording is not known, and without it every recording of the call would stop: "
    "nothing was sent."
)
GONE = "It was gone at Vobiz already."
OVER = "The call was over already, and its recordings with it."


def start(api: Api, order: Order) -> Answer:
    """Each POST starts, and bills, another recording: there is no key that Vobiz would know it by."""
    if wants_transcript(order.options) and not order.callback_url:
        raise Refused(NO_CALLBACKS)
    call = call_of(order)
    body = start_body(order.options, key=order.key, callback_url=order.callback_url)
    reply = api.write(order.kind, "POST", f"Call/{segment(call)}/Record/", body)
    recording = _started(order, call, body, api, reply)
    return Answer(facts=(recording, *transcripts.ordered(order, recording)), exchange=reply.exchange)


def stop(api: Api, order: Order) -> Answer:
    """By the start's own ``url``, verbatim: whatever else the body has stops every recording of the call."""
    recording = recording_of(order)
    url = text(recording.handle.get("url"))
    if not url:
        raise Refused(UNSTOPPABLE)
    path = f"Call/{segment(call_of(order))}/Record/"
    reply = api.write(order.kind, "DELETE", path, {"URL": url})
    facts: tuple[Fact, ...] = (_ended(recording, call_of(order)),)
    if not order.callback_url:  # nobody will tell when the file is finished
        facts += (Wanted(kind="recording", external_id=recording.external_id, delay_seconds=15.0),)
    return Answer(facts=facts, note=_note(reply, OVER), exchange=reply.exchange)


def stop_all(api: Api, order: Order) -> Answer:
    """Without a body, which is Vobiz's way to say all (contract 2.4)."""
    call = call_of(order)
    known = order.call.live_recordings if order.call else ()
    reply = api.write(order.kind, "DELETE", f"Call/{segment(call)}/Record/")
    facts = tuple(_ended(recording, call) for recording in known if recording.external_id or recording.key)
    return Answer(facts=facts, note=_note(reply, OVER), exchange=reply.exchange)


def delete(api: Api, order: Order) -> Answer:
    """For good. Unknown or deleted already is a success (contract 3.4)."""
    recording = recording_of(order)
    reply = api.write(order.kind, "DELETE", f"Recording/{deletable_segment(recording.external_id)}/")
    fact = RecordingSnapshot(external_id=recording.external_id, key=recording.key, status=Status.DELETED)
    return Answer(facts=(fact,), note=_note(reply, GONE), exchange=reply.exchange)


def recording(api: Api, external_id: str) -> tuple[Fact, ...]:
    """One finished recording and what it tells of its call.

    Raises ``NotFound`` for a 404 and never says "deleted": a recording that still runs, or whose row comes
    after its callback (contract 5.6), is answered in the same way as one that is gone. Asking again can work.
    """
    try:
        reply = api.read(f"Recording/{segment(external_id)}/")
    except NotFound as missing:
        missing.can_wait = True
        raise
    row = _unwrapped(reply.data)
    call = calls.of_row(row)
    return (snapshot(row, api, reply), *((call,) if call else ()))


def snapshot(row: Any, api: Api, reply: Reply) -> RecordingSnapshot:
    """A row of the list. There is no status in it: what is listed is finished (contract 3.3)."""
    fields = mapping(row)
    external_id = text(fields.get("recording_id"))
    if not external_id:
        raise UnexpectedResponse("A recording came without its id.", exchange=reply.exchange)
    started_at, completed_at, length = _times(fields)
    begun_at = started_at or completed_at
    link = kept_link(text(fields.get("recording_url")))
    return RecordingSnapshot(
        external_id=external_id,
        call_external_id=text(fields.get("call_uuid")),
        status=Status.COMPLETED,
        status_at=completed_at,
        handle={"recording_url": link} if link else {},
        started_at=started_at,
        completed_at=completed_at,
        duration_seconds=length,
        media_expires_at=begun_at + RETENTION if begun_at else None,
        source=text(fields.get("recording_type")),
        raw=api.kept(dict(fields)),
    )


def added_at(row: Mapping[str, Any]) -> datetime | None:
    return moment(row.get("add_time"))


def call_of(order: Order) -> str:
    """The UUID of the call that an order is about; "" when none is known."""
    call = order.call or (order.recording.call if order.recording else None)
    return call.external_id if call else ""


def recording_of(order: Order) -> RecordingRef:
    if order.recording is None:
        raise Refused("The order names no recording: nothing was sent.")
    return order.recording


def _started(order: Order, call: str, body: Mapping[str, Any], api: Api, reply: Reply) -> RecordingSnapshot:
    fields = mapping(reply.data)
    external_id = text(fields.get("recording_id"))
    if not external_id:
        raise UnexpectedResponse(
            "Vobiz accepted the start and gave no id: the call may be recorded now, and charged for.",
            status=reply.status,
            exchange=reply.exchange,
        )
    url = kept_link(text(fields.get("url")))  # one example has none; without it only all can be stopped
    return RecordingSnapshot(
        external_id=external_id,
        key=order.key,
        call_external_id=call,
        status=Status.IN_PROGRESS,
        handle={"url": url} if url else {},
        channels=2 if body.get("record_channel_type") == "stereo" else 1,
        source="call",
        raw=api.kept(dict(fields)),
    )


def _ended(recording: RecordingRef, call: str) -> RecordingSnapshot:
    return RecordingSnapshot(
        external_id=recording.external_id,
        key=recording.key,
        call_external_id=call,
        status=Status.PROCESSING,
    )


def _note(reply: Reply, note: str) -> str:
    return "" if reply.is_success else note


def _unwrapped(data: Any) -> Mapping[str, Any]:
    """Flat, or as an older page has it: the only one of ``objects``."""
    body = mapping(data)
    wrapped = body.get("objects")
    return mapping(wrapped[0]) if isinstance(wrapped, list) and wrapped else body


def _times(row: Mapping[str, Any]) -> tuple[datetime | None, datetime | None, float | None]:
    """Start, end and length; what is null follows from the others, in the end from ``add_time``."""
    length = seconds(row.get("recording_duration_ms"))
    length = length if length is not None and length < LONGEST_SECONDS else None
    span = None if length is None else timedelta(seconds=length)
    start, end = epoch(row.get("recording_start_ms")), epoch(row.get("recording_end_ms"))
    if end is None and start is not None and span is not None:
        end = start + span
    end = end or added_at(row)
    if start is None and end is not None and span is not None:
        start = end - span
    return start, end, length
