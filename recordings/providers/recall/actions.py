"""What can be ordered of Recall.ai, and its limits (contract, sections 1.5, 2.1, 3.1, 4.5)."""

from recordings.providers.options import Kind, Option
from recordings.providers.orders import Action, Bucket, Repeat, Scope, Subject
from recordings.providers.recall.bot_options import CHANGE_OPTIONS, SEND_OPTIONS
from recordings.providers.recall.order_options import ORDER_OPTIONS
from recordings.providers.recall.recording_options import start_options
from recordings.providers.snapshots import Status

DAY = 86_400

# Base limits of section 1.5; a workspace can have others. Those of one class share a bucket: whether
# Recall.ai counts them apart is not documented, and this is the careful reading.
BUCKETS = (
    Bucket(name="list", limit=60, per_seconds=60),
    Bucket(name="retrieve", limit=300, per_seconds=60),  # PATCH and DELETE too
    Bucket(name="command", limit=300, per_seconds=60),
    Bucket(name="create_bot", limit=60, per_seconds=60),
    Bucket(name="create_transcript", limit=5, per_seconds=60, scope=Scope.CALL),  # 5 a bot
    Bucket(name="usage", limit=5, per_seconds=60),
)

_BOT_TIME = (
    "Recall.ai bills the bot's time to the second, from joining to shutting down, waiting room included."
)
_STORAGE = "Media are stored free for 7 days and billed by the hour after that."

_LABELS = Option(
    name="metadata",
    kind=Kind.OBJECT,
    label="Labels",
    help="Names and texts, added to those that are there; null takes one away.",
    is_required=True,
    is_main=True,
)

_MESSAGE_OPTIONS = (
    Option(
        name="message",
        kind=Kind.LONG_TEXT,
        label="Message",
        help="Shown in the meeting's chat under the bot's name. Google Meet takes 500 characters.",
        max_length=4096,
        is_required=True,
        is_main=True,
    ),
    Option(
        name="to",
        kind=Kind.TEXT,
        label="To",
        help="“everyone”. Zoom also takes “host”, “everyone_except_host” or the number of a participant.",
        default="everyone",
        provider_default="everyone",
        max_length=100,
    ),
)

_CALL_ACTIONS = (
    Action(
        kind="call.send",
        subject=Subject.ACCOUNT,
        label="Send a bot",
        repeat=Repeat.KEYED,
        right="control",
        buckets=("create_bot",),
        options=SEND_OPTIONS,
        makes=Subject.CALL,
        help="Sends a bot into a meeting, now or at a time. It shows as a participant.",
        costs=_BOT_TIME,
    ),
    Action(
        kind="call.change",
        subject=Subject.CALL,
        label="Change the scheduled bot",
        repeat=Repeat.KEYED,
        right="control",
        buckets=("retrieve",),
        options=CHANGE_OPTIONS,
        help="Changes a bot that has not been sent yet.",
    ),
    Action(
        kind="call.cancel",
        subject=Subject.CALL,
        label="Cancel the scheduled bot",
        repeat=Repeat.REPEATABLE,
        right="control",
        not_after_seconds=None,
        buckets=("retrieve",),
        is_destructive=True,
        help="Takes back a bot that has not been sent yet.",
        goes="The bot will not join. Nothing was recorded by it yet.",
    ),
    Action(
        kind="call.leave",
        subject=Subject.CALL,
        label="Make the bot leave",
        repeat=Repeat.REPEATABLE,
        right="control",
        lane=0,
        not_after_seconds=None,
        buckets=("command",),
        help="The bot leaves the meeting; a recording under way is finished and kept.",
        goes="The bot cannot come back: another one has to be sent.",
    ),
    Action(
        kind="call.request_permission",
        subject=Subject.CALL,
        label="Ask the host for permission",
        repeat=Repeat.KEYED,
        right="control",
        buckets=("command",),
        help="Zoom only: the host is asked once more to allow the recording.",
    ),
    Action(
        kind="call.message",
        subject=Subject.CALL,
        label="Write into the chat",
        repeat=Repeat.KEYED,
        right="control",
        buckets=("command",),
        options=_MESSAGE_OPTIONS,
        help="The bot writes a message into the meeting's chat, such as a notice that it records.",
    ),
    Action(
        kind="call.delete_media",
        subject=Subject.CALL,
        label="Delete all media of the bot",
        repeat=Repeat.REPEATABLE,
        right="manage",
        not_after_seconds=DAY,
        buckets=("command",),
        is_destructive=True,
        help="Deletes the media of every recording that this bot made.",
        goes="All recordings of this bot and their transcripts at Recall.ai are gone for good.",
    ),
)
_RECORDING_ACTIONS = (
    Action(
        kind="recording.start",
        subject=Subject.CALL,
        label="Start recording",
        repeat=Repeat.KEYED,
        right="control",
        buckets=("command",),
        options=start_options(),
        makes=Subject.RECORDING,
        overwrites_live=True,
        help="The bot records from now on with exactly these options; those it was sent with do not count.",
        costs=_STORAGE,
        goes="If the bot is recording already, Recall.ai starts over and what was recorded so far is lost.",
    ),
    Action(
        kind="recording.stop",
        subject=Subject.RECORDING,
        label="Stop recording",
        repeat=Repeat.KEYED,
        right="control",
        lane=0,
        not_after_seconds=None,
        buckets=("command",),
        becomes=Status.PROCESSING,
        help="Ends the recording; the bot stays in the call.",
    ),
    Action(
        kind="recording.pause",
        subject=Subject.RECORDING,
        label="Pause",
        repeat=Repeat.KEYED,
        right="control",
        lane=0,
        not_after_seconds=None,
        buckets=("command",),
        becomes=Status.PAUSED,
        help="The recording goes on as a silent black stretch until it is resumed.",
    ),
    Action(
        kind="recording.resume",
        subject=Subject.RECORDING,
        label="Resume",
        repeat=Repeat.KEYED,
        right="control",
        buckets=("command",),
        becomes=Status.IN_PROGRESS,
        help="Sound and picture are recorded again.",
    ),
    Action(
        kind="recording.update",
        subject=Subject.RECORDING,
        label="Change labels",
        repeat=Repeat.KEYED,
        right="control",
        buckets=("retrieve",),
        options=(_LABELS,),
        help="Changes the labels that Recall.ai keeps with the recording.",
    ),
    Action(
        kind="recording.delete",
        subject=Subject.RECORDING,
        label="Delete the recording",
        repeat=Repeat.REPEATABLE,
        right="delete",
        not_after_seconds=DAY,
        buckets=("retrieve",),
        becomes=Status.DELETED,
        is_destructive=True,
        goes="The recording's media and transcripts at Recall.ai are gone for good.",
    ),
)
_TRANSCRIPT_ACTIONS = (
    Action(
        kind="transcript.order",
        subject=Subject.RECORDING,
        label="Transcribe",
        repeat=Repeat.KEYED,
        right="order",
        not_after_seconds=DAY,
        buckets=("create_transcript",),
        options=ORDER_OPTIONS,
        makes=Subject.TRANSCRIPT,
        help="Transcribes the finished recording. Each order makes another transcript.",
        costs="Recall.ai bills its own transcription by the recorded hour, each time again; other engines"
        " bill their own customers directly.",
    ),
    Action(
        kind="transcript.update",
        subject=Subject.TRANSCRIPT,
        label="Change labels",
        repeat=Repeat.KEYED,
        right="order",
        buckets=("retrieve",),
        options=(_LABELS,),
        help="Changes the labels that Recall.ai keeps with the transcript.",
    ),
    Action(
        kind="transcript.delete",
        subject=Subject.TRANSCRIPT,
        label="Delete the transcript",
        repeat=Repeat.REPEATABLE,
        right="delete",
        not_after_seconds=DAY,
        buckets=("retrieve",),
        becomes=Status.DELETED,
        is_destructive=True,
        goes="The transcript at Recall.ai is gone for good; what it cost is not given back.",
    ),
)
ACTIONS = (*_CALL_ACTIONS, *_RECORDING_ACTIONS, *_TRANSCRIPT_ACTIONS)
