"""What can be ordered of Daily, and its limits (contract 1, 2.3, 2.4, 3, 4, 5.1)."""

from recordings.providers.daily.api import LISTING, REQUESTS, STARTS
from recordings.providers.daily.recording_options import START_OPTIONS, UPDATE_OPTIONS
from recordings.providers.daily.room_actions import ROOM_ACTIONS
from recordings.providers.daily.text_options import (
    CAPTIONS_OPTIONS,
    CAPTIONS_UPDATE_OPTIONS,
    CREATE_ENDPOINT_OPTIONS,
    DELETE_ENDPOINT_OPTIONS,
    ORDER_OPTIONS,
    REPAIR_ENDPOINT_OPTIONS,
)
from recordings.providers.orders import Action, Bucket, Repeat, Subject
from recordings.providers.snapshots import Status

DAY_SECONDS = 86_400
BUCKETS = (
    Bucket(name=REQUESTS, limit=100, per_seconds=5),
    # Daily's own is 50 in 30 seconds; a quarter of it is left to whatever looks by itself (design 4).
    Bucket(name=LISTING, limit=12, per_seconds=30),
    Bucket(name=STARTS, limit=5, per_seconds=5),
)
READ_BUCKETS = {
    "check": (REQUESTS,),
    "evidence": (REQUESTS, LISTING),
    "list_calls": (REQUESTS,),
    "list_recordings": (REQUESTS, LISTING),
    "list_transcripts": (REQUESTS,),
    "list_endpoints": (REQUESTS,),
    "fetch": (REQUESTS,),
    "fetch_text": (REQUESTS,),
    "media": (REQUESTS,),
}

_RECORDING_ACTIONS = (
    Action(
        kind="recording.start",
        subject=Subject.CALL,
        label="Start recording",
        repeat=Repeat.ONCE,
        right="control",
        buckets=(STARTS, REQUESTS),
        options=START_OPTIONS,
        makes=Subject.RECORDING,
        help="Daily is told to record the room. It answers only that the command was sent: the recording "
        "shows a few seconds later.",
        costs="Daily charges for each recorded minute and for storage; the account needs a card for it.",
    ),
    Action(
        kind="recording.update",
        subject=Subject.RECORDING,
        label="Change layout",
        repeat=Repeat.ONCE,
        right="control",
        buckets=(REQUESTS,),
        options=UPDATE_OPTIONS,
        help="Changes the recording while it runs. Daily does not tell afterwards which layout is in use.",
    ),
    Action(
        kind="recording.stop",
        subject=Subject.RECORDING,
        label="Stop recording",
        repeat=Repeat.REPEATABLE,
        right="control",
        lane=0,
        not_after_seconds=None,
        buckets=(REQUESTS,),
        becomes=Status.PROCESSING,
        help="Stops this recording; the call and its other recordings go on.",
    ),
    Action(
        kind="recording.delete",
        subject=Subject.RECORDING,
        label="Delete recording",
        repeat=Repeat.REPEATABLE,
        right="delete",
        not_after_seconds=DAY_SECONDS,
        buckets=(REQUESTS,),
        becomes=Status.DELETED,
        is_destructive=True,
        help="Deletes the recording at Daily. Its transcripts there stay.",
        goes="The recording at Daily is gone for good. A file in a bucket of your own stays there.",
    ),
)
_TRANSCRIPT_ACTIONS = (
    Action(
        kind="transcript.order",
        subject=Subject.RECORDING,
        label="Order transcript",
        repeat=Repeat.ONCE,
        right="order",
        not_after_seconds=DAY_SECONDS,
        buckets=(REQUESTS,),
        options=ORDER_OPTIONS,
        makes=Subject.TRANSCRIPT,
        help="Daily transcribes or summarises the finished recording. Speakers are numbered, not named.",
        costs="Daily charges for each recorded minute, by the model, each time again.",
    ),
    Action(
        kind="transcript.delete",
        subject=Subject.TRANSCRIPT,
        label="Delete transcript",
        repeat=Repeat.REPEATABLE,
        right="delete",
        not_after_seconds=DAY_SECONDS,
        buckets=(REQUESTS,),
        becomes=Status.DELETED,
        is_destructive=True,
        help="Deletes the transcript at Daily; the recording stays.",
        goes="The text at Daily is gone for good; what it cost is not given back. Files in a bucket of your "
        "own stay there.",
    ),
    Action(
        kind="captions.start",
        subject=Subject.CALL,
        label="Start live transcript",
        repeat=Repeat.ONCE,
        right="order",
        buckets=(REQUESTS,),
        options=CAPTIONS_OPTIONS,
        makes=Subject.TRANSCRIPT,
        help="Transcribes what is said from now on, with the names of the participants. The text can be "
        "read afterwards only if the room or the domain stores transcripts.",
        costs="Daily charges for each minute of each participant whose microphone is on, by the model.",
    ),
    Action(
        kind="captions.update",
        subject=Subject.TRANSCRIPT,
        label="Change who is transcribed",
        repeat=Repeat.ONCE,
        right="order",
        buckets=(REQUESTS,),
        options=CAPTIONS_UPDATE_OPTIONS,
        help="From now on only these participants are transcribed.",
    ),
    Action(
        kind="captions.stop",
        subject=Subject.TRANSCRIPT,
        label="Stop live transcript",
        repeat=Repeat.REPEATABLE,
        right="order",
        lane=0,
        not_after_seconds=None,
        buckets=(REQUESTS,),
        becomes=Status.PROCESSING,
        help="Ends the live transcript; the call goes on.",
    ),
)
_ENDPOINT_ACTIONS = (
    Action(
        kind="endpoint.create",
        subject=Subject.ACCOUNT,
        label="Create webhook",
        repeat=Repeat.ONCE,
        right="administer",
        buckets=(REQUESTS,),
        options=CREATE_ENDPOINT_OPTIONS,
        help="Tells Daily to post events of all rooms to Tapedeck, signed with this account's secret. One "
        "that leads here already is updated instead.",
    ),
    Action(
        kind="endpoint.repair",
        subject=Subject.ACCOUNT,
        label="Test and repair webhook",
        repeat=Repeat.REPEATABLE,
        right="administer",
        buckets=(REQUESTS,),
        options=REPAIR_ENDPOINT_OPTIONS,
        help="Sets address, events and secret again, posts a test event and wakes a webhook that Daily gave "
        "up. What happened meanwhile is not sent again: the sweeps find it.",
    ),
    Action(
        kind="endpoint.delete",
        subject=Subject.ACCOUNT,
        label="Delete webhook",
        repeat=Repeat.REPEATABLE,
        right="administer",
        not_after_seconds=DAY_SECONDS,
        buckets=(REQUESTS,),
        options=DELETE_ENDPOINT_OPTIONS,
        is_destructive=True,
        help="Daily stops posting to this address.",
        goes="Events are no longer pushed: everything shows later, by looks alone.",
    ),
)
ACTIONS = (*_RECORDING_ACTIONS, *_TRANSCRIPT_ACTIONS, *ROOM_ACTIONS, *_ENDPOINT_ACTIONS)
