import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from recordings.providers.errors import SignatureRefused, Unreadable
from recordings.providers.recall import RecallAdapter, signatures, webhooks
from recordings.providers.snapshots import (
    CallSnapshot,
    CallState,
    Captions,
    EndpointSnapshot,
    RecordingSnapshot,
    Status,
    TranscriptSnapshot,
    Wanted,
)
from tests.providers.recall_account import (
    BOT,
    FIXTURES,
    HOOK,
    NOON,
    RECORDING,
    TRANSCRIPT,
    Account,
    called_back,
    delivered,
    fixture,
    inbound,
    order,
)
from tests.simulators.recall.webhooks import signature as simulated_signature

VECTORS = fixture("vectors.json")
SECRET = VECTORS[0]["secret"]
ARTIFACTS = {
    *("video_mixed", "audio_mixed", "video_separate", "audio_separate"),
    *("participant_events", "meeting_metadata"),
}
EVENTS = sorted(path.name.removesuffix(".json") for path in FIXTURES.glob("*.*.json"))


@pytest.fixture
def recall():
    return Account()


def read(event, **changes):
    payload = fixture(f"{event}.json")
    payload["data"].update(changes)
    return webhooks.read(delivered(json.dumps(payload).encode()))


def vector_headers(vector, family="webhook"):
    return {
        f"{family}-id": vector["id"],
        f"{family}-timestamp": str(vector["timestamp"]),
        f"{family}-signature": vector["signature"],
    }


def verify(body, headers, *, secrets=SECRET, at=VECTORS[0]["timestamp"]):
    return signatures.verify(inbound(body, headers, at=at), secrets)


# Proof.


@pytest.mark.parametrize("vector", VECTORS)
@pytest.mark.parametrize("family", ["webhook", "svix"])
def test_an_independent_signer_agrees(vector, family):
    """Standard Webhooks' own library, the contract, the simulator and the adapter make one signature."""
    signer = Webhook(SECRET)
    sent_at = datetime.fromtimestamp(vector["timestamp"], UTC)
    signature = signer.sign(vector["id"], sent_at, vector["body"])
    headers = vector_headers({**vector, "signature": signature}, family)

    assert signature == vector["signature"] == simulated(SECRET, vector)
    assert verify(vector["body"].encode(), headers).dedupe_id == vector["id"]


def simulated(secret, vector):
    return simulated_signature(secret, vector["id"], vector["timestamp"], vector["body"].encode())


@pytest.mark.parametrize("vector", VECTORS)
@pytest.mark.parametrize("family", ["webhook", "svix"])
def test_the_contracts_vectors_pass(vector, family):
    found = verify(vector["body"].encode(), vector_headers(vector, family))

    assert found.dedupe_id == "msg_simtest000000000000000001"
    assert found.event == ("transcript.done" if vector["body"] else "")


def test_one_of_several_signatures_and_one_of_several_secrets_is_enough():
    vector = VECTORS[0]
    headers = vector_headers(vector)
    headers["webhook-signature"] = f"v2,xyz v1,AAAA v1a,b {vector['signature']}"

    found = verify(vector["body"].encode(), headers, secrets=f"whsec_AAAA\nno secret\n\n {SECRET} ")

    assert found.event == "transcript.done"


def test_a_proven_family_wins_over_a_false_one():
    vector = VECTORS[0]
    false = {"webhook-id": "x", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"}

    found = verify(vector["body"].encode(), {**false, **vector_headers(vector, "svix")})

    assert found.dedupe_id == vector["id"]


@pytest.mark.parametrize(
    ("changes", "secrets", "reason"),
    [
        ({}, "", "no signing secret"),
        ({}, "whsec_!!!!", "no signing secret"),
        ({"webhook-signature": ""}, SECRET, "carries no signature"),
        ({"webhook-id": "other"}, SECRET, "no signature matches"),
        ({"webhook-timestamp": "1767323046"}, SECRET, "no signature matches"),
        ({"webhook-signature": "v1,AAAA"}, SECRET, "no signature matches"),
        (
            {"webhook-signature": "v2,STuJTleUl7F43YxuzY/Yh8h9B++y6LT4gNtyhSS0ynQ="},
            SECRET,
            "no signature matches",
        ),
        ({"webhook-signature": "v1,Ünicode"}, SECRET, "no signature matches"),
        ({}, "whsec_AAAA", "no signature matches"),
    ],
)
def test_what_is_not_proven_is_refused(changes, secrets, reason):
    vector = VECTORS[0]

    with pytest.raises(SignatureRefused) as caught:
        verify(vector["body"].encode(), {**vector_headers(vector), **changes}, secrets=secrets)

    assert reason in caught.value.reason


def test_an_altered_body_is_refused():
    with pytest.raises(SignatureRefused):
        verify(VECTORS[0]["body"].encode() + b" ", vector_headers(VECTORS[0]))


@pytest.mark.parametrize(("late", "passes"), [(300, True), (-300, True), (301, False), (-301, False)])
def test_five_minutes_are_tolerated(late, passes):
    vector = VECTORS[0]
    arrive = vector["timestamp"] + late

    if passes:
        assert verify(vector["body"].encode(), vector_headers(vector), at=arrive)
        return
    with pytest.raises(SignatureRefused) as caught:
        verify(vector["body"].encode(), vector_headers(vector), at=arrive)
    assert caught.value.skew_seconds == -late
    assert ("old" if late > 0 else "ahead") in caught.value.reason


@pytest.mark.parametrize("sent_at", ["soon", "-5", "1.5", "9" * 400, "١٢٣"])
def test_a_signed_timestamp_that_is_no_number_is_refused(sent_at):
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.new(key, f"a.{sent_at}.".encode(), hashlib.sha256).digest()).decode()
    headers = {"webhook-id": "a", "webhook-timestamp": sent_at, "webhook-signature": f"v1,{signature}"}

    with pytest.raises(SignatureRefused) as caught:
        verify(b"", headers)

    assert "no number" in caught.value.reason


def test_every_callback_of_a_recorded_call_is_proven_and_read(recall):
    recall.simulator.set_webhook(HOOK)
    recall.simulator.outbox.deliver = lambda *_: 200
    recall.simulator.switch(header_family="both", other_versions=True)

    recall.transcribed(recall.finished())

    sent = recall.simulator.outbox.sent
    proofs = [recall.adapter.verify(called_back(each)) for each in sent]
    assert [proof.event for proof in proofs] == [each.event for each in sent]
    assert len({proof.dedupe_id for proof in proofs}) == len(sent)
    assert {"bot.in_call_recording", "recording.processing", "recording.done", "transcript.done"} <= {
        proof.event for proof in proofs
    }
    assert all(recall.adapter.read(delivered(each.body)) for each in sent)


def test_a_resend_hours_later_has_the_same_dedupe_id(recall):
    recall.simulator.set_webhook(HOOK, has_own_secret=True)
    recall.simulator.outbox.deliver = lambda *_: 500
    recall.call()

    (first, *_) = recall.simulator.outbox.sent
    later = NOON + 40_000
    ids = {recall.adapter.verify(called_back(first, at=at)).dedupe_id for at in (NOON, later)}

    assert len(ids) == 1


def test_a_wrong_signature_of_the_simulator_is_refused(recall):
    recall.simulator.set_webhook(HOOK)
    recall.simulator.outbox.deliver = lambda *_: 200
    recall.simulator.switch(wrong_signatures=1)
    recall.call()

    with pytest.raises(SignatureRefused):
        recall.adapter.verify(called_back(recall.simulator.outbox.sent[0]))


def test_an_account_without_a_workspace_secret_sends_nothing_to_trust(recall):
    recall.simulator.set_webhook(HOOK)
    recall.simulator.outbox.deliver = lambda *_: 200
    recall.simulator.switch(signed=False)
    recall.call()

    with pytest.raises(SignatureRefused) as caught:
        recall.adapter.verify(called_back(recall.simulator.outbox.sent[0]))

    assert "make a signing secret" in caught.value.reason


# Facts.


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("joining_call", CallState.WAITING),
        ("in_waiting_room", CallState.WAITING),
        ("in_call_not_recording", CallState.LIVE),
        ("recording_permission_allowed", CallState.LIVE),
        ("recording_permission_denied", CallState.LIVE),
        ("in_call_recording", CallState.LIVE),
        ("call_ended", CallState.ENDED),
        ("done", CallState.ENDED),
        ("fatal", CallState.ENDED),
    ],
)
def test_a_bots_event_is_a_thin_call_and_a_wish_for_more(code, state):
    thin, wanted = read(f"bot.{code}")

    assert (thin.external_id, thin.state, thin.provider_status) == (BOT, state, code)
    assert thin.key == "example-key"
    assert thin.status_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert wanted == Wanted(kind="call", external_id=BOT)


def test_the_reason_of_an_ending_is_a_sentence():
    (thin, _) = read("bot.call_ended", data={"sub_code": "bot_kicked_from_call", "updated_at": None})
    (new, _) = read("bot.fatal", data={"sub_code": "brand_new", "message": None})
    (said, _) = read("bot.fatal", data={"sub_code": "brand_new", "message": "The sky fell."})

    assert (thin.reason, thin.reason_code) == (
        "Someone removed the bot from the meeting.",
        "bot_kicked_from_call",
    )
    assert thin.status_at is None
    assert (new.reason, new.reason_code) == ("Recall.ai gives the reason brand_new.", "brand_new")
    assert said.reason == "The sky fell."


def test_the_legacy_event_is_a_call_too():
    thin, wanted = read("bot.status_change")

    assert (thin.external_id, thin.state, thin.provider_status) == (BOT, CallState.ENDED, "done")
    assert wanted.external_id == BOT


def test_a_log_is_a_reason_to_look_only_when_it_tells_of_an_error():
    error = {"bot_id": BOT, "log": {"level": "ERROR", "message": "no"}}

    assert read("bot.log") is None
    assert read("bot.log.error") == (Wanted(kind="call", external_id=BOT),)
    assert read("bot.output_log", bot_id=None, log={"level": "error"}) is None
    assert read("bot.output_log", **error) == (Wanted(kind="call", external_id=BOT),)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("processing", Status.IN_PROGRESS),
        ("paused", Status.PAUSED),
        ("done", Status.COMPLETED),
        ("failed", Status.FAILED),
    ],
)
def test_a_recordings_event_is_thin_and_wishes_for_more(code, status):
    thin, wanted = read(f"recording.{code}")

    assert (thin.external_id, thin.status, thin.provider_status) == (RECORDING, status, code)
    assert (thin.call_external_id, thin.handle) == (BOT, {"bot_id": BOT})
    assert wanted == Wanted(kind="recording", external_id=RECORDING, parent_external_id=BOT)


def test_a_failed_recording_says_why():
    (with_error, _), (without, _) = (
        read("recording.failed"),
        read("recording.failed", data={"sub_code": "internal_error"}),
    )

    assert with_error.reason == "The recording could not be finalised."
    assert with_error.reason_code == "internal_error"
    assert without.reason == "Recall.ai had an internal error."


def test_a_deleted_recording_is_not_read_again():
    (thin,) = read("recording.deleted")

    assert thin.status is Status.DELETED


def test_a_recording_without_a_bot_is_taken():
    thin, wanted = read("recording.done", bot=None)

    assert (thin.call_external_id, thin.handle, wanted.parent_external_id) == ("", {}, "")


def test_a_recording_event_of_a_new_word_leaves_our_status():
    payload = fixture("recording.done.json") | {"event": "recording.archived"}

    thin, _ = webhooks.read(delivered(json.dumps(payload).encode()))

    assert (thin.status, thin.provider_status) == (None, "archived")


@pytest.mark.parametrize(
    ("code", "status", "kinds"),
    [
        ("processing", Status.PROCESSING, ["transcript"]),
        ("done", Status.COMPLETED, ["transcript", "text"]),
        ("done.no_bot", Status.COMPLETED, ["transcript", "text"]),
        ("failed", Status.FAILED, ["transcript"]),
        ("deleted", Status.DELETED, []),
    ],
)
def test_a_transcripts_event_is_thin_and_wishes_for_more(code, status, kinds):
    thin, *wanted = read(f"transcript.{code}")

    assert (thin.external_id, thin.status) == (TRANSCRIPT, status)
    assert thin.recording_external_id == RECORDING
    assert thin.call_external_id == ("" if code.endswith("no_bot") else BOT)
    assert [each.kind for each in wanted] == kinds
    assert all(each.parent_external_id == RECORDING for each in wanted)


def test_the_old_name_of_a_failure_means_failed():
    payload = fixture("transcript.failed.json") | {"event": "transcript.error"}

    thin, _ = webhooks.read(delivered(json.dumps(payload).encode()))

    assert (thin.status, thin.provider_status) == (Status.FAILED, "failed")


@pytest.mark.parametrize(
    "event",
    [each for each in EVENTS if each.partition(".")[0] in ARTIFACTS],
)
def test_an_artifacts_event_asks_for_its_recording(event):
    assert read(event) == (Wanted(kind="recording", external_id=RECORDING),)


@pytest.mark.parametrize(("code", "names_one"), [("uploading", True), ("complete", True), ("failed", False)])
def test_an_upload_of_the_desktop_sdk_asks_for_the_recording_that_it_makes(code, names_one):
    wanted = (Wanted(kind="recording", external_id=RECORDING),)

    assert read(f"sdk_upload.{code}") == (wanted if names_one else ())


def test_a_failed_address_for_live_data_is_news():
    failed, wanted = read("realtime_endpoint.failed")

    assert isinstance(failed, EndpointSnapshot)
    assert (failed.state, failed.is_healthy) == ("failed", False)
    assert wanted.kind == "recording"
    assert read("realtime_endpoint.running") == (wanted,)
    assert read("realtime_endpoint.done", recording=None) == ()


@pytest.mark.parametrize(
    ("event", "is_final", "end"), [("transcript.data", True, 1.5), ("transcript.partial_data", False, None)]
)
def test_words_that_are_being_spoken_are_captions(event, is_final, end):
    (captions,) = read(event)

    assert isinstance(captions, Captions)
    assert captions.is_final is is_final
    assert captions.sequence == 1.2
    assert (captions.transcript_external_id, captions.recording_external_id) == (TRANSCRIPT, RECORDING)
    (spoken,) = captions.utterances
    assert (spoken.speaker, spoken.text, spoken.language) == ("Ada", "hi", "en")
    assert (spoken.start, spoken.end) == (1.2, end)


def test_words_without_times_are_ordered_by_arrival():
    (captions,) = read("transcript.data", data={"words": [{"text": "hi"}]})
    (empty,) = read("transcript.data", data={})

    assert captions.sequence == NOON
    assert empty.utterances == ()


def test_live_words_of_a_recording_are_read(recall):
    recall.simulator.outbox.deliver = lambda *_: 200
    call = recall.call()
    live = {"transcript.provider": "recallai_streaming"}
    recall.adapter.perform(order("recording.start", call=call, callback_url=HOOK, values=live))

    recall.simulator.advance(60)

    sent = [each for each in recall.simulator.outbox.sent if each.event == "transcript.data"]
    assert sent
    assert {each.url for each in sent} == {f"{HOOK}realtime/"}
    for each in sent:
        recall.adapter.verify(called_back(each))
    captions = [recall.adapter.read(delivered(each.body))[0] for each in sent]
    assert [each.sequence for each in captions] == sorted(each.sequence for each in captions)
    assert all(each.utterances[0].speaker for each in captions)


@pytest.mark.parametrize(
    "event",
    [
        *(
            "calendar.update",
            "slack_team.invited",
            "transcript.provider_data",
            "bot.new_thing",
        ),
        "anything",
    ],
)
def test_an_event_that_means_nothing_to_us_is_none(event):
    body = json.dumps({"event": event, "data": {}}).encode()

    assert webhooks.read(delivered(body)) is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no json",
        b"\xff\xfe",
        b"[" * 100_000,
        b"[]",
        b'{"event": "bot.done"}',
        b'{"event": 5.5, "data": {}}',
        b'{"event": "bot.done", "data": {"bot": {"id": null}}}',
        b'{"event": "bot.status_change", "data": {}}',
        b'{"event": "recording.done", "data": {"recording": []}}',
        b'{"event": "transcript.done", "data": {"transcript": {"id": true}}}',
        b'{"event": "transcript.data", "data": {}}',
        b'{"event": "video_mixed.done", "data": {}}',
        b'{"event": "realtime_endpoint.failed", "data": {}}',
    ],
)
def test_a_body_that_cannot_be_read_says_so(body):
    with pytest.raises(Unreadable):
        webhooks.read(delivered(body))


def test_the_event_of_an_unreadable_body_is_empty():
    assert signatures.event_of(b"[" * 100_000) == ""
    assert signatures.event_of(b"no json") == ""


def test_a_thin_fact_keeps_no_link():
    link = "https://x.test/?token=abc"
    (thin, _) = read("recording.done", recording={"id": "r", "metadata": {}, "data": {"download_url": link}})

    assert "abc" not in json.dumps(thin.raw)


def test_every_kind_of_fact_comes_from_a_fixture():
    kinds = {type(fact) for event in EVENTS for fact in read(event) or ()}

    assert kinds == {CallSnapshot, RecordingSnapshot, TranscriptSnapshot, Captions, EndpointSnapshot, Wanted}


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "data",
                    "bot",
                    "recording",
                    "transcript",
                    "metadata",
                    "status",
                    "words",
                    "sub_code",
                    "updated_at",
                    "text",
                    "start_timestamp",
                    "relative",
                    "participant",
                    "name",
                    "code",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
NAMES = sorted({".".join(event.split(".")[:2]) for event in EVENTS})


@given(
    event=st.sampled_from(NAMES),
    data=st.dictionaries(
        st.sampled_from(
            ["data", "bot", "bot_id", "recording", "transcript", "realtime_endpoint", "status", "log"]
        ),
        JSON,
    ),
)
@settings(max_examples=300, deadline=None)
def test_no_types_of_json_break_the_reader(event, data):
    body = json.dumps({"event": event, "data": data}).encode()

    try:
        facts = webhooks.read(delivered(body))
    except Unreadable:
        return

    assert facts is None or isinstance(facts, tuple)


@given(
    headers=st.dictionaries(
        st.sampled_from([f"{f}-{n}" for f in ("webhook", "svix") for n in ("id", "timestamp", "signature")]),
        st.text(max_size=20),
    ),
    body=st.binary(max_size=20),
)
@settings(max_examples=200, deadline=None)
def test_no_headers_pass_without_the_secret(headers, body):
    with pytest.raises(SignatureRefused):
        verify(body, headers)


def test_the_adapter_verifies_with_its_accounts_secrets():
    assert RecallAdapter(Account(webhook_secrets=SECRET).connection).verify(
        inbound(VECTORS[0]["body"].encode(), vector_headers(VECTORS[0]), at=VECTORS[0]["timestamp"])
    )
