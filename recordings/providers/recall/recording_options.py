"""The options of a recording, for a bot's own configuration and for starting one (contract, section 2.4)."""

from dataclasses import replace

from recordings.providers.options import Kind, Option

ARTIFACTS = (
    "video_mixed_mp4",
    "participant_events",
    "meeting_metadata",
    "audio_mixed_mp3",
    "audio_mixed_raw",
    "video_separate_mp4",
    "audio_separate_raw",
    "audio_separate_mp3",
    "video_mixed_flv",
    "video_separate_png",
    "video_separate_h264",
)
STREAMING_ENGINES = (
    ("recallai_streaming", "Recall.ai"),
    ("assembly_ai_v3_streaming", "AssemblyAI v3"),
    ("assembly_ai_async_chunked", "AssemblyAI in chunks"),
    ("deepgram_streaming", "Deepgram"),
    ("gladia_v2_streaming", "Gladia"),
    ("rev_streaming", "Rev"),
    ("aws_transcribe_streaming", "AWS Transcribe"),
    ("speechmatics_streaming", "Speechmatics"),
    ("elevenlabs_streaming", "ElevenLabs"),
    ("meeting_captions", "The meeting's own captions"),
)
RECORDED_BY_DEFAULT = frozenset({"video_mixed_mp4", "participant_events", "meeting_metadata"})
DEFAULT_RETENTION_HOURS = 168

_KEPT = "What is recorded"
_STORED = "Keeping"
_PICTURE = "Picture"
_LIVE_TEXT = "Words while the call runs"
_ELSEWHERE = "Live data to other systems"
_LABELS = "Labels"


def _artifact(name: str, label: str, *, is_on: bool = False, help_text: str = "") -> Option:
    return Option(
        name=name,
        kind=Kind.BOOLEAN,
        label=label,
        default=is_on,
        provider_default="on" if is_on else "off",
        help=help_text,
        group=_KEPT,
    )


_OPTIONS: tuple[Option, ...] = (
    Option(
        name="start_recording_on",
        kind=Kind.CHOICE,
        label="Begin when",
        choices=(
            ("participant_join", "someone is in the call"),
            ("call_join", "the bot is in the call"),
            ("participant_speak", "someone speaks"),
        ),
        default="participant_join",
        provider_default="participant_join",
        help="With someone in the call already, recording begins at once.",
        is_main=True,
    ),
    Option(
        name="retention",
        kind=Kind.CHOICE,
        label="Keep at Recall.ai",
        choices=(
            ("forever", "until it is deleted"),
            ("timed", "for some hours"),
            ("none", "nothing at all (zero retention)"),
        ),
        default="forever",
        help="Always sent. Storage is free for 7 days and billed by the hour of media after that. With zero"
        " retention there is nothing to play or to transcribe afterwards.",
        group=_STORED,
        is_main=True,
    ),
    Option(
        name="retention.hours",
        kind=Kind.INTEGER,
        label="Hours to keep",
        minimum=1,
        provider_default=str(DEFAULT_RETENTION_HOURS),
        help="For “for some hours”, counted from the end of the recording; 168 are a week.",
        group=_STORED,
    ),
    _artifact("video_mixed_mp4", "Video (mp4)", is_on=True),
    _artifact("audio_mixed_mp3", "Audio (mp3)"),
    _artifact(
        "participant_events",
        "Who joined, left and spoke",
        is_on=True,
        help_text="Speaker names in transcripts come from it.",
    ),
    _artifact("meeting_metadata", "Data about the meeting", is_on=True),
    _artifact("audio_mixed_raw", "Raw audio"),
    _artifact(
        "video_separate_mp4",
        "A video (mp4) of each participant",
        help_text="Needs the layout “gallery, version 2”.",
    ),
    _artifact("audio_separate_raw", "Raw audio of each participant", help_text="Only on some platforms."),
    _artifact("video_mixed_flv", "Video stream (flv)", help_text="Needed to send video to an RTMP address."),
    _artifact(
        "video_separate_png",
        "Pictures (png) of each participant",
        help_text="Needs the layout “gallery, version 2”.",
    ),
    _artifact("video_separate_h264", "H.264 video of each participant"),
    Option(
        name="video_mixed_layout",
        kind=Kind.CHOICE,
        label="Layout",
        choices=(
            ("speaker_view", "speaker"),
            ("gallery_view", "gallery"),
            ("gallery_view_v2", "gallery, version 2"),
            ("audio_only", "audio only"),
        ),
        default="speaker_view",
        provider_default="speaker_view",
        group=_PICTURE,
    ),
    Option(
        name="video_mixed_participant_video_when_screenshare",
        kind=Kind.CHOICE,
        label="Participants while a screen is shared",
        choices=(("overlap", "over the screen"), ("beside", "beside it"), ("hide", "hidden")),
        default="overlap",
        provider_default="overlap",
        group=_PICTURE,
    ),
    Option(
        name="include_bot_in_recording.audio",
        kind=Kind.BOOLEAN,
        label="Record the bot's own sound",
        default=False,
        provider_default="off",
        group=_PICTURE,
    ),
    Option(
        name="transcript.provider",
        kind=Kind.CHOICE,
        label="Transcribe live with",
        choices=STREAMING_ENGINES,
        help="Every engine but Recall.ai's own and the meeting's captions needs its credentials in"
        " Recall.ai's dashboard of this region. A finished recording can be transcribed as well.",
        group=_LIVE_TEXT,
    ),
    Option(
        name="transcript.provider_options",
        kind=Kind.OBJECT,
        label="Options of that engine",
        help="A JSON object in the engine's own words.",
        group=_LIVE_TEXT,
    ),
    Option(
        name="transcript.diarization.use_separate_streams_when_available",
        kind=Kind.BOOLEAN,
        label="Listen to each participant apart",
        provider_default="off",
        help="Where the platform gives separate streams.",
        group=_LIVE_TEXT,
    ),
    Option(
        name="transcript.metadata",
        kind=Kind.OBJECT,
        label="Labels of the live transcript",
        help="Names and texts, such as {“project”: “42”}.",
        group=_LIVE_TEXT,
    ),
    Option(
        name="realtime_endpoints.url",
        kind=Kind.URL,
        label="Live words to Tapedeck",
        help="Filled in when a live engine is chosen: the words then show while they are spoken.",
        group=_LIVE_TEXT,
        is_ours=True,
        needs_callback=True,
    ),
    Option(
        name="realtime_endpoints",
        kind=Kind.LIST,
        label="Addresses that get live data",
        help="A JSON list of objects with type (webhook, websocket or rtmp), url, events and metadata. What"
        " is said in the call goes there.",
        group=_ELSEWHERE,
        sends_elsewhere=True,
    ),
    Option(
        name="metadata",
        kind=Kind.OBJECT,
        label="Labels",
        help="Names and texts that Recall.ai keeps with the recording, such as {“project”: “42”}.",
        group=_LABELS,
    ),
    Option(
        name="artifacts.metadata",
        kind=Kind.OBJECT,
        label="Labels of single files",
        help="By the name of the file, such as {“audio_mixed_mp3”: {“project”: “42”}}; it must be recorded.",
        group=_LABELS,
    ),
)
# Section 2.4: accepted in a bot's configuration, not listed for start_recording.
_BOT_ONLY = _artifact(
    "audio_separate_mp3", "Audio (mp3) of each participant", help_text="Only on some platforms."
)


def start_options() -> tuple[Option, ...]:
    """The options of ``start_recording``: none of them is taken over from the bot."""
    return _OPTIONS


def bot_options() -> tuple[Option, ...]:
    """The same as ``recording_config.…`` of a new bot, where recording may also wait for a click."""
    return tuple(_for_bot(option) for option in (*_OPTIONS, _BOT_ONLY))


def _for_bot(option: Option) -> Option:
    named = replace(option, name=f"recording_config.{option.name}")
    if option.name != "start_recording_on":
        return named
    return replace(
        named,
        choices=(("manual", "an operator clicks"), *option.choices),
        default="manual",
        help="“An operator clicks”: the bot joins and waits for “Start recording”.",
    )
