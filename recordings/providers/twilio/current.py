"""Acts on ``Twilio.CURRENT``: the one recording of a call that was not started here (contract 3.1, 3.3)."""

from recordings.providers.errors import Refused
from recordings.providers.orders import Answer, CallRef, Evidence, Order
from recordings.providers.snapshots import RANK, CallState, RecordingSnapshot, Status
from recordings.providers.twilio import bodies, calls, evidence, recordings
from recordings.providers.twilio.api import Api, named_of, sid
from recordings.providers.twilio.availability import CONFERENCE_STOP, KNOWN_HERE
from recordings.providers.twilio.current_actions import PAUSE, STOP

CURRENT = "Twilio.CURRENT"
NO_CALL = "The call of this order is not known: nothing was sent."


def perform(api: Api, order: Order) -> Answer:
    """Twilio refuses it where none runs (404), or several (16108): neither does anything.

    The recording that the answer names is the call's, not the order's: it gets no key of ours.
    """
    call = _call_of(order)
    if call.live_recordings:
        raise Refused(f"{KNOWN_HERE} Nothing was sent.")
    if order.kind == STOP and calls.is_conference(call.external_id):
        raise Refused(f"{CONFERENCE_STOP} Nothing was sent.")
    url = api.classic(f"{_parent(call)}/Recordings/{CURRENT}.json")
    reply = api.write(order.kind, "POST", url, bodies.of_order(order))
    found = recordings.snapshot(named_of(reply))
    return Answer(facts=(*calls.conference_of(found), found), exchange=reply.exchange)


def look(api: Api, order: Order) -> Evidence:
    """What the call's recordings tell: a read says "processing" of running ones too (contract 3.3)."""
    call = _call_of(order)
    found, _, reply = recordings.read_of_parent(api, _parent(call))
    running = tuple(each for each in found if _may_run(each))
    if order.kind != STOP:
        return evidence.of_pauses(
            running, Status.PAUSED if order.kind == PAUSE else Status.IN_PROGRESS, reply
        )
    if not running or _is_over(api, call):
        return evidence.ended(reply, *found)
    return evidence.may_still_run(reply, *found)


def _call_of(order: Order) -> CallRef:
    if order.call is None:
        raise Refused(NO_CALL)
    return order.call


def _parent(call: CallRef) -> str:
    kind = "Conferences" if calls.is_conference(call.external_id) else "Calls"
    return f"{kind}/{sid(call.external_id)}"


def _may_run(found: RecordingSnapshot) -> bool:
    return found.status is None or RANK[found.status] < RANK[Status.COMPLETED]


def _is_over(api: Api, call: CallRef) -> bool:
    if calls.is_conference(call.external_id):
        return False
    return calls.state_of(api, call.external_id) is CallState.ENDED
