"""The ledger: what a provider listed, what is here, and each thing in which they part."""

from datetime import UTC, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import Mock

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission

from recordings import balances, clock, housekeeping, ledger, sweep
from recordings.models import Account, Errand, LedgerDay, LedgerEntry, Recording
from recordings.models.ledger import Things
from recordings.providers.base import ProviderAdapter
from recordings.providers.snapshots import Page, RecordingSnapshot, Status, TranscriptSnapshot
from recordings.sync.context import Repair
from tests.fifth.simulator import FifthSimulator
from tests.simulators.http import json_answer
from tests.world import World
from transcripts.models import Transcript

RECORDINGS, TRANSCRIPTS = Things.RECORDINGS, Things.TRANSCRIPTS


@pytest.fixture
def simulator(world: World) -> FifthSimulator:
    return FifthSimulator(clock=world.clock)


@pytest.fixture
def account(world: World, simulator: FifthSimulator) -> Account:
    return world.add(simulator)


@pytest.fixture
def manager(db: None) -> Any:
    user = get_user_model().objects.create_user("manager")
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="recordings"))
    return user


@pytest.fixture
def recorded(world: World, simulator: FifthSimulator, account: Account, manager: Any) -> Recording:
    call = world.call(account, simulator.place_call())
    order = world.order(manager, call, "recording.start")
    world.advance(30)
    simulator.end_call(call.external_id)
    world.advance(300, step=30)
    return Recording.objects.get(key=order.made_key)


def today(things: str = RECORDINGS) -> LedgerDay:
    return LedgerDay.objects.get(things=things, day=clock.now().astimezone(UTC).date())


def entries(verdict: str) -> dict[str, Any]:
    return dict(LedgerEntry.objects.filter(verdict=verdict).values_list("external_id", "values"))


def test_all_that_agrees_is_matched(world: World, account: Account, recorded: Recording) -> None:
    world.sweep(account)

    day = today()
    assert (day.listed, day.ours, day.matched, day.waiting) == (1, 1, 1, 0)
    assert entries("differing") == entries("unexplained") == {}
    assert str(account.pk) in str(day)


def test_deleted_here_and_listed_there_differs_until_it_is_gone(
    world: World, simulator: FifthSimulator, account: Account, recorded: Recording
) -> None:
    Recording.objects.update(status=Status.DELETED, is_buried=True)
    world.sweep(account)

    day = today()
    assert (day.listed, day.ours, day.matched) == (1, 0, 0)
    assert entries("differing") == {recorded.external_id: {"status": ["deleted", "completed"]}}

    simulator.recordings.clear()
    world.clock.advance(60)
    world.sweep(account)
    assert entries("differing") == {}
    assert (today().listed, today().matched) == (0, 0)


def test_not_listed_but_found_by_a_read_stays_unexplained(
    world: World, simulator: FifthSimulator, account: Account, recorded: Recording, monkeypatch: Any
) -> None:
    world.sweep(account)
    world.clock.advance(3600)
    monkeypatch.setattr(simulator, "_page", lambda *_: json_answer({"items": [], "next": None}))
    world.sweep(account)

    entry = LedgerEntry.objects.get(verdict="unexplained")
    assert entry.external_id == recorded.external_id == str(entry).split(" ")[0]
    assert entry.values == {"": ["completed", "not listed"]}
    assert "A read by itself finds it" in entry.note
    assert entry.row_key == recorded.key
    assert (today().listed, today().ours, today().matched, today().waiting) == (0, 1, 0, 0)

    first = entry.at
    world.clock.advance(3600)
    world.sweep(account)
    entry.refresh_from_db()
    assert entry.at == first  # since when it is so
    monkeypatch.undo()


def test_running_one_that_is_not_listed_yet_is_waited_for(
    world: World, simulator: FifthSimulator, account: Account, recorded: Recording
) -> None:
    world.sweep(account)
    world.clock.advance(60)
    call = recorded.call
    Recording.objects.create(
        account=account, call=call, external_id="new", status="in_progress", sort_at=clock.now()
    )
    Recording.objects.filter(external_id="new").update(created_at=clock.now())
    world.clock.advance(1)
    world.sweep(account)

    assert (today().listed, today().ours, today().matched, today().waiting) == (1, 2, 1, 1)
    assert entries("unexplained") == {}


def test_recent_sweep_writes_whole_days_only(world: World, account: Account, recorded: Recording) -> None:
    old = clock.now() - timedelta(days=9)
    LedgerDay.objects.create(account=account, things=RECORDINGS, day=old.date(), began_at=old, listed=7)
    Recording.objects.create(account=account, external_id="old", status="completed", sort_at=old, seen_at=old)
    world.sweep(account, "sweep.recent")

    days = dict(LedgerDay.objects.filter(things=RECORDINGS).values_list("day", "listed"))
    assert days == {old.date(): 7, clock.now().date(): 1}

    world.clock.advance(60)
    world.sweep(account)
    assert LedgerDay.objects.get(things=RECORDINGS, day=old.date()).listed == 0


def test_many_days_are_written_in_steps(world: World, account: Account, recorded: Recording) -> None:
    began = clock.now()
    for number in range(balances.DAYS_AT_ONCE + 2):
        Recording.objects.create(
            account=account,
            external_id=f"r{number}",
            status="completed",
            sort_at=began - timedelta(days=number),
        )
    LedgerDay.objects.all().delete()
    balances.ask_for_balance(account, RECORDINGS, {}, began=clock.now(), since=None)
    world.work(rounds=50)

    assert LedgerDay.objects.filter(things=RECORDINGS).count() == balances.DAYS_AT_ONCE + 2
    assert not Errand.objects.filter(kind=balances.BALANCE, state="queued").exists()


def listing(account: Account, *pages: list[str]) -> tuple[Errand, ProviderAdapter]:
    """A sweep at its beginning, of a provider that lists these recordings of today, page by page."""
    adapter = Mock(spec=ProviderAdapter, lists_transcripts=False)
    adapter.list_recordings.side_effect = lambda *, cursor, **_: Page(
        items=tuple(
            RecordingSnapshot(external_id=each, status=Status.COMPLETED, started_at=clock.now())
            for each in pages[int(cursor or 0)]
        ),
        next_cursor=str(int(cursor or 0) + 1) if int(cursor or 0) + 1 < len(pages) else "",
    )
    return Errand.objects.create(account=account, kind="sweep.full", subject="test"), adapter


def read_page(world: World, errand: Errand, adapter: ProviderAdapter) -> None:
    """Each page takes a moment until it is written."""
    errand.refresh_from_db()
    step = sweep.sweep_full(errand, adapter)
    world.clock.advance(1)
    step.write()
    world.clock.advance(1)


def test_thing_that_slipped_onto_the_next_page_counts_once(world: World, account: Account) -> None:
    full, adapter = listing(account, ["a", "b"], ["b", "c"])
    read_page(world, full, adapter)
    read_page(world, full, adapter)
    world.work()

    assert (today().listed, today().ours, today().matched) == (3, 3, 3)


def test_first_sweep_counts_here_what_came_with_it(world: World, account: Account) -> None:
    full, adapter = listing(account, ["a", "b", "c"])
    read_page(world, full, adapter)
    world.work()

    day = today()
    assert Recording.objects.filter(created_at__gt=day.began_at, found_by="sweep").count() == 3
    assert (day.listed, day.ours, day.matched, day.waiting) == (3, 3, 3, 0)


def test_sweep_counts_what_another_saw_meanwhile(world: World, account: Account) -> None:
    full, adapter = listing(account, ["a"], ["b", "c"])
    read_page(world, full, adapter)
    Recording.objects.create(account=account, external_id="b", status="completed", sort_at=clock.now())
    Recording.objects.update(swept_at=clock.now())
    read_page(world, full, adapter)
    world.work()

    assert (today().listed, today().ours, today().matched) == (3, 3, 3)


def test_listed_but_not_here_is_unexplained(account: Account) -> None:
    at = clock.now()
    told = [
        RecordingSnapshot(external_id="lost", status=Status.COMPLETED, started_at=at - timedelta(days=1)),
        RecordingSnapshot(external_id="gone", status=Status.DELETED),
        TranscriptSnapshot(external_id="words", completed_at=at),
    ]
    days = ledger.note_page(account, RECORDINGS, told, known=set(), at=at)

    assert days == {(at - timedelta(days=1)).date().isoformat(): 1, at.date().isoformat(): 1}
    assert entries("unexplained") == {
        "lost": {"": ["not here", "listed"]},
        "words": {"": ["not here", "listed"]},
    }
    assert set(LedgerEntry.objects.values_list("row_key", flat=True)) == {None}


def test_live_one_that_is_listed_as_processing_agrees(account: Account, recorded: Recording) -> None:
    Recording.objects.update(status="in_progress")
    live = RecordingSnapshot(external_id=recorded.external_id, status=Status.PROCESSING, may_be_live=True)
    unknown = RecordingSnapshot(external_id=recorded.external_id)
    ledger.note_page(account, RECORDINGS, [live], known=set(), at=clock.now())
    ledger.note_page(account, RECORDINGS, [unknown], known=set(), at=clock.now())

    assert entries("differing") == {}


def test_repair_shows_both_values_as_people_read_them(account: Account, recorded: Recording) -> None:
    at = clock.now()
    values = {
        "price": (None, Decimal("0.0025")),
        "completed_at": (None, at),
        "status": ("in_progress", "completed"),
        "raw": ({}, {"a": 1}),
    }
    hidden = Repair(row=recorded, values={"raw": ({}, {"b": 2})})
    assert recorded.call is not None
    other = Repair(row=recorded.call, values={"reason": ("", "x")})
    ledger.note_repairs(account, [Repair(row=recorded, values=values), hidden, other], at=at)

    assert entries("repaired") == {
        recorded.external_id: {
            "price": ["", "0.0025"],
            "completed_at": ["", at.isoformat()],
            "status": ["in_progress", "completed"],
        }
    }


def test_transcripts_have_days_of_their_own(
    world: World, simulator: FifthSimulator, account: Account, recorded: Recording, manager: Any
) -> None:
    order = world.order(manager, recorded, "transcript.order")
    world.advance(120, step=10)
    transcript = Transcript.objects.get(key=order.made_key)
    world.sweep(account)
    assert (today(TRANSCRIPTS).listed, today(TRANSCRIPTS).matched) == (1, 1)

    simulator.transcripts.clear()
    world.clock.advance(60)
    world.sweep(account)

    transcript.refresh_from_db()
    assert transcript.status == Status.DELETED
    assert entries("repaired")[transcript.external_id]["status"] == ["completed", "deleted"]
    assert entries("unexplained") == {}


def test_old_repairs_are_forgotten_and_what_is_open_is_kept(world: World, account: Account) -> None:
    for verdict in ("repaired", "unexplained"):
        for days in (1, 200):
            LedgerEntry.objects.create(
                account=account,
                things=RECORDINGS,
                day=clock.now().date(),
                verdict=verdict,
                external_id=f"{verdict}-{days}",
                at=clock.now() - timedelta(days=days),
            )
    housekeeping.ensure_standing()
    world.work()

    left = set(LedgerEntry.objects.values_list("external_id", flat=True))
    assert left >= {"repaired-1", "unexplained-1", "unexplained-200"}
    assert "repaired-200" not in left
