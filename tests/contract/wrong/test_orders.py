"""Orders that cannot be done: refused, over, doubled or of nothing, in the operator's words."""

from typing import Any

import pytest

from dashboard.own_remedies import remedy_of
from recordings import connections
from recordings.actions import AskAgain
from recordings.models import Operation, Recording
from recordings.providers.options import Kind, Option, clean
from recordings.providers.remedies import Owner, Remedy
from recordings.providers.snapshots import CallState, Status
from recordings.validation import OrderRefused
from tests.contract.conftest import Provider, defaults
from tests.contract.wrong.ways import ways
from transcripts.models import Transcript

State = Operation.State
DONE = (State.SUCCEEDED, State.FAILED, State.EXPIRED)


def start(provider: Provider, call: Any, **more: Any) -> Operation:
    return provider.world.order(
        provider.user, call, "recording.start", **more, **({} if more else provider.start_options())
    )


def began(provider: Provider) -> int:
    return len(provider.simulator.effects(ways(provider).began))


def remedy(order: Operation) -> Remedy | None:
    return remedy_of(order.account.provider, order.outcome_code, order.outcome, state=order.state)


def is_made_up(provider: Provider) -> bool:
    """The fifth provider has codes for words, and no catalogue."""
    return provider.slug == "fifth"


def made(order: Operation) -> Recording:
    return Recording.objects.get(key=order.made_key)


def transcribed(provider: Provider, recording: Recording) -> Transcript:
    options = defaults(provider.adapter, "transcript.order")
    order = provider.world.order(provider.user, recording, "transcript.order", **options)
    provider.world.advance(120, step=20)
    return Transcript.objects.get(key=order.made_key)


def test_wrong_credentials_fail_the_order_and_name_who_can_mend_them(provider: Provider) -> None:
    call = provider.place_call()
    wrong = dict.fromkeys(connections.secrets_of(provider.account), "c2VjcmV0")
    connections.set_secrets(provider.account, wrong)
    provider.account.save()

    order = start(provider, call)
    provider.world.advance(5)

    order.refresh_from_db()
    provider.account.refresh_from_db()
    found = remedy(order)
    assert (order.state, made(order).status) == (State.FAILED, Status.FAILED)
    assert made(order).reason == order.outcome != ""
    assert provider.account.is_healthy is False
    assert began(provider) == 0
    if not is_made_up(provider):
        assert found is not None
        assert found.owner is Owner.ADMINISTRATOR
        assert any(word in order.outcome for word in ("key", "credentials", "Auth"))


def test_start_on_a_call_that_is_over_says_so_and_leaves_nothing_starting(provider: Provider) -> None:
    call = provider.place_call()
    provider.world.holds_callbacks = True
    provider.simulator.end_call(call.external_id)

    order = start(provider, call)
    provider.world.advance(60)
    provider.world.look_at_calls(provider.account)
    provider.world.advance(10)

    order.refresh_from_db()
    call.refresh_from_db()
    assert (order.state, made(order).status) == (State.FAILED, Status.FAILED)
    assert began(provider) == 0
    assert call.state == CallState.ENDED
    if not is_made_up(provider):
        assert remedy(order) is not None
        assert any(word in order.outcome for word in ("over", "left", "Nobody is in the room", "no longer"))
        with pytest.raises(OrderRefused):
            start(provider, call)
    assert not Recording.objects.filter(status=Status.REQUESTED).exists()


def test_second_start_is_asked_about_once_more_and_never_loses_a_word(provider: Provider) -> None:
    call = provider.place_call()
    first = start(provider, call)
    provider.world.advance(20)
    if not is_made_up(provider):
        with pytest.raises(AskAgain) as asked:
            provider.world.order(
                provider.user, call, "recording.start", seen="before", **provider.start_options()
            )
        assert len(asked.value.consequence) > 20

    second = start(provider, call)
    provider.world.advance(60)

    for order in (first, second):
        order.refresh_from_db()
    assert first.state == State.SUCCEEDED
    assert second.state in DONE
    SECOND[provider.slug](first, second)
    running = {row.external_id for row in Recording.objects.live()}
    words = {"recording", "in-progress", "processing"}
    truth = provider.simulator.truth()["recordings"]
    assert running == {ident for ident, row in truth.items() if row["status"] in words}


def _starts_over(first: Operation, second: Operation) -> None:
    assert second.state == State.SUCCEEDED
    assert (made(first).status, made(second).status) == (Status.DELETED, Status.IN_PROGRESS)
    assert made(first).reason == f"overwritten by {made(second).external_id}"


def _is_the_same(first: Operation, second: Operation) -> None:
    assert second.state == State.SUCCEEDED
    assert second.outcome == "Twilio answered with a recording that ran already: nothing new was started."
    assert made(first) == made(second)


def _is_refused(first: Operation, second: Operation) -> None:
    found = remedy(second)
    assert (second.state, made(second).status) == (State.FAILED, Status.FAILED)
    assert "stop it first" in second.outcome
    assert found is not None
    assert found.code == "active-stream"
    assert made(first).status == Status.IN_PROGRESS


def _runs_beside(first: Operation, second: Operation) -> None:
    assert second.state == State.SUCCEEDED
    assert made(first) != made(second)
    assert {made(first).status, made(second).status} == {Status.IN_PROGRESS}


SECOND = {
    "recall": _starts_over,
    "twilio": _is_the_same,
    "daily": _is_refused,
    "vobiz": _runs_beside,
    "fifth": _runs_beside,
}


def test_stop_of_what_has_ended_is_done_and_not_done_twice(provider: Provider) -> None:
    call = provider.place_call()
    order = start(provider, call)
    provider.world.advance(20)
    provider.world.holds_callbacks = True
    provider.simulator.end_call(call.external_id)

    stop = provider.world.order(provider.user, made(order), "recording.stop")
    provider.world.advance(120, step=20)

    stop.refresh_from_db()
    recording = made(order)
    assert stop.state == State.SUCCEEDED
    assert recording.status == Status.COMPLETED
    assert provider.simulator.effects(ways(provider).stopped) == []
    if not is_made_up(provider):
        assert any(word in stop.outcome for word in ("ended", "over already", "nothing was running"))
        refused = provider.world.order
        with pytest.raises(OrderRefused, match=r"\w+"):
            refused(provider.user, recording, "recording.stop")


def test_delete_of_what_is_gone_is_done_and_says_so(provider: Provider) -> None:
    recording = provider.record()
    provider.world.holds_callbacks = True
    ways(provider).lose(provider.simulator, recording.external_id)
    deleted = len(provider.simulator.effects(ways(provider).deleted))

    order = provider.world.order(provider.user, recording, "recording.delete")
    provider.world.advance(20)

    order.refresh_from_db()
    recording.refresh_from_db()
    assert order.state == State.SUCCEEDED
    assert "already" in order.outcome
    assert (recording.status, recording.is_buried) == (Status.DELETED, True)
    assert len(provider.simulator.effects(ways(provider).deleted)) == deleted


def test_delete_of_a_transcript_that_is_gone_is_done_and_says_so(provider: Provider) -> None:
    if not ways(provider).deleted_text:
        pytest.skip(f"{provider.adapter.label} keeps no transcript that could be gone: deletes are local")
    transcript = transcribed(provider, provider.record())
    provider.world.holds_callbacks = True
    ways(provider).lose_text(provider.simulator, transcript.external_id)

    order = provider.world.order(provider.user, transcript, "transcript.delete")
    provider.world.advance(20)

    order.refresh_from_db()
    transcript.refresh_from_db()
    assert order.state == State.SUCCEEDED
    assert "already" in order.outcome
    assert (transcript.status, transcript.is_buried) == (Status.DELETED, True)
    assert provider.simulator.effects(ways(provider).deleted_text) == []


def test_options_out_of_range_are_told_by_field_and_nothing_is_sent(provider: Provider) -> None:
    call = provider.place_call()
    requests = len(provider.simulator.requests)

    with pytest.raises(OrderRefused) as refused:
        start(provider, call, **ways(provider).wrong_options)

    wrong = {name for name in ways(provider).wrong_options if name != "retention"}
    assert set(refused.value.errors) == wrong
    assert all(len(message) > 10 for message in refused.value.errors.values())
    assert not Operation.objects.exists()
    assert len(provider.simulator.requests) == requests


def test_every_bound_of_every_option_is_kept(provider: Provider) -> None:
    """Options as data: no adapter has a bound that its forms do not keep."""
    tried = 0
    for action in provider.adapter.actions:
        for option in action.options:
            for value in _beyond(option):
                _, errors = clean([option], {option.name: value})
                assert set(errors) == {option.name}, (action.kind, option.name, value)
                tried += 1
    assert tried >= (1 if is_made_up(provider) else 3)


def _beyond(option: Option) -> list[Any]:
    if option.is_ours:
        return []
    found: list[Any] = []
    if option.kind in {Kind.INTEGER, Kind.NUMBER}:
        found += [option.minimum - 1] if option.minimum is not None else []
        found += [option.maximum + 1] if option.maximum is not None else []
        if option.kind is Kind.INTEGER:
            found = [int(value) for value in found]
        found += ["twelve", True]
    if option.kind is Kind.CHOICE:
        found.append("none of them")
    if option.kind is Kind.CHOICES:
        found.append(["none of them"])
    if option.max_length is not None:
        found.append("x" * (option.max_length + 1))
    return found
