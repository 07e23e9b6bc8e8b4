"""The adapters there are: one line each."""

from functools import cache
from importlib import import_module

from recordings.providers.base import ProviderAdapter

ADAPTERS: dict[str, str] = {
    "daily": "recordings.providers.daily:DailyAdapter",
    "recall": "recordings.providers.recall:RecallAdapter",
    "twilio": "recordings.providers.twilio:TwilioAdapter",
    "vobiz": "recordings.providers.vobiz:VobizAdapter",
}


@cache
def adapter_class(slug: str) -> type[ProviderAdapter]:
    """The adapter of a provider; raises ``KeyError`` for an unknown slug."""
    module, _, name = ADAPTERS[slug].partition(":")
    found: type[ProviderAdapter] = getattr(import_module(module), name)
    return found
