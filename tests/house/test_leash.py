"""What the queue has forked does not outlive it, whoever else died."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FAMILY = """
import os, time
import django
django.setup()
if os.fork() == 0:
    child = os.fork()
    if child:
        print(os.getpid(), child, flush=True)
    time.sleep(60)
time.sleep(60)
"""


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def family(tmp_path):
    """Starts a process with a child and a grandchild; all of them are gone after the test."""
    pids = []

    def start():
        drop = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")
        kept = {name: value for name, value in os.environ.items() if name not in drop}
        told = {"TAPEDECK_DATA": str(tmp_path), "TAPEDECK_ROLE": "worker"}
        env = kept | told | {"DJANGO_SETTINGS_MODULE": "dashboard.settings"}
        with subprocess.Popen(
            [sys.executable, "-c", FAMILY], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True
        ) as process:
            pids.extend(int(word) for word in process.stdout.readline().split())
            process.kill()
        return pids

    yield start
    for pid in pids:
        if is_alive(pid):
            os.kill(pid, signal.SIGKILL)


def test_workers_end_with_the_queue(family):
    child, grandchild = family()

    deadline = time.monotonic() + 60
    while is_alive(child) or is_alive(grandchild):
        assert time.monotonic() < deadline
        time.sleep(0.01)
