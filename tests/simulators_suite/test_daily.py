"""The Daily simulator against its contract: transport, rooms, the control side and the wire."""

import http.client
import json
from pathlib import Path

import pytest

from tests.simulators import speech
from tests.simulators.server import served
from tests.simulators_suite.daily_client import Client

FIXTURES = Path(__file__).parents[1] / "fixtures" / "daily"


@pytest.fixture
def daily():
    return Client()


@pytest.fixture
def room(daily):
    return daily.simulator.place_call("Weekly review")


# Transport.


def test_missing_authorization_is_a_400(daily):
    status, body = daily.send("GET", "/presence", authorization="")

    assert (status, body["error"]) == (400, "authorization-header-error")
    assert set(body) == {"error", "info"}


@pytest.mark.parametrize("header", ["Basic abc", "Bearer", "Bearer ", "bearer-token", "Bearer a b"])
def test_malformed_authorization_is_a_400(daily, header):
    assert daily.send("GET", "/presence", authorization=header)[0] == 400


def test_wrong_key_is_a_401(daily):
    status, body = daily.send("GET", "/presence", key="not-it")

    assert (status, body["error"]) == (401, "authentication-error")


def test_broken_json_has_its_own_code_and_only_after_the_key(daily, room):
    path = f"/rooms/{room}/recordings/start"

    assert daily.send("POST", path, b"{")[1]["error"] == "json-parsing-error"
    assert daily.send("POST", path, b"{", key="no")[0] == 401
    assert daily.send("POST", path, b"[]")[1]["error"] == "invalid-request-error"
    assert not daily.simulator.performed


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/nothing"), ("PATCH", "/webhooks/x"), ("GET", "/rooms/"), ("GET", "/transcripts")],
)
def test_unknown_routes_are_not_found(daily, method, path):
    status, body = daily.send(method, path)

    assert (status, body["error"]) == (404, "not-found")


@pytest.mark.parametrize(
    ("method", "path", "most", "seconds"),
    [("GET", "/presence", 100, 5), ("GET", "/recordings", 50, 30), ("DELETE", "/rooms/none", 50, 30)],
)
def test_tiers_refuse_beyond_their_window(daily, method, path, most, seconds):
    answers = [daily.send(method, path)[0] for _ in range(most)]
    status, body = daily.send(method, path)
    daily.simulator.advance(seconds - 0.1)
    still = daily.send(method, path)[0]
    daily.simulator.advance(0.1)

    assert 429 not in answers
    assert (status, body["error"], still) == (429, "rate-limit-error", 429)
    assert daily.send(method, path)[0] != 429


def test_sixth_recording_start_in_five_seconds_is_refused_without_retry_after(daily):
    rooms = [daily.simulator.place_call(f"Room {number}") for number in range(6)]

    answers = [daily.post(f"/rooms/{each}/recordings/start")[0] for each in rooms]

    assert answers == [200] * 5 + [429]
    assert len(daily.simulator.effects("start_recording")) == 5
    assert daily.get("/presence")[0] == 200


def test_retry_after_is_a_switch(daily):
    daily.simulator.switch(retry_after=3)
    request = {"authorization": f"Bearer {daily.simulator.api_key}"}
    with served(daily.simulator) as origin:
        line = http.client.HTTPConnection(origin.removeprefix("http://"))
        for _ in range(101):
            line.request("GET", "/v1/presence", headers=request)
            answer = line.getresponse()
            answer.read()
        line.close()

    assert (answer.status, answer.headers["Retry-After"]) == (429, "3")


def test_lists_page_by_position_newest_first(daily):
    newest = [daily.recorded() for _ in range(3)][::-1]

    first = daily.get("/recordings?limit=2")[1]
    second = daily.get(f"/recordings?limit=2&starting_after={newest[1]}")[1]
    before = daily.get(f"/recordings?limit=1&ending_before={newest[2]}")[1]

    assert [each["id"] for each in first["data"]] == newest[:2]
    assert [each["id"] for each in second["data"]] == newest[2:]
    assert [each["id"] for each in before["data"]] == [newest[1]]
    assert first["total_count"] == second["total_count"] == 3


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "starting_after=none", "room=x"])
def test_lists_refuse_what_they_do_not_know(daily, query):
    status, body = daily.get(f"/recordings?{query}")

    assert (status, body["error"]) == (400, "invalid-request-error")


def test_a_hundred_is_the_largest_page(daily):
    daily.simulator.switch(clamps_limit=True)
    for number in range(103):
        daily.simulator.set_room(f"room-{number}")

    body = daily.get("/rooms?limit=500")[1]

    assert (body["total_count"], len(body["data"])) == (103, 100)


# Rooms and who is live.


def test_presence_is_a_map_of_rooms_with_somebody_in(daily, room):
    daily.simulator.set_room("empty")
    daily.simulator.advance(7)

    body = daily.get("/presence")[1]

    assert list(body) == [room]
    person = body[room][0]
    assert set(person) == {"room", "id", "userId", "userName", "mtgSessionId", "joinTime", "duration"}
    assert (person["userName"], person["duration"]) == (speech.conversation(0).speakers[0], 7)


def test_presence_lags_by_switch_while_the_room_is_already_empty(daily, room):
    daily.simulator.switch(presence_lag_seconds=15)
    daily.get("/presence")
    daily.simulator.end_call(room)

    stale = daily.get("/presence")[1]
    start = daily.post(f"/rooms/{room}/recordings/start")
    daily.simulator.advance(15)

    assert room in stale
    assert start[0] == 404
    assert daily.get("/presence")[1] == {}


def test_room_presence_is_enveloped_and_filtered(daily, room):
    daily.simulator.join(room, "Pip", user_id="u-1")

    body = daily.get(f"/rooms/{room}/presence?userId=u-1")[1]

    assert (body["total_count"], body["data"][0]["userName"]) == (1, "Pip")
    assert daily.get("/rooms/none/presence")[0] == 404


def test_room_update_changes_only_the_keys_sent(daily, room):
    status, body = daily.post(f"/rooms/{room}", {"properties": {"enable_recording": "raw-tracks"}})

    assert (status, body["privacy"]) == (200, "public")
    assert body["config"] == {"enable_recording": "raw-tracks", "enable_transcription_storage": True}
    assert daily.post(f"/rooms/{room}", {"properties": {"enable_recording": "all"}})[0] == 400
    assert daily.post(f"/rooms/{room}", {"name": "other"})[0] == 400


def test_room_deleted_twice_is_a_404_and_recordings_stay(daily, room):
    recording = daily.recorded(room)

    assert daily.delete(f"/rooms/{room}")[0] == 200
    assert daily.delete(f"/rooms/{room}")[0] == 404
    assert daily.get(f"/recordings/{recording}")[0] == 200


def test_domain_config_is_read_and_set(daily):
    status, body = daily.post("/", {"properties": {"enable_transcription_storage": True}})

    assert (status, body["config"]) == (200, {"enable_transcription_storage": True})
    assert daily.get("/")[1] == body
    assert daily.post("/", {"properties": {"max_streaming_instances_per_room": 3}})[0] == 400


def test_rejoining_an_empty_room_is_another_meeting(daily, room):
    daily.simulator.end_call(room)
    daily.simulator.advance(60)
    daily.simulator.join(room, "Pip")

    body = daily.get(f"/meetings?room={room}")[1]
    ongoing = daily.get("/meetings?ongoing=true&no_participants=true")[1]["data"]

    assert [each["ongoing"] for each in body["data"]] == [True, False]
    assert body["data"][1]["max_participants"] == 2
    assert body["data"][0]["start_time"] % 15 == 0
    assert ["participants" in each for each in ongoing] == [False]


def test_meeting_participants_end_in_a_404(daily, room):
    meeting = daily.get("/meetings")[1]["data"][0]["id"]

    people = daily.get(f"/meetings/{meeting}/participants")[1]["data"]
    last = people[-1]["participant_id"]

    assert "participants" not in daily.get(f"/meetings/{meeting}")[1]
    assert daily.get(f"/meetings/{meeting}/participants?joined_after={last}")[0] == 404
    assert daily.get("/meetings/none")[0] == 404


# Faults, control, and the wire.


def test_dropped_answer_after_the_start_leaves_a_recording(daily, room):
    daily.simulator.fail(kind="drop_after", path_contains="recordings/start")
    request = {"authorization": f"Bearer {daily.simulator.api_key}"}

    with served(daily.simulator) as origin:
        line = http.client.HTTPConnection(origin.removeprefix("http://"))
        line.request("POST", f"/v1/rooms/{room}/recordings/start", body=b"{}", headers=request)
        with pytest.raises(http.client.RemoteDisconnected):
            line.getresponse()

    assert len(daily.simulator.effects("start_recording")) == 1


def test_links_over_a_socket_point_to_the_origin_used(daily):
    recording = daily.recorded()
    request = {"authorization": f"Bearer {daily.simulator.api_key}"}

    with served(daily.simulator) as origin:
        line = http.client.HTTPConnection(origin.removeprefix("http://"))
        line.request("GET", f"/v1/recordings/{recording}/access-link", headers=request)
        link = json.loads(line.getresponse().read())["download_link"]
        line.request("GET", link.removeprefix(origin))
        file = line.getresponse().read()
        line.close()

    assert link.startswith(origin)
    assert file == speech.conversation(0).audio("mp4")


def test_room_names_are_percent_decoded(daily):
    daily.simulator.place_call(name="größe 1")

    assert daily.post("/rooms/gr%C3%B6%C3%9Fe%201/recordings/start")[0] == 200


def test_unknown_switches_are_refused(daily):
    with pytest.raises(ValueError, match="no switch"):
        daily.simulator.switch(nothing=1)
    with pytest.raises(ValueError, match="one of"):
        daily.simulator.switch(session_ids="sometimes")


def test_truth_speaks_in_the_providers_words(daily, room):
    recording = daily.recorded()
    job = daily.job(recording)[1]["id"]

    truth = daily.simulator.truth()

    assert truth["calls"] == [room]
    assert truth["recordings"][recording]["status"] == "finished"
    assert truth["transcripts"][job]["status"] == "submitted"
    assert truth["transcripts"][job]["recording"] == recording


def test_day_is_full_and_moves_on_by_itself(daily):
    daily.simulator.begin_day()
    daily.simulator.begin_day()
    morning = daily.simulator.truth()
    people = daily.get("/presence")[1]
    daily.simulator.advance(1200)
    noon = daily.simulator.truth()

    assert len(morning["calls"]) == 3
    assert {each["status"] for each in morning["recordings"].values()} == {"finished", "canceled"}
    statuses = {each["status"] for each in morning["transcripts"].values()}
    assert {"t_finished", "t_error", "finished", "error"} <= statuses
    assert len(noon["calls"]) == 3
    meetings = daily.get("/meetings")[1]["total_count"]
    assert meetings > len(morning["recordings"]) + 4
    assert daily.get("/presence")[1] != people
    assert len(noon["recordings"]) > len(morning["recordings"])


def test_account_has_the_keys_of_the_adapter(daily):
    account = daily.simulator.describe()

    assert (account["provider"], set(account["config"])) == ("daily", {"domain"})
    assert set(account["secrets"]) == {"api_key", "webhook_hmac", "basic_auth"}


def _answers(daily):
    """One answer of each kind, by the name of its fixture."""
    room = daily.simulator.place_call()
    daily.post(f"/rooms/{room}/transcription/start")
    recording = daily.recorded(room)
    transcript = daily.simulator.effects("transcription_began")[0].result
    job = daily.job(recording)
    daily.simulator.advance(30)
    batch = f"/batch-processor/{job[1]['id']}"
    live = daily.simulator.place_call()
    sent = daily.post(f"/rooms/{live}/recordings/start")[1]
    daily.simulator.advance(5)
    running = daily.simulator.effects("recording_began")[-1].result
    meeting = daily.get("/meetings")[1]
    return {
        "sent": sent,
        "room": daily.get(f"/rooms/{room}")[1],
        "room.presence": daily.get(f"/rooms/{live}/presence")[1],
        "domain": daily.get("/")[1],
        "meetings": meeting,
        "meeting": daily.get(f"/meetings/{meeting['data'][0]['id']}")[1],
        "recording": daily.get(f"/recordings/{recording}")[1],
        "recording.in-progress": daily.get(f"/recordings/{running}")[1],
        "recording.access-link": daily.get(f"/recordings/{recording}/access-link")[1],
        "transcript": daily.get(f"/transcript/{transcript}")[1],
        "transcript.access-link": daily.get(f"/transcript/{transcript}/access-link")[1],
        "transcript.deleted": daily.delete(f"/transcript/{transcript}")[1],
        "batch-processor.submitted": job[1],
        "batch-processor.jobs": daily.get("/batch-processor")[1],
        "batch-processor.access-link": daily.get(f"{batch}/access-link")[1],
        "batch-processor.job": daily.get(batch)[1],
        "recording.deleted": daily.delete(f"/recordings/{recording}")[1],
        "error.not-hosting": daily.post("/rooms/none/recordings/start")[1],
    }


def test_answers_have_the_keys_of_the_fixtures(daily):
    for name, answer in _answers(daily).items():
        fixture = json.loads((FIXTURES / f"api.{name}.json").read_text())

        assert set(answer) == set(fixture), name
        if isinstance(fixture.get("data"), list):
            assert set(answer["data"][0]) == set(fixture["data"][0]), name
