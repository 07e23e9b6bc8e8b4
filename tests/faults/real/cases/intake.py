"""What comes in while the server dies, twice at once, late, or where nothing can be written: F1, F2, F10."""

import statistics
import threading
import time
from collections import Counter
from typing import Any

from django.db import connection

from recordings.models import Recording, WebhookDelivery
from tests.faults.real.disk import full, written_for_long
from tests.faults.real.ending import acknowledged, close
from tests.faults.real.environment import free_port
from tests.faults.real.load import Load, Sender, event
from tests.faults.real.processes import kill, patiently
from tests.faults.real.providers import Provider
from tests.faults.real.stage import Stage

RATE = 300.0
KILLS, SHORT_KILLS = 20, 2
ANSWERS_WITHIN_SECONDS = 3.0
SAYS_NO_WITHIN_SECONDS = 2.0
SLACK_SECONDS = 0.2  # of the sender
DUPLICATES = 2
BUSY = 1.5  # times as slow as alone
RECORDED_SECONDS = 2.5  # of less a provider may say that there was nothing


def f1(stage: Stage) -> None:
    """The web server is killed again and again while 300 callbacks a second come."""
    stage.open("recall")
    recall = stage.providers["recall"]
    recall.place_calls(5)
    load = Load(recall, stage.rng, rate=RATE / 3 if stage.is_short else RATE)
    load.start()
    kills = SHORT_KILLS if stage.is_short else KILLS
    returned = [_kill_web(stage) for _ in range(kills)]
    load.stop()
    stage.wait(load.is_taken, 240)
    load.end()
    stage.numbers |= {
        "made": load.made,
        "kills": kills,
        "answers_again_seconds": round(max(returned), 2),
        "median_seconds": round(statistics.median(returned), 2),
    }
    close(stage)


def _kill_web(stage: Stage) -> float:
    """Kill the server, or only who answers in it; the seconds from its new start to its first answer."""
    time.sleep(0.5 + stage.rng.random())
    before = set(stage.product.web())
    kill(stage.rng.choice(sorted(before)))
    stage.wait(lambda: set(stage.product.web()) - before)
    seconds = patiently(stage.product.answers)
    stage.in_time(seconds, ANSWERS_WITHIN_SECONDS, "the web server answered again")
    return seconds


def f2(stage: Stage) -> None:
    """Callbacks many times over, late and in any order, two processes given one at once: as if in order."""
    stage.open(*(("recall", "twilio") if stage.is_short else ()))
    port = free_port()
    stage.product.start_second_web(port)
    orderly = stage.each()
    chaotic = [_chaotic(stage, provider) for provider in orderly]
    for provider in (*orderly, *chaotic):
        orders = [stage.start(provider, call) for call in provider.place_calls(2)]
        stage.await_outcome(*orders)
    time.sleep(RECORDED_SECONDS)
    for provider in (*orderly, *chaotic):
        for call_id in list(provider.simulator.truth()["calls"]):  # type: ignore[attr-defined]
            provider.simulator.end_call(call_id)  # type: ignore[attr-defined]
    _send_at_once(stage, stage.providers["recall"], port)
    time.sleep(3)
    for provider in chaotic:
        _send_again(stage, provider)
    close(stage)
    for provider, other in zip(orderly, chaotic, strict=True):
        same = _statuses(provider) == _statuses(other)
        stage.check(
            same, "differs", f"{provider.slug}: {_statuses(provider)} in order, else {_statuses(other)}"
        )
    statuses = Counter(each.status for provider in stage.each() for each in provider.answered)
    _takes_all(stage, statuses)


def _takes_all(stage: Stage, statuses: Counter[int | None]) -> None:
    """No error answers; only where the machine does not get to it in two seconds, "try again"."""
    stage.numbers["statuses"] = dict(statuses)
    stage.check(set(statuses) <= {200, 503}, "error", f"callbacks were answered with {set(statuses)}")
    if statuses[503]:
        stage.check(stage.slowness() > BUSY, "error", f"{statuses[503]} callbacks were answered with 503")


def _chaotic(stage: Stage, like: Provider) -> Provider:
    """An account where the same happens, and callbacks come in any order, each three times."""
    other = stage.add(like.slug, f"{like.slug} in chaos")
    other.simulator.outbox.chaos.duplicates = DUPLICATES
    other.simulator.outbox.chaos.jitter_seconds = 3.0
    return other


def _send_again(stage: Stage, provider: Provider) -> None:
    """Everything once more, in the wrong order."""
    for callback in reversed(provider.callbacks()):
        provider.simulator.outbox.resend(callback)


def _send_at_once(stage: Stage, recall: Provider, port: int) -> None:
    """One id at two processes at the same moment."""
    rounds = 20 if stage.is_short else 100
    for number in range(rounds):
        callback = event(recall, number)
        gate = threading.Barrier(2)
        threads = [
            threading.Thread(target=_post, args=(recall, callback, netloc, gate))
            for netloc in ("", f"127.0.0.1:{port}")
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def _post(provider: Provider, callback: Any, netloc: str, gate: threading.Barrier) -> None:
    gate.wait()
    began = time.time()
    provider.note(callback.url, callback.body, Sender().send(callback, netloc), began)


def _statuses(provider: Provider) -> list[str]:
    return sorted(Recording.objects.filter(account=provider.account).values_list("status", flat=True))


def f10(stage: Stage) -> None:
    """The disk is full, then free; somebody holds the right to write: 503 at once, and no restart."""
    stage.open("recall", "twilio")
    recall = stage.providers["recall"]
    recall.place_calls(2)
    stage.await_outcome(*[stage.start(provider) for provider in stage.each()])
    processes = {stage.product.web()[0], stage.product.queue()[0]}
    _fill_disk(stage, recall)
    if connection.vendor == "sqlite":
        _hold_database(stage, recall)
    _takes_again(stage, recall)
    stage.check(processes <= set(stage.product.everyone()), "stuck", "it took a restart to recover")
    stage.await_outcome(*[stage.start(provider) for provider in stage.each()])
    close(stage)


def _fill_disk(stage: Stage, recall: Provider) -> None:
    connection.close()
    with full(stage.folder / "full"):
        _refuses(stage, recall, "full disk", seconds=2.0 if stage.is_short else 8.0)
    _takes_again(stage, recall)


def _hold_database(stage: Stage, recall: Provider) -> None:
    connection.close()
    with written_for_long():
        _refuses(stage, recall, "long writer", seconds=4.0 if stage.is_short else 10.0)


def _refuses(stage: Stage, recall: Provider, why: str, *, seconds: float) -> None:
    """Every callback gets 503, and soon."""
    ends_at, first = time.monotonic() + seconds, len(recall.answered)
    senders = [threading.Thread(target=_post_until, args=(recall, ends_at)) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    told = recall.answered[first:]
    statuses = {each.status for each in told if each.at + each.seconds < time.time() - 0.1}
    longest = max(each.seconds for each in told)
    stage.numbers[f"{why}: answers"] = len(told)
    stage.numbers[f"{why}: longest_seconds"] = round(longest, 2)
    stage.check(statuses == {503}, "lost", f"{why}: callbacks were answered with {statuses}")
    stage.in_time(longest, SAYS_NO_WITHIN_SECONDS + SLACK_SECONDS, f"{why}: 503")


def _post_until(recall: Provider, ends_at: float) -> None:
    sender, number = Sender(), 0
    while time.monotonic() < ends_at:
        callback, began = event(recall, number + int(time.time() * 1e6) % 10**6), time.time()
        recall.note(callback.url, callback.body, sender.send(callback), began)
        number += 1
        time.sleep(0.05)


def _takes_again(stage: Stage, recall: Provider) -> None:
    before, sender = len(acknowledged(recall)), Sender()

    def does_take() -> bool:
        """a callback is taken again"""
        callback, began = event(recall, int(time.time() * 1e6)), time.time()
        recall.note(callback.url, callback.body, sender.send(callback), began)
        return len(acknowledged(recall)) > before

    stage.numbers["takes_again_seconds"] = round(stage.wait(does_take, 30) or 0.0, 2)
    stage.check(WebhookDelivery.objects.filter(account=recall.account).exists(), "lost", "nothing is kept")
