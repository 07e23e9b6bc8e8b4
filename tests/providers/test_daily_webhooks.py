import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.providers.daily import DailyAdapter, webhooks
from recordings.providers.daily.events import EVENT_TYPES
from recordings.providers.daily.signatures import signature
from recordings.providers.errors import SignatureRefused, Unreadable
from recordings.providers.snapshots import CallSnapshot, CallState, RecordingSnapshot, Status, Wanted
from tests.providers.daily_account import (
    HOOK,
    KEY,
    RECORDING,
    TRANSCRIPT,
    Account,
    body,
    delivered,
    fixture,
    inbound,
    later,
)

VECTORS = fixture("vectors")
SECRET, STAMP = VECTORS["secret"], VECTORS["timestamp"]
OTHER_SECRET = base64.b64encode(b"another secret of 32 bytes......").decode()
INSTANCE = "a1f2f6b7-3c4d-4e5f-8a9b-0c1d2e3f4a5b"


@pytest.fixture
def account():
    account = Account()
    account.simulator.set_webhook(HOOK)
    return account


def signed(content, *, secret=SECRET, stamp=STAMP, **headers):
    given_headers = {"X-Webhook-Timestamp": stamp, "X-Webhook-Signature": signature(secret, stamp, content)}
    return {**given_headers, **headers}


def verifier(**secrets):
    return Account(**{"webhook_hmac": SECRET, **secrets}).adapter


def read(event):
    return Account().adapter.read(delivered(event))


def event(kind, **payload):
    return {"version": "1.0.0", "type": kind, "id": "evt", "payload": payload, "event_ts": 1733234946.5}


# Proof.


@pytest.mark.parametrize("vector", VECTORS["vectors"])
def test_the_vectors_of_the_contract(vector):
    content = vector["body"].encode()
    headers = {"X-Webhook-Timestamp": STAMP, "X-Webhook-Signature": vector["signature"]}

    found = verifier().verify(inbound(content, headers))

    assert found.is_ping == ("test" in vector["body"] and "type" not in vector["body"])
    assert found.event == ("ping" if found.is_ping else "transcript.started")
    assert found.dedupe_id == ("ping" if found.is_ping else "evt-1")


def test_every_event_of_the_simulator_is_proven(account):
    account.start(account.call())

    for _, headers, content in account.got:
        account.adapter.verify(inbound(content, headers, received_at=account.now()))

    assert len(account.got) > 3


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"X-Webhook-Signature": ""}, "no signature"),
        ({"X-Webhook-Timestamp": ""}, "no signature"),
        ({"X-Webhook-Signature": "AAAA"}, "not made with"),
        ({"X-Webhook-Signature": "nön-ascii"}, "not made with"),
        ({"X-Webhook-Timestamp": "1733234947"}, "not made with"),
    ],
)
def test_a_callback_without_proof_is_refused(changes, reason):
    content = b'{"type": "meeting.started", "id": "e"}'

    with pytest.raises(SignatureRefused, match=reason):
        verifier().verify(inbound(content, signed(content, **changes)))


def test_an_altered_body_is_refused():
    with pytest.raises(SignatureRefused):
        verifier().verify(inbound(b'{"id": "other"}', signed(b'{"id": "evt"}')))


def test_hexadecimal_is_no_signature():
    content = b"{}"
    digest = base64.b64decode(signature(SECRET, STAMP, content)).hex()

    with pytest.raises(SignatureRefused):
        verifier().verify(inbound(content, signed(content, **{"X-Webhook-Signature": digest})))


@pytest.mark.parametrize("secret", [SECRET, OTHER_SECRET])
def test_while_a_secret_is_changed_both_are_good(secret):
    adapter = verifier(webhook_hmac=f"{OTHER_SECRET}\n\n {SECRET} ")
    content = b'{"type": "x", "id": "e"}'

    assert adapter.verify(inbound(content, signed(content, secret=secret))).dedupe_id == "e"


def test_a_secret_that_is_no_base64_fits_nothing():
    content = b"{}"
    headers = {"X-Webhook-Timestamp": STAMP, "X-Webhook-Signature": "x"}

    with pytest.raises(SignatureRefused, match="not made with"):
        verifier(webhook_hmac="no base64 at all!").verify(inbound(content, headers))


@pytest.mark.parametrize("seconds", [-299, 0, 299])
@pytest.mark.parametrize("factor", [1, 1000])
def test_a_timestamp_in_seconds_or_milliseconds_near_now_is_fresh(seconds, factor):
    content = b'{"type": "x", "id": "e"}'
    stamp = str(int((1733234946 + seconds) * factor))

    verifier().verify(inbound(content, signed(content, stamp=stamp)))


@pytest.mark.parametrize("seconds", [-302, 302])
def test_a_stale_timestamp_is_refused_with_its_skew(seconds):
    content = b"{}"
    stamp = str(1733234946 + seconds)

    with pytest.raises(SignatureRefused, match="5 minutes") as caught:
        verifier().verify(inbound(content, signed(content, stamp=stamp)))

    assert caught.value.skew_seconds == pytest.approx(seconds, abs=1)


@pytest.mark.parametrize("stamp", ["soon", "nan", "1e9", "-5", "1733234946;", "9" * 17])
def test_a_timestamp_that_is_no_number_is_refused(stamp):
    content = b"{}"

    with pytest.raises(SignatureRefused, match="no number"):
        verifier().verify(inbound(content, signed(content, stamp=stamp)))


@pytest.mark.parametrize("login", ["user:word", base64.b64encode(b"user:word").decode()])
def test_the_login_is_good_as_given_or_encoded(login):
    content = b'{"type": "x", "id": "e"}'
    headers = signed(content, Authorization=f"Basic {login}")

    verifier(basic_auth="user:word").verify(inbound(content, headers))


@pytest.mark.parametrize("login", ["", "Basic other", "Bearer user:word", "Basic wörd"])
def test_a_wrong_login_is_refused_also_with_a_signature(login):
    content = b"{}"

    with pytest.raises(SignatureRefused, match="basicAuth"):
        verifier(basic_auth="user:word").verify(inbound(content, signed(content, Authorization=login)))


def test_without_a_secret_only_the_test_message_is_taken():
    adapter = verifier(webhook_hmac="")

    found = adapter.verify(inbound(body("ping.json").strip(), {}))

    assert found.is_ping
    assert "without proof" in found.note
    with pytest.raises(SignatureRefused, match="no webhook secret"):
        adapter.verify(inbound(b'{"test":"test","type":"x"}', {}))


def test_the_test_message_needs_its_signature_where_there_is_a_secret():
    with pytest.raises(SignatureRefused):
        verifier().verify(inbound(b'{"test":"test"}', {}))


def test_a_resend_has_the_same_id_and_another_event_has_not(account):
    account.simulator.chaos(duplicates=1)
    account.start(account.call())
    started = [each for each in account.got if b'"recording.started"' in each[2]]
    others = [each for each in account.got if b'"meeting.started"' in each[2]]

    ids = [account.adapter.verify(inbound(c, h, received_at=account.now())).dedupe_id for _, h, c in started]
    other = account.adapter.verify(inbound(others[0][2], others[0][1], received_at=account.now())).dedupe_id

    assert len(ids) == 2
    assert len(set(ids)) == 1
    assert other not in ids


@pytest.mark.parametrize(
    "content", [b"{", b"[]", b"{}", b'{"id": 3.5e300}', b'{"id": "' + b"x" * 300 + b'"}', b"\xff"]
)
def test_a_body_without_an_id_is_told_apart_by_what_it_holds(content):
    found = verifier().verify(inbound(content, signed(content)))
    other = verifier().verify(inbound(content + b" ", signed(content + b" ")))

    assert found.dedupe_id.startswith("sha256:")
    assert len(found.dedupe_id) < 200
    assert other.dedupe_id != found.dedupe_id


# Recordings.


def test_a_recording_that_started_is_tied_to_our_key(account):
    recording = account.start(account.call())

    fact, wanted = account.facts("recording.started")

    assert (fact.external_id, fact.key) == (recording.external_id, KEY)
    assert (fact.status, fact.call_external_id) == (Status.IN_PROGRESS, "")
    assert fact.handle == {"instanceId": KEY}
    assert fact.started_at == fact.status_at
    assert (wanted.kind, wanted.external_id) == ("recording", recording.external_id)


def test_a_recording_that_started_may_name_its_room(account):
    account.simulator.switch(started_has_room_name=True)
    recording = account.start(account.call())

    (fact,) = account.facts("recording.started")

    assert fact.call_external_id == recording.call.external_id


def test_the_default_instance_is_nobodys_key():
    payload = {
        **fixture("recording.started")["payload"],
        "instance_id": "C3DF927C-f738-4471-a2b7-066fa7e95a6b",
    }

    fact = read(event("recording.started", **payload))[0]

    assert fact.key == ""


@pytest.mark.parametrize(
    ("name", "handle"),
    [
        ("recording.ready-to-download", {"type": "cloud"}),
        ("recording.ready-to-download.raw-tracks", {"type": "raw-tracks"}),
        ("recording.ready-to-download.untyped", {}),
    ],
)
def test_a_recording_that_is_ready(name, handle):
    (fact,) = read(fixture(name))

    assert (fact.external_id, fact.call_external_id) == (RECORDING, "my-room")
    assert (fact.status, fact.duration_seconds) == (Status.COMPLETED, 9.0)
    assert fact.handle == handle
    assert fact.status_at == datetime.fromtimestamp(1692124192, UTC)
    assert "ntDCL5k98Ulq" not in repr(fact)


def test_a_thin_ready_event_asks_for_the_rest():
    _, wanted = read(event("recording.ready-to-download", recording_id=RECORDING))

    assert wanted == Wanted(kind="recording", external_id=RECORDING)


@pytest.mark.parametrize("stamp", ["1693402871", 1693402871, 1693402871.2])
def test_an_error_names_the_instance_and_no_recording(stamp):
    payload = {**fixture("recording.error")["payload"], "instance_id": KEY, "timestamp": stamp}

    (fact,) = read(event("recording.error", **payload))

    assert (fact.external_id, fact.key, fact.call_external_id) == ("", KEY, "my-room")
    assert (fact.status, fact.provider_status) == (Status.FAILED, "cloud-recording-error")
    assert fact.reason == "cloud-recording-error: Error fetching STS credentials"
    assert int(fact.status_at.timestamp()) == 1693402871


def test_an_error_without_a_moment_has_that_of_its_sending():
    (fact,) = read(event("recording.error", instance_id=KEY))

    assert fact.status_at.timestamp() == 1733234946.5
    assert fact.reason


def test_an_error_of_an_instance_that_is_not_ours_is_told_of_the_room():
    (fact,) = read(fixture("recording.error"))

    assert isinstance(fact, CallSnapshot)
    assert (fact.external_id, fact.state) == ("my-room", None)
    assert "STS credentials" in fact.details["Recording error"]


def test_what_is_ready_lifts_an_error():
    assert DailyAdapter.ready_lifts_failed == {"recording", "transcript"}


# Transcripts.


def test_a_live_transcript_that_started_has_our_key(account):
    transcript = account.transcribe(account.call())

    (fact,) = account.facts("transcript.started")

    assert (fact.external_id, fact.key, fact.kind) == (transcript.external_id, KEY, "realtime")
    assert (fact.status, fact.call_external_id) == (Status.IN_PROGRESS, transcript.call.external_id)
    assert fact.handle["instanceId"] == KEY
    assert fact.started_at is not None
    assert fact.duration_seconds is None


@pytest.mark.parametrize("slips", [False, True])
def test_a_live_transcript_that_is_ready_is_read_and_its_words_fetched(account, slips):
    account.simulator.switch(transcript_ready_slip=slips)
    transcript = account.transcribed()

    fact, *wanted = account.facts("transcript.ready-to-download")

    assert (fact.external_id, fact.status) == (transcript.external_id, Status.COMPLETED)
    assert fact.call_external_id == transcript.call.external_id
    assert fact.duration_seconds > 0
    assert [each.kind for each in wanted] == ["transcript", "text"]


def test_a_live_transcript_that_failed_does_not_name_roles():
    (fact,) = read(fixture("transcript.error"))

    assert (fact.external_id, fact.key) == (TRANSCRIPT, INSTANCE)
    assert fact.status is Status.FAILED
    assert "arn:aws" not in fact.reason
    assert "not authorized" in fact.reason
    assert fact.started_at == datetime.fromtimestamp(1733234933, UTC)
    assert fact.completed_at == datetime.fromtimestamp(1733234946, UTC)
    assert fact.duration_seconds == 12.955


def test_a_room_that_is_named_by_its_id_alone_is_looked_up():
    room_id = "9e3c9e1b-6a0f-4a3c-8f57-6c1d2b7e0a11"

    fact, wanted = read(event("transcript.started", id=TRANSCRIPT, room_id=room_id, status="t_in_progress"))

    assert (fact.call_external_id, fact.handle["room_id"]) == ("", room_id)
    assert wanted.kind == "transcript"


def test_an_unknown_word_is_looked_up():
    fact, wanted = read(event("transcript.started", id=TRANSCRIPT, room_name="my-room", status="t_completed"))

    assert (fact.status, fact.provider_status) == (None, "t_completed")
    assert wanted.kind == "transcript"


def test_a_finished_job_is_known_by_its_files(account):
    transcript = account.job()

    fact, wanted = account.facts("batch-processor.job-finished")

    assert (fact.external_id, fact.key) == (transcript.external_id, transcript.key)
    assert fact.recording_external_id == transcript.recording.external_id
    assert (fact.status, fact.kind) == (Status.COMPLETED, "batch")
    assert (wanted.kind, wanted.parent_external_id) == ("text", transcript.recording.external_id)


@pytest.mark.parametrize(
    ("name", "kind", "recording"),
    [
        ("batch-processor.job-finished", "batch", RECORDING),
        ("batch-processor.job-finished.summary", "summary", RECORDING),
        ("batch-processor.job-finished.uri", "batch", ""),
    ],
)
def test_every_shape_of_a_finished_job(name, kind, recording):
    fact = read(fixture(name))[0]

    assert (fact.kind, fact.recording_external_id, fact.key) == (kind, recording, "")


def test_a_failed_job_says_why(account):
    account.simulator.switch(batch_error="Failed to transcribe.")
    transcript = account.job()

    (fact,) = account.facts("batch-processor.error")

    assert (fact.external_id, fact.status) == (transcript.external_id, Status.FAILED)
    assert fact.reason == "Failed to transcribe."


# Rooms.


def test_a_meeting_begins_and_ends(account):
    call = account.call()
    account.simulator.advance(30)
    account.simulator.end_call(call.external_id)
    account.simulator.advance(1)

    began, wanted = account.facts("meeting.started")
    (ended,) = account.facts("meeting.ended")

    assert (began.external_id, began.state) == (call.external_id, CallState.LIVE)
    assert began.started_at == began.status_at
    assert (wanted.kind, wanted.delay_seconds) == ("call", 20.0)
    assert (ended.external_id, ended.state, ended.participants) == (call.external_id, CallState.ENDED, ())
    assert ended.ended_at == ended.status_at > began.status_at


def test_a_meeting_without_moments_has_those_of_its_sending():
    began = read(event("meeting.started", room="my-room"))[0]
    (ended,) = read(event("meeting.ended", room="my-room", end_ts="soon"))

    assert (began.status_at, began.started_at) == (ended.ended_at, None)


def test_who_comes_and_goes_is_read(account):
    call = account.call()
    account.simulator.advance(1)
    account.simulator.leave(call.external_id, "Nora Quillby")
    account.simulator.advance(1)

    joined, first = account.facts("participant.joined")
    (second,) = account.facts("participant.left")

    assert (joined.external_id, joined.state) == (call.external_id, CallState.LIVE)
    assert first == second == Wanted(kind="call", external_id=call.external_id, delay_seconds=20.0)


# All of them.


def test_every_event_that_is_asked_for_says_something():
    for kind in EVENT_TYPES:
        assert read(fixture(kind)), kind


@pytest.mark.parametrize(
    "kind", ["streaming.started", "dialin.connected", "waiting-participant.joined", "new.one"]
)
def test_an_event_that_says_nothing_to_us(kind):
    assert read(event(kind, room="my-room")) is None


def test_a_test_message_says_nothing():
    assert read(fixture("ping")) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"{}",
        b'{"type": 3.5e300}',
        b'{"type": "recording.started"}',
        b'{"type": "recording.started", "payload": []}',
        b'{"type": "recording.started", "payload": {"recording_id": null}}',
        b'{"type": "recording.ready-to-download", "payload": {}}',
        b'{"type": "recording.error", "payload": {}}',
        b'{"type": "transcript.error", "payload": {"id": {}}}',
        b'{"type": "batch-processor.error", "payload": {"status": "error"}}',
        b'{"type": "meeting.started", "payload": {}}',
        b'{"type": "participant.left", "payload": {}}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_a_body_that_cannot_be_read(content):
    with pytest.raises(Unreadable):
        read(content)


_VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
_NESTED = st.recursive(
    _VALUES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)


@given(st.sampled_from(EVENT_TYPES), st.data())
def test_no_payload_breaks_the_reader(kind, data):
    payload = dict(fixture(kind)["payload"])
    for name in data.draw(st.sets(st.sampled_from(sorted(payload)))):
        payload[name] = data.draw(_NESTED)
    content = json.dumps(event(kind, **payload)).encode()

    try:
        facts = webhooks.read(delivered(content))
    except Unreadable:
        return

    for fact in facts:
        assert fact.external_id or fact.key
        if isinstance(fact, RecordingSnapshot):
            stored = json.dumps(fact.raw, allow_nan=False)
            assert "\\u0000" not in stored


def test_a_moment_of_receiving_is_no_moment_of_the_event():
    facts = Account().adapter.read(delivered(event("meeting.ended", room="my-room"), received_at=later(500)))

    assert facts[0].status_at.timestamp() == 1733234946.5
