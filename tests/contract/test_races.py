"""Answer, callback and listing of one order, in every order and each doubled: one row."""

import itertools
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC
from typing import Any

import pytest
from django.db import transaction

from recordings import sync
from recordings.models import Account, Call, Operation, Recording
from recordings.models.mirror import Source
from recordings.providers.snapshots import RecordingSnapshot, TranscriptSnapshot
from tests.contract.conftest import Provider, defaults
from transcripts.models import Transcript

Told = tuple[Source, tuple[Any, ...]]


class Undo(Exception):
    """Takes back what a block wrote."""


def undone(do: Callable[[], None]) -> None:
    with suppress(Undo), transaction.atomic():
        do()
        raise Undo


def orders_of_arrival(told: list[Told]) -> list[tuple[Told, ...]]:
    """Each fact set twice, in every distinguishable order."""
    numbers = set(itertools.permutations([*range(len(told)), *range(len(told))]))
    return [tuple(told[number] for number in order) for order in sorted(numbers)]


def listen(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> list[Told]:
    """Whatever passes the funnel, as it was told."""
    heard: list[Told] = []
    apply = sync.apply

    def listening(account: Account, facts: Any, *, source: Source, **more: Any) -> Any:
        facts = tuple(facts)
        heard.append((source, facts))
        return apply(account, facts, source=source, **more)

    monkeypatch.setattr(sync, "apply", listening)
    return heard


def about(told: list[Told], kind: type) -> dict[Source, Told]:
    """The first set of facts from each source that speaks of a recording or transcript."""
    found: dict[Source, Told] = {}
    for source, facts in told:
        things = [fact for fact in facts if isinstance(fact, kind) or getattr(fact, "recordings", ())]
        if things and source not in found:
            found[source] = (source, facts)
    return found


def test_start_is_one_row_whatever_comes_first(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    world = provider.world
    call = provider.place_call()
    order = world.order(provider.user, call, "recording.start", **provider.start_options())
    with monkeypatch.context() as patch:
        heard = listen(provider, patch)
        undone(lambda: _live_through_a_start(provider, call))
    told = list(about(heard, RecordingSnapshot).values())
    assert len(told) >= 2, f"only {[source for source, _ in told]} spoke of the recording"
    Operation.objects.filter(pk=order.pk).update(
        state=Operation.State.SENT, sent_at=world.clock.utc().astimezone(UTC), due_at=None
    )

    rows = []

    def arrive(order_of_arrival: tuple[Told, ...]) -> None:
        for source, facts in order_of_arrival:
            sync.apply(provider.account, facts, source=source)
        rows.append(list(Recording.objects.values_list("key", flat=True)))

    for order_of_arrival in orders_of_arrival(told):
        undone(lambda order=order_of_arrival: arrive(order))  # type: ignore[misc]
    assert all(keys == [order.made_key] for keys in rows), rows
    assert len(rows) >= 6


def _live_through_a_start(provider: Provider, call: Call) -> None:
    provider.world.work()
    provider.world.advance(20)
    provider.simulator.end_call(call.external_id)
    provider.world.advance(240, step=10)
    provider.world.sweep(provider.account)


def test_transcript_is_one_row_whatever_comes_first(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    if provider.adapter.action("transcript.order") is None:
        pytest.skip(f"{provider.adapter.label} takes no such order")
    world, recording = provider.world, provider.record()
    options = defaults(provider.adapter, "transcript.order")
    order = world.order(provider.user, recording, "transcript.order", **options)
    with monkeypatch.context() as patch:
        heard = listen(provider, patch)
        undone(lambda: _live_through_a_transcript(provider))
    told = list(about(heard, TranscriptSnapshot).values())
    assert len(told) >= 2, f"only {[source for source, _ in told]} spoke of the transcript"
    Operation.objects.filter(pk=order.pk).update(
        state=Operation.State.SENT, sent_at=world.clock.utc(), due_at=None
    )

    rows = []

    def arrive(order_of_arrival: tuple[Told, ...]) -> None:
        for source, facts in order_of_arrival:
            sync.apply(provider.account, facts, source=source)
        rows.append(list(Transcript.objects.values_list("key", flat=True)))

    for order_of_arrival in orders_of_arrival(told):
        undone(lambda order=order_of_arrival: arrive(order))  # type: ignore[misc]
    assert all(keys == [order.made_key] for keys in rows), rows
    assert len(rows) >= 6


def _live_through_a_transcript(provider: Provider) -> None:
    provider.world.work()
    provider.world.advance(240, step=10)
    provider.world.sweep(provider.account)
