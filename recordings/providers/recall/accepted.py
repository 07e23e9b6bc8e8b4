"""What a success, or an answer that it was so already, says of an order (contract, sections 2 to 4)."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from recordings.providers.client import Reply
from recordings.providers.orders import Answer, Order
from recordings.providers.recall.api import object_of
from recordings.providers.recall.calls import call_snapshot, gone_call
from recordings.providers.recall.recordings import deleted_recording, recording_snapshot
from recordings.providers.recall.subjects import bot_id_of, recording_id_of, transcript_id_of
from recordings.providers.recall.transcripts import deleted_transcript, transcript_snapshot
from recordings.providers.snapshots import CallSnapshot, CallState, Fact, RecordingSnapshot, Status, Wanted

LOOK_AGAIN_SECONDS = 5.0
GONE_ALREADY = "It was gone at Recall.ai already."


def sent_bot(order: Order, reply: Reply) -> Answer:
    return Answer(facts=(replace(call_snapshot(object_of(reply)), key=order.key),))


def changed_call(order: Order, reply: Reply) -> Answer:
    return Answer(facts=(call_snapshot(object_of(reply)),))


def cancelled(order: Order, reply: Reply) -> Answer:
    return Answer(facts=(gone_call(bot_id_of(order)),))


def asked(order: Order, reply: Reply) -> Answer:
    """The host is asked, or the chat has the message: there is nothing more to see of it."""
    return replace(_commanded(order, reply, bool), is_confirmed=True)


def left(order: Order, reply: Reply) -> Answer:
    return _commanded(order, reply, lambda call: call.state is CallState.ENDED)


def media_deleted(order: Order, reply: Reply) -> Answer:
    def is_seen(call: CallSnapshot) -> bool:
        return all(recording.status is Status.DELETED for recording in call.recordings)

    return _commanded(order, reply, is_seen)


def started(order: Order, reply: Reply) -> Answer:
    def is_seen(call: CallSnapshot) -> bool:
        return any(recording.key == order.key for recording in call.recordings)

    answer = _commanded(order, reply, is_seen)
    if answer.is_confirmed:
        return answer
    expected = RecordingSnapshot(
        external_id="", key=order.key, call_external_id=bot_id_of(order), status=Status.REQUESTED
    )
    return replace(answer, facts=(*answer.facts, expected))


def stopped(order: Order, reply: Reply) -> Answer:
    return _recording_now(order, reply, frozenset({Status.PROCESSING, Status.COMPLETED, Status.DELETED}))


def paused(order: Order, reply: Reply) -> Answer:
    return _recording_now(order, reply, frozenset({Status.PAUSED}))


def resumed(order: Order, reply: Reply) -> Answer:
    return _recording_now(order, reply, frozenset({Status.IN_PROGRESS}))


def _recording_now(order: Order, reply: Reply, wanted: frozenset[Status]) -> Answer:
    external_id = order.recording.external_id if order.recording else ""

    def is_seen(call: CallSnapshot) -> bool:
        ours = [each for each in call.recordings if each.external_id == external_id]
        return any(each.status in wanted for each in ours)

    answer = _commanded(order, reply, is_seen)
    return replace(answer, facts=(*answer.facts, *_look_at_recording(order)))


def _commanded(order: Order, reply: Reply, is_seen: Callable[[CallSnapshot], bool]) -> Answer:
    """The command was taken; what it did may show in the answer already, else later (section 2.4).
    One page shows a bare 200 here, so an empty body is taken as well."""
    bot_id = bot_id_of(order)
    look = Wanted(kind="call", external_id=bot_id, delay_seconds=LOOK_AGAIN_SECONDS)
    if not reply.content.strip():
        return Answer(facts=(look,), is_confirmed=False)
    call = call_snapshot(object_of(reply))
    return Answer(facts=(call, look), is_confirmed=is_seen(call))


def _look_at_recording(order: Order) -> tuple[Wanted, ...]:
    external_id = order.recording.external_id if order.recording else ""
    wanted = Wanted(kind="recording", external_id=external_id, delay_seconds=LOOK_AGAIN_SECONDS)
    return (wanted,) if external_id else ()


def changed_recording(order: Order, reply: Reply) -> Answer:
    return Answer(facts=(recording_snapshot(object_of(reply)),))


def recording_gone(order: Order, reply: Reply | None = None) -> Answer:
    gone = deleted_recording(recording_id_of(order), reason="Deleted at Recall.ai by an order of Tapedeck.")
    return Answer(facts=(gone,))


def ordered(order: Order, reply: Reply) -> Answer:
    transcript = transcript_snapshot(object_of(reply))
    recording_id, bot_id = recording_id_of(order), _known_bot_id(order)
    return Answer(
        facts=(
            replace(
                transcript,
                key=order.key,
                recording_external_id=transcript.recording_external_id or recording_id,
                call_external_id=transcript.call_external_id or bot_id,
            ),
        )
    )


def _known_bot_id(order: Order) -> str:
    call = order.recording.call if order.recording else None
    return call.external_id if call else ""


def changed_transcript(order: Order, reply: Reply) -> Answer:
    return Answer(facts=(transcript_snapshot(object_of(reply)),))


def transcript_gone(order: Order, reply: Reply | None = None) -> Answer:
    gone = deleted_transcript(transcript_id_of(order), reason="Deleted at Recall.ai by an order of Tapedeck.")
    return Answer(facts=(gone,))


# What was so already.


def _over_already(order: Order) -> Answer:
    wanted: tuple[Fact, ...] = (Wanted(kind="call", external_id=bot_id_of(order)), *_look_at_recording(order))
    return Answer(facts=wanted, note="The bot had left already, so nothing was running any more.")


DONE: Mapping[str, Callable[[Order], Answer]] = {
    "call.leave": _over_already,
    "call.cancel": lambda order: Answer(facts=(gone_call(bot_id_of(order)),), note=GONE_ALREADY),
    "recording.stop": _over_already,
    "recording.delete": lambda order: replace(recording_gone(order), note=GONE_ALREADY),
    "transcript.delete": lambda order: replace(transcript_gone(order), note=GONE_ALREADY),
}
