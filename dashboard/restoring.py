"""Brings a backup back, after looking at all of it; nothing that was here is destroyed."""

import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections, transaction

from dashboard.backups import (
    DATABASE,
    FILES,
    FOLDERS,
    BackupProblem,
    Manifest,
    copy_file,
    entry_of,
    fingerprint,
    require_sound,
)
from recordings.decisions import cancel
from recordings.models import Operation

Say = Callable[[str], object]
NOT_SENT = (
    "Not sent: it waited when the backup was made, and may have been sent since. Look at the provider, "
    "then order it again."
)


def restore(source: Path, *, force: bool, without_keys: bool, say: Say) -> Manifest:
    """Check a backup, put what is here aside, and bring the backup in; raises ``BackupProblem``."""
    manifest = Manifest.read(source)
    _require_same_database(manifest)
    _require_whole(source, manifest)
    if not without_keys:
        _require_keys(manifest)
    _make_room(force=force, say=say)
    _bring_in(source, manifest)
    held = _hold_orders_back()
    if held:
        say(f"{held} orders that waited when the backup was made are cancelled: they may be sent already.")
    return manifest


def _require_same_database(manifest: Manifest) -> None:
    is_sqlite = connection.vendor == "sqlite"
    if is_sqlite != (manifest.database is not None):
        kind = "no SQLite database" if is_sqlite else "an SQLite database, but DATABASE_URL names PostgreSQL"
        raise BackupProblem(f"This backup holds {kind}.")


def _require_whole(source: Path, manifest: Manifest) -> None:
    if manifest.database is not None:
        _require_same(source / DATABASE, manifest.database.sha256)
        require_sound(source / DATABASE)
    for entry in (*manifest.files, *(manifest.media if manifest.holds_media else ())):
        path = (source / FILES / entry.path).resolve()
        folders = [(source / FILES / folder).resolve() for folder in FOLDERS]
        if not any(path.is_relative_to(folder) for folder in folders):
            raise BackupProblem(f"The backup names a file outside its folders: {entry.path}")
        _require_same(path, entry.sha256)


def _require_same(path: Path, sha256: str) -> None:
    try:
        found = entry_of(path, path.name)
    except OSError as exc:
        raise BackupProblem(f"The backup is not whole: {exc}") from exc
    if found.sha256 != sha256:
        raise BackupProblem(f"The backup is damaged: {path} is not what it was.")


def _require_keys(manifest: Manifest) -> None:
    present = {fingerprint(key) for key in settings.TAPEDECK_KEYS}
    missing = [each for each in manifest.keys if each not in present]
    if missing:
        raise BackupProblem(
            f"TAPEDECK_KEYS lacks keys with which this backup's secrets may be sealed (fingerprints: "
            f"{', '.join(missing)}). Add them, or use --without-keys and type all credentials anew."
        )


def _make_room(*, force: bool, say: Say) -> None:
    connections.close_all()
    present = [path for path in _places() if path.exists() and (path.is_file() or any(path.iterdir()))]
    if not present:
        return
    if not force:
        raise BackupProblem(f"There is data in {_data()} already. With --force it is put aside first.")
    _require_stopped()
    aside = _data() / f"before-restore-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
    aside.mkdir(mode=0o700)
    for path in present:
        shutil.move(path, aside / path.name)
    say(f"What was here lies in {aside} now; remove it when you are sure.")


def _require_stopped() -> None:
    database = _database()
    if database is None or not database.exists():
        return
    with closing(sqlite3.connect(database, timeout=1)) as opened:
        try:
            # Refused while any other program has it open; and what the journal held is in the file then.
            opened.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError as exc:
            raise BackupProblem("Tapedeck is running: stop it first.") from exc


def _places() -> list[Path]:
    database = _database()
    files = [Path(f"{database}{suffix}") for suffix in ("", "-wal", "-shm")] if database else []
    return [*files, *(_data() / folder for folder in FOLDERS)]


def _bring_in(source: Path, manifest: Manifest) -> None:
    for entry in (*manifest.files, *(manifest.media if manifest.holds_media else ())):
        copy_file(source / FILES / entry.path, _data() / entry.path)
    database = _database()
    if database is not None:
        draft = database.with_name(f".{database.name}.restoring")
        copy_file(source / DATABASE, draft)
        draft.rename(database)
        require_sound(database)
    call_command("migrate", interactive=False, verbosity=0)


def _hold_orders_back() -> int:
    """What waited when the backup was made may have been sent since: it must not be sent again."""
    waiting = Operation.objects.filter(state=Operation.State.QUEUED)
    waiting.update(lease_token=None, lease_until=None)
    held = list(waiting)
    for operation in held:
        with transaction.atomic():
            cancel(operation)
            Operation.objects.filter(pk=operation.pk).update(outcome=NOT_SENT)
    return len(held)


def _database() -> Path | None:
    return Path(connection.settings_dict["NAME"]) if connection.vendor == "sqlite" else None


def _data() -> Path:
    return Path(settings.TAPEDECK_DATA)
