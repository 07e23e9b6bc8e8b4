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
    time.sleep(600)
time.sleep(600)
"""
# What is registered first is called first: each child is held up before it can ask the kernel.
LATE = """
import os, time
def wait():
    parent = os.getppid()
    print(parent, os.getpid(), flush=True)
    while os.getppid() == parent:
        time.sleep(0.01)
os.register_at_fork(after_in_child=wait)
import django
django.setup()
os.fork()
time.sleep(600)
"""


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def family(tmp_path):
    """Starts a program, kills it once it has told two processes of its family; none outlives the test."""
    pids = []

    def start(program):
        drop = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")
        kept = {name: value for name, value in os.environ.items() if name not in drop}
        told = {"TAPEDECK_DATA": str(tmp_path), "TAPEDECK_ROLE": "worker"}
        env = kept | told | {"DJANGO_SETTINGS_MODULE": "dashboard.settings"}
        with subprocess.Popen(
            [sys.executable, "-c", program], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True
        ) as process:
            pids.extend(int(word) for word in process.stdout.readline().split())
            process.kill()
        return pids

    yield start
    for pid in pids:
        if is_alive(pid):
            os.kill(pid, signal.SIGKILL)


def assert_gone(pids):
    deadline = time.monotonic() + 60
    while any(is_alive(pid) for pid in pids):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_workers_end_with_the_queue(family):
    assert_gone(family(FAMILY))


def test_a_worker_forked_by_a_dying_queue_does_not_stay(family):
    assert_gone(family(LATE))
