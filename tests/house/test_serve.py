import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from django.core.management.base import CommandError
from django.db import DatabaseError
from django.utils import timezone
from django_q.models import OrmQ

from dashboard.management.commands import serve
from recordings.models import Account, Errand, Heartbeat

ROOT = Path(__file__).resolve().parents[2]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def start(tmp_path):
    """Starts `manage.py serve` with a data folder of its own, whatever database the tests use."""
    started = []

    def run(port):
        drop = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")
        env = {name: value for name, value in os.environ.items() if name not in drop}
        env |= {"TAPEDECK_DATA": str(tmp_path / "data"), "TAPEDECK_BIND": f"127.0.0.1:{port}"}
        command = [sys.executable, "manage.py", "serve"]
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=pipe, stderr=pipe, text=True)
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def answer(port, path):
    deadline = time.monotonic() + 30
    while True:
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5).read()
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_serve_answers_pages_with_their_styles_and_ends_cleanly(start):
    port = free_port()
    process = start(port)

    ready = answer(port, "/readyz")
    first = process.stdout.readline() + process.stdout.readline()
    link = first.partition(f"http://127.0.0.1:{port}/setup/")[2].strip()
    form = answer(port, f"/setup/{link}").decode()
    page = answer(port, "/admin/login/").decode()
    style = page.partition('<link rel="stylesheet" href="')[2].partition('"')[0]
    styled = answer(port, style)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=15)

    assert b"writable" in ready
    assert styled
    assert f"Tapedeck is at http://127.0.0.1:{port}" in first
    assert "The first administrator" in form
    assert output == ""
    assert process.returncode == 0


def test_taken_port_is_one_clear_line(start):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        process = start(port)
        _, error = process.communicate(timeout=15)

    assert process.returncode == 1
    assert len(error.strip().splitlines()) == 1
    assert f"Cannot listen at 127.0.0.1:{port}" in error


@pytest.mark.parametrize(("text", "parsed"), [("0.0.0.0:80", ("0.0.0.0", 80)), ("[::1]:8000", ("::1", 8000))])
def test_bind_is_host_and_port(text, parsed):
    assert serve.parse_bind(text) == parsed


@pytest.mark.parametrize("text", ["8000", ":8000", "localhost:", "localhost:http"])
def test_other_binds_are_refused(text):
    with pytest.raises(CommandError, match="host:port"):
        serve.parse_bind(text)


def test_address_is_what_a_browser_opens(settings):
    assert serve.address("::1", 8000) == "http://[::1]:8000"
    settings.PUBLIC_URL = "https://tapedeck.example"
    assert serve.address("127.0.0.1", 8000) == "https://tapedeck.example"


@pytest.fixture
def due_errand(transactional_db):
    account = Account.objects.create(provider="twilio", name="Sales")
    return Errand.objects.create(account=account, kind="refresh", due_at=timezone.now())


@pytest.fixture
def watch(settings):
    """Lets the watchdog look once more; returns how often it has called for a restart."""
    settings.TAPEDECK_STALE_SECONDS, settings.TAPEDECK_PICKUP_SECONDS = 10, 5
    restarts = []
    chore = serve.watchdog_chore(lambda: restarts.append("queue"))

    def look():
        chore.run()
        return len(restarts)

    return look


def beat(name):
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": timezone.now()})


def test_queue_that_leaves_due_work_alone_is_restarted(due_errand, watch):
    assert [watch() for _ in range(3)] == [0, 0, 1]


def test_queue_whose_workers_look_is_left_alone(due_errand, watch):
    for _ in range(5):
        beat("worker")
        assert watch() == 0


def test_pick_up_that_beats_does_not_speak_for_the_workers(due_errand, watch):
    for _ in range(2):
        beat("pick-up")
        watch()
    beat("pick-up")

    assert watch() == 1


def test_queue_that_nobody_could_write_to_is_left_alone(due_errand, watch, monkeypatch):
    def refuse(**_):
        raise DatabaseError("database or disk is full")

    monkeypatch.setattr(Heartbeat.objects, "update_or_create", refuse)

    for _ in range(5):
        with pytest.raises(DatabaseError):
            watch()
    monkeypatch.undo()

    assert watch() == 0


def test_idle_queue_is_left_alone(transactional_db, watch):
    assert [watch() for _ in range(5)] == [0] * 5


def test_pick_up_calls_the_workers_to_what_is_due(due_errand):
    serve.pick_up_chore().run()

    assert OrmQ.objects.count() == 1


def test_pick_up_leaves_an_idle_queue_empty(transactional_db):
    serve.pick_up_chore().run()

    assert not OrmQ.objects.exists()
