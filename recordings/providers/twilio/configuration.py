"""What an administrator enters for a Twilio account, and where it is found there."""

from recordings.providers.base import ConfigField

CONFIG_FIELDS = (
    ConfigField(
        name="account_sid",
        label="Account SID",
        help="Twilio Console, on the account's dashboard under Account Info. It begins with AC.",
        is_required=True,
        is_identity=True,
    ),
    ConfigField(
        name="api_key_sid",
        label="API key SID",
        help="Twilio Console, Account > API keys & tokens. It begins with SK. Left empty, "
        "Tapedeck signs in with "
        "the Account SID and the Auth Token.",
    ),
    ConfigField(
        name="intelligence_service_sid",
        label="Intelligence Service SID",
        help="Twilio Console, Conversational Intelligence > Services. It begins with GA. "
        "Transcripts are ordered "
        "from it, in its language; without it they can neither be ordered nor listed.",
    ),
    ConfigField(
        name="unredacted",
        label="Show what the service redacts",
        help="Words and sound of transcripts then come whole, personal data included. Left off, Twilio masks "
        "them where its Intelligence Service redacts.",
        is_boolean=True,
    ),
    ConfigField(
        name="channel_one",
        label="Who speaks on channel 1",
        help="Shown as the speaker of channel 1 in transcripts, such as Customer. Which side "
        "that is depends on "
        "how the calls are made: listen to one recording with two channels.",
    ),
    ConfigField(
        name="channel_two",
        label="Who speaks on channel 2",
        help="Shown as the speaker of channel 2 in transcripts, such as Agent.",
    ),
    ConfigField(
        name="auth_token",
        label="Auth Token",
        help="Twilio Console, Account Info: the primary Auth Token. It is needed even with an "
        "API key, because "
        "Twilio signs its callbacks with it. After promoting another token there, enter that one here.",
        is_secret=True,
        is_required=True,
    ),
    ConfigField(
        name="api_key_secret",
        label="API key secret",
        help="Shown once by the Twilio Console when the key is made.",
        is_secret=True,
    ),
    ConfigField(
        name="shared_keys",
        label="Shared keys of webhooks",
        help="Only for accounts whose webhooks are signed with a shared key: its id and its "
        "secret, as id=secret, "
        "one a line.",
        is_secret=True,
        is_many=True,
    ),
)
SETUP_HELP = (
    "Sign in to the Twilio Console and copy the Account SID and the primary Auth Token from "
    "Account Info. An API "
    "key (Account > API keys & tokens) is the better way to sign in, but the Auth Token stays "
    "needed to verify "
    "callbacks. Test credentials cannot be used: they see no real calls. For another region "
    "enter its address, "
    "such as https://api.dublin.ie1.twilio.com, as the base address: recordings and transcripts "
    "are then both "
    "asked for there."
)
WEBHOOK_HELP = (
    "Recordings and captions that are started here carry their own address: nothing needs to be "
    "pasted for them. "
    "For Intelligence transcripts, paste this address as the webhook of the Intelligence "
    "Service (method POST), or "
    'use "Point the Intelligence Service here". For recordings and transcriptions that your '
    "TwiML makes, set it as "
    "recordingStatusCallback (with the events in-progress, completed and absent) and "
    "transcribeCallback there."
)
WEBHOOK_LIMITS = (
    "Twilio sends no test callbacks. Only the Intelligence Service has an address that can be set anew; "
    "recordings and captions carry theirs in each order."
)
