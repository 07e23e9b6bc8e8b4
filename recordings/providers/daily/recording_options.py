"""The options of a recording, by their wire names (contract 2.3).

Left out on purpose: ``instanceId`` is always ours, ``dataOutputs`` is not known to exist in REST.
"""

from dataclasses import replace

from recordings.providers.options import Kind, Option

MAX_DURATION = 10_800  # sent always: the documentation names two defaults (contract 2.3)
RECORDING_TYPES = (
    ("cloud", "Video and sound"),
    ("cloud-audio-only", "Sound only"),
    ("raw-tracks", "One file for each person, into your own bucket"),
)
PRESETS = (
    ("default", "Grid"),
    ("audio-only", "Sound only"),
    ("single-participant", "One person"),
    ("active-participant", "Who is speaking"),
    ("portrait", "Portrait"),
    ("raw-tracks-audio-only", "Raw tracks, sound only"),
    ("custom", "Custom (VCS)"),
)
PICTURE, LENGTH, LAYOUT = "Picture and sound", "Length", "Layout"

_TYPE = Option(
    name="type",
    kind=Kind.CHOICE,
    label="What is recorded",
    help="The room or the domain must allow it (enable_recording). Raw tracks need a bucket of your own.",
    choices=RECORDING_TYPES,
    default="cloud",
    provider_default="cloud",
    is_main=True,
)
_LENGTH_OPTIONS = (
    Option(
        name="maxDuration",
        kind=Kind.INTEGER,
        label="Stop after (seconds)",
        help="The recording ends by itself after this time, whatever happens in the room.",
        default=MAX_DURATION,
        provider_default="3 hours",
        minimum=1,
        group=LENGTH,
        is_main=True,
    ),
    Option(
        name="minIdleTimeOut",
        kind=Kind.INTEGER,
        label="Stop when idle for (seconds)",
        help="Idle means that everybody has camera and microphone off. The end comes 1 to 3 minutes later.",
        provider_default="300",
        minimum=1,
        group=LENGTH,
    ),
)
_PICTURE_OPTIONS = (
    Option(
        name="width",
        kind=Kind.INTEGER,
        label="Width (pixels)",
        help="An even number.",
        minimum=2,
        group=PICTURE,
    ),
    Option(
        name="height",
        kind=Kind.INTEGER,
        label="Height (pixels)",
        help="An even number.",
        minimum=2,
        group=PICTURE,
    ),
    Option(name="fps", kind=Kind.INTEGER, label="Pictures a second", minimum=1, group=PICTURE),
    Option(
        name="videoBitrate",
        kind=Kind.INTEGER,
        label="Video bitrate (kbit/s)",
        provider_default="5000, 3000, 2000 or 1000 for 1080, 720, 480 or 360 lines",
        minimum=10,
        maximum=10_000,
        group=PICTURE,
    ),
    Option(
        name="audioBitrate",
        kind=Kind.INTEGER,
        label="Audio bitrate (kbit/s)",
        minimum=10,
        maximum=320,
        group=PICTURE,
    ),
    Option(
        name="backgroundColor",
        kind=Kind.COLOR,
        label="Background",
        help="#rrggbb, or #aarrggbb with opacity first.",
        pattern="#([0-9a-fA-F]{6}|[0-9a-fA-F]{8})",
        group=PICTURE,
    ),
)
_LAYOUT_OPTIONS = (
    Option(
        name="layout.preset",
        kind=Kind.CHOICE,
        label="Layout",
        choices=PRESETS,
        provider_default="default",
        group=LAYOUT,
        is_main=True,
    ),
    Option(
        name="layout.max_cam_streams",
        kind=Kind.INTEGER,
        label="Most cameras at once",
        help="For the grid and for portrait.",
        provider_default="20",
        minimum=1,
        maximum=20,
        group=LAYOUT,
    ),
    Option(
        name="layout.session_id",
        kind=Kind.TEXT,
        label="Person shown",
        help="The session id of the participant; needed for the layout of one person.",
        max_length=200,
        group=LAYOUT,
    ),
    Option(
        name="layout.variant",
        kind=Kind.CHOICE,
        label="Portrait variant",
        choices=(("vertical", "One below the other"), ("inset", "One inside the other")),
        group=LAYOUT,
    ),
    Option(
        name="layout.composition_id",
        kind=Kind.TEXT,
        label="Composition",
        help="For the custom layout: the id of a composition at Daily.",
        max_length=200,
        group=LAYOUT,
    ),
    Option(
        name="layout.composition_params",
        kind=Kind.OBJECT,
        label="Composition parameters",
        help="For the custom layout: names and values.",
        group=LAYOUT,
    ),
    Option(
        name="layout.session_assets",
        kind=Kind.OBJECT,
        label="Session assets",
        help="For the custom layout: names and addresses of pictures.",
        group=LAYOUT,
    ),
)
START_OPTIONS = (_TYPE, *_LENGTH_OPTIONS, *_PICTURE_OPTIONS, *_LAYOUT_OPTIONS)
# A running one is changed: what is left out stays, so nothing is filled in and its type is not offered.
UPDATE_OPTIONS = tuple(
    replace(option, default=None) for option in (*_LAYOUT_OPTIONS, *_PICTURE_OPTIONS, *_LENGTH_OPTIONS)
)
