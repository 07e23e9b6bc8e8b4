"""What can be ordered now, and what Daily would do that one may not expect (contract 2, 3, 4, 7)."""

from collections.abc import Callable, Mapping

from recordings.providers.daily.actions import ACTIONS
from recordings.providers.daily.bodies import instance_of
from recordings.providers.daily.calls import UNKNOWN_ROOM
from recordings.providers.daily.recordings import IN_PROGRESS
from recordings.providers.daily.room_actions import CHANGE_ROOM, DELETE_ROOM
from recordings.providers.daily.transcripts import REALTIME
from recordings.providers.daily.values import DEFAULT_INSTANCE, text
from recordings.providers.options import Options
from recordings.providers.orders import CallRef, RecordingRef, Subject, SubjectRef, TranscriptRef
from recordings.providers.snapshots import CallState, Status

NOT_KNOWN = "Daily cannot do this."
NOTHING_NAMED = "Nothing is named that this could be done to."
EMPTY_ROOM = "Nobody is in the room: Daily can do this only while somebody is."
NOT_ENABLED = (
    "Recording is not enabled for this room: set enable_recording of the room or the domain at Daily first."
)
LOCAL_ONLY = (
    "This room allows only local recording, which runs in a participant's browser: it cannot be started from "
    "here. Set enable_recording to cloud at Daily."
)
NO_MORE = "As many recordings as Daily allows this domain at once are running in the room: stop one first."
ENDED = "It is not running."
ROOM_GONE = "Daily does not know this room any more."
SOMEBODY_THERE = "Somebody is in the room: wait until it is empty."
STILL_RUNNING = "It is still running: stop it first."
NO_ID = "Daily has told no id of it yet."
GONE = "It is deleted."
JOB_OPEN = (
    "A transcript is being made from this recording and would fail: wait until it is finished, or delete it."
)
NOT_FINISHED = "Daily transcribes finished recordings only."
NOT_LIVE_KIND = "This transcript was made from a recording: there is nothing live about it."
PAUSE_UNKNOWN = "Daily cannot pause a recording: stop it, and start another one later."
SECOND = (
    "This room is being recorded already. Daily refuses a second recording unless it has allowed this domain "
    "several at once; then both run, and both are charged."
)
OTHER_TYPE = "This room allows {allowed}; Daily will probably refuse {wanted}."
NOT_KEPT = (
    "Storing is off for this room (enable_transcription_storage): the words appear in the room, are charged, "
    "and are lost afterwards. Switched on during a call it helps only the next one."
)
UNKNOWN_INSTANCE = (
    "Tapedeck does not know which instance this recording is, since it was started elsewhere: Daily stops "
    "the room's default one."
)
AGAIN = "This recording has {count} already. Another one is charged again."
LIVE_STAYS = "Its transcripts at Daily are not deleted with it: delete them by themselves."


def unavailable(kind: str, subject: SubjectRef | None) -> str:
    """Why the button cannot work, or ""."""
    action = next((action for action in ACTIONS if action.kind == kind), None)
    if action is None:
        return PAUSE_UNKNOWN if kind in {"recording.pause", "recording.resume"} else NOT_KNOWN
    if action.subject is Subject.ACCOUNT:
        return ""
    if subject is None or not isinstance(subject, _TYPES[action.subject]):
        return NOTHING_NAMED
    return _CHECKS[kind](subject)


def consequence(kind: str, subject: SubjectRef | None, options: Options) -> str:
    """What follows that one may not expect, or ""."""
    if kind == "recording.start" and isinstance(subject, CallRef):
        return " ".join(part for part in (_second(subject), _other_type(subject, options)) if part)
    if kind == "captions.start" and isinstance(subject, CallRef):
        return NOT_KEPT if subject.flags.get("enable_transcription_storage") is False else ""
    if isinstance(subject, RecordingRef):
        return _of_recording(kind, subject)
    return ""


def _of_recording(kind: str, recording: RecordingRef) -> str:
    if kind == "recording.stop":
        instance = text(recording.handle.get("instanceId"))
        return "" if instance_of(recording.handle) or instance == DEFAULT_INSTANCE else UNKNOWN_INSTANCE
    if kind == "transcript.order":
        there = recording.transcripts_completed + recording.transcripts_open
        named = "a transcript" if there == 1 else f"{there} transcripts"
        return AGAIN.format(count=named) if there else ""
    return LIVE_STAYS if kind == "recording.delete" and recording.transcripts_completed else ""


def _second(call: CallRef) -> str:
    return SECOND if call.live_recordings else ""


def _other_type(call: CallRef, options: Options) -> str:
    """Whether one type allows another is not documented, so that this is advice and no refusal."""
    allowed, wanted = text(call.flags.get("enable_recording")), text(options.get("type"))
    if not allowed or not wanted or allowed == wanted:
        return ""
    return OTHER_TYPE.format(allowed=allowed, wanted=wanted)


def _start(call: CallRef) -> str:
    if call.state is CallState.ENDED:
        return EMPTY_ROOM
    allowed, most = call.flags.get("enable_recording"), call.flags.get("max_instances")
    if allowed == "":
        return NOT_ENABLED
    if allowed == "local":
        return LOCAL_ONLY
    return NO_MORE if isinstance(most, int) and 0 < most <= len(call.live_recordings) else ""


def _captions(call: CallRef) -> str:
    return EMPTY_ROOM if call.state is CallState.ENDED else ""


def _room(call: CallRef) -> str:
    return ROOM_GONE if call.provider_status == UNKNOWN_ROOM else ""


def _empty_room(call: CallRef) -> str:
    return _room(call) or (SOMEBODY_THERE if call.state is CallState.LIVE else "")


def _stop(recording: RecordingRef) -> str:
    """Also of one that failed by an error event: Daily may go on recording all the same (contract 5.5)."""
    may_run = recording.status in _LIVE or recording.provider_status == IN_PROGRESS
    is_told_failed = recording.status is Status.FAILED and "error" in recording.provider_status
    return "" if may_run or is_told_failed else ENDED


def _delete(recording: RecordingRef) -> str:
    if recording.status is Status.DELETED:
        return GONE
    if not recording.external_id:
        return NO_ID
    if recording.status in _LIVE:
        return STILL_RUNNING
    return JOB_OPEN if recording.transcripts_open else ""


def _order(recording: RecordingRef) -> str:
    if recording.status is Status.DELETED:
        return GONE
    if recording.status is not Status.COMPLETED:
        return NOT_FINISHED
    return NO_ID if not recording.external_id else ""


def _live_transcript(transcript: TranscriptRef) -> str:
    if transcript.kind != REALTIME.name:
        return NOT_LIVE_KIND
    return "" if transcript.status in _LIVE else ENDED


def _delete_transcript(transcript: TranscriptRef) -> str:
    if transcript.status is Status.DELETED:
        return GONE
    if not transcript.external_id:
        return NO_ID
    is_live = transcript.kind == REALTIME.name and transcript.status in _LIVE
    return STILL_RUNNING if is_live else ""


_LIVE = frozenset({Status.REQUESTED, Status.IN_PROGRESS, Status.PAUSED})
_TYPES: Mapping[Subject, type] = {
    Subject.CALL: CallRef,
    Subject.RECORDING: RecordingRef,
    Subject.TRANSCRIPT: TranscriptRef,
}
_CHECKS: Mapping[str, Callable[..., str]] = {
    "recording.start": _start,
    "recording.update": _stop,
    "recording.stop": _stop,
    "recording.delete": _delete,
    "transcript.order": _order,
    "transcript.delete": _delete_transcript,
    CHANGE_ROOM: _room,
    DELETE_ROOM: _empty_room,
    "captions.start": _captions,
    "captions.update": _live_transcript,
    "captions.stop": _live_transcript,
}
