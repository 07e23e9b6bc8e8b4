"""Rescued media as files of the data folder; unlike the cache of copies, nothing makes room for others."""

import contextlib
import time
import uuid
from pathlib import Path

from django.conf import settings
from django.db import transaction

from recordings.copies import Copy
from recordings.models import Recording, Rescue

DAY_SECONDS = 86_400.0


def folder(name: str = "rescued") -> Path:
    """Where whole files lie, or those that are not whole yet."""
    path: Path = settings.TAPEDECK_DATA / name
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def path_of(key: uuid.UUID) -> Path:
    """The file of a rescue."""
    return folder() / str(key)


def partial(key: uuid.UUID) -> Path:
    """What an order has copied so far; it goes on from there after a death."""
    return folder("rescuing") / str(key)


def find(key: uuid.UUID, variant: str) -> Copy | None:
    """The rescued file of a recording's variant, if there is one."""
    rescue = Rescue.objects.of(key, variant).first()
    if rescue is None or not path_of(rescue.key).exists():
        return None
    return Copy(path=path_of(rescue.key), content_type=rescue.content_type, size=rescue.size)


def forget(recording: Recording) -> None:
    """Nothing of this recording is kept. The files go when the transaction stands."""
    for rescue in Rescue.objects.filter(recording=recording):
        drop(rescue)


def drop(rescue: Rescue) -> None:
    """This file is not kept any more."""
    path = path_of(rescue.key)
    rescue.delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


def tidy() -> None:
    """Take away files that no row names: a transaction was taken back, or an order was given up."""
    named = {str(key) for key in Rescue.objects.values_list("key", flat=True)}
    for path in (*folder().iterdir(), *folder("rescuing").iterdir()):
        with contextlib.suppress(FileNotFoundError):
            if path.name not in named and path.stat().st_mtime < time.time() - DAY_SECONDS:
                path.unlink()
