from dataclasses import replace

import httpx
import pytest

from recordings.providers.errors import NotFound, OutcomeUnknown, Refused, Unavailable
from recordings.providers.orders import Pending, Verdict
from recordings.providers.snapshots import RecordingSnapshot, Status, TranscriptSnapshot, Wanted
from tests.providers.twilio_account import (
    AT,
    CA,
    CF,
    GT,
    HOOK,
    KEY,
    RE,
    SERVICE,
    TR,
    Account,
    answering,
    call_ref,
    ended,
    failing,
    fixture,
    later,
    listing,
    ok,
    order,
    recording_ref,
    transcript_ref,
)

UPDATES = {"recording.stop": "stopped", "recording.pause": "paused", "recording.resume": "in-progress"}


@pytest.fixture
def twilio():
    return Account()


def lost(twilio, asked, *, kind="drop_after"):
    """An order whose answer never came."""
    twilio.simulator.fail(kind=kind, method="POST")
    with pytest.raises(OutcomeUnknown):
        twilio.adapter.perform(asked)
    return asked


def told(word, **more):
    return ok({"sid": RE, "call_sid": CA, "status": word, **more})


def about(kind, *answers, **changes):
    """What a look says of an order about a recording or transcript."""
    known = {"recording": recording_ref(status=Status.IN_PROGRESS, call=call_ref())}
    return answering(*answers).evidence(order(kind, **{**known, **changes}))


def test_a_lost_start_that_happened_is_found(twilio):
    call = twilio.call()
    asked = lost(twilio, order("recording.start", call=call))

    found = twilio.adapter.evidence(asked)

    (started,) = twilio.simulator.effects("start_recording")
    assert found.verdict is Verdict.HAPPENED
    assert found.facts[0].external_id == started.result
    assert found.facts[0].key == ""
    assert found.facts[0].status is Status.IN_PROGRESS
    assert found.exchange.status == 200


def test_a_lost_start_of_a_call_that_is_over_is_not_taken_for_running(twilio):
    call = twilio.call()
    asked = lost(twilio, order("recording.start", call=ended(call)))

    found = twilio.adapter.evidence(asked)

    assert found.facts[0].status is Status.PROCESSING
    assert found.facts[0].may_be_live


def test_a_lost_start_that_did_not_happen_is_absent(twilio):
    call = twilio.call()
    twilio.simulator.begin_recording(call.external_id)
    asked = lost(twilio, order("recording.start", call=call), kind="drop")

    found = twilio.adapter.evidence(asked)

    assert found.verdict is Verdict.ABSENT
    assert not twilio.simulator.effects("start_recording")


def test_a_recording_that_has_a_row_is_nobodys_evidence(twilio):
    call = twilio.call()
    first = twilio.start(call)
    known = call_ref(call.external_id, recording_ids=frozenset({first.external_id}))
    running = call_ref(call.external_id, live_recordings=(first,))

    by_id = twilio.adapter.evidence(order("recording.start", call=known))
    by_state = twilio.adapter.evidence(order("recording.start", call=running))

    assert by_id.verdict is by_state.verdict is Verdict.ABSENT


def test_several_that_fit_decide_nothing_and_the_closest_comes_first(twilio):
    twilio.simulator.switch(second_start="new")
    call = twilio.call()
    late = order("recording.start", call=call, sent_at=later(9), ordered_at=later(9))
    first = twilio.start(call)
    twilio.simulator.advance(10)
    lost(twilio, late)

    found = twilio.adapter.evidence(late)

    assert found.verdict is Verdict.UNCLEAR
    assert [each.external_id == first.external_id for each in found.facts] == [False, True]


def test_more_recordings_than_a_page_prove_no_absence():
    found = answering(listing("recordings", following="/more")).evidence(
        order("recording.start", call=call_ref(), sent_at=None)
    )

    assert found.verdict is Verdict.UNCLEAR


def test_a_child_legs_recording_is_looked_for_under_its_parent(twilio):
    parent = twilio.call()
    child = next(each.sid for each in twilio.simulator.calls.all.values() if each.parent)
    leg = call_ref(child, flags={"parent_call_sid": parent.external_id})
    asked = lost(twilio, order("recording.start", call=leg))

    assert twilio.adapter.evidence(asked).verdict is Verdict.HAPPENED


def test_a_start_without_its_call_cannot_be_looked_for():
    with pytest.raises(Refused):
        answering(listing("recordings")).evidence(order("recording.start"))


@pytest.mark.parametrize("kind", [*UPDATES, "recording.delete", "transcript.order"])
def test_a_recording_without_an_id_cannot_be_looked_for(kind):
    with pytest.raises(Refused, match="no id"):
        about(kind, ok({}), recording=recording_ref(""))
    with pytest.raises(Refused, match="no id"):
        about(kind, ok({}), recording=None)


@pytest.mark.parametrize(
    ("kind", "word", "verdict"),
    [
        ("recording.stop", "stopped", Verdict.HAPPENED),
        ("recording.stop", "completed", Verdict.HAPPENED),
        ("recording.stop", "absent", Verdict.HAPPENED),
        ("recording.stop", "deleted", Verdict.HAPPENED),
        ("recording.stop", "in-progress", Verdict.ABSENT),
        ("recording.stop", "paused", Verdict.ABSENT),
        ("recording.stop", "sideways", Verdict.ABSENT),
        ("recording.pause", "paused", Verdict.HAPPENED),
        ("recording.pause", "in-progress", Verdict.ABSENT),
        ("recording.pause", "processing", Verdict.UNCLEAR),
        ("recording.pause", "completed", Verdict.UNCLEAR),
        ("recording.pause", "", Verdict.UNCLEAR),
        ("recording.resume", "in-progress", Verdict.HAPPENED),
        ("recording.resume", "paused", Verdict.ABSENT),
        ("recording.delete", "deleted", Verdict.HAPPENED),
        ("recording.delete", "completed", Verdict.ABSENT),
        ("recording.delete", "", Verdict.ABSENT),
    ],
)
def test_what_the_state_of_a_recording_proves(kind, word, verdict):
    found = about(kind, told(word))

    assert found.verdict is verdict
    assert found.facts[0].external_id == RE


@pytest.mark.parametrize(
    ("more", "call", "verdict"),
    [
        ({}, fixture("call.completed"), Verdict.HAPPENED),
        ({}, fixture("call.in-progress"), Verdict.UNCLEAR),
        ({"conference_sid": CF}, fixture("call.completed"), Verdict.UNCLEAR),
        ({"call_sid": None}, fixture("call.completed"), Verdict.UNCLEAR),
    ],
)
def test_processing_is_a_stop_once_the_call_is_over(more, call, verdict):
    assert about("recording.stop", told("processing", **more), ok(call)).verdict is verdict


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        ("recording.stop", Verdict.HAPPENED),
        ("recording.delete", Verdict.HAPPENED),
        ("recording.pause", Verdict.UNCLEAR),
    ],
)
def test_what_is_gone_is_stopped_and_deleted(kind, verdict):
    found = about(kind, failing(20404, 404))

    assert found.verdict is verdict
    assert found.facts[0].status is Status.DELETED
    assert found.facts[0].key == KEY


@pytest.mark.parametrize("kind", ["recording.stop", "recording.delete"])
def test_another_404_proves_nothing(kind):
    with pytest.raises(NotFound):
        about(kind, httpx.Response(404))


def test_a_lost_pause_is_not_guessed(twilio):
    recording = twilio.start(twilio.call())
    asked = lost(twilio, order("recording.pause", recording=recording))

    unclear = twilio.adapter.evidence(asked)
    twilio.simulator.switch(live_fetch_status="truth")

    assert unclear.verdict is Verdict.UNCLEAR
    assert twilio.adapter.evidence(asked).verdict is Verdict.HAPPENED


def test_a_lost_order_of_a_transcript_is_found_by_its_key(twilio):
    recording = twilio.completed()
    asked = lost(twilio, order("transcript.order", recording=recording))

    found = twilio.adapter.evidence(asked)

    (made,) = twilio.simulator.effects("create_transcript")
    transcript, wanted = found.facts
    assert found.verdict is Verdict.HAPPENED
    assert (transcript.external_id, transcript.key) == (made.result, KEY)
    assert wanted == Wanted(
        kind="transcript", external_id=made.result, parent_external_id=recording.external_id
    )


def test_a_transcript_of_somebody_else_is_not_ours(twilio):
    recording = twilio.completed()
    twilio.transcribed(recording)

    found = twilio.adapter.evidence(order("transcript.order", recording=recording, key="another"))

    assert found.verdict is Verdict.ABSENT
    assert len(found.facts) == 1


def test_more_transcripts_than_a_page_prove_no_absence():
    found = about("transcript.order", listing("transcripts", following="https://x.example"))

    assert found.verdict is Verdict.UNCLEAR


@pytest.mark.parametrize(("sid", "kind"), [(GT, "intelligence"), (TR, "legacy")])
def test_a_deleted_transcript_is_proven_by_its_absence(sid, kind):
    asked = transcript_ref(sid, kind=kind)

    gone = about("transcript.delete", failing(20404, 404), transcript=asked)
    there = about("transcript.delete", ok({"sid": sid}), transcript=asked)

    assert (gone.verdict, there.verdict) == (Verdict.HAPPENED, Verdict.ABSENT)
    assert (gone.facts[0].kind, gone.facts[0].status) == (kind, Status.DELETED)
    with pytest.raises(NotFound):
        about("transcript.delete", httpx.Response(404), transcript=asked)


def test_captions_that_are_kept_nowhere_are_deleted():
    found = about("transcript.delete", ok({}), transcript=transcript_ref(kind="captions"))

    assert found.verdict is Verdict.HAPPENED


@pytest.mark.parametrize("transcript", [None, transcript_ref("")])
def test_a_transcript_without_an_id_cannot_be_looked_for(transcript):
    with pytest.raises(Refused, match="no id"):
        about("transcript.delete", ok({}), transcript=transcript)


def test_captions_cannot_be_looked_for():
    over, live = ok(fixture("call.completed")), ok(fixture("call.in-progress"))
    running = transcript_ref(kind="captions", call=call_ref())

    start = about("captions.start", over, call=call_ref())
    stop = about("captions.stop", over, transcript=running)
    going = about("captions.stop", live, transcript=running)
    unknown = about("captions.stop", over)

    verdicts = [each.verdict for each in (start, stop, going, unknown)]
    assert verdicts == [Verdict.UNCLEAR, Verdict.HAPPENED, Verdict.UNCLEAR, Verdict.UNCLEAR]


def test_the_service_tells_where_it_posts():
    ours = about("endpoint.repair", ok({"sid": SERVICE, "webhook_url": HOOK}))
    others = about("endpoint.repair", ok({"sid": SERVICE, "webhook_url": "https://other.example"}))

    assert (ours.verdict, others.verdict) == (Verdict.HAPPENED, Verdict.ABSENT)


def test_a_look_that_fails_is_no_evidence():
    with pytest.raises(Unavailable):
        about("recording.stop", failing(20500, 500))


# Correlation.

PENDING = Pending(kind="recording.start", key=KEY, options={}, call_external_id=CA, sent_at=AT)
BEGUN = RecordingSnapshot(
    external_id=RE, call_external_id=CA, source="StartCallRecordingAPI", started_at=later(2)
)


@pytest.mark.parametrize(
    ("pending", "snapshot", "expected"),
    [
        (PENDING, BEGUN, 2.0),
        (PENDING, replace(BEGUN, started_at=later(-10)), 10.0),
        (PENDING, replace(BEGUN, started_at=later(45)), 45.0),
        (PENDING, replace(BEGUN, started_at=later(-11)), None),
        (PENDING, replace(BEGUN, started_at=later(46)), None),
        (PENDING, replace(BEGUN, started_at=None), None),
        (PENDING, replace(BEGUN, source="DialVerb"), None),
        (PENDING, replace(BEGUN, call_external_id="CA2"), None),
        (replace(PENDING, sent_at=None), BEGUN, None),
        (replace(PENDING, kind="captions.start"), BEGUN, None),
        (PENDING, TranscriptSnapshot(external_id=GT, call_external_id=CA), None),
    ],
)
def test_a_recording_fits_the_start_that_was_sent_when_it_began(pending, snapshot, expected):
    assert answering(ok({})).matches(pending, snapshot) == expected
