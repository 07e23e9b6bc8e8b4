"""The simulator of Recall.ai, real-time webhooks and real sockets: sections 5.2 and 5.3 of its contract."""

import json
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from tests.simulators.recall import RecallSimulator
from tests.simulators.server import served
from tests.simulators_suite.recall_client import passes, recall

OTHER = "https://other.example.com/hook"


def realtime_options():
    return {
        "transcript": {"provider": {"recallai_streaming": {}}, "metadata": {"live": "yes"}},
        "realtime_endpoints": [
            {"type": "webhook", "url": OTHER, "events": ["transcript.data"], "metadata": {"a": "b"}}
        ],
    }


def test_realtime_words_reach_the_named_endpoint():
    world = recall()
    bot, recording = world.recording_call(seconds=30, **realtime_options())

    spoken = [letter for letter in world.letters if letter.url == OTHER]
    world.post(f"bot/{bot}/stop_recording/")
    world.simulator.advance(5)

    assert spoken
    assert {letter.event for letter in spoken} == {"transcript.data"}
    assert spoken[0].json["data"]["recording"]["id"] == recording
    assert passes(world.simulator.webhooks.secrets[0], "webhook", spoken[0].headers, spoken[0].body)
    [transcript] = world.get("transcript/", recording_id=recording)["results"]
    assert (transcript["status"]["code"], transcript["metadata"]) == ("done", {"live": "yes"})
    assert world.get(f"recording/{recording}/")["realtime_endpoints"][0]["metadata"] == {"a": "b"}
    assert {"realtime_endpoint.running", "realtime_endpoint.done"} <= set(world.events())


def test_realtime_endpoint_fails_after_sixty_attempts():
    world = recall()
    world.answer = 500

    world.recording_call(seconds=300, **realtime_options())

    tries = [letter for letter in world.letters if letter.url == OTHER]
    first = [letter for letter in tries if letter.headers["webhook-id"] == tries[0].headers["webhook-id"]]
    assert len(first) == 60
    assert first[-1].at - first[0].at == pytest.approx(59)
    assert "realtime_endpoint.failed" in world.events()


def test_delivery_over_a_socket():
    received = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    receiver = HTTPServer(("127.0.0.1", 0), Receiver)
    Thread(target=receiver.serve_forever, daemon=True).start()
    simulator = RecallSimulator(scale=0.01)
    simulator.set_webhook(f"http://127.0.0.1:{receiver.server_port}/hook")

    with served(simulator):
        simulator.place_call()
        for _ in range(100):
            if len(received) >= 2:
                break
            time.sleep(0.02)
    receiver.shutdown()
    receiver.server_close()

    headers, body = received[0]
    assert json.loads(body)["event"] == "bot.joining_call"
    assert passes(simulator.webhooks.secrets[0], "webhook", headers, body)
