"""Notices a worker that lives but no longer works, as the queue does after the wrong kill -9."""

from collections.abc import Callable

MOST_PATIENCE = 8  # times the usual one


class Watchdog:
    """Calls `on_wedged` after `patience` looks in a row at due work and an unchanged heartbeat.

    It counts looks instead of comparing clocks: neither a clock that jumps nor an hour without the
    database is taken for a wedge, which matters because a kill leaves orders in doubt. What it has
    restarted gets twice the patience each time until it shows a heartbeat: on a busy machine a queue
    that needs longer to start than to be missed would else be killed for ever.
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
        self._patience = self._patience_now = patience
        self._last_beat: object = None
        self._still = 0

    def look(self) -> None:
        """Compare with the look before; what the callables raise is raised, and starts anew."""
        still, self._still = self._still, 0
        beat = self._heartbeat()
        if beat != self._last_beat:
            self._patience_now = self._patience
        if self._is_work_due() and beat == self._last_beat:
            self._still = still + 1
        self._last_beat = beat
        if self._still >= self._patience_now:
            self._still = 0
            self._patience_now = min(2 * self._patience_now, MOST_PATIENCE * self._patience)
            self._on_wedged()
