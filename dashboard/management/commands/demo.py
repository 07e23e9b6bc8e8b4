"""Shows everything at work against simulated providers."""

import os
import shutil
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections as databases

from dashboard import demo
from dashboard.management.commands.serve import parse_bind, require_free_port, serve
from dashboard.simulated import simulators


class Command(BaseCommand):
    """`manage.py demo`: a believable day at simulated providers, on the loopback only."""

    help = "Run Tapedeck against simulated providers, with one sign-in per role."

    def handle(self, *args: Any, **options: Any) -> None:
        """Return when all processes have ended."""
        if not settings.TAPEDECK_DEMO:
            raise CommandError("Start the demo with `make demo`, so that it has a data folder of its own.")
        require_free_port(*parse_bind(settings.TAPEDECK_BIND))
        if os.environ.get("KEEP") != "1":
            empty_data_folder()
        passwords = demo.Passwords()
        call_command("migrate", interactive=False, verbosity=0)
        with simulators() as providers:
            demo.make_people(passwords)
            accounts = demo.make_accounts(providers)
            databases.close_all()
            self._greet(passwords)
            demo.begin_day(accounts)
            code = serve(say=self.stdout.write)
        sys.exit(code)

    def _greet(self, passwords: dict[str, str]) -> None:
        self.stdout.write("The providers are simulated; nobody is recorded and nothing is charged.")
        self.stdout.write("Sign in as:")
        for role, password in passwords.items():
            self.stdout.write(f"  {role:<14} {password}")


def empty_data_folder() -> None:
    """A new day; only the keys stay, for the processes to come share them with this one."""
    for entry in settings.TAPEDECK_DATA.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        elif entry.name not in {"keys", "secret_key"}:
            entry.unlink()
