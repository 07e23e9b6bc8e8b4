"""Keeps out of a seed whatever is not of the seed: chance, dates, hours, and what others left on disk.

A story that depended on any of it could not be told again.
"""

import inspect
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from functools import cache
from os import urandom
from pathlib import Path
from time import monotonic
from types import ModuleType
from typing import Any

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType

from recordings.providers.daily.rooms import Rooms
from tests.simulators.clock import Clock

PRODUCT = ("recordings", "transcripts")
MEMORY = Path("/dev/shm")


@contextmanager
def sealed_off(patch: pytest.MonkeyPatch, clock: Clock, rng: random.Random) -> Iterator[None]:
    """Inside, this thread meets no chance but the seed's, no time but the clock's, and an empty folder."""
    ids = random.Random(rng.getrandbits(64))  # apart, so that one id more does not change what befalls whom
    seconds = _in_this_thread(clock.now, monotonic)
    patch.setattr("os.urandom", _in_this_thread(ids.randbytes, urandom))
    patch.setattr(random, "_urandom", _in_this_thread(ids.randbytes, urandom))
    patch.setattr(time, "monotonic", seconds)
    patch.setitem(Rooms.__init__.__kwdefaults__, "clock", seconds)
    for module in _modules_that_tell_the_date():
        patch.setattr(module, "datetime", _dates_of(clock))
    ContentType.objects.clear_cache()
    with tempfile.TemporaryDirectory(prefix="tapedeck-", dir=MEMORY if MEMORY.is_dir() else None) as folder:
        patch.setattr(settings, "TAPEDECK_DATA", Path(folder))
        yield


def _in_this_thread(ours: Callable[..., Any], theirs: Callable[..., Any]) -> Callable[..., Any]:
    """Threads that other tests left behind must take nothing of the seed's."""
    mine = threading.get_ident()

    def call(*args: Any) -> Any:
        return ours(*args) if threading.get_ident() == mine else theirs(*args)

    return call


@cache
def _modules_that_tell_the_date() -> tuple[ModuleType, ...]:
    """The modules of the product that ask for the date without the product's clock."""
    loaded = [module for name, module in sorted(sys.modules.items()) if name.partition(".")[0] in PRODUCT]
    dated = [module for module in loaded if getattr(module, "datetime", None) is datetime]
    return tuple(module for module in dated if "datetime.now(" in inspect.getsource(module))


def _dates_of(clock: Clock) -> type[datetime]:
    class Dates(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return datetime.fromtimestamp(clock.now(), tz)

    return Dates
