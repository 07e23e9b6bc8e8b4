"""Recall.ai's words for states and reasons, and ours for them (contract, sections 2.3, 3.3, 4.5)."""

from collections.abc import Mapping

from recordings.providers.snapshots import CallState, Status

CALL_STATES: Mapping[str, CallState] = {
    "ready": CallState.WAITING,  # internal; a scheduled bot is told by its join_at
    "joining_call": CallState.WAITING,
    "in_waiting_room": CallState.WAITING,
    "in_call_not_recording": CallState.LIVE,
    "recording_permission_allowed": CallState.LIVE,
    "recording_permission_denied": CallState.LIVE,
    "in_call_recording": CallState.LIVE,
    "call_ended": CallState.ENDED,
    "recording_done": CallState.ENDED,
    "done": CallState.ENDED,
    "fatal": CallState.ENDED,
    "media_expired": CallState.ENDED,
    "analysis_done": CallState.ENDED,  # left over from v1.10
    "analysis_failed": CallState.ENDED,
}
# What a list of live calls asks for; ``ready`` may or may not be said of scheduled bots.
LIVE_STATUSES = (
    "ready",
    "joining_call",
    "in_waiting_room",
    "in_call_not_recording",
    "recording_permission_allowed",
    "recording_permission_denied",
    "in_call_recording",
)
IN_CALL = frozenset(code for code, state in CALL_STATES.items() if state is CallState.LIVE)

# "processing" is decided by completed_at: it means "under way" as well as "being finalised".
RECORDING_STATUSES: Mapping[str, Status] = {
    "processing": Status.PROCESSING,
    "paused": Status.PAUSED,
    "done": Status.COMPLETED,
    "failed": Status.FAILED,
    "deleted": Status.DELETED,
}
TRANSCRIPT_STATUSES: Mapping[str, Status] = {
    "processing": Status.PROCESSING,
    "done": Status.COMPLETED,
    "failed": Status.FAILED,
    "deleted": Status.DELETED,
}

PLATFORMS: Mapping[str, str] = {
    "zoom": "Zoom",
    "google_meet": "Google Meet",
    "goto_meeting": "GoTo Meeting",
    "microsoft_teams": "Microsoft Teams",
    "microsoft_teams_live": "Microsoft Teams (personal)",
    "webex": "Webex",
    "chime_sdk": "Amazon Chime",
    "zoom_rtms": "Zoom RTMS",
    "google_meet_media_api": "Google Meet media API",
    "slack_authenticator": "Slack",
    "slack_huddle_observer": "Slack huddle",
}

# The sets are open: a code that is not here is shown as it came.
REASONS: Mapping[str, str] = {
    # Why the bot left.
    "call_ended_by_host": "The host ended the meeting.",
    "meeting_ended_by_host": "The host ended the meeting.",
    "call_ended_by_platform_idle": "The meeting platform closed the meeting because nothing happened in it.",
    "call_ended_by_platform_max_length": "The meeting reached the platform's longest length.",
    "call_ended_by_platform_waiting_room_timeout": "The platform removed the bot from the waiting room.",
    "timeout_exceeded_waiting_room": "Nobody let the bot in from the waiting room in time.",
    "timeout_exceeded_noone_joined": "Nobody joined the meeting in time.",
    "timeout_exceeded_everyone_left": "Everyone else had left the meeting.",
    "timeout_exceeded_silence_detected": "The bot left because of a long silence.",
    "timeout_exceeded_only_bots_detected_using_participant_names": (
        "Only bots were left in the meeting, judging by their names."
    ),
    "timeout_exceeded_only_bots_detected_using_participant_events": (
        "Only bots were left in the meeting, judging by what the participants did."
    ),
    "timeout_exceeded_in_call_not_recording": "The bot was in the meeting for long without recording.",
    "timeout_exceeded_in_call_recording": "The longest time set for a recording was reached.",
    "timeout_exceeded_recording_permission_denied": "The bot left because recording was not allowed.",
    "timeout_exceeded_max_duration": "The bot reached the longest time that a bot may stay.",
    "bot_kicked_from_call": "Someone removed the bot from the meeting.",
    "bot_kicked_from_waiting_room": "Someone removed the bot from the waiting room.",
    "bot_received_leave_call": "The bot was told to leave.",
    # Why Zoom does not let it record.
    "zoom_local_recording_disabled": "Local recording is switched off in the host's Zoom account.",
    "zoom_local_recording_request_disabled": "Asking for local recording is switched off in Zoom.",
    "zoom_local_recording_request_disabled_by_host": "The host switched off requests to record.",
    "zoom_bot_in_waiting_room": "The bot is in Zoom's waiting room and cannot ask to record.",
    "zoom_host_not_present": "The host is not in the Zoom meeting and cannot allow recording.",
    "zoom_local_recording_request_denied_by_host": "The host said no to the recording.",
    "zoom_local_recording_denied": "Zoom did not allow local recording.",
    "zoom_local_recording_grant_not_supported": "This Zoom meeting cannot grant the right to record.",
    "zoom_sdk_key_blocked_by_host_admin": "The host's administrator blocks the app that the bot joins with.",
    # Why it could not go on.
    "bot_errored": "The bot failed at Recall.ai.",
    "meeting_not_found": "There is no meeting at this address.",
    "meeting_not_started": "The meeting had not started.",
    "meeting_requires_sign_in": "The meeting lets in only people who have signed in.",
    "meeting_link_expired": "The meeting's link has expired.",
    "meeting_link_invalid": "The meeting's link is not valid.",
    "meeting_password_incorrect": "The meeting's password is wrong.",
    "meeting_locked": "The meeting is locked.",
    "meeting_full": "The meeting is full.",
    "meeting_ended": "The meeting was over already.",
    # Recordings and transcripts.
    "internal_error": "Recall.ai had an internal error.",
    "provider_connection_failed": (
        "Recall.ai could not reach the transcription provider: check that provider's credentials in"
        " Recall.ai's dashboard of this region."
    ),
}


def reason_of(code: str, message: str = "") -> str:
    """A sentence for the provider's sub code; what the provider said itself when the code is new."""
    if code in REASONS:
        return REASONS[code]
    return message or (f"Recall.ai gives the reason {code}." if code else "")
