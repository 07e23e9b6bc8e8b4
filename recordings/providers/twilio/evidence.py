"""Whether an order of unknown outcome happened, and which pending row a recording belongs to."""

from datetime import datetime, timedelta

from recordings.providers.client import Reply
from recordings.providers.errors import NotFound, Refused
from recordings.providers.orders import Evidence, Order, Pending, RecordingRef, TranscriptRef, Verdict
from recordings.providers.snapshots import (
    RANK,
    CallState,
    Fact,
    RecordingSnapshot,
    Status,
    TranscriptSnapshot,
    Wanted,
)
from recordings.providers.twilio import (
    calls,
    endpoints,
    recording_orders,
    recordings,
    transcript_reads,
    transcripts,
)
from recordings.providers.twilio.actions import CAPTIONS, INTELLIGENCE, LEGACY
from recordings.providers.twilio.api import Api, sid
from recordings.providers.twilio.outcomes import UNKNOWN_SID
from recordings.providers.twilio.values import text

EARLY = timedelta(seconds=10)  # two clocks
LATE = timedelta(seconds=45)  # the longest exchange, and two clocks
# Twilio promises nothing about when a new recording or transcript is listed. A minute is several
# times what was ever seen, and two looks are needed.
VISIBILITY_DELAY_SECONDS = 60.0
CANNOT_TELL = "Twilio gives no way to read this"


def of_start(api: Api, order: Order) -> Evidence:
    """The call's recordings that the API began inside the send window and that have no row.

    Our key in a callback decides before this, and better. No key is stamped on what is found, and the
    closest comes first: the funnel binds it to the pending row that fits, if there are several.
    """
    if order.call is None:
        raise Refused("The call of this order is not known.")
    name = text(order.call.flags.get("parent_call_sid")) or order.call.external_id
    found, is_whole, reply = recordings.read_of_parent(api, f"Calls/{sid(name)}")
    near = _near(found, order, recording_orders.ids_of(order.call))
    if order.call.state is CallState.LIVE:
        near = [recordings.taken_for_running(each) for each in near]
    if len(near) == 1:
        return _told(
            Verdict.HAPPENED, "one recording of the call began when the order was sent", reply, *near
        )
    if near:
        return _told(
            Verdict.UNCLEAR, "several recordings of the call began when the order was sent", reply, *near
        )
    if not is_whole:
        return _told(Verdict.UNCLEAR, "the call has more recordings than one page", reply)
    return _told(Verdict.ABSENT, "no recording of the call began when the order was sent", reply)


def of_update(api: Api, order: Order) -> Evidence:
    """Stop, pause, resume. A fetch says "processing" of what runs, is paused or has stopped (contract
    3.3): whether it still can run is told by its call."""
    recording = _recording_of(order)
    try:
        found, reply = recordings.read(api, recording.external_id)
    except NotFound as exc:
        return _about_gone(exc, order)
    wished = {"recording.pause": Status.PAUSED, "recording.resume": Status.IN_PROGRESS}.get(order.kind)
    if wished is not None:
        return _about_pause(found, wished, reply)
    if found.status is None or RANK[found.status] < RANK[Status.PROCESSING]:
        return _told(Verdict.ABSENT, f"Twilio says {found.provider_status}", reply, found)
    is_over = not found.may_be_live or _is_call_over(api, found)
    if is_over:
        return _told(Verdict.HAPPENED, "the recording has ended", reply, found)
    return may_still_run(reply, found)


def of_pauses(running: tuple[RecordingSnapshot, ...], wished: Status, reply: Reply) -> Evidence:
    """Of whichever recording of a call was meant: only one alone can tell."""
    if len(running) == 1:
        return _about_pause(running[0], wished, reply)
    seen = f"{len(running)} recordings of the call may run, and nothing tells which was meant"
    return _told(Verdict.UNCLEAR, seen, reply, *running)


def ended(reply: Reply, *found: Fact) -> Evidence:
    return _told(Verdict.HAPPENED, "no recording of the call runs any more", reply, *found)


def may_still_run(reply: Reply, *found: Fact) -> Evidence:
    return _told(Verdict.UNCLEAR, "Twilio says processing, which it says of running ones too", reply, *found)


def of_delete(api: Api, order: Order) -> Evidence:
    recording = _recording_of(order)
    try:
        found, reply = recordings.read(api, recording.external_id)
    except NotFound as exc:
        return _about_gone(exc, order)
    verdict = Verdict.HAPPENED if found.status is Status.DELETED else Verdict.ABSENT
    return _told(verdict, f"Twilio says {found.provider_status or 'nothing'} of the recording", reply, found)


def of_transcript(api: Api, order: Order) -> Evidence:
    """The transcripts of the recording (``SourceSid``): ours has our key (``CustomerKey``)."""
    recording = _recording_of(order)
    if order.options.get("media_url"):
        found, is_whole, reply = transcript_reads.of_order(api, order)
    else:
        found, is_whole, reply = transcript_reads.of_recording(api, recording.external_id)
    ours = [each for each in found if each.key == order.key]
    if ours:
        wanted = Wanted(
            kind="transcript", external_id=ours[0].external_id, parent_external_id=recording.external_id
        )
        return _told(
            Verdict.HAPPENED, "a transcript of the recording has the order's key", reply, ours[0], wanted
        )
    if not is_whole:
        return _told(Verdict.UNCLEAR, "the recording has more transcripts than one page", reply)
    return _told(Verdict.ABSENT, "no transcript of the recording has the order's key", reply, *found)


def of_transcript_delete(api: Api, order: Order) -> Evidence:
    transcript = _transcript_of(order)
    if transcript.kind == CAPTIONS:
        gone = transcripts.deleted(transcript.external_id, kind=CAPTIONS, key=order.key)
        return Evidence(verdict=Verdict.HAPPENED, looked_at="Twilio keeps no captions.", facts=(gone,))
    try:
        reply = api.read(transcript_reads.address(api, transcript.external_id))
    except NotFound as exc:
        if exc.code != UNKNOWN_SID:
            raise
        kind = LEGACY if transcripts.is_legacy(transcript.external_id) else INTELLIGENCE
        gone = transcripts.deleted(transcript.external_id, kind=kind, key=order.key)
        return Evidence(
            verdict=Verdict.HAPPENED,
            looked_at="Twilio was asked: it does not know the transcript any more.",
            facts=(gone,),
            exchange=exc.exchange,
        )
    return _told(Verdict.ABSENT, "Twilio still has the transcript", reply)


def of_captions(api: Api, order: Order) -> Evidence:
    """Running captions can neither be listed nor read (contract 4.3): their callbacks tell of a start,
    and the end of the call is their end."""
    call = order.call or (order.transcript.call if order.transcript else None)
    if order.kind == "captions.stop" and call and calls.state_of(api, call.external_id) is CallState.ENDED:
        return Evidence(
            verdict=Verdict.HAPPENED,
            looked_at="Twilio was asked: the call is over, and the captions with it.",
        )
    return Evidence(
        verdict=Verdict.UNCLEAR, looked_at=f"{CANNOT_TELL}: only a callback shows whether captions run."
    )


def of_repair(api: Api, order: Order, *, service: str) -> Evidence:
    found, _ = endpoints.read(api, service)
    verdict = Verdict.HAPPENED if found.url == order.callback_url else Verdict.ABSENT
    return Evidence(
        verdict=verdict,
        looked_at=f"Twilio was asked: the service posts to {found.url or 'no address'}.",
        facts=(found,),
    )


def matches(pending: Pending, snapshot: RecordingSnapshot | TranscriptSnapshot) -> float | None:
    """A recording fits the start that was sent when it began. A transcript always has our key, or is
    not ours: there is nothing to guess."""
    if not isinstance(snapshot, RecordingSnapshot) or pending.kind != "recording.start":
        return None
    if snapshot.call_external_id != pending.call_external_id:
        return None
    return began_with(snapshot, pending.sent_at)


def began_with(snapshot: RecordingSnapshot, sent_at: datetime | None) -> float | None:
    """Seconds between an order and a recording that the API began; None when it cannot be its."""
    if snapshot.source != recordings.STARTED_BY_API or snapshot.started_at is None or sent_at is None:
        return None
    if not sent_at - EARLY <= snapshot.started_at <= sent_at + LATE:
        return None
    return abs((snapshot.started_at - sent_at).total_seconds())


def _near(
    found: tuple[RecordingSnapshot, ...], order: Order, taken: frozenset[str]
) -> list[RecordingSnapshot]:
    free = (each for each in found if each.external_id not in taken)
    away = [(began_with(each, order.sent_at or order.ordered_at), each) for each in free]
    near = [(distance, each) for distance, each in away if distance is not None]
    return [each for _, each in sorted(near, key=lambda pair: pair[0])]


def _about_pause(found: RecordingSnapshot, wished: Status, reply: Reply) -> Evidence:
    said = f"Twilio says {found.provider_status or 'nothing'} of the recording"
    if found.status is wished:
        return _told(Verdict.HAPPENED, said, reply, found)
    if found.status in {Status.IN_PROGRESS, Status.PAUSED}:
        return _told(Verdict.ABSENT, said, reply, found)
    return _told(Verdict.UNCLEAR, f"{said}, which does not tell whether it was paused", reply, found)


def _about_gone(exc: NotFound, order: Order) -> Evidence:
    """What is deleted is also stopped; whether it was ever paused nobody can tell."""
    if exc.code != UNKNOWN_SID or order.recording is None:
        raise exc
    is_settled = order.kind in {"recording.delete", "recording.stop"}
    return Evidence(
        verdict=Verdict.HAPPENED if is_settled else Verdict.UNCLEAR,
        looked_at="Twilio was asked: it does not know the recording any more.",
        facts=(recordings.deleted(order.recording.external_id, key=order.key),),
        exchange=exc.exchange,
    )


def _is_call_over(api: Api, found: RecordingSnapshot) -> bool:
    if not found.call_external_id or calls.is_conference(found.call_external_id):
        return False
    return calls.state_of(api, found.call_external_id) is CallState.ENDED


def _recording_of(order: Order) -> RecordingRef:
    if order.recording is None or not order.recording.external_id:
        raise Refused("Twilio has given no id for this recording: it cannot be looked for.")
    return order.recording


def _transcript_of(order: Order) -> TranscriptRef:
    if order.transcript is None or not order.transcript.external_id:
        raise Refused("Twilio has given no id for this transcript: it cannot be looked for.")
    return order.transcript


def _told(verdict: Verdict, seen: str, reply: Reply, *facts: Fact) -> Evidence:
    return Evidence(
        verdict=verdict, looked_at=f"Twilio was asked: {seen}.", facts=facts, exchange=reply.exchange
    )
