"""Copies of media whose provider ignores ranges: a bounded cache of files in the data folder."""

import os
import re
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from django.conf import settings

PARTIAL = "partial-"
BESIDE = "about-"
PARTIAL_SECONDS = 3600.0  # older ones were left by a worker that died
_VARIANT = re.compile(r"[A-Za-z0-9_-]{1,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One whole file."""

    path: Path
    content_type: str
    size: int

    def read(self, first: int, count: int) -> bytes:
        """So many bytes from there on; raises ``FileNotFoundError`` when it went meanwhile."""
        with self.path.open("rb") as file:
            file.seek(first)
            return file.read(count)


def folder() -> Path:
    """Where the copies lie."""
    path: Path = settings.TAPEDECK_DATA / "media"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def find(key: uuid.UUID, variant: str) -> Copy | None:
    """The copy of a recording's variant, marked as used now. Any text may be asked for as a variant."""
    if not _VARIANT.fullmatch(variant):
        return None
    for path in folder().glob(f"{key}.{variant}.*"):
        try:
            size = path.stat().st_size
            os.utime(path)
        except FileNotFoundError:
            continue
        return Copy(path=path, content_type=unquote(path.name.split(".", 2)[2]), size=size)
    return None


def beside(copy: Copy) -> Path:
    """Where something small about a copy is kept: it goes with the recording, and makes room like others."""
    key, variant, _ = copy.path.name.split(".", 2)
    return copy.path.with_name(f"{BESIDE}{key}.{variant}")


def new_partial() -> Path:
    """A fresh name for what is not whole yet; ``place`` or the next clean-up takes it away."""
    return folder() / f"{PARTIAL}{uuid.uuid4()}"


def place(partial: Path, key: uuid.UUID, variant: str, content_type: str) -> None:
    """A file that is whole takes its name at once; what was used longest ago makes room for it."""
    path = folder() / f"{key}.{variant}.{quote(content_type, safe='')}"
    partial.replace(path)
    make_room(keep=path)


def forget(key: uuid.UUID) -> None:
    """Nothing of this recording is kept."""
    for pattern in (f"{key}.*", f"{BESIDE}{key}.*"):
        for path in folder().glob(pattern):
            path.unlink(missing_ok=True)


def make_room(*, keep: Path | None = None) -> None:
    """Back under ``TAPEDECK_MEDIA_CACHE_BYTES``: least recently used files go first."""
    files = []
    for path in folder().iterdir():
        try:
            files.append((path.stat().st_mtime, path.stat().st_size, path))
        except FileNotFoundError:
            continue
    _drop_partials(files)
    whole = sorted(each for each in files if not each[2].name.startswith(PARTIAL))
    total = sum(size for _, size, _ in whole)
    for _, size, path in whole:
        if total <= settings.TAPEDECK_MEDIA_CACHE_BYTES:
            return
        if path != keep:
            path.unlink(missing_ok=True)
            total -= size


def _drop_partials(files: list[tuple[float, int, Path]]) -> None:
    for used_at, _, path in files:
        if path.name.startswith(PARTIAL) and used_at < time.time() - PARTIAL_SECONDS:
            path.unlink(missing_ok=True)
