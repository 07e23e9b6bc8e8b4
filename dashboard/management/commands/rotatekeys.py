"""Seals the secrets of all accounts with the first key."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dashboard.credentials import reseal_all, reseal_channels


class Command(BaseCommand):
    """`manage.py rotatekeys`: after a new key was put in front of TAPEDECK_KEYS."""

    help = "Seal the secrets of every account with the first of TAPEDECK_KEYS; the others may go afterwards."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what was done; exit with 1 if the secrets of an account could not be read."""
        sealed, shut = 0, []
        for account, is_readable in reseal_all():
            sealed += is_readable
            if not is_readable:
                shut.append(str(account))
        for channel, is_readable in reseal_channels():
            if not is_readable:
                shut.append(f"the alert channel {channel}")
        self.stdout.write(f"{sealed} accounts are sealed with the first key.")
        if shut:
            raise CommandError(
                f"None of the keys opens the secrets of: {', '.join(shut)}. They were left as they are: keep "
                "every key until they are readable or typed anew."
            )
