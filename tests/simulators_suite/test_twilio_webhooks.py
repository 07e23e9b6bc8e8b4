"""Twilio's callbacks: what they say, how they are signed and retried, and how the provider fails."""

import base64
import hashlib
import hmac
import http.client
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest

from tests.simulators import speech
from tests.simulators.server import served
from tests.simulators.twilio import TwilioSimulator
from tests.simulators.twilio.webhooks import signature, with_body_hash
from tests.simulators_suite.twilio_client import HOOK, Letter, Twilio, body, new_twilio, refusal

FIXTURES = Path(__file__).parents[1] / "fixtures" / "twilio"
VECTORS = json.loads((FIXTURES / "vectors.json").read_text())
EVENTS = "in-progress completed absent"


@pytest.fixture
def twilio() -> Twilio:
    return new_twilio()


def fixture(name: str) -> dict[str, str]:
    return json.loads((FIXTURES / name).read_text())


def expected_signature(letter: Letter, token: str, *, url: str = "") -> str:
    """A second hand: the contract's recipe once more, without the simulator's code."""
    text = url or letter.url
    if letter.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
        text += "".join(
            name + value for name, value in sorted(parse_qsl(letter.body.decode(), keep_blank_values=True))
        )
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def one_letter(twilio: Twilio, hook: str = HOOK, **form: str) -> Letter:
    """The in-progress callback of a new recording."""
    form = {"RecordingStatusCallback": hook, "RecordingStatusCallbackEvent": "in-progress", **form}
    twilio.start(twilio.simulator.place_call(), **form)
    twilio.simulator.advance(0)
    return twilio.letters[-1]


# Signatures.


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_signature_equals_the_contracts_vectors(vector):
    fields = [tuple(pair) for pair in vector["form"]]

    assert signature(vector["secret"], vector["url"], fields, digest=vector["digest"]) == vector["signature"]


def test_values_of_a_repeated_field_are_sorted_once_each():
    repeated = [("D", value) for value in "5836271495"]
    joined = [("D1D2D3D4D5D6D7D8D", "9")]

    assert signature("12345", "https://example.com", repeated) == signature(
        "12345", "https://example.com", joined
    )


def test_body_hash_equals_the_contracts_vector():
    (vector,) = (vector for vector in VECTORS if vector["body"])
    plain = vector["url"].partition("&bodySHA256")[0]

    assert with_body_hash(plain, vector["body"].encode()) == vector["url"]


def test_form_callback_is_signed_over_the_whole_url_and_all_fields(twilio):
    letter = one_letter(twilio)

    assert letter.url == HOOK
    assert letter.headers["X-Twilio-Signature"] == expected_signature(letter, twilio.simulator.auth_token)


def test_get_callback_carries_its_fields_in_the_signed_query(twilio):
    letter = one_letter(twilio, RecordingStatusCallbackMethod="GET")

    assert (letter.method, letter.body) == ("GET", b"")
    assert (letter.query["key"], letter.query["RecordingStatus"]) == ("r1", "in-progress")
    assert letter.headers["X-Twilio-Signature"] == expected_signature(letter, twilio.simulator.auth_token)


def test_json_callback_names_the_hash_of_its_body(twilio):
    twilio.simulator.set_webhook("https://tapedeck.example.com/webhooks/twilio/k1/intelligence")
    twilio.transcribed(twilio.recorded())

    (letter,) = twilio.letters
    assert letter.query["bodySHA256"] == hashlib.sha256(letter.body).hexdigest()
    assert letter.headers["X-Twilio-Signature"] == expected_signature(letter, twilio.simulator.auth_token)


def test_port_in_the_signed_url_is_inconsistent(twilio):
    twilio.simulator.switch(signed_port="with")
    letter = one_letter(twilio)
    named = HOOK.replace("example.com", "example.com:443")
    with_port = expected_signature(letter, twilio.simulator.auth_token, url=named)

    twilio.simulator.switch(signed_port="without")
    other = one_letter(twilio, named)
    without_port = expected_signature(other, twilio.simulator.auth_token, url=HOOK)

    assert letter.headers["X-Twilio-Signature"] == with_port
    assert (other.url, other.headers["X-Twilio-Signature"]) == (named, without_port)


def test_shared_key_signs_with_sha256_and_says_so(twilio):
    twilio.simulator.switch(sign_with="shared_key")
    letter = one_letter(twilio)

    key, _, secret = twilio.simulator.account()["secrets"]["shared_keys"].partition("=")
    assert letter.headers["X-Twilio-Webhooks-Signature-Settings"] == f"key={key},algorithm=HMAC_SHA256"
    signed = signature(secret, letter.url, letter.form.items(), digest="sha256")
    assert letter.headers["X-Twilio-Signature"] == signed


@pytest.mark.parametrize("wish", ["unheld_key", "unknown_algorithm", "wrong_token"])
def test_callbacks_may_be_signed_wrongly(twilio, wish):
    twilio.simulator.switch(sign_with=wish)
    letter = one_letter(twilio)

    assert letter.headers["X-Twilio-Signature"] != expected_signature(letter, twilio.simulator.auth_token)


# What recordings say.


def test_callbacks_of_a_recording_have_the_fields_of_the_contract(twilio):
    form = {
        "RecordingStatusCallback": HOOK,
        "RecordingStatusCallbackEvent": EVENTS,
        "RecordingChannels": "dual",
    }
    recording = twilio.recorded(0, **form)

    first, last = (letter.form for letter in twilio.letters)
    assert first.keys() == fixture("recording.in-progress.json").keys()
    assert last.keys() == fixture("recording.completed.json").keys()
    url = f"https://sim.example.com{twilio.at(f'Recordings/{recording}')}"
    assert (first["RecordingUrl"], last["RecordingUrl"]) == (url, url)
    assert last["RecordingDuration"] == str(round(speech.with_wav(0).duration_seconds))
    assert (last["RecordingStatus"], last["RecordingChannels"], last["ErrorCode"]) == ("completed", "2", "0")
    assert last["RecordingStartTime"] == "Mon, 06 May 2024 12:53:20 +0000"


def test_only_completed_is_told_by_default(twilio):
    twilio.recorded(0, RecordingStatusCallback=HOOK)
    assert [letter.form["RecordingStatus"] for letter in twilio.letters] == ["completed"]

    twilio.simulator.spoil_recordings()
    twilio.recorded(0, RecordingStatusCallback=HOOK)
    assert len(twilio.letters) == 1


def test_no_address_no_callback(twilio):
    twilio.recorded(0, RecordingStatusCallbackEvent=EVENTS)

    assert twilio.letters == []


def test_absent_says_why(twilio):
    twilio.simulator.spoil_recordings(error_code=16102)
    twilio.recorded(0, RecordingStatusCallback=HOOK, RecordingStatusCallbackEvent="absent")

    (letter,) = twilio.letters
    assert letter.form.keys() == fixture("recording.absent.json").keys()
    assert (letter.form["RecordingStatus"], letter.form["ErrorCode"]) == ("absent", "16102")


def test_encryption_that_fails_is_told_as_failed(twilio):
    twilio.simulator.spoil_recordings(error_code=16104)
    recording = twilio.recorded(0, RecordingStatusCallback=HOOK)

    (letter,) = twilio.letters
    assert (letter.form["RecordingStatus"], letter.form["ErrorCode"]) == ("failed", "16104")
    assert twilio.get(f"Recordings/{recording}.json")["status"] == "absent"


def test_pause_resume_and_stop_are_not_told(twilio):
    call = twilio.simulator.place_call()
    recording = twilio.start(call, RecordingStatusCallback=HOOK, RecordingStatusCallbackEvent=EVENTS)["sid"]
    for status in ("paused", "in-progress", "stopped"):
        twilio.simulator.advance(1)
        twilio.update(call, recording, Status=status)

    assert [letter.form["RecordingStatus"] for letter in twilio.letters] == ["in-progress"]


def test_callback_may_come_before_the_answer(twilio):
    twilio.simulator.switch(callbacks_before_answer=True)
    call = twilio.simulator.place_call()

    form = {"RecordingStatusCallback": HOOK, "RecordingStatusCallbackEvent": "in-progress"}
    recording = twilio.start(call, **form)["sid"]

    assert [letter.form["RecordingSid"] for letter in twilio.letters] == [recording]


# Retries.


@pytest.mark.parametrize(
    ("fragment", "answers", "attempts"),
    [
        ("", [500, 200], 1),
        ("", [404, 200], 1),
        ("", [None, 200], 2),
        ("", [None, None, None], 2),
        ("#rc=3&rp=all", [500, 404, None, 500, 200], 4),
        ("#rc=3&rp=5xx", [503, 404, 200], 2),
        ("#rc=2&rp=4xx,ct", [None, 403, 200], 3),
        ("#rc=0", [None, 200], 1),
        ("#rc=9&rp=5xx", [500, 500, 500], 2),
        ("#rc=5&rp=all&tt=4000", [500, 500, 500, 500], 3),
    ],
)
def test_retries_follow_the_fragment_of_the_address(twilio, fragment, answers, attempts):
    twilio.answers = answers
    letter = one_letter(twilio, HOOK + fragment)
    twilio.simulator.advance(60)

    assert len(twilio.letters) == attempts
    assert letter.url == HOOK
    assert {each.headers["X-Twilio-Signature"] for each in twilio.letters} == {
        expected_signature(letter, twilio.simulator.auth_token)
    }


def test_read_timeout_is_not_repeated(twilio):
    twilio.simulator.switch(no_answer_is="rt")
    twilio.answers = [None]
    one_letter(twilio)
    twilio.simulator.advance(60)

    assert len(twilio.letters) == 1


def test_all_attempts_fit_into_15_seconds(twilio):
    twilio.answers = [500] * 9
    one_letter(twilio, f"{HOOK}#rc=5&rp=all")
    twilio.simulator.advance(60)

    (sent,) = twilio.simulator.callbacks()
    moments = [attempt["at"] for attempt in sent["attempts"]]
    assert len(moments) == 6
    assert moments[-1] - moments[0] <= 15


@pytest.mark.parametrize(("repeats", "tokens"), [(True, 1), (False, 2)])
def test_idempotency_token_of_attempts(twilio, repeats, tokens):
    twilio.simulator.switch(idempotency_token_repeats=repeats)
    twilio.answers = [None]
    one_letter(twilio)
    twilio.simulator.advance(10)

    assert len({letter.headers["I-Twilio-Idempotency-Token"] for letter in twilio.letters}) == tokens


# Callbacks led astray.


def test_callbacks_may_be_dropped_and_doubled(twilio):
    twilio.simulator.chaos(drop=1.0)
    twilio.recorded(0, RecordingStatusCallback=HOOK)
    assert twilio.letters == []

    twilio.simulator.chaos(drop=0.0, duplicates=2)
    twilio.recorded(0, RecordingStatusCallback=HOOK)
    assert len(twilio.letters) == 3
    assert len({letter.headers["I-Twilio-Idempotency-Token"] for letter in twilio.letters}) == 1


def test_callbacks_may_be_reordered(twilio):
    twilio.simulator.chaos(delay_seconds=0, jitter_seconds=600)
    form = {"RecordingStatusCallback": HOOK, "RecordingStatusCallbackEvent": EVENTS}
    for _ in range(8):
        twilio.recorded(0, **form)
    twilio.simulator.advance(700)

    first: dict[str, str] = {}
    for letter in twilio.letters:
        first.setdefault(letter.form["RecordingSid"], letter.form["RecordingStatus"])
    assert set(first.values()) == {"in-progress", "completed"}


# Faults.


@pytest.mark.parametrize(
    ("code", "status", "retry_after"),
    [(20429, 429, ""), (20429, 429, "3"), (20500, 500, ""), (20503, 503, ""), (408, 408, "")],
)
def test_faults_have_twilios_own_error_body(twilio, code, status, retry_after):
    call = twilio.simulator.place_call()
    twilio.simulator.fail_with(code, retry_after=retry_after, method="POST")

    answer = twilio.request("POST", twilio.at(f"Calls/{call}/Recordings.json"), {})

    assert refusal(answer) == (status, code)
    assert answer.headers.get("Retry-After", "") == retry_after
    assert twilio.simulator.performed == []
    assert twilio.start(call)["status"] == "in-progress"


def test_update_may_time_out_inside_after_it_was_done(twilio):
    call = twilio.simulator.place_call()
    recording = twilio.start(call)["sid"]
    twilio.simulator.fail_with(408, acts_first=True, path_contains=recording)

    answer = twilio.update(call, recording, Status="stopped")

    assert refusal(answer) == (408, 408)
    assert [effect.subject for effect in twilio.simulator.effects("stop_recording")] == [recording]


def test_error_bodies_may_be_no_json(twilio):
    twilio.simulator.fail(kind="html", status=502)

    answer = twilio.request("GET", twilio.at("Calls.json"))

    assert (answer.status, answer.headers["Content-Type"]) == (502, "text/html")


# Over real sockets.


class _Receiver(BaseHTTPRequestHandler):
    letters: list[tuple[str, dict[str, str], bytes]]

    def do_POST(self):
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.letters.append((self.path, dict(self.headers), content))
        self.server.got.set()
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


def ask(origin: str, simulator: TwilioSimulator, method: str, path: str, form: dict[str, str] | None = None):
    connection = http.client.HTTPConnection(origin.removeprefix("http://"), timeout=10)
    token = base64.b64encode(f"{simulator.account_sid}:{simulator.auth_token}".encode()).decode()
    headers = {"Authorization": f"Basic {token}", "Content-Type": "application/x-www-form-urlencoded"}
    try:
        connection.request(method, path, urlencode(form or {}), headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.headers), answer.read()
    finally:
        connection.close()


def test_recording_is_made_and_told_over_sockets():
    receiver = HTTPServer(("127.0.0.1", 0), _Receiver)
    _Receiver.letters, receiver.got = [], threading.Event()
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    hook = f"http://127.0.0.1:{receiver.server_port}/hook?key=r1"
    simulator = TwilioSimulator(scale=0.01)

    with served(simulator) as origin:
        call = simulator.place_call()
        form = {"RecordingStatusCallback": f"{hook}#rc=2", "RecordingStatusCallbackEvent": "in-progress"}
        status, _, content = ask(
            origin, simulator, "POST", f"{simulator.root}/Calls/{call}/Recordings.json", form
        )
        is_told = receiver.got.wait(5)
    receiver.shutdown()
    receiver.server_close()

    assert (status, json.loads(content)["call_sid"], is_told) == (201, call, True)
    ((path, headers, told),) = _Receiver.letters
    fields = parse_qsl(told.decode(), keep_blank_values=True)
    assert path == "/hook?key=r1"
    assert headers["X-Twilio-Signature"] == signature(simulator.auth_token, hook, fields)
    assert dict(fields)["RecordingUrl"].startswith(f"{origin}{simulator.root}/Recordings/RE")


def test_too_many_requests_at_once_are_refused_unprocessed():
    simulator = TwilioSimulator()
    simulator.switch(concurrency_limit=1, retry_after="2")
    call = simulator.place_call()
    simulator.fail(kind="slow", seconds=1.5, method="GET")

    with served(simulator) as origin:
        slow = threading.Thread(target=ask, args=(origin, simulator, "GET", f"{simulator.root}/Calls.json"))
        slow.start()
        while not simulator.requests:
            threading.Event().wait(0.01)
        status, headers, content = ask(
            origin, simulator, "POST", f"{simulator.root}/Calls/{call}/Recordings.json"
        )
        slow.join()

    assert (status, headers["Retry-After"], json.loads(content)["code"]) == (429, "2", 20429)
    assert simulator.performed == []


def test_controls_work_over_sockets():
    simulator = TwilioSimulator()

    with served(simulator) as origin:
        connection = http.client.HTTPConnection(origin.removeprefix("http://"), timeout=10)
        connection.request("POST", "/_control/place_call", json.dumps({"title": "Harbor Dental"}))
        call = json.loads(connection.getresponse().read())
        connection.request("POST", "/_control/truth")
        truth = json.loads(connection.getresponse().read())
        connection.close()

    assert truth["calls"] == [call]


def test_fixtures_have_the_fields_that_the_simulator_sends(twilio):
    call = twilio.simulator.place_call()
    started = twilio.start(call)
    recording = twilio.recorded()

    assert fixture("call_recording.started.json").keys() == started.keys()
    assert fixture("recording.fetched.json").keys() == twilio.get(f"Recordings/{recording}.json").keys()
    assert fixture("call.in-progress.json").keys() == twilio.get(f"Calls/{call}.json").keys()
    assert fixture("recordings.json").keys() == twilio.get("Recordings.json").keys()
    queued = body(twilio.order(recording), 202)
    assert fixture("transcript.queued.json").keys() == queued.keys()
