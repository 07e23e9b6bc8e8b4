"""Orders and deletes transcripts, starts and stops captions: one write each (contract 4)."""

from dataclasses import replace

from recordings.providers.client import Reply
from recordings.providers.errors import NotFound, ProviderError, Refused
from recordings.providers.orders import Answer, Order, TranscriptRef
from recordings.providers.snapshots import CallState, Status, TranscriptSnapshot, Wanted
from recordings.providers.twilio import bodies, calls, transcript_reads, transcripts
from recordings.providers.twilio.actions import CAPTIONS, INTELLIGENCE, LEGACY
from recordings.providers.twilio.api import Api, named_of, sid
from recordings.providers.twilio.availability import CONFERENCE_START, NO_SERVICE, OUTSIDE
from recordings.providers.twilio.looks import before_sending
from recordings.providers.twilio.outcomes import UNKNOWN_SID

FIRST_LOOK_SECONDS = 15.0  # no failure is told by a webhook (contract 5.3): pending ones are looked at
ADOPTED = (
    "Twilio holds a transcript of this recording already: it is shown, and nothing was ordered or charged."
)
OURS = "This order had reached Twilio before: nothing was sent again."
FAILED_IN_THE_WAY = (
    "Twilio holds a transcript of this recording that failed ({sid}), and keeps one of each: "
    "delete that one, "
    "then order again. Nothing was sent or charged."
)
NO_RECORDING = "Twilio has given no id for this recording: it cannot be transcribed. Nothing was sent."
NO_ID = "Twilio has given no id for this transcript yet: it cannot be named there. Nothing was sent."
NO_CALL = "The call of these captions is not known: they cannot be named at Twilio. Nothing was sent."
NO_CALLBACK = (
    "Captions come by callbacks only, and this installation has no public address for them. "
    "Name an Intelligence "
    "Service to get a transcript after the call, or set the public address. Nothing was sent."
)
GONE_ALREADY = "The transcript was gone already."
ERASED_HERE = "Twilio keeps no captions: only the text here was erased."
ENDED_ALREADY = "The captions had ended already."


def order(api: Api, order: Order, *, service: str) -> Answer:
    """Look for a transcript of the recording, then order one: Twilio keeps one of each (contract 4.2).

    To redo means to delete first, which is an order of its own.
    """
    chosen = str(order.options.get("ServiceSid") or service)
    if not chosen:
        raise Refused(f"{NO_SERVICE} Nothing was sent.")
    if order.recording is None or not order.recording.external_id:
        raise Refused(NO_RECORDING)
    source, elsewhere = order.recording.external_id, bool(order.options.get("media_url"))
    if order.recording.handle.get("is_external") and not elsewhere:
        raise Refused(f"{OUTSIDE} Nothing was sent.")
    found, _, look = before_sending(lambda: _look(api, order, source, chosen))
    there = _there(found, order.key)
    if there is not None:
        note = OURS if there.key == order.key else ADOPTED
        return Answer(facts=_facts(there, order.key), note=note, exchange=look.exchange)
    form = bodies.of_order(order, service=chosen)
    reply = api.write(order.kind, "POST", api.product("Transcripts"), form)
    made = transcripts.intelligence(named_of(reply), recording=source)
    return Answer(facts=_facts(made, order.key), exchange=reply.exchange)


def delete(api: Api, order: Order) -> Answer:
    """204, or gone already. Captions are kept nowhere: nothing is sent for them (contract 4.3)."""
    transcript = order.transcript
    if transcript is not None and transcript.kind == CAPTIONS:
        gone = transcripts.deleted(transcript.external_id, kind=CAPTIONS, key=order.key)
        return Answer(facts=(gone,), note=ERASED_HERE)
    if transcript is None or not transcript.external_id:
        raise Refused(NO_ID)
    reply = api.write(order.kind, "DELETE", transcript_reads.address(api, transcript.external_id))
    kind = LEGACY if transcripts.is_legacy(transcript.external_id) else INTELLIGENCE
    gone = transcripts.deleted(transcript.external_id, kind=kind, key=order.key)
    return Answer(facts=(gone,), note="" if reply.is_success else GONE_ALREADY, exchange=reply.exchange)


def start_captions(api: Api, order: Order) -> Answer:
    """No look comes before it: running captions cannot be listed (contract 4.3)."""
    if order.call is None or calls.is_conference(order.call.external_id):
        raise Refused(f"{CONFERENCE_START} Nothing was sent.")
    if not order.callback_url and not order.options.get("IntelligenceService"):
        raise Refused(NO_CALLBACK)
    url = api.classic(f"Calls/{sid(order.call.external_id)}/Transcriptions.json")
    reply = api.write(order.kind, "POST", url, bodies.of_order(order))
    made = transcripts.captions(named_of(reply), key=order.key)
    call = made.call_external_id or order.call.external_id
    return Answer(facts=(replace(made, call_external_id=call),), exchange=reply.exchange)


def stop_captions(api: Api, order: Order) -> Answer:
    """Stops by SID or, when the answer to the start was lost, by the name: the key of the row."""
    transcript, call = _captions_of(order)
    name = sid(transcript.external_id or transcript.key)
    url = api.classic(f"Calls/{sid(call)}/Transcriptions/{name}.json")
    try:
        reply = api.write(order.kind, "POST", url, bodies.of_order(order))
    except NotFound as exc:
        # Nothing of that name runs. Whether it did is told by the call: captions end with it.
        if exc.code != UNKNOWN_SID or not _is_over(api, call):
            raise
        return Answer(facts=_stopped(transcript, call), note=ENDED_ALREADY, exchange=exc.exchange)
    if not reply.is_success:
        return Answer(facts=_stopped(transcript, call), note=ENDED_ALREADY, exchange=reply.exchange)
    found = transcripts.captions(named_of(reply), key=order.key)
    return Answer(facts=(found,), exchange=reply.exchange)


def _look(
    api: Api, order: Order, source: str, service: str
) -> tuple[tuple[TranscriptSnapshot, ...], bool, Reply]:
    """Of sound that lies elsewhere only our own key tells: ``SourceSid`` is empty then."""
    if order.options.get("media_url"):
        return transcript_reads.of_order(api, order, service=service)
    return transcript_reads.of_recording(api, source, service=service)


def _there(found: tuple[TranscriptSnapshot, ...], key: str) -> TranscriptSnapshot | None:
    """Ours before others', what lives before what failed; raises ``Refused`` for a failed one alone."""
    ours = [each for each in found if each.key == key]
    good = [each for each in found if each.status is not Status.FAILED]
    if ours or good:
        return (ours or good)[0]
    if found:
        raise Refused(FAILED_IN_THE_WAY.format(sid=found[0].external_id))
    return None


def _facts(found: TranscriptSnapshot, key: str) -> tuple[TranscriptSnapshot | Wanted, ...]:
    known = replace(found, key=key)
    if found.status in {Status.COMPLETED, Status.FAILED}:
        return (known,)
    wanted = Wanted(
        kind="transcript",
        external_id=found.external_id,
        parent_external_id=found.recording_external_id,
        delay_seconds=FIRST_LOOK_SECONDS,
    )
    return known, wanted


def _captions_of(order: Order) -> tuple[TranscriptRef, str]:
    transcript = order.transcript
    if transcript is None:
        raise Refused(NO_CALL)
    call = transcript.call or order.call
    if call is None or not (transcript.external_id or transcript.key):
        raise Refused(NO_CALL)
    return transcript, call.external_id


def _stopped(transcript: TranscriptRef, call: str) -> tuple[TranscriptSnapshot, ...]:
    return (
        TranscriptSnapshot(
            external_id=transcript.external_id,
            key=transcript.key,
            call_external_id=call,
            kind=CAPTIONS,
            status=Status.COMPLETED,
            provider_status="stopped",
            text=transcripts.NOT_KEPT,
        ),
    )


def _is_over(api: Api, call: str) -> bool:
    try:
        return calls.state_of(api, call) is CallState.ENDED
    except ProviderError:
        return False
