"""A transcript ordered by itself when a recording completes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recordings import sync
from recordings.models import Account, Operation, Recording
from recordings.models.mirror import Source
from recordings.providers.snapshots import RecordingSnapshot, Status
from tests.fifth.adapter import FifthAdapter
from tests.fifth.simulator import FifthSimulator
from tests.transcripts.conftest import record, tell
from tests.world import World
from transcripts.models import Transcript

BEFORE = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)


@pytest.fixture
def automatic(account: Account) -> Account:
    account.order_automatically = True
    account.automatic_options = {"engine": "premium"}
    account.save()
    return account


def told(account: Account, *, source: Source = Source.SWEEP, **facts: Any) -> Recording:
    snapshot = RecordingSnapshot(external_id="rec-9", **facts)
    sync.apply(account, [snapshot], source=source)
    return Recording.objects.get(external_id="rec-9")


def automatic_orders() -> Any:
    return Operation.objects.filter(kind="transcript.order")


def test_completed_recording_is_transcribed_once_with_the_accounts_options(
    world: World, automatic: Account, fifth: FifthSimulator, operator: Any
) -> None:
    recording = record(world, automatic, fifth, operator)
    world.sweep(automatic)
    world.advance(10)

    (order,) = automatic_orders()
    assert order.order_key == f"auto:{recording.key}"
    assert order.ordered_by is None
    assert order.ordered_for == "the account's setting"
    (effect,) = fifth.effects("transcribe")
    assert effect.details["engine"] == "premium"
    transcript = Transcript.objects.get()
    assert (transcript.engine, transcript.recording, transcript.has_text) == ("premium", recording, True)


def test_nothing_is_ordered_without_the_setting(recording: Recording) -> None:
    assert recording.status == Status.COMPLETED
    assert not automatic_orders().exists()


def test_what_completed_before_the_setting_is_left_alone(automatic: Account) -> None:
    told(automatic, status=Status.COMPLETED, completed_at=BEFORE)

    assert not automatic_orders().exists()


def test_what_began_before_the_setting_and_completes_after_it_is_transcribed(
    world: World, automatic: Account
) -> None:
    told(automatic, status=Status.IN_PROGRESS, started_at=BEFORE)

    told(automatic, status=Status.COMPLETED, completed_at=world.clock.utc() + timedelta(seconds=5))

    assert automatic_orders().count() == 1


def test_what_tells_no_time_is_left_alone(automatic: Account) -> None:
    told(automatic, status=Status.COMPLETED)

    assert not automatic_orders().exists()


@pytest.mark.parametrize(("length", "orders"), [(None, 0), (7200.0, 1)])
def test_start_and_length_tell_when_it_completed(
    world: World, automatic: Account, length: float | None, orders: int
) -> None:
    an_hour_ago = world.clock.utc() - timedelta(hours=1)

    told(automatic, status=Status.COMPLETED, started_at=an_hour_ago, duration_seconds=length)

    assert automatic_orders().count() == orders


def test_setting_switched_off_and_on_counts_from_the_second_time(world: World, automatic: Account) -> None:
    automatic.order_automatically = False
    automatic.save(update_fields=["order_automatically"])
    automatic.refresh_from_db()
    assert automatic.automatic_since is None
    between = world.clock.utc() + timedelta(seconds=30)
    world.clock.advance(60)

    automatic.order_automatically = True
    automatic.save(update_fields=["order_automatically"])
    automatic.refresh_from_db()
    told(automatic, status=Status.COMPLETED, completed_at=between)

    assert automatic.automatic_since == world.clock.utc()
    assert not automatic_orders().exists()


def test_other_changes_of_the_account_do_not_move_the_moment(world: World, automatic: Account) -> None:
    since = automatic.automatic_since
    world.clock.advance(60)

    automatic.name = "Another name"
    automatic.save()

    assert automatic.automatic_since == since


def test_recording_that_has_a_transcript_is_left_alone(world: World, automatic: Account) -> None:
    now = world.clock.utc() + timedelta(seconds=5)
    told(automatic, status=Status.PROCESSING)
    tell(automatic, recording_external_id="rec-9", status=Status.PROCESSING)

    told(automatic, status=Status.COMPLETED, completed_at=now)

    assert not automatic_orders().exists()


def test_failed_transcript_does_not_count_as_one(world: World, automatic: Account) -> None:
    now = world.clock.utc() + timedelta(seconds=5)
    told(automatic, status=Status.PROCESSING)
    tell(automatic, recording_external_id="rec-9", status=Status.FAILED)

    told(automatic, status=Status.COMPLETED, completed_at=now)

    assert automatic_orders().count() == 1


def test_recording_that_completes_twice_is_ordered_once(
    world: World, automatic: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FifthAdapter, "ready_lifts_failed", frozenset())
    now = world.clock.utc() + timedelta(seconds=5)
    told(automatic, status=Status.COMPLETED, status_at=now)
    Transcript.objects.update(status=Status.FAILED)

    for number, status in enumerate([Status.FAILED, Status.COMPLETED], start=1):
        row = told(automatic, status=status, status_at=now + timedelta(seconds=number))

    assert row.status == Status.COMPLETED
    assert automatic_orders().count() == 1


def test_refusal_is_an_order_that_failed_and_says_why(
    world: World, automatic: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    automatic.automatic_options = {"engine": "shorthand"}
    automatic.save()
    now = world.clock.utc() + timedelta(seconds=5)

    for status in (Status.COMPLETED, Status.FAILED, Status.COMPLETED):
        now += timedelta(seconds=1)
        recording = told(automatic, status=status, status_at=now)

    (order,) = automatic_orders()
    assert order.state == Operation.State.FAILED
    assert order.recording == recording
    assert order.ordered_for == "the account's setting"
    assert "engine: Choose one of" in order.outcome
    assert [step.kind for step in order.steps.all()] == ["ordered", "decided"]
    assert not Transcript.objects.exists()
