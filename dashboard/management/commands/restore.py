"""Brings a backup back."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dashboard.backups import BackupProblem
from dashboard.restoring import restore


class Command(BaseCommand):
    """`manage.py restore SOURCE`, while Tapedeck stands still."""

    help = "Check a backup and bring it into the data folder; what is there is put aside, never destroyed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", type=Path, help="a folder that backup made")
        parser.add_argument("--force", action="store_true", help="put aside what is in the data folder")
        parser.add_argument(
            "--without-keys", action="store_true", help="go on though the keys of the secrets are missing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what is back, and what else came back with it."""
        try:
            manifest = restore(
                options["source"],
                force=options["force"],
                without_keys=options["without_keys"],
                say=self.stdout.write,
            )
        except (BackupProblem, OSError) as exc:
            raise CommandError(str(exc)) from exc
        self.stdout.write(
            f"Restored the state of {manifest.made_at}. What was deleted here since then is back: delete it "
            "again. Changes at the providers since then come with the next sweeps."
        )
