"""Answers that are wrong: too fast, no JSON, nothing at all, words that no contract has."""

from typing import Any

import pytest

from recordings.models import Operation, Recording
from recordings.providers.snapshots import Status
from tests.contract.conftest import Provider, defaults
from tests.contract.wrong.test_orders import began, is_made_up, made, remedy, start
from tests.contract.wrong.ways import ways
from tests.simulators.http import Request, Response
from transcripts.models import Transcript

State = Operation.State


@pytest.mark.parametrize("retry_after", ["7", "", "Fri, 20 Nov 2026 09:00:30 GMT"])
def test_too_fast_waits_and_is_sent_once(provider: Provider, retry_after: str) -> None:
    headers = {"Retry-After": retry_after} if retry_after else {}
    call = provider.place_call()
    provider.world.advance(5)
    fault = {"kind": "refuse", "status": 429, "method": "POST", "headers": headers}
    provider.simulator.fail(path_contains=ways(provider).start, **fault)

    order = start(provider, call)
    provider.world.work()
    order.refresh_from_db()
    waits = (order.due_at - provider.world.clock.utc()).total_seconds() if order.due_at else 0.0
    while_waiting = order.state, began(provider)
    provider.world.advance(60, step=20)

    order.refresh_from_db()
    assert while_waiting == (State.QUEUED, 0)
    assert waits >= 7 if retry_after == "7" else 0 < waits <= 30
    assert (order.state, began(provider)) == (State.SUCCEEDED, 1)
    provider.account.refresh_from_db()
    assert provider.account.is_healthy is not False


def test_too_fast_for_too_long_is_not_sent_late_and_can_be_ordered_anew(provider: Provider) -> None:
    call = provider.place_call()
    fault = {"kind": "refuse", "status": 429, "method": "POST", "headers": {"Retry-After": "600"}}
    provider.simulator.fail(path_contains=ways(provider).start, **fault)

    order = start(provider, call)
    provider.world.advance(5)
    provider.world.advance(700, step=100)
    order.refresh_from_db()
    sent_late = began(provider)
    again = start(provider, call)
    provider.world.advance(30)

    again.refresh_from_db()
    found = remedy(order)
    assert (order.state, made(order).status, sent_late) == (State.EXPIRED, Status.FAILED, 0)
    assert order.outcome == "It could not be sent in time, and was not sent late."
    assert found is not None
    assert found.can_retry
    assert (again.state, began(provider)) == (State.SUCCEEDED, 1)


def test_start_while_the_provider_is_out_of_reach_is_never_sent_late(provider: Provider) -> None:
    call = provider.place_call()
    provider.world.advance(5)
    reachable = dict(provider.world.transport.simulators)
    provider.world.transport.simulators.clear()
    order = start(provider, call)
    provider.world.work()
    provider.world.advance(600, step=30)
    order.refresh_from_db()
    provider.account.refresh_from_db()
    while_down = order.state, provider.account.is_healthy, provider.account.health_message
    provider.world.transport.simulators.update(reachable)
    provider.world.advance(120, step=20)
    sent_late = began(provider)

    again = start(provider, call)
    provider.world.advance(30)

    again.refresh_from_db()
    provider.account.refresh_from_db()
    assert while_down[:2] == (State.EXPIRED, False)
    assert "could not be reached" in while_down[2]
    assert order.outcome == "It could not be sent in time, and was not sent late."
    assert (made(order).status, sent_late) == (Status.FAILED, 0)
    assert (again.state, began(provider)) == (State.SUCCEEDED, 1)
    assert provider.account.is_healthy is True


ODD_ANSWERS: tuple[dict[str, Any], ...] = (
    {"kind": "html", "status": 200},
    {"kind": "html", "status": 404},
    {"kind": "html", "status": 502},
    {"kind": "refuse", "status": 200},  # an empty body
    {"kind": "refuse", "status": 404},
    {"kind": "after", "status": 500},  # done, and then an empty error
    {"kind": "after", "status": 200, "body": "<html>Welcome</html>"},
)


@pytest.mark.parametrize("odd", ODD_ANSWERS, ids=lambda odd: "-".join(map(str, list(odd.values())[:2])))
def test_odd_answer_to_a_start_is_told_and_never_sent_twice(provider: Provider, odd: dict[str, Any]) -> None:
    call = provider.place_call()
    provider.world.advance(5)
    provider.simulator.fail(method="POST", path_contains=ways(provider).start, **odd)

    order = start(provider, call)
    provider.world.advance(20, step=10)
    provider.world.advance(900, step=300)

    order.refresh_from_db()
    assert began(provider) <= 1
    assert order.state in {State.SUCCEEDED, State.FAILED, State.IN_DOUBT}
    if order.state == State.IN_DOUBT:
        assert order.outcome
        assert order.doubt_since is not None
        assert remedy(order) is not None
    if order.state == State.FAILED:
        assert (made(order).status, made(order).reason) == (Status.FAILED, order.outcome)
        assert began(provider) == 0
    if order.state == State.SUCCEEDED:
        assert began(provider) == 1
        assert made(order).external_id


@pytest.mark.parametrize("odd", ODD_ANSWERS[:4], ids=lambda odd: "-".join(map(str, odd.values())))
def test_odd_answers_to_every_read_lose_nothing_and_say_why(provider: Provider, odd: dict[str, Any]) -> None:
    recording = provider.record()
    before = list(Recording.objects.values_list("external_id", "status"))
    provider.simulator.fail(method="GET", times=200, **odd)

    provider.world.sweep(provider.account)
    provider.world.look_at_calls(provider.account)
    provider.world.advance(300, step=60)
    provider.account.refresh_from_db()
    while_odd = provider.account.is_healthy, provider.account.health_message
    rows = list(Recording.objects.values_list("external_id", "status"))
    provider.simulator.clear_faults()
    provider.world.advance(1800, step=600)
    provider.world.sweep(provider.account)

    provider.account.refresh_from_db()
    recording.refresh_from_db()
    assert rows == before
    assert while_odd[0] is False
    assert len(while_odd[1]) > 10 or is_made_up(provider)
    assert provider.account.is_healthy is True
    assert (recording.status, recording.reason) == (Status.COMPLETED, "")


def test_word_that_no_contract_has_stands_beside_our_status(provider: Provider) -> None:
    if not ways(provider).word:
        pytest.skip(f"{provider.adapter.label} has no word for the state of a recording")
    recording = provider.record()
    _replace(provider, ways(provider).word, '"quantum"')

    provider.world.sweep(provider.account)
    provider.world.advance(30)

    recording.refresh_from_db()
    assert (recording.status, recording.provider_status) == (Status.COMPLETED, "quantum")


def test_transcript_with_a_word_that_no_contract_has_is_waited_for(provider: Provider) -> None:
    if provider.adapter.action("transcript.order") is None:
        pytest.skip(f"{provider.adapter.label} has no word for the state of a transcript")
    recording = provider.record()
    _replace(provider, ways(provider).word, '"quantum"')

    options = defaults(provider.adapter, "transcript.order")
    order = provider.world.order(provider.user, recording, "transcript.order", **options)
    provider.world.advance(120, step=20)
    transcript = Transcript.objects.get(key=order.made_key)
    while_odd = transcript.status, transcript.has_text
    provider.simulator.respond = type(provider.simulator).respond.__get__(provider.simulator)
    provider.world.sweep(provider.account)
    provider.world.advance(60)

    transcript.refresh_from_db()
    recording.refresh_from_db()
    assert while_odd[0] in {Status.REQUESTED, Status.PROCESSING, Status.COMPLETED}
    assert (transcript.status, transcript.has_text) == (Status.COMPLETED, True)
    assert recording.status == Status.COMPLETED


def _replace(provider: Provider, word: str, other: str) -> None:
    """From now on every answer to a read has the one word in place of the other."""
    respond = provider.simulator.respond

    def answered(request: Request) -> Response:
        answer: Response = respond(request)
        if request.method == "GET":
            answer.body = answer.body.replace(word.encode(), other.encode())
        return answer

    provider.simulator.respond = answered
