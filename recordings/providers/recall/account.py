"""What an administrator types in for Recall.ai, and where to find it (contract, sections 1.1, 1.2, 5)."""

from recordings.providers.base import ConfigField
from recordings.providers.recall.api import REGIONS

CONFIG_FIELDS = (
    ConfigField(
        name="region",
        label="Region",
        help="Where the workspace lives: the beginning of the dashboard's address, such as us-west-2 in"
        " us-west-2.recall.ai. Keys, recordings and credentials of one region are unknown in the others.",
        is_required=True,
        is_identity=True,
        choices=tuple(REGIONS.items()),
    ),
    ConfigField(
        name="api_key",
        label="API key",
        help="From the page “API keys” of the region's dashboard. It reaches everything in its workspace."
        " With or without “Token ” before it.",
        is_secret=True,
        is_required=True,
    ),
    ConfigField(
        name="webhook_secrets",
        label="Signing secrets of webhooks",
        help="One a line, each beginning with whsec_. The workspace secret is on the page “API keys” of the"
        " dashboard. Accounts from before 15 December 2025 also have one for each webhook endpoint, on that"
        " endpoint's page: paste both.",
        is_secret=True,
        is_many=True,
    ),
)
SETUP_HELP = (
    "Sign in to Recall.ai's dashboard of your region (for example us-west-2.recall.ai), open “API keys”, make"
    " a key and copy it. On the same page, make the workspace's signing secret: until there is one, Recall.ai"
    " does not sign its webhooks and they are refused here. Engines other than Recall.ai's own need their"
    " credentials in that dashboard too, in the same region."
)
WEBHOOK_HELP = (
    "In Recall.ai's dashboard of the same region open “Webhooks”, add an endpoint with this address, and"
    " subscribe it to all events of bot, recording, transcript, video_mixed and audio_mixed. Endpoints cannot"
    " be made over the API. Recall.ai gives up after 27 hours and disables an endpoint that fails for 5 days."
)
WEBHOOK_LIMITS = (
    "Recall.ai's API knows nothing of endpoints: from here they can neither be read nor tested nor made anew,"
    " only in Recall.ai's dashboard."
)
CONSENT_NOTE = (
    "The bot shows as a participant. Zoom asks the host to allow the recording; if the host says no, the bot"
    " leaves after 30 seconds unless set otherwise. Telling everybody else is the duty of whoever records."
)
