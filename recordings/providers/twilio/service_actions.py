"""Orders about Intelligence Services themselves: made, changed, deleted (contract 4.2)."""

from recordings.providers.options import Kind, Option
from recordings.providers.orders import Action, Repeat, Subject
from recordings.providers.twilio.options import CALLBACKS, METHODS, SERVICE_PATTERN

CREATE, CHANGE, DELETE = "service.create", "service.change", "service.delete"
BUCKETS = ("intelligence",)
SECONDS = 3_600


def _flag(name: str, label: str, help_text: str) -> Option:
    return Option(name=name, kind=Kind.BOOLEAN, label=label, help=help_text)


_FIELDS = (
    Option(
        name="FriendlyName",
        kind=Kind.TEXT,
        label="Name for people",
        help="Shown by Twilio's own pages and by the test of this account.",
        max_length=255,
        is_main=True,
    ),
    _flag(
        "AutoTranscribe",
        "Transcribe every recording",
        "Each new recording of the account is then transcribed, and charged, without being asked.",
    ),
    _flag("AutoRedaction", "Redact the words", "Personal data is masked in the text."),
    _flag("MediaRedaction", "Redact the sound", "Personal data is silenced in the sound of a transcript."),
    _flag("DataLogging", "Let Twilio keep data", "Twilio may then use the data to improve its products."),
    Option(
        name="EncryptionCredentialSid",
        kind=Kind.TEXT,
        label="Encrypt with a public key",
        help="Its SID (CR…). Encrypted words can be read neither here nor by Twilio.",
        pattern="CR[0-9a-fA-F]{32}",
    ),
)
_NAME = Option(
    name="UniqueName",
    kind=Kind.TEXT,
    label="Unique name",
    help="No other service of the account may have it.",
    max_length=64,
    is_main=True,
)
_WHICH = Option(
    name="ServiceSid",
    kind=Kind.TEXT,
    label="Intelligence Service",
    help="Its SID (GA…).",
    pattern=SERVICE_PATTERN,
    is_required=True,
    is_main=True,
)
CREATE_OPTIONS = (
    Option(
        name="UniqueName",
        kind=Kind.TEXT,
        label="Unique name",
        help="No other service of the account may have it; one that has it is shown in place of a new one.",
        max_length=64,
        is_required=True,
        is_main=True,
    ),
    Option(
        name="LanguageCode",
        kind=Kind.TEXT,
        label="Language",
        help="Such as en-US or de-DE. A service has one language, and keeps it.",
        max_length=40,
        is_main=True,
    ),
    *_FIELDS,
    Option(
        name="WebhookUrl",
        kind=Kind.URL,
        label="Address told of transcripts",
        help="This account's own address at Tapedeck.",
        group=CALLBACKS,
        is_ours=True,
        needs_callback=True,
    ),
    Option(
        name="WebhookHttpMethod",
        kind=Kind.CHOICE,
        label="How that address is called",
        help="Tapedeck asks for POST.",
        choices=(*METHODS, ("NULL", "Not at all")),
        default="POST",
        group=CALLBACKS,
        is_ours=True,
        needs_callback=True,
    ),
)
CHANGE_OPTIONS = (_WHICH, _NAME, *_FIELDS)
DELETE_OPTIONS = (_WHICH,)

SERVICE_ACTIONS = (
    Action(
        kind=CREATE,
        subject=Subject.ACCOUNT,
        label="Create an Intelligence Service",
        repeat=Repeat.ONCE,
        right="administer",
        not_after_seconds=SECONDS,
        buckets=BUCKETS,
        options=CREATE_OPTIONS,
        help="Makes a service that transcribes in one language and posts here. Enter its SID (GA…) in the "
        "account's form afterwards to order from it.",
    ),
    Action(
        kind=CHANGE,
        subject=Subject.ACCOUNT,
        label="Change an Intelligence Service",
        repeat=Repeat.REPEATABLE,
        right="administer",
        not_after_seconds=SECONDS,
        buckets=BUCKETS,
        options=CHANGE_OPTIONS,
        help="What is left out stays as it is. Its address is set by “Point the Intelligence Service here”.",
    ),
    Action(
        kind=DELETE,
        subject=Subject.ACCOUNT,
        label="Delete an Intelligence Service",
        repeat=Repeat.REPEATABLE,
        right="administer",
        not_after_seconds=SECONDS,
        buckets=BUCKETS,
        options=DELETE_OPTIONS,
        is_destructive=True,
        help="Deletes the service at Twilio; whether its transcripts stay there is not documented.",
        goes="Nothing can be ordered from it any more.",
    ),
)
SERVICE_KINDS = frozenset(action.kind for action in SERVICE_ACTIONS)
