"""Which buttons can work at Twilio now, and what an operator may not expect: sentences, no calls."""

from collections.abc import Mapping

from recordings.providers.options import Options
from recordings.providers.orders import CallRef, RecordingRef, SubjectRef, TranscriptRef
from recordings.providers.scrub import grants_access
from recordings.providers.snapshots import CallState, Status
from recordings.providers.twilio.actions import CAPTIONS, INTELLIGENCE, KINDS
from recordings.providers.twilio.current_actions import CURRENT_KINDS, STOP

NOT_OFFERED: Mapping[str, str] = {
    "recording.stop_all": "Twilio stops one recording at a time: stop each of them.",
    "recording.update": "Twilio changes nothing of a recording but to stop, pause or resume it.",
    "captions.update": "Twilio cannot change captions while they run: stop them and start new ones.",
    "call.send": "Twilio has no bot to send: a phone call is recorded as it is.",
}
NOT_KNOWN = "Twilio offers no such order."
NO_SERVICE = (
    "No Intelligence Service is set on this account: "
    "an administrator enters its SID (GA…) in the account's form."
)
CALL_OVER = "The call is over."
OVER_WITH_RECORDINGS = "The call is over, and its recordings with it."
NOT_ANSWERED = "The call is not answered yet: Twilio can do this only while the call is in progress."
CONFERENCE_START = (
    "Twilio cannot start this for a conference: start it for the call of one of its participants."
)
CONFERENCE_STOP = (
    "Twilio cannot stop the recording of a conference: it ends with the conference. Pause it instead."
)
NO_PARENT = (
    "Twilio acts on a recording through its call, and Tapedeck does not know the call of this one yet."
)
KNOWN_HERE = "The recording that runs on this call is shown here: use its own buttons."
# Twilio.CURRENT would do without an id, but it means whichever recording runs, also somebody else's.
NO_ID = "Twilio has given no id for this recording yet: this works as soon as it has."
ONE_OF_EACH = (
    "Twilio keeps one transcript of a recording: if it holds one, that one is shown and nothing is ordered. "
    "Delete it first to have the recording transcribed again."
)
OUTSIDE = "This recording lies in storage outside Twilio: give the address of its sound."
SIGNED_LINK = (
    "This address opens by itself: it would be stored here with the order. Give one without a signature."
)
SHORTEST_SECONDS, LONGEST_SECONDS = 2, 8 * 3600
RUNNING = frozenset({Status.IN_PROGRESS, Status.PAUSED})
_NOT_LIVE: Mapping[CallState | None, str] = {
    CallState.ENDED: OVER_WITH_RECORDINGS,
    CallState.WAITING: NOT_ANSWERED,
    CallState.SCHEDULED: NOT_ANSWERED,
}
MAY_RUN = frozenset({Status.REQUESTED, Status.PROCESSING})


def unavailable(kind: str, subject: SubjectRef | None, config: Mapping[str, str]) -> str:
    if kind not in KINDS:
        return NOT_OFFERED.get(kind, NOT_KNOWN)
    if kind in {"transcript.order", "endpoint.repair"} and not config.get("intelligence_service_sid"):
        return NO_SERVICE
    if isinstance(subject, CallRef):
        return _of_current(kind, subject) if kind in CURRENT_KINDS else _of_call(subject)
    if isinstance(subject, RecordingRef):
        return _of_recording(kind, subject)
    return _of_transcript(kind, subject) if isinstance(subject, TranscriptRef) else ""


def consequence(kind: str, subject: SubjectRef | None) -> str:
    if isinstance(subject, CallRef):
        return " ".join(_about_start(kind, subject))
    if isinstance(subject, RecordingRef):
        return " ".join(_about_recording(kind, subject))
    return _about_transcript(kind, subject) if isinstance(subject, TranscriptRef) else ""


def check_options(kind: str, options: Options) -> dict[str, str]:
    """Rules between the fields of one order."""
    if kind == "transcript.order" and grants_access(str(options.get("media_url") or "")):
        return {"media_url": SIGNED_LINK}
    if kind != "captions.start":
        return {}
    unheard = {"InboundTrackLabel": "outbound_track", "OutboundTrackLabel": "inbound_track"}
    return {
        label: "This side is not listened to: choose both sides, or leave its name empty."
        for label, track in unheard.items()
        if options.get(label) and options.get("Track") == track
    }


def _of_call(call: CallRef) -> str:
    if call.external_id.startswith("CF"):
        return CONFERENCE_START
    if call.state is CallState.ENDED:
        return CALL_OVER
    return NOT_ANSWERED if call.state in {CallState.WAITING, CallState.SCHEDULED} else ""


def _of_current(kind: str, call: CallRef) -> str:
    if kind == STOP and call.external_id.startswith("CF"):
        return CONFERENCE_STOP
    if call.state in _NOT_LIVE:
        return _NOT_LIVE[call.state]
    return KNOWN_HERE if call.live_recordings else ""


def _of_recording(kind: str, recording: RecordingRef) -> str:
    if recording.status is Status.DELETED:
        return "This recording is deleted already."
    if kind == "recording.delete":
        return _of_delete(recording)
    if kind == "transcript.order":
        return _of_order(recording)
    return _of_update(kind, recording)


def _of_update(kind: str, recording: RecordingRef) -> str:
    if recording.status not in RUNNING | MAY_RUN:
        return "This recording has ended already."
    if recording.call is not None and recording.call.state is CallState.ENDED:
        return OVER_WITH_RECORDINGS
    if not (recording.call or recording.handle.get("call_sid") or recording.handle.get("conference_sid")):
        return NO_PARENT
    if kind == "recording.stop" and _is_of_conference(recording):
        return CONFERENCE_STOP
    return _of_wish(kind, recording.status) or ("" if recording.external_id else NO_ID)


def _of_wish(kind: str, status: Status) -> str:
    if kind == "recording.pause" and status is Status.PAUSED:
        return "This recording is paused already."
    is_running = status is Status.IN_PROGRESS
    return "This recording is not paused." if kind == "recording.resume" and is_running else ""


def _of_delete(recording: RecordingRef) -> str:
    if recording.status is Status.FAILED:
        return "Twilio kept nothing of this recording: there is nothing to delete."
    if recording.status in RUNNING:
        return "This recording is still running: stop it first."
    if recording.status is not Status.COMPLETED:
        return "Twilio deletes completed recordings only: wait until this one is."
    return ""


def _of_order(recording: RecordingRef) -> str:
    if recording.status is Status.FAILED:
        return "Twilio kept nothing of this recording: there is nothing to transcribe."
    if recording.status is not Status.COMPLETED:
        return "Twilio transcribes completed recordings only: wait until this one is."
    if recording.handle.get("is_encrypted"):
        return "Twilio does not transcribe encrypted recordings."
    seconds = recording.duration_seconds
    if seconds is not None and not SHORTEST_SECONDS <= seconds <= LONGEST_SECONDS:
        return "Twilio transcribes recordings between 2 seconds and 8 hours only."
    return ""


def _of_transcript(kind: str, transcript: TranscriptRef) -> str:
    if transcript.status is Status.DELETED:
        return "This transcript is deleted already."
    is_running = transcript.status in {Status.REQUESTED, Status.IN_PROGRESS}
    if kind == "captions.stop":
        return _of_captions(transcript, is_running=is_running)
    if transcript.kind == CAPTIONS and is_running:
        return "These captions are still running: stop them first."
    if not transcript.external_id:
        return "Twilio has given no id for this transcript yet: it cannot be named there."
    return ""


def _of_captions(transcript: TranscriptRef, *, is_running: bool) -> str:
    if transcript.kind != CAPTIONS:
        return "Only live captions can be stopped."
    if transcript.call is not None and transcript.call.state is CallState.ENDED:
        return "The call is over, and the captions with it."
    return "" if is_running else "These captions have ended already."


def _about_start(kind: str, call: CallRef) -> tuple[str, ...]:
    found = []
    if kind == "recording.start" and call.live_recordings:
        found.append(
            "This call is being recorded already. Twilio has been seen to answer a second start "
            "with the recording "
            "that runs, keeping its options; if it starts another one, both are charged."
        )
    if call.flags.get("parent_call_sid"):
        found.append("This is one leg of a bridged call: Twilio keeps the recording under the other leg.")
    return tuple(found)


def _about_recording(kind: str, recording: RecordingRef) -> tuple[str, ...]:
    if kind == "recording.delete":
        return _about_delete(recording)
    if kind == "transcript.order":
        outside = (OUTSIDE,) if recording.handle.get("is_external") else ()
        return (*outside, *((ONE_OF_EACH,) if recording.transcripts_completed else ()))
    return _about_update(kind, recording)


def _about_update(kind: str, recording: RecordingRef) -> tuple[str, ...]:
    found = []
    if recording.status is Status.PROCESSING:
        found.append(
            "Twilio says of this recording only that it is being processed: it may have ended already."
        )
    if kind == "recording.stop":
        found.append("A stopped recording cannot go on: a new start makes another one.")
    return tuple(found)


def _about_delete(recording: RecordingRef) -> tuple[str, ...]:
    found = []
    if recording.transcripts_open:
        found.append("A transcript of it is still being made and will fail: wait for it, or lose it.")
    if recording.transcripts_completed:
        found.append("Its transcripts may stay at Twilio: delete each of them by itself.")
    return tuple(found)


def _about_transcript(kind: str, transcript: TranscriptRef) -> str:
    if kind != "transcript.delete":
        return ""
    if transcript.kind == CAPTIONS:
        return (
            "Twilio keeps no captions: only the text here is erased. A transcript that an "
            "Intelligence Service "
            "made of the call is another one."
        )
    if transcript.kind == INTELLIGENCE and transcript.status in {Status.REQUESTED, Status.PROCESSING}:
        return (
            "Twilio is still making this transcript; whether it can be deleted before its end is not known."
        )
    return ""


def _is_of_conference(recording: RecordingRef) -> bool:
    by_call = recording.call is not None and recording.call.external_id.startswith("CF")
    return by_call or bool(recording.handle.get("conference_sid"))
