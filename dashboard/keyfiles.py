"""Keys made on first use: written whole, once, readable by their owner only."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def read_or_create(path: Path, make: Callable[[], str]) -> str:
    """Return the text of `path`, first written with mode 0600 from `make` where there is none.

    Processes that start together agree: the file appears complete or not at all, and the first
    one stays. It is on the disk before this returns: what it encrypts must not outlive it.
    """
    if not path.exists():
        _create(path, make())
    return path.read_text(encoding="ascii").strip()


def _create(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # mkstemp opens with O_EXCL and 0600; the link fails where another process was first.
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{text}\n")
            file.flush()
            os.fsync(file.fileno())
        _publish(draft, path)
    finally:
        Path(draft).unlink()


def _publish(draft: str, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
