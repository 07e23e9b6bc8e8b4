"""The vocabularies of the contract: statuses, events, providers, filters."""

from typing import Any

IN_CALL = {
    "in_call_not_recording",
    "recording_permission_allowed",
    "recording_permission_denied",
    "in_call_recording",
}
ARRIVING = {"joining_call", "in_waiting_room"}
LEAVING = {"call_ended", "recording_done"}
FINISHED = {"done", "fatal", "media_expired"}

BOT_STATUSES = {"ready", "analysis_done", "analysis_failed"} | ARRIVING | IN_CALL | LEAVING | FINISHED
# recording_done and media_expired are statuses without an event of their own in the catalogue.
BOT_EVENTS = ARRIVING | IN_CALL | {"call_ended", "done", "fatal"}

RECORDING_STATUS_FILTER = {"processing", "paused", "done", "failed"}
ARTIFACT_STATUS_FILTER = {"processing", "done", "failed"}

PLATFORMS = {
    "zoom",
    "google_meet",
    "goto_meeting",
    "microsoft_teams",
    "microsoft_teams_live",
    "webex",
    "chime_sdk",
    "zoom_rtms",
    "google_meet_media_api",
    "slack_authenticator",
    "slack_huddle_observer",
}

ASYNC_PROVIDERS = (
    "recallai_async",
    "assembly_ai_async",
    "deepgram_async",
    "gladia_v2_async",
    "rev_async",
    "speechmatics_async",
    "aws_transcribe_async",
    "google_speech_v2_async",
    "elevenlabs_async",
)
STREAMING_PROVIDERS = (
    "recallai_streaming",
    "assembly_ai_async_chunked",
    "assembly_ai_v3_streaming",
    "deepgram_streaming",
    "gladia_v2_streaming",
    "rev_streaming",
    "aws_transcribe_streaming",
    "speechmatics_streaming",
    "meeting_captions",
    "elevenlabs_streaming",
)
RECALL_LANGUAGES = {
    "auto",
    "bg",
    "ca",
    "cs",
    "da",
    "de",
    "el",
    "en",
    "en_au",
    "en_uk",
    "en_us",
    "es",
    "et",
    "fi",
    "fr",
    "hi",
    "hr",
    "hu",
    "id",
    "it",
    "ja",
    "ko",
    "lt",
    "lv",
    "ms",
    "nl",
    "no",
    "pl",
    "pt",
    "ro",
    "ru",
    "sk",
    "sv",
    "th",
    "tr",
    "uk",
    "vi",
    "zh",
}

# Artifacts other than transcripts, with the options of start_recording that turn each of them on.
ARTIFACTS = {
    "video_mixed": ("video_mixed_mp4", "video_mixed_flv"),
    "audio_mixed": ("audio_mixed_mp3", "audio_mixed_raw"),
    "video_separate": ("video_separate_mp4", "video_separate_png", "video_separate_h264"),
    "audio_separate": ("audio_separate_mp3", "audio_separate_raw"),
    "participant_events": ("participant_events",),
    "meeting_metadata": ("meeting_metadata",),
}
SHORTCUTS = ("video_mixed", "transcript", "participant_events", "meeting_metadata", "audio_mixed")

REALTIME_EVENTS = (
    "participant_events.join",
    "participant_events.leave",
    "participant_events.update",
    "participant_events.speech_on",
    "participant_events.speech_off",
    "participant_events.webcam_on",
    "participant_events.webcam_off",
    "participant_events.screenshare_on",
    "participant_events.screenshare_off",
    "participant_events.chat_message",
    "transcript.data",
    "transcript.partial_data",
    "transcript.provider_data",
)

# Seconds. The contract names no default for everyone_left; two seconds is a guess.
AUTOMATIC_LEAVE = {
    "waiting_room_timeout": 1200,
    "noone_joined_timeout": 1200,
    "everyone_left_timeout": {"timeout": 2, "activate_after": None},
    "in_call_not_recording_timeout": 3600,
    "in_call_recording_timeout": None,
    "recording_permission_denied_timeout": 30,
    "silence_detection": {"timeout": 3600, "activate_after": 1200},
    "bot_detection": {"using_participant_events": {"timeout": 600, "activate_after": 1200}},
}
# The longest that the platform itself lets a bot wait.
WAITING_ROOM_CEILING = {"google_meet": 600, "microsoft_teams": 1800, "microsoft_teams_live": 1800}

# What start_recording takes for granted where a field is missing: nothing comes from the bot's configuration.
RECORDING_DEFAULTS: dict[str, Any] = {
    "transcript": None,
    "realtime_endpoints": [],
    "video_mixed_layout": "speaker_view",
    "video_mixed_mp4": {},
    "participant_events": {},
    "meeting_metadata": {},
    "video_mixed_participant_video_when_screenshare": "overlap",
    "start_recording_on": "participant_join",
    "include_bot_in_recording": {"audio": False},
    "metadata": {},
    "audio_mixed_raw": None,
    "audio_mixed_mp3": None,
    "video_separate_mp4": None,
    "audio_separate_raw": None,
    "audio_separate_mp3": None,
    "video_mixed_flv": None,
    "video_separate_png": None,
    "video_separate_h264": None,
}
