"""Wake-ups: a task without argument that means "look"."""

import logging
import threading
import time

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from django_q.models import OrmQ
from django_q.tasks import async_task

LOOK = "recordings.tasks.look"
PAUSE_SECONDS = 0.1

logger = logging.getLogger(__name__)
_wanted = threading.Event()
_starting = threading.Lock()
_thread: threading.Thread | None = None


def wake() -> None:
    """Have a worker look soon. Joins the caller's transaction; needless ones are left out."""
    # Exactness is not needed: the pick-up finds what a left-out wake-up would have. What a worker has taken
    # is locked for a while and wakes nobody else: those of dead workers must not stand in the way.
    if OrmQ.objects.filter(lock__lte=timezone.now()).count() < settings.TAPEDECK_WORKERS:
        async_task(LOOK)


def wake_soon() -> None:
    """Have a worker look soon after many small commits: wake-ups within a tenth of a second are one.

    A death in between loses a wake-up and nothing else: the pick-up finds the rows.
    """
    _wanted.set()
    with _starting:
        global _thread  # noqa: PLW0603 - one thread a process
        if _thread is None or not _thread.is_alive():
            _thread = threading.Thread(target=_pass_on, name="waking", daemon=True)
            _thread.start()


def _pass_on() -> None:
    while True:
        _wanted.wait()
        _wanted.clear()
        try:
            wake()
        except DatabaseError:
            logger.warning("a wake-up could not be written: the pick-up will find the work")
            connection.close()
        time.sleep(PAUSE_SECONDS)
