"""Orders from the click to the truth."""

import uuid
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from django.conf import settings

from recordings import clock, tasks
from recordings.models import Account, Operation, Recording
from recordings.models.mirror import Source
from recordings.providers.errors import Exchange
from recordings.providers.orders import Evidence
from recordings.providers.snapshots import Status
from recordings.work import pace
from tests.fifth.adapter import FifthAdapter
from tests.fifth.simulator import FifthSimulator
from tests.world import World

State = Operation.State


def test_start_stop_and_the_recording_completes_by_callback(
    world: World, account: Account, fifth: FifthSimulator, operator: Any
) -> None:
    call = world.call(account, fifth.place_call("Support"))

    start = world.order(operator, call, "recording.start", quality="low")
    world.work()
    recording = Recording.objects.get()
    world.order(operator, recording, "recording.stop")
    world.advance(10)

    start.refresh_from_db()
    recording.refresh_from_db()
    assert start.state == State.SUCCEEDED
    assert recording.key == start.made_key
    assert fifth.effects("start")[0].details["options"] == {"quality": "low"}
    assert recording.status == Status.COMPLETED
    assert recording.source == Source.WEBHOOK
    assert recording.duration_seconds == pytest.approx(15.0)


def test_click_shows_at_once_as_requested(
    world: World, account: Account, fifth: FifthSimulator, operator: Any
) -> None:
    call = world.call(account, fifth.place_call())

    world.order(operator, call, "recording.start")

    assert Recording.objects.get().status == Status.REQUESTED


def test_same_form_twice_is_one_order_also_when_the_first_was_answered(
    world: World, account: Account, fifth: FifthSimulator, operator: Any
) -> None:
    call = world.call(account, fifth.place_call())
    form = str(uuid.uuid4())

    first = world.order(operator, call, "recording.start", order_key=form)
    second = world.order(operator, call, "recording.start", order_key=form)
    world.work()
    third = world.order(operator, call, "recording.start", order_key=form)
    world.work()

    assert first == second == third
    assert len(fifth.effects("start")) == 1


def test_form_sent_on_top_of_an_open_order_is_that_order_at_any_distance_in_time(
    world: World, account: Account, fifth: FifthSimulator, operator: Any
) -> None:
    call = world.call(account, fifth.place_call())
    form = str(uuid.uuid4())

    first = world.order(operator, call, "recording.start")
    second = world.order(operator, call, "recording.start", order_key=form)
    world.work()
    third = world.order(operator, call, "recording.start", order_key=form)
    world.work()

    assert first == second == third
    assert len(fifth.effects("start")) == 1


def test_two_forms_while_the_first_is_open_are_one_order(
    world: World, account: Account, fifth: FifthSimulator, operator: Any
) -> None:
    call = world.call(account, fifth.place_call())

    first = world.order(operator, call, "recording.start")
    second = world.order(operator, call, "recording.start")
    world.work()

    assert first == second
    assert len(fifth.effects("start")) == 1


def test_no_answer_to_a_start_is_a_doubt_that_evidence_settles(
    world: World, account: Account, fifth: FifthSimulator, operator: Any
) -> None:
    call = world.call(account, fifth.place_call())
    world.holds_callbacks = True
    fifth.fail(kind="drop_after", method="POST", path_contains="/recordings")

    order = world.order(operator, call, "recording.start")
    world.work()
    order.refresh_from_db()
    assert order.state == State.IN_DOUBT
    world.advance(10)

    order.refresh_from_db()
    assert order.state == State.SUCCEEDED
    assert len(fifth.effects("start")) == 1
    assert Recording.objects.get().external_id == "rec-1"


def test_nothing_sent_twice_and_absence_needs_two_looks(
    world: World, account: Account, fifth: FifthSimulator, operator: Any
) -> None:
    call = world.call(account, fifth.place_call())
    fifth.fail(kind="drop", method="POST", path_contains="/recordings")

    order = world.order(operator, call, "recording.start")
    world.work()
    world.advance(30)

    order.refresh_from_db()
    assert order.state == State.FAILED
    assert order.outcome_code == "absent"
    assert order.absences == 2
    assert fifth.effects("start") == []
    assert Recording.objects.get().status == Status.FAILED
    posts = [request for request in fifth.requests if request.method == "POST"]
    assert len(posts) == 1


def test_where_nothing_that_runs_is_listed_absence_is_proven_only_that_long_after_the_first_look(
    world: World, account: Account, fifth: FifthSimulator, operator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FifthAdapter, "unlisted_for_seconds", 3600.0)
    monkeypatch.setattr(FifthAdapter, "visibility_delay_seconds", 300.0)
    call = world.call(account, fifth.place_call())
    fifth.fail(kind="drop", method="POST", path_contains="/recordings")
    fifth.fail(kind="refuse", method="GET", path_contains="/recordings", status=503, times=8)

    order = world.order(operator, call, "recording.start")
    world.work()
    while not order.absences:
        world.advance(30)
        order.refresh_from_db()
    world.advance(270)
    order.refresh_from_db()
    before = order.state
    world.advance(60)

    order.refresh_from_db()
    assert order.sent_at is not None
    assert clock.now() > order.sent_at + timedelta(seconds=600)
    assert (before, order.state, order.absences) == (State.IN_DOUBT, State.FAILED, 2)


@pytest.mark.parametrize(("hours", "state"), [(1, State.IN_DOUBT), (0, State.FAILED)])
def test_absence_proves_nothing_while_the_clocks_disagree(
    world: World, account: Account, fifth: FifthSimulator, operator: Any, hours: int, state: str
) -> None:
    call = world.call(account, fifth.place_call())
    evidence = FifthAdapter.evidence
    there = format_datetime(world.clock.utc() - timedelta(hours=hours), usegmt=True)

    def dated(self: Any, order: Any) -> Evidence:
        exchange = Exchange(method="GET", url="/recordings", status=200, headers={"date": there})
        return replace(evidence(self, order), exchange=exchange)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FifthAdapter, "evidence", dated)
        fifth.fail(kind="drop", method="POST", path_contains="/recordings")
        order = world.order(operator, call, "recording.start")
        world.work()
        world.advance(30)

    order.refresh_from_db()
    assert order.state == state


def test_start_is_not_sent_late(world: World, account: Account, fifth: FifthSimulator, operator: Any) -> None:
    call = world.call(account, fifth.place_call())
    order = world.order(operator, call, "recording.start")

    world.clock.advance(600)
    world.work()

    order.refresh_from_db()
    assert order.state == State.EXPIRED
    assert [request for request in fifth.requests if request.method == "POST"] == []
    assert Recording.objects.get().status == Status.FAILED


def test_refusal_is_shown_in_the_providers_words(
    world: World, account: Account, fifth: FifthSimulator, operator: Any
) -> None:
    call_id = fifth.place_call()
    call = world.call(account, call_id)
    fifth.end_call(call_id)

    order = world.order(operator, call, "recording.start")
    world.work()

    order.refresh_from_db()
    assert order.state == State.FAILED
    assert order.outcome == "call_over"
    assert Recording.objects.get().status == Status.FAILED


class Killed(BaseException):
    """The worker dies: nothing of it runs any more."""


def test_death_after_sending_leaves_a_once_order_to_evidence(
    world: World, account: Account, fifth: FifthSimulator, operator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = world.call(account, fifth.place_call())
    world.holds_callbacks = True
    order = world.order(operator, call, "recording.start")
    with monkeypatch.context() as patch:
        respond = fifth.respond

        def die(request: Any) -> Any:
            respond(request)
            raise Killed

        patch.setattr(fifth, "respond", die)
        with pytest.raises(Killed):
            tasks.look()

    world.advance(settings.TAPEDECK_LEASE_SECONDS + 10)

    order.refresh_from_db()
    assert order.state == State.SUCCEEDED
    assert order.doubt_since is not None
    assert len(fifth.effects("start")) == 1
    assert [each.external_id for each in world.recordings(account)] == ["rec-1"]


def test_item_that_kills_its_worker_is_put_aside_after_three_deaths(
    world: World, account: Account, fifth: FifthSimulator, operator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = world.call(account, fifth.place_call())
    order = world.order(operator, call, "recording.start")
    operation_lane = Operation.objects.filter(pk=order.pk)
    operation_lane.update(not_after=None)

    def die(*_args: Any, **_kwargs: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("recordings.work.pace.take", die)
        for _ in range(3):
            with pytest.raises(Killed):
                tasks.look()
            world.clock.advance(settings.TAPEDECK_LEASE_SECONDS + 1)
    world.work()

    order.refresh_from_db()
    assert order.state == State.FAILED
    assert order.outcome_code == "quarantined"
    assert fifth.effects("start") == []


def test_order_that_the_pace_holds_back_keeps_the_count_of_the_workers_it_killed(
    world: World, account: Account, fifth: FifthSimulator, operator: Any
) -> None:
    call = world.call(account, fifth.place_call())
    order = world.order(operator, call, "recording.start")
    Operation.objects.update(deaths=2)
    pace.close(account, "", seconds=9)

    world.work()

    order.refresh_from_db()
    assert (order.state, order.deaths) == (State.QUEUED, 2)
    assert "pace allows it later" in order.outcome


def test_steps_tell_the_story_without_secrets(
    world: World, account: Account, fifth: FifthSimulator, operator: Any
) -> None:
    call = world.call(account, fifth.place_call())

    order = world.order(operator, call, "recording.start")
    world.work()

    kinds = list(order.steps.values_list("kind", flat=True))
    assert kinds == ["ordered", "sent", "answered"]
    assert "fifth-secret-token" not in str(list(order.steps.values()))
