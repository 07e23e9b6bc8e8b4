"""Changing the keys that seal the accounts' secrets."""

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from recordings import connections
from recordings.models import Account

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture
def sealed(db, settings):
    """Two accounts under the old key; the new one stands in front of it by now."""
    settings.TAPEDECK_KEYS = [OLD]
    for name in ("One", "Two"):
        account = Account(provider="recall", name=name)
        connections.set_secrets(account, {"api_key": f"key of {name}"})
        account.save()
    Account.objects.create(provider="recall", name="Empty")
    settings.TAPEDECK_KEYS = [NEW, OLD]


def secrets():
    return [
        connections.secrets_of(account) for account in Account.objects.exclude(name="Empty").order_by("name")
    ]


def test_old_key_may_go_after_a_rotation(sealed, settings, capsys):
    call_command("rotatekeys")

    settings.TAPEDECK_KEYS = [NEW]
    assert secrets() == [{"api_key": "key of One"}, {"api_key": "key of Two"}]
    assert capsys.readouterr().out == "2 accounts are sealed with the first key.\n"


def test_rotating_twice_does_no_harm(sealed, settings):
    call_command("rotatekeys")
    call_command("rotatekeys")

    settings.TAPEDECK_KEYS = [NEW]
    assert len(secrets()) == 2


def test_account_that_no_key_opens_is_reported_and_left_as_it_is(sealed, settings, capsys):
    Account.objects.filter(name="Two").update(sealed_secrets="sealed by a lost key")

    with pytest.raises(CommandError, match="None of the keys opens the secrets of: Two"):
        call_command("rotatekeys")

    settings.TAPEDECK_KEYS = [NEW]
    assert connections.secrets_of(Account.objects.get(name="One")) == {"api_key": "key of One"}
    assert Account.objects.get(name="Two").sealed_secrets == "sealed by a lost key"
    assert "1 accounts are sealed" in capsys.readouterr().out
