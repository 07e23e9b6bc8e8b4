from dataclasses import replace

import pytest

from recordings.providers.daily import DailyAdapter
from recordings.providers.daily.evidence import LOOKS
from recordings.providers.errors import NotFound, OutcomeUnknown, Refused, Unavailable
from recordings.providers.orders import Pending
from recordings.providers.snapshots import RecordingSnapshot, Status, TranscriptSnapshot
from tests.providers.daily_account import (
    KEY,
    NOW,
    OTHER_KEY,
    RECORDING,
    TRANSCRIPT,
    Account,
    answering,
    call_ref,
    complains,
    later,
    order,
    recording_ref,
    says,
    transcript_ref,
)

ONE_RECORDING = f"/recordings/{RECORDING}"


@pytest.fixture
def account():
    return Account()


def lose(account, found, *, kind="drop_after"):
    """Send an order whose answer is lost."""
    account.simulator.fail(kind=kind, method="POST")
    with pytest.raises(OutcomeUnknown):
        account.adapter.perform(found)


def row(seconds=2, ident=RECORDING, **changes):
    began = NOW.timestamp() + seconds
    return {"id": ident, "room_name": "my-room", "start_ts": began, "status": "in-progress", **changes}


def listed(*rows, total=None):
    adapter, _ = answering({("GET", "/recordings"): says({"total_count": total, "data": list(rows)})})
    return adapter


def of_start(adapter, **about):
    return adapter.evidence(order("recording.start", **{"call": call_ref(), **about}))


# A start.


def test_a_start_whose_answer_was_lost_is_found_by_room_and_time(account):
    call = account.call()
    found = account.order("recording.start", call=call)
    lose(account, found)

    before = account.adapter.evidence(found)
    account.simulator.advance(5)
    after = account.adapter.evidence(found)

    began = account.simulator.effects("recording_began")[0]
    assert before.verdict == "absent"
    assert after.verdict == "happened"
    assert (after.facts[0].external_id, after.facts[0].key) == (began.result, KEY)
    assert after.facts[0].handle["instanceId"] == KEY
    assert after.exchange.method == "GET"


def test_a_start_that_never_happened_is_absent(account):
    call = account.call()
    found = account.order("recording.start", call=call)
    lose(account, found, kind="drop")
    account.simulator.advance(DailyAdapter.visibility_delay_seconds)

    assert account.adapter.evidence(found).verdict == "absent"


def test_a_command_that_was_taken_and_lost_is_absent(account):
    account.simulator.switch(loses_starts=True)
    found = account.order("recording.start", call=account.call())
    account.adapter.perform(found)
    account.simulator.advance(300)

    assert account.adapter.evidence(found).verdict == "absent"


@pytest.mark.parametrize("seconds", [-11, 91, 4000])
def test_a_recording_of_another_time_is_not_it(seconds):
    assert of_start(listed(row(seconds))).verdict == "absent"


def test_a_recording_that_is_bound_to_a_row_is_not_it():
    call = call_ref(recording_ids=frozenset({RECORDING}))

    assert of_start(listed(row()), call=call).verdict == "absent"


def test_a_recording_of_another_type_is_not_it():
    assert of_start(listed(row(type="raw-tracks"))).verdict == "absent"
    assert of_start(listed(row(type="raw-tracks")), options={"type": "raw-tracks"}).verdict == "happened"


def test_a_recording_of_another_room_is_not_it():
    assert of_start(listed(row(room_name="another"))).verdict == "absent"


def test_several_that_fit_are_unclear():
    assert of_start(listed(row(2), row(4, ident="other"))).verdict == "unclear"


RIVAL = Pending(
    key=OTHER_KEY,
    kind="recording.start",
    options={},
    call_external_id="my-room",
    sent_at=later(20),
)


def test_what_another_order_could_have_made_as_well_is_nobodys():
    adapter = listed(row(22, type="cloud"))

    assert of_start(adapter, rivals=(RIVAL,)).verdict == "unclear"
    assert of_start(adapter, rivals=(replace(RIVAL, options={"type": "raw-tracks"}),)).verdict == "happened"
    assert of_start(adapter, rivals=(replace(RIVAL, sent_at=later(60)),)).verdict == "happened"


def test_the_one_that_no_other_order_could_have_made_is_ours():
    evidence = of_start(listed(row(22, ident="other"), row(2)), rivals=(RIVAL,))

    assert evidence.verdict == "happened"
    assert evidence.facts[0].external_id == RECORDING


def test_the_name_of_the_file_decides_also_between_rivals():
    named = row(22, s3key=f"fernweh/my-room/{KEY}/1")

    assert of_start(listed(named), rivals=(RIVAL,)).verdict == "happened"


@pytest.mark.parametrize(
    ("handle", "verdict"),
    [({}, "happened"), ({"instanceId": KEY}, "happened"), ({"instanceId": OTHER_KEY}, "absent")],
)
def test_a_recording_that_no_order_made_may_be_ours_unless_its_instance_is_known(handle, verdict):
    call = call_ref(recording_ids=frozenset({RECORDING}))
    stray = replace(recording_ref(), handle=handle)

    assert of_start(listed(row()), call=call, strays=(stray,)).verdict == verdict
    assert (
        of_start(listed(row()), call=call, strays=(stray,), taken=frozenset({RECORDING})).verdict == "absent"
    )


def test_the_instance_in_the_name_of_the_file_decides():
    named = row(4, ident="other", s3key=f"fernweh/my-room/{KEY}/1")

    evidence = of_start(listed(row(2), named))

    assert evidence.verdict == "happened"
    assert evidence.facts[0].external_id == "other"


def test_a_page_that_does_not_reach_back_proves_nothing():
    young = [row(1000, ident=str(number)) for number in range(100)]

    assert of_start(listed(*young)).verdict == "unclear"
    assert of_start(listed(*young[:-1], row(-3600))).verdict == "absent"


def test_an_order_without_a_moment_proves_nothing_by_a_full_page():
    adapter = listed(*[row(1000, ident=str(number)) for number in range(100)])

    assert of_start(adapter, sent_at=None, ordered_at=None).verdict == "unclear"


def test_an_order_that_was_never_marked_is_measured_from_its_click():
    assert of_start(listed(row()), sent_at=None).verdict == "happened"


def test_a_canceled_recording_did_happen():
    evidence = of_start(listed(row(status="canceled")))

    assert (evidence.verdict, evidence.facts[0].status) == ("happened", Status.FAILED)


def test_a_look_that_fails_is_no_evidence():
    adapter, _ = answering({("GET", "/recordings"): complains(500, "server-error")})

    with pytest.raises(Unavailable):
        of_start(adapter)


# Live transcripts.


@pytest.mark.parametrize("knows_the_id", [True, False])
def test_a_live_transcript_is_found_by_room_and_time(account, knows_the_id):
    call = account.call()
    if knows_the_id:
        call = replace(call, flags={"room_id": account.simulator.rooms[call.external_id].id})
    found = account.order("captions.start", call=call)
    lose(account, found)

    before = account.adapter.evidence(found)
    account.simulator.advance(5)
    after = account.adapter.evidence(found)

    assert (before.verdict, after.verdict) == ("absent", "happened")
    assert after.facts[0].key == KEY
    assert after.facts[0].call_external_id == call.external_id
    assert after.facts[0].handle["instanceId"] == KEY


def test_a_room_without_an_id_is_unclear():
    adapter, _ = answering({("GET", "/rooms/my-room"): says({"name": "my-room"})})

    assert adapter.evidence(order("captions.start", call=call_ref())).verdict == "unclear"


def test_a_stop_of_a_live_transcript(account):
    transcript = account.transcribe(account.call())
    found = account.order("captions.stop", transcript=transcript)

    before = account.adapter.evidence(found)
    account.adapter.perform(found)
    account.simulator.advance(5)
    after = account.adapter.evidence(found)

    assert (before.verdict, after.verdict) == ("absent", "happened")
    assert after.facts[0].status is Status.COMPLETED


def test_a_stop_of_a_live_transcript_without_an_id_is_unclear(account):
    transcript = transcript_ref("", call=call_ref())

    assert (
        account.adapter.evidence(account.order("captions.stop", transcript=transcript)).verdict == "unclear"
    )


# A stop.


def test_a_stop_is_proven_by_the_end_of_the_recording(account):
    recording = account.start(account.call())
    found = account.order("recording.stop", recording=recording)
    lose(account, found)

    while_stopping = account.adapter.evidence(found)
    account.simulator.advance(5)
    stopped = account.adapter.evidence(found)

    assert while_stopping.verdict == "absent"  # so far: the engine asks again after the delay
    assert (stopped.verdict, stopped.facts[0].status) == ("happened", Status.COMPLETED)


def test_an_unknown_word_may_mean_that_it_runs():
    adapter, _ = answering({("GET", ONE_RECORDING): says(row(status="archiving"))})

    evidence = adapter.evidence(order("recording.stop", recording=recording_ref()))

    assert evidence.verdict == "absent"


def test_a_deleted_recording_has_ended(account):
    evidence = account.adapter.evidence(account.order("recording.stop", recording=recording_ref()))

    assert evidence.verdict == "happened"


@pytest.mark.parametrize(("status", "verdict"), [("in-progress", "unclear"), ("finished", "happened")])
def test_a_stop_before_daily_told_an_id_is_judged_by_the_room(status, verdict):
    adapter = listed(row(status=status))

    evidence = adapter.evidence(order("recording.stop", recording=recording_ref("")))

    assert evidence.verdict == verdict


# Others.


@pytest.mark.parametrize("kind", ["recording.update", "captions.update"])
def test_a_change_cannot_be_seen_afterwards(account, kind):
    assert account.adapter.evidence(account.order(kind)).verdict == "unclear"
    assert account.asked() == []


def test_every_order_can_be_looked_after(account):
    assert set(LOOKS) == {action.kind for action in DailyAdapter.actions}

    with pytest.raises(Refused):
        account.adapter.evidence(account.order("recording.pause"))


def test_evidence_of_a_deletion_behind_a_wrong_address_is_none():
    adapter, _ = answering({("GET", ONE_RECORDING): says([], 404)})

    with pytest.raises(NotFound):
        adapter.evidence(order("recording.delete", recording=recording_ref()))


# Which row a listed thing is.


def pending(kind="recording.start", **changes):
    fields = {"options": {}, "call_external_id": "my-room", "sent_at": NOW, **changes}
    return Pending(key=KEY, kind=kind, **fields)


def recorded(seconds=3.0, **changes):
    fields = {"call_external_id": "my-room", "started_at": later(seconds), **changes}
    return RecordingSnapshot(external_id=RECORDING, **fields)


def heard(seconds=3.0, **changes):
    fields = {"call_external_id": "my-room", "started_at": later(seconds), "kind": "realtime", **changes}
    return TranscriptSnapshot(external_id=TRANSCRIPT, **fields)


@pytest.mark.parametrize(
    ("row_of_ours", "snapshot", "distance"),
    [
        (pending(), recorded(), 3.0),
        (pending(), recorded(-4), 4.0),
        (pending(), recorded(-11), None),
        (pending(), recorded(91), None),
        (pending(), recorded(started_at=None), None),
        (pending(sent_at=None), recorded(), None),  # nothing was sent: it cannot be ours
        (pending(), recorded(call_external_id="another"), None),
        (pending(call_external_id=""), recorded(call_external_id=""), None),
        (pending(), recorded(key=KEY), 3.0),
        (pending(), recorded(key=OTHER_KEY), None),
        (pending(), recorded(handle={"instanceId": KEY}), 3.0),
        (pending(), recorded(handle={"instanceId": OTHER_KEY}), None),
        (pending(), recorded(handle={"instanceId": "c3df927c-f738-4471-a2b7-066fa7e95a6b"}), None),
        (pending(), recorded(handle={"type": "cloud"}), 3.0),
        (pending(), recorded(handle={"type": "raw-tracks"}), None),
        (pending(options={"type": "raw-tracks"}), recorded(handle={"type": "raw-tracks"}), 3.0),
        (pending(), recorded(4000, raw={"s3key": f"fernweh/{KEY}"}), 0.0),
        (pending("captions.start"), recorded(), None),
        (pending("captions.start"), heard(), 3.0),
        (pending("captions.start"), heard(kind="batch"), None),
        (pending("transcript.order"), heard(kind="batch"), None),
        (pending(), heard(), None),
    ],
)
def test_how_far_a_listed_thing_is_from_a_row(account, row_of_ours, snapshot, distance):
    assert account.adapter.matches(row_of_ours, snapshot) == distance


@pytest.mark.parametrize(
    ("snapshot", "distance"),
    [
        (recorded(30), None),  # both could have made it
        (recorded(3), 3.0),  # the other was sent later
        (recorded(30, key=KEY), 30.0),
        (recorded(30, raw={"s3key": f"fernweh/{KEY}"}), 0.0),
    ],
)
def test_what_a_rival_could_have_made_as_well_is_not_matched(account, snapshot, distance):
    assert account.adapter.matches(pending(rivals=(RIVAL,)), snapshot) == distance


def test_the_start_of_a_listed_recording_is_that_of_the_simulator(account):
    call = account.call()
    account.start(call)

    found = account.adapter.list_recordings(since=None, until=None).items[0]

    assert account.adapter.matches(pending(call_external_id=call.external_id), found) < 5
