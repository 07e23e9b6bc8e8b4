"""A PostgreSQL server that is ended and started again; only where it may be thrown away."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

THROW_AWAY = "PG_CLUSTER_CONF_ROOT"  # set by pg_virtualenv
TRIES = 40


class NotOurs(Exception):
    """A server that others may use is not killed."""


@dataclass(frozen=True, kw_only=True)
class Server:
    """How it was started, and by whom."""

    words: list[str]
    folder: str
    uid: int
    gid: int
    log: Path


def require_throw_away() -> None:
    """Raises ``NotOurs``."""
    if THROW_AWAY not in os.environ:
        raise NotOurs("PostgreSQL is tormented only in a cluster of pg_virtualenv: make faults DB=postgres")


@contextmanager
def clock_shared(folder: Path) -> Iterator[None]:
    """The server goes by the shim's clock as all other processes of this run do; afterwards by its own."""
    if connection.vendor != "postgresql" or "SHIM_CLOCK" not in os.environ:
        yield
        return
    folder.chmod(0o711)  # the server is another user, and maps the shim and its clock
    start_server(end_server(folder))
    try:
        yield
    finally:
        kernel = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
        start_server(end_server(folder), kernel)


def end_server(folder: Path, number: int = signal.SIGINT) -> Server:
    """End the main process and those below it: in order, or by kill -9."""
    require_throw_away()
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        data = cursor.fetchone()[0]
    connection.close()
    main = int((Path(data) / "postmaster.pid").read_text().splitlines()[0])
    words = Path(f"/proc/{main}/cmdline").read_text().rstrip("\0").split("\0")
    owner = Path(data).stat()
    os.kill(main, number)
    return Server(words=words, folder=data, uid=owner.st_uid, gid=owner.st_gid, log=folder / "postgres.log")


def start_server(server: Server, env: dict[str, str] | None = None) -> None:
    """As it was, with this environment; what the dead one left in memory may take a moment to go."""
    for _ in range(TRIES):
        with server.log.open("ab") as log:
            process = subprocess.Popen(
                server.words,
                cwd=server.folder,
                env=env,
                user=server.uid,
                group=server.gid,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if _is_up(process):
            return
        time.sleep(0.25)
    raise NotOurs(f"PostgreSQL does not start again: {server.log.read_text()[-500:]}")


def _is_up(process: "subprocess.Popen[bytes]") -> bool:
    ends_at = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < ends_at:
        try:
            connection.close()
            connection.ensure_connection()
            return True
        except Exception:  # noqa: BLE001 - not yet
            time.sleep(0.05)
    return False
