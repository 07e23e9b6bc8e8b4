"""The end of the service, announced to its workers: what is under way is finished, nothing more begun.

A worker is asked to end by the queue only, and the queue waits for a whole look. A look that went on
would be killed in the middle of a call to a provider, and leave an order in doubt. The announcement is a
file named for the supervisor: what one that died left behind means nothing to the next.
"""

import os
from contextlib import suppress
from pathlib import Path

from django.conf import settings

SUPERVISOR = "TAPEDECK_SUPERVISOR"  # in the environment of all that it has started
_PREFIX = "draining-"


def begin() -> None:
    """Called by the supervisor before it starts anything."""
    for left in Path(settings.TAPEDECK_DATA).glob(f"{_PREFIX}*"):
        left.unlink(missing_ok=True)
    os.environ[SUPERVISOR] = str(os.getpid())


def announce() -> None:
    """No look begins anything from now on. On a full disk nothing is announced."""
    with suppress(OSError):
        _path().touch()


def is_announced() -> bool:
    """Whether the service that this process belongs to is about to end."""
    return SUPERVISOR in os.environ and _path().exists()


def _path() -> Path:
    return Path(settings.TAPEDECK_DATA) / f"{_PREFIX}{os.environ[SUPERVISOR]}"
