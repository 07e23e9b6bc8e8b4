"""The Vobiz simulator against its contract, item by item."""

import http.client
import io
import json
import socketserver
import threading
import time
import wave
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from tests.simulators import speech
from tests.simulators.clock import Clock
from tests.simulators.http import Request
from tests.simulators.server import served
from tests.simulators.vobiz import VobizSimulator, lifecycle, webhooks

FIXTURES = Path(__file__).parents[1] / "fixtures" / "vobiz"
START = 1_778_127_325.0
HOOK = "https://hooks.example.test/recording/"
TEXT_HOOK = "https://hooks.example.test/transcription/"
BOTH = {"callback_url": HOOK, "transcription_type": "auto", "transcription_url": TEXT_HOOK}


class Receiver:
    """Takes the callbacks instead of the network; answers what it is told."""

    def __init__(self):
        self.got = []
        self.answers = []

    def __call__(self, url, method, headers, body):
        self.got.append((url, method, headers, body))
        return self.answers.pop(0) if self.answers else 200

    def forms(self, url):
        return [dict(parse_qsl(b.decode(), keep_blank_values=True)) for u, _, _, b in self.got if u == url]


@pytest.fixture
def vobiz():
    return VobizSimulator(clock=Clock(start=START))


@pytest.fixture
def receiver(vobiz):
    vobiz.outbox.deliver = Receiver()
    return vobiz.outbox.deliver


def ask(vobiz, method, path, body=None, query="", headers=None, origin="https://api.vobiz.ai"):
    sent = {"x-auth-id": vobiz.auth_id, "x-auth-token": vobiz.auth_token}
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    if raw:
        sent["content-type"] = "application/json"
    sent |= headers or {}
    request = Request(method=method, path=path, query=query, headers=sent, body=raw, origin=origin)
    return vobiz.respond(request)


def account_path(vobiz, rest):
    return f"/api/v1/Account/{vobiz.auth_id}/{rest}"


def start(vobiz, call, **options):
    answer = ask(vobiz, "POST", account_path(vobiz, f"Call/{call}/Record/"), options)
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def stop(vobiz, call, body=None, **more):
    return ask(vobiz, "DELETE", account_path(vobiz, f"Call/{call}/Record/"), body, **more)


def listed(vobiz, query=""):
    answer = ask(vobiz, "GET", account_path(vobiz, "Recording/"), query=query)
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def retrieve(vobiz, recording):
    return ask(vobiz, "GET", account_path(vobiz, f"Recording/{recording}/"))


def finished(vobiz, seconds=30, **options):
    """A recording of a call, stopped after so long and stored."""
    started = start(vobiz, vobiz.place_call(), **options)
    call = vobiz.recordings[started["recording_id"]].call
    vobiz.advance(seconds)
    vobiz.end_call(call.call_uuid)
    vobiz.advance(5)
    return started


def fetch(vobiz, url, **more):
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    return ask(vobiz, "GET", parts.path, query=parts.query, origin=origin, **more)


def fixture(name):
    return json.loads((FIXTURES / name).read_text())


# Credentials and paths


@pytest.mark.parametrize(
    "headers",
    [
        {"x-auth-id": "", "x-auth-token": ""},
        {"x-auth-token": "wrong"},
        {"x-auth-id": "MA_OTHER"},
        {"x-auth-id": "", "x-auth-token": "", "authorization": "Basic TUFfOnQ="},
    ],
)
def test_without_both_headers_401(vobiz, headers):
    answer = ask(vobiz, "GET", account_path(vobiz, "Recording/"), headers=headers)

    assert answer.status == 401
    assert json.loads(answer.body)["error"]["code"] == "UNAUTHORIZED"
    assert json.loads(answer.body).keys() == fixture("error.unauthorized.json").keys()


def test_path_of_another_account_is_401(vobiz):
    assert ask(vobiz, "GET", "/api/v1/Account/MA_OTHER/Recording/").status == 401


@pytest.mark.parametrize("rest", ["recording/", "Recording", "recording", "call/?status=live"])
def test_wrong_case_or_missing_slash_is_401(vobiz, rest):
    path, _, query = rest.partition("?")

    assert ask(vobiz, "GET", account_path(vobiz, path), query=query).status == 401


def test_lowercase_account_is_401_and_starts_nothing(vobiz):
    call = vobiz.place_call()
    path = f"/api/v1/account/{vobiz.auth_id}/Call/{call}/Record/"

    assert ask(vobiz, "POST", path, {}).status == 401
    assert vobiz.performed == []


def test_missing_slash_may_be_404_and_an_unknown_path_is(vobiz):
    vobiz.switch(missing_slash_status=404)

    assert ask(vobiz, "GET", account_path(vobiz, "Recording")).status == 404
    assert ask(vobiz, "GET", account_path(vobiz, "Nothing/")).status == 404
    assert ask(vobiz, "GET", "/Account/").status == 404


def test_the_api_prefix_is_needed(vobiz):
    assert ask(vobiz, "GET", f"/v1/Account/{vobiz.auth_id}/Recording/").status == 404


def test_wrong_method_is_405(vobiz):
    assert ask(vobiz, "PUT", account_path(vobiz, "Recording/")).status == 405


def test_auth_me_names_the_account(vobiz):
    assert json.loads(ask(vobiz, "GET", "/api/v1/auth/me").body)["auth_id"] == vobiz.auth_id


def test_a_rotated_token_dies_at_once(vobiz):
    old = vobiz.auth_token
    vobiz.rotate_token()

    assert ask(vobiz, "GET", "/api/v1/auth/me", headers={"x-auth-token": old}).status == 401
    assert ask(vobiz, "GET", "/api/v1/auth/me").status == 200


def test_account_has_the_keys_of_the_form(vobiz):
    account = vobiz.account()

    assert account["config"] == {"auth_id": vobiz.auth_id, "require_signature": ""}
    assert account["secrets"] == {"auth_token": "sim-auth-token"}


# Limits and errors


def test_a_rate_limit_slides_with_the_clock(vobiz):
    vobiz.switch(requests_per_second=2)

    answers = [ask(vobiz, "GET", "/api/v1/auth/me") for _ in range(3)]
    vobiz.advance(1)

    assert [each.status for each in answers] == [200, 200, 429]
    details = json.loads(answers[2].body)["error"]["details"]
    assert details == {"limitType": "cps", "limit": 2, "current": 3, "retryAfter": 1}
    assert "Retry-After" not in answers[2].headers
    assert ask(vobiz, "GET", "/api/v1/auth/me").status == 200


def test_a_retry_after_header_is_a_switch(vobiz):
    vobiz.switch(requests_per_second=1, sends_retry_after=True)
    ask(vobiz, "GET", "/api/v1/auth/me")

    assert ask(vobiz, "GET", "/api/v1/auth/me").headers["Retry-After"] == "1"


@pytest.mark.parametrize("status", [401, 402, 403, 409, 422, 429, 500, 502, 503, 504])
def test_a_refusal_has_the_general_shape_and_does_nothing(vobiz, status):
    call = vobiz.place_call()
    vobiz.refuse(status, path_contains="/Record/", retry_after=7)

    answer = ask(vobiz, "POST", account_path(vobiz, f"Call/{call}/Record/"), {})

    assert answer.status == status
    assert json.loads(answer.body)["status"] == "error"
    assert (json.loads(answer.body)["error"].get("details", {}).get("retryAfter") == 7) == (status == 429)
    assert vobiz.effects("start_recording") == []


@pytest.mark.parametrize(
    ("shape", "like"), [(1, "error.general.json"), (2, "error.voice.json"), (3, "error.flat.json")]
)
def test_errors_come_in_three_shapes(vobiz, shape, like):
    vobiz.switch(error_shape=shape)

    answer = ask(vobiz, "GET", account_path(vobiz, "Recording/"), query="limit=x")

    assert answer.status == 400
    assert json.loads(answer.body).keys() == fixture(like).keys()


def test_out_of_balance_is_402(vobiz):
    call = vobiz.place_call()
    vobiz.switch(is_out_of_balance=True)

    assert ask(vobiz, "POST", account_path(vobiz, f"Call/{call}/Record/"), {}).status == 402
    assert vobiz.truth()["recordings"] == {}


def test_a_slow_start_has_happened_once(vobiz):
    call = vobiz.place_call()
    vobiz.fail(kind="slow", path_contains="/Record/", seconds=9)

    answer = ask(vobiz, "POST", account_path(vobiz, f"Call/{call}/Record/"), {})

    assert answer.delay_seconds == 9
    assert len(vobiz.effects("start_recording")) == 1


def test_a_start_cut_off_after_acting_cannot_be_told_from_none(vobiz):
    call = vobiz.place_call()
    vobiz.fail(kind="after", path_contains="/Record/", status=500)

    assert ask(vobiz, "POST", account_path(vobiz, f"Call/{call}/Record/"), {}).status == 500
    assert len(vobiz.effects("start_recording")) == 1


# Live calls


@pytest.mark.parametrize("path", ["Call/", "Call"])
def test_live_calls_are_uuids_with_and_without_slash(vobiz, path):
    first, second = vobiz.place_call(), vobiz.place_call()
    vobiz.end_call(first)

    answer = json.loads(ask(vobiz, "GET", account_path(vobiz, path), query="status=live").body)

    assert answer.keys() == fixture("live_calls.json").keys()
    assert answer["calls"] == [second]


def test_a_live_call_is_not_queued(vobiz):
    vobiz.place_call()

    answer = ask(vobiz, "GET", account_path(vobiz, "Call/"), query="status=queued")

    assert json.loads(answer.body)["calls"] == []


def test_live_list_without_status_is_404(vobiz):
    assert ask(vobiz, "GET", account_path(vobiz, "Call/")).status == 404


@pytest.mark.parametrize(("switch", "slash", "bare"), [("slash", 200, 401), ("bare", 401, 200)])
def test_live_list_may_know_one_spelling(vobiz, switch, slash, bare):
    vobiz.switch(live_list_slash=switch)

    assert ask(vobiz, "GET", account_path(vobiz, "Call/"), query="status=live").status == slash
    assert ask(vobiz, "GET", account_path(vobiz, "Call"), query="status=live").status == bare


def test_a_live_call_is_flat(vobiz):
    call = vobiz.place_call("Contoso", direction="inbound", from_number="12025550117")

    answer = ask(vobiz, "GET", account_path(vobiz, f"Call/{call}/"), query="status=live")

    data = json.loads(answer.body)
    assert data.keys() == fixture("live_call.json").keys()
    assert (data["caller_name"], data["from"], data["direction"]) == ("Contoso", "12025550117", "inbound")
    assert data["session_start"] == "2026-05-07 04:15:25.000000"


def test_a_call_not_live_or_not_asked_as_live_is_404(vobiz):
    call = vobiz.place_call()
    path = account_path(vobiz, f"Call/{call}/")
    without_status = ask(vobiz, "GET", path)
    vobiz.end_call(call)

    assert without_status.status == 404
    assert ask(vobiz, "GET", path, query="status=live").status == 404


def test_an_older_copy_wraps_the_live_call(vobiz):
    vobiz.switch(old_shapes=True)
    call = vobiz.place_call()

    answer = ask(vobiz, "GET", account_path(vobiz, f"Call/{call}/"), query="status=live")

    assert json.loads(answer.body)["calls"][0].keys() == fixture("live_call.old.json")["calls"][0].keys()


# Starting


def test_start_answers_four_keys_and_remembers_the_options_as_received(vobiz):
    call = vobiz.place_call()

    answer = start(vobiz, call, time_limit=3600, callback_url=HOOK)

    assert answer.keys() == fixture("start.json").keys()
    assert answer["url"].endswith(f"/v1/Account/{vobiz.auth_id}/Recording/{answer['recording_id']}.mp3")
    effect = vobiz.effects("start_recording")[0]
    assert (effect.subject, effect.result) == (call, answer["recording_id"])
    assert effect.details == {"options": {"time_limit": 3600, "callback_url": HOOK}}


def test_an_empty_body_is_legal(vobiz):
    call = vobiz.place_call()

    assert ask(vobiz, "POST", account_path(vobiz, f"Call/{call}/Record/")).status == 200


def test_each_start_is_another_recording(vobiz):
    call = vobiz.place_call()

    answers = [start(vobiz, call), start(vobiz, call)]

    assert len({each["recording_id"] for each in answers}) == 2
    assert len({each["url"] for each in answers}) == 2
    assert len(vobiz.effects("start_recording")) == 2


def test_start_on_a_call_that_is_over_is_404_in_the_voice_shape(vobiz):
    call = vobiz.place_call()
    vobiz.end_call(call)

    answer = ask(vobiz, "POST", account_path(vobiz, f"Call/{call}/Record/"), {})

    assert answer.status == 404
    assert json.loads(answer.body).keys() == fixture("error.voice.json").keys()


@pytest.mark.parametrize(
    "options",
    [
        {"time_limit": 0},
        {"time_limit": -1},
        {"time_limit": 28801},
        {"time_limit": "60"},
        {"time_limit": True},
        {"time_limit": None},
        {"file_format": "MP3"},
        {"file_format": "ogg"},
        {"file_format": ["mp3"]},
        {"record_channel_type": "dual"},
        {"transcription_type": "hybrid"},
        {"callback_method": "post"},
        {"callback_url": "hooks.example.test"},
        {"callback_url": ""},
        {"callback_url": "http://hooks.example.test/"},
        {"transcription_url": "ftp://hooks.example.test/"},
    ],
)
def test_a_bad_option_is_refused_and_nothing_recorded(vobiz, options):
    call = vobiz.place_call()

    answer = ask(vobiz, "POST", account_path(vobiz, f"Call/{call}/Record/"), options)

    assert answer.status == 400
    assert json.loads(answer.body)["status"] == "error"
    assert vobiz.truth()["recordings"] == {}


@pytest.mark.parametrize("body", [b"time_limit=60", b"[]", b'"x"', b"{"])
def test_a_body_that_is_no_json_object_is_refused(vobiz, body):
    call = vobiz.place_call()

    assert ask(vobiz, "POST", account_path(vobiz, f"Call/{call}/Record/"), body).status == 400


def test_a_form_is_no_json(vobiz):
    call = vobiz.place_call()
    path, headers = account_path(vobiz, f"Call/{call}/Record/"), {"content-type": webhooks.FORM}

    assert ask(vobiz, "POST", path, {"time_limit": 9}, headers=headers).status == 400


def test_unknown_options_are_ignored_unless_switched(vobiz):
    call = vobiz.place_call()
    start(vobiz, call, transcription_method="POST")
    vobiz.switch(unknown_fields="refuse")

    answer = ask(vobiz, "POST", account_path(vobiz, f"Call/{call}/Record/"), {"transcription_method": "POST"})

    assert answer.status == 400
    assert len(vobiz.effects("start_recording")) == 1


def test_a_loopback_callback_may_be_plain_http(vobiz):
    start(vobiz, vobiz.place_call(), callback_url="http://127.0.0.1:8000/hook/")


def test_start_may_answer_202_without_url(vobiz):
    vobiz.switch(start_status=202, start_has_url=False)
    call = vobiz.place_call()

    answer = ask(vobiz, "POST", account_path(vobiz, f"Call/{call}/Record/"), {})

    assert answer.status == 202
    assert fixture("start.without_url.json").items() >= {"message": "Recording started"}.items()
    assert json.loads(answer.body)["message"] == "Recording started"
    assert "url" not in json.loads(answer.body)


# Ending


def test_time_limit_is_one_minute_unless_said(vobiz):
    short, long = start(vobiz, vobiz.place_call()), start(vobiz, vobiz.place_call(), time_limit=120)

    vobiz.advance(59)
    before = vobiz.truth()["recordings"]
    vobiz.advance(5)
    after = vobiz.truth()["recordings"]

    assert before[short["recording_id"]]["status"] == "recording"
    assert after[short["recording_id"]]["status"] == "available"
    assert after[short["recording_id"]]["end_reason"] == "time_limit"
    assert after[long["recording_id"]]["status"] == "recording"


def test_time_limit_is_in_real_seconds_whatever_the_scale():
    vobiz = VobizSimulator(clock=Clock(start=START), scale=0.01)
    recording = start(vobiz, vobiz.place_call())["recording_id"]

    vobiz.advance(30)

    assert vobiz.truth()["recordings"][recording]["status"] == "recording"


def test_hangup_ends_every_recording(vobiz):
    call = vobiz.place_call()
    start(vobiz, call), start(vobiz, call)

    vobiz.end_call(call)
    vobiz.advance(5)

    assert [each.details["reason"] for each in vobiz.effects("finish_recording")] == ["hangup"] * 2


def test_stop_with_url_stops_that_one(vobiz):
    call = vobiz.place_call()
    first, second = start(vobiz, call), start(vobiz, call)

    answer = stop(vobiz, call, {"URL": first["url"]})

    assert (answer.status, answer.body) == (204, b"")
    assert [each.subject for each in vobiz.effects("stop_recording")] == [first["recording_id"]]
    assert vobiz.effects("stop_recording")[0].details["by"] == "URL"
    assert vobiz.truth()["recordings"][second["recording_id"]]["status"] == "recording"


@pytest.mark.parametrize(
    ("body", "more"),
    [
        (None, {}),
        ({}, {}),
        ({"url": "URL"}, {}),
        ({"URL": "https://elsewhere.example.test/a.mp3"}, {}),
        ({"recording_id": "ID"}, {}),
        (b"URL=URL", {}),
        ({"URL": "URL"}, {"headers": {"content-type": "text/plain"}}),
        (None, {"query": "URL=URL"}),
    ],
)
def test_stop_without_a_proper_url_stops_all(vobiz, body, more):
    call = vobiz.place_call()
    first, second = start(vobiz, call), start(vobiz, call)
    if isinstance(body, dict):
        body = {k: {"URL": first["url"], "ID": first["recording_id"]}.get(v, v) for k, v in body.items()}

    answer = stop(vobiz, call, body, **more)

    assert answer.status == 204
    stopped = {each.subject for each in vobiz.effects("stop_recording")}
    assert stopped == {first["recording_id"], second["recording_id"]}


def test_a_stop_repeated_does_not_stop_the_next_recording(vobiz):
    call = vobiz.place_call()
    first, second = start(vobiz, call), start(vobiz, call)
    stop(vobiz, call, {"URL": first["url"]})

    stop(vobiz, call, {"URL": first["url"]})

    assert len(vobiz.effects("stop_recording")) == 1
    assert vobiz.truth()["recordings"][second["recording_id"]]["status"] == "recording"


def test_an_unmatched_url_may_stop_nothing(vobiz):
    vobiz.switch(unmatched_url="nothing")
    call = vobiz.place_call()
    start(vobiz, call)

    assert stop(vobiz, call, {"URL": "https://elsewhere.example.test/a.mp3"}).status == 204
    assert vobiz.effects("stop_recording") == []


def test_stop_with_nothing_running_is_204_and_on_an_ended_call_404(vobiz):
    call = vobiz.place_call()
    nothing = stop(vobiz, call)
    vobiz.end_call(call)

    assert nothing.status == 204
    assert stop(vobiz, call).status == 404
    assert vobiz.performed == []


# Stored recordings


def test_no_row_and_no_file_before_the_end(vobiz):
    started = start(vobiz, vobiz.place_call())

    assert listed(vobiz)["objects"] == []
    assert listed(vobiz)["meta"]["total_count"] == 0
    assert retrieve(vobiz, started["recording_id"]).status == 404
    assert fetch(vobiz, started["url"]).status == 404


def test_a_row_has_every_field_in_the_documented_style(vobiz):
    started = finished(vobiz)

    row = listed(vobiz)["objects"][0]

    spoken = speech.conversation(0).duration_seconds
    assert row.keys() == fixture("recordings.json")["objects"][0].keys()
    assert row["recording_url"] == started["url"]
    assert row["recording_duration_ms"] == f"{spoken * 1000:.5f}"
    assert row["recording_start_ms"] == f"{START * 1000:.5f}"
    assert row["rounded_recording_duration"] == 60
    assert row["add_time"] == "2026-05-07 09:45:56.00000+05:30"
    assert row["resource_uri"] == f"/v1/Account/{vobiz.auth_id}/Recording/{started['recording_id']}/"


def test_styles_vary_from_row_to_row(vobiz):
    for _ in range(8):
        vobiz.add_recording()

    rows = listed(vobiz)["objects"]

    numbers = {row["from_number"][:2] for row in rows}
    assert {row["recording_start_ms"] is None for row in rows} == {True, False}
    assert {row["conference_name"] is None for row in rows} == {True, False}
    assert {row["add_time"][-6:] for row in rows} == {"+05:30", "+00:00"}
    assert {len(row["add_time"]) for row in rows} == {31, 32}
    assert numbers == {"+1", "12", "00"}


def test_the_object_page_claims_other_styles(vobiz):
    vobiz.switch(add_time_style="iso", number_style="numbers", null_times="never")
    finished(vobiz)

    row = listed(vobiz)["objects"][0]

    assert row["add_time"] == "2026-05-07T04:15:56Z"
    assert isinstance(row["recording_duration_ms"], float)


def test_retrieve_is_the_row_with_api_id_or_wrapped(vobiz):
    recording = finished(vobiz)["recording_id"]
    flat = json.loads(retrieve(vobiz, recording).body)
    vobiz.switch(old_shapes=True)
    wrapped = json.loads(retrieve(vobiz, recording).body)

    assert flat.keys() == fixture("recording_row.json").keys()
    assert wrapped["objects"] == [{k: v for k, v in flat.items() if k != "api_id"}]


def test_pages_are_newest_first_with_paths_that_lack_api(vobiz):
    ids = [vobiz.add_recording(ended_ago=ago) for ago in (500, 400, 300, 200, 100)]

    first = listed(vobiz, "limit=2")
    second = listed(vobiz, "limit=2&offset=2")
    last = listed(vobiz, "limit=2&offset=4")

    assert [row["recording_id"] for row in first["objects"]] == [ids[4], ids[3]]
    assert [row["recording_id"] for row in second["objects"]] == [ids[2], ids[1]]
    assert first["meta"] == {
        "limit": 2,
        "offset": 0,
        "next": f"/v1/Account/{vobiz.auth_id}/Recording/?limit=2&offset=2",
        "previous": None,
        "total_count": 5,
    }
    assert second["meta"]["previous"].endswith("?limit=2&offset=0")
    assert (len(last["objects"]), last["meta"]["next"]) == (1, None)


def test_a_full_last_page_has_no_next(vobiz):
    for _ in range(2):
        vobiz.add_recording()

    assert listed(vobiz, "limit=2")["meta"]["next"] is None


def test_limit_is_twenty_and_at_most_a_hundred(vobiz):
    for _ in range(101):
        vobiz.add_recording()

    assert len(listed(vobiz)["objects"]) == 20
    capped = listed(vobiz, "limit=1000")
    assert (len(capped["objects"]), capped["meta"]["limit"]) == (100, 100)


@pytest.mark.parametrize("query", ["limit=0", "limit=-1", "limit=x", "offset=-1", "offset=1.5"])
def test_a_page_that_is_no_number_is_400(vobiz, query):
    assert ask(vobiz, "GET", account_path(vobiz, "Recording/"), query=query).status == 400


def test_two_filters_work_and_others_are_ignored(vobiz):
    by_call = finished(vobiz)
    trunk = vobiz.add_recording(recording_type="trunk")
    call = vobiz.recordings[by_call["recording_id"]].call.call_uuid

    def ids(query):
        return [row["recording_id"] for row in listed(vobiz, query)["objects"]]

    assert ids(f"call_uuid={call}") == [by_call["recording_id"]]
    assert ids("recording_type=trunk") == [trunk]
    assert ids("recording_type=trunk&call_uuid=none") == []
    assert len(ids("add_time__gt=2999-01-01 00:00:00")) == 2


def test_next_keeps_the_filter(vobiz):
    for _ in range(3):
        vobiz.add_recording()

    path = listed(vobiz, "recording_type=call&limit=1")["meta"]["next"]

    assert parse_qs(urlsplit(path).query)["recording_type"] == ["call"]


def test_rows_may_vanish_between_pages(vobiz):
    ids = [vobiz.add_recording(ended_ago=ago) for ago in (400, 300, 200, 100)]
    vobiz.switch(list_shrinks=1)

    seen = [
        row["recording_id"]
        for offset in (0, 2)
        for row in listed(vobiz, f"limit=2&offset={offset}")["objects"]
    ]

    assert ids[1] not in seen  # It slid onto the page that had been read.
    assert vobiz.truth()["recordings"][ids[3]]["status"] == "deleted"


def test_a_list_may_never_end(vobiz):
    vobiz.add_recording()
    vobiz.switch(ignores_offset=True)

    page = listed(vobiz, "limit=20&offset=400")

    assert page["meta"]["next"]
    assert len(page["objects"]) == 1


def test_a_row_and_a_file_may_lag_the_callback(vobiz, receiver):
    vobiz.switch(row_lag_seconds=60, file_lag_seconds=120)
    started = finished(vobiz, callback_url=HOOK)

    told = len(receiver.forms(HOOK))
    early = retrieve(vobiz, started["recording_id"]).status
    vobiz.advance(60)
    row, no_file = retrieve(vobiz, started["recording_id"]).status, fetch(vobiz, started["url"]).status
    vobiz.advance(60)

    assert (told, early, row, no_file) == (1, 404, 200, 404)
    assert fetch(vobiz, started["url"]).status == 200


# Deleting


def test_delete_is_for_good_and_the_second_is_404(vobiz):
    started = finished(vobiz)
    path = account_path(vobiz, f"Recording/{started['recording_id']}/")

    first, second = ask(vobiz, "DELETE", path), ask(vobiz, "DELETE", path)

    assert (first.status, first.body) == (204, b"")
    assert second.status == 404
    assert json.loads(second.body)["error"] == "Recording not found"
    assert len(vobiz.effects("delete_recording")) == 1
    assert fetch(vobiz, started["url"]).status == 404
    assert listed(vobiz)["objects"] == []


def test_a_running_recording_is_not_there_to_delete(vobiz):
    recording = start(vobiz, vobiz.place_call())["recording_id"]

    assert ask(vobiz, "DELETE", account_path(vobiz, f"Recording/{recording}/")).status == 404
    assert vobiz.effects("delete_recording") == []


@pytest.mark.parametrize("rest", ["Recording/", "Recording//", "Recording/BulkDelete/"])
def test_delete_without_an_id_deletes_everything(vobiz, rest):
    ids = [vobiz.add_recording(), vobiz.add_recording()]

    answer = ask(vobiz, "DELETE", account_path(vobiz, rest))
    vobiz.advance(5)

    assert answer.status == 202
    assert sorted(vobiz.effects("bulk_delete")[0].details["recordings"]) == sorted(ids)
    assert listed(vobiz)["objects"] == []


@pytest.mark.parametrize(("drops_row", "status"), [(True, 404), (False, 200)])
def test_files_vanish_after_thirty_days(vobiz, drops_row, status):
    vobiz.switch(retention_drops_row=drops_row)
    started = finished(vobiz)
    vobiz.advance(29 * 86400)
    before = fetch(vobiz, started["url"]).status
    age = json.loads(retrieve(vobiz, started["recording_id"]).body)["recording_storage_duration"]

    vobiz.advance(86400)

    assert (before, age) == (200, 29)
    assert fetch(vobiz, started["url"]).status == 404
    assert retrieve(vobiz, started["recording_id"]).status == status


# Media


def test_media_needs_both_headers(vobiz):
    url = finished(vobiz)["url"]

    assert fetch(vobiz, url, headers={"x-auth-token": ""}).status == 401
    assert fetch(vobiz, url, headers={"x-auth-id": "", "x-auth-token": ""}).status == 401
    assert fetch(vobiz, url).status == 200


@pytest.mark.parametrize(("file_format", "kind"), [("mp3", "audio/mpeg"), ("wav", "audio/wav")])
def test_the_file_is_the_spoken_conversation(vobiz, file_format, kind):
    started = finished(vobiz, file_format=file_format)
    spoken = speech.with_wav(0) if file_format == "wav" else speech.conversation(0)

    answer = fetch(vobiz, started["url"])

    assert started["url"].endswith(f".{file_format}")
    assert answer.headers["Content-Type"] == kind
    assert answer.body == spoken.audio(file_format)


def test_media_also_answers_under_api_and_not_in_another_format(vobiz):
    started = finished(vobiz)
    url = started["url"].replace("/v1/", "/api/v1/")

    assert fetch(vobiz, url).status == 200
    assert fetch(vobiz, url.replace(".mp3", ".wav")).status == 404


def test_ranges_are_ignored_unless_switched(vobiz):
    url = finished(vobiz)["url"]
    whole = fetch(vobiz, url, headers={"range": "bytes=0-9"})
    vobiz.switch(media_ranges=True)
    part = fetch(vobiz, url, headers={"range": "bytes=0-9"})

    assert (whole.status, len(whole.body) > 10) == (200, True)
    assert (part.status, part.body) == (206, whole.body[:10])


def test_mp3_may_be_wav(vobiz):
    vobiz.switch(wav_inside_mp3=True)
    started = finished(vobiz)

    answer = fetch(vobiz, started["url"])

    assert started["url"].endswith(".mp3")
    assert answer.headers["Content-Type"] == "audio/mpeg"
    assert (answer.body[:4], answer.body[8:12]) == (b"RIFF", b"WAVE")


def test_media_may_redirect_to_another_host(vobiz):
    url = finished(vobiz)["url"]
    vobiz.switch(media_redirect="https://files.example.test")

    answer = fetch(vobiz, url)

    assert answer.status == 302
    assert answer.headers["Location"].startswith("https://files.example.test/")


def test_credentials_shown_to_the_foreign_host_are_a_leak(vobiz):
    url = finished(vobiz)["url"]
    vobiz.switch(media_redirect="https://files.example.test")
    location = urlsplit(fetch(vobiz, url).headers["Location"])
    request = Request(method="GET", path=location.path, query=location.query)

    bare = vobiz.respond(request)
    none = vobiz.effects("leak_credentials")
    fetch(vobiz, location.geturl())

    assert bare.body == speech.conversation(0).audio("mp3")
    assert none == []
    assert vobiz.effects("leak_credentials")[0].subject == "https://files.example.test"


def test_a_signed_link_cannot_be_guessed(vobiz):
    started = finished(vobiz)

    answer = ask(vobiz, "GET", f"/signed/{started['recording_id']}.mp3", query="signature=1")

    assert answer.status == 403


# Callbacks


def test_the_recording_callback_is_a_form_with_the_documented_fields(vobiz, receiver):
    started = finished(vobiz, callback_url=HOOK)

    url, method, headers, body = receiver.got[0]

    form = dict(parse_qsl(body.decode()))
    assert (url, method, headers["Content-Type"]) == (HOOK, "POST", "application/x-www-form-urlencoded")
    assert headers["User-Agent"] == "Vobiz-Webhook/1.0"
    assert form.keys() == fixture("recording.json").keys()
    assert list(form) == [name for name, _ in parse_qsl((FIXTURES / "recording.form.txt").read_text())]
    assert form["api_id"] == started["api_id"]
    assert form["record_url"] == started["url"]
    assert form["recording_start_ms"] == f"{START * 1000:.0f}"


@pytest.mark.parametrize("ending", ["stop", "limit", "hangup"])
def test_every_end_makes_one_callback(vobiz, receiver, ending):
    call = vobiz.place_call()
    started = start(vobiz, call, callback_url=HOOK)
    vobiz.advance(10)

    if ending == "stop":
        stop(vobiz, call, {"URL": started["url"]})
    if ending == "hangup":
        vobiz.end_call(call)
    vobiz.advance(120)

    assert len(receiver.forms(HOOK)) == 1


def test_no_callback_without_a_url(vobiz, receiver):
    finished(vobiz, transcription_type="auto")
    vobiz.advance(60)

    assert receiver.got == []
    assert len(vobiz.effects("transcribe")) == 1


def test_get_puts_the_fields_into_the_query(vobiz, receiver):
    finished(vobiz, callback_url=f"{HOOK}?a=1", callback_method="GET")

    url, method, headers, body = receiver.got[0]

    assert (method, body, "Content-Type" in headers) == ("GET", b"", False)
    assert dict(parse_qsl(urlsplit(url).query)).keys() == {"a", *fixture("recording.json")}


def test_a_callback_may_be_json_in_truth_or_in_disguise(vobiz, receiver):
    vobiz.switch(callback_encoding="json")
    finished(vobiz, callback_url=HOOK)
    vobiz.switch(callback_encoding="json_as_form")
    finished(vobiz, callback_url=HOOK)

    types = [headers["Content-Type"] for _, _, headers, _ in receiver.got]
    assert types == ["application/json", "application/x-www-form-urlencoded"]
    assert all(json.loads(body).keys() == fixture("recording.json").keys() for *_, body in receiver.got)


def test_a_callback_may_have_pascal_keys_decimals_and_general_fields(vobiz, receiver):
    vobiz.switch(callback_keys="pascal", callback_decimals=True)
    finished(vobiz, callback_url=HOOK)
    vobiz.switch(callback_keys="snake", general_fields=True)
    finished(vobiz, callback_url=HOOK)

    pascal, general = receiver.forms(HOOK)

    assert pascal.keys() == fixture("recording.pascal.json").keys()
    assert pascal["RecordingDurationMs"].endswith(".00000")
    assert general.keys() == fixture("recording.general.json").keys()


def test_three_retries_further_apart_until_200(vobiz, receiver):
    receiver.answers = [500, None, 204, 302]
    finished(vobiz, callback_url=HOOK)

    vobiz.advance(120)

    attempts = vobiz.outbox.sent[0].attempts
    waits = [b.at - a.at for a, b in pairwise(attempts)]
    assert [each.status for each in attempts] == [500, None, 204, 302]
    assert waits == [2, 4, 8]
    assert vobiz.outbox.sent[0].is_given_up


def test_only_200_ends_the_retries(vobiz, receiver):
    receiver.answers = [202, 200]
    finished(vobiz, callback_url=HOOK)

    vobiz.advance(120)

    assert len(vobiz.outbox.sent[0].attempts) == 2


def test_a_callback_can_come_twice(vobiz, receiver):
    vobiz.chaos(duplicates=1)
    started = finished(vobiz, callback_url=HOOK)
    vobiz.resend(started["recording_id"])
    vobiz.advance(1)

    assert len(receiver.forms(HOOK)) == 3
    assert len({body for *_, body in receiver.got}) == 1


def test_a_callback_can_come_before_the_answer(vobiz, receiver):
    vobiz.switch(hangup_in_start_seconds=7)
    call = vobiz.place_call()

    answer = start(vobiz, call, callback_url=HOOK)

    assert [form["recording_id"] for form in receiver.forms(HOOK)] == [answer["recording_id"]]
    assert vobiz.truth()["calls"] == []


def test_a_stray_callback_is_for_a_recording_that_there_is_not(vobiz, receiver):
    recording = vobiz.stray_callback(HOOK)
    text = vobiz.stray_callback(TEXT_HOOK, event="transcription", call_uuid="given")
    vobiz.advance(1)

    assert receiver.forms(HOOK)[0]["recording_id"] == recording
    assert receiver.forms(TEXT_HOOK)[0]["recording_id"] == text
    assert receiver.forms(TEXT_HOOK)[0]["call_uuid"] == "given"
    assert retrieve(vobiz, recording).status == 404
    assert vobiz.truth() == {"calls": [], "recordings": {}, "transcripts": {}}


@pytest.mark.parametrize("event", ["Record", "RecordStop", "recording.completed", "transcription.completed"])
def test_lookalikes_have_the_fields_of_their_pages(vobiz, receiver, event):
    recording = vobiz.add_recording()

    vobiz.lookalike(HOOK, event, recording)
    vobiz.advance(1)

    body = receiver.got[0][3].decode()
    fields = json.loads(body) if body.startswith("{") else dict(parse_qsl(body))
    assert fields.keys() == fixture(f"{event}.json").keys()


# Signatures


def test_the_vectors_of_the_contract():
    vectors = fixture("vectors.json")
    base = webhooks.signature_base(vectors["url"])

    assert webhooks.signature_v2(vectors["token"], base, vectors["nonce"]) == vectors["v2"]
    assert webhooks.signature_v3(vectors["token"], base, vectors["nonce"]) == vectors["v3"]
    assert {webhooks.signature_base(url) for url in vectors["verifies_also"]} == {base}
    assert base not in {webhooks.signature_base(url) for url in vectors["must_fail"]}


def test_no_signature_unless_switched(vobiz, receiver):
    finished(vobiz, callback_url=HOOK)

    assert not [name for name in receiver.got[0][2] if name.startswith("X-Vobiz")]


def test_signatures_cover_the_url_without_its_query(vobiz, receiver):
    vobiz.switch(signatures="v1+v2+v3+ma-v3")
    finished(vobiz, callback_url=f"{HOOK}?x=1#part")

    url, _, headers, _ = receiver.got[0]

    assert url == f"{HOOK}?x=1"
    nonce = headers["X-Vobiz-Signature-V2-Nonce"]
    assert len(nonce) == 20
    assert nonce.isdigit()
    assert headers["X-Vobiz-Signature-V2"] == webhooks.signature_v2(vobiz.auth_token, HOOK, nonce)
    nonce = headers["X-Vobiz-Signature-V3-Nonce"]
    assert headers["X-Vobiz-Signature-V3"] == webhooks.signature_v3(vobiz.auth_token, HOOK, nonce)
    assert headers["X-Vobiz-Signature-MA-V3"] == webhooks.signature_v3(vobiz.parent_token, HOOK, nonce)
    assert "X-Vobiz-Signature" in headers


def test_a_signature_may_be_wrong(vobiz, receiver):
    vobiz.switch(signatures="v3", signatures_wrong=True)
    finished(vobiz, callback_url=HOOK)

    headers = receiver.got[0][2]

    right = webhooks.signature_v3(vobiz.auth_token, HOOK, headers["X-Vobiz-Signature-V3-Nonce"])
    assert headers["X-Vobiz-Signature-V3"] != right


@pytest.mark.parametrize(("reuses", "different"), [(False, 2), (True, 1)])
def test_a_retry_has_a_new_nonce_unless_switched(vobiz, receiver, reuses, different):
    vobiz.switch(signatures="v2", reuses_nonce=reuses)
    receiver.answers = [500]
    finished(vobiz, callback_url=HOOK)

    vobiz.advance(10)

    assert len({headers["X-Vobiz-Signature-V2-Nonce"] for _, _, headers, _ in receiver.got}) == different


def test_the_base_may_lose_its_port():
    url = "https://user@hooks.example.test:8443/a/?b=1"

    assert webhooks.signature_base(url) == "https://user@hooks.example.test:8443/a/"
    assert webhooks.signature_base(url, drops_port=True) == "https://hooks.example.test/a/"


# Transcripts


def test_the_text_is_pushed_once_and_is_what_was_said(vobiz, receiver):
    started = finished(vobiz, **BOTH)
    vobiz.advance(600)

    forms = receiver.forms(TEXT_HOOK)

    assert len(forms) == 1
    assert forms[0].keys() == fixture("transcription.json").keys()
    assert forms[0]["transcription"] == speech.conversation(0).text
    assert (forms[0]["recording_id"], forms[0]["error"]) == (started["recording_id"], "")
    assert (forms[0]["transcription_rate"], forms[0]["transcription_charge"]) == ("0.30000", "0.30000")
    assert vobiz.truth()["transcripts"][started["recording_id"]]["status"] == "success"


def test_the_text_belongs_to_the_audio_of_a_wav_too(vobiz, receiver):
    call = vobiz.place_call(conversation=3)
    start(vobiz, call, file_format="wav", **BOTH)
    vobiz.advance(200)

    assert receiver.forms(TEXT_HOOK)[0]["transcription"] == speech.with_wav(3).text


def test_no_text_unless_ordered(vobiz, receiver):
    finished(vobiz, callback_url=HOOK, transcription_url=TEXT_HOOK)
    vobiz.advance(600)

    assert receiver.forms(TEXT_HOOK) == []
    assert vobiz.effects("transcribe") == []


@pytest.mark.parametrize(
    ("seconds", "error"),
    [(0.4, lifecycle.TOO_SHORT), (0.5, ""), (4 * 3600, ""), (4 * 3600 + 1, lifecycle.TOO_LONG)],
)
def test_audio_too_short_or_too_long_has_an_error_instead(vobiz, receiver, seconds, error):
    finished(vobiz, seconds=seconds, time_limit=28800, **BOTH)
    vobiz.advance(60)

    form = receiver.forms(TEXT_HOOK)[0]

    assert form["error"] == error
    assert (form["transcription"] == "") == bool(error)


def test_a_recording_of_no_length_has_a_file_without_sound(vobiz):
    started = finished(vobiz, seconds=0, file_format="wav")

    row = json.loads(retrieve(vobiz, started["recording_id"]).body)
    with wave.open(io.BytesIO(fetch(vobiz, started["url"]).body)) as file:
        frames = file.getnframes()

    assert (row["recording_duration_ms"], row["rounded_recording_duration"], frames) == ("0.00000", 0, 0)


def test_a_call_may_be_too_large_to_transcribe(vobiz, receiver):
    call = vobiz.place_call(transcription_error=lifecycle.TOO_LARGE)
    start(vobiz, call, **BOTH)
    vobiz.advance(200)

    form = receiver.forms(TEXT_HOOK)[0]

    assert form["error"] == fixture("transcription.error.json")["error"]
    assert form["transcription_charge"] == "0.00000"


def test_the_text_may_never_be_sent(vobiz, receiver):
    vobiz.switch(transcription_callback=False)
    finished(vobiz, **BOTH)
    vobiz.advance(600)

    assert receiver.forms(TEXT_HOOK) == []
    assert len(vobiz.effects("transcribe")) == 1


@pytest.mark.parametrize("fields", ["xml", "both"])
def test_the_text_may_come_with_the_fields_of_the_xml_page(vobiz, receiver, fields):
    vobiz.switch(transcription_fields=fields)
    finished(vobiz, **BOTH)
    vobiz.advance(60)

    form = receiver.forms(TEXT_HOOK)[0]

    assert form.keys() >= fixture("transcription.xml.json").keys()
    assert ("transcription_charge" in form) == (fields == "both")


@pytest.mark.parametrize(("stops", "count"), [(False, 1), (True, 0)])
def test_deleting_while_transcribing(vobiz, receiver, stops, count):
    vobiz.switch(deleting_stops_transcription=stops)
    started = finished(vobiz, **BOTH)

    ask(vobiz, "DELETE", account_path(vobiz, f"Recording/{started['recording_id']}/"))
    vobiz.advance(60)

    assert len(receiver.forms(TEXT_HOOK)) == count


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_there_is_no_transcription_resource(vobiz, method):
    recording = vobiz.add_recording(transcription_error="")

    assert ask(vobiz, method, account_path(vobiz, f"Transcription/{recording}/")).status == 404
    assert vobiz.performed == []


def test_plivos_transcription_resource_behind_a_switch(vobiz, receiver):
    vobiz.switch(transcription_api=True)
    recording = vobiz.add_recording()
    path = account_path(vobiz, f"Transcription/{recording}/")

    ordered = ask(vobiz, "POST", path, {"transcription_callback_url": TEXT_HOOK})
    again = ask(vobiz, "POST", path, {})
    vobiz.advance(60)
    got = json.loads(ask(vobiz, "GET", path, query="type=transcription").body)
    deleted = ask(vobiz, "DELETE", path)

    assert (ordered.status, again.status, deleted.status) == (201, 409, 202)
    assert json.loads(ordered.body).keys() == fixture("transcription_ordered.json").keys()
    assert got.keys() == fixture("transcription_row.json").keys()
    assert got["transcription"] == speech.conversation(0).text
    assert len(receiver.forms(TEXT_HOOK)) == 1
    assert ask(vobiz, "GET", path).status == 404


# Control


def test_an_unknown_switch_is_an_error(vobiz):
    with pytest.raises(ValueError, match="no such switch: nonsense"):
        vobiz.switch(nonsense=1)


def test_switches_are_their_own_for_each_simulator(vobiz):
    vobiz.switch(start_status=202)

    assert VobizSimulator().start_status == 200


def test_recordings_of_other_systems_are_no_order_of_a_client(vobiz, receiver):
    call = vobiz.place_call()
    recording = vobiz.start_elsewhere(call, time_limit=30)
    vobiz.advance(60)
    vobiz.delete_elsewhere(recording)

    assert vobiz.effects("start_recording") == []
    assert vobiz.effects("delete_recording")[0].details == {"by": "somebody"}
    assert vobiz.truth()["recordings"][recording]["status"] == "deleted"


def test_set_webhook_changes_nothing(vobiz, receiver):
    vobiz.set_webhook(HOOK)
    finished(vobiz)

    assert receiver.got == []


def test_a_day_begins_once_and_goes_on(vobiz):
    vobiz.begin_day()
    vobiz.begin_day()
    morning = vobiz.truth()
    vobiz.advance(1800)
    later = vobiz.truth()

    statuses = {each["status"] for each in morning["transcripts"].values()}
    assert len(morning["calls"]) == 3
    assert sorted(each["status"] for each in morning["recordings"].values()) == ["available"] * 7 + [
        "recording"
    ]
    assert statuses == {"success", "failed"}
    assert 1 <= len(later["calls"]) <= 3
    assert not set(later["calls"]) & set(morning["calls"])
    assert len(listed(vobiz)["objects"]) == 8


def test_the_same_seed_tells_the_same_day():
    def calls(seed):
        vobiz = VobizSimulator(clock=Clock(start=START), seed=seed)
        vobiz.begin_day()
        vobiz.advance(3600)
        return vobiz.truth()["calls"]

    assert calls(1) == calls(1) != calls(2)


# Over sockets


class _Hook(BaseHTTPRequestHandler):
    got: list = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((self.path, dict(self.headers), body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def hook():
    _Hook.got = []
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Hook) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def over_socket(origin, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection(urlsplit(origin).netloc, timeout=5)
    raw = json.dumps(body) if body is not None else None
    connection.request(method, path, body=raw, headers=headers or {})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


def test_a_whole_life_over_sockets(hook):
    vobiz = VobizSimulator(scale=0.01)
    headers = {
        "X-Auth-ID": vobiz.auth_id,
        "X-Auth-Token": vobiz.auth_token,
        "Content-Type": "application/json",
    }
    with served(vobiz) as origin:
        _, answer = over_socket(origin, "POST", "/_control/place_call", {"title": "Contoso"})
        call = json.loads(answer)
        record = account_path(vobiz, f"Call/{call}/Record/")
        options = {
            "callback_url": f"{hook}/r/",
            "transcription_type": "auto",
            "transcription_url": f"{hook}/t/",
        }
        started = json.loads(over_socket(origin, "POST", record, options, headers)[1])
        vobiz.advance(5)
        status, _ = over_socket(origin, "DELETE", record, {"URL": started["url"]}, headers)
        until(lambda: len(_Hook.got) == 2)
        media = over_socket(origin, "GET", urlsplit(started["url"]).path, None, headers)

    assert status == 204
    assert started["url"].startswith(origin)
    assert [path for path, *_ in _Hook.got] == ["/r/", "/t/"]
    assert media == (200, speech.conversation(0).audio("mp3"))


def test_an_answer_after_three_seconds_is_none(monkeypatch):
    moments = iter([0.0, 3.1, 10.0, 13.0])
    monkeypatch.setattr(webhooks.time, "monotonic", lambda: next(moments))
    monkeypatch.setattr(webhooks, "deliver_over_http", lambda *args: 200)

    assert webhooks.deliver_in_time("", "POST", {}, b"") is None
    assert webhooks.deliver_in_time("", "POST", {}, b"") == 200


def test_parallel_starts_are_as_many_recordings():
    vobiz = VobizSimulator()
    call = vobiz.place_call()
    headers = {"X-Auth-ID": vobiz.auth_id, "X-Auth-Token": vobiz.auth_token}
    path = account_path(vobiz, f"Call/{call}/Record/")
    with served(vobiz) as origin:
        threads = [
            threading.Thread(target=over_socket, args=(origin, "POST", path, None, headers)) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(vobiz.effects("start_recording")) == 8
    assert len(vobiz.truth()["recordings"]) == 8


def until(condition, seconds=5):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    assert condition()


def test_fixtures_are_whole():
    for path in FIXTURES.glob("*.json"):
        assert json.loads(path.read_text()), path.name
    for path in FIXTURES.glob("*.form.txt"):
        assert parse_qsl(path.read_text()), path.name
