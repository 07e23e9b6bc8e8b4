"""The Daily simulator against its contract: recordings while they run, and afterwards."""

import threading

import pytest

from tests.simulators import speech
from tests.simulators_suite.daily_client import START, Client

OURS = "0f6d2c3b-4a5e-4f60-8b7a-9c8d7e6f5a4b"
OTHER = "1f6d2c3b-4a5e-4f60-8b7a-9c8d7e6f5a4c"
BUCKET = {"bucket_name": "customer-files", "bucket_region": "eu-west-1"}


@pytest.fixture
def daily():
    return Client()


@pytest.fixture
def room(daily):
    return daily.simulator.place_call("Weekly review")


# While they run.


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_start_needs_a_live_call(daily, name):
    daily.simulator.set_room("empty", enable_recording="cloud")

    status, body = daily.post(f"/rooms/{name}/recordings/start")

    assert (status, body["error"]) == (404, "not-found")
    assert body["info"] == f"room {name} does not seem to be hosting a call currently"


def test_room_that_just_filled_still_says_404(daily):
    daily.simulator.switch(settling_seconds=3)
    room = daily.simulator.place_call()

    early = daily.post(f"/rooms/{room}/recordings/start")[0]
    daily.simulator.advance(3)

    assert (early, daily.post(f"/rooms/{room}/recordings/start")[0]) == (404, 200)


def test_start_is_only_sent_and_the_row_comes_later(daily, room):
    options = {"type": "cloud", "instanceId": OURS, "maxDuration": 600, "layout": {"preset": "default"}}

    answer = daily.post(f"/rooms/{room}/recordings/start", options)
    at_once = daily.get("/recordings")[1]["total_count"]
    daily.simulator.advance(2)
    row = daily.get(f"/recordings?room_name={room}")[1]["data"][0]

    assert answer == (200, {"status": "sent"})
    assert at_once == 0
    assert (row["status"], row["start_ts"]) == ("in-progress", int(START + 2))
    assert "duration" not in row
    assert "s3key" not in row
    effect = daily.simulator.effects("start_recording")[0]
    assert (effect.subject, effect.result, effect.details) == (room, OURS, options)


def test_stop_finishes_with_the_length_and_file_of_the_conversation(daily, room):
    daily.post(f"/rooms/{room}/recordings/start", {"instanceId": OURS})
    daily.simulator.advance(30)

    answer = daily.post(f"/rooms/{room}/recordings/stop", {"instanceId": OURS})
    daily.simulator.advance(3)
    row = daily.get("/recordings")[1]["data"][0]
    link = daily.get(f"/recordings/{row['id']}/access-link")[1]

    assert answer == (200, {"status": "sent"})
    assert (row["status"], row["duration"]) == ("finished", round(speech.conversation(0).duration_seconds))
    assert row["s3key"] == f"fernweh/{room}/{int((START + 2) * 1000)}"
    assert link["expires"] == int(daily.simulator.clock.now()) + 3600
    file = daily.fetch(link["download_link"])
    assert (file.status, file.body) == (200, speech.conversation(0).audio("mp4"))
    assert file.headers["Content-Disposition"] == "attachment"
    assert daily.fetch(link["download_link"], range="bytes=0-9").status == 206


def test_same_instance_twice_is_a_400_even_before_it_runs(daily, room):
    path = f"/rooms/{room}/recordings/start"
    daily.simulator.set_domain(max_streaming_instances_per_room=2)
    first = daily.post(path, {"instanceId": OURS})[0]

    status, body = daily.post(path, {"instanceId": OURS})

    assert (first, status, body["error"]) == (200, 400, "invalid-request-error")
    assert "has an active stream" in body["info"]
    assert daily.post(path, {"instanceId": OTHER})[0] == 200


def test_a_second_instance_needs_the_domains_leave(daily, room):
    path = f"/rooms/{room}/recordings/start"
    daily.post(path, {"instanceId": OURS})

    assert daily.post(path, {"instanceId": OTHER})[0] == 400
    assert len(daily.simulator.effects("start_recording")) == 1


def test_starts_at_the_same_time_record_once(daily, room):
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(daily.post(f"/rooms/{room}/recordings/start")[0]))
        for _ in range(4)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    daily.simulator.advance(5)

    assert sorted(answers) == [200, 400, 400, 400]
    assert len(daily.simulator.recordings) == 1


@pytest.mark.parametrize(
    "options",
    [
        {"instance_id": OURS},
        {"type": "local"},
        {"type": "audio"},
        {"type": "cloud-audio-only"},
        {"type": "raw-tracks"},
        {"instanceId": "mine"},
        {"instanceId": "c3df927c-f738-4471-a2b7-066fa7e95a6b"},
        {"width": 1281},
        {"height": "720"},
        {"fps": 0},
        {"videoBitrate": 9},
        {"audioBitrate": 321},
        {"backgroundColor": "red"},
        {"maxDuration": "600"},
        {"minIdleTimeOut": 0},
        {"layout": "default"},
        {"layout": {}},
        {"layout": {"preset": "grid"}},
        {"layout": {"preset": "default", "max_cam_streams": 21}},
        {"layout": {"preset": "single-participant"}},
        {"layout": {"preset": "portrait", "variant": "round"}},
        {"layout": {"preset": "raw-tracks-audio-only"}},
        {"layout": {"preset": "audio-only", "session_id": "x"}},
    ],
)
def test_start_refuses_bad_options(daily, room, options):
    status, body = daily.post(f"/rooms/{room}/recordings/start", options)
    daily.simulator.advance(5)

    assert (status, body["error"]) == (400, "invalid-request-error")
    assert not daily.simulator.performed


def test_unknown_keys_are_ignored_by_switch(daily, room):
    daily.simulator.switch(ignores_unknown_keys=True)

    assert daily.post(f"/rooms/{room}/recordings/start", {"colour": "red"})[0] == 200
    assert daily.simulator.effects("start_recording")[0].details == {}


def test_raw_tracks_need_a_bucket_and_their_type_to_stop(daily):
    room = daily.simulator.place_call(properties={"enable_recording": "raw-tracks"})
    path = f"/rooms/{room}/recordings"
    without = daily.post(f"{path}/start", {"type": "raw-tracks"})[0]
    daily.simulator.set_room(room, recordings_bucket=BUCKET)

    started = daily.post(f"{path}/start", {"type": "raw-tracks"})[0]
    daily.simulator.advance(30)
    untyped = daily.post(f"{path}/stop")[0]
    typed = daily.post(f"{path}/stop", {"type": "raw-tracks"})[0]
    daily.simulator.advance(5)
    row = daily.get("/recordings")[1]["data"][0]

    assert (without, started, untyped, typed) == (400, 200, 400, 200)
    assert [track["type"] for track in row["tracks"]] == ["audio", "audio"]
    assert row["s3"]["bucket_name"] == "customer-files"


def test_no_worker_is_a_503_and_nothing_happens(daily, room):
    daily.simulator.switch(workers=0)

    status, body = daily.post(f"/rooms/{room}/recordings/start")

    assert (status, body["error"]) == (503, "server-error")
    assert not daily.simulator.performed


def test_lost_start_is_answered_like_any_other(daily, room):
    daily.simulator.switch(loses_starts=True)

    answer = daily.post(f"/rooms/{room}/recordings/start")
    daily.simulator.advance(60)

    assert answer == (200, {"status": "sent"})
    assert not daily.simulator.recordings


def test_stop_without_recording_is_a_400_and_without_call_a_404(daily, room):
    path = f"/rooms/{room}/recordings/stop"
    idle = daily.post(path)
    daily.simulator.end_call(room)

    assert (idle[0], idle[1]["error"]) == (400, "invalid-request-error")
    assert daily.post(path)[0] == 404


def test_second_stop_finds_nothing(daily, room):
    daily.post(f"/rooms/{room}/recordings/start")
    daily.simulator.advance(10)

    answers = [daily.post(f"/rooms/{room}/recordings/stop")[0] for _ in range(2)]
    daily.simulator.advance(10)

    assert answers == [200, 400]
    assert len(daily.simulator.effects("recording_ended")) == 1


def test_stop_before_it_ran_leaves_a_canceled_row_of_no_length(daily, room):
    daily.post(f"/rooms/{room}/recordings/start")
    daily.post(f"/rooms/{room}/recordings/stop")
    daily.simulator.advance(10)

    row = daily.get("/recordings")[1]["data"][0]

    assert (row["status"], row["duration"]) == ("canceled", 0)
    assert daily.get(f"/recordings/{row['id']}/access-link")[0] == 400


def test_call_that_ends_before_the_command_came_is_not_recorded(daily, room):
    daily.post(f"/rooms/{room}/recordings/start")
    daily.simulator.end_call(room)
    daily.simulator.advance(10)

    assert not daily.simulator.recordings


def test_each_cycle_is_a_recording_of_its_own(daily, room):
    for _ in range(2):
        daily.post(f"/rooms/{room}/recordings/start", {"instanceId": OURS})
        daily.simulator.advance(20)
        daily.post(f"/rooms/{room}/recordings/stop", {"instanceId": OURS})
        daily.simulator.advance(20)

    rows = daily.get("/recordings")[1]["data"]

    assert len({row["id"] for row in rows}) == 2
    assert len({row["mtgSessionId"] for row in rows}) == 1


def _status(daily):
    return daily.get("/recordings")[1]["data"][0]["status"]


def test_recording_ends_by_itself_at_its_longest(daily, room):
    daily.post(f"/rooms/{room}/recordings/start", {"maxDuration": 120})
    daily.simulator.advance(121)
    before = _status(daily)
    daily.simulator.advance(5)

    assert (before, _status(daily)) == ("in-progress", "finished")


def test_recording_ends_by_itself_when_idle_unless_somebody_speaks(daily, room):
    daily.post(f"/rooms/{room}/recordings/start", {"minIdleTimeOut": 30})
    daily.simulator.advance(5)
    daily.simulator.mute(room)
    daily.simulator.advance(60)
    daily.simulator.unmute(room)
    daily.simulator.advance(60)
    spoken = _status(daily)
    daily.simulator.mute(room)
    daily.simulator.advance(95)

    assert (spoken, _status(daily)) == ("in-progress", "finished")


def test_update_is_sent_for_a_running_instance_only(daily, room):
    path = f"/rooms/{room}/recordings"
    without = daily.post(f"{path}/update", {"layout": {"preset": "audio-only"}})[0]
    daily.post(f"{path}/start")

    answer = daily.post(f"{path}/update", {"layout": {"preset": "audio-only"}})

    assert (without, answer) == (400, (200, {"status": "sent"}))


# Afterwards.


def test_link_lives_as_long_as_asked_and_knows_no_second_authorization(daily):
    recording = daily.recorded()
    link = daily.get(f"/recordings/{recording}/access-link?valid_for_secs=60")[1]["download_link"]

    doubled = daily.fetch(link, authorization=f"Bearer {daily.simulator.api_key}")
    headed = daily.fetch(link, method="HEAD")
    altered = daily.fetch(link.replace("Expires=60", "Expires=9999"))
    daily.simulator.advance(60)

    assert doubled.status == 400
    assert headed.status == 403, "the link is signed for GET"
    assert altered.status == 403
    assert daily.fetch(link).status == 403


@pytest.mark.parametrize("seconds", ["0", "43201", "soon"])
def test_link_refuses_other_lifetimes(daily, seconds):
    recording = daily.recorded()

    assert daily.get(f"/recordings/{recording}/access-link?valid_for_secs={seconds}")[0] == 400
    assert daily.get(f"/recordings/{recording}/access-link?valid_for_secs=43200")[0] == 200


def test_link_of_a_running_recording_is_refused_by_switched_status(daily, room):
    daily.post(f"/rooms/{room}/recordings/start")
    daily.simulator.advance(5)
    path = f"/recordings/{daily.simulator.effects('recording_began')[0].result}/access-link"

    first = daily.get(path)[0]
    daily.simulator.switch(unfinished_link_status=404)

    assert (first, daily.get(path)[0]) == (400, 404)


def test_link_may_hold_a_sentence(daily):
    recording = daily.recorded()
    daily.simulator.switch(link_error="The file could not be found.")

    body = daily.get(f"/recordings/{recording}/access-link")

    assert body[0] == 200
    assert body[1]["download_link"] == "The file could not be found."


def test_customers_bucket_has_its_own_rules(daily):
    bucket = {**BUCKET, "allow_api_access": False}
    room = daily.simulator.place_call(properties={"recordings_bucket": bucket})
    recording = daily.recorded(room)
    path = f"/recordings/{recording}/access-link"

    blocked = daily.get(path)
    daily.simulator.recordings[recording].bucket = {**BUCKET, "allow_streaming_from_bucket": True}
    short = daily.get(f"{path}?valid_for_secs=60")[0]
    link = daily.get(path)[1]["download_link"]
    gone = daily.delete(f"/recordings/{recording}")[1]

    assert (blocked[0], blocked[1]["error"], short) == (403, "forbidden-error", 400)
    assert gone["deleted"] is True
    assert gone["s3_bucket"] == "customer-files"
    assert daily.fetch(link).status == 200, "the file stays in the customer's bucket"


def test_delete_takes_the_file_and_a_second_is_a_404(daily):
    recording = daily.recorded()
    link = daily.get(f"/recordings/{recording}/access-link")[1]["download_link"]

    first = daily.delete(f"/recordings/{recording}")
    second = daily.delete(f"/recordings/{recording}")

    assert first == (200, {"deleted": True, "id": recording})
    assert (second[0], second[1]["error"]) == (404, "not-found")
    assert daily.fetch(link).status == 404
    assert len(daily.simulator.effects("delete_recording")) == 1


@pytest.mark.parametrize(("mode", "expected"), [("null", {"mtgSessionId": None}), ("missing", {})])
def test_session_id_may_be_null_or_missing(daily, mode, expected):
    recording = daily.recorded()
    daily.simulator.switch(session_ids=mode)

    row = daily.get(f"/recordings/{recording}")[1]

    assert {key: value for key, value in row.items() if key == "mtgSessionId"} == expected
