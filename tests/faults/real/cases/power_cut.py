"""The power goes at a random moment: F11. The shim's log says what the disk would hold then."""

import signal
import sqlite3
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

from recordings.models import Operation, WebhookDelivery
from tests.faults.real import cluster, power
from tests.faults.real.ending import acknowledged, check_callbacks, close
from tests.faults.real.load import Load
from tests.faults.real.providers import query_of
from tests.faults.real.stage import Stage

CUTS, SHORT_CUTS = 12, 4
NAME = "tapedeck.sqlite3"


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What had been promised when the log was so long."""

    size: int
    acknowledged: set[tuple[str, bytes]]
    at: float


def f11(stage: Stage) -> None:
    """The power goes: what was acknowledged is there, what was sent is marked, nothing is sent twice."""
    stage.open(*(("recall", "twilio") if stage.is_short else ()))
    recall = stage.providers["recall"]
    calls = [(provider, call) for provider in stage.each() for call in provider.place_calls(3)]
    load = Load(recall, stage.rng, rate=20.0)
    load.start()
    marks: list[Mark] = []
    for provider, call in calls:
        stage.start(provider, call)
        time.sleep(stage.rng.random() * 0.6)
        marks.append(_mark(stage))
    cut = _cut(stage, load)
    if connection.vendor == "sqlite":
        for number, mark in enumerate(stage.rng.sample(marks, k=min(len(marks), _cuts(stage)))):
            _judge_cut(stage, mark, stage.folder / f"cut-{number}")
        _judge_cut(stage, cut, stage.folder / "cut")
        _put_in_place(stage)
        stage.numbers["cuts"] = _cuts(stage) + 1
    else:  # Its files are another program's: it dies as it is, and recovers by itself.
        cluster.start_server(cluster.end_server(stage.folder, signal.SIGKILL))
    stage.start_product()
    check_callbacks(stage, recall, cut.at)
    close(stage)


def _cuts(stage: Stage) -> int:
    return SHORT_CUTS if stage.is_short else CUTS


def _mark(stage: Stage) -> Mark:
    """The promises first, then the log: what comes in between is only more on the disk."""
    at = time.time()
    given = {(each.url, each.body) for each in acknowledged(stage.providers["recall"], at)}
    log = stage.folder / "disk.log"
    size = log.stat().st_size if log.exists() else 0
    return Mark(size=size, acknowledged=given, at=at)


def _cut(stage: Stage, load: Load) -> Mark:
    """Everything of the product dies at once, in the middle of its work."""
    threading.Event().wait(stage.rng.random())
    mark = _mark(stage)
    stage.product.kill_all()
    load.stop()
    load.end()
    connection.close()
    for provider in stage.each():
        provider.release.set()
    return mark


def _judge_cut(stage: Stage, mark: Mark, folder: Path) -> None:
    """The database as the disk would hold it opens, is sound, and holds what was promised."""
    log, base = stage.folder / "disk.log", stage.folder / "base"
    power.after_power_cut(log, mark.size, folder, stage.rng, base=base)
    (folder / f"{NAME}-shm").unlink(missing_ok=True)
    try:
        database = sqlite3.connect(folder / NAME)
        is_sound = database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        stage.check(is_sound, "lost", "the database is broken after a power cut")
        rows = database.execute("SELECT query, body FROM recordings_webhookdelivery")
        kept = {(query, bytes(body)) for query, body in rows}
        states = database.execute("SELECT made_key, state FROM recordings_operation").fetchall()
        database.close()
    except sqlite3.DatabaseError as exc:
        stage.problem("lost", f"after a power cut: {exc}")
        return
    gone = [body for url, body in mark.acknowledged if (query_of(url), body) not in kept]
    stage.check(not gone, "lost", f"{len(gone)} acknowledged callbacks are gone after a power cut")
    stage.numbers["promised"] = stage.numbers.get("promised", 0) + len(mark.acknowledged)
    _judge_marks(stage, mark, {str(uuid.UUID(key)): state for key, state in states if key})


def _judge_marks(stage: Stage, mark: Mark, states: dict[str, str]) -> None:
    """Whatever a provider had performed by then is known to have been sent."""
    done = [
        repr(each.details)
        for provider in stage.each()
        for each in provider.simulator.performed
        if each.at <= mark.at
    ]
    for key, state in states.items():
        is_performed = any(key in details for details in done)
        is_marked = state != Operation.State.QUEUED
        stage.check(is_marked or not is_performed, "twice", f"{key} was performed, and would be sent again")


def _put_in_place(stage: Stage) -> None:
    """What the disk held is what the product finds when the power is back."""
    data = Path(settings.TAPEDECK_DATA)
    for path in data.glob(f"{NAME}*"):
        path.unlink()
    for path in (stage.folder / "cut").glob(f"{NAME}*"):
        (data / path.name).write_bytes(path.read_bytes())
    connection.close()
    assert WebhookDelivery.objects.exists()
