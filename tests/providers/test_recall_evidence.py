from datetime import timedelta

import httpx
import pytest

from recordings.providers.errors import CredentialsRefused, OutcomeUnknown, Refused, Unavailable
from recordings.providers.orders import Pending, Verdict
from recordings.providers.recall import RecallAdapter
from recordings.providers.snapshots import CallState, Status
from tests.providers.recall_account import (
    AT,
    BOT,
    KEY,
    RECORDING,
    TRANSCRIPT,
    Account,
    answered,
    call_ref,
    order,
    recording_ref,
    transcript_ref,
)

HAPPENED, ABSENT, UNCLEAR = Verdict.HAPPENED, Verdict.ABSENT, Verdict.UNCLEAR


@pytest.fixture
def recall():
    return Account()


def looked(adapter, given):
    found = adapter.evidence(given)
    assert found.looked_at.endswith(".")
    return found


def done_unseen(recall, given):
    """The provider performs the order, and its answer is lost."""
    recall.simulator.fail(kind="drop_after", method=method_of(given.kind))
    with pytest.raises(OutcomeUnknown):
        recall.adapter.perform(given)
    recall.simulator.requests.clear()


def method_of(kind):
    if kind.endswith((".update", ".change")):
        return "PATCH"
    return "DELETE" if kind in {"call.cancel", "recording.delete", "transcript.delete"} else "POST"


# What an order made.


def test_a_bot_is_found_by_our_key(recall):
    given = order("call.send", meeting_url=recall.simulator.place_meeting())

    before = looked(recall.adapter, given)
    done_unseen(recall, given)
    after = looked(recall.adapter, given)

    assert (before.verdict, after.verdict) == (ABSENT, HAPPENED)
    assert after.facts[0].key == KEY
    assert [each.query for each in recall.simulator.requests] == [f"metadata__tapedeck_key={KEY}"]


def test_a_start_is_found_by_our_key(recall):
    given = order("recording.start", call=recall.call())
    done_unseen(recall, given)
    recall.simulator.advance(5)

    found = looked(recall.adapter, given)

    assert (found.verdict, found.facts[0].key, found.facts[0].status) == (HAPPENED, KEY, Status.IN_PROGRESS)


def test_a_start_that_may_wait_for_its_moment_is_not_absent(recall):
    call = recall.call()

    for begin in ({}, {"start_recording_on": "participant_speak"}):
        found = looked(recall.adapter, order("recording.start", call=call, **begin))
        assert found.verdict is UNCLEAR
        assert "may still wait" in found.looked_at


def test_a_start_that_waits_for_nothing_is_absent(recall):
    call = recall.call()

    found = looked(recall.adapter, order("recording.start", call=call, start_recording_on="call_join"))

    assert found.verdict is ABSENT
    assert found.facts[0].external_id == call.external_id


def test_a_start_is_absent_once_the_bot_has_left_or_records_another(recall):
    left, other = recall.call(), recall.call(is_recording=True)
    recall.simulator.end_call(left.external_id)

    assert looked(recall.adapter, order("recording.start", call=left)).verdict is ABSENT
    assert looked(recall.adapter, order("recording.start", call=other)).verdict is ABSENT


def test_a_transcript_is_found_among_those_of_its_recording(recall):
    recording = recall.finished()
    recall.transcribed(recording, send_key="other")
    given = order("transcript.order", recording=recording, provider="recallai_async", key="another-key")

    before = looked(recall.adapter, given)
    done_unseen(recall, given)
    recall.simulator.switch(page_size=1)
    after = looked(recall.adapter, given)

    assert (before.verdict, after.verdict) == (ABSENT, HAPPENED)
    assert "(1 seen)" in before.looked_at
    assert after.facts[0].key == "another-key"


def test_all_pages_are_seen_before_a_thing_is_absent(recall):
    recording = recall.finished()
    for number in range(3):
        recall.transcribed(recording, send_key=str(number))
    recall.simulator.switch(page_size=1)

    found = looked(recall.adapter, order("transcript.order", recording=recording, key="another-key"))

    assert found.verdict is ABSENT
    assert "(3 seen)" in found.looked_at


def test_a_list_without_an_end_proves_nothing():
    endless = httpx.Response(200, json={"results": [], "next": "again"})

    found = looked(answered(endless), order("transcript.order", recording=recording_ref()))

    assert found.verdict is UNCLEAR
    assert "too long" in found.looked_at


# What an order changed.


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [("stop", ABSENT, HAPPENED), ("pause", ABSENT, HAPPENED), ("resume", HAPPENED, HAPPENED)],
)
def test_the_recording_tells_of_a_command(recall, kind, before, after):
    recording = recall.start(recall.call())
    given = order(f"recording.{kind}", recording=recording, send_key=kind)

    first = looked(recall.adapter, given)
    if kind == "resume":
        recall.adapter.perform(order("recording.pause", recording=recording))
        assert looked(recall.adapter, given).verdict is ABSENT
    done_unseen(recall, given)
    second = looked(recall.adapter, given)

    assert (first.verdict, second.verdict) == (before, after)
    assert second.facts[0].external_id == recording.external_id


@pytest.mark.parametrize("kind", ["recording.pause", "recording.resume"])
def test_a_pause_is_not_told_once_the_recording_is_over(recall, kind):
    assert looked(recall.adapter, order(kind, recording=recall.finished())).verdict is UNCLEAR


@pytest.mark.parametrize("kind", ["recording.pause", "recording.resume", "recording.stop"])
def test_a_word_that_nobody_knows_proves_nothing(kind):
    adapter = answered(httpx.Response(200, json={"id": RECORDING, "status": {"code": "new"}}))

    found = looked(adapter, order(kind, recording=recording_ref()))

    assert found.verdict is UNCLEAR
    assert "“new”" in found.looked_at


def test_a_stop_happened_when_the_recording_is_gone(recall):
    found = looked(recall.adapter, order("recording.stop", recording=recording_ref()))

    assert found.verdict is HAPPENED
    assert found.facts[0].status is Status.DELETED


def test_the_bot_tells_whether_it_left(recall):
    given = order("call.leave", call=recall.call())

    before = looked(recall.adapter, given)
    done_unseen(recall, given)
    after = looked(recall.adapter, given)

    assert (before.verdict, after.verdict) == (ABSENT, HAPPENED)
    assert after.facts[0].state is CallState.ENDED


def test_a_cancelled_bot_is_gone(recall):
    given = order("call.cancel", call=recall.scheduled())

    before = looked(recall.adapter, given)
    done_unseen(recall, given)
    after = looked(recall.adapter, given)

    assert (before.verdict, after.verdict) == (ABSENT, HAPPENED)
    assert after.facts[0].state is CallState.ENDED


@pytest.mark.parametrize(
    ("code", "at", "verdict"),
    [
        ("recording_permission_denied", AT + timedelta(seconds=3), HAPPENED),
        ("recording_permission_allowed", AT, HAPPENED),
        ("recording_permission_denied", AT - timedelta(seconds=3), UNCLEAR),
        ("in_call_not_recording", AT + timedelta(seconds=3), UNCLEAR),
        ("recording_permission_denied", None, UNCLEAR),
    ],
)
def test_an_answer_of_the_host_tells_that_it_was_asked(code, at, verdict):
    change = {"code": code, "created_at": at.isoformat() if at else None}
    adapter = answered(httpx.Response(200, json={"id": BOT, "status_changes": [change]}))

    assert looked(adapter, order("call.request_permission", call=call_ref())).verdict is verdict


def test_deleted_media_are_gone(recall):
    given = order("call.delete_media", call=recall.finished().call)

    before = looked(recall.adapter, given)
    done_unseen(recall, given)
    after = looked(recall.adapter, given)

    assert (before.verdict, after.verdict) == (ABSENT, HAPPENED)
    assert "1 recordings" in before.looked_at


@pytest.mark.parametrize("kind", ["recording", "transcript"])
@pytest.mark.parametrize("settled", ["404", "object"])
def test_a_deleted_thing_is_gone_in_either_shape(recall, kind, settled):
    recall.simulator.switch(deleted_get=settled)
    recording = recall.finished()
    given = order(f"{kind}.delete", recording=recording, transcript=recall.transcribed(recording))

    before = looked(recall.adapter, given)
    done_unseen(recall, given)
    after = looked(recall.adapter, given)

    assert (before.verdict, after.verdict) == (ABSENT, HAPPENED)
    assert after.facts[0].status is Status.DELETED


@pytest.mark.parametrize("kind", ["recording", "transcript"])
def test_labels_are_compared(recall, kind):
    recording = recall.finished()
    transcript = recall.transcribed(recording)
    given = order(
        f"{kind}.update", recording=recording, transcript=transcript, metadata={"a": "b", "c": None}
    )

    before = looked(recall.adapter, given)
    done_unseen(recall, given)
    after = looked(recall.adapter, given)

    assert (before.verdict, after.verdict) == (ABSENT, HAPPENED)
    assert after.facts[0].external_id


@pytest.mark.parametrize(
    "changes",
    [
        {"bot_name": "New"},
        {"join_at": "2026-05-08T12:00:00+02:00"},
        {"metadata": {"a": "b"}},
        {"bot_name": "New", "metadata": {"a": "b"}},
    ],
)
def test_a_changed_bot_is_compared(recall, changes):
    given = order("call.change", call=recall.scheduled(), **changes)

    before = looked(recall.adapter, given)
    done_unseen(recall, given)
    after = looked(recall.adapter, given)

    assert (before.verdict, after.verdict) == (ABSENT, HAPPENED)


def test_a_change_that_cannot_be_compared_stays_open(recall):
    given = order("call.change", call=recall.scheduled(), meeting_url="https://zoom.us/j/5")

    assert looked(recall.adapter, given).verdict is UNCLEAR


# Looks that fail.


@pytest.mark.parametrize("action", RecallAdapter.actions, ids=lambda each: each.kind)
@pytest.mark.parametrize(("status", "error"), [(401, CredentialsRefused), (503, Unavailable), (404, Refused)])
def test_a_look_that_fails_proves_nothing(action, status, error):
    given = order(
        action.kind,
        call=call_ref(),
        recording=recording_ref(),
        transcript=transcript_ref(TRANSCRIPT),
        metadata={},
    )

    with pytest.raises(error):
        answered(httpx.Response(status)).evidence(given)


def test_nothing_is_written_by_a_look(recall):
    recording = recall.finished()
    recall.simulator.requests.clear()

    for action in RecallAdapter.actions:
        given = order(
            action.kind,
            call=recording.call,
            recording=recording,
            transcript=transcript_ref(TRANSCRIPT),
            metadata={},
        )
        if action.kind != "transcript.update":
            recall.adapter.evidence(given)

    assert {each.method for each in recall.simulator.requests} == {"GET"}


def test_rows_are_matched_by_our_key_alone(recall):
    recording = recall.finished()
    pending = Pending(
        key=KEY, kind="recording.start", options={}, call_external_id=recording.call.external_id
    )

    # Every recording and transcript of ours echoes its key, so nothing else has to be guessed.
    assert recall.adapter.matches(pending, recall.recording(recording)) is None
