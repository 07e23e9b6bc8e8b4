"""What can be ordered at Vobiz, how often and at what pace: tables."""

from recordings.providers.orders import Action, Bucket, Repeat, Subject
from recordings.providers.snapshots import Status
from recordings.providers.vobiz.options import START_OPTIONS

DAY_SECONDS = 86_400

# No limit of requests is documented (contract 1.3): three a second of an account is what "gentle" means here.
REQUESTS = Bucket(name="requests", limit=3, per_seconds=1.0)

NO_TRANSCRIPT_API = (
    "Vobiz makes a transcript only if it was asked for when the recording was started: "
    "it has no way to order one of a recording that exists."
)
DELETED_HERE_ONLY = (
    "Vobiz has no way to delete a transcript: only the copy here is erased. Whether Vobiz keeps one is "
    "not known; deleting the recording is the nearest thing."
)

ACTIONS = (
    Action(
        kind="recording.start",
        subject=Subject.CALL,
        label="Start recording",
        repeat=Repeat.ONCE,
        right="control",
        not_after_seconds=90,
        buckets=(REQUESTS.name,),
        options=START_OPTIONS,
        makes=Subject.RECORDING,
        help="Records a call that is in progress. A transcript must be asked for here.",
        costs="Vobiz bills each recording in whole minutes, rounded up, and a transcript on top.",
    ),
    Action(
        kind="recording.stop",
        subject=Subject.RECORDING,
        label="Stop recording",
        repeat=Repeat.REPEATABLE,
        right="control",
        lane=0,
        not_after_seconds=None,
        buckets=(REQUESTS.name,),
        becomes=Status.PROCESSING,
        help="Stops this recording; the call and its other recordings go on.",
    ),
    Action(
        kind="recording.stop_all",
        subject=Subject.CALL,
        label="Stop all recordings",
        # Repeated it may end a recording begun since, and once only it might leave people recorded
        # against somebody's word, with no second order while the first is in doubt: the lesser harm.
        repeat=Repeat.REPEATABLE,
        right="control",
        lane=0,
        not_after_seconds=None,
        buckets=(REQUESTS.name,),
        help="Stops every recording of this call, whoever started it. The call goes on.",
    ),
    Action(
        kind="recording.delete",
        subject=Subject.RECORDING,
        label="Delete recording",
        repeat=Repeat.REPEATABLE,
        right="delete",
        not_after_seconds=DAY_SECONDS,
        buckets=(REQUESTS.name,),
        becomes=Status.DELETED,
        is_destructive=True,
        help="Deletes the recording at Vobiz.",
        goes="The file, its address and its data at Vobiz are gone for good.",
    ),
    Action(
        kind="transcript.delete",
        subject=Subject.TRANSCRIPT,
        label="Delete transcript",
        repeat=Repeat.REPEATABLE,
        right="delete",
        not_after_seconds=DAY_SECONDS,
        becomes=Status.DELETED,
        is_destructive=True,
        help="Erases the text that Vobiz sent.",
        goes="The text is gone for good: Vobiz sends it once and it cannot be read again.",
        local_note=DELETED_HERE_ONLY,
    ),
)
KINDS = frozenset(action.kind for action in ACTIONS)
# Whoever looks for it finds the reason in its place (contract 4.3).
MISSING = (
    Action(
        kind="transcript.order",
        subject=Subject.RECORDING,
        label="Order transcript",
        repeat=Repeat.ONCE,
        right="order",
        makes=Subject.TRANSCRIPT,
    ),
)
READS = ("check", "evidence", "list_calls", "list_recordings", "fetch", "media")
READ_BUCKETS = dict.fromkeys(READS, (REQUESTS.name,))
