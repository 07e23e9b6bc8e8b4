"""What becomes of orders whose answer is bad, late or missing."""

import uuid
from typing import Any

import pytest
from django.conf import settings

from recordings import connections, decisions
from recordings.models import Account, Call, Operation, Recording
from recordings.providers.base import ProviderAdapter
from recordings.providers.errors import OutcomeUnknown
from recordings.providers.orders import Answer, Evidence, Repeat, Verdict
from recordings.providers.snapshots import Status
from recordings.work import settling
from tests.fifth.adapter import FifthAdapter
from tests.fifth.simulator import FifthSimulator
from tests.sync.test_burial import _fields
from tests.world import World

State = Operation.State


@pytest.fixture
def call(world: World, account: Account, fifth: FifthSimulator) -> Call:
    return world.call(account, fifth.place_call())


def change_start(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    start, *others = FifthAdapter.actions
    changed = type(start)(**{**_fields(start), **changes})
    monkeypatch.setattr(FifthAdapter, "actions", (changed, *others))


def posts(fifth: FifthSimulator) -> list[Any]:
    return [request for request in fifth.requests if request.method == "POST"]


def test_keyed_order_is_sent_again_with_the_same_key(
    world: World, fifth: FifthSimulator, operator: Any, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_start(monkeypatch, repeat=Repeat.KEYED)
    monkeypatch.setattr(FifthAdapter, "keyed_window_seconds", 3600)
    fifth.fail(kind="drop", method="POST")
    keys = spy_on_send_keys(monkeypatch)

    order = world.order(operator, call, "recording.start")
    world.advance(10)

    order.refresh_from_db()
    assert order.state == State.SUCCEEDED
    assert len(keys) == 2
    assert len(set(keys)) == 1


def test_keyed_order_gets_a_new_key_after_a_definite_refusal(
    world: World, fifth: FifthSimulator, operator: Any, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_start(monkeypatch, repeat=Repeat.KEYED)
    fifth.fail(kind="refuse", method="POST", status=429, headers={"Retry-After": "7"})
    keys = spy_on_send_keys(monkeypatch)

    order = world.order(operator, call, "recording.start")
    world.work()
    at_once = len(posts(fifth))
    world.advance(5)
    before_retry_after = len(posts(fifth))
    world.advance(5)

    order.refresh_from_db()
    assert (at_once, before_retry_after, len(posts(fifth))) == (1, 1, 2)
    assert order.state == State.SUCCEEDED
    assert len(set(keys)) == 2


def test_keyed_order_past_its_window_is_in_doubt(
    world: World, fifth: FifthSimulator, operator: Any, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_start(monkeypatch, repeat=Repeat.KEYED)
    monkeypatch.setattr(FifthAdapter, "keyed_window_seconds", 1)
    fifth.fail(kind="drop", method="POST", times=9)
    fifth.fail(kind="drop", method="GET", times=99)

    order = world.order(operator, call, "recording.start")
    world.advance(10)

    order.refresh_from_db()
    assert order.state == State.IN_DOUBT
    assert len(posts(fifth)) == 1


def test_throttled_repeat_leaves_the_first_sending_unknown(
    world: World, fifth: FifthSimulator, operator: Any, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_start(monkeypatch, repeat=Repeat.KEYED)
    monkeypatch.setattr(FifthAdapter, "keyed_window_seconds", 3600)
    world.holds_callbacks = True
    fifth.fail(kind="drop_after", method="POST")
    fifth.fail(kind="refuse", method="POST", status=429)
    keys = spy_on_send_keys(monkeypatch)

    world.order(operator, call, "recording.start")
    world.advance(30)

    assert len(keys) == 3
    assert len(set(keys)) == 1


def test_refused_repeat_proves_nothing_of_the_first_sending(
    world: World, fifth: FifthSimulator, operator: Any, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_start(monkeypatch, repeat=Repeat.KEYED)
    monkeypatch.setattr(FifthAdapter, "keyed_window_seconds", 3600)
    world.holds_callbacks = True
    fifth.fail(kind="drop_after", method="POST")
    fifth.fail(kind="refuse", method="POST", status=401)

    order = world.order(operator, call, "recording.start")
    world.advance(3, step=1)
    order.refresh_from_db()
    after_the_repeat = order.state
    world.advance(20)

    order.refresh_from_db()
    assert (after_the_repeat, order.state) == (State.IN_DOUBT, State.SUCCEEDED)
    assert len(fifth.effects("start")) == 1


def test_repeatable_stop_is_sent_again_until_it_is_answered(
    world: World, account: Account, fifth: FifthSimulator, operator: Any, call: Call
) -> None:
    world.order(operator, call, "recording.start")
    world.work()
    fifth.fail(kind="after", method="POST", path_contains="/stop", status=500)

    stop = world.order(operator, Recording.objects.get(), "recording.stop")
    world.advance(20)

    stop.refresh_from_db()
    assert stop.state == State.SUCCEEDED
    assert len(fifth.effects("stop")) == 1


def test_stop_expires_when_the_call_is_over(
    world: World, account: Account, fifth: FifthSimulator, operator: Any, call: Call
) -> None:
    world.order(operator, call, "recording.start")
    world.work()
    stop = world.order(operator, Recording.objects.get(), "recording.stop")
    Call.objects.update(state="ended")

    world.work()

    stop.refresh_from_db()
    assert stop.state == State.EXPIRED
    assert "over" in stop.outcome


def test_provider_out_of_reach_makes_the_order_wait_and_the_account_unhealthy(
    world: World, account: Account, fifth: FifthSimulator, operator: Any, call: Call
) -> None:
    host = next(iter(world.transport.simulators))
    away = world.transport.simulators.pop(host)
    order = world.order(operator, call, "recording.start")
    world.work()
    order.refresh_from_db()
    account.refresh_from_db()
    assert (order.state, account.is_healthy) == (State.QUEUED, False)
    world.transport.simulators[host] = away

    world.advance(20)

    order.refresh_from_db()
    account.refresh_from_db()
    assert (order.state, account.is_healthy) == (State.SUCCEEDED, True)


def test_provider_down_for_ten_minutes_gets_no_late_start(
    world: World, account: Account, fifth: FifthSimulator, operator: Any, call: Call
) -> None:
    host = next(iter(world.transport.simulators))
    away = world.transport.simulators.pop(host)
    order = world.order(operator, call, "recording.start")
    world.advance(600, step=20)
    world.transport.simulators[host] = away
    world.advance(60)

    order.refresh_from_db()
    assert order.state == State.EXPIRED
    assert posts(fifth) == []


def test_wrong_credentials_fail_the_order_and_mark_the_account(
    world: World, account: Account, fifth: FifthSimulator, operator: Any, call: Call
) -> None:
    connections.set_secrets(account, {"token": "wrong", "webhook_secret": "x"})
    account.save()

    order = world.order(operator, call, "recording.start")
    world.work()

    order.refresh_from_db()
    account.refresh_from_db()
    assert order.state == State.FAILED
    assert account.is_healthy is False


def test_unreadable_credentials_fail_the_order_and_say_so(
    world: World, account: Account, operator: Any, call: Call
) -> None:
    Account.objects.update(sealed_secrets="gAAAAA-nonsense")

    order = world.order(operator, call, "recording.start")
    world.work()

    order.refresh_from_db()
    assert order.state == State.FAILED
    assert order.outcome_code == "credentials_unreadable"


def test_unreadable_credentials_leave_what_was_sent_in_doubt_until_they_are_back(
    world: World, account: Account, fifth: FifthSimulator, operator: Any, call: Call
) -> None:
    world.holds_callbacks = True
    fifth.fail(kind="drop_after", method="POST")
    order = world.order(operator, call, "recording.start")
    world.work()
    sealed = Account.objects.get().sealed_secrets
    Account.objects.update(sealed_secrets="gAAAAA-nonsense")
    world.advance(10)
    order.refresh_from_db()
    without = order.state
    Account.objects.update(sealed_secrets=sealed)
    world.advance(310, step=30)

    order.refresh_from_db()
    assert (without, order.state) == (State.IN_DOUBT, State.SUCCEEDED)
    assert order.steps.filter(kind="waiting").count() == 1


def test_doubt_without_usable_credentials_is_not_asked_about_for_ever(
    world: World, account: Account, fifth: FifthSimulator, operator: Any, call: Call
) -> None:
    fifth.fail(kind="drop", method="POST")
    order = world.order(operator, call, "recording.start")
    world.work()
    Account.objects.update(sealed_secrets="gAAAAA-nonsense")
    world.advance(30 * 3600, step=3600)

    order.refresh_from_db()
    assert (order.state, order.due_at) == (State.IN_DOUBT, None)


def test_action_that_the_adapter_lost_fails_clearly(
    world: World, operator: Any, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = world.order(operator, call, "recording.start")
    monkeypatch.setattr(FifthAdapter, "actions", ())

    world.work()

    order.refresh_from_db()
    assert order.state == State.FAILED
    assert "recording.start" in order.outcome


def test_command_that_was_only_taken_is_not_called_done(
    world: World, fifth: FifthSimulator, operator: Any, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.holds_callbacks = True
    perform = FifthAdapter.perform

    def taken(self: Any, order: Any) -> Answer:
        answer = perform(self, order)
        return Answer(facts=(), exchange=answer.exchange, is_confirmed=False)

    monkeypatch.setattr(FifthAdapter, "perform", taken)
    order = world.order(operator, call, "recording.start")
    world.work()
    order.refresh_from_db()
    before = (order.state, order.is_accepted)
    world.advance(10)

    order.refresh_from_db()
    assert before == (State.SENT, True)
    assert (order.state, order.is_accepted) == (State.SUCCEEDED, False)
    assert Recording.objects.get().status == Status.IN_PROGRESS


def test_taken_command_without_effect_is_in_doubt_after_a_minute(
    world: World, fifth: FifthSimulator, operator: Any, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FifthAdapter, "perform", lambda self, order: Answer(is_confirmed=False))
    unclear = Evidence(verdict=Verdict.UNCLEAR, looked_at="Nothing can be said.")
    monkeypatch.setattr(FifthAdapter, "evidence", lambda self, order: unclear)

    order = world.order(operator, call, "recording.start")
    world.advance(40)
    order.refresh_from_db()
    assert order.state == State.SENT
    world.advance(60)

    order.refresh_from_db()
    assert order.state == State.IN_DOUBT
    assert order.doubt_since is not None
    assert "nothing shows that it came true" in order.outcome


def test_doubt_that_nothing_settles_stays_and_is_no_longer_looked_at(
    world: World, fifth: FifthSimulator, operator: Any, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    fifth.fail(kind="drop", method="POST")
    unclear = Evidence(verdict=Verdict.UNCLEAR, looked_at="Nothing can be said.")
    monkeypatch.setattr(FifthAdapter, "evidence", lambda self, order: unclear)

    order = world.order(operator, call, "recording.start")
    world.work()
    world.advance(30 * 3600, step=1800)

    order.refresh_from_db()
    assert (order.state, order.due_at) == (State.IN_DOUBT, None)


def doubtful(
    world: World, fifth: FifthSimulator, operator: Any, call: Call, monkeypatch: pytest.MonkeyPatch
) -> Operation:
    fifth.fail(kind="drop_after", method="POST")
    world.holds_callbacks = True
    unclear = Evidence(verdict=Verdict.UNCLEAR, looked_at="Nothing can be said.")
    monkeypatch.setattr(FifthAdapter, "evidence", lambda self, order: unclear)
    order = world.order(operator, call, "recording.start")
    world.work()
    order.refresh_from_db()
    assert order.state == State.IN_DOUBT
    return order


def test_person_says_that_it_happened_and_attaches_it(
    world: World, fifth: FifthSimulator, operator: Any, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = doubtful(world, fifth, operator, call, monkeypatch)

    assert decisions.decide(operator, order, happened=True, external_id="rec-1")
    world.work()

    order.refresh_from_db()
    assert order.state == State.SUCCEEDED
    assert Recording.objects.get().status == Status.IN_PROGRESS


def test_person_says_that_it_did_not_happen(
    world: World, fifth: FifthSimulator, operator: Any, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = doubtful(world, fifth, operator, call, monkeypatch)

    assert decisions.decide(operator, order, happened=False)

    order.refresh_from_db()
    assert order.state == State.FAILED
    assert Recording.objects.get().status == Status.FAILED
    assert not decisions.decide(operator, order, happened=True)


def test_order_can_be_taken_back_until_it_is_sent(
    world: World, fifth: FifthSimulator, operator: Any, call: Call
) -> None:
    order = world.order(operator, call, "recording.start")

    assert decisions.cancel(order)
    world.work()

    order.refresh_from_db()
    assert order.state == State.CANCELLED
    assert posts(fifth) == []
    assert not decisions.cancel(order)


def test_answer_after_the_lease_is_kept_as_evidence_and_settles_nothing(
    world: World, account: Account, fifth: FifthSimulator, operator: Any, call: Call, monkeypatch: Any
) -> None:
    perform = FifthAdapter.perform

    def slow(self: Any, order: Any) -> Answer:
        answer = perform(self, order)
        Operation.objects.update(lease_token=uuid.uuid4())
        return answer

    monkeypatch.setattr(FifthAdapter, "perform", slow)
    world.holds_callbacks = True
    order = world.order(operator, call, "recording.start")
    world.work(rounds=1)

    order.refresh_from_db()
    assert order.state == State.SENT
    assert order.steps.filter(kind="lost").exists()
    assert Recording.objects.get().external_id == "rec-1"


def test_worker_that_stood_still_past_its_lease_sends_nothing(
    world: World, fifth: FifthSimulator, operator: Any, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark_sent = settling.mark_sent

    def stand_still(*args: Any) -> None:
        mark_sent(*args)
        world.clock.advance(settings.TAPEDECK_LEASE_SECONDS + 1)

    order = world.order(operator, call, "recording.start")
    with monkeypatch.context() as patch:
        patch.setattr(settling, "mark_sent", stand_still)
        world.work(rounds=1)
    world.work()

    order.refresh_from_db()
    assert posts(fifth) == []
    assert Account.objects.get().is_healthy is not False
    assert order.state == State.QUEUED


def test_error_after_the_lease_is_kept_too(
    world: World, fifth: FifthSimulator, operator: Any, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(self: Any, order: Any) -> Answer:
        Operation.objects.update(lease_token=uuid.uuid4())
        raise OutcomeUnknown("cut")

    monkeypatch.setattr(FifthAdapter, "perform", slow)
    order = world.order(operator, call, "recording.start")
    world.work(rounds=1)

    assert order.steps.filter(kind="lost", text="cut").exists()


def test_recording_deleted_before_the_look_did_happen_all_the_same(
    world: World, account: Account, fifth: FifthSimulator, operator: Any, call: Call, monkeypatch: Any
) -> None:
    perform = FifthAdapter.perform

    def slow(self: Any, order: Any) -> Answer:
        answer = perform(self, order)
        Operation.objects.update(lease_token=uuid.uuid4())
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(FifthAdapter, "perform", slow)
        start = world.order(operator, call, "recording.start")
        world.work(rounds=1)
    world.advance(1)
    world.order(operator, Recording.objects.get(), "recording.delete")
    world.advance(settings.TAPEDECK_LEASE_SECONDS + 60)

    start.refresh_from_db()
    assert fifth.recordings == {}
    assert start.state == State.SUCCEEDED
    assert Recording.objects.get().status == Status.DELETED


def test_read_that_fails_is_no_evidence(
    world: World, fifth: FifthSimulator, operator: Any, call: Call
) -> None:
    world.holds_callbacks = True
    fifth.fail(kind="drop_after", method="POST")
    fifth.fail(kind="refuse", method="GET", status=503, times=3)

    order = world.order(operator, call, "recording.start")
    world.work()
    world.clock.advance(2)
    world.work()
    order.refresh_from_db()
    assert (order.state, order.absences) == (State.IN_DOUBT, 0)
    world.advance(60)

    order.refresh_from_db()
    assert order.state == State.SUCCEEDED


def spy_on_send_keys(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    keys: list[str] = []
    perform: Any = FifthAdapter.perform

    def noting(self: ProviderAdapter, order: Any) -> Answer:
        keys.append(order.send_key)
        answer: Answer = perform(self, order)
        return answer

    monkeypatch.setattr(FifthAdapter, "perform", noting)
    return keys
