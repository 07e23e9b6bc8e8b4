"""The options of a bot that is sent or changed (contract, section 2.2)."""

from recordings.providers.options import Kind, Option
from recordings.providers.recall.recording_options import bot_options

_LEAVING = "Leaving by itself"
_PLATFORM = "Platform"
_LABELS = "Labels of the bot"


def _seconds(name: str, label: str, default: str, help_text: str = "") -> Option:
    return Option(
        name=f"automatic_leave.{name}",
        kind=Kind.INTEGER,
        label=label,
        minimum=1,
        provider_default=default,
        help=help_text,
        group=_LEAVING,
    )


def _platform_object(name: str, label: str, help_text: str) -> Option:
    return Option(name=name, kind=Kind.OBJECT, label=label, help=help_text, group=_PLATFORM)


_MEETING_URL = Option(
    name="meeting_url",
    kind=Kind.URL,
    label="Meeting link",
    help="The link that people join with: Zoom, Google Meet, Microsoft Teams, Webex, GoTo Meeting or Slack.",
    max_length=2000,
    is_required=True,
    is_main=True,
)
_BOT_NAME = Option(
    name="bot_name",
    kind=Kind.TEXT,
    label="Name of the bot",
    help="Shown to everyone in the meeting.",
    max_length=100,
    provider_default="Meeting Notetaker",
    is_main=True,
)
_JOIN_AT = Option(
    name="join_at",
    kind=Kind.MOMENT,
    label="Join at",
    help="Empty: it joins now. A bot scheduled more than 10 minutes ahead is certain to have a place; a"
    " nearer one is taken from a pool that can be empty.",
    is_main=True,
)
_METADATA = Option(
    name="metadata",
    kind=Kind.OBJECT,
    label="Labels",
    help="Names and texts that Recall.ai keeps with the bot, such as {“project”: “42”}.",
    group=_LABELS,
)

SEND_OPTIONS: tuple[Option, ...] = (
    _MEETING_URL,
    _BOT_NAME,
    _JOIN_AT,
    *bot_options(),
    _seconds(
        "waiting_room_timeout",
        "Seconds in the waiting room",
        "1200",
        "At most 600 in Google Meet, 1800 in Teams.",
    ),
    _seconds("noone_joined_timeout", "Seconds until someone joins", "1200"),
    _seconds("in_call_not_recording_timeout", "Seconds in the call without recording", "3600"),
    _seconds("in_call_recording_timeout", "Longest recording in seconds", "none"),
    _seconds("recording_permission_denied_timeout", "Seconds after recording was denied", "30"),
    _seconds("silence_detection.timeout", "Seconds of silence", "3600"),
    _seconds("silence_detection.activate_after", "Seconds before silence counts", "1200"),
    _seconds("bot_detection.using_participant_events.timeout", "Seconds with only bots in the call", "600"),
    _seconds(
        "bot_detection.using_participant_events.activate_after", "Seconds before bots are looked for", "1200"
    ),
    _platform_object(
        "variant", "Variant", "The kind of machine for each platform; larger ones cost more an hour."
    ),
    _platform_object("zoom", "Zoom", "Recall.ai's own settings for Zoom, as JSON."),
    _platform_object("google_meet", "Google Meet", "Recall.ai's own settings for Google Meet, as JSON."),
    _platform_object("slack_team", "Slack", "Recall.ai's own settings for Slack huddles, as JSON."),
    _platform_object(
        "breakout_room", "Breakout rooms", "Recall.ai's own settings for breakout rooms, as JSON."
    ),
    _METADATA,
)

CHANGE_OPTIONS: tuple[Option, ...] = (
    Option(
        name="meeting_url",
        kind=Kind.URL,
        label="Meeting link",
        help="Empty: it stays.",
        max_length=2000,
        is_main=True,
    ),
    Option(
        name="bot_name",
        kind=Kind.TEXT,
        label="Name of the bot",
        help="Empty: it stays.",
        max_length=100,
        is_main=True,
    ),
    Option(
        name="join_at",
        kind=Kind.MOMENT,
        label="Join at",
        help="Empty: it stays. Recall.ai refuses a time that is too near.",
        is_main=True,
    ),
    Option(
        name="recording_config",
        kind=Kind.OBJECT,
        label="Recording",
        help="The whole configuration as JSON: it takes the place of the one that the bot has.",
        sends_elsewhere=True,  # it can hold addresses for live data
    ),
    Option(
        name="automatic_leave",
        kind=Kind.OBJECT,
        label="Leaving by itself",
        help="All times as JSON: they take the place of those that the bot has.",
    ),
    Option(
        name="metadata",
        kind=Kind.OBJECT,
        label="Labels",
        help="Added to those that the bot has; null takes one away.",
    ),
)
