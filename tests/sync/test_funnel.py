"""Facts into rows: calls, recordings, endpoints, wishes, merges, evidence."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recordings import sync
from recordings.models import Account, Call, Errand, Operation, OperationStep, Recording
from recordings.models.mirror import Source
from recordings.providers.snapshots import (
    CallSnapshot,
    CallState,
    EndpointSnapshot,
    RecordingSnapshot,
    Status,
    Wanted,
)
from tests.fifth.adapter import FifthAdapter
from tests.world import World

NOON = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def tell(account: Account, *facts: Any, source: Source = Source.WEBHOOK, at: datetime | None = None) -> Any:
    return sync.apply(account, facts, source=source, at=at)


def recording(external_id: str = "r1", **facts: Any) -> RecordingSnapshot:
    return RecordingSnapshot(external_id=external_id, **{"status": Status.IN_PROGRESS, **facts})


def call(external_id: str = "c1", **facts: Any) -> CallSnapshot:
    return CallSnapshot(external_id=external_id, **{"state": CallState.LIVE, **facts})


def ordered(account: Account, call: Call, *, state: str = "sent", **facts: Any) -> Operation:
    row = Recording.objects.create(account=account, call=call, sort_at=NOON)
    return Operation.objects.create(
        account=account,
        order_key=str(uuid.uuid4()),
        kind="recording.start",
        call=call,
        made_key=row.key,
        state=state,
        fingerprint=str(uuid.uuid4()),
        sent_at=NOON,
        **facts,
    )


# Calls.


def test_call_is_added_and_then_changed_in_place(account: Account) -> None:
    tell(account, call(title="Support", participants=("Ada",), details={"From": "+1555"}))
    applied = tell(account, call(state=CallState.ENDED, reason="Hung up", provider_status="done"))

    row = Call.objects.get()
    assert (row.title, row.participants, row.details) == ("Support", ["Ada"], {"From": "+1555"})
    assert (row.state, row.reason, row.provider_status) == ("ended", "Hung up", "done")
    assert (applied.added, applied.changed) == (0, 1)


def test_call_told_again_changes_nothing(account: Account) -> None:
    tell(account, call(title="Support"), at=NOON)

    applied = tell(account, call(title="Support"), at=NOON + timedelta(seconds=5))

    assert applied.changed == 0


def test_late_word_of_a_call_changes_nothing(account: Account) -> None:
    tell(account, call(state=CallState.ENDED, status_at=NOON))

    tell(account, call(state=CallState.LIVE, status_at=NOON - timedelta(seconds=9)))

    assert Call.objects.get().state == CallState.ENDED


def test_word_of_a_call_counts_again_once_our_clock_was_set_back(world: World, account: Account) -> None:
    tell(account, call(state=CallState.LIVE), at=NOON + timedelta(hours=1))

    tell(account, call(state=CallState.ENDED), at=NOON)

    row = Call.objects.get()
    assert (row.state, row.seen_at) == (CallState.ENDED, NOON)


def test_word_of_a_call_that_came_late_by_our_clock_changes_nothing(world: World, account: Account) -> None:
    world.clock.advance(3600)
    tell(account, call(state=CallState.ENDED), at=NOON + timedelta(hours=1))

    tell(account, call(state=CallState.LIVE), at=NOON)

    assert Call.objects.get().state == CallState.ENDED


def test_a_read_of_an_ended_call_counts_though_our_clock_ran_ahead_when_it_was_seen(account: Account) -> None:
    tell(account, call(state=CallState.LIVE), source=Source.SWEEP, at=NOON + timedelta(seconds=3))
    ended = call(state=CallState.ENDED, status_at=NOON + timedelta(seconds=2))

    tell(account, ended, source=Source.REPLY, at=NOON + timedelta(seconds=9))

    assert Call.objects.get().state == CallState.ENDED


def test_a_read_that_began_before_a_callback_came_changes_nothing(account: Account) -> None:
    tell(account, call(state=CallState.ENDED, status_at=NOON), at=NOON + timedelta(seconds=2))

    tell(account, call(state=CallState.LIVE), source=Source.REPLY, at=NOON + timedelta(seconds=1))

    assert Call.objects.get().state == CallState.ENDED


def test_ended_call_stays_ended_unless_its_kind_can_revive(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(account, call(state=CallState.ENDED, reason="Everybody left", status_at=NOON))
    later = call(state=CallState.LIVE, status_at=NOON + timedelta(seconds=9))

    tell(account, later)
    assert Call.objects.get().state == CallState.ENDED
    monkeypatch.setattr(FifthAdapter, "calls_can_revive", True)
    tell(account, later)

    row = Call.objects.get()
    assert (row.state, row.reason, row.ended_at) == (CallState.LIVE, "", None)


def test_call_with_our_key_is_the_row_that_was_ordered(account: Account) -> None:
    row = Call.objects.create(account=account)

    tell(account, call("bot-1", key=str(row.key)))

    assert [each.external_id for each in Call.objects.all()] == ["bot-1"]


def test_two_rows_that_turn_out_to_be_one_call_become_one(account: Account) -> None:
    ordered_row = Call.objects.create(account=account)
    tell(account, call("bot-1"), recording("r1", call_external_id="bot-1"))

    tell(account, call("bot-1", key=str(ordered_row.key)))

    assert Call.objects.get().key == ordered_row.key
    assert Recording.objects.get().call == ordered_row


def test_unknown_key_of_ours_is_taken_over_when_the_mirror_is_rebuilt(account: Account) -> None:
    key = uuid.uuid4()

    tell(account, call("bot-1", key=str(key)), recording("r1", key=str(uuid.uuid4())))

    assert Call.objects.get().key == key


def test_key_that_is_none_of_ours_is_passed_over(account: Account) -> None:
    tell(account, call("bot-1", key="crm-17"))

    assert Call.objects.get().external_id == "bot-1"


def test_recordings_inside_a_call_are_written_with_it(account: Account) -> None:
    tell(account, call("c1", recordings=(recording("r1"), recording("r2", status=Status.COMPLETED))))

    assert [row.call for row in Recording.objects.all()] == [Call.objects.get()] * 2


# Recordings.


def test_call_that_only_a_recording_names_is_noted(account: Account) -> None:
    tell(account, recording("r1", call_external_id="c9"))
    tell(account, recording("r2", call_external_id="c8", status=Status.COMPLETED))

    states = dict(Call.objects.values_list("external_id", "state"))
    assert states == {"c9": CallState.LIVE, "c8": CallState.ENDED}


def test_call_that_only_a_recording_names_is_read_by_itself(account: Account) -> None:
    tell(account, recording("r1", call_external_id="c9", status=Status.COMPLETED))
    tell(account, recording("r2", call_external_id="c8"), call("c8", title="Told at once"))

    asked = Errand.objects.filter(kind="call.fetch").values_list("subject", flat=True)
    assert list(asked) == ["c9"]


def test_reading_later_fills_what_was_unknown(account: Account) -> None:
    tell(account, recording("r1"))

    tell(
        account,
        recording(
            "r1",
            call_external_id="c1",
            status=Status.COMPLETED,
            status_at=NOON,
            started_at=NOON,
            duration_seconds=12.5,
            handle={"url": "x"},
        ),
    )
    tell(account, recording("r1", status=None, provider_status="archived", handle={"id": 7}))

    row = Recording.objects.get()
    assert (row.status, row.provider_status) == (Status.COMPLETED, "archived")
    assert (row.duration_seconds, row.sort_at) == (12.5, NOON)
    assert row.handle == {"url": "x", "id": 7}
    assert row.call == Call.objects.get()


def test_thin_callback_does_not_take_the_place_of_what_was_read(account: Account) -> None:
    tell(account, recording("r1", raw={"id": "r1", "media": "all"}), source=Source.REPLY)

    tell(account, recording("r1", status=Status.PROCESSING, raw={"id": "r1"}))

    row = Recording.objects.get()
    assert (row.status, row.raw) == (Status.PROCESSING, {"id": "r1", "media": "all"})


def test_provider_time_of_the_same_status_is_kept(account: Account) -> None:
    tell(account, recording("r1", status=Status.COMPLETED, status_at=NOON))

    tell(account, recording("r1", status=Status.COMPLETED, status_at=NOON + timedelta(seconds=3)))

    assert Recording.objects.get().status_at == NOON + timedelta(seconds=3)


def test_deletion_at_the_provider_is_dated(account: Account) -> None:
    tell(account, recording("r1", status=Status.COMPLETED))
    tell(account, recording("r1", status=Status.DELETED, status_at=NOON))
    tell(account, recording("r2", status=Status.DELETED))

    first, second = Recording.objects.order_by("external_id")
    assert (first.deleted_at, first.is_buried, first.deleted_by) == (NOON, False, None)
    assert second.deleted_at is not None


def test_tombstone_is_never_written_again(account: Account) -> None:
    tell(account, recording("r1", status=Status.COMPLETED))
    Recording.objects.update(is_buried=True, status=Status.DELETED, raw={})

    tell(account, recording("r1", status=Status.COMPLETED, raw={"words": "rare"}))

    assert Recording.objects.get().raw == {}


def test_command_that_was_only_taken_has_no_id_yet(account: Account) -> None:
    tell(account, call("c1"))
    order = ordered(account, Call.objects.get())

    tell(account, RecordingSnapshot(external_id="", key=str(order.made_key), handle={"instance": "i"}))

    row = Recording.objects.get()
    order.refresh_from_db()
    assert (row.external_id, row.handle, row.status) == ("", {"instance": "i"}, Status.REQUESTED)
    assert order.state == Operation.State.SENT


def test_id_less_snapshot_of_an_unknown_key_adds_nothing(account: Account) -> None:
    tell(account, RecordingSnapshot(external_id="", key=str(uuid.uuid4()), status=Status.IN_PROGRESS))

    assert not Recording.objects.exists()


def test_unknown_status_of_a_new_recording_claims_no_end(account: Account) -> None:
    tell(account, recording("r1", status=None, provider_status="brewing"))

    assert Recording.objects.get().status == Status.PROCESSING


def test_two_rows_that_turn_out_to_be_one_recording_become_one(account: Account, world: World) -> None:
    tell(account, call("c1"))
    order = ordered(account, Call.objects.get())
    tell(account, recording("r1", raw={"a": 1}))
    later = Operation.objects.create(
        account=account,
        order_key="later",
        kind="recording.stop",
        recording=Recording.objects.get(external_id="r1"),
        subject_key=Recording.objects.get(external_id="r1").key,
        fingerprint="later",
    )

    tell(account, recording("r1", key=str(order.made_key), call_external_id="c1"))

    row = Recording.objects.get()
    later.refresh_from_db()
    assert (row.key, row.external_id) == (order.made_key, "r1")
    assert (later.recording, later.subject_key) == (row, row.key)


def test_merged_row_keeps_what_both_knew(account: Account) -> None:
    tell(account, call("c1"))
    order = ordered(account, Call.objects.get())
    tell(account, recording("r1", status=Status.COMPLETED, duration_seconds=12.5, handle={"url": "x"}))

    tell(account, recording("r1", key=str(order.made_key), call_external_id="c1"))

    row = Recording.objects.get()
    assert (row.key, row.status, row.duration_seconds) == (order.made_key, Status.COMPLETED, 12.5)
    assert row.handle == {"url": "x"}


def test_open_recording_is_read_by_itself_a_minute_later(account: Account, world: World) -> None:
    tell(account, recording("r1"))

    errand = Errand.objects.get(kind="recording.fetch", subject="r1")
    assert errand.due_at == world.clock.utc() + timedelta(seconds=60)


def test_merged_row_that_knew_less_takes_nothing_away(account: Account) -> None:
    tell(account, call("c1"))
    order = ordered(account, Call.objects.get())
    tell(account, recording("r1", status=Status.REQUESTED))

    tell(account, recording("r1", key=str(order.made_key), call_external_id="c1", status=None))

    assert Recording.objects.get().status == Status.REQUESTED


def test_our_key_under_a_foreign_id_renames_no_row(account: Account) -> None:
    tell(account, call("c1"))
    order = ordered(account, Call.objects.get())
    tell(account, recording("r1", key=str(order.made_key)))

    tell(account, recording("r2", key=str(order.made_key)))

    keys = dict(Recording.objects.values_list("external_id", "key"))
    assert keys["r1"] == order.made_key
    assert keys["r2"] != order.made_key


def test_best_pending_row_of_the_call_is_taken_when_nothing_names_it(account: Account) -> None:
    tell(account, call("c1"), call("c2"))
    first, second = Call.objects.order_by("external_id")
    near = ordered(account, first)
    ordered(account, second)
    far = ordered(account, first)
    Operation.objects.filter(pk=far.pk).update(sent_at=NOON - timedelta(minutes=9))

    tell(account, recording("r1", call_external_id="c1", started_at=NOON + timedelta(seconds=1)))

    assert Recording.objects.get(external_id="r1").key == near.made_key


def test_snapshot_that_fits_no_pending_row_is_a_row_of_its_own(account: Account) -> None:
    tell(account, call("c1"))
    ordered(account, Call.objects.get())

    tell(account, recording("r1", call_external_id="c1", started_at=None))

    assert Recording.objects.count() == 2


# Evidence.


def test_callback_settles_the_doubt_about_the_order_that_made_it(account: Account) -> None:
    tell(account, call("c1"))
    order = ordered(account, Call.objects.get(), state="in_doubt", due_at=NOON)

    tell(account, recording("r1", key=str(order.made_key)))

    order.refresh_from_db()
    assert (order.state, order.due_at) == (Operation.State.SUCCEEDED, None)
    assert order.steps.get().kind == OperationStep.Kind.DECIDED


def test_worker_that_still_holds_the_order_settles_it_itself(account: Account, world: World) -> None:
    tell(account, call("c1"))
    until = world.clock.utc() + timedelta(seconds=30)
    order = ordered(account, Call.objects.get(), lease_token=uuid.uuid4(), lease_until=until)

    tell(account, recording("r1", key=str(order.made_key)))

    order.refresh_from_db()
    assert order.state == Operation.State.SENT


@pytest.mark.parametrize(("code", "state"), [("absent", "succeeded"), ("call_over", "failed")])
def test_order_that_ended_as_not_happened_is_put_right(account: Account, code: str, state: str) -> None:
    tell(account, call("c1"))
    order = ordered(account, Call.objects.get(), state="failed", outcome_code=code)

    tell(account, recording("r1", key=str(order.made_key)), source=Source.SWEEP)

    order.refresh_from_db()
    assert order.state == state


# Wishes and endpoints.


def test_wish_becomes_one_errand_and_asking_again_brings_it_forward(account: Account, world: World) -> None:
    tell(account, Wanted(kind="recording", external_id="r1", parent_external_id="c1", delay_seconds=60))
    tell(account, Wanted(kind="recording", external_id="r1"))
    tell(account, Wanted(kind="recording", external_id="r1", delay_seconds=600))

    errand = Errand.objects.get(kind="recording.fetch")
    assert (errand.subject, errand.parent) == ("r1", "c1")
    assert errand.due_at == world.clock.utc()


def test_wish_for_a_text_goes_to_whoever_keeps_texts(account: Account) -> None:
    tell(account, Wanted(kind="text", external_id="t1"))

    assert Errand.objects.filter(kind="transcript.text", subject="t1").exists()


def test_endpoint_is_noted_beside_the_others(account: Account) -> None:
    tell(account, EndpointSnapshot(external_id="w1", url="https://a.test", state="ACTIVE", is_healthy=True))
    tell(account, EndpointSnapshot(external_id="w2", url="https://b.test", state="ACTIVE"))
    tell(
        account,
        EndpointSnapshot(external_id="w1", url="https://a.test", state="FAILED", last_push_at=NOON),
    )

    account.refresh_from_db()
    states = {each["external_id"]: each["state"] for each in account.endpoints}
    assert states == {"w1": "FAILED", "w2": "ACTIVE"}


def test_higher_package_can_register_its_own_facts(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = []

    class Weather:
        """A fact of another package."""

    sync.register(Weather, lambda context, fact: heard.append((context.account, type(fact))))
    tell(account, Weather())

    assert heard == [(account, Weather)]
