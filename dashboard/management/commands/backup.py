"""Copies the database and the files of Tapedeck into a folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dashboard.backups import BackupProblem, Manifest, back_up

USE_PG_DUMP = "The database is PostgreSQL's: save it with pg_dump, first of all. Only files were copied here."
KEYS = (
    "The keys are not in it, only their fingerprints: keep TAPEDECK_KEYS somewhere else, or all credentials "
    "must be typed anew."
)


class Command(BaseCommand):
    """`manage.py backup TARGET`, also while Tapedeck runs."""

    help = "Copy the database, the transcript files and a list of the media into a new folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("target", type=Path, help="a folder that is new or empty")
        parser.add_argument("--with-media", action="store_true", help="copy the media that lie here, too")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what was copied, and what to keep beside it."""
        try:
            manifest = back_up(options["target"], with_media=options["with_media"])
        except (BackupProblem, OSError) as exc:
            raise CommandError(str(exc)) from exc
        self._tell(manifest, options["target"])

    def _tell(self, manifest: Manifest, target: Path) -> None:
        if manifest.database is None:
            self.stdout.write(USE_PG_DUMP)
        files = len(manifest.files) + (len(manifest.media) if manifest.holds_media else 0)
        self.stdout.write(f"Backed up to {target}: {files} files, {len(manifest.media)} media listed.")
        if manifest.missing:
            self.stdout.write(f"{len(manifest.missing)} files were not there; the manifest names them.")
        self.stdout.write(KEYS)
