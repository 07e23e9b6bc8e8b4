"""Orders about Twilio.CURRENT: the one recording of a call that was not started here."""

import httpx
import pytest

from recordings.providers.errors import NotFound, OutcomeUnknown, Refused
from recordings.providers.orders import Verdict
from recordings.providers.snapshots import CallState, Status
from tests.providers.twilio_account import (
    CA,
    CF,
    KEY,
    RE,
    Account,
    answering,
    call_ref,
    failing,
    listing,
    ok,
    order,
    recording_ref,
    sent_by,
)

STOP, PAUSE, RESUME = "recording.stop_current", "recording.pause_current", "recording.resume_current"
RUNNING = {"sid": RE, "call_sid": CA, "status": "processing"}
LIVE = ok({"sid": CA, "status": "in-progress"})
OVER = ok({"sid": CA, "status": "completed"})


@pytest.fixture
def twilio():
    return Account()


@pytest.fixture
def elsewhere(twilio):
    """A call with a recording that another system started."""
    call = twilio.call()
    twilio.simulator.begin_recording(call.external_id)
    return call


def test_pause_resume_and_stop_act_on_the_one_that_runs(twilio, elsewhere):
    options = {"PauseBehavior": "skip"}

    paused = twilio.adapter.perform(order(PAUSE, call=elsewhere, options=options)).facts[0]
    resumed = twilio.adapter.perform(order(RESUME, call=elsewhere)).facts[0]
    stopped = twilio.adapter.perform(order(STOP, call=elsewhere)).facts[0]

    (effect,) = twilio.simulator.effects("pause_recording")
    assert effect.details["PauseBehavior"] == "skip"
    assert [each.status for each in (paused, resumed, stopped)] == [
        Status.PAUSED,
        Status.IN_PROGRESS,
        Status.PROCESSING,
    ]
    assert {each.external_id for each in (paused, resumed, stopped)} == {effect.subject}
    assert {each.key for each in (paused, resumed, stopped)} == {""}
    assert all(each.path.endswith("/Recordings/Twilio.CURRENT.json") for each in twilio.requests)


def test_a_conferences_recording_is_paused_and_never_stopped(twilio):
    conference = call_ref(twilio.simulator.place_conference("Morning round"))

    call, paused = twilio.adapter.perform(order(PAUSE, call=conference)).facts

    assert (call.external_id, paused.status) == (conference.external_id, Status.PAUSED)
    with pytest.raises(Refused, match="cannot stop the recording of a conference"):
        twilio.adapter.perform(order(STOP, call=conference))


def test_where_nothing_runs_it_is_refused(twilio):
    with pytest.raises(NotFound, match=r"recording nothing on this call\. No recording was stopped"):
        twilio.adapter.perform(order(STOP, call=twilio.call()))


def test_where_several_run_it_is_refused(twilio, elsewhere):
    twilio.simulator.begin_recording(elsewhere.external_id)

    with pytest.raises(Refused, match="choose one of them") as caught:
        twilio.adapter.perform(order(STOP, call=elsewhere))

    assert caught.value.code == "16108"


def test_what_is_shown_here_is_never_meant():
    adapter = answering(ok({}))
    known = call_ref(live_recordings=(recording_ref(status=Status.IN_PROGRESS),))

    with pytest.raises(Refused, match="its own buttons"):
        adapter.perform(order(STOP, call=known))
    with pytest.raises(Refused, match="not known"):
        adapter.perform(order(STOP))

    assert sent_by(adapter) == []


def test_a_lost_stop_is_settled_by_the_calls_recordings(twilio, elsewhere):
    asked = order(STOP, call=elsewhere, key=KEY)
    twilio.simulator.advance(20)
    twilio.simulator.fail(kind="drop_after", method="POST")
    with pytest.raises(OutcomeUnknown):
        twilio.adapter.perform(asked)
    before = twilio.adapter.evidence(asked).verdict
    twilio.simulator.end_call(elsewhere.external_id)
    twilio.simulator.advance(30)

    found = twilio.adapter.evidence(asked)

    assert (before, found.verdict) == (Verdict.UNCLEAR, Verdict.HAPPENED)
    assert found.facts[0].status is Status.COMPLETED


@pytest.mark.parametrize(
    ("kind", "call", "answers", "verdict"),
    [
        (STOP, CA, [listing("recordings")], Verdict.HAPPENED),
        (STOP, CA, [listing("recordings", RUNNING), OVER], Verdict.HAPPENED),
        (STOP, CA, [listing("recordings", RUNNING), LIVE], Verdict.UNCLEAR),
        (STOP, CA, [listing("recordings", {**RUNNING, "status": "new word"}), LIVE], Verdict.UNCLEAR),
        (PAUSE, CA, [listing("recordings", {**RUNNING, "status": "paused"})], Verdict.HAPPENED),
        (PAUSE, CA, [listing("recordings", {**RUNNING, "status": "in-progress"})], Verdict.ABSENT),
        (PAUSE, CA, [listing("recordings")], Verdict.UNCLEAR),
        (RESUME, CA, [listing("recordings", {**RUNNING, "status": "in-progress"})], Verdict.HAPPENED),
        (RESUME, CF, [listing("recordings", RUNNING, {**RUNNING, "sid": "RE2"})], Verdict.UNCLEAR),
        (STOP, CF, [listing("recordings", RUNNING)], Verdict.UNCLEAR),
    ],
)
def test_what_a_look_proves(kind, call, answers, verdict):
    adapter = answering(*answers)

    assert adapter.evidence(order(kind, call=call_ref(call))).verdict is verdict


def test_a_look_without_its_call_is_refused():
    with pytest.raises(Refused):
        answering(ok({})).evidence(order(STOP))


def test_a_call_that_is_over_is_told():
    over = call_ref(state=CallState.ENDED)

    with pytest.raises(Refused, match="not eligible"):
        answering(failing(21220)).perform(order(STOP, call=over))


def test_a_broken_answer_is_unknown():
    with pytest.raises(OutcomeUnknown, match="Whether a recording goes on is not known"):
        answering(httpx.Response(500)).perform(order(RESUME, call=call_ref()))
