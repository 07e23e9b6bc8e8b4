"""What is done to an account as a whole: its keys, its test, its end."""

from collections.abc import Iterator
from datetime import timedelta

from django.apps import apps
from django.db import transaction

from dashboard.models import AlertChannel
from recordings import clock, reading, sealing
from recordings.models import Account, Errand, WorkItem
from recordings.models.accounts import new_webhook_key
from recordings.models.mirror import Mirrored
from recordings.models.work import SINGLE
from recordings.sync.wishes import ask
from recordings.work import wake

OLD_KEY_WORKS = timedelta(days=7)
WORDS = {"Operation": "orders", "WebhookDelivery": "callbacks"}


def ask_for_check(account: Account) -> None:
    """Have a worker test credentials and address now; what it finds is the account's health."""
    with transaction.atomic():
        reading.ensure_standing(account)  # Else the test asked for would stand in the standing one's place.
        ask(account, "account.check", lane=SINGLE)
        wake()


def rotate_webhook_key(account: Account) -> None:
    """Give the account a new webhook address; the one before works seven days more."""
    before, now = account.webhook_key, clock.now()
    account.old_webhook_key, account.webhook_key = before, new_webhook_key()
    account.old_webhook_key_until = now + OLD_KEY_WORKS
    # Two clicks at once rotate once: the first address must not be lost on the way.
    Account.objects.filter(pk=account.pk, webhook_key=before).update(
        webhook_key=account.webhook_key,
        old_webhook_key=before,
        old_webhook_key_until=account.old_webhook_key_until,
    )
    account.refresh_from_db(fields=["webhook_key", "old_webhook_key", "old_webhook_key_until"])


def what_holds(account: Account) -> list[str]:
    """What is stored of the account, in words; while there is anything, it cannot be removed."""
    models = [each for each in apps.get_models() if issubclass(each, (Mirrored, WorkItem))]
    return [
        WORDS.get(model.__name__, f"{model.__name__.lower()}s")
        for model in models
        if model is not Errand and model._default_manager.filter(account=account).exists()
    ]


def remove(account: Account) -> None:
    """Delete an account of which nothing is stored; raises ``ProtectedError`` where something is."""
    with transaction.atomic():
        account.errands.all().delete()
        account.delete()


def reseal_all() -> Iterator[tuple[Account, bool]]:
    """Seal every account's secrets with the first key, one transaction each.

    Answers each account and whether its secrets could be read; those that could not stay as they are.
    """
    for pk in Account.objects.exclude(sealed_secrets="").order_by("pk").values_list("pk", flat=True):
        yield _reseal(pk)


@transaction.atomic
def _reseal(pk: int) -> tuple[Account, bool]:
    account = Account.objects.select_for_update().get(pk=pk)
    try:
        account.sealed_secrets = sealing.reseal(account.sealed_secrets)
    except sealing.SecretsUnreadable:
        return account, False
    account.save(update_fields=["sealed_secrets"])
    return account, True


def reseal_channels() -> Iterator[tuple[AlertChannel, bool]]:
    """Seal the addresses of alert channels with the first key; answers each and whether it was readable."""
    for channel in AlertChannel.objects.all():
        try:
            channel.sealed_target = sealing.reseal(channel.sealed_target)
        except sealing.SecretsUnreadable:
            yield channel, False
            continue
        channel.save(update_fields=["sealed_target"])
        yield channel, True
