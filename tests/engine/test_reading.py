"""Errands that read: fetches and their follow-ups, the live list, tests of the connection, sweeps."""

from datetime import timedelta
from typing import Any

import pytest

from recordings import clock, housekeeping, reading, tasks
from recordings.models import Account, Bucket, Call, Errand, Recording, WebhookDelivery
from recordings.providers.base import Health
from recordings.providers.errors import NotFound
from recordings.providers.orders import Bucket as Limit
from recordings.providers.snapshots import CallState, EndpointSnapshot, Page, Status
from recordings.sync.wishes import ask, remind
from recordings.work import errands, pace
from recordings.work.errands import Kind, Step
from tests.fifth.adapter import FifthAdapter
from tests.fifth.simulator import FifthSimulator
from tests.world import World


def gets(fifth: FifthSimulator, path: str) -> int:
    return len([request for request in fifth.requests if request.path == path and request.method == "GET"])


# Fetches.


def test_fetch_brings_a_recording_in(world: World, account: Account, fifth: FifthSimulator) -> None:
    call_id = fifth.place_call()
    fifth._start(call_id, {})

    ask(account, "recording.fetch", subject="rec-1")
    world.work()

    row = Recording.objects.get()
    assert (row.external_id, row.source) == ("rec-1", "reply")


def test_open_recording_is_read_again_after_1_5_and_15_minutes_and_then_no_more(
    world: World, account: Account, fifth: FifthSimulator
) -> None:
    fifth._start(fifth.place_call(), {})
    ask(account, "recording.fetch", subject="rec-1")

    reads = []
    for minutes in (0, 1, 5, 15, 60):
        world.advance(minutes * 60, step=60)
        world.work()
        reads.append(gets(fifth, "/recordings/rec-1"))

    assert reads == [1, 2, 3, 4, 4]
    assert Errand.objects.get(kind="recording.fetch").state == Errand.State.DONE


def test_without_callbacks_open_things_are_read_quickly(
    world: World, account: Account, fifth: FifthSimulator, settings: Any
) -> None:
    settings.PUBLIC_URL = ""
    fifth._start(fifth.place_call(), {})
    ask(account, "recording.fetch", subject="rec-1")

    world.work()
    world.advance(16)

    assert gets(fifth, "/recordings/rec-1") == 4


def test_read_that_fails_is_tried_again_later(world: World, account: Account, fifth: FifthSimulator) -> None:
    fifth._start(fifth.place_call(), {})
    fifth.fail(kind="refuse", status=503, path_contains="/recordings/rec-1", times=2)

    ask(account, "recording.fetch", subject="rec-1")
    world.work()
    account.refresh_from_db()
    was_healthy = account.is_healthy
    world.advance(60)

    assert was_healthy is False
    assert Recording.objects.exists()


def test_throttled_read_waits_for_its_retry_after(
    world: World, account: Account, fifth: FifthSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FifthAdapter, "read_buckets", {"fetch": ("reads",)})
    monkeypatch.setattr(FifthAdapter, "buckets", (Limit(name="reads", limit=9, per_seconds=1.0),))
    fifth._start(fifth.place_call(), {})
    fifth.fail(kind="refuse", status=429, headers={"Retry-After": "40"}, path_contains="/recordings/rec-1")

    ask(account, "recording.fetch", subject="rec-1")
    world.work()
    ask(account, "recording.fetch", subject="rec-2")
    world.advance(30)
    early = gets(fifth, "/recordings/rec-1") + gets(fifth, "/recordings/rec-2")
    world.advance(30)

    assert early == 1
    assert Bucket.objects.get(name="reads").closed_until is not None
    assert Recording.objects.exists()


def test_read_of_what_is_unknown_ends(world: World, account: Account) -> None:
    ask(account, "call.fetch", subject="call-9")

    world.work()

    errand = Errand.objects.get(kind="call.fetch")
    assert (errand.state, errand.problem) == (Errand.State.FAILED, "not found")


def test_errand_of_unknown_kind_is_put_aside(world: World, account: Account) -> None:
    ask(account, "weather.report")

    world.work()

    assert Errand.objects.get(kind="weather.report").state == Errand.State.FAILED


def test_giving_up_tells_whoever_asked(
    world: World, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def refuse(errand: Errand, adapter: Any) -> Step:
        raise NotFound("gone")

    kind = Kind(handler=refuse, on_given_up=lambda errand, problem: told.append(problem))
    monkeypatch.setitem(errands._kinds, "test.gone", kind)
    ask(account, "test.gone")

    world.work()

    assert told == ["gone"]


def test_standing_errand_that_kills_its_worker_is_slowed_and_not_dropped(
    world: World, account: Account
) -> None:
    errand = errands.standing(account, "account.check", every_seconds=60, lane=1)
    Errand.objects.filter(pk=errand.pk).update(deaths=3)

    world.work()

    errand.refresh_from_db()
    assert errand.state == Errand.State.QUEUED
    assert errand.due_at == world.clock.utc() + timedelta(seconds=600)


def test_errand_that_kills_its_worker_is_put_aside_however_often_the_pace_holds_it_back(
    world: World, account: Account
) -> None:
    errand = ask(account, "recording.fetch", subject="rec-1")
    Errand.objects.filter(pk=errand.pk).update(deaths=2)
    pace.close(account, "", seconds=9)

    world.work()

    errand.refresh_from_db()
    assert (errand.state, errand.deaths, errand.attempts) == (Errand.State.QUEUED, 2, 0)
    assert errand.due_at == world.clock.utc() + timedelta(seconds=9)


def test_what_was_put_aside_is_not_asked_for_again_by_itself_for_a_day(
    world: World, account: Account, fifth: FifthSimulator
) -> None:
    call_id = fifth.place_call()
    remind(account, "call.fetch", subject=call_id)
    Errand.objects.update(deaths=3)
    world.work()
    aside = Errand.objects.get()

    remind(account, "call.fetch", subject=call_id)
    by_itself = Errand.objects.count()
    by_a_person = ask(account, "call.fetch", subject=call_id)
    by_a_person.delete()
    world.clock.advance(86_401)
    remind(account, "call.fetch", subject=call_id)

    assert (aside.state, aside.deaths, by_itself) == (Errand.State.FAILED, 3, 1)
    assert by_a_person.state == Errand.State.QUEUED
    assert Errand.objects.count() == 2


# Live calls.


def test_live_list_is_read_every_15_seconds_only_while_somebody_watches(
    world: World, account: Account, fifth: FifthSimulator
) -> None:
    housekeeping.ensure_standing()
    world.work()
    before = gets(fifth, "/calls")

    world.advance(100)
    unwatched = gets(fifth, "/calls") - before
    for _ in range(4):
        reading.watch([Account.objects.get(pk=account.pk)])
        world.advance(15)
    watched = gets(fifth, "/calls") - before - unwatched

    assert unwatched == 0
    assert watched >= 3


def test_watching_twice_in_a_row_writes_once(account: Account, django_assert_num_queries: Any) -> None:
    reading.watch([account])
    account.refresh_from_db()

    with django_assert_num_queries(0):
        reading.watch([account])


def test_call_that_left_the_live_list_is_read_by_itself(
    world: World, account: Account, fifth: FifthSimulator
) -> None:
    first, second = fifth.place_call("One"), fifth.place_call("Two")
    world.look_at_calls(account)
    fifth.end_call(first)
    world.clock.advance(1)

    world.look_at_calls(account)

    states = dict(Call.objects.values_list("external_id", "state"))
    assert states == {first: CallState.ENDED, second: CallState.LIVE}


def test_live_list_of_several_pages_is_read_to_its_end_and_not_in_circles(
    world: World, account: Account, fifth: FifthSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    list_calls: Any = FifthAdapter.list_calls
    asked: list[str] = []

    def paged(self: Any, cursor: str = "") -> Page:
        asked.append(cursor)
        page: Page = list_calls(self)
        following = {"": "p2", "p2": "p3", "p3": "p2"}[cursor]
        return Page(items=page.items, next_cursor=following)

    monkeypatch.setattr(FifthAdapter, "list_calls", paged)
    fifth.place_call()

    world.look_at_calls(account)

    assert asked == ["", "p2", "p3"]
    account.refresh_from_db()
    assert account.calls_seen_at is not None


# The account itself.


def test_failed_test_of_the_connection_is_shown_and_repeated_soon(
    world: World, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    sick = Health(is_healthy=False, message="The key is wrong.")
    monkeypatch.setattr(FifthAdapter, "check", lambda self: sick)

    housekeeping.ensure_standing()
    world.work()

    account.refresh_from_db()
    check = Errand.objects.get(kind="account.check")
    assert (account.is_healthy, account.health_message) == (False, "The key is wrong.")
    assert check.due_at == world.clock.utc() + timedelta(seconds=60)


def test_state_of_the_endpoints_is_noted(
    world: World, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = EndpointSnapshot(external_id="w1", url="https://x.test", state="FAILED", is_healthy=False)
    monkeypatch.setattr(FifthAdapter, "list_endpoints", lambda self: (endpoint,))

    housekeeping.ensure_standing()
    world.work()

    account.refresh_from_db()
    assert [each["state"] for each in account.endpoints] == ["FAILED"]


# Sweeps.


def make_recordings(world: World, fifth: FifthSimulator, count: int) -> None:
    for _ in range(count):
        call_id = fifth.place_call()
        fifth._start(call_id, {})
        fifth.end_call(call_id)
    fifth.clock.advance(5)


def test_sweep_alone_rebuilds_the_mirror(world: World, account: Account, fifth: FifthSimulator) -> None:
    world.holds_callbacks = True
    make_recordings(world, fifth, 25)

    world.sweep(account)

    rows = Recording.objects.filter(status=Status.COMPLETED, source="sweep")
    assert rows.count() == 25
    progress = Errand.objects.get(kind="sweep.full").progress
    assert (progress["seen"], progress["problem"]) == (25, "")


def test_sweep_knows_what_was_deleted_at_the_provider(
    world: World, account: Account, fifth: FifthSimulator
) -> None:
    make_recordings(world, fifth, 3)
    world.sweep(account)
    del fifth.recordings["rec-2"]
    world.clock.advance(60)

    world.sweep(account)

    deleted = Recording.objects.get(status=Status.DELETED)
    assert (deleted.external_id, deleted.is_buried) == ("rec-2", False)


def test_recording_that_a_listing_lacks_but_a_read_finds_is_not_deleted(
    world: World, account: Account, fifth: FifthSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_recordings(world, fifth, 2)
    world.sweep(account)
    monkeypatch.setattr(FifthAdapter, "list_recordings", lambda self, **window: Page(items=()))
    world.clock.advance(60)

    world.sweep(account)

    assert not Recording.objects.filter(status=Status.DELETED).exists()


def test_recording_that_neither_lists_nor_reads_is_deleted_also_where_a_404_proves_little(
    world: World, account: Account, fifth: FifthSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_found(self: Any, kind: str, external_id: str, *, parent: str = "") -> tuple[Any, ...]:
        raise NotFound("not found", can_wait=True)

    make_recordings(world, fifth, 1)
    world.sweep(account)
    monkeypatch.setattr(FifthAdapter, "list_recordings", lambda self, **window: Page(items=()))
    monkeypatch.setattr(FifthAdapter, "fetch", not_found)
    world.clock.advance(60)

    world.sweep(account)

    assert Recording.objects.get().status == Status.DELETED


def test_page_token_that_repeats_ends_the_sweep_and_proves_no_absence(
    world: World, account: Account, fifth: FifthSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_recordings(world, fifth, 1)
    world.sweep(account)
    empty = Page(items=(), next_cursor="again")
    monkeypatch.setattr(FifthAdapter, "list_recordings", lambda self, **window: empty)
    world.clock.advance(60)

    world.sweep(account)

    assert Recording.objects.get().status == Status.COMPLETED
    assert "circles" in Errand.objects.get(kind="sweep.full").progress["problem"]


def test_recent_sweep_asks_for_two_days_and_takes_no_older_row_for_absent(
    world: World, account: Account, fifth: FifthSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_recordings(world, fifth, 1)
    world.sweep(account)
    asked: list[Any] = []

    def none_listed(self: Any, **window: Any) -> Page:
        asked.append(window["since"])
        return Page(items=())

    monkeypatch.setattr(FifthAdapter, "list_recordings", none_listed)
    world.clock.advance(5 * 86_400)
    Errand.objects.filter(kind="sweep.full").update(due_at=None)

    world.sweep(account, "sweep.recent")

    assert asked[-1] == world.clock.utc() - timedelta(days=2)
    assert not Errand.objects.filter(kind="recording.confirm").exists()


def test_page_that_fails_mid_way_is_read_again_and_loses_no_row(
    world: World, account: Account, fifth: FifthSimulator
) -> None:
    world.holds_callbacks = True
    make_recordings(world, fifth, 25)
    fifth.fail(kind="cut", path_contains="page=1")

    world.sweep(account)
    world.advance(30)

    assert Recording.objects.count() == 25


@pytest.mark.parametrize(
    "refusals", [{"status": 400}, {"status": 503, "times": 12}], ids=["at once", "for long"]
)
def test_page_token_that_the_provider_forgot_makes_the_listing_begin_anew(
    world: World, account: Account, fifth: FifthSimulator, refusals: dict[str, int]
) -> None:
    world.holds_callbacks = True
    make_recordings(world, fifth, 25)
    fifth.fail(kind="refuse", path_contains="page=1", **refusals)
    housekeeping.ensure_standing()
    Errand.objects.exclude(kind__in=("sweep.full", "account.check")).update(due_at=None)

    world.sweep(account)
    stuck = Errand.objects.get(kind="sweep.full")
    world.advance(7200, step=60)

    healed = Errand.objects.get(kind="sweep.full")
    assert stuck.problem
    assert (healed.problem, healed.progress["pages"], healed.progress["seen"]) == ("", 4, 25)
    assert Recording.objects.count() == 25


# Housekeeping.


def test_standing_errands_are_made_once_an_account(world: World, account: Account) -> None:
    tasks.pick_up()
    tasks.pick_up()

    kinds = sorted(Errand.objects.filter(account=account).values_list("kind", flat=True))
    assert len(kinds) == len(set(kinds))
    assert {"calls.look", "account.check", "sweep.recent", "sweep.full", "account.tidy"} <= set(kinds)


def test_bodies_of_old_settled_callbacks_are_forgotten_and_failed_ones_stay(
    world: World, account: Account
) -> None:
    long_ago = clock.now() - timedelta(days=31)
    for number, state in enumerate(["settled", "ignored", "failed", "unreadable"]):
        WebhookDelivery.objects.create(
            account=account,
            dedupe_id=str(number),
            state=state,
            body=b"rare word",
            query="a=b",
            received_at=long_ago,
        )
    WebhookDelivery.objects.create(
        account=account, dedupe_id="new", state="settled", body=b"rare word", received_at=clock.now()
    )

    housekeeping.ensure_standing()
    world.work()

    kept = WebhookDelivery.objects.filter(is_erased=False).values_list("state", flat=True)
    assert sorted(kept) == ["failed", "settled", "unreadable"]
    assert {bytes(body) for body in WebhookDelivery.objects.values_list("body", flat=True)} == {
        b"",
        b"rare word",
    }


def test_old_errands_are_forgotten(world: World, account: Account) -> None:
    old = clock.now() - timedelta(days=8)
    Errand.objects.create(account=account, kind="x", state=Errand.State.DONE, done_at=old)

    housekeeping.ensure_standing()
    world.work()

    assert not Errand.objects.filter(kind="x").exists()


def test_limits_of_calls_are_forgotten_unless_they_are_closed(world: World, account: Account) -> None:
    pace.close(account, "each", seconds=60, scope_id="over")
    world.clock.advance(61)
    pace.close(account, "each", seconds=60, scope_id="closed")
    for scope_id in ("", "quiet"):
        Bucket.objects.create(account=account, name="each", scope_id=scope_id)

    housekeeping.ensure_standing()
    world.work()

    assert set(Bucket.objects.filter(name="each").values_list("scope_id", flat=True)) == {"", "closed"}


def test_finished_recording_that_is_not_listed_yet_is_not_taken_for_deleted(
    world: World, account: Account, fifth: FifthSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_recordings(world, fifth, 1)
    monkeypatch.setattr(FifthAdapter, "list_recordings", lambda self, **window: Page(items=()))
    hidden, fifth.recordings = fifth.recordings, {}
    monkeypatch.setattr(FifthAdapter, "visibility_delay_seconds", 3600.0)
    world.clock.advance(60)

    world.sweep(account)

    assert hidden
    assert Recording.objects.get().status == Status.COMPLETED


def test_recording_left_running_by_a_lost_callback_and_deleted_there_is_known_as_deleted(
    world: World, account: Account, fifth: FifthSimulator
) -> None:
    call_id = fifth.place_call()
    fifth._start(call_id, {})
    world.advance(5)
    world.holds_callbacks = True
    fifth.recordings.clear()
    fifth.end_call(call_id)
    world.look_at_calls(account)

    world.sweep(account)
    before = Recording.objects.get().status
    world.clock.advance(7 * 3600)
    world.sweep(account)

    assert (before, Recording.objects.get().status) == (Status.IN_PROGRESS, Status.DELETED)


@pytest.mark.parametrize(
    ("status", "hours", "after"),
    [
        (Status.PROCESSING, 7, Status.DELETED),
        (Status.IN_PROGRESS, 7, Status.IN_PROGRESS),
        (Status.IN_PROGRESS, 9, Status.DELETED),
    ],
    ids=["was stopped", "may still run", "cannot run any more"],
)
def test_recording_that_must_have_ended_while_its_call_goes_on_is_looked_for(
    world: World,
    account: Account,
    fifth: FifthSimulator,
    monkeypatch: pytest.MonkeyPatch,
    status: Status,
    hours: int,
    after: Status,
) -> None:
    monkeypatch.setattr(FifthAdapter, "unlisted_for_seconds", 8 * 3600.0)
    fifth._start(fifth.place_call(), {})
    world.advance(5)
    world.holds_callbacks = True
    Recording.objects.update(status=status)
    Errand.objects.filter(kind="recording.fetch").delete()  # the looks of its first minutes
    fifth.recordings.clear()

    world.clock.advance(hours * 3600)
    world.sweep(account)

    assert Call.objects.get().state == CallState.LIVE
    assert Recording.objects.get().status == after


def test_answer_that_is_no_answer_has_the_account_tested(
    world: World, account: Account, fifth: FifthSimulator
) -> None:
    housekeeping.ensure_standing()
    world.work()
    before = Errand.objects.get(kind="account.check").due_at
    fifth.fail(kind="html", status=200, method="GET", times=9)

    world.look_at_calls(account)
    tested_at = Errand.objects.get(kind="account.check").due_at
    world.advance(15)

    account.refresh_from_db()
    assert before is not None
    assert tested_at is not None
    assert tested_at < before
    assert (account.is_healthy, account.health_message) == (False, "The answer is no object.")
