"""What can be ordered at Twilio, how often and at what pace: tables."""

from recordings.providers.base import TranscriptKind
from recordings.providers.orders import Action, Bucket, Repeat, Subject
from recordings.providers.snapshots import Status
from recordings.providers.twilio.caption_options import CAPTION_OPTIONS
from recordings.providers.twilio.current_actions import CURRENT_ACTIONS
from recordings.providers.twilio.options import PAUSE_OPTIONS, START_OPTIONS, TRANSCRIPT_OPTIONS
from recordings.providers.twilio.service_actions import SERVICE_ACTIONS

START_SECONDS, DAY_SECONDS = 90, 86_400
LEGACY, INTELLIGENCE, CAPTIONS = "legacy", "intelligence", "captions"

# Twilio limits requests that run at once and names no number (contract 1.4, code 20429): few is safe.
API = Bucket(name="api", limit=5, per_seconds=0.0)
INTELLIGENCE_API = Bucket(name="intelligence", limit=5, per_seconds=0.0)
BUCKETS = (API, INTELLIGENCE_API)
_BOTH = (API.name, INTELLIGENCE_API.name)
READ_BUCKETS = {
    "check": _BOTH,
    "evidence": _BOTH,
    "list_calls": (API.name,),
    "list_recordings": (API.name,),
    "list_transcripts": _BOTH,
    "fetch": _BOTH,
    "fetch_text": _BOTH,
    "media": (API.name,),
    "list_endpoints": (INTELLIGENCE_API.name,),
}

# "fast" is the one type of a message's transcription; the others stand in configurations (contract 4.1, 4.4).
ENGINE_LABELS = {
    "fast": "Twilio (fast)",
    "twilio_managed": "Twilio",
    "google": "Google",
    "deepgram": "Deepgram",
}
TRANSCRIPT_KINDS = (
    TranscriptKind(
        name=INTELLIGENCE,
        label="Conversational Intelligence",
        help="Made of a completed recording by an Intelligence Service, in the service's language. "
        "One for each recording.",
    ),
    TranscriptKind(
        name=CAPTIONS,
        label="Live captions",
        help="Words that come while the call goes on. Twilio keeps no copy of them.",
        is_listed=False,
    ),
    TranscriptKind(
        name=LEGACY,
        label="Message transcription",
        help="Made by <Record transcribe> in TwiML of messages between 2 seconds and 2 minutes. "
        "It cannot be ordered here.",
    ),
)

ACTIONS = (
    Action(
        kind="recording.start",
        subject=Subject.CALL,
        label="Start recording",
        repeat=Repeat.ONCE,
        right="control",
        not_after_seconds=START_SECONDS,
        buckets=(API.name,),
        options=START_OPTIONS,
        makes=Subject.RECORDING,
        help="Records a call that is in progress, until it is stopped or the call ends.",
        costs="Twilio charges recording by the minute, and the storage of the file until it is deleted.",
    ),
    Action(
        kind="recording.stop",
        subject=Subject.RECORDING,
        label="Stop recording",
        repeat=Repeat.REPEATABLE,
        right="control",
        lane=0,
        not_after_seconds=None,
        buckets=(API.name,),
        becomes=Status.PROCESSING,
        help="Ends this recording for good; the call and its other recordings go on.",
    ),
    Action(
        kind="recording.pause",
        subject=Subject.RECORDING,
        label="Pause recording",
        repeat=Repeat.ONCE,
        right="control",
        lane=0,
        not_after_seconds=None,
        buckets=(API.name,),
        options=PAUSE_OPTIONS,
        becomes=Status.PAUSED,
        help="Nothing is recorded until it is resumed.",
    ),
    Action(
        kind="recording.resume",
        subject=Subject.RECORDING,
        label="Resume recording",
        repeat=Repeat.ONCE,
        right="control",
        not_after_seconds=START_SECONDS,
        buckets=(API.name,),
        becomes=Status.IN_PROGRESS,
        help="Goes on in the same file.",
    ),
    *CURRENT_ACTIONS,
    Action(
        kind="recording.delete",
        subject=Subject.RECORDING,
        label="Delete recording",
        repeat=Repeat.REPEATABLE,
        right="delete",
        not_after_seconds=DAY_SECONDS,
        buckets=(API.name,),
        becomes=Status.DELETED,
        is_destructive=True,
        help="Deletes the sound at Twilio; what is known about it stays there for 40 days.",
        goes="The sound is gone for good.",
    ),
    Action(
        kind="transcript.order",
        subject=Subject.RECORDING,
        label="Order transcript",
        repeat=Repeat.ONCE,
        right="order",
        not_after_seconds=DAY_SECONDS,
        buckets=(INTELLIGENCE_API.name,),
        options=TRANSCRIPT_OPTIONS,
        makes=Subject.TRANSCRIPT,
        help="Conversational Intelligence transcribes the completed recording. If Twilio holds a transcript "
        "of it already, that one is shown and nothing is ordered.",
        costs="Twilio charges it by the minute of the recording.",
    ),
    Action(
        kind="transcript.delete",
        subject=Subject.TRANSCRIPT,
        label="Delete transcript",
        repeat=Repeat.REPEATABLE,
        right="delete",
        not_after_seconds=DAY_SECONDS,
        buckets=_BOTH,
        becomes=Status.DELETED,
        is_destructive=True,
        help="Deletes the text at Twilio. Live captions are erased here only: Twilio keeps none.",
        goes="The text is gone for good; Twilio may take up to 30 days to purge it from its systems.",
    ),
    Action(
        kind="captions.start",
        subject=Subject.CALL,
        label="Start live captions",
        repeat=Repeat.ONCE,
        right="control",
        not_after_seconds=START_SECONDS,
        buckets=(API.name,),
        options=CAPTION_OPTIONS,
        makes=Subject.TRANSCRIPT,
        help="Shows the words while the call goes on, until they are stopped or the call ends. "
        "No sound is recorded.",
        costs="Twilio charges it by its price list; its answers do not tell how much.",
    ),
    Action(
        kind="captions.stop",
        subject=Subject.TRANSCRIPT,
        label="Stop live captions",
        repeat=Repeat.REPEATABLE,
        right="control",
        lane=0,
        not_after_seconds=None,
        buckets=(API.name,),
        becomes=Status.COMPLETED,
        help="Ends the captions; the call and its recordings go on.",
    ),
    Action(
        kind="endpoint.repair",
        subject=Subject.ACCOUNT,
        label="Point the Intelligence Service here",
        repeat=Repeat.REPEATABLE,
        right="administer",
        not_after_seconds=3_600,
        buckets=(INTELLIGENCE_API.name,),
        help="Sets the webhook address of the account's Intelligence Service to this account's own.",
        goes="A service has one address: the one that stood there before hears nothing any more.",
    ),
    *SERVICE_ACTIONS,
)
KINDS = frozenset(action.kind for action in ACTIONS)
