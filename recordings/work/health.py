"""How well an account's credentials and its provider work, as the last calls showed."""

from datetime import timedelta

from recordings import clock
from recordings.models import Account, Errand
from recordings.providers.client import TOO_LATE
from recordings.providers.errors import (
    CredentialsRefused,
    NotSent,
    ProviderError,
    Unavailable,
    UnexpectedResponse,
)

TEST_AFTER_SECONDS = 10.0


def note_failure(account: Account, error: ProviderError) -> None:
    """Mark the account unhealthy when the error is about it or its provider, not about one order."""
    if error.code == TOO_LATE:
        return
    is_server_fault = error.status is not None and error.status >= 500
    if isinstance(error, CredentialsRefused | NotSent | Unavailable) or is_server_fault:
        _note(account, is_healthy=False, message=error.message)
        test_soon(account)
    if isinstance(error, UnexpectedResponse):
        test_soon(account)


def note_success(account: Account) -> None:
    """An answer that was expected: the account works."""
    if account.is_healthy is not True:
        _note(account, is_healthy=True, message="")


def test_soon(account: Account) -> None:
    """Have the account tested within seconds: an unhealthy one does no bulk work, so that only its test
    can find it healthy again; and of an odd answer only a test tells whether it is the account's."""
    soon = clock.now() + timedelta(seconds=TEST_AFTER_SECONDS)
    tests = Errand.objects.filter(account=account, kind="account.check", state=Errand.State.QUEUED)
    tests.filter(lease_token=None, due_at__gt=soon).update(due_at=soon)


def _note(account: Account, *, is_healthy: bool, message: str) -> None:
    account.is_healthy, account.health_message, account.health_at = is_healthy, message, clock.now()
    Account.objects.filter(pk=account.pk).update(
        is_healthy=is_healthy, health_message=message, health_at=account.health_at
    )
