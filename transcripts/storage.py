"""The providers' transcript files on disk, byte for byte as they came, inside the data folder."""

import hashlib
import os
import re
import shutil
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.conf import settings

from recordings.models import Account
from recordings.providers.snapshots import Json, TextFile
from transcripts.models import Transcript

FOLDER = "transcripts"
LONGEST_NAME = 100
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def keep(transcript: Transcript, files: Sequence[TextFile]) -> list[Json]:
    """Write the files and answer their entries for ``TranscriptText.files``; raises ``OSError``.

    A file is written whole or not at all and never replaced: its content is in its name, so that a
    second writing changes nothing and another content is another file.
    """
    if not files:
        return []
    folder = folder_of(transcript)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    entries = [_entry(folder, file) for file in files]
    paths = {path_of(entry): file.content for file, entry in zip(files, entries, strict=True)}
    new = {path: content for path, content in paths.items() if not path.exists()}
    for path, content in new.items():
        _write(path, content)
    for each in (folder, folder.parent, folder.parent.parent) if new else ():
        _sync_folder(each)
    return entries


def copy(entries: Sequence[Json], transcript: Transcript) -> list[Json]:
    """The same files in the folder of another transcript; those that are missing are left out."""
    found = [entry for entry in entries if path_of(entry).is_file()]
    files = [
        TextFile(name=entry["name"], content_type=entry["content_type"], content=path_of(entry).read_bytes())
        for entry in found
    ]
    return keep(transcript, files)


def path_of(entry: Json) -> Path:
    """Where a file of ``TranscriptText.files`` lies; raises ``ValueError`` for one outside its folder."""
    path = Path(_data() / entry["path"]).resolve()
    if not path.is_relative_to(_root().resolve()):
        raise ValueError("not a transcript's file")
    return path


def folder_of(transcript: Transcript) -> Path:
    """Where the files of a transcript lie; it may not exist."""
    return _account_folder(transcript.account) / str(transcript.key)


def discard(folder: Path) -> None:
    """Remove the files of a transcript; what cannot be removed now, the nightly tidying finds."""
    shutil.rmtree(folder, ignore_errors=True)


def folders(account: Account, *, after: str) -> Iterator[tuple[uuid.UUID, Path]]:
    """The folders of an account's transcripts in the order of their names, those behind ``after``."""
    base = _account_folder(account)
    names = sorted(path.name for path in base.iterdir()) if base.is_dir() else []
    for name in names:
        if name > after and _is_key(name):
            yield uuid.UUID(name), base / name


def _entry(folder: Path, file: TextFile) -> Json:
    digest = hashlib.sha256(file.content).hexdigest()
    path = folder / f"{digest[:16]}-{_safe(file.name)}"
    return {
        "name": file.name,
        "content_type": file.content_type,
        "path": path.relative_to(_data()).as_posix(),
        "size": len(file.content),
        "sha256": digest,
    }


def _safe(name: str) -> str:
    return _UNSAFE.sub("_", name)[-LONGEST_NAME:]


def _write(path: Path, content: bytes) -> None:
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
    finally:
        Path(draft).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    # A name in a folder survives power loss only after the folder itself was synced.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_key(name: str) -> bool:
    try:
        return str(uuid.UUID(name)) == name
    except ValueError:
        return False


def _account_folder(account: Account) -> Path:
    return _root() / str(account.key)


def _root() -> Path:
    return _data() / FOLDER


def _data() -> Path:
    return Path(settings.TAPEDECK_DATA)
