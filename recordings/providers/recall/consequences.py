"""What Recall.ai would do that an operator may not expect, said before the click."""

from collections.abc import Callable, Mapping

from recordings.providers.options import Options
from recordings.providers.orders import CallRef, RecordingRef, SubjectRef, TranscriptRef
from recordings.providers.recall.engines import LABELS, OWN_ENGINE
from recordings.providers.recall.reading import text
from recordings.providers.snapshots import Status


def consequence(kind: str, subject: SubjectRef | None, options: Options) -> str:
    """What the operator may not expect, before the click; "" nothing."""
    maker = _CONSEQUENCES.get(kind)
    return " ".join(maker(subject, options)) if maker else ""


def _of_start(subject: SubjectRef | None, options: Options) -> list[str]:
    found = []
    if isinstance(subject, CallRef) and subject.live_recordings:
        found.append("The bot is recording already: Recall.ai starts over and what was recorded is lost.")
    if isinstance(subject, CallRef) and subject.provider_status == "recording_permission_denied":
        found.append("The host denied recording: unless that changes, it will be denied again.")
    return found + _of_keeping(options, "")


def _of_keeping(options: Options, prefix: str) -> list[str]:
    kept = options.get(f"{prefix}retention")
    if kept == "none":
        return ["Nothing is stored: there will be nothing to play, to fetch or to transcribe."]
    if kept == "timed":
        hours = options.get(f"{prefix}retention.hours", 168)
        return [f"Recall.ai deletes the recording {hours} hours after it is finished."]
    return []


def _of_send(subject: SubjectRef | None, options: Options) -> list[str]:
    found = []
    if options.get("recording_config.start_recording_on", "manual") == "manual":
        seconds = options.get("automatic_leave.in_call_not_recording_timeout", 3600)
        found.append(
            f"The bot joins without recording and leaves after {seconds} seconds unless recording is started."
        )
    return found + _of_keeping(options, "recording_config.")


def _of_leave(subject: SubjectRef | None, options: Options) -> list[str]:
    if isinstance(subject, CallRef) and subject.live_recordings:
        return ["The recording under way ends now and is kept. The bot cannot come back."]
    return ["The bot cannot come back: another one has to be sent."]


def _of_stop(subject: SubjectRef | None, options: Options) -> list[str]:
    return ["The bot stays in the call; without a recording it leaves by itself after an hour, or as set."]


def _of_pause(subject: SubjectRef | None, options: Options) -> list[str]:
    return ["The pause shows as silence and a black picture in the recording. Live words halt too."]


def _of_order(subject: SubjectRef | None, options: Options) -> list[str]:
    engine = text(options.get("provider"))
    found = []
    if isinstance(subject, RecordingRef) and subject.transcripts_completed:
        found.append(f"This recording has {subject.transcripts_completed} of 10 transcripts already.")
    if engine and engine != OWN_ENGINE:
        found.append(
            f"{LABELS.get(engine, engine)} bills its own customers; its credentials must be in Recall.ai."
        )
    if any(options.get(name) for name in _BY_VOICE if name.startswith(f"{engine}.")):
        found.append("Speakers get labels such as A or 0 instead of their names.")
    if options.get("diarization.use_separate_streams_when_available"):
        found.append("Each participant's own stream is billed: about 1.8 times as much.")
    return found


def _of_message(subject: SubjectRef | None, options: Options) -> list[str]:
    return ["People in the meeting read it at once, and it cannot be taken back."]


def _of_delete_transcript(subject: SubjectRef | None, options: Options) -> list[str]:
    if isinstance(subject, TranscriptRef) and subject.status is Status.PROCESSING:
        return ["It is still being made: Recall.ai does not say whether it is charged all the same."]
    return []


_BY_VOICE = ("assembly_ai_async.speaker_labels", "deepgram_async.diarize", "gladia_v2_async.diarization")
_CONSEQUENCES: Mapping[str, Callable[[SubjectRef | None, Options], list[str]]] = {
    "call.send": _of_send,
    "call.leave": _of_leave,
    "call.message": _of_message,
    "recording.start": _of_start,
    "recording.stop": _of_stop,
    "recording.pause": _of_pause,
    "transcript.order": _of_order,
    "transcript.delete": _of_delete_transcript,
}
