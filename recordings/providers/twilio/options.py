"""What an order about a recording can be given: every declared parameter (contract 3.2, 3.3, 4.2)."""

from recordings.providers.options import Kind, Option

CALLBACKS = "Callbacks"
METHODS = (("POST", "POST"), ("GET", "GET"))
SERVICE_PATTERN = "GA[0-9a-fA-F]{32}"

START_OPTIONS = (
    Option(
        name="RecordingChannels",
        kind=Kind.CHOICE,
        label="Channels",
        help="Two channels keep the two sides of the call apart: better if a transcript is to follow.",
        choices=(("mono", "One channel: both sides mixed"), ("dual", "Two channels: one for each side")),
        default="dual",
        provider_default="one channel",
        is_main=True,
    ),
    Option(
        name="RecordingTrack",
        kind=Kind.CHOICE,
        label="Whose voice",
        help="Inbound is what Twilio hears from this leg of the call, outbound what it plays to it.",
        choices=(
            ("both", "Both sides"),
            ("inbound", "Only what comes in on this leg"),
            ("outbound", "Only what goes out on it"),
        ),
        provider_default="both sides",
    ),
    Option(
        name="Trim",
        kind=Kind.CHOICE,
        label="Silence at the beginning and the end",
        help="Cut silence makes the times in the file differ from those of the call.",
        choices=(("do-not-trim", "Keep it"), ("trim-silence", "Cut it off")),
        provider_default="keep it",
    ),
    Option(
        name="RecordingStatusCallback",
        kind=Kind.URL,
        label="Address told of the recording's state",
        help="Tapedeck's own address with the key of this recording.",
        group=CALLBACKS,
        is_ours=True,
        needs_callback=True,
    ),
    Option(
        name="RecordingStatusCallbackMethod",
        kind=Kind.CHOICE,
        label="How that address is called",
        help="Tapedeck asks for POST.",
        choices=METHODS,
        default="POST",
        provider_default="POST",
        group=CALLBACKS,
        is_ours=True,
        needs_callback=True,
    ),
    Option(
        name="RecordingStatusCallbackEvent",
        kind=Kind.CHOICES,
        label="States told",
        help="Tapedeck asks for all of them: without being asked, Twilio tells only of completed ones.",
        choices=(
            ("in-progress", "It began"),
            ("completed", "It can be played"),
            ("absent", "Nothing was kept"),
        ),
        default=("in-progress", "completed", "absent"),
        provider_default="completed",
        group=CALLBACKS,
        is_ours=True,
        needs_callback=True,
    ),
)

PAUSE_OPTIONS = (
    Option(
        name="PauseBehavior",
        kind=Kind.CHOICE,
        label="The time of the pause",
        help="Silence keeps the file as long as the call, so that its times stay right; "
        "cut out makes it shorter.",
        choices=(("silence", "Becomes silence"), ("skip", "Is cut out")),
        provider_default="becomes silence",
        is_main=True,
    ),
)

_PERSON = (
    ("full_name", "Name", "Shown by Twilio in place of Agent or Customer.", True),
    ("role", "Role", "Such as Agent or Customer. Left out: Agent on channel 1, Customer on channel 2.", True),
    ("user_id", "Id in your own system", "Any text by which you know this person.", False),
    ("media_participant_id", "Phone number or id on the call", "Such as +15551234567.", False),
    ("email", "E-mail", "Kept by Twilio with the transcript.", False),
    ("image_url", "Address of a picture", "Shown by Twilio's own pages.", False),
)


def person_option(channel: int, field: str) -> str:
    """The name of the option of one participant's field: Twilio takes them as one JSON text."""
    return f"channel_{channel}_{field}"


def _person_options(channel: int) -> tuple[Option, ...]:
    return tuple(
        Option(
            name=person_option(channel, field),
            kind=Kind.URL if field == "image_url" else Kind.TEXT,
            label=label,
            help=words,
            max_length=2000 if field == "image_url" else 200,
            group=f"Speaker on channel {channel}",
            is_main=is_main,
        )
        for field, label, words, is_main in _PERSON
    )


PERSON_FIELDS = tuple(field for field, *_ in _PERSON)

TRANSCRIPT_OPTIONS = (
    Option(
        name="ServiceSid",
        kind=Kind.TEXT,
        label="Intelligence Service",
        help="Another service than the account's own, such as one for another language: each service has "
        "one language, fixed when it was made. Leave it empty for the account's own.",
        pattern=SERVICE_PATTERN,
        provider_default="the account's own",
    ),
    Option(
        name="media_url",
        kind=Kind.URL,
        label="Address of the sound",
        help="Only for a recording that lies outside Twilio: an address that anybody can fetch. One that is "
        "signed for a while is not taken, because it would be stored here with the order.",
        max_length=2000,
    ),
    Option(
        name="MediaStartTime",
        kind=Kind.MOMENT,
        label="When the conversation began",
        help="Only for Twilio's own lists and filters; the text does not change by it.",
    ),
    *_person_options(1),
    *_person_options(2),
    Option(
        name="CustomerKey",
        kind=Kind.TEXT,
        label="Tapedeck's key",
        help="Comes back with the transcript, so that it is found again whatever happens on the way.",
        max_length=64,
        group=CALLBACKS,
        is_ours=True,
    ),
)
