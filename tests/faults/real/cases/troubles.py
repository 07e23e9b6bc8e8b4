"""Providers that drop, cut, stall, refuse and speak HTML, and the accounts beside them: F8."""

import statistics
import time

from recordings.models import Account, Errand, Operation
from tests.faults.real.ending import close
from tests.faults.real.providers import Provider, hurry
from tests.faults.real.stage import Stage

DELAY_SECONDS = 0.2
ORDERS, SHORT_ORDERS = 12, 6
ROUNDS, SHORT_ROUNDS = 3, 1
RATIO = 1.15
SLACK_SECONDS = 1.0  # a start of a look more or less: what is measured takes some seconds only
TROUBLES = (
    {"kind": "drop"},
    {"kind": "drop_after"},
    {"kind": "cut"},
    {"kind": "slow", "seconds": 6.0},
    {"kind": "after", "status": 500},
    {"kind": "refuse", "status": 429, "headers": {"Retry-After": "3"}},
    {"kind": "refuse", "status": 507, "headers": {"Retry-After": "2"}},
    {"kind": "html", "status": 502},
    {"kind": "refuse", "status": 401},
)


def f8(stage: Stage) -> None:
    """Two accounts have every trouble there is; the two others do their orders in their usual time."""
    stage.open()
    sick = [stage.providers["recall"], stage.providers["twilio"]]
    well = [stage.providers["daily"], stage.providers["vobiz"]]
    for provider in well:
        provider.delay_seconds = DELAY_SECONDS
    rounds = SHORT_ROUNDS if stage.is_short else ROUNDS
    ratios = [_compared(stage, sick, well) for _ in range(rounds)]
    stage.numbers["ratio"] = round(statistics.median(ratios), 2)
    stage.numbers["ratios"] = [round(ratio, 2) for ratio in ratios]
    _list_in_circles(stage, stage.providers["twilio"])
    for provider in sick:
        _keeps_away(stage, provider)
    close(stage)
    healthy = set(Account.objects.filter(is_healthy=True).values_list("provider", flat=True))
    stage.check(healthy == set(stage.providers), "stuck", f"only {healthy} are healthy in the end")


def _compared(stage: Stage, sick: list[Provider], well: list[Provider]) -> float:
    """The time of the well ones' orders while the others have troubles, by the time without."""
    alone = _time_of(stage, well)
    beside = _trouble(stage, sick)
    ill = Account.objects.filter(pk__in=[each.account.pk for each in sick], is_healthy=False)

    def is_marked() -> bool:
        """an account is marked unhealthy"""
        return ill.exists()

    stage.wait(is_marked, 60)
    together = _time_of(stage, well)
    stage.await_outcome(*beside, seconds=180)
    ratio = together / alone
    if not stage.is_short:  # so few orders are told with their times, and prove nothing by them
        told = f"the well accounts' orders ({alone:.1f} s alone)"
        stage.in_time(together, alone * RATIO + SLACK_SECONDS, told)
    return ratio


def _time_of(stage: Stage, well: list[Provider]) -> float:
    count = (SHORT_ORDERS if stage.is_short else ORDERS) // len(well)
    calls = [(provider, provider.place_calls(count)) for provider in well]
    began = time.monotonic()
    orders = [stage.start(provider, call) for provider, some in calls for call in some]
    stage.await_outcome(*orders)
    return time.monotonic() - began


def _trouble(stage: Stage, sick: list[Provider]) -> list[Operation]:
    """An order for each trouble at each of these."""
    some = stage.rng.sample(TROUBLES, k=5) if stage.is_short else TROUBLES
    orders = []
    for provider in sick:
        calls = provider.place_calls(len(some))
        for trouble in stage.rng.sample(some, k=len(some)):
            provider.simulator.fail(method="POST", **trouble)
        provider.simulator.fail(kind="refuse", status=401, times=1, method="GET")
        hurry(provider.account, "account.check")
        orders += [stage.start(provider, call) for call in calls]
    return orders


def _list_in_circles(stage: Stage, twilio: Provider) -> None:
    """A page token that repeats ends the listing, and says so."""
    twilio.simulator.faults.clear()
    twilio.simulator.fill(120)  # type: ignore[attr-defined]
    twilio.simulator.switch(page_token_repeats=True)  # type: ignore[attr-defined]
    sweep = Errand.objects.get(account=twilio.account, kind="sweep.full", state=Errand.State.QUEUED)
    hurry(twilio.account, "sweep.full")

    def has_ended() -> bool:
        """a listing that goes in circles ends"""
        now = Errand.objects.get(pk=sweep.pk)
        return now.done_at is not None and (sweep.done_at is None or now.done_at > sweep.done_at)

    stage.wait(has_ended, 90)
    twilio.simulator.switch(page_token_repeats=False)  # type: ignore[attr-defined]


def _keeps_away(stage: Stage, provider: Provider) -> None:
    """Nothing of the same kind leaves between an answer with ``Retry-After`` and its time."""
    writes = [each for each in provider.exchanges if each.method == "POST"]
    for told in writes:
        if told.status not in (429, 507) or not told.retry_after:
            continue
        closed = (told.answered_at + 0.3, told.at + told.retry_after - 0.3)
        same = [each for each in writes if _is_same(each.path, told.path, told.status)]
        early = [each for each in same if closed[0] < each.at < closed[1]]
        stage.check(not early, "early", f"{provider.slug}: {len(early)} requests before Retry-After")


def _is_same(path: str, told: str, status: int) -> bool:
    """A throttle closes the whole endpoint; what cannot be served now is about one thing alone."""
    return path.rpartition("/")[2] == told.rpartition("/")[2] if status == 429 else path == told
