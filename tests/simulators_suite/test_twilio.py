"""Twilio's calls and recordings, item by item of the contract's simulator checklist."""

import re

import pytest

from tests.simulators import speech
from tests.simulators_suite.twilio_client import HOOK, NOW, Twilio, body, new_twilio, refusal

DAY = 86_400


@pytest.fixture
def twilio() -> Twilio:
    return new_twilio()


# Transport.


def test_token_and_api_key_are_both_let_in(twilio):
    simulator = twilio.simulator
    path = twilio.at("Calls.json")

    assert twilio.request("GET", path).status == 200
    assert twilio.request("GET", path, auth=(simulator.api_key_sid, simulator.api_key_secret)).status == 200


@pytest.mark.parametrize("path", ["Calls.json", "Recordings.json", "Recordings/RE1"])
def test_wrong_credentials_get_401(twilio, path):
    answer = twilio.request("GET", twilio.at(path), auth=(twilio.simulator.account_sid, "wrong"))

    assert answer.status == 401
    assert b"20003" in answer.body
    assert "WWW-Authenticate" in answer.headers


def test_credentials_in_another_scheme_get_401(twilio):
    answer = twilio.request(
        "GET", "/v2/Transcripts", headers={"authorization": f"Bearer {twilio.simulator.auth_token}"}
    )

    assert refusal(answer) == (401, 20003)


def test_key_secret_does_not_go_with_the_account_sid(twilio):
    simulator = twilio.simulator

    answer = twilio.request(
        "GET", twilio.at("Calls.json"), auth=(simulator.account_sid, simulator.api_key_secret)
    )

    assert refusal(answer) == (401, 20003)


def test_rotated_token_shuts_out_the_old_one(twilio):
    old = twilio.simulator.auth_token

    twilio.simulator.rotate_auth_token()

    answer = twilio.request("GET", twilio.at("Calls.json"), auth=(twilio.simulator.account_sid, old))
    assert refusal(answer) == (401, 20003)


@pytest.mark.parametrize(
    "path",
    [
        "Calls/CA00000000000000000000000000000000.json",
        "Recordings/RE00000000000000000000000000000000.json",
        "Transcriptions/TR00000000000000000000000000000000.json",
        "Conferences/CF00000000000000000000000000000000/Recordings.json",
        "calls.json",
        "Calls/.json",
        "Recordings.json/.json",
    ],
)
def test_unknown_path_or_sid_gets_404(twilio, path):
    answer = twilio.request("GET", twilio.at(path))

    assert refusal(answer) == (404, 20404)


def test_another_account_gets_404(twilio):
    answer = twilio.request("GET", f"/2010-04-01/Accounts/AC{'0' * 32}/Calls.json")

    assert refusal(answer) == (404, 20404)


def test_trailing_slash_and_json_suffix_on_intelligence_get_404(twilio):
    assert refusal(twilio.request("GET", "/v2/Transcripts/")) == (404, 20404)
    assert refusal(twilio.request("GET", "/v2/Transcripts.json")) == (404, 20404)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "Recordings/RE1.json"),
        ("POST", "Recordings.json"),
        ("DELETE", "Calls.json"),
        ("GET", "Calls/CA1/Transcriptions.json"),
    ],
)
def test_wrong_method_gets_405(twilio, method, path):
    assert refusal(twilio.request(method, twilio.at(path))) == (405, 20004)


def test_forgotten_suffix_gets_xml(twilio):
    answer = twilio.request("GET", twilio.at("Calls/CA1"))

    assert answer.status == 404
    assert answer.headers["Content-Type"] == "application/xml"
    assert b"<TwilioResponse><RestException><Code>20404</Code>" in answer.body


def test_list_without_suffix_is_xml(twilio):
    call = twilio.simulator.place_call()

    answer = twilio.request("GET", twilio.at(f"Calls/{call}"))

    assert f"<Call><Sid>{call}</Sid>" in answer.body.decode()


def test_suspended_account_gets_403(twilio):
    twilio.simulator.switch(account_state="suspended")

    assert refusal(twilio.request("GET", twilio.at("Calls.json"))) == (403, 20005)


# Calls.


def test_bridged_call_is_two_legs_and_only_the_parent_is_given_out(twilio):
    call = twilio.simulator.place_call("Harbor Dental")

    legs = twilio.get("Calls.json", Status="in-progress")["calls"]
    children = twilio.get("Calls.json", ParentCallSid=call)["calls"]

    assert {leg["parent_call_sid"] for leg in legs} == {None, call}
    assert [child["direction"] for child in children] == ["outbound-dial"]
    assert twilio.simulator.truth()["calls"] == [call]


def test_call_shows_its_title_and_nothing_of_its_end_while_live(twilio):
    call = twilio.simulator.place_call("Harbor Dental")

    shown = twilio.get(f"Calls/{call}.json")

    assert shown["caller_name"] == "Harbor Dental"
    assert shown["start_time"] == "Mon, 06 May 2024 12:53:20 +0000"
    assert (shown["end_time"], shown["duration"], shown["price"]) == (None, None, None)
    assert shown["subresource_uris"]["user_defined_messages"].endswith(
        f"/Calls/{call}/UserDefinedMessages.json"
    )


def test_call_goes_from_ringing_to_completed(twilio):
    call = twilio.simulator.ring_call(answer_after=5)
    states = [twilio.get(f"Calls/{call}.json")["status"]]

    twilio.simulator.advance(6)
    states.append(twilio.get(f"Calls/{call}.json")["status"])
    twilio.simulator.advance(30)
    twilio.simulator.end_call(call)

    shown = twilio.get(f"Calls/{call}.json")
    (child,) = twilio.get("Calls.json", ParentCallSid=call)["calls"]
    assert [*states, shown["status"]] == ["ringing", "in-progress", "completed"]
    assert child["status"] == "completed"
    assert shown["duration"] == "31"
    assert shown["price"] is None


def test_price_of_a_call_comes_later(twilio):
    call = twilio.simulator.place_call(seconds=90)

    twilio.simulator.advance(90 + 121)

    assert twilio.get(f"Calls/{call}.json")["price"] == "-0.01700"


def test_unanswered_call_ends_as_it_is_told(twilio):
    call = twilio.simulator.ring_call()

    twilio.simulator.end_call(call, "no-answer")

    assert twilio.get(f"Calls/{call}.json")["status"] == "no-answer"


def test_dates_are_compared_by_the_name_of_the_parameter(twilio):
    early = twilio.simulator.place_call(is_trunk=True)
    twilio.simulator.advance(DAY)
    late = twilio.simulator.place_call(is_trunk=True)

    def sids(**query: str) -> set[str]:
        return {call["sid"] for call in twilio.get("Calls.json", **query)["calls"]}

    assert sids(**{"StartTime>": "2024-05-07"}) == {late}
    assert sids(**{"StartTime<": "2024-05-07"}) == {early}
    assert sids(StartTime="2024-05-06") == {early}
    assert sids(**{"EndTime>": "2024-05-06"}) == set()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"Status": "active"}, (422, 20422)),
        ({"status": "in-progress"}, (400, 20001)),
        ({"StartTimeAfter": "2024-05-07"}, (400, 20001)),
        ({"StartTime>": "yesterday"}, (422, 20422)),
        ({"PageSize": "1001"}, (400, 20007)),
        ({"PageSize": "0"}, (422, 20422)),
        ({"Page": "1"}, (400, 21481)),
        ({"Page": "1", "PageToken": "PA123"}, (400, 21481)),
    ],
)
def test_list_refuses_what_it_does_not_know(twilio, query, expected):
    assert refusal(twilio.request("GET", twilio.at("Calls.json"), query=query)) == expected


def test_lenient_account_ignores_unknown_parameters(twilio):
    twilio.simulator.switch(is_strict=False)

    assert twilio.get("Calls.json", Colour="red")["calls"] == []


# Lists.


def test_pages_are_followed_by_their_links_even_while_calls_come_in(twilio):
    placed = [twilio.simulator.place_call(is_trunk=True) for _ in range(7)]

    page = twilio.get("Calls.json", PageSize="3", Status="in-progress")
    seen, sizes = [], []
    while True:
        seen += [call["sid"] for call in page["calls"]]
        sizes.append((page["page"], page["start"], page["end"]))
        if page["next_page_uri"] is None:
            break
        twilio.simulator.place_call(is_trunk=True)
        page = body(twilio.request("GET", page["next_page_uri"]), 200)

    assert seen == placed[::-1]
    assert sizes == [(0, 0, 2), (1, 3, 5), (2, 6, 6)]


def test_links_of_a_list_are_relative_and_carry_filters_and_token(twilio):
    for _ in range(3):
        twilio.simulator.place_call(is_trunk=True)

    page = twilio.get("Calls.json", **{"PageSize": "1", "StartTime>": "2024-05-01"})

    filters = "StartTime%3E=2024-05-01&PageSize=1&Page=1&PageToken=PACA"
    assert page["next_page_uri"].startswith(f"{twilio.at('Calls.json')}?{filters}")
    assert page["first_page_uri"].endswith("PageSize=1&Page=0")
    assert page["previous_page_uri"] is None
    assert not {"total", "num_pages", "last_page_uri"} & page.keys()


def test_previous_page_leads_back(twilio):
    for _ in range(5):
        twilio.simulator.place_call(is_trunk=True)
    first = twilio.get("Calls.json", PageSize="2")
    second = body(twilio.request("GET", first["next_page_uri"]), 200)

    back = body(twilio.request("GET", second["previous_page_uri"]), 200)

    assert back["calls"] == first["calls"]


def test_default_page_size_is_50(twilio):
    for _ in range(51):
        twilio.simulator.place_call(is_trunk=True)

    page = twilio.get("Calls.json")

    assert (len(page["calls"]), page["page_size"]) == (50, 50)


def test_page_token_may_be_made_to_repeat(twilio):
    for _ in range(6):
        twilio.simulator.place_call(is_trunk=True)
    twilio.simulator.switch(page_token_repeats=True, older_envelope=True)

    first = twilio.get("Calls.json", PageSize="2")
    second = body(twilio.request("GET", first["next_page_uri"]), 200)

    assert second["next_page_uri"] == first["next_page_uri"]
    assert (first["total"], first["num_pages"]) == (6, 3)


# Start.


def test_start_answers_201_with_the_recording(twilio):
    call = twilio.simulator.place_call()

    started = twilio.start(call, RecordingChannels="dual")

    assert started == {
        "account_sid": twilio.simulator.account_sid,
        "api_version": "2010-04-01",
        "call_sid": call,
        "conference_sid": None,
        "channels": 2,
        "date_created": "Mon, 06 May 2024 12:53:20 +0000",
        "date_updated": "Mon, 06 May 2024 12:53:20 +0000",
        "start_time": "Mon, 06 May 2024 12:53:20 +0000",
        "price": None,
        "price_unit": None,
        "duration": None,
        "sid": started["sid"],
        "source": "StartCallRecordingAPI",
        "status": "in-progress",
        "error_code": None,
        "encryption_details": None,
        "track": "both",
        "uri": f"{twilio.simulator.root}/Calls/{call}/Recordings/{started['sid']}.json",
    }
    assert re.fullmatch(r"RE[0-9a-f]{32}", started["sid"])


def test_start_is_remembered_with_the_options_as_received(twilio):
    call = twilio.simulator.place_call()

    started = twilio.start(call, RecordingChannels="dual", Trim="trim-silence", RecordingStatusCallback=HOOK)

    (effect,) = twilio.simulator.effects("start_recording")
    assert (effect.subject, effect.result) == (call, started["sid"])
    assert effect.details == {
        "RecordingChannels": "dual",
        "Trim": "trim-silence",
        "RecordingStatusCallback": HOOK,
    }


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"PlayBeep": "true"}, (400, 20001)),
        ({"Transcribe": "true"}, (400, 20001)),
        ({"recordingChannels": "dual"}, (400, 20001)),
        ({"RecordingChannels": "stereo"}, (422, 20422)),
        ({"RecordingTrack": "both_tracks"}, (422, 20422)),
        ({"Trim": "true"}, (422, 20422)),
        ({"RecordingStatusCallback": "/webhooks/twilio"}, (422, 20422)),
        ({"RecordingStatusCallbackMethod": "PUT"}, (422, 20422)),
        ({"RecordingStatusCallbackEvent": "completed,absent"}, (422, 20422)),
        ({"RecordingStatusCallbackEvent": "failed"}, (422, 20422)),
        (
            [("RecordingStatusCallbackEvent", "completed"), ("RecordingStatusCallbackEvent", "absent")],
            (400, 20001),
        ),
    ],
)
def test_start_refuses_what_it_does_not_know(twilio, form, expected):
    call = twilio.simulator.place_call()

    answer = twilio.request("POST", twilio.at(f"Calls/{call}/Recordings.json"), form)

    assert refusal(answer) == expected
    assert twilio.simulator.performed == []
    assert twilio.simulator.truth()["recordings"] == {}


def test_json_instead_of_a_form_is_refused(twilio):
    call = twilio.simulator.place_call()

    answer = twilio.request(
        "POST",
        twilio.at(f"Calls/{call}/Recordings.json"),
        {"a": "b"},
        headers={"content-type": "application/json"},
    )

    assert refusal(answer) == (400, 20001)


@pytest.mark.parametrize("prepare", ["ring", "end", "relay"])
def test_start_needs_a_call_in_progress(twilio, prepare):
    simulator = twilio.simulator
    call = simulator.ring_call() if prepare == "ring" else simulator.place_call(is_relay=prepare == "relay")
    if prepare == "end":
        simulator.end_call(call)

    answer = twilio.request("POST", twilio.at(f"Calls/{call}/Recordings.json"), {})

    assert refusal(answer) == (400, 21220)
    assert b"Requested resource is not eligible for recording" in answer.body
    assert simulator.performed == []


def test_race_at_the_answer_is_won_by_asking_again(twilio):
    call = twilio.simulator.ring_call(answer_after=2)
    assert refusal(twilio.request("POST", twilio.at(f"Calls/{call}/Recordings.json"), {})) == (400, 21220)

    twilio.simulator.advance(2)

    assert twilio.start(call)["status"] == "in-progress"


def test_recording_of_a_child_leg_names_the_parent(twilio):
    parent = twilio.simulator.place_call()
    child = twilio.get("Calls.json", ParentCallSid=parent)["calls"][0]["sid"]

    assert twilio.start(child)["call_sid"] == parent


def test_second_start_succeeds_without_a_second_recording(twilio):
    call = twilio.simulator.place_call()
    first = twilio.start(call)

    second = twilio.start(call)

    assert second["sid"] == first["sid"]
    assert len(twilio.simulator.truth()["recordings"]) == 1
    assert len(twilio.simulator.effects("start_recording")) == 1
    assert len(twilio.simulator.effects("start_recording_again")) == 1


def test_second_start_may_answer_with_a_ghost(twilio):
    call = twilio.simulator.place_call()
    twilio.start(call)
    twilio.simulator.switch(second_start="ghost")

    ghost = twilio.start(call)["sid"]

    assert refusal(twilio.request("GET", twilio.at(f"Recordings/{ghost}.json"))) == (404, 20404)


def test_second_start_may_record_twice(twilio):
    call = twilio.simulator.place_call()
    twilio.simulator.switch(second_start="new")

    assert twilio.start(call)["sid"] != twilio.start(call)["sid"]
    assert len(twilio.simulator.effects("start_recording")) == 2


# Stop, pause, resume.


def test_updates_tell_the_live_state_and_fetches_do_not(twilio):
    call = twilio.simulator.place_call()
    recording = twilio.start(call)["sid"]

    def shown() -> str:
        return twilio.get(f"Recordings/{recording}.json")["status"]

    told = []
    for wanted in ("paused", "in-progress", "stopped"):
        told.append((body(twilio.update(call, recording, Status=wanted), 200)["status"], shown()))
        twilio.simulator.advance(2)

    assert told == [("paused", "processing"), ("in-progress", "processing"), ("stopped", "processing")]
    assert [effect.action for effect in twilio.simulator.performed[1:]] == [
        "pause_recording",
        "resume_recording",
        "stop_recording",
    ]


def test_fetch_may_tell_the_live_state(twilio):
    call = twilio.simulator.place_call()
    recording = twilio.start(call)["sid"]
    twilio.update(call, recording, Status="paused")

    twilio.simulator.switch(live_fetch_status="truth")

    assert twilio.get(f"Recordings/{recording}.json")["status"] == "paused"


def test_pausing_twice_is_one_effect(twilio):
    call = twilio.simulator.place_call()
    recording = twilio.start(call)["sid"]

    for _ in range(2):
        body(twilio.update(call, recording, Status="paused", PauseBehavior="skip"), 200)

    (effect,) = twilio.simulator.effects("pause_recording")
    assert effect.details == {"within": call, "Status": "paused", "PauseBehavior": "skip"}


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({}, (400, 20001)),
        ({"Status": "completed"}, (422, 20422)),
        ({"Status": "processing"}, (422, 20422)),
        ({"Status": "resume"}, (422, 20422)),
        ({"Status": "paused", "PauseBehavior": "mute"}, (422, 20422)),
        ({"status": "stopped"}, (400, 20001)),
    ],
)
def test_update_refuses_what_it_does_not_know(twilio, form, expected):
    call = twilio.simulator.place_call()
    recording = twilio.start(call)["sid"]

    assert refusal(twilio.update(call, recording, **form)) == expected
    assert twilio.simulator.truth()["recordings"][recording]["status"] == "in-progress"


def test_stopped_is_final_and_a_new_start_is_a_new_recording(twilio):
    call = twilio.simulator.place_call()
    first = twilio.start(call)["sid"]
    twilio.simulator.advance(5)
    twilio.update(call, first, Status="stopped")

    assert refusal(twilio.update(call, first, Status="in-progress")) == (400, 21220)
    assert refusal(twilio.update(call, first, Status="stopped")) == (400, 21220)
    assert twilio.start(call)["sid"] != first
    assert len(twilio.simulator.effects("stop_recording")) == 1


def test_stopping_after_the_end_may_be_not_found(twilio):
    call = twilio.simulator.place_call()
    recording = twilio.start(call)["sid"]
    twilio.simulator.end_call(call)
    twilio.simulator.switch(stop_finished_code=20404)

    assert refusal(twilio.update(call, recording, Status="stopped")) == (404, 20404)


def test_recording_is_not_found_under_another_call(twilio):
    call, other = twilio.simulator.place_call(), twilio.simulator.place_call()
    recording = twilio.start(call)["sid"]

    assert refusal(twilio.update(other, recording, Status="stopped")) == (404, 20404)


def test_current_means_the_only_active_recording(twilio):
    call = twilio.simulator.place_call()

    assert refusal(twilio.update(call, "Twilio.CURRENT", Status="stopped")) == (404, 20404)
    recording = twilio.start(call)["sid"]
    assert body(twilio.update(call, "Twilio.CURRENT", Status="paused"), 200)["sid"] == recording
    twilio.simulator.begin_recording(call)
    assert refusal(twilio.update(call, "Twilio.CURRENT", Status="stopped")) == (400, 16108)


# The end.


def test_recording_completes_with_the_conversation_that_was_spoken(twilio):
    spoken = speech.with_wav(1)
    recording = twilio.recorded(1, RecordingChannels="dual")

    shown = twilio.get(f"Recordings/{recording}.json")

    assert (shown["status"], shown["duration"]) == ("completed", str(round(spoken.duration_seconds)))
    assert shown["subresource_uris"].keys() == {"add_on_results", "transcriptions"}
    assert shown["media_url"] == f"http://api.twilio.com{twilio.at(f'Recordings/{recording}')}"
    assert "track" not in shown
    assert (shown["price"], shown["price_unit"]) == (None, None)


def test_price_of_a_recording_comes_later(twilio):
    recording = twilio.recorded()

    twilio.simulator.advance(120)

    shown = twilio.get(f"Recordings/{recording}.json")
    assert (shown["price"], shown["price_unit"]) == ("-0.00250", "USD")


@pytest.mark.parametrize(("seconds", "is_silent", "code"), [(0.5, False, 16101), (9, True, 16102)])
def test_nothing_to_hear_is_absent(twilio, seconds, is_silent, code):
    call = twilio.simulator.place_call(is_silent=is_silent)
    recording = twilio.start(call)["sid"]
    twilio.simulator.advance(seconds)
    twilio.update(call, recording, Status="stopped")

    twilio.simulator.advance(6)

    shown = twilio.get(f"Recordings/{recording}.json")
    assert (shown["status"], shown["error_code"], shown["duration"]) == ("absent", code, None)


def test_skipped_pause_counts_for_nothing(twilio):
    call = twilio.simulator.place_call()
    recording = twilio.start(call)["sid"]
    twilio.update(call, recording, Status="paused", PauseBehavior="skip")
    twilio.simulator.advance(60)
    twilio.update(call, recording, Status="stopped")

    twilio.simulator.advance(6)

    assert twilio.get(f"Recordings/{recording}.json")["error_code"] == 16101


def test_recordings_end_with_their_call(twilio):
    call = twilio.simulator.place_call()
    recordings = [twilio.start(call)["sid"], twilio.simulator.begin_recording(call)]
    twilio.simulator.advance(10)

    twilio.simulator.end_call(call)
    twilio.simulator.advance(10)

    found = twilio.get(f"Calls/{call}/Recordings.json")["recordings"]
    assert {each["sid"] for each in found} == set(recordings)
    assert {each["status"] for each in found} == {"completed"}
    assert {each["source"] for each in found} == {"StartCallRecordingAPI", "DialVerb"}
    assert {"track" in each for each in found} == {True}


# Lists of recordings.


def test_recordings_are_filtered_by_call_and_moment(twilio):
    first = twilio.recorded()
    twilio.simulator.advance(3600)
    second = twilio.recorded()
    call = twilio.simulator.truth()["recordings"][first]["call"]

    def sids(**query: str) -> list[str]:
        return [each["sid"] for each in twilio.get("Recordings.json", **query)["recordings"]]

    assert sids() == [second, first]
    assert sids(CallSid=call) == [first]
    assert sids(DateCreated="2024-05-06") == [second, first]
    assert sids(**{"DateCreated>": "2024-05-06T13:00:00Z"}) == [second]
    assert sids(**{"DateCreated<": "2024-05-06T13:00:00Z"}) == [first]
    assert sids(**{"DateCreated<": "2024-05-06"}) == []


def test_list_of_a_call_takes_only_dates_and_paging(twilio):
    call = twilio.simulator.place_call()

    answer = twilio.request(
        "GET", twilio.at(f"Calls/{call}/Recordings.json"), query={"IncludeSoftDeleted": "true"}
    )

    assert refusal(answer) == (400, 20001)


# Conferences.


def test_conference_recording_is_paused_and_never_stopped(twilio):
    conference = twilio.simulator.place_conference("Morning round", participants=2)
    (recording,) = twilio.get(f"Conferences/{conference}/Recordings.json")["recordings"]
    path = twilio.at(f"Conferences/{conference}/Recordings/{recording['sid']}.json")

    assert (recording["source"], recording["conference_sid"]) == ("Conference", conference)
    assert body(twilio.request("POST", path, {"Status": "paused"}), 200)["status"] == "paused"
    assert body(twilio.request("POST", path, {"Status": "in-progress"}), 200)["status"] == "in-progress"
    assert twilio.request("POST", path, {"Status": "stopped"}).status == 422
    assert twilio.simulator.effects("stop_recording") == []


def test_conference_recording_completes_when_all_have_left(twilio):
    conference = twilio.simulator.place_conference(participants=3)
    twilio.simulator.advance(60)

    twilio.simulator.end_call(conference)
    twilio.simulator.advance(10)

    (shown,) = twilio.get("Recordings.json", ConferenceSid=conference)["recordings"]
    assert shown["status"] == "completed"
    assert twilio.simulator.truth()["calls"] == []


def test_conference_cannot_be_started_by_api(twilio):
    conference = twilio.simulator.place_conference()

    answer = twilio.request("POST", twilio.at(f"Conferences/{conference}/Recordings.json"), {})

    assert refusal(answer) == (405, 20004)


# Media.


@pytest.mark.parametrize(
    ("suffix", "kind"), [("", "audio/x-wav"), (".wav", "audio/x-wav"), (".mp3", "audio/mpeg")]
)
def test_media_has_three_names(twilio, suffix, kind):
    recording = twilio.recorded(0, RecordingChannels="dual")

    answer = twilio.request("GET", twilio.at(f"Recordings/{recording}{suffix}"))

    container = "mp3" if suffix == ".mp3" else "wav"
    assert (answer.status, answer.headers["Content-Type"]) == (200, kind)
    assert answer.body == speech.with_wav(0).audio(container)


def test_media_wants_credentials(twilio):
    recording = twilio.recorded()

    answer = twilio.request("GET", twilio.at(f"Recordings/{recording}.mp3"), auth=("", ""))

    assert answer.status == 401


def test_media_is_missing_for_some_seconds_after_completed(twilio):
    call = twilio.simulator.place_call()
    recording = twilio.start(call)["sid"]
    twilio.simulator.advance(5)
    path = twilio.at(f"Recordings/{recording}.mp3")
    live = twilio.request("GET", path).status
    twilio.simulator.end_call(call)
    twilio.simulator.advance(6)

    early = twilio.request("GET", path)
    completed = twilio.get(f"Recordings/{recording}.json")["status"]
    twilio.simulator.advance(5)

    assert (live, early.status, completed) == (404, 404, "completed")
    assert early.headers["Content-Type"] == "application/xml"
    assert twilio.request("GET", path).status == 200


def test_two_channels_of_a_mono_recording_are_refused(twilio):
    recording = twilio.recorded(0, RecordingChannels="mono")

    answer = twilio.request("GET", twilio.at(f"Recordings/{recording}.mp3"), query={"RequestedChannels": "2"})

    assert answer.status == 400
    assert b"<Code>16113</Code>" in answer.body


def test_one_channel_of_two_is_mixed(twilio):
    recording = twilio.recorded(0, RecordingChannels="dual")

    def get(**query: str) -> bytes:
        return twilio.request("GET", twilio.at(f"Recordings/{recording}.wav"), query=query).body

    both, one = get(RequestedChannels="2"), get(RequestedChannels="1")
    assert (both[22], one[22]) == (2, 1)
    assert abs(len(one) - len(both) / 2) < 100


def test_media_answers_ranges(twilio):
    recording = twilio.recorded()
    path = twilio.at(f"Recordings/{recording}.mp3")

    part = twilio.request("GET", path, headers={"range": "bytes=100-199"})
    twilio.simulator.switch(media_ranges=False)
    whole = twilio.request("GET", path, headers={"range": "bytes=100-199"})

    assert (part.status, part.body) == (206, whole.body[100:200])
    assert whole.status == 200


def test_encrypted_recording_has_no_mp3(twilio):
    twilio.simulator.switch(is_encrypted=True)
    recording = twilio.recorded()

    answer = twilio.request("GET", twilio.at(f"Recordings/{recording}.mp3"))

    assert b"<Code>16109</Code>" in answer.body
    assert twilio.request("GET", twilio.at(f"Recordings/{recording}.wav")).status == 200
    assert twilio.get(f"Recordings/{recording}.json")["encryption_details"].keys() == {
        "encryption_public_key_sid",
        "encryption_cek",
        "encryption_iv",
    }


def test_media_in_external_storage_is_not_here(twilio):
    twilio.simulator.switch(is_external_storage=True)
    recording = twilio.recorded()

    assert twilio.request("GET", twilio.at(f"Recordings/{recording}.mp3")).status == 404
    assert twilio.get(f"Recordings/{recording}.json")["media_url"].startswith("http://storage.example.com/")


# Deletion.


def test_deleted_recording_keeps_its_metadata_for_40_days(twilio):
    recording = twilio.recorded()
    path = twilio.at(f"Recordings/{recording}.json")

    answer = twilio.request("DELETE", path)

    assert (answer.status, answer.body) == (204, b"")
    assert refusal(twilio.request("GET", path)) == (404, 20404)
    assert refusal(twilio.request("DELETE", path)) == (404, 20404)
    assert twilio.get(f"Recordings/{recording}.json", IncludeSoftDeleted="true")["status"] == "deleted"
    assert twilio.get("Recordings.json")["recordings"] == []
    assert len(twilio.get("Recordings.json", IncludeSoftDeleted="true")["recordings"]) == 1
    assert twilio.request("GET", twilio.at(f"Recordings/{recording}.mp3")).status == 404
    assert [effect.subject for effect in twilio.simulator.effects("delete_recording")] == [recording]
    twilio.simulator.advance(40 * DAY)
    assert twilio.get("Recordings.json", IncludeSoftDeleted="true")["recordings"] == []


def test_only_completed_recordings_can_be_deleted(twilio):
    call = twilio.simulator.place_call()
    recording = twilio.start(call)["sid"]

    assert refusal(twilio.request("DELETE", twilio.at(f"Recordings/{recording}.json"))) == (409, 20409)
    twilio.simulator.switch(delete_unfinished_code=20001)
    assert refusal(twilio.request("DELETE", twilio.at(f"Recordings/{recording}.json"))) == (400, 20001)
    assert twilio.simulator.effects("delete_recording") == []


def test_recording_can_be_deleted_under_its_call(twilio):
    recording = twilio.recorded()
    call = twilio.simulator.truth()["recordings"][recording]["call"]

    assert twilio.request("DELETE", twilio.at(f"Calls/{call}/Recordings/{recording}.json")).status == 204


# The account and its day.


def test_account_has_what_an_administrator_types_in(twilio):
    account = twilio.simulator.account()

    assert (account["provider"], account["base_url"]) == ("twilio", "")
    assert account["config"].keys() == {"account_sid", "intelligence_service_sid", "api_key_sid"}
    assert account["secrets"].keys() == {"auth_token", "api_key_secret", "shared_keys"}


def test_day_has_a_past_a_present_and_a_future(twilio):
    twilio.simulator.begin_day()
    twilio.simulator.advance(60)

    truth = twilio.simulator.truth()
    statuses = {each["status"] for each in truth["recordings"].values()}
    outcomes = {(each["kind"], each["status"]) for each in truth["transcripts"].values()}

    assert {"completed", "absent", "in-progress"} <= statuses
    assert {("intelligence", "completed"), ("intelligence", "failed")} <= outcomes
    assert {("legacy", "completed"), ("legacy", "failed")} <= outcomes
    created = [each["date_created"] for each in twilio.get("Recordings.json")["recordings"]]
    assert len(set(created)) == len(created)


def test_day_goes_on_by_itself(twilio):
    twilio.simulator.begin_day()
    seen, sizes = set(), set()
    for _ in range(60):
        twilio.simulator.advance(60)
        live = twilio.simulator.truth()["calls"]
        seen.update(live)
        sizes.add(len(live))

    calls = twilio.simulator.calls.all.values()
    answered = [call for call in calls if call.created_at > NOW and call.started_at and not call.parent]
    assert sum(call.title != "Morning round" for call in answered) > 5
    assert len(seen) > 10
    assert max(sizes) <= 6
    assert twilio.simulator.clock.now() == NOW + 3600


def test_day_begun_twice_is_one_day(twilio):
    twilio.simulator.begin_day()
    before = twilio.simulator.truth()

    twilio.simulator.begin_day()

    assert twilio.simulator.truth() == before
