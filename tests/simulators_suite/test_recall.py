"""The simulator of Recall.ai, transport: section 1 of its contract."""

import http.client
import json
import threading
import time
from urllib.parse import urlsplit

import pytest

from tests.simulators.recall import RecallSimulator
from tests.simulators.server import served
from tests.simulators_suite.recall_client import NOW, data, recall


def iso(moment):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


@pytest.mark.parametrize("given", ["", "Bearer {key}", "{key}", "Token wrong", "Token  {key}"])
def test_only_the_token_scheme_opens(given):
    world = recall()

    answer = world.ask("GET", "bot/", headers={"authorization": given.format(key=world.simulator.api_key)})

    assert (answer.status, data(answer)) == (401, {"detail": "Invalid token."})


def test_bare_key_passes_where_switched_on():
    world = recall()
    world.simulator.switch(allow_bare_key=True)

    answer = world.ask("GET", "bot/", headers={"authorization": world.simulator.api_key})

    assert answer.status == 200


def test_missing_slash_leads_reads_on_and_refuses_writes():
    world = recall()

    read, write = world.ask("GET", "bot", query={"page": "1"}), world.post("bot", {"meeting_url": "x"})

    assert (read.status, read.headers["Location"]) == (301, "/api/v1/bot/?page=1")
    assert write.status == 404


@pytest.mark.parametrize("path", ["bot/{}/", "recording/{}/", "transcript/{}/", "video_mixed/{}/"])
@pytest.mark.parametrize("key", ["0190d3c4-0000-7000-8000-000000000000", "nonsense"])
def test_unknown_id_is_not_found(path, key):
    answer = recall().ask("GET", path.format(key))

    assert (answer.status, data(answer)) == (404, {"detail": "Not found."})


def test_wrong_method_is_405():
    world = recall()

    assert world.ask("PUT", "bot/").status == 405
    assert world.ask("GET", f"bot/{world.simulator.place_call()}/start_recording/").status == 405


def test_firewall_answers_html():
    world = recall()
    bot = world.simulator.place_call()
    local = {
        "realtime_endpoints": [
            {"type": "webhook", "url": "http://localhost/x", "events": ["transcript.data"]}
        ]
    }

    refused = [world.ask("GET", "bot/", {}), world.post(f"bot/{bot}/start_recording/", local)]

    for answer in refused:
        assert (answer.status, answer.headers["Content-Type"]) == (403, "text/html")
    assert not world.simulator.effects("start_recording")


def test_body_must_be_json():
    world = recall()
    path = f"bot/{world.simulator.place_call()}/start_recording/"

    assert world.post(path, {}, headers={"content-type": "text/plain"}).status == 415
    assert world.post(path, [1]).status == 400


def test_bot_list_pages_by_number():
    world = recall()
    world.simulator.switch(page_size=2)
    placed = {world.simulator.place_call() for _ in range(3)}

    first = world.get("bot/")
    second = world.follow(first["next"])

    assert (first["count"], len(first["results"]), first["previous"]) == (3, 2, None)
    assert second["next"] is None
    assert {bot["id"] for bot in first["results"] + second["results"]} == placed
    assert world.ask("GET", "bot/", query={"page": "3"}).status == 404


def test_other_lists_page_by_cursor_and_do_not_shift():
    world = recall()
    world.simulator.switch(page_size=1)
    bot, first = world.recording_call()
    world.post(f"bot/{bot}/stop_recording/")
    world.simulator.advance(5)
    _, second = world.recording_call()
    page = world.get("recording/")
    world.recording_call()

    rest = world.follow(page["next"])

    assert "count" not in page
    assert page["next"].startswith("http://recall.test/api/v1/recording/?")
    assert [row["id"] for row in page["results"] + rest["results"]] == [second, first]
    assert rest["previous"]
    assert rest["next"] is None


def test_filters_of_the_bot_list():
    world = recall()
    zoom = world.simulator.place_call(metadata={"team": "a", "case": "1"})
    meet = world.simulator.place_call(platform="google_meet", metadata={"team": "a"})
    planned = data(
        world.post(
            "bot/",
            {
                "meeting_url": world.simulator.place_meeting(),
                "join_at": iso(NOW + 7200),
                "metadata": {"team": "b"},
            },
        )
    )["id"]

    def ids(*query):
        return {row["id"] for row in data(world.ask("GET", "bot/", query=query))["results"]}

    assert ids(("metadata__team", "a"), ("metadata__case", "1")) == {zoom}
    assert ids(("platform", "google_meet"), ("platform", "webex")) == {meet}
    assert ids(("status", "in_call_not_recording")) == {zoom, meet}
    assert ids(("status", "ready")) == {planned}
    assert ids(("join_at_after", iso(NOW))) == {planned}
    assert ids(("join_at_before", iso(NOW))) == set()


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("bot/", {"status": "asleep"}),
        ("bot/", {"join_at_after": "yesterday"}),
        ("recording/", {"status_code": "deleted"}),
        ("recording/", {"bot_id": "nonsense"}),
        ("recording/", {"created_at_after": "2026-01-01T00:00:00+00:00 "}),
        ("transcript/", {"status_code": "paused"}),
        ("transcript/", {"recording_id": "1"}),
    ],
)
def test_bad_filter_is_refused(path, query):
    answer = recall().ask("GET", path, query=query)

    assert answer.status == 400
    assert list(data(answer)) == list(query)


def call(origin, simulator, method, path, body=None, key=""):
    connection = http.client.HTTPConnection(urlsplit(origin).netloc, timeout=5)
    headers = {"Authorization": f"Token {simulator.api_key}", "Content-Type": "application/json"}
    headers |= {"Idempotency-Key": key} if key else {}
    connection.request(method, path, body=json.dumps(body) if body is not None else None, headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


def test_late_answer_over_a_socket_is_409_for_its_twin():
    simulator = RecallSimulator(scale=0.01)
    path = f"/api/v1/bot/{simulator.place_call()}/start_recording/"
    simulator.fail(kind="slow", path_contains="start_recording", seconds=0.5)

    with served(simulator) as origin:
        statuses = []
        first = threading.Thread(
            target=lambda: statuses.append(call(origin, simulator, "POST", path, {}, key="k")[0])
        )
        first.start()
        while not simulator.performed:
            time.sleep(0.005)
        time.sleep(0.05)
        twin, _ = call(origin, simulator, "POST", path, {}, key="k")
        first.join()
        replayed, _ = call(origin, simulator, "POST", path, {}, key="k")

    assert (statuses, twin, replayed) == ([200], 409, 200)
    assert len(simulator.effects("start_recording")) == 1


def test_control_side_over_a_socket():
    simulator = RecallSimulator(scale=0.01)

    with served(simulator) as origin:
        status, body = call(origin, simulator, "POST", "/_control/place_call", {"title": "Weekly"})
        _, truth = call(origin, simulator, "POST", "/_control/truth")

    assert status == 200
    assert json.loads(truth)["calls"] == [json.loads(body)]
