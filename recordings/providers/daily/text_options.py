"""The options of transcripts, live and of recordings, and of webhooks (contract 2.4, 4.2, 5.1)."""

from recordings.providers.daily.events import EVENT_TYPES
from recordings.providers.options import Kind, Option

# Chosen without a model; each model knows more (contract 4.2).
LANGUAGES = (
    "da nl en en-AU en-GB en-IN en-NZ en-US fr fr-CA de hi hi-Latn id it ja ko no pl pt pt-BR pt-PT ru es "
    "es-419 sv tr uk"
)
LANGUAGE_TAG = "[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*"
TEMPLATE = r"([A-Za-z0-9./*-]|\{(epoch_time|domain_name|job_id)\})+"
# 1024 less what is added to it (bodies.template_of).
LONGEST_TEMPLATE = 978
WORDS, FILES, SOURCE, EXPERT = "Words", "Files", "Source", "Expert"

_DEEPGRAM = (
    Option(
        name="language",
        kind=Kind.TEXT,
        label="Language",
        help=f"A language tag. Without a model: {LANGUAGES}. Models know more.",
        provider_default="en",
        max_length=35,
        pattern=LANGUAGE_TAG,
        is_main=True,
    ),
    Option(
        name="model",
        kind=Kind.TEXT,
        label="Model",
        help="A model of Deepgram, such as nova-2-general. It decides on languages and on the price.",
        max_length=100,
        is_main=True,
    ),
    Option(
        name="tier",
        kind=Kind.TEXT,
        label="Tier",
        help="Deprecated by Deepgram: name a model instead.",
        max_length=100,
        group=EXPERT,
    ),
    Option(
        name="punctuate",
        kind=Kind.BOOLEAN,
        label="Punctuation",
        help="Adds punctuation and capital letters.",
        group=WORDS,
    ),
    Option(
        name="profanity_filter",
        kind=Kind.BOOLEAN,
        label="Filter profanity",
        help="Leaves out swear words or masks them.",
        group=WORDS,
    ),
    Option(
        name="redact",
        kind=Kind.TEXT,
        label="Redact",
        help="true, false, or what is to be masked, such as: pci, ssn, numbers.",
        pattern=r"[A-Za-z0-9_]+(\s*,\s*[A-Za-z0-9_]+)*",
        max_length=300,
        group=WORDS,
    ),
    Option(
        name="endpointing",
        kind=Kind.TEXT,
        label="End of an utterance",
        help="true, false, or after how many milliseconds of silence an utterance ends.",
        pattern="true|false|[0-9]{1,6}",
        group=EXPERT,
    ),
    Option(
        name="extra",
        kind=Kind.OBJECT,
        label="More for Deepgram",
        help="Any further parameter of Deepgram, by its name there.",
        group=EXPERT,
    ),
)
_PARTICIPANTS = Option(
    name="participants",
    kind=Kind.LIST,
    label="Who is transcribed",
    help="Session ids of participants as a JSON list; left out, everybody is.",
    group=WORDS,
)
CAPTIONS_OPTIONS = (
    *_DEEPGRAM,
    _PARTICIPANTS,
    Option(
        name="includeRawResponse",
        kind=Kind.BOOLEAN,
        label="Deepgram's answers too",
        help="The room's own programs get Deepgram's whole answer with each caption.",
        group=EXPERT,
    ),
)
CAPTIONS_UPDATE_OPTIONS = (
    Option(
        name="participants",
        kind=Kind.LIST,
        label="Who is transcribed",
        help="Session ids of participants as a JSON list; they replace those of before.",
        is_required=True,
        is_main=True,
    ),
)
_SOURCES = (
    Option(
        name="sourceType",
        kind=Kind.CHOICE,
        label="What is read",
        help="Of an address Daily must be able to fetch the file without signing in.",
        choices=(
            ("recordingId", "This recording, at Daily"),
            ("uri", "Its file, at another address"),
            ("transcriptUri", "A transcript, at another address (for summaries)"),
        ),
        provider_default="this recording",
        group=SOURCE,
    ),
    Option(
        name="uri",
        kind=Kind.URL,
        label="Address of the file",
        help="One that is signed for a while is not taken, because it would be stored here with the order.",
        max_length=2000,
        group=SOURCE,
    ),
)
ORDER_OPTIONS = (
    Option(
        name="preset",
        kind=Kind.CHOICE,
        label="What is made",
        choices=(("transcript", "Transcript"), ("summarize", "Summary")),
        default="transcript",
        is_required=True,
        is_main=True,
    ),
    *_DEEPGRAM,
    *_SOURCES,
    Option(
        name="s3KeyTemplate",
        kind=Kind.TEXT,
        label="Name of the files",
        help="Letters, digits and . / - *; Tapedeck adds its own mark, by which it knows its job again.",
        provider_default="transcript",
        pattern=TEMPLATE,
        max_length=LONGEST_TEMPLATE,
        group=FILES,
    ),
    Option(
        name="useReplacement",
        kind=Kind.BOOLEAN,
        label="Fill in the name",
        help="{epoch_time}, {domain_name} and {job_id} in the name are replaced.",
        group=FILES,
    ),
)

_UUID = Option(
    name="uuid",
    kind=Kind.TEXT,
    label="Webhook",
    help="Its uuid at Daily. Left empty: the one that leads to this account's address.",
    pattern="[0-9a-fA-F-]{36}",
)
_URL = Option(
    name="url",
    kind=Kind.URL,
    label="Address",
    help="This account's address at Tapedeck; Daily posts a test message to it at once.",
    is_ours=True,
    needs_callback=True,
)
_EVENTS = Option(
    name="eventTypes",
    kind=Kind.CHOICES,
    label="Events",
    help="All that Tapedeck can read. Without those of participants the names on the live page age longer.",
    choices=tuple((event, event) for event in EVENT_TYPES),
    default=EVENT_TYPES,
    is_main=True,
)
_RETRIES = Option(
    name="retryType",
    kind=Kind.CHOICE,
    label="When an event is not taken",
    help="With the circuit breaker Daily stops everything after three failures and sends nothing again.",
    choices=(("exponential", "Try up to 5 times (recommended)"), ("circuit-breaker", "Circuit breaker")),
    default="exponential",
    provider_default="circuit-breaker",
    is_main=True,
)
CREATE_ENDPOINT_OPTIONS = (_URL, _EVENTS, _RETRIES)
REPAIR_ENDPOINT_OPTIONS = (_UUID, _URL, _EVENTS, _RETRIES)
DELETE_ENDPOINT_OPTIONS = (_UUID,)
