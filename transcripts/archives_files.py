"""Where the files of exports lie: a folder an export, inside the data folder."""

import os
import shutil
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from transcripts.models import Export

FOLDER = "exports"
WHOLE = "transcripts.zip"


def folder_of(export: Export) -> Path:
    """Where an export is made; it may not exist."""
    return _root() / str(export.key)


def whole_of(export: Export) -> Path:
    """The finished file; it may not exist."""
    return folder_of(export) / WHOLE


def new_file(export: Export, kind: str) -> Path:
    """A fresh name in the export's folder, which is made where it is missing; raises ``OSError``."""
    folder = folder_of(export)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{kind}-{uuid.uuid4().hex}.zip"


def finish(export: Export, draft: Path) -> None:
    """The draft takes the whole's name; the parts go."""
    whole = whole_of(export)
    draft.replace(whole)
    for path in whole.parent.iterdir():
        if path != whole:
            path.unlink(missing_ok=True)


def flush(path: Path) -> int:
    """Have it on the disk, power loss or not; answers its size."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return path.stat().st_size


def discard(folder: Path) -> None:
    """Remove all of an export's files; what cannot be removed now, the nightly tidying finds."""
    shutil.rmtree(folder, ignore_errors=True)


def folders(*, older_than_seconds: float) -> Iterator[tuple[uuid.UUID, Path]]:
    """The folders in which nothing was written for so long."""
    root = _root()
    for path in root.iterdir() if root.is_dir() else ():
        if _is_key(path.name) and time.time() - path.stat().st_mtime > older_than_seconds:
            yield uuid.UUID(path.name), path


def _is_key(name: str) -> bool:
    try:
        return str(uuid.UUID(name)) == name
    except ValueError:
        return False


def _root() -> Path:
    return Path(settings.TAPEDECK_DATA) / FOLDER
