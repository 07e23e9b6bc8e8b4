"""Which orders cannot work now, and why, in a sentence each."""

from collections.abc import Callable, Mapping

from recordings.providers.orders import CallRef, RecordingRef, SubjectRef, TranscriptRef
from recordings.providers.recall.subjects import bot_of, platform_of
from recordings.providers.snapshots import CallState, Status

MOST_COMPLETED = 10  # section 4.4: successful transcripts of one recording
MOST_EVER = 100  # attempts in all
_LIVE = frozenset({Status.IN_PROGRESS, Status.PAUSED})

_NOT_IN_CALL: Mapping[CallState | None, str] = {
    CallState.SCHEDULED: "The bot has not been sent yet.",
    CallState.WAITING: "The bot is not in the call yet.",
    CallState.ENDED: "The bot has left the call: send a new one.",
}


def unavailable(kind: str, subject: SubjectRef | None) -> str:
    """Why this kind of order cannot work on this subject, in a sentence; "" when it can."""
    if subject is None:
        return ""
    if not subject.external_id and kind != "recording.stop":
        return "Recall.ai has not given this an id yet."
    if isinstance(subject, CallRef):
        return _CALL_RULES[kind](subject) if kind in _CALL_RULES else ""
    if isinstance(subject, RecordingRef):
        return _RECORDING_RULES[kind](subject) if kind in _RECORDING_RULES else ""
    return _of_transcript(subject)


def _scheduled_only(call: CallRef) -> str:
    if call.state in {None, CallState.SCHEDULED}:
        return ""
    if call.state is CallState.ENDED:
        return "The bot is gone already."
    return "The bot is on its way or in the call already: make it leave instead."


def _can_leave(call: CallRef) -> str:
    if call.state is CallState.SCHEDULED:
        return "The bot has not been sent yet: cancel it instead."
    return "The bot has left already." if call.state is CallState.ENDED else ""


def _in_call(call: CallRef) -> str:
    return _NOT_IN_CALL.get(call.state, "")


def _can_ask(call: CallRef) -> str:
    if platform_of(call) not in {"", "zoom"}:
        return "Only Zoom lets the bot ask the host again."
    return _in_call(call)


def _can_delete_media(call: CallRef) -> str:
    if call.live_recordings:
        return "A recording of this bot is running: stop it first."
    return "The bot has not recorded anything yet." if call.state is CallState.SCHEDULED else ""


def _has_bot(recording: RecordingRef) -> str:
    if not bot_of(recording):
        return "The bot of this recording is not known, or it was not made by a bot."
    return ""


def _can_stop(recording: RecordingRef) -> str:
    if recording.status not in _LIVE | {Status.REQUESTED}:
        return "This recording is not running any more."
    return _has_bot(recording)


def _can_pause(recording: RecordingRef) -> str:
    if recording.status is Status.PAUSED:
        return "This recording is paused already."
    if recording.status is not Status.IN_PROGRESS:
        return "This recording is not running."
    return _has_bot(recording)


def _can_resume(recording: RecordingRef) -> str:
    if recording.status is not Status.PAUSED:
        return "This recording is not paused."
    return _has_bot(recording)


def _still_there(recording: RecordingRef) -> str:
    return "This recording is deleted already." if recording.status is Status.DELETED else ""


def _can_delete(recording: RecordingRef) -> str:
    if recording.status in _LIVE:
        # Section 3.5: undocumented, so nothing could be promised.
        return "Recall.ai does not say what deleting a running recording does: stop it first."
    return _still_there(recording)


def _can_transcribe(recording: RecordingRef) -> str:
    if recording.status is Status.DELETED:
        return "This recording is deleted: there is nothing to transcribe."
    if recording.status is Status.FAILED:
        return "This recording failed: there is nothing to transcribe."
    if recording.status is not Status.COMPLETED:
        return "Recall.ai transcribes finished recordings only: wait until this one is completed."
    if recording.transcripts_completed >= MOST_COMPLETED:
        return f"This recording has {recording.transcripts_completed} of 10 transcripts: delete one first."
    if recording.transcripts_ever >= MOST_EVER:
        return f"This recording has used {recording.transcripts_ever} of 100 attempts to transcribe it."
    return ""


def _of_transcript(transcript: TranscriptRef) -> str:
    return "This transcript is deleted already." if transcript.status is Status.DELETED else ""


_CALL_RULES: Mapping[str, Callable[[CallRef], str]] = {
    "call.change": _scheduled_only,
    "call.cancel": _scheduled_only,
    "call.leave": _can_leave,
    "call.request_permission": _can_ask,
    "call.message": _in_call,
    "call.delete_media": _can_delete_media,
    "recording.start": _in_call,
}
_RECORDING_RULES: Mapping[str, Callable[[RecordingRef], str]] = {
    "recording.stop": _can_stop,
    "recording.pause": _can_pause,
    "recording.resume": _can_resume,
    "recording.update": _still_there,
    "recording.delete": _can_delete,
    "transcript.order": _can_transcribe,
}
