"""Whether an order of unknown outcome happened, and whose a recording is that nobody was told of."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from recordings.providers.client import Reply
from recordings.providers.errors import NotFound
from recordings.providers.orders import Evidence, Order, Pending, Verdict
from recordings.providers.snapshots import Fact, RecordingSnapshot
from recordings.providers.vobiz import calls, listing, recordings, transcripts
from recordings.providers.vobiz.api import Api, is_told_gone
from recordings.providers.vobiz.values import epoch, mapping

EARLY_SECONDS = 10.0  # two clocks
LATE_SECONDS = 60.0  # the longest exchange, and two clocks
LATE_ROW_SECONDS = 600.0  # where the start is only reckoned back from the row's own time
# "For some minutes" the row may lag the callback (contract 5.6); how many is an open question there (10.7).
VISIBILITY_DELAY_SECONDS = 600.0
OF_ANOTHER = "what began about then may be another order's of the same call"


def of_start(api: Api, order: Order) -> Evidence:
    """Its key in a callback decides at once. Without one: the recordings of the call, complete only
    when the call is over, because a running one is listed nowhere."""
    call = recordings.call_of(order)
    found, is_whole, reply = listing.of_call(api, call)
    near = [each for each in found if _may_be_of(order, each)]
    own = [each for each in near if not _is_contested(order.rivals, each)]
    if len(own) == 1:
        near = own
    elif near and not own:
        return _found(Verdict.UNCLEAR, (), OF_ANOTHER, reply, order)
    if len(near) == 1:
        return _found(
            Verdict.HAPPENED, near, "one recording of the call began when the order was sent", reply, order
        )
    if near:
        return _found(Verdict.UNCLEAR, near, "several recordings of the call began about then", reply, order)
    if calls.is_live(api, call):
        return _told(
            Verdict.UNCLEAR, "the call is still live, and Vobiz lists recordings only afterwards", reply
        )
    if not is_whole:
        return _told(Verdict.UNCLEAR, "the call has more recordings than one page", reply)
    return _told(
        Verdict.ABSENT, "the call is over, and no recording of it began when the order was sent", reply
    )


def of_stop(api: Api, order: Order) -> Evidence:
    """A stopped recording gets its row; when the call is over nothing of it runs."""
    recording = recordings.recording_of(order)
    call = recordings.call_of(order)
    found, _, reply = listing.of_call(api, call)
    if [each for each in found if each.external_id == recording.external_id]:
        return Evidence(
            verdict=Verdict.HAPPENED,
            looked_at="The recording is listed, so it has ended.",
            facts=found,
            exchange=reply.exchange,
        )
    return _by_call(api, call, reply)


def of_stop_all(api: Api, order: Order) -> Evidence:
    call = recordings.call_of(order)
    found, _, reply = listing.of_call(api, call)
    known = {each.external_id for each in order.call.live_recordings} if order.call else set()
    if known and known <= {each.external_id for each in found}:
        return Evidence(
            verdict=Verdict.HAPPENED,
            looked_at="All recordings that were known to run are listed, so they have ended.",
            facts=found,
            exchange=reply.exchange,
        )
    return _by_call(api, call, reply)


def of_delete(api: Api, order: Order) -> Evidence:
    recording = recordings.recording_of(order)
    try:
        facts = recordings.recording(api, recording.external_id)
    except NotFound as gone:
        if not is_told_gone(gone):
            raise
        return Evidence(
            verdict=Verdict.HAPPENED, looked_at="Vobiz no longer knows the recording.", exchange=gone.exchange
        )
    return Evidence(verdict=Verdict.ABSENT, looked_at="The recording is still there.", facts=facts)


def of_transcript_delete(api: Api, order: Order) -> Evidence:
    facts = transcripts.delete(order).facts
    return Evidence(verdict=Verdict.HAPPENED, looked_at="Nothing is asked of Vobiz for it.", facts=facts)


def matches(pending: Pending, snapshot: RecordingSnapshot) -> float | None:
    """By the call and the moment of the start (design 4); a key that is another's rules it out."""
    is_candidate = (
        pending.kind == "recording.start"
        and bool(pending.call_external_id)
        and snapshot.call_external_id == pending.call_external_id
        and snapshot.key in ("", pending.key)
    )
    if not is_candidate or (snapshot.key != pending.key and _is_contested(pending.rivals, snapshot)):
        return None
    return distance(snapshot, pending.sent_at or pending.ordered_at)


def _is_contested(rivals: Iterable[Pending], snapshot: RecordingSnapshot) -> bool:
    """Whether another start of the call, that waits for its recording as well, could have made it."""
    return any(distance(snapshot, rival.sent_at or rival.ordered_at) is not None for rival in rivals)


def distance(snapshot: RecordingSnapshot, sent_at: datetime | None) -> float | None:
    """Seconds between order and start, or None when they cannot belong together."""
    if sent_at is None or snapshot.started_at is None:
        return None
    late = (snapshot.started_at - sent_at).total_seconds()
    is_told = epoch(mapping(snapshot.raw).get("recording_start_ms")) is not None
    latest = LATE_SECONDS if is_told else LATE_ROW_SECONDS
    return abs(late) if -EARLY_SECONDS <= late <= latest else None


def _may_be_of(order: Order, snapshot: RecordingSnapshot) -> bool:
    """Begun in time, and no other order's."""
    known = order.call.recording_ids if order.call else frozenset()
    strays = {each.external_id for each in order.strays}
    return (
        snapshot.external_id not in (known - strays) | order.taken
        and distance(snapshot, order.sent_at or order.ordered_at) is not None
    )


def _found(
    verdict: Verdict, near: Sequence[RecordingSnapshot], seen: str, reply: Reply, order: Order
) -> Evidence:
    facts: tuple[Fact, ...] = tuple(near)
    if verdict is Verdict.HAPPENED:
        # By our key: a listing may have made a row of its own of it, while another order could be meant.
        facts = (replace(near[0], key=order.key), *transcripts.ordered(order, near[0]))
    return Evidence(verdict=verdict, looked_at=_sentence(seen), facts=facts, exchange=reply.exchange)


def _by_call(api: Api, call: str, reply: Reply) -> Evidence:
    if calls.is_live(api, call):
        return _told(
            Verdict.UNCLEAR, "the call is still live, and Vobiz does not tell what is recording", reply
        )
    return _told(Verdict.HAPPENED, "the call is over, and its recordings with it", reply)


def _told(verdict: Verdict, seen: str, reply: Reply) -> Evidence:
    return Evidence(verdict=verdict, looked_at=_sentence(seen), exchange=reply.exchange)


def _sentence(seen: str) -> str:
    return f"Asked for the call's recordings and whether it is live: {seen}."
