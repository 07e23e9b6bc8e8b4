"""What each endpoint takes: required fields, allowed values, nothing unknown."""

from typing import Any

from tests.simulators.recall.checks import (
    Rule,
    Wrong,
    at_most,
    boolean,
    choice,
    either,
    exactly_one,
    fields,
    free,
    integer,
    items,
    moment,
    nullable,
    strings,
    text,
)
from tests.simulators.recall.words import (
    ASYNC_PROVIDERS,
    AUTOMATIC_LEAVE,
    REALTIME_EVENTS,
    RECALL_LANGUAGES,
    STREAMING_PROVIDERS,
)

metadata_only = fields({"metadata": strings})
artifact = nullable(metadata_only)
diarization = nullable(fields({"use_separate_streams_when_available": boolean}))

retention = nullable(
    either(
        fields({"type": choice("forever")}, required=["type"]),
        fields({"type": choice("timed"), "hours": integer(1)}, required=["type"]),
    )
)

realtime_endpoint = either(
    fields({"type": choice("rtmp"), "url": text, "metadata": strings}, required=["type", "url"]),
    fields(
        {
            "type": choice("webhook", "websocket"),
            "url": text,
            "events": items(choice(*REALTIME_EVENTS), least=1),
            "metadata": strings,
        },
        required=["type", "url", "events"],
    ),
)

streaming_transcript = nullable(
    fields(
        {"provider": exactly_one(STREAMING_PROVIDERS), "diarization": diarization, "metadata": strings},
        required=["provider"],
    )
)


def _recording(*starts: str) -> dict[str, Rule]:
    return {
        "transcript": streaming_transcript,
        "realtime_endpoints": items(realtime_endpoint),
        "retention": retention,
        "video_mixed_layout": choice("speaker_view", "gallery_view", "gallery_view_v2", "audio_only"),
        "video_mixed_mp4": artifact,
        "participant_events": artifact,
        "meeting_metadata": artifact,
        "video_mixed_participant_video_when_screenshare": choice("hide", "beside", "overlap"),
        "start_recording_on": choice(*starts),
        "include_bot_in_recording": fields({"audio": boolean}),
        "metadata": strings,
        "audio_mixed_raw": artifact,
        "audio_mixed_mp3": artifact,
        "video_separate_mp4": artifact,
        "audio_separate_raw": artifact,
        "audio_separate_mp3": artifact,  # doubt: in the bot's configuration for certain, here probably
        "video_mixed_flv": artifact,
        "video_separate_png": artifact,
        "video_separate_h264": artifact,
    }


def _with_layout(inner: Rule) -> Rule:
    """Separate video needs gallery_view_v2; that the API refuses rather than ignores it is a guess."""

    def rule(value: Any) -> Wrong | None:
        wrong = inner(value)
        if wrong is not None or value.get("video_mixed_layout") == "gallery_view_v2":
            return wrong
        needy = [name for name in ("video_separate_mp4", "video_separate_png") if value.get(name) is not None]
        return {name: ["Requires video_mixed_layout gallery_view_v2."] for name in needy} or None

    return rule


start_recording = _with_layout(fields(_recording("call_join", "participant_join", "participant_speak")))
recording_config = _with_layout(
    fields(_recording("call_join", "participant_join", "participant_speak", "manual"))
)

# Only the names of automatic_leave are in the contract; a timeout is a number, an object or null.
automatic_leave = fields(
    dict.fromkeys(AUTOMATIC_LEAVE, nullable(either(free, integer(1)))),
)

_BOT = {
    "meeting_url": text,
    "bot_name": text,
    "join_at": nullable(moment),
    "recording_config": recording_config,
    "automatic_leave": nullable(automatic_leave),
    "variant": nullable(free),
    "zoom": nullable(free),
    "google_meet": nullable(free),
    "slack_team": nullable(free),
    "breakout_room": nullable(free),
    "output_media": nullable(free),
    "automatic_video_output": nullable(free),
    "automatic_audio_output": nullable(free),
    "chat": nullable(free),
    "metadata": strings,
}
create_bot = fields(_BOT, required=["meeting_url"])
change_bot = fields(_BOT)
send_chat_message = fields({"to": text, "message": at_most(4096)}, required=["message"])


def _recallai(value: Any) -> Wrong | None:
    if not isinstance(value, dict):
        return ["Expected a dictionary of items."]
    if "language_code" in value and value["language_code"] not in RECALL_LANGUAGES:
        return {"language_code": [f'"{value["language_code"]}" is not a valid choice.']}
    if "filter_profanity" in value and not isinstance(value["filter_profanity"], bool):
        return {"filter_profanity": ["Must be a valid boolean."]}
    return None


def _speechmatics(value: Any) -> Wrong | None:
    if not isinstance(value, dict):
        return ["Expected a dictionary of items."]
    config = value.get("transcription_config", value)  # older accounts: flat
    if not isinstance(config, dict) or not config.get("language"):
        return {"transcription_config": {"language": ["This field is required."]}}
    return None


# Options pass through to the provider behind: free, but for what the contract fixes.
_PROVIDERS: dict[str, Rule] = {
    **dict.fromkeys(ASYNC_PROVIDERS, free),
    "recallai_async": _recallai,
    "speechmatics_async": _speechmatics,
}
create_transcript = fields(
    {"provider": exactly_one(_PROVIDERS), "diarization": diarization, "metadata": strings},
    required=["provider"],
)
