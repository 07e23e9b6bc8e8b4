"""A look that comes before a write: if it fails, nothing was sent, and the order says so."""

from collections.abc import Callable
from typing import TypeVar

from recordings.providers.errors import ProviderError, Refused

Found = TypeVar("Found")


def before_sending(look: Callable[[], Found]) -> Found:
    """What the look found; every failure of it is a refusal, because the order itself never left."""
    try:
        return look()
    except Refused:
        raise
    except ProviderError as exc:
        raise Refused(
            f"Nothing was sent, because the look at Twilio before it failed. {exc.message}",
            can_wait=True,
            code=exc.code,
            status=exc.status,
            retry_after_seconds=exc.retry_after_seconds,
            exchange=exc.exchange,
        ) from exc
