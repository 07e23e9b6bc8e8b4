"""Workers that die while they wait, or over what they are given: F4, F5."""

import statistics
import time

from django_q.models import OrmQ

from recordings import clock
from recordings.models import Account, Errand, WebhookDelivery
from recordings.work import oldest_due_age_seconds, wake
from tests.faults.real import strikes
from tests.faults.real.ending import close
from tests.faults.real.processes import kill
from tests.faults.real.stage import Stage

ROUNDS, SHORT_ROUNDS = 20, 2
GOES_ON_WITHIN_SECONDS = 60.0
# At most three deaths, and the claim that puts it aside.
CLAIMS_ALLOWED = 4


def f4(stage: Stage) -> None:
    """Idle workers are killed one at a time, every other time the one that holds the queue's lock."""
    stage.open("recall")
    rounds = SHORT_ROUNDS if stage.is_short else ROUNDS
    taken = [_kill_and_wait(stage, is_holder=number % 2 == 0) for number in range(rounds)]
    went_on = [seconds for seconds in taken if seconds is not None]
    stage.numbers |= {
        "went_on": f"{len(went_on)} of {rounds}",
        "longest_seconds": round(max(went_on, default=0.0), 1),
        "median_seconds": round(statistics.median(went_on or [0.0]), 1),
        "wedged": sum(seconds > 2 for seconds in went_on),
    }
    close(stage)


def _kill_and_wait(stage: Stage, *, is_holder: bool) -> float | None:
    account = stage.each()[0].account
    _rest(stage)
    holder, workers = strikes.holder(), stage.product.workers()
    kill(holder if is_holder and holder in workers else stage.rng.choice(workers or [0]))
    stage.numbers["holders"] = stage.numbers.get("holders", 0) + (is_holder and holder in workers)
    time.sleep(0.7)  # The queue has put another in its place by then.
    began = clock.now()
    _make_due(account)

    def is_done() -> bool:
        """work goes on after an idle worker's death"""
        return Errand.objects.filter(account=account, kind="account.check", done_at__gte=began).exists()

    seconds = stage.wait(is_done)
    if seconds is not None:
        stage.in_time(seconds, GOES_ON_WITHIN_SECONDS, "work went on")
    return seconds


def _rest(stage: Stage) -> None:
    """All workers wait: nothing is due, and the wake-ups are used up."""
    quiet_since = time.monotonic()

    def are_idle() -> bool:
        """all workers wait for work"""
        nonlocal quiet_since
        is_busy = Errand.objects.exclude(lease_token=None).exists() or oldest_due_age_seconds() > 0
        if is_busy or OrmQ.objects.exists() or len(stage.product.workers()) < 4:
            quiet_since = time.monotonic()
        return time.monotonic() - quiet_since > 1

    stage.wait(are_idle, 90)


def _make_due(account: Account) -> None:
    Errand.objects.filter(account=account, kind="account.check").update(due_at=clock.now())
    wake()


def f5(stage: Stage) -> None:
    """Callbacks that kill whoever reads them, or never end, are put aside; the others are read."""
    stage.open(*(("recall", "twilio") if stage.is_short else ()))
    recall = stage.providers["recall"]
    poisoned = 2 if stage.is_short else 4
    began = time.monotonic()
    for number in range(poisoned):
        word = (strikes.KILL, strikes.SLEEP)[number % 2].decode()
        recall.simulator.webhooks.send("bot.joining_call", {"data": {}, "note": f"{word} {number}"})  # type: ignore[attr-defined]
    orders = [stage.start(provider) for provider in stage.each() for _ in range(2)]
    stage.await_outcome(*orders)
    bad = WebhookDelivery.objects.filter(account=recall.account, event="bot.joining_call")
    bad = bad.filter(pk__in=[each.pk for each in bad if b"poison" in bytes(each.body)])

    def are_put_aside() -> bool:
        """what kills its worker is put aside"""
        return bad.filter(state=WebhookDelivery.State.FAILED).count() == poisoned

    stage.wait(are_put_aside, 90)
    stage.numbers["put_aside_seconds"] = round(time.monotonic() - began, 1)
    for each in bad:
        stage.check(each.attempts <= CLAIMS_ALLOWED, "stuck", f"{each} was tried {each.attempts} times")
        stage.check("put aside" in each.outcome, "hidden", f"{each} says {each.outcome!r}")
    close(stage)
