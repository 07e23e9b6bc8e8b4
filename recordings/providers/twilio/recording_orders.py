"""Starts, stops, pauses, resumes and deletes recordings: one write each (contract 3.1 to 3.3, 3.7, 7.1)."""

from dataclasses import replace
from datetime import datetime, timedelta

from recordings.providers.client import Reply
from recordings.providers.errors import NotFound, ProviderError, Refused
from recordings.providers.orders import Answer, CallRef, Order, RecordingRef
from recordings.providers.snapshots import RANK, CallState, Fact, RecordingSnapshot, Status
from recordings.providers.twilio import bodies, calls, recordings
from recordings.providers.twilio.api import Api, named_of, sid
from recordings.providers.twilio.availability import CONFERENCE_START, CONFERENCE_STOP, NO_PARENT
from recordings.providers.twilio.looks import before_sending
from recordings.providers.twilio.outcomes import NOT_ELIGIBLE, UNKNOWN_SID
from recordings.providers.twilio.values import mapping

JUST_ANSWERED = timedelta(seconds=10)
SOON_SECONDS = 3.0
ADOPTED = "Twilio was recording this call since the order was given: nothing more was started or charged."
RAN_ALREADY = "Twilio answered with a recording that ran already: nothing new was started."
ENDED_ALREADY = "The recording had ended already."
GONE_ALREADY = "The recording was gone already."
NO_ID = "Twilio has given no id for this recording yet: it cannot be named there. Nothing was sent."


def start(api: Api, order: Order) -> Answer:
    """Look, then start. There is no key that would make a repeated start safe (contract 7.1)."""
    call = order.call
    if call is None or calls.is_conference(call.external_id):
        raise Refused(f"{CONFERENCE_START} Nothing was sent.")
    path = f"Calls/{sid(call.external_id)}"
    found, _, look = before_sending(lambda: recordings.read_of_parent(api, path))
    known = ids_of(call)
    adopted = next((each for each in found if _is_of_order(each, order, known)), None)
    if adopted is not None:
        running = recordings.taken_for_running(adopted) if call.state is CallState.LIVE else adopted
        return _answer(replace(running, key=order.key), look, note=ADOPTED)
    reply = _started(api, order, path)
    made = recordings.snapshot(named_of(reply), key=order.key)
    is_old = made.external_id in known | {each.external_id for each in found}
    return _answer(made, reply, note=RAN_ALREADY if is_old else "")


def update(api: Api, order: Order) -> Answer:
    """Stop, pause or resume, always by the recording's own SID (contract 3.3)."""
    recording, parent = _running(order)
    url = api.classic(f"{parent}/Recordings/{sid(recording.external_id)}.json")
    try:
        reply = api.write(order.kind, "POST", url, bodies.of_order(order))
    except Refused as exc:
        return _ended(api, order, recording, exc)
    return _answer(recordings.snapshot(named_of(reply), key=order.key), reply)


def delete(api: Api, order: Order) -> Answer:
    """204, or gone already: both are done (contract 7.1)."""
    recording = order.recording
    if recording is None or not recording.external_id:
        raise Refused(NO_ID)
    reply = api.write(order.kind, "DELETE", api.classic(f"Recordings/{sid(recording.external_id)}.json"))
    gone = recordings.deleted(recording.external_id, key=order.key)
    return _answer(gone, reply, note="" if reply.is_success else GONE_ALREADY)


def ids_of(call: CallRef) -> frozenset[str]:
    """The recordings of a call that have a row already."""
    return call.recording_ids | {each.external_id for each in call.live_recordings}


def _is_of_order(found: RecordingSnapshot, order: Order, known: frozenset[str]) -> bool:
    """Begun by the API after the order was given, running, and not in the mirror yet."""
    if found.source != recordings.STARTED_BY_API or found.external_id in known:
        return False
    if found.status is None or RANK[found.status] >= RANK[Status.COMPLETED]:
        return False
    if found.started_at is None or order.ordered_at is None:
        return False
    return found.started_at >= order.ordered_at


def _started(api: Api, order: Order, path: str) -> Reply:
    try:
        return api.write(order.kind, "POST", api.classic(f"{path}/Recordings.json"), bodies.of_order(order))
    except Refused as exc:
        if exc.code == NOT_ELIGIBLE and order.call and _may_become_eligible(api, order, order.call):
            exc.can_wait, exc.retry_after_seconds = True, SOON_SECONDS
        raise


def _may_become_eligible(api: Api, order: Order, call: CallRef) -> bool:
    """A start may come before the call is fully in progress (contract 6.1): worth another attempt while
    it rings or was answered just now, and never later, because some calls cannot be recorded at all."""
    try:
        found = calls.snapshot(mapping(api.read(api.classic(f"Calls/{sid(call.external_id)}.json")).data))
    except ProviderError:
        return False
    if found.state is CallState.WAITING:
        return True
    return found.state is CallState.LIVE and _is_just(found.started_at, order.sent_at or order.ordered_at)


def _is_just(started_at: datetime | None, sent_at: datetime | None) -> bool:
    return started_at is not None and sent_at is not None and sent_at - started_at < JUST_ANSWERED


def _running(order: Order) -> tuple[RecordingRef, str]:
    recording = order.recording
    if recording is None or not recording.external_id:
        raise Refused(NO_ID)
    parent = recordings.parent_path(recording)
    if not parent:
        raise Refused(f"{NO_PARENT} Nothing was sent.")
    if order.kind == "recording.stop" and parent.startswith("Conferences/"):
        raise Refused(f"{CONFERENCE_STOP} Nothing was sent.")
    return recording, parent


def _ended(api: Api, order: Order, recording: RecordingRef, refused: Refused) -> Answer:
    """A stop that comes too late is refused and done all the same: then any final state is success
    (contract 7.1). "Processing" is final only when the refusal says that the call is over."""
    is_late = refused.code in {NOT_ELIGIBLE, UNKNOWN_SID}
    if order.kind != "recording.stop" or not is_late:
        raise refused
    try:
        found, reply = recordings.read(api, recording.external_id)
    except NotFound as exc:
        if exc.code != UNKNOWN_SID:
            raise refused from exc
        gone = recordings.deleted(recording.external_id, key=order.key, reason=recordings.NO_LONGER_KNOWN)
        return Answer(facts=(gone,), note=GONE_ALREADY, exchange=exc.exchange)
    except ProviderError as exc:
        raise refused from exc
    least = Status.PROCESSING if refused.code == NOT_ELIGIBLE else Status.COMPLETED
    if found.status is None or RANK[found.status] < RANK[least]:
        raise refused
    return _answer(replace(found, key=order.key, may_be_live=False), reply, note=ENDED_ALREADY)


def _answer(found: RecordingSnapshot, reply: Reply, *, note: str = "") -> Answer:
    facts: tuple[Fact, ...] = (*calls.conference_of(found), found)
    return Answer(facts=facts, note=note, exchange=reply.exchange)
