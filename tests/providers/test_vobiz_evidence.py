from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from recordings.providers.errors import NotFound, OutcomeUnknown, Unavailable
from recordings.providers.orders import CallRef, Pending, Verdict
from recordings.providers.snapshots import (
    CallState,
    RecordingSnapshot,
    Status,
    TranscriptSnapshot,
)
from recordings.providers.vobiz import VobizAdapter
from tests.providers.vobiz_account import (
    AT,
    KEY,
    Account,
    later,
    order,
    recording_ref,
    ref,
    start_order,
    transcript_ref,
)


@pytest.fixture
def vobiz():
    return Account()


def over(vobiz, call):
    vobiz.simulator.advance(30)
    vobiz.simulator.end_call(call.external_id)
    vobiz.simulator.advance(5)


def lost(vobiz, call, kind="drop_after", **options):
    """A start whose answer never came."""
    vobiz.simulator.fail(kind=kind, method="POST")
    asked = start_order(call, **options)
    with pytest.raises(OutcomeUnknown):
        vobiz.adapter.perform(asked)
    return asked


def test_a_lost_start_that_happened_is_found_once_the_call_is_over(vobiz):
    call = vobiz.call()
    asked = lost(vobiz, call, transcription_type="auto")

    during = vobiz.adapter.evidence(asked)
    over(vobiz, call)
    after = vobiz.adapter.evidence(asked)

    (started,) = vobiz.simulator.effects("start_recording")
    assert during.verdict is Verdict.UNCLEAR
    assert "still live" in during.looked_at
    assert after.verdict is Verdict.HAPPENED
    recording, transcript = after.facts
    assert (recording.external_id, recording.key) == (started.result, asked.key)
    assert isinstance(transcript, TranscriptSnapshot)
    assert transcript.status is Status.REQUESTED
    assert after.exchange.method == "GET"


def test_a_lost_start_whose_recording_ended_is_found_during_the_call(vobiz):
    call = vobiz.call()
    asked = lost(vobiz, call, time_limit=5)
    vobiz.simulator.advance(10)

    assert vobiz.adapter.evidence(asked).verdict is Verdict.HAPPENED


def test_what_another_start_could_have_made_as_well_is_unclear(vobiz):
    call = vobiz.call()
    asked = lost(vobiz, call, time_limit=5)
    rival = Pending(
        key="another",
        kind="recording.start",
        options={},
        call_external_id=call.external_id,
        sent_at=asked.sent_at - timedelta(seconds=2),
    )
    vobiz.simulator.advance(10)

    contested = vobiz.adapter.evidence(replace(asked, rivals=(rival,)))
    (started,) = vobiz.simulator.effects("start_recording")
    theirs = replace(asked, taken=frozenset({started.result}))
    known = replace(call, recording_ids=frozenset({started.result}))
    stray = replace(recording_ref(), external_id=started.result)

    assert contested.verdict is Verdict.UNCLEAR
    assert "another order's" in contested.looked_at
    assert contested.facts == ()
    assert vobiz.adapter.evidence(theirs).verdict is Verdict.UNCLEAR  # the call is still live
    assert vobiz.adapter.evidence(replace(asked, call=known)).verdict is Verdict.UNCLEAR
    unclaimed = vobiz.adapter.evidence(replace(asked, call=known, strays=(stray,)))
    assert unclaimed.verdict is Verdict.HAPPENED


def test_a_start_that_never_arrived_is_absent_once_the_call_is_over(vobiz):
    call = vobiz.call()
    asked = lost(vobiz, call, kind="drop")

    during = vobiz.adapter.evidence(asked)
    over(vobiz, call)
    after = vobiz.adapter.evidence(asked)

    assert (during.verdict, after.verdict) == (Verdict.UNCLEAR, Verdict.ABSENT)
    assert VobizAdapter.visibility_delay_seconds == 600
    assert vobiz.simulator.effects("start_recording") == []


def test_recordings_of_other_calls_and_times_are_no_evidence(vobiz):
    call = vobiz.call()
    asked = lost(vobiz, call, kind="drop")
    vobiz.simulator.start_elsewhere(vobiz.call().external_id)
    vobiz.simulator.advance(100)
    vobiz.simulator.start_elsewhere(call.external_id)
    over(vobiz, call)

    assert vobiz.adapter.evidence(asked).verdict is Verdict.ABSENT


def test_a_recording_that_has_a_row_is_no_evidence(vobiz):
    call = vobiz.call()
    asked = lost(vobiz, call, kind="drop")
    known = vobiz.start(call)
    over(vobiz, call)

    bound = replace(call, recording_ids=frozenset({known.external_id}))

    assert vobiz.adapter.evidence(asked).verdict is Verdict.HAPPENED
    assert vobiz.adapter.evidence(replace(asked, call=bound)).verdict is Verdict.ABSENT


def test_two_candidates_decide_nothing(vobiz):
    call = vobiz.call()
    asked = lost(vobiz, call)
    vobiz.simulator.start_elsewhere(call.external_id)
    over(vobiz, call)

    found = vobiz.adapter.evidence(asked)

    assert (found.verdict, len(found.facts)) == (Verdict.UNCLEAR, 2)


def test_more_recordings_than_a_page_are_no_complete_look(vobiz):
    call = vobiz.call()
    vobiz.simulator.switch(null_times="never")
    asked = lost(vobiz, call, kind="drop")
    vobiz.simulator.advance(100)
    for _ in range(101):
        vobiz.simulator.start_elsewhere(call.external_id)
    over(vobiz, call)

    found = vobiz.adapter.evidence(asked)

    assert (found.verdict, found.facts) == (Verdict.UNCLEAR, ())


def test_a_look_that_fails_is_no_evidence(vobiz):
    call = vobiz.call()
    vobiz.simulator.refuse(status=503)

    with pytest.raises(Unavailable):
        vobiz.adapter.evidence(start_order(call))


def test_evidence_only_reads(vobiz):
    call = vobiz.call()
    recording = vobiz.start(call)
    writes = len(vobiz.simulator.performed)

    for kind in ("recording.stop", "recording.stop_all", "recording.delete", "transcript.delete"):
        about = order(kind, call=call, recording=recording, transcript=transcript_ref())
        vobiz.adapter.evidence(about)

    assert len(vobiz.simulator.performed) == writes
    assert {each.method for each in vobiz.simulator.requests[1:]} == {"GET"}


def test_evidence_of_a_stop(vobiz):
    call = vobiz.call()
    recording = vobiz.start(call)
    asked = order("recording.stop", recording=recording)

    before = vobiz.adapter.evidence(asked)
    vobiz.adapter.perform(asked)
    vobiz.simulator.advance(5)
    after = vobiz.adapter.evidence(asked)

    assert (before.verdict, after.verdict) == (Verdict.UNCLEAR, Verdict.HAPPENED)
    assert after.facts[0].status is Status.COMPLETED


def test_a_call_that_is_over_records_no_more(vobiz):
    call = vobiz.call()
    recording = vobiz.start(call)
    vobiz.simulator.end_call(call.external_id)

    for kind in ("recording.stop", "recording.stop_all"):
        assert vobiz.adapter.evidence(order(kind, recording=recording)).verdict is Verdict.HAPPENED


def test_evidence_of_stopping_all(vobiz):
    call = vobiz.call()
    recordings = tuple(vobiz.start(call) for _ in range(2))
    asked = order("recording.stop_all", call=replace(call, live_recordings=recordings))

    before = vobiz.adapter.evidence(asked)
    vobiz.adapter.perform(asked)
    vobiz.simulator.advance(5)
    after = vobiz.adapter.evidence(asked)

    assert (before.verdict, after.verdict) == (Verdict.UNCLEAR, Verdict.HAPPENED)


def test_evidence_of_a_deletion(vobiz):
    asked = order("recording.delete", recording=recording_ref(vobiz.finished()))

    before = vobiz.adapter.evidence(asked)
    vobiz.adapter.perform(asked)
    after = vobiz.adapter.evidence(asked)

    assert (before.verdict, after.verdict) == (Verdict.ABSENT, Verdict.HAPPENED)


def test_a_404_of_a_proxy_proves_no_deletion(vobiz):
    vobiz.simulator.fail(kind="html", status=404)

    with pytest.raises(NotFound):
        vobiz.adapter.evidence(order("recording.delete", recording=recording_ref(vobiz.finished())))


def test_evidence_of_a_transcripts_deletion_needs_no_look(vobiz):
    found = vobiz.adapter.evidence(order("transcript.delete", transcript=transcript_ref()))

    assert found.verdict is Verdict.HAPPENED
    assert vobiz.simulator.requests == []


# Whose recording it is


def pending(**changes):
    made = Pending(
        key=KEY, kind="recording.start", options={}, call_external_id="c1", ordered_at=later(-5), sent_at=AT
    )
    return replace(made, **changes)


def seen(seconds=0.0, *, is_told=True, **changes):
    moment = later(seconds)
    made = RecordingSnapshot(
        external_id="r1",
        call_external_id="c1",
        started_at=moment,
        raw={"recording_start_ms": str(moment.timestamp() * 1000)} if is_told else {},
    )
    return replace(made, **changes)


@pytest.mark.parametrize(
    ("snapshot", "distance"),
    [
        (seen(0), 0),
        (seen(3), 3),
        (seen(-4), 4),
        (seen(60), 60),
        (seen(61), None),
        (seen(-11), None),
        (seen(61, is_told=False), 61),
        (seen(601, is_told=False), None),
        (seen(3, key=KEY), 3),
        (seen(3, key="another"), None),
        (seen(3, call_external_id="c2"), None),
        (seen(3, started_at=None), None),
    ],
)
def test_a_recording_belongs_to_the_start_that_is_nearest(vobiz, snapshot, distance):
    assert vobiz.adapter.matches(pending(), snapshot) == distance


RIVAL = Pending(
    key="another",
    kind="recording.start",
    options={},
    call_external_id="c1",
    ordered_at=later(10),
    sent_at=later(15),
)


@pytest.mark.parametrize(
    ("snapshot", "distance"),
    [(seen(20), None), (seen(3), 3), (seen(20, key=KEY), 20)],  # the second: before the other was sent
)
def test_a_recording_that_another_start_could_have_made_as_well_is_nobodys(vobiz, snapshot, distance):
    assert vobiz.adapter.matches(pending(rivals=(RIVAL,)), snapshot) == distance


@pytest.mark.parametrize(
    "made",
    [pending(call_external_id=""), pending(kind="recording.stop"), pending(sent_at=None, ordered_at=None)],
)
def test_pending_rows_that_are_no_starts_match_nothing(vobiz, made):
    assert vobiz.adapter.matches(made, seen(0, call_external_id=made.call_external_id)) is None


def test_an_order_that_was_never_marked_sent_counts_from_its_click(vobiz):
    assert vobiz.adapter.matches(pending(sent_at=None), seen(0)) == 5


def test_transcripts_need_no_match(vobiz):
    assert vobiz.adapter.matches(pending(), TranscriptSnapshot(external_id="r1")) is None


def test_two_pending_starts_find_their_own(vobiz):
    call = vobiz.call()
    first = vobiz.start(call)
    vobiz.simulator.advance(20)
    second = vobiz.start(call)
    over(vobiz, call)
    found = {each.external_id: each for each in vobiz.adapter.list_recordings(since=None, until=None).items}
    starts = [
        pending(call_external_id=call.external_id),
        pending(call_external_id=call.external_id, sent_at=later(20)),
    ]

    nearest = [
        min(
            (
                each
                for each in (first, second)
                if vobiz.adapter.matches(start, found[each.external_id]) is not None
            ),
            key=lambda each: vobiz.adapter.matches(start, found[each.external_id]),
        )
        for start in starts
    ]

    assert [each.external_id for each in nearest] == [first.external_id, second.external_id]


# Buttons


def call_ref(**changes):
    return replace(CallRef(external_id="c1", key="k", state=CallState.LIVE), **changes)


def live_ref(**changes):
    return recording_ref(status=Status.IN_PROGRESS, handle={"url": "https://x"}, call=call_ref(), **changes)


@pytest.mark.parametrize(
    ("kind", "subject", "words"),
    [
        ("recording.start", None, ""),
        ("recording.start", call_ref(), ""),
        ("recording.start", call_ref(state=None), ""),
        ("recording.start", call_ref(state=CallState.ENDED), "The call is over."),
        ("recording.start", call_ref(state=CallState.WAITING), "not in progress yet"),
        ("recording.start", call_ref(state=CallState.SCHEDULED), "not in progress yet"),
        ("recording.stop_all", call_ref(), ""),
        ("recording.stop_all", call_ref(state=CallState.WAITING), ""),
        ("recording.stop_all", call_ref(state=CallState.ENDED), "recordings with it"),
        ("recording.stop", live_ref(), ""),
        ("recording.stop", replace(live_ref(), handle={}), "Stop all recordings"),
        ("recording.stop", replace(live_ref(), call=None), "Stop all recordings"),
        ("recording.stop", replace(live_ref(), call=call_ref(state=CallState.ENDED)), "call is over"),
        ("recording.stop", recording_ref(), "ended already"),
        ("recording.delete", recording_ref(), ""),
        ("recording.delete", recording_ref(status=Status.FAILED), ""),
        ("recording.delete", recording_ref(status=Status.DELETED), "deleted already"),
        ("recording.delete", live_ref(), "stop it first"),
        ("recording.delete", recording_ref(status=Status.PROCESSING), "still finishing"),
        ("recording.delete", recording_ref(""), "still finishing"),
        ("transcript.delete", transcript_ref(), ""),
        ("transcript.delete", transcript_ref(status=Status.DELETED), "deleted already"),
        ("transcript.order", recording_ref(), "no way to order one"),
        ("recording.pause", live_ref(), "cannot pause"),
        ("recording.resume", live_ref(), "cannot resume"),
        ("recording.update", live_ref(), "cannot change"),
        ("captions.start", call_ref(), "no words while"),
        ("call.send", None, "no such order"),
    ],
)
def test_buttons_that_cannot_work_say_why(kind, subject, words):
    said = VobizAdapter.unavailable(kind, subject, {})

    assert words in said
    assert bool(said) == bool(words)


@pytest.mark.parametrize(
    ("kind", "subject", "options", "words"),
    [
        ("recording.start", call_ref(), {}, ""),
        ("recording.start", None, {}, ""),
        ("recording.start", call_ref(live_recordings=(live_ref(),)), {}, "bills both"),
        ("recording.start", call_ref(), {"transcription_type": "auto"}, ""),
        ("recording.start", call_ref(), {"time_limit": 20000}, ""),
        ("recording.start", call_ref(), {"transcription_type": "auto", "time_limit": 14401}, "4 hours"),
        ("recording.stop_all", call_ref(), {}, "other people or systems"),
        ("recording.stop", live_ref(), {}, ""),
        ("recording.delete", recording_ref(), {}, ""),
        ("recording.delete", recording_ref(transcripts_open=1), {}, "still on its way"),
    ],
)
def test_consequences_are_told_before_the_click(kind, subject, options, words):
    said = VobizAdapter.consequence(kind, subject, options)

    assert words in said
    assert bool(said) == bool(words)


def test_the_face_is_complete():
    names = {field.name: field for field in VobizAdapter.config_fields}

    assert set(names) == {"auth_id", "require_signature", "auth_token"}
    assert (names["auth_id"].is_identity, names["auth_id"].is_required) == (True, True)
    assert (names["auth_token"].is_secret, names["auth_token"].is_required) == (True, True)
    assert names["require_signature"].is_boolean
    assert all(field.help and field.label for field in VobizAdapter.config_fields)
    assert VobizAdapter.setup_help
    assert VobizAdapter.webhook_help
    assert VobizAdapter.consent_note
    assert VobizAdapter.transcript_overdue_seconds == 1800
    assert VobizAdapter.check_options("recording.start", {}) == {}
    assert not any(action.overwrites_live for action in VobizAdapter.actions)
    assert all(action.help for action in VobizAdapter.actions)


def test_a_finished_recording_can_be_named_again(vobiz):
    external_id = vobiz.finished()

    fact = vobiz.adapter.fetch("recording", external_id)[0]

    assert ref(fact).started_at == fact.started_at
    assert fact.started_at < datetime.fromtimestamp(vobiz.simulator.clock.now(), UTC)
