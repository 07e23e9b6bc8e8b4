"""Looks for what became of an order whose outcome is unknown, reading only (design, section 4)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from recordings.providers.errors import NotFound
from recordings.providers.orders import Evidence, Order, Verdict
from recordings.providers.recall.api import Api
from recordings.providers.recall.bodies import body_of
from recordings.providers.recall.calls import call_snapshot, gone_call
from recordings.providers.recall.reading import KEY, inner, mapping, moment, sequence, text
from recordings.providers.recall.recordings import deleted_recording, recording_snapshot
from recordings.providers.recall.subjects import bot_id_of, recording_id_of, transcript_id_of
from recordings.providers.recall.transcripts import deleted_transcript, transcript_snapshot
from recordings.providers.snapshots import (
    CallSnapshot,
    CallState,
    Fact,
    RecordingSnapshot,
    Status,
    TranscriptSnapshot,
)

MOST_PAGES = 20  # 100 attempts are the most of one recording (section 4.4)
_ANSWERS = frozenset({"recording_permission_allowed", "recording_permission_denied"})


def look(api: Api, order: Order) -> Evidence:
    """One look; absent only when the list was seen whole."""
    return _LOOKS[order.kind](api, order)


# What the order made: found by our key in its metadata.


def _sent_bot(api: Api, order: Order) -> Evidence:
    return _found_by_key(api, "bot", order, [], call_snapshot)


def _made_transcript(api: Api, order: Order) -> Evidence:
    # The list of transcripts has no filter for metadata (section 1.4).
    filters = [("recording_id", recording_id_of(order))]
    return _found_among(api, "transcript", order, filters, transcript_snapshot)


def _made_recording(api: Api, order: Order) -> Evidence:
    found = _found_by_key(api, "recording", order, [("bot_id", bot_id_of(order))], recording_snapshot)
    return found if found.verdict is not Verdict.ABSENT else _not_recording(api, order, found)


def _not_recording(api: Api, order: Order, found: Evidence) -> Evidence:
    """A start may wait in the bot for someone to come or to speak: only then is absence no proof."""
    call = _bot(api, order)
    waits = order.options.get("start_recording_on", "participant_join") != "call_join"
    if waits and call.state is CallState.LIVE and call.provider_status != "in_call_recording":
        seen = f"{found.looked_at} The bot is in the call and may still wait for its moment to begin."
        return Evidence(verdict=Verdict.UNCLEAR, looked_at=seen, facts=(call,))
    return Evidence(verdict=Verdict.ABSENT, looked_at=found.looked_at, facts=(call,))


Reader = Callable[[Any], CallSnapshot | RecordingSnapshot | TranscriptSnapshot]


def _found_by_key(
    api: Api, name: str, order: Order, filters: list[tuple[str, str]], reader: Reader
) -> Evidence:
    return _found_among(api, name, order, [(f"metadata__{KEY}", order.key), *filters], reader)


def _found_among(
    api: Api, name: str, order: Order, filters: list[tuple[str, str]], reader: Reader
) -> Evidence:
    following, seen = "", 0
    for page in api.pages(name, params=filters, most=MOST_PAGES):
        items = [reader(item) for item in sequence(page.get("results"))]
        ours = tuple(item for item in items if item.key == order.key)
        if ours:
            text_seen = f"Recall.ai lists a {name} with the key of this order."
            return Evidence(verdict=Verdict.HAPPENED, looked_at=text_seen, facts=ours)
        seen, following = seen + len(items), text(page.get("next"))
    if following:
        return Evidence(
            verdict=Verdict.UNCLEAR, looked_at=f"The list of {name}s is too long to be seen whole."
        )
    looked_at = f"Recall.ai lists no {name} with the key of this order ({seen} seen)."
    return Evidence(verdict=Verdict.ABSENT, looked_at=looked_at)


# What the order changed: told by the thing's state.


def _bot(api: Api, order: Order) -> CallSnapshot:
    bot_id = bot_id_of(order)
    try:
        return call_snapshot(api.read(api.path("bot", bot_id)))
    except NotFound:
        return gone_call(bot_id)


def _recording(api: Api, order: Order) -> RecordingSnapshot:
    external_id = recording_id_of(order)
    try:
        return recording_snapshot(api.read(api.path("recording", external_id)))
    except NotFound:
        return deleted_recording(external_id)


def _transcript(api: Api, order: Order) -> TranscriptSnapshot:
    external_id = transcript_id_of(order)
    try:
        return transcript_snapshot(api.read(api.path("transcript", external_id)))
    except NotFound:
        return deleted_transcript(external_id)


def _said(is_so: bool | None, looked_at: str, *facts: Fact) -> Evidence:  # noqa: FBT001
    verdicts = {True: Verdict.HAPPENED, False: Verdict.ABSENT, None: Verdict.UNCLEAR}
    return Evidence(verdict=verdicts[is_so], looked_at=looked_at, facts=facts)


def _left(api: Api, order: Order) -> Evidence:
    call = _bot(api, order)
    return _said(call.state is CallState.ENDED, f"The bot's state is {_word(call.provider_status)}.", call)


def _cancelled(api: Api, order: Order) -> Evidence:
    call = _bot(api, order)
    is_gone = not call.raw
    return _said(is_gone, "The bot is gone." if is_gone else "The bot is still there.", call)


def _asked(api: Api, order: Order) -> Evidence:
    call = _bot(api, order)
    answered = call.provider_status in _ANSWERS and _is_after(call.status_at, order.sent_at)
    seen = (
        "The meeting answered after the order left."
        if answered
        else "Nothing shows whether the host was asked."
    )
    return _said(True if answered else None, seen, call)


def _written(api: Api, order: Order) -> Evidence:
    return _said(None, "Recall.ai does not tell what stands in a meeting's chat.", _bot(api, order))


def _media_deleted(api: Api, order: Order) -> Evidence:
    call = _bot(api, order)
    left = [each for each in call.recordings if each.status is not Status.DELETED]
    return _said(not left, f"The bot shows {len(left)} recordings that are not deleted.", call)


def _changed(api: Api, order: Order) -> Evidence:
    """Compares what can be compared: the meeting link comes back in another form (section 2.2)."""
    bot_id = bot_id_of(order)
    bot = api.read(api.path("bot", bot_id))
    sent = mapping(body_of(order))
    pairs = [(bot.get("bot_name"), sent["bot_name"])] if "bot_name" in sent else []
    pairs += [(moment(bot.get("join_at")), moment(sent["join_at"]))] if "join_at" in sent else []
    pairs += _label_pairs(bot, sent)
    seen = f"{sum(one == other for one, other in pairs)} of {len(pairs)} fields that can be compared agree."
    return _said(all(one == other for one, other in pairs) if pairs else None, seen, call_snapshot(bot))


def _stopped(api: Api, order: Order) -> Evidence:
    recording = _recording(api, order)
    is_live = recording.status in {Status.IN_PROGRESS, Status.PAUSED}
    is_over = None if recording.status is None else not is_live
    return _said(is_over, f"The recording's state is {_word(recording.provider_status)}.", recording)


def _paused(api: Api, order: Order) -> Evidence:
    return _is_now(_recording(api, order), Status.PAUSED, Status.IN_PROGRESS)


def _resumed(api: Api, order: Order) -> Evidence:
    return _is_now(_recording(api, order), Status.IN_PROGRESS, Status.PAUSED)


def _is_now(recording: RecordingSnapshot, wanted: Status, other: Status) -> Evidence:
    # Once the recording is over nothing tells whether it was paused in between.
    is_so = {wanted: True, other: False}.get(recording.status) if recording.status else None
    return _said(is_so, f"The recording's state is {_word(recording.provider_status)}.", recording)


def _recording_deleted(api: Api, order: Order) -> Evidence:
    recording = _recording(api, order)
    is_gone = recording.status is Status.DELETED
    return _said(is_gone, "The recording is gone." if is_gone else "The recording is still there.", recording)


def _transcript_deleted(api: Api, order: Order) -> Evidence:
    transcript = _transcript(api, order)
    is_gone = transcript.status is Status.DELETED
    return _said(
        is_gone, "The transcript is gone." if is_gone else "The transcript is still there.", transcript
    )


def _recording_labelled(api: Api, order: Order) -> Evidence:
    return _labelled(api.read(api.path("recording", recording_id_of(order))), order, recording_snapshot)


def _transcript_labelled(api: Api, order: Order) -> Evidence:
    return _labelled(api.read(api.path("transcript", transcript_id_of(order))), order, transcript_snapshot)


def _labelled(payload: Mapping[str, Any], order: Order, reader: Reader) -> Evidence:
    pairs = _label_pairs(payload, mapping(body_of(order)))
    is_so = all(one == other for one, other in pairs)
    return _said(is_so, f"The labels {'agree' if is_so else 'do not agree'} with the order.", reader(payload))


def _label_pairs(payload: Mapping[str, Any], sent: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    present = inner(payload, "metadata")
    return [(present.get(name), value) for name, value in inner(sent, "metadata").items()]


def _is_after(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and other is not None and one >= other


def _word(provider_status: str) -> str:
    return f"“{provider_status}”" if provider_status else "not known"


_LOOKS: Mapping[str, Callable[[Api, Order], Evidence]] = {
    "call.send": _sent_bot,
    "call.change": _changed,
    "call.cancel": _cancelled,
    "call.leave": _left,
    "call.request_permission": _asked,
    "call.message": _written,
    "call.delete_media": _media_deleted,
    "recording.start": _made_recording,
    "recording.stop": _stopped,
    "recording.pause": _paused,
    "recording.resume": _resumed,
    "recording.update": _recording_labelled,
    "recording.delete": _recording_deleted,
    "transcript.order": _made_transcript,
    "transcript.update": _transcript_labelled,
    "transcript.delete": _transcript_deleted,
}
