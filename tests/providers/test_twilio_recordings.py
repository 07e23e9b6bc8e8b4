import httpx
import pytest

from recordings.providers.errors import (
    CredentialsRefused,
    NotFound,
    NotSent,
    OutcomeUnknown,
    Refused,
    Throttled,
    UnexpectedResponse,
)
from recordings.providers.snapshots import CallSnapshot, CallState, RecordingSnapshot, Status
from recordings.providers.twilio.outcomes import WHAT
from tests.providers.twilio_account import (
    AC,
    CF,
    HOOK,
    KEY,
    RE,
    Account,
    answering,
    call_ref,
    failing,
    fixture,
    form_of,
    later,
    listing,
    ok,
    order,
    recording_ref,
    ref,
    sent_by,
)

EMPTY = listing("recordings")
START = order("recording.start", call=call_ref())


@pytest.fixture
def twilio():
    return Account()


def running(**changes):
    return recording_ref(status=Status.IN_PROGRESS, call=call_ref(), **changes)


def test_start_records_once_with_every_option_and_our_address(twilio):
    call = twilio.call()
    options = {"RecordingChannels": "dual", "RecordingTrack": "inbound", "Trim": "trim-silence"}

    answer = twilio.adapter.perform(order("recording.start", call=call, options=options))

    (effect,) = twilio.simulator.effects("start_recording")
    (found,) = answer.facts
    assert effect.details == {
        **options,
        "RecordingStatusCallback": f"{HOOK}{KEY}/recording/#rc=3&rp=all",
        "RecordingStatusCallbackMethod": "POST",
        "RecordingStatusCallbackEvent": "in-progress completed absent",
    }
    assert (found.external_id, found.key, found.status) == (effect.result, KEY, Status.IN_PROGRESS)
    assert (found.channels, found.source) == (2, "StartCallRecordingAPI")
    assert found.call_external_id == call.external_id
    assert found.handle == {"call_sid": call.external_id}
    assert answer.note == ""
    assert answer.exchange.status == 201


def test_start_without_a_public_address_sends_none(twilio):
    twilio.adapter.perform(order("recording.start", call=twilio.call(), callback_url=""))

    (effect,) = twilio.simulator.effects("start_recording")
    assert effect.details == {}


def test_options_that_twilio_does_not_declare_are_never_sent(twilio):
    options = {"PlayBeep": True, "RecordingStatusCallback": "https://evil.example", "RecordingTrack": None}

    twilio.adapter.perform(order("recording.start", call=twilio.call(), options=options))

    (effect,) = twilio.simulator.effects("start_recording")
    assert effect.details["RecordingStatusCallback"].startswith(HOOK)
    assert "PlayBeep" not in effect.details
    assert "RecordingTrack" not in effect.details


def test_a_start_that_finds_its_own_recording_sends_nothing(twilio):
    call = twilio.call()
    first = twilio.start(call)

    answer = twilio.adapter.perform(order("recording.start", call=call))

    assert len(twilio.simulator.effects("start_recording")) == 1
    assert not twilio.simulator.effects("start_recording_again")
    assert answer.facts[0].external_id == first.external_id
    assert answer.facts[0].key == KEY
    assert answer.facts[0].status is Status.IN_PROGRESS
    assert "nothing more was started" in answer.note


def test_a_recording_that_has_a_row_is_not_adopted(twilio):
    call = twilio.call()
    first = twilio.start(call)
    known = call_ref(call.external_id, recording_ids=frozenset({first.external_id}))

    answer = twilio.adapter.perform(order("recording.start", call=known))

    assert len(twilio.simulator.effects("start_recording_again")) == 1
    assert answer.facts[0].external_id == first.external_id
    assert "ran already" in answer.note


@pytest.mark.parametrize(
    "found",
    [
        {"source": "DialVerb"},
        {"status": "completed"},
        {"status": "sideways"},
        {"start_time": None, "date_created": None},
        {"start_time": "Fri, 14 Oct 2016 21:56:34 +0000"},
    ],
)
def test_what_is_not_certainly_of_this_order_is_not_adopted(found):
    item = {
        "sid": "RE" + "c" * 32,
        "source": "StartCallRecordingAPI",
        "status": "processing",
        "start_time": "Mon, 06 May 2024 12:53:21 +0000",
        **found,
    }
    made = {"sid": RE, "status": "in-progress"}
    adapter = answering(listing("recordings", item), ok(made, 201))

    answer = adapter.perform(START)

    assert answer.facts[0].external_id == RE
    assert answer.note == ""


def test_without_the_time_of_the_order_nothing_is_adopted():
    item = {**fixture("call_recording.started"), "status": "processing"}
    adapter = answering(listing("recordings", item), ok({"sid": RE}, 201))

    answer = adapter.perform(order("recording.start", call=call_ref(), ordered_at=None))

    assert answer.facts[0].external_id == RE


@pytest.mark.parametrize("call", [None, call_ref(CF)])
def test_a_start_without_a_call_that_can_be_recorded_is_never_sent(call):
    adapter = answering(EMPTY)

    with pytest.raises(Refused, match="Nothing was sent"):
        adapter.perform(order("recording.start", call=call))

    assert sent_by(adapter) == []


@pytest.mark.parametrize("look", [failing(20500, 500), ok([]), httpx.ReadTimeout("slow")])
def test_a_look_that_fails_leaves_the_order_unsent_and_due_again(look):
    adapter = answering(look)

    with pytest.raises(Refused, match="Nothing was sent") as caught:
        adapter.perform(START)

    assert caught.value.can_wait
    assert len(sent_by(adapter)) == 1


def test_a_look_that_is_refused_refuses_the_order(twilio):
    with pytest.raises(NotFound):
        answering(failing(20404, 404)).perform(START)


@pytest.mark.parametrize(
    ("call", "can_wait"),
    [
        (fixture("call.ringing"), True),
        ({**fixture("call.in-progress"), "start_time": "Mon, 06 May 2024 12:53:15 +0000"}, True),
        (fixture("call.in-progress"), False),
        ({**fixture("call.in-progress"), "start_time": None}, False),
        (fixture("call.completed"), False),
        ({}, False),
    ],
)
def test_a_call_that_is_not_eligible_is_tried_again_only_while_it_may_become_so(call, can_wait):
    adapter = answering(EMPTY, failing(21220), ok(call))

    with pytest.raises(Refused, match="not eligible") as caught:
        adapter.perform(START)

    assert caught.value.can_wait is can_wait
    assert (caught.value.retry_after_seconds == 3.0) is can_wait
    assert caught.value.code == "21220"
    assert "nothing was charged" in caught.value.message


def test_a_call_that_is_over_refuses_a_start(twilio):
    call = twilio.call()
    twilio.simulator.end_call(call.external_id)

    with pytest.raises(Refused) as caught:
        twilio.adapter.perform(order("recording.start", call=call))

    assert not caught.value.can_wait
    assert not twilio.simulator.effects("start_recording")


def test_a_ringing_call_is_recorded_by_a_later_attempt(twilio):
    call = call_ref(twilio.simulator.ring_call("Harbor Dental"))

    with pytest.raises(Refused) as caught:
        twilio.adapter.perform(order("recording.start", call=call))
    twilio.simulator.answer(call.external_id)
    twilio.adapter.perform(order("recording.start", call=call))

    assert caught.value.can_wait
    assert len(twilio.simulator.effects("start_recording")) == 1


@pytest.mark.parametrize("kind", ["drop_after", "cut", "slow"])
def test_a_start_without_an_answer_is_unknown(twilio, kind):
    call = twilio.call()
    twilio.simulator.fail(kind=kind, method="POST", seconds=60.0)

    with pytest.raises(OutcomeUnknown):
        twilio.adapter.perform(order("recording.start", call=call))

    assert len(twilio.simulator.effects("start_recording")) == 1


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (failing(20001), Refused, "did not accept a parameter"),
        (failing(20003, 401), CredentialsRefused, "refused the credentials"),
        (failing(20004, 405), Refused, "does not allow"),
        (failing(20005, 403), CredentialsRefused, "not active"),
        (failing(20006, 403), CredentialsRefused, "no right"),
        (failing(20010, 403), CredentialsRefused, "suspended"),
        (failing(20403, 403), CredentialsRefused, "no right"),
        (failing(90010, 403), CredentialsRefused, "not active"),
        (failing(20404, 404), NotFound, "does not know"),
        (failing(20409, 409), Refused, "does not allow it now"),
        (failing(20422, 422), Refused, "invalid"),
        (failing(20429, 429), Throttled, "too many requests"),
        (failing(20500, 500), OutcomeUnknown, "own side"),
        (failing(20503, 503), OutcomeUnknown, "out of service"),
        (failing(408, 408), OutcomeUnknown, "in its own time"),
        (failing(16108), Refused, "More than one recording"),
        (failing(21501), Refused, "not finished"),
        (failing(99999, 418), Refused, "did not accept"),
        (ok({"code": 99998}, 409), Refused, "does not allow it now"),
        (httpx.Response(404, content=b"<html>No such page</html>"), NotFound, "does not know"),
        (httpx.Response(502, content=b"<html>Bad gateway</html>"), OutcomeUnknown, "own side"),
        (httpx.Response(500), OutcomeUnknown, "own side"),
        (httpx.Response(302, headers={"location": "https://evil.example"}), OutcomeUnknown, "documentation"),
        (httpx.ConnectError("refused"), NotSent, "could not be reached"),
        (httpx.ReadTimeout("slow"), OutcomeUnknown, "no complete answer"),
    ],
)
def test_what_an_answer_means(answer, error, words):
    adapter = answering(answer)

    with pytest.raises(error, match=words) as caught:
        adapter.perform(order("recording.pause", recording=running()))

    assert type(caught.value) is error
    assert len(sent_by(adapter)) == 1


def test_every_sentence_of_the_table_is_reached_by_its_code():
    for code, sentence in WHAT.items():
        adapter = answering(failing(int(code), 400))

        with pytest.raises((Refused, OutcomeUnknown)) as caught:
            adapter.perform(order("recording.resume", recording=running()))

        assert caught.value.message.startswith(sentence)
        assert caught.value.code == code


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (fixture("error.21220"), "21220", "Requested resource is not eligible"),
        (fixture("error.problem"), "17501", "The configuration id is malformed: /transcriptionConf"),
        ({"code": "20001", "title": "Bad"}, "20001", "Twilio says: Bad"),
        ({"code": None, "message": ["odd"], "errors": ["odd", {}]}, "", "(HTTP 400)"),
        ([1], "", "(HTTP 400)"),
    ],
)
def test_every_shape_of_an_error_is_read(body, code, words):
    with pytest.raises(Refused) as caught:
        answering(ok(body, 400)).perform(order("recording.pause", recording=running()))

    assert caught.value.code == code
    assert words in caught.value.message


def test_an_error_in_xml_is_read():
    xml = b"<TwilioResponse><RestException><Code>21220</Code><Message>Not now</Message></RestException>"

    with pytest.raises(Refused, match="Twilio says: Not now") as caught:
        answering(httpx.Response(400, content=xml)).perform(order("recording.pause", recording=running()))

    assert caught.value.code == "21220"


def test_too_many_requests_close_the_bucket_for_as_long_as_twilio_says():
    adapter = answering(failing(20429, 429, **{"Retry-After": "7"}))

    with pytest.raises(Throttled) as caught:
        adapter.perform(order("recording.pause", recording=running()))

    assert caught.value.bucket == "api"
    assert caught.value.retry_after_seconds == 7
    assert caught.value.can_wait


def test_what_is_still_processed_waits_as_long_as_twilio_says():
    adapter = answering(failing(21501, 400, **{"Retry-After": "12"}))

    with pytest.raises(Refused) as caught:
        adapter.perform(order("recording.pause", recording=running()))

    assert caught.value.can_wait
    assert caught.value.retry_after_seconds == 12


@pytest.mark.parametrize(
    "answer", [httpx.Response(201), ok([], 201), ok({"sid": None}, 201), ok({"status": "in-progress"}, 201)]
)
def test_a_success_without_an_id_is_unexpected(answer):
    with pytest.raises(UnexpectedResponse) as caught:
        answering(EMPTY, answer).perform(START)

    assert caught.value.exchange.status == 201


def test_stop_pause_and_resume_under_the_call(twilio):
    call = twilio.call()
    recording = twilio.start(call)

    paused = twilio.adapter.perform(
        order("recording.pause", recording=recording, options={"PauseBehavior": "skip"})
    )
    resumed = twilio.adapter.perform(order("recording.resume", recording=recording))
    stopped = twilio.adapter.perform(order("recording.stop", recording=recording))

    (pause,) = twilio.simulator.effects("pause_recording")
    assert pause.details == {"within": call.external_id, "Status": "paused", "PauseBehavior": "skip"}
    assert len(twilio.simulator.effects("resume_recording")) == 1
    assert len(twilio.simulator.effects("stop_recording")) == 1
    statuses = [answer.facts[0].status for answer in (paused, resumed, stopped)]
    assert statuses == [Status.PAUSED, Status.IN_PROGRESS, Status.PROCESSING]
    assert not stopped.facts[0].may_be_live
    assert stopped.facts[0].key == KEY


@pytest.mark.parametrize("recording", [None, recording_ref("", status=Status.REQUESTED, call=call_ref())])
def test_whichever_recording_runs_is_never_meant(recording):
    adapter = answering(EMPTY)

    with pytest.raises(Refused, match="no id"):
        adapter.perform(order("recording.stop", recording=recording))

    assert sent_by(adapter) == []


@pytest.mark.parametrize("code", [21220, 20404])
def test_a_stop_that_comes_too_late_is_done(twilio, code):
    recording = twilio.completed()
    twilio.simulator.switch(stop_finished_code=code)

    answer = twilio.adapter.perform(order("recording.stop", recording=recording))

    assert answer.note == "The recording had ended already."
    assert answer.facts[0].status is Status.COMPLETED
    assert answer.facts[0].key == KEY


def test_processing_is_an_end_once_twilio_says_that_the_call_is_over():
    late = order("recording.stop", recording=running())
    processing = {**fixture("recording.fetched"), "status": "processing"}

    over = answering(failing(21220), ok(processing)).perform(late)
    with pytest.raises(NotFound):
        answering(failing(20404, 404), ok(processing)).perform(late)

    assert over.facts[0].status is Status.PROCESSING
    assert not over.facts[0].may_be_live


def test_a_stop_of_what_is_gone_is_done():
    adapter = answering(failing(20404, 404))

    answer = adapter.perform(order("recording.stop", recording=running()))

    assert answer.facts[0].status is Status.DELETED
    assert answer.note == "The recording was gone already."


@pytest.mark.parametrize(
    "look",
    [
        httpx.Response(404, content=b"<html>"),
        failing(20500, 500),
        ok({"sid": RE, "status": "in-progress"}),
        ok({"sid": RE, "status": "sideways"}),
        ok({}),
    ],
)
def test_a_late_stop_whose_look_does_not_settle_it_stays_refused(look):
    with pytest.raises(Refused) as caught:
        answering(failing(21220), look).perform(order("recording.stop", recording=running()))

    assert caught.value.code == "21220"


def test_only_a_stop_may_come_too_late():
    adapter = answering(failing(21220))

    with pytest.raises(Refused):
        adapter.perform(order("recording.pause", recording=running()))

    assert len(sent_by(adapter)) == 1


def test_a_recording_without_a_call_is_not_stopped():
    adapter = answering(EMPTY)

    with pytest.raises(Refused, match="does not know the call"):
        adapter.perform(order("recording.stop", recording=recording_ref(status=Status.IN_PROGRESS)))

    assert sent_by(adapter) == []


def test_a_conference_is_paused_and_resumed_but_never_stopped(twilio):
    conference = twilio.simulator.place_conference("Morning round")
    page = twilio.adapter.list_recordings(since=None, until=None)
    recording = ref(page.items[-1])

    paused = twilio.adapter.perform(order("recording.pause", recording=recording))
    resumed = twilio.adapter.perform(order("recording.resume", recording=recording))
    with pytest.raises(Refused, match="cannot stop the recording of a conference"):
        twilio.adapter.perform(order("recording.stop", recording=recording))

    assert len(twilio.simulator.effects("pause_recording")) == 1
    assert len(twilio.simulator.effects("resume_recording")) == 1
    assert not twilio.simulator.effects("stop_recording")
    whole, piece = paused.facts
    assert (whole.external_id, whole.state) == (conference, CallState.LIVE)
    assert (piece.call_external_id, piece.status) == (conference, Status.PAUSED)
    assert resumed.facts[1].status is Status.IN_PROGRESS


def test_a_conference_ends_with_its_recording(twilio):
    conference = twilio.simulator.place_conference("Morning round")
    during = twilio.adapter.fetch("call", conference)[0]
    twilio.simulator.advance(20)
    twilio.simulator.end_call(conference)
    twilio.simulator.advance(30)

    after = twilio.adapter.fetch("call", conference)[0]
    page = twilio.adapter.list_recordings(since=None, until=None)

    assert during.state is CallState.LIVE
    assert during.recordings[0].may_be_live
    assert after.state is CallState.ENDED
    assert [type(item) for item in page.items] == [CallSnapshot, RecordingSnapshot]
    assert page.items[0].state is CallState.ENDED
    assert page.items[1].call_external_id == conference


def test_a_recording_is_known_by_its_call_if_nothing_else_names_it():
    adapter = answering(ok({"sid": RE, "status": "stopped"}))

    adapter.perform(order("recording.stop", recording=recording_ref(status=Status.PAUSED, call=call_ref())))

    (request,) = sent_by(adapter)
    assert (
        request.url.path == f"/2010-04-01/Accounts/{AC}/Calls/{call_ref().external_id}/Recordings/{RE}.json"
    )
    assert form_of(request) == {"Status": "stopped"}


def test_delete_is_done_once_and_again(twilio):
    recording = twilio.completed()

    first = twilio.adapter.perform(order("recording.delete", recording=recording))
    second = twilio.adapter.perform(order("recording.delete", recording=recording))

    assert len(twilio.simulator.effects("delete_recording")) == 1
    assert first.facts[0].status is second.facts[0].status is Status.DELETED
    assert (first.note, second.note) == ("", "The recording was gone already.")


@pytest.mark.parametrize("code", [20409, 20001])
def test_what_is_not_completed_is_not_deleted(twilio, code):
    twilio.simulator.switch(delete_unfinished_code=code)
    recording = twilio.start(twilio.call())

    with pytest.raises(Refused, match="was not deleted") as caught:
        twilio.adapter.perform(order("recording.delete", recording=recording))

    assert caught.value.code == str(code)
    assert not caught.value.can_wait
    assert not twilio.simulator.effects("delete_recording")


def test_a_404_that_is_not_twilios_deletes_nothing():
    with pytest.raises(NotFound):
        answering(httpx.Response(404, content=b"nginx")).perform(
            order("recording.delete", recording=recording_ref())
        )


@pytest.mark.parametrize("recording", [None, recording_ref("")])
def test_a_delete_without_an_id_is_never_sent(recording):
    adapter = answering(httpx.Response(204))

    with pytest.raises(Refused, match="no id"):
        adapter.perform(order("recording.delete", recording=recording))

    assert sent_by(adapter) == []


def test_an_order_of_another_provider_is_refused():
    with pytest.raises(Refused, match="Nothing was sent"):
        answering(EMPTY).perform(order("call.send"))
    with pytest.raises(Refused):
        answering(EMPTY).evidence(order("call.send"))


def test_the_later_of_two_clocks_does_not_matter_to_a_second_order(twilio):
    call = twilio.call()
    twilio.start(call)
    twilio.simulator.advance(60)

    twilio.adapter.perform(order("recording.start", call=call, ordered_at=later(60), sent_at=later(60)))

    assert len(twilio.simulator.effects("start_recording_again")) == 1
