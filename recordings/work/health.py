"""How well an account's credentials and its provider work, as the last calls showed."""

from recordings import clock
from recordings.models import Account
from recordings.providers.errors import CredentialsRefused, NotSent, ProviderError, Unavailable


def note_failure(account: Account, error: ProviderError) -> None:
    """Mark the account unhealthy when the error is about it or its provider, not about one order."""
    is_server_fault = error.status is not None and error.status >= 500
    if isinstance(error, CredentialsRefused | NotSent | Unavailable) or is_server_fault:
        _note(account, is_healthy=False, message=error.message)


def note_success(account: Account) -> None:
    """An answer that was expected: the account works."""
    if account.is_healthy is not True:
        _note(account, is_healthy=True, message="")


def _note(account: Account, *, is_healthy: bool, message: str) -> None:
    account.is_healthy, account.health_message, account.health_at = is_healthy, message, clock.now()
    Account.objects.filter(pk=account.pk).update(
        is_healthy=is_healthy, health_message=message, health_at=account.health_at
    )
