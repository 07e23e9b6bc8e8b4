"""The Daily simulator against its contract: webhooks, their signatures, retries and payloads."""

import base64
import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from pathlib import Path

import pytest

from tests.simulators.clock import Clock
from tests.simulators.daily import DailySimulator
from tests.simulators.daily.events import EVENT_TYPES
from tests.simulators.daily.hooks import signature
from tests.simulators.http import Request
from tests.simulators.server import served
from tests.simulators_suite.daily_client import HOOK, START, Client

FIXTURES = Path(__file__).parents[1] / "fixtures" / "daily"
VECTORS = json.loads((FIXTURES / "vectors.json").read_text())
SECRET = VECTORS["secret"]
OURS = "0f6d2c3b-4a5e-4f60-8b7a-9c8d7e6f5a4b"
RECORDING = ("recording.started", "recording.ready-to-download", "recording.error")
TRANSCRIPT = ("transcript.started", "transcript.ready-to-download", "transcript.error")


@pytest.fixture
def daily():
    return Client()


def _create(daily, **changes):
    body = {"url": HOOK, "eventTypes": ["recording.started"], "hmac": SECRET, **changes}
    return daily.post("/webhooks", {key: value for key, value in body.items() if value is not None})


def _post_events(daily, count):
    for number in range(count):
        daily.simulator.post_event("recording.started", f"evt-{number}", {})
    daily.simulator.advance(0)


# Signatures.


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=["ping", "event"])
def test_signature_vectors(vector):
    assert signature(SECRET, VECTORS["timestamp"], vector["body"].encode()) == vector["signature"]


@pytest.fixture
def listener():
    """A real endpoint: its URL, and what it received."""
    seen = []

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            seen.append((dict(self.headers), self.rfile.read(length)))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook/", seen
    server.shutdown()
    server.server_close()


def _over_the_wire(simulator, path, body):
    return simulator.respond(
        Request(
            method="POST",
            path=f"/v1{path}",
            headers={"authorization": f"Bearer {simulator.api_key}"},
            body=json.dumps(body).encode(),
        )
    )


def test_ping_is_the_vector_on_the_wire(listener):
    url, seen = listener
    simulator = DailySimulator(clock=Clock(start=START))

    answer = _over_the_wire(
        simulator, "/webhooks", {"url": url, "eventTypes": ["meeting.started"], "hmac": SECRET}
    )

    headers, raw = seen[0]
    assert (answer.status, raw) == (200, b'{"test":"test"}')
    assert headers["X-Webhook-Timestamp"] == VECTORS["timestamp"]
    assert headers["X-Webhook-Signature"] == VECTORS["vectors"][0]["signature"]


def test_events_come_by_themselves_over_sockets_and_the_wall_clock(listener):
    url, seen = listener
    simulator = DailySimulator(scale=0.01)
    with served(simulator):
        simulator.set_webhook(url)
        room = simulator.place_call()
        _over_the_wire(simulator, f"/rooms/{room}/recordings/start", {"instanceId": OURS})
        deadline = time.monotonic() + 10
        while b"recording.started" not in seen[-1][1] and time.monotonic() < deadline:
            time.sleep(0.02)

    event = json.loads(seen[-1][1])
    assert (event["type"], event["payload"]["instance_id"]) == ("recording.started", OURS)


def test_every_delivery_is_signed_anew(daily):
    _create(daily, retryType="exponential")
    daily.endpoint.got.clear()
    daily.endpoint.answers = [500]
    _post_events(daily, 1)
    daily.simulator.advance(30)

    stamps = set()
    for _, headers, body in daily.endpoint.got:
        stamp = headers["X-Webhook-Timestamp"]
        message = stamp.encode() + b"." + body
        digest = hmac.new(base64.b64decode(SECRET), message, hashlib.sha256).digest()
        assert headers["X-Webhook-Signature"] == base64.b64encode(digest).decode()
        stamps.add(stamp)
    assert stamps == {str(int(START)), str(int(START) + 30)}


def test_timestamp_in_milliseconds_by_switch(daily):
    daily.simulator.switch(timestamp_unit="milliseconds")
    _create(daily)

    assert daily.endpoint.got[0][1]["X-Webhook-Timestamp"] == str(int(START * 1000))


def test_basic_auth_goes_along_as_given(daily):
    _create(daily, basicAuth="dXNlcjpwYXNz")
    plain = daily.endpoint.got[0][1]["Authorization"]
    daily.simulator.switch(encodes_basic_auth=True)
    _create(daily, basicAuth="user:pass")

    assert plain == "Basic dXNlcjpwYXNz"
    assert daily.endpoint.got[1][1]["Authorization"] == "Basic dXNlcjpwYXNz"


# Management.


def test_created_webhook_has_its_shape_and_the_list_is_bare(daily):
    status, hook = _create(daily)

    assert status == 200
    assert set(hook) == set(json.loads((FIXTURES / "api.webhook.json").read_text()))
    assert (hook["state"], hook["failedCount"], hook["retryType"]) == ("ACTIVE", 0, "circuit-breaker")
    assert daily.get("/webhooks")[1] == [hook]
    assert daily.get(f"/webhooks/{hook['uuid']}")[1] == hook
    daily.simulator.switch(webhook_as_array=True)
    assert daily.get(f"/webhooks/{hook['uuid']}")[1] == [hook]


def test_secret_is_made_when_none_is_given(daily):
    hook = _create(daily, hmac=None)[1]

    assert len(base64.b64decode(hook["hmac"])) == 32


@pytest.mark.parametrize(
    "changes",
    [
        {"url": None},
        {"url": "http://console.example.test/"},
        {"url": "console.example.test"},
        {"eventTypes": None},
        {"eventTypes": []},
        {"eventTypes": ["recording.stopped"]},
        {"eventTypes": "recording.started"},
        {"hmac": "not base64!"},
        {"retryType": "linear"},
        {"event_types": ["recording.started"]},
    ],
)
def test_create_refuses_bad_fields_without_a_ping(daily, changes):
    status, body = _create(daily, **changes)

    assert (status, body["error"]) == (400, "invalid-request-error")
    assert not daily.endpoint.got
    assert not daily.simulator.webhooks


@pytest.mark.parametrize(("answer", "word"), [(204, "204"), (201, "201"), (500, "500"), (None, "undefined")])
def test_ping_wants_200_exactly(daily, answer, word):
    daily.endpoint.answers = [answer]

    status, body = _create(daily)

    info = f"non-200 status code returned from webhook endpoint, recvd {word}"
    assert (status, body) == (400, {"error": "invalid-request-error", "info": info})
    assert not daily.simulator.webhooks
    assert not daily.simulator.effects("create_webhook")


def test_ping_wants_its_answer_within_eight_seconds(daily):
    daily.endpoint.seconds = 8.5

    assert _create(daily)[1]["info"].endswith("recvd undefined")


def test_update_is_partial_pings_and_revives(daily):
    uuid = _create(daily)[1]["uuid"]
    daily.endpoint.answers = [500] * 3
    _post_events(daily, 3)
    failed = daily.get(f"/webhooks/{uuid}")[1]
    daily.endpoint.got.clear()

    daily.endpoint.answers = [500]
    refused = daily.post(f"/webhooks/{uuid}", {})[0]
    still = daily.get(f"/webhooks/{uuid}")[1]
    status, hook = daily.post(f"/webhooks/{uuid}", {"eventTypes": ["meeting.ended"]})

    assert (failed["state"], failed["failedCount"]) == ("FAILED", 3)
    assert (refused, still["state"]) == (400, "FAILED")
    assert (status, hook["state"], hook["failedCount"]) == (200, "ACTIVE", 0)
    assert (hook["eventTypes"], hook["hmac"], hook["url"]) == (["meeting.ended"], SECRET, HOOK)
    assert daily.endpoint.kinds == ["ping", "ping"]


def test_update_leaves_a_retry_under_way(daily):
    uuid = _create(daily, retryType="exponential")[1]["uuid"]
    daily.endpoint.answers = [500]
    _post_events(daily, 1)
    daily.post(f"/webhooks/{uuid}", {"eventTypes": ["meeting.ended"]})
    daily.endpoint.got.clear()

    daily.simulator.advance(30)

    assert [event["id"] for event in daily.endpoint.events] == ["evt-0"]


def test_deleted_webhook_hears_nothing_more(daily):
    uuid = _create(daily, retryType="exponential")[1]["uuid"]
    daily.endpoint.answers = [500]
    _post_events(daily, 1)
    daily.endpoint.got.clear()

    status = daily.delete(f"/webhooks/{uuid}")[0]
    daily.simulator.advance(4000)

    assert status == 200
    assert daily.delete(f"/webhooks/{uuid}")[0] == 404
    assert not daily.endpoint.got


# Delivery.


def test_circuit_breaker_opens_at_three_and_replays_nothing(daily):
    uuid = _create(daily)[1]["uuid"]
    daily.endpoint.got.clear()
    daily.endpoint.answers = [500, None, 204]
    _post_events(daily, 5)
    daily.simulator.advance(4000)
    tried = len(daily.endpoint.got)
    daily.post(f"/webhooks/{uuid}", {})
    daily.simulator.advance(4000)

    assert tried == 3
    assert daily.endpoint.kinds[3:] == ["ping"]


def test_circuit_breaker_tries_each_message_once(daily):
    _create(daily)
    daily.endpoint.got.clear()
    daily.endpoint.answers = [500]
    _post_events(daily, 1)
    daily.simulator.advance(4000)

    assert len(daily.endpoint.got) == 1


def test_one_success_resets_the_strikes(daily):
    uuid = _create(daily)[1]["uuid"]
    daily.endpoint.answers = [500, 500, 200, 500, 500]

    _post_events(daily, 5)

    hook = daily.get(f"/webhooks/{uuid}")[1]
    assert (hook["state"], hook["failedCount"]) == ("ACTIVE", 2)


def test_answer_after_eight_seconds_is_a_strike(daily):
    uuid = _create(daily)[1]["uuid"]
    daily.endpoint.seconds = 9

    _post_events(daily, 1)

    assert daily.get(f"/webhooks/{uuid}")[1]["failedCount"] == 1


def test_exponential_tries_five_times_and_never_trips(daily):
    uuid = _create(daily, retryType="exponential")[1]["uuid"]
    daily.endpoint.got.clear()
    daily.endpoint.answers = [500] * 20
    _post_events(daily, 2)
    daily.simulator.advance(7200)

    attempts = next(each for each in daily.simulator.outbox.sent if each.event != "ping").attempts
    waits = [round(b.at - a.at) for a, b in pairwise(attempts)]

    assert len(daily.endpoint.got) == 10
    assert waits == [30, 120, 480, 900]
    assert len({body for _, _, body in daily.endpoint.got}) == 2, "a retry is the same message"
    assert daily.get(f"/webhooks/{uuid}")[1]["state"] == "ACTIVE"


def test_duplicates_and_reordering_are_chaos(daily):
    daily.subscribe("recording.started", retryType="exponential")
    daily.simulator.chaos(duplicates=1, jitter_seconds=60)
    _post_events(daily, 8)
    daily.simulator.advance(60)

    ids = [event["id"] for event in daily.endpoint.events]

    assert sorted(ids) == sorted([f"evt-{number}" for number in range(8)] * 2)
    assert ids != sorted(ids)


def test_only_what_was_subscribed_is_sent(daily):
    daily.subscribe("meeting.ended")
    room = daily.simulator.place_call()
    daily.simulator.end_call(room)
    daily.simulator.advance(0)

    assert daily.endpoint.kinds == ["meeting.ended"]


def test_set_webhook_subscribes_to_everything_with_the_accounts_secret(daily):
    daily.simulator.set_webhook(HOOK)
    daily.simulator.set_webhook(HOOK)

    hooks = daily.get("/webhooks")[1]

    assert [(hook["hmac"], hook["retryType"]) for hook in hooks] == [
        (daily.simulator.account()["secrets"]["webhook_hmac"], "exponential")
    ]
    assert hooks[0]["eventTypes"] == list(EVENT_TYPES)
    daily.simulator.set_webhook("")
    assert daily.get("/webhooks")[1] == []


def test_resend_repeats_the_same_message(daily):
    daily.subscribe("recording.started")
    _post_events(daily, 1)
    daily.simulator.resend("recording.started")
    daily.simulator.advance(0)

    assert [event["id"] for event in daily.endpoint.events] == ["evt-0", "evt-0"]


# Payloads.


def test_recording_events_in_full(daily):
    daily.subscribe(*RECORDING)
    room = daily.simulator.place_call()
    recording = daily.recorded(room, instanceId=OURS)

    started, ready = daily.endpoint.events

    assert [started["type"], ready["type"]] == list(RECORDING[:2])
    assert started["payload"]["instance_id"] == OURS
    assert started["payload"]["recording_id"] == ready["payload"]["recording_id"] == recording
    assert "room_name" not in started["payload"]
    assert "instance_id" not in ready["payload"]
    assert ready["payload"]["room_name"] == room
    assert ready["payload"]["s3_key"] == daily.get(f"/recordings/{recording}")[1]["s3key"]
    assert started["id"] == f"rec-sta-{OURS}-{started['payload']['start_ts']}"


def test_recording_of_no_length_is_never_ready(daily):
    daily.subscribe(*RECORDING)
    room = daily.simulator.place_call()
    daily.post(f"/rooms/{room}/recordings/start")
    daily.post(f"/rooms/{room}/recordings/stop")
    daily.simulator.advance(10)

    assert daily.endpoint.kinds == ["recording.started"]


@pytest.mark.parametrize(
    ("order", "kinds"),
    [
        ("before-started", "error started ready-to-download"),
        ("before-ready", "started error ready-to-download"),
        ("after-ready", "started ready-to-download error"),
        ("fatal", "started error"),
    ],
)
def test_recording_error_comes_in_every_order(daily, order, kinds):
    daily.subscribe(*RECORDING)
    daily.simulator.switch(recording_error=order)

    daily.recorded()

    assert daily.endpoint.kinds == [f"recording.{kind}" for kind in kinds.split()]


def test_recording_error_alone_leaves_no_recording(daily):
    daily.subscribe(*RECORDING)
    daily.simulator.switch(recording_error="only")
    room = daily.simulator.place_call()
    daily.post(f"/rooms/{room}/recordings/start", {"instanceId": OURS})
    daily.simulator.advance(30)

    error = daily.endpoint.payload("recording.error")

    assert not daily.simulator.recordings
    assert (error["instance_id"], error["room_name"]) == (OURS, room)
    assert error["timestamp"] == str(int(START) + 2)
    assert "recording_id" not in error


@pytest.mark.parametrize(
    ("order", "kinds", "status"),
    [
        ("", "started ready-to-download", "t_finished"),
        ("before-started", "error started ready-to-download", "t_finished"),
        ("before-ready", "started error ready-to-download", "t_finished"),
        ("after-ready", "started ready-to-download error", "t_error"),
        ("only", "started error", "t_error"),
    ],
)
def test_transcript_error_comes_in_every_order(daily, order, kinds, status):
    daily.subscribe(*TRANSCRIPT)
    daily.simulator.switch(transcript_error=order)

    ident = daily.transcribed(instanceId=OURS)
    row = daily.get(f"/transcript/{ident}")[1]

    assert daily.endpoint.kinds == [f"transcript.{kind}" for kind in kinds.split()]
    assert {event["payload"]["id"] for event in daily.endpoint.events} == {ident}
    assert {event["version"] for event in daily.endpoint.events} == {"1.1.0"}
    assert row["status"] == status
    for event in daily.endpoint.events:
        assert event["payload"].get("info", {"instanceId": OURS})["instanceId"] == OURS


def test_unstored_transcript_is_ready_only_by_switch(daily):
    daily.subscribe(*TRANSCRIPT)
    properties = {"enable_transcription_storage": False}
    daily.transcribed(daily.simulator.place_call(properties=properties))
    plain = daily.endpoint.kinds
    daily.simulator.switch(ready_when_unstored=True)
    daily.transcribed(daily.simulator.place_call(properties=properties))

    assert plain == ["transcript.started"]
    assert daily.endpoint.kinds[1:] == ["transcript.started", "transcript.ready-to-download"]


def test_event_moment_is_a_float_or_by_switch_an_integer(daily):
    daily.subscribe("recording.started")
    _post_events(daily, 1)
    daily.simulator.switch(integer_event_ts=True)
    _post_events(daily, 1)

    assert [event["event_ts"] for event in daily.endpoint.events] == [START, int(START)]


@pytest.mark.parametrize(
    "kind",
    [
        *RECORDING,
        *TRANSCRIPT,
        "batch-processor.job-finished",
        "batch-processor.error",
        "meeting.started",
        "meeting.ended",
        "participant.joined",
        "participant.left",
    ],
)
def test_payloads_have_the_keys_of_the_fixtures(daily, kind):
    daily.subscribe(kind)
    daily.simulator.switch(recording_error="after-ready", transcript_error="after-ready")
    room = daily.simulator.place_call()
    daily.post(f"/rooms/{room}/transcription/start")
    recording = daily.recorded(room)
    daily.job(recording)
    daily.simulator.advance(30)
    daily.simulator.switch(batch_error="silent")
    daily.job(recording)
    daily.simulator.advance(30)

    fixture = json.loads((FIXTURES / f"{kind}.json").read_text())
    event = daily.endpoint.events[0]

    assert set(event) == set(fixture)
    assert event["version"] == fixture["version"]
    assert set(event["payload"]) == set(fixture["payload"])
