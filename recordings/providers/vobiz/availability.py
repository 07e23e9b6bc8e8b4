"""Which buttons can work at Vobiz now, and what an operator may not expect: sentences, no calls."""

from recordings.providers.options import Options
from recordings.providers.orders import CallRef, RecordingRef, SubjectRef, TranscriptRef
from recordings.providers.snapshots import CallState, Status
from recordings.providers.vobiz.actions import KINDS, NO_TRANSCRIPT_API
from recordings.providers.vobiz.options import LONGEST_TRANSCRIBED, USUAL_LIMIT, wants_transcript

RUNNING = frozenset({Status.REQUESTED, Status.IN_PROGRESS, Status.PAUSED})
NOT_OFFERED = {
    "transcript.order": NO_TRANSCRIPT_API,
    "recording.pause": "Vobiz cannot pause a recording: stop it, and start another one when it should go on.",
    "recording.resume": "Vobiz cannot resume a recording: start another one, it is a file of its own.",
    "recording.update": "Vobiz cannot change a recording once it runs.",
    "captions.start": "Vobiz sends no words while a call runs: the text comes after the recording.",
}
OPEN_TRANSCRIPT = (
    "A transcript of this recording is still on its way; whether Vobiz then still sends it is not known."
)
NOT_KNOWN = "Vobiz offers no such order."
CALL_OVER = "The call is over, and its recordings with it."
NO_ADDRESS = (
    "Vobiz stops one recording only by the address that it gave when the recording was started, "
    'and Tapedeck does not have it. "Stop all recordings" of the call can be used instead.'
)


def unavailable(kind: str, subject: SubjectRef | None) -> str:
    if kind not in KINDS:
        return NOT_OFFERED.get(kind, NOT_KNOWN)
    if isinstance(subject, CallRef):
        return _of_call(kind, subject)
    if isinstance(subject, RecordingRef):
        return _of_recording(kind, subject)
    if isinstance(subject, TranscriptRef) and subject.status is Status.DELETED:
        return "This transcript is deleted already."
    return ""


def consequence(kind: str, subject: SubjectRef | None, options: Options) -> str:
    if kind == "recording.start":
        return " ".join((*_second_recording(subject), *_too_long_for_text(options)))
    if kind == "recording.stop_all":
        return "Every recording of this call stops, also those that other people or systems started."
    if kind == "recording.delete" and isinstance(subject, RecordingRef) and subject.transcripts_open:
        return OPEN_TRANSCRIPT
    return ""


def _of_call(kind: str, call: CallRef) -> str:
    if call.state is CallState.ENDED:
        return "The call is over." if kind == "recording.start" else CALL_OVER
    if kind == "recording.start" and call.state in {CallState.WAITING, CallState.SCHEDULED}:
        return "The call is not in progress yet: Vobiz records only calls that are."
    return ""


def _of_recording(kind: str, recording: RecordingRef) -> str:
    if kind == "recording.stop":
        return _of_running(recording)
    if recording.status is Status.DELETED:
        return "This recording is deleted already."
    if recording.status in RUNNING:
        return "This recording is still running: stop it first."
    if recording.status is Status.PROCESSING or not recording.external_id:
        return "Vobiz is still finishing this recording; it can be deleted once it is listed there."
    return ""


def _of_running(recording: RecordingRef) -> str:
    if recording.status not in RUNNING:
        return "This recording has ended already."
    if recording.call and recording.call.state is CallState.ENDED:
        return CALL_OVER
    return "" if recording.call and recording.handle.get("url") else NO_ADDRESS


def _second_recording(subject: SubjectRef | None) -> tuple[str, ...]:
    if not isinstance(subject, CallRef) or not subject.live_recordings:
        return ()
    return ("This call is being recorded already: Vobiz starts another recording beside it and bills both.",)


def _too_long_for_text(options: Options) -> tuple[str, ...]:
    if not wants_transcript(options) or _limit(options) <= LONGEST_TRANSCRIBED:
        return ()
    return ("If the recording grows longer than 4 hours, Vobiz makes no transcript of it.",)


def _limit(options: Options) -> int:
    return int(options.get("time_limit") or USUAL_LIMIT)
