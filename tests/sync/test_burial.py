"""Deletions leave tombstones, and a start that overwrites says what was lost."""

import json
from decimal import Decimal
from typing import Any

import pytest

from recordings.models import Account, Operation, Recording, WebhookDelivery
from recordings.providers.orders import Action, Repeat, Subject
from recordings.providers.snapshots import Status
from recordings.sync.recordings import merge
from tests.fifth.adapter import FifthAdapter
from tests.fifth.simulator import FifthSimulator
from tests.simulators.http import Request, Response
from tests.world import World


def record(world: World, account: Account, fifth: FifthSimulator, operator: Any) -> Recording:
    call = world.call(account, fifth.place_call())
    world.order(operator, call, "recording.start")
    world.work()
    recording = Recording.objects.get()
    world.order(operator, recording, "recording.stop")
    world.advance(10)
    recording.refresh_from_db()
    return recording


def test_operators_delete_leaves_a_tombstone_that_a_replay_cannot_lift(
    world: World, account: Account, fifth: FifthSimulator, operator: Any
) -> None:
    recording = record(world, account, fifth, operator)
    bodies = [bytes(body) for body in WebhookDelivery.objects.values_list("body", flat=True)]

    world.order(operator, recording, "recording.delete")
    world.work()
    WebhookDelivery.objects.update(due_at=world.clock.utc(), state="received")
    world.work()

    recording.refresh_from_db()
    assert fifth.effects("delete")[0].subject == recording.external_id
    assert (recording.status, recording.is_buried) == (Status.DELETED, True)
    assert recording.deleted_by == operator
    assert recording.raw == {}
    assert any(b"recording.done" in body for body in bodies)
    assert set(WebhookDelivery.objects.values_list("is_erased", flat=True)) == {True}


def test_resent_callback_does_not_lift_a_tombstone(
    world: World, account: Account, fifth: FifthSimulator, operator: Any
) -> None:
    recording = record(world, account, fifth, operator)
    world.order(operator, recording, "recording.delete")
    world.work()

    for callback in list(fifth.outbox.sent):
        body = json.loads(callback.body)
        body["id"] += "-again"
        fifth._announce(callback.event, body["data"])
    world.advance(5)

    recording.refresh_from_db()
    assert recording.is_buried
    assert recording.raw == {}


@pytest.mark.parametrize("became_another", [False, True])
def test_what_is_told_while_it_is_being_deleted_stays_known(
    world: World,
    account: Account,
    fifth: FifthSimulator,
    operator: Any,
    monkeypatch: Any,
    became_another: bool,
) -> None:
    recording = record(world, account, fifth, operator)
    respond = fifth.respond

    def told_meanwhile(request: Request) -> Response:
        if request.method == "DELETE":
            if became_another:
                kept = Recording.objects.create(account=account, sort_at=recording.sort_at)
                merge(kept, Recording.objects.get(pk=recording.pk))
            Recording.objects.update(price=Decimal("0.5"))
        return respond(request)

    monkeypatch.setattr(fifth, "respond", told_meanwhile)
    world.order(operator, recording, "recording.delete")
    world.work()

    deleted = Recording.objects.get()
    assert (deleted.status, deleted.is_buried, deleted.deleted_by) == (Status.DELETED, True, operator)
    assert (deleted.price, deleted.pk == recording.pk) == (Decimal("0.5"), not became_another)


def test_start_that_overwrites_names_what_was_swallowed(
    world: World, account: Account, fifth: FifthSimulator, operator: Any, monkeypatch: Any
) -> None:
    start, *others = FifthAdapter.actions
    anew = Action(**{**_fields(start), "overwrites_live": True})
    monkeypatch.setattr(FifthAdapter, "actions", (anew, *others))
    call = world.call(account, fifth.place_call())
    world.order(operator, call, "recording.start")
    world.work()

    world.order(operator, call, "recording.start", quality="low")
    world.work()

    first, second = Recording.objects.order_by("pk")
    assert (first.status, first.reason) == (Status.DELETED, f"overwritten by {second.external_id}")
    assert second.status == Status.IN_PROGRESS


def test_deleting_all_media_of_a_call_buries_its_recordings(
    world: World, account: Account, fifth: FifthSimulator, operator: Any, monkeypatch: Any
) -> None:
    recording = record(world, account, fifth, operator)
    wipe = Action(
        kind="call.delete_media",
        subject=Subject.CALL,
        label="Delete all media",
        repeat=Repeat.REPEATABLE,
        right="delete",
        becomes=Status.DELETED,
    )
    monkeypatch.setattr(FifthAdapter, "actions", (*FifthAdapter.actions, wipe))

    order = world.order(operator, recording.call, "call.delete_media")
    world.work()

    order.refresh_from_db()
    recording.refresh_from_db()
    assert order.state == Operation.State.SUCCEEDED, order.outcome
    assert recording.is_buried


def _fields(action: Action) -> dict[str, Any]:
    return {name: getattr(action, name) for name in Action.__dataclass_fields__}
