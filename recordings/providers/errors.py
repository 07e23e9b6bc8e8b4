"""What can go wrong at a provider, told apart by what is known of the outcome."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer with every secret and access link removed: fit for an order's timeline."""

    method: str
    url: str
    request: Any = None  # the body as sent, decoded
    status: int | None = None  # None: no answer
    response: Any = None  # decoded where possible, cut to 20,000 characters
    seconds: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)  # of the answer, those that explain it


class ProviderError(Exception):
    """Base of all. ``message`` is a sentence that an operator can act on, ``code`` the provider's own."""

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        status: int | None = None,
        retry_after_seconds: float | None = None,
        exchange: Exchange | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status
        self.retry_after_seconds = retry_after_seconds
        self.exchange = exchange


class Refused(ProviderError):
    """The provider did nothing. ``can_wait``: the same order may be sent again later, with a new send key."""

    def __init__(self, message: str, *, can_wait: bool = False, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.can_wait = can_wait


class NotFound(Refused):
    """The provider does not know the thing, or no longer."""


class CredentialsRefused(Refused):
    """The account's credentials are wrong or lack a right: the account is unhealthy."""


class Throttled(Refused):
    """Too fast: ``retry_after_seconds`` closes the bucket ``bucket`` (a name of the adapter's)."""

    def __init__(self, message: str, *, bucket: str = "", **facts: Any) -> None:
        super().__init__(message, can_wait=True, **facts)
        self.bucket = bucket


class NotSent(Refused):
    """No connection came about; not one byte of the request left."""

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message, can_wait=True, **facts)


class OutcomeUnknown(ProviderError):
    """The request left and nothing tells whether it was performed."""


class StillRunning(OutcomeUnknown):
    """The provider says that a twin of this keyed request still runs: ask again with the same key."""


class Unavailable(ProviderError):
    """A read failed on the provider's side or on the way; reading again later can work."""


class UnexpectedResponse(ProviderError):
    """An answer came that the contract does not allow, such as one without the id."""


class SignatureRefused(Exception):
    """A callback is not from the provider, or too old. ``skew_seconds``: its clock minus ours."""

    def __init__(self, reason: str, *, skew_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.skew_seconds = skew_seconds


class Unreadable(Exception):
    """A verified callback's body cannot be read; it is kept and shown."""
