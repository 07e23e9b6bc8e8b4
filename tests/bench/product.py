"""The product as people run it: ``manage.py serve`` on the bench's database, and what its processes use."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.test.utils import override_settings

ROOT = Path(__file__).parent.parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
READY_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """It runs, and is reached here."""

    port: int
    pid: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cpu(self) -> float:
        """CPU seconds that its processes have used so far, of those that still run."""
        return sum(_cpu(pid) for pid in _family(self.pid))


@contextmanager
def running(*, workers: bool = True) -> Iterator[Product]:
    """Serve until the end of the block; without workers the web server alone."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with override_settings(PUBLIC_URL=url, TAPEDECK_DEMO=True, TAPEDECK_LOOPBACK_HOSTS=["127.0.0.1"]):
        process = _start(port, url, workers=workers)
        try:
            _wait_for(url, process)
            yield Product(port=port, pid=process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def _start(port: int, url: str, *, workers: bool) -> "subprocess.Popen[bytes]":
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        "DATABASE_URL": _database_url(),
        "PUBLIC_URL": url,
        "TAPEDECK_BIND": f"127.0.0.1:{port}",
        "TAPEDECK_DEMO": "1",
        "TAPEDECK_LOOPBACK_HOSTS": "127.0.0.1",
        "TAPEDECK_LOG_LEVEL": "ERROR",
        "PYTHONPATH": str(ROOT),
    }
    serve = [sys.executable, "manage.py", "serve"]
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--host", "127.0.0.1"]
    web += ["--port", str(port), "--log-level", "error", "--workers-kill-timeout", "5"]
    web += ["--blocking-threads", str(settings.TAPEDECK_THREADS), "dashboard.wsgi:application"]
    command = serve if workers else web
    role = {} if workers else {"TAPEDECK_ROLE": "web"}
    return subprocess.Popen(command, cwd=ROOT, env=env | role, stdout=subprocess.DEVNULL)


def _database_url() -> str:
    name = connection.settings_dict["NAME"]
    return f"sqlite:///{name}" if connection.vendor == "sqlite" else f"postgresql:///{name}"


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    ends_at = time.monotonic() + READY_SECONDS
    while time.monotonic() < ends_at and process.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/healthz", timeout=2).close()
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the product did not begin to answer")


def _family(pid: int) -> list[int]:
    """This process and all that descend from it."""
    parents = {int(path.name): _parent(path) for path in Path("/proc").iterdir() if path.name.isdigit()}
    found = [pid]
    for each in found:
        found += [child for child, parent in parents.items() if parent == each]
    return found


def _parent(path: Path) -> int:
    fields = _stat(path)
    return int(fields[1]) if fields else 0


def _cpu(pid: int) -> float:
    """Its own time, with that of children that have ended."""
    fields = _stat(Path(f"/proc/{pid}"))
    return sum(int(each) for each in fields[11:15]) / TICKS if fields else 0.0


def _stat(path: Path) -> list[str]:
    try:
        return (path / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
