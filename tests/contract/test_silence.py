"""Thirty hours without a callback: one sweep alone makes the mirror what the provider's list is, and the
ledger says what it did."""

from collections.abc import Callable
from typing import Any

from recordings import clock, connections, housekeeping
from recordings.models import Errand, LedgerDay, LedgerEntry, Recording
from recordings.providers.snapshots import RecordingSnapshot, Status
from tests.contract.conftest import Provider
from tests.contract.test_listing import ASKED
from tests.contract.test_listing import GONE as GONE_ELSEWHERE

HOURS = 30
MADE = 6
# What a sweep is: its pages, the reads of what it lacked, and its ledger. Nothing else may help.
SWEEPING = ("sweep.full", "recording.confirm", "transcript.confirm", "ledger.balance", "account.check")


def fall_silent(provider: Provider) -> None:
    provider.simulator.outbox.deliver = lambda *_: 200


def make_elsewhere(provider: Provider) -> None:
    if provider.slug != "fifth":
        provider.simulator.fill(MADE, apart=4 * 3600.0)
        return
    for number in range(MADE):
        call = provider.simulator.place_call()
        provider.simulator.calls[call]["state"] = "over"
        provider.simulator.recordings[f"elsewhere-{number}"] = {
            **next(iter(provider.simulator.recordings.values())),
            "id": f"elsewhere-{number}",
            "call": call,
            "key": "",
        }


def delete_elsewhere(provider: Provider, external_id: str) -> None:
    tables: dict[str, Callable[[Any, str], object]] = {
        **GONE_ELSEWHERE,
        "fifth": lambda simulator, ident: simulator.recordings.pop(ident),
    }
    tables[provider.slug](provider.simulator, external_id)


def sweep_once(provider: Provider) -> None:
    housekeeping.ensure_standing()
    Errand.objects.exclude(kind__in=SWEEPING).update(due_at=None)
    Errand.objects.filter(kind="sweep.full").update(due_at=clock.now())
    for _ in range(120):
        if not provider.world.work():
            waits = Errand.objects.filter(kind__in=SWEEPING, every_seconds=None, due_at__isnull=False)
            sweeping = Errand.objects.filter(kind="sweep.full", step__gt=0)
            if not waits.filter(state="queued").exists() and not sweeping.exists():
                return
            provider.world.clock.advance(5.0)
    raise AssertionError("the sweep did not end")


def listed_by(provider: Provider) -> dict[str, Status]:
    """What the provider lists now, page by page, by its adapter alone."""
    adapter = connections.open_account(provider.account)
    found, cursor = {}, ""
    while True:
        page = adapter.list_recordings(since=None, until=None, cursor=cursor)
        things = [each for each in page.items if isinstance(each, RecordingSnapshot)]
        found |= {each.external_id: each.status or Status.PROCESSING for each in things}
        cursor = page.next_cursor
        if not cursor:
            return found


def test_one_sweep_after_thirty_silent_hours_makes_the_mirror_the_list(provider: Provider) -> None:
    gone = provider.record()
    call = provider.place_call("Another call")
    order = provider.world.order(provider.user, call, "recording.start", **provider.start_options())
    provider.world.advance(30)
    running = Recording.objects.get(key=order.made_key)
    assert running.status == Status.IN_PROGRESS

    fall_silent(provider)
    provider.world.clock.advance(3600.0)
    provider.simulator.end_call(call.external_id)
    provider.world.clock.advance((HOURS - 1) * 3600.0)
    make_elsewhere(provider)
    delete_elsewhere(provider, gone.external_id)
    sweep_once(provider)

    theirs = listed_by(provider)
    ours = dict(Recording.objects.values_list("external_id", "status"))
    assert ours.pop(gone.external_id) == Status.DELETED
    assert ours == {key: status for key, status in theirs.items() if key != gone.external_id}
    assert len(ours) == MADE + 1
    assert Recording.objects.filter(found_by="sweep").count() == MADE
    days = LedgerDay.objects.filter(things="recordings")
    alive = [status for status in theirs.values() if status is not Status.DELETED]
    assert sum(day.listed for day in days) == sum(day.matched for day in days) == len(alive) == MADE + 1
    mended = LedgerEntry.objects.filter(verdict="repaired").values_list("external_id", "values__status")
    assert dict(mended) == {
        gone.external_id: ["completed", "deleted"],
        running.external_id: ["in_progress", "completed"],
    }
    assert not LedgerEntry.objects.exclude(verdict="repaired").exists()


def test_listing_that_was_not_complete_proves_no_deletion(provider: Provider) -> None:
    gone = provider.record()
    fall_silent(provider)
    provider.world.clock.advance(HOURS * 3600.0)
    delete_elsewhere(provider, gone.external_id)
    asked = ASKED.get(provider.slug, "/recordings")
    provider.simulator.fail(kind="refuse", status=400, times=1000, path_contains=asked)
    before = list(LedgerDay.objects.values_list("things", "day", "began_at"))

    housekeeping.ensure_standing()
    Errand.objects.exclude(kind__in=SWEEPING).update(due_at=None)
    Errand.objects.filter(kind="sweep.full").update(due_at=clock.now())
    for _ in range(5):
        provider.world.work()
        provider.world.clock.advance(5.0)

    gone.refresh_from_db()
    assert gone.status == Status.COMPLETED
    assert list(LedgerDay.objects.values_list("things", "day", "began_at")) == before
    assert not LedgerEntry.objects.filter(verdict="unexplained").exists()
    assert Errand.objects.get(kind="sweep.full").problem
