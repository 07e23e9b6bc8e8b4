"""Copies into one folder all that cannot be made anew, while everything runs."""

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from transcripts.models import TranscriptText

MANIFEST, DATABASE, FILES = "manifest.json", "database.sqlite3", "files"
FORMAT = 1
# Folders of the data folder. Media are listed; they are copied on demand, for providers hold them too.
COPIED, LISTED = ("transcripts", "rescued"), ("media",)
FOLDERS = COPIED + LISTED


class BackupProblem(Exception):
    """What stands in the way, in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file, by its path inside the data folder."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds. It is written last: a folder without it is no backup."""

    made_at: str
    database: Entry | None  # None: PostgreSQL keeps its own
    files: tuple[Entry, ...]
    media: tuple[Entry, ...]
    holds_media: bool
    keys: tuple[str, ...]  # fingerprints; the keys themselves are in no backup
    missing: tuple[str, ...]  # files that the database names and that were not there

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """The manifest of a backup; raises ``BackupProblem``."""
        try:
            told: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            if told["format"] != FORMAT:
                raise BackupProblem("This backup was made by another version of Tapedeck.")
            return cls(
                made_at=told["made_at"],
                database=Entry(**told["database"]) if told["database"] else None,
                files=tuple(Entry(**each) for each in told["files"]),
                media=tuple(Entry(**each) for each in told["media"]),
                holds_media=told["holds_media"],
                keys=tuple(told["keys"]),
                missing=tuple(told["missing"]),
            )
        except (OSError, ValueError, KeyError, TypeError) as exc:
            raise BackupProblem(f"{folder} is no whole backup: {exc}") from exc

    def write(self, folder: Path) -> None:
        """Put it beside what it lists."""
        text = json.dumps({"format": FORMAT, **asdict(self)}, indent=1)
        with private(folder / MANIFEST).open("w", encoding="utf-8") as file:
            file.write(text)
            _sync(file)


def back_up(target: Path, *, with_media: bool) -> Manifest:
    """Copy everything to a folder that is new or empty; raises ``BackupProblem``."""
    data = Path(settings.TAPEDECK_DATA)
    if target.exists() and any(target.iterdir()):
        raise BackupProblem(f"{target} is not empty: a backup gets a folder of its own.")
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = _copy_database(target)
    named = {entry["path"] for files in _named_files() for entry in files}
    copied = COPIED + (LISTED if with_media else ())
    entries = {folder: tuple(_keep(data, folder, target if folder in copied else None)) for folder in FOLDERS}
    files = tuple(entry for folder in COPIED for entry in entries[folder])
    manifest = Manifest(
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        database=database,
        files=files,
        media=tuple(entry for folder in LISTED for entry in entries[folder]),
        holds_media=with_media,
        keys=tuple(fingerprint(key) for key in settings.TAPEDECK_KEYS),
        missing=tuple(sorted(named - {entry.path for entry in files})),
    )
    manifest.write(target)
    return manifest


def fingerprint(key: str) -> str:
    """Tells keys apart and gives none away: they are random."""
    return hashlib.sha256(f"tapedeck key {key}".encode()).hexdigest()[:16]


def entry_of(path: Path, name: str) -> Entry:
    """Size and checksum of a file; raises ``OSError``."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Entry(path=name, size=path.stat().st_size, sha256=digest)


def require_sound(database: Path) -> None:
    """Raise ``BackupProblem`` where SQLite finds a fault in its file."""
    with closing(sqlite3.connect(database)) as opened:
        try:
            found = opened.execute("PRAGMA integrity_check").fetchone()[0]
        except sqlite3.DatabaseError as exc:
            found = str(exc)
    if found != "ok":
        raise BackupProblem(f"The database {database} is damaged: {found}")


def private(path: Path) -> Path:
    """An empty file that only its owner reads."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    return path


def copy_file(source: Path, target: Path) -> None:
    """Copy what a file holds and have it on the disk before this returns."""
    with source.open("rb") as whole, private(target).open("wb") as copy:
        shutil.copyfileobj(whole, copy, 1024 * 1024)
        _sync(copy)


def _copy_database(target: Path) -> Entry | None:
    if connection.vendor != "sqlite":
        return None
    copy = private(target / DATABASE)
    with (
        closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=20)) as live,
        closing(sqlite3.connect(copy)) as kept,
    ):
        live.backup(kept)  # In one step: one moment of the database, and no writer waits for it.
        kept.execute("PRAGMA journal_mode=DELETE")  # One file, without a journal beside it.
    require_sound(copy)
    return entry_of(copy, DATABASE)


def _named_files() -> Iterator[list[Any]]:
    return TranscriptText.objects.values_list("files", flat=True).iterator()


def _keep(data: Path, folder: str, target: Path | None) -> Iterator[Entry]:
    for path in sorted((data / folder).rglob("*")):
        if path.name.startswith((".", "partial-")) or not path.is_file():
            continue  # Being written: its row does not exist yet.
        name = path.relative_to(data).as_posix()
        try:
            if target is None:
                yield entry_of(path, name)
                continue
            copy_file(path, target / FILES / name)
        except FileNotFoundError:
            continue  # Deleted meanwhile, as its owner asked.
        yield entry_of(target / FILES / name, name)


def _sync(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())
