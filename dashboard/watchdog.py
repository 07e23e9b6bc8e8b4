"""Notices a worker that lives but no longer works, as the queue does after the wrong kill -9."""

from collections.abc import Callable


class Watchdog:
    """Calls `on_wedged` after `patience` looks in a row at due work and an unchanged heartbeat.

    It counts looks instead of comparing clocks: neither a clock that jumps nor an hour without the
    database is taken for a wedge, which matters because a kill leaves orders in doubt.
    """

    def __init__(
        self,
        *,
        is_work_due: Callable[[], bool],
        heartbeat: Callable[[], object],
        on_wedged: Callable[[], None],
        patience: int,
    ) -> None:
        self._is_work_due = is_work_due
        self._heartbeat = heartbeat
        self._on_wedged = on_wedged
        self._patience = patience
        self._last_beat: object = None
        self._still = 0

    def look(self) -> None:
        """Compare with the look before; what the callables raise is raised, and starts anew."""
        still, self._still = self._still, 0
        beat = self._heartbeat()
        if self._is_work_due() and beat == self._last_beat:
            self._still = still + 1
        self._last_beat = beat
        if self._still >= self._patience:
            self._still = 0
            self._on_wedged()
