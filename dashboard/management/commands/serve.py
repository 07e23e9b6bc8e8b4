"""Runs the whole product: database brought up to date, web server, queue, pick-up and watchdog."""

import math
import socket
import sys
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections, connections

from dashboard.setup import setup_link
from dashboard.supervisor import Chore, Program, Supervisor
from dashboard.watchdog import Watchdog
from recordings import clock
from recordings.models import Heartbeat
from recordings.tasks import pick_up
from recordings.work import draining, oldest_due_age_seconds

# What the names of the workers' heartbeats begin with; each look leaves one.
WORKER_BEATS = "worker"


class Command(BaseCommand):
    """`manage.py serve`: everything one machine needs, until Ctrl-C or SIGTERM."""

    help = "Migrate, then run the web server, the workers, the pick-up and the watchdog."

    def handle(self, *args: Any, **options: Any) -> None:
        """Return when all processes have ended; exit with 1 if one had to be killed."""
        sys.exit(serve(say=self.stdout.write))


def serve(*, say: Callable[[str], object], beside: Sequence[Program] = ()) -> int:
    """Run the product until a signal, with the programs `beside` it; return the exit code."""
    host, port = parse_bind(settings.TAPEDECK_BIND)
    require_free_port(host, port)
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    link = setup_link(address(host, port))
    connections.close_all()
    draining.begin()
    supervisor = Supervisor(
        (*beside, *programs(host, port)),
        chores=(pick_up_chore(), watchdog_chore(lambda: supervisor.restart("queue"))),
        grace_seconds=settings.TAPEDECK_GRACE_SECONDS,
        on_end=draining.announce,
    )
    say(f"Tapedeck is at {address(host, port)}; Ctrl-C ends it.")
    if link:
        say(f"Nobody can sign in yet. Make the first administrator within the hour, once: {link}")
    return supervisor.run()


def parse_bind(text: str) -> tuple[str, int]:
    """Return host and port of `host:port`, `[::1]:port` included."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise CommandError(f"TAPEDECK_BIND is {text!r}; it must be host:port.")
    return host.strip("[]"), int(port)


def address(host: str, port: int) -> str:
    """Return where a browser finds the console."""
    if settings.PUBLIC_URL:
        return str(settings.PUBLIC_URL)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def require_free_port(host: str, port: int) -> None:
    """Raise `CommandError` where the web server could not listen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as exc:
            raise CommandError(
                f"Cannot listen at {host}:{port}: {exc.strerror or exc}. "
                "Set TAPEDECK_BIND to another host:port, or end what holds this one."
            ) from exc


def programs(host: str, port: int) -> tuple[Program, Program]:
    """Return the web server and the queue."""
    env = {
        "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE,
        "PYTHONPATH": str(settings.BASE_DIR),
        "TAPEDECK_DATA": str(settings.TAPEDECK_DATA),
    }
    web = (
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"),
        *("--host", host, "--port", str(port), "--log-level", "warning"),
        *("--blocking-threads", str(settings.TAPEDECK_THREADS), "--workers-kill-timeout", "5"),
        "dashboard.wsgi:application",
    )
    queue = (sys.executable, str(settings.BASE_DIR / "manage.py"), "qcluster")
    return (
        Program(name="web", command=web, env={**env, "TAPEDECK_ROLE": "web"}),
        Program(name="queue", command=queue, env={**env, "TAPEDECK_ROLE": "worker"}),
    )


def pick_up_chore() -> Chore:
    """Return the chore that finds what a lost wake-up, a dead worker or an ended lease left."""
    return _chore("pick-up", pick_up)


def watchdog_chore(on_wedged: Callable[[], None]) -> Chore:
    """Return the chore that notices a queue which lives but no longer works."""

    def is_work_due() -> bool:
        if oldest_due_age_seconds() <= 0:
            return False
        # Raised where nothing can be written, disk full or locked: nobody could work then, wedged or not.
        Heartbeat.objects.update_or_create(name="watchdog", defaults={"beat_at": clock.now()})
        return True

    def heartbeat() -> object:
        # Those of the workers only: the pick-up beats too, and lives when they do not.
        beats = Heartbeat.objects.filter(name__startswith=WORKER_BEATS)
        return list(beats.order_by("name").values_list("name", "beat_at"))

    patience = math.ceil(settings.TAPEDECK_STALE_SECONDS / settings.TAPEDECK_PICKUP_SECONDS)
    watchdog = Watchdog(is_work_due=is_work_due, heartbeat=heartbeat, on_wedged=on_wedged, patience=patience)
    return _chore("watchdog", watchdog.look)


def _chore(name: str, run: Callable[[], None]) -> Chore:
    def run_with_a_sound_connection() -> None:
        close_old_connections()
        run()

    every_seconds = settings.TAPEDECK_PICKUP_SECONDS
    return Chore(name=name, every_seconds=every_seconds, run=run_with_a_sound_connection)
