"""Time as the simulators see it: the wall clock plus what a test has advanced, or a moment set by hand."""

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime


class Clock:
    """Tells the time and runs what was scheduled, in order of its moment.

    ``Clock()`` follows the wall clock and needs a ticker (``run_due``); ``Clock(start=...)`` stands
    still until ``advance`` moves it, which is what in-process tests use.
    """

    def __init__(self, start: float | None = None) -> None:
        self._frozen_at = start
        self._offset = 0.0
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._lock = threading.RLock()

    def now(self) -> float:
        """Unix seconds."""
        if self._frozen_at is not None:
            return self._frozen_at
        return time.time() + self._offset

    def utc(self) -> datetime:
        return datetime.fromtimestamp(self.now(), UTC)

    def after(self, seconds: float, callback: Callable[[], None]) -> None:
        """Run ``callback`` once, when ``seconds`` more have passed."""
        with self._lock:
            heapq.heappush(self._queue, (self.now() + seconds, next(self._order), callback))

    def advance(self, seconds: float) -> None:
        """Let time pass; everything that falls due on the way runs at its own moment."""
        if self._frozen_at is None:
            self._offset += seconds
            self.run_due()
            return
        end = self._frozen_at + seconds
        while (due := self._pop(until=end)) is not None:
            moment, callback = due
            self._frozen_at = max(self._frozen_at, moment)
            callback()
        self._frozen_at = end

    def run_due(self) -> int:
        """Run what is due now; answers how many callbacks ran."""
        count = 0
        while (due := self._pop(until=self.now())) is not None:
            due[1]()
            count += 1
        return count

    def _pop(self, *, until: float) -> tuple[float, Callable[[], None]] | None:
        with self._lock:
            if not self._queue or self._queue[0][0] > until:
                return None
            moment, _, callback = heapq.heappop(self._queue)
            return moment, callback
