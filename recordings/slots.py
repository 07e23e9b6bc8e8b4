"""How many threads of this process players and downloads may hold, so that callbacks find one."""

import threading
from types import TracebackType

from django.conf import settings

BUSY = "Too many players at once: it goes on in a moment."
SOON_SECONDS = 2.0


class MediaBusy(Exception):
    """Not now: ask again after ``retry_after_seconds``."""

    def __init__(self, message: str, *, retry_after_seconds: float = SOON_SECONDS) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class Slots:
    """How many threads of this process may be busy with media at once: this part of all of them."""

    def __init__(self, part: int) -> None:
        self._part, self._taken, self._lock = part, 0, threading.Lock()

    @property
    def are_free(self) -> bool:
        """Nothing is being played or fetched."""
        return not self._taken

    def __enter__(self) -> None:
        with self._lock:
            if self._taken >= max(1, settings.TAPEDECK_THREADS // self._part):
                raise MediaBusy(BUSY)
            self._taken += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._taken -= 1


slots = Slots(2)
downloads = Slots(4)  # each holds its thread to the end: they may have half of the half
