"""Orders about rooms and the domain themselves, and their options (contract 2.1)."""

from recordings.providers.daily.api import LISTING, REQUESTS
from recordings.providers.options import Kind, Option
from recordings.providers.orders import Action, Repeat, Subject

CHANGE_ROOM, DELETE_ROOM, CHANGE_DOMAIN = "call.change", "room.delete", "domain.change"
STORAGE = "Storage"


def _bucket(name: str, label: str) -> Option:
    return Option(
        name=name,
        kind=Kind.OBJECT,
        label=label,
        help="A bucket of your own: bucket_name, bucket_region, assume_role_arn, allow_api_access, and for "
        "recordings allow_streaming_from_bucket.",
        group=STORAGE,
        sends_elsewhere=True,
    )


_RECORDING = Option(
    name="enable_recording",
    kind=Kind.CHOICE,
    label="Recording",
    help="What may be recorded. “In the browser” cannot be started from here.",
    choices=(
        ("cloud", "Video and sound"),
        ("cloud-audio-only", "Sound only"),
        ("raw-tracks", "One file for each person, into your own bucket"),
        ("local", "In the browser of a participant"),
    ),
    is_main=True,
)
_STORE = Option(
    name="enable_transcription_storage",
    kind=Kind.BOOLEAN,
    label="Keep live transcripts",
    help="Counts for calls that begin after the change: it brings nothing back.",
    is_main=True,
)
_TEMPLATE = Option(
    name="recordings_template",
    kind=Kind.TEXT,
    label="Names of the files",
    help="Must hold {epoch_time}; {domain_name}, {room_name}, {mtg_session_id} and {instance_id} are filled "
    "in too. With {instance_id} a recording is always known again.",
    pattern=r".*\{epoch_time\}.*",
    max_length=1024,
    group=STORAGE,
)
_AUTOMATIC = Option(
    name="auto_transcription_settings",
    kind=Kind.OBJECT,
    label="Settings of automatic transcripts",
    help="As JSON, in Daily's own words.",
)
_SHARED = (
    _RECORDING,
    _STORE,
    _AUTOMATIC,
    _TEMPLATE,
    _bucket("recordings_bucket", "Bucket of recordings"),
    _bucket("transcription_bucket", "Bucket of live transcripts"),
)
ROOM_OPTIONS = (
    Option(
        name="privacy",
        kind=Kind.CHOICE,
        label="Who may enter",
        choices=(("public", "Whoever has the address"), ("private", "Whoever has a token")),
        is_main=True,
    ),
    *_SHARED,
)
DOMAIN_OPTIONS = (*_SHARED, _bucket("batch_processor_bucket", "Bucket of transcripts of recordings"))

ROOM_ACTIONS = (
    Action(
        kind=CHANGE_ROOM,
        subject=Subject.CALL,
        label="Change the room's settings",
        repeat=Repeat.REPEATABLE,
        right="manage",
        buckets=(REQUESTS,),
        options=ROOM_OPTIONS,
        help="What is left out stays as it is; where a room says nothing the domain's settings hold.",
    ),
    Action(
        kind=DELETE_ROOM,
        subject=Subject.CALL,
        label="Delete the room",
        repeat=Repeat.REPEATABLE,
        right="manage",
        buckets=(LISTING, REQUESTS),
        is_destructive=True,
        help="Deletes the room at Daily.",
        goes="Nobody can enter the room any more. Whether its recordings stay is not documented.",
    ),
    Action(
        kind=CHANGE_DOMAIN,
        subject=Subject.ACCOUNT,
        label="Change the domain's settings",
        repeat=Repeat.REPEATABLE,
        right="administer",
        buckets=(REQUESTS,),
        options=DOMAIN_OPTIONS,
        help="They hold for every room that says nothing else.",
    ),
)
