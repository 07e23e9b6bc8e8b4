import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.providers.errors import SignatureRefused, Unreadable
from recordings.providers.snapshots import (
    CallSnapshot,
    CallState,
    Captions,
    RecordingSnapshot,
    Status,
    TranscriptSnapshot,
    Wanted,
)
from recordings.providers.twilio import signatures
from tests.providers.twilio_account import (
    AC,
    CF,
    GT,
    HOOK,
    KEY,
    RE,
    TR,
    Account,
    answering,
    fixture,
    form_delivery,
    inbound,
    json_delivery,
    ok,
    order,
    stored,
)
from tests.simulators import speech

VECTORS = fixture("vectors")
FORM = "application/x-www-form-urlencoded"
ADAPTER = answering(ok({}))
RECORDING = fixture("recording.completed")
CONTENT = fixture("transcription-content")


@pytest.fixture
def twilio():
    return Account()


def signed(url, body=b"", *, method="POST", kind=FORM, key="12345", digest="sha1", fields=None, **headers):
    """A request signed by the recipe of the contract, without the adapter's code."""
    pairs = dict(fields or {}) if kind == FORM and body else {}
    text = url + "".join(name + pairs[name] for name in sorted(pairs))
    code = base64.b64encode(hmac.new(key.encode(), text.encode(), digest).digest()).decode()
    named = {"x-twilio-signature": code, "content-type": kind}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    return inbound(url, body, method=method, headers=named)


def form(fields, url=HOOK, **more):
    return signed(url, urlencode(fields).encode(), fields=fields, **more)


def refused(request, words):
    with pytest.raises(SignatureRefused, match=words):
        ADAPTER.verify(request)
    return True


# Signatures.


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_vectors_of_the_contract_pass(vector):
    body = (
        vector["body"].encode()
        if vector["body"]
        else urlencode([(name, value) for name, value in vector["form"]]).encode()
    )
    headers = {
        "x-twilio-signature": vector["signature"],
        "content-type": "application/json" if vector["body"] else FORM,
    }
    if vector["digest"] == "sha256":
        headers[signatures.SETTINGS] = "key=shared,algorithm=HMAC_SHA256"
    request = inbound(vector["url"], body, headers=headers)

    signatures.require(request, token="12345", shared_keys={"shared": "shared-test-key"})
    with pytest.raises(SignatureRefused):
        signatures.require(request, token="1234", shared_keys={"shared": "another"})


@pytest.mark.parametrize(
    ("called", "signed_as"),
    [
        ("https://mycompany.com/a?b=1", "https://mycompany.com:443/a?b=1"),
        ("https://mycompany.com:443/a?b=1", "https://mycompany.com/a?b=1"),
        ("https://mycompany.com:8443/a", "https://mycompany.com/a"),
        ("http://mycompany.com?b=1", "http://mycompany.com:80?b=1"),
        ("http://mycompany.com", "http://mycompany.com:80"),
        ("https://[::1]/a", "https://[::1]:443/a"),
        ("https://mycompany.com/a?", "https://mycompany.com:443/a?"),
        ("https://mycompany.com/a#rc=3", "https://mycompany.com/a"),
        ("odd://mycompany.com/a", "odd://mycompany.com/a"),
    ],
)
def test_the_port_may_be_signed_or_not(called, signed_as):
    request = replace(signed(signed_as), url=called)

    signatures.require(request, token="12345", shared_keys={})


@pytest.mark.parametrize("port", ["as_is", "with", "without"])
@pytest.mark.parametrize("scheme", ["auth_token", "shared_key"])
def test_every_callback_of_the_simulator_is_proven(twilio, port, scheme):
    twilio.simulator.switch(signed_port=port, sign_with=scheme)
    twilio.simulator.set_webhook(HOOK)
    recording = twilio.completed()
    twilio.transcribed(recording)

    found = [twilio.adapter.verify(letter) for letter in twilio.letters]

    assert [each.event for each in found] == [
        "recording.in-progress",
        "recording.completed",
        "voice_intelligence_transcript_available",
    ]
    assert len({each.dedupe_id for each in found}) == 3
    assert not any(each.is_ping or each.note for each in found)


@pytest.mark.parametrize(
    ("scheme", "words"),
    [
        ("unheld_key", "not held"),
        ("unknown_algorithm", "not known"),
        ("wrong_token", "does not fit"),
    ],
)
def test_what_another_key_signed_is_refused(twilio, scheme, words):
    twilio.simulator.switch(sign_with=scheme)
    twilio.start(twilio.call())
    twilio.simulator.advance(1)

    with pytest.raises(SignatureRefused, match=words):
        twilio.adapter.verify(twilio.letters[0])


def test_a_token_that_was_changed_is_the_one_that_counts(twilio):
    twilio.simulator.rotate_auth_token("a" * 32)
    twilio.start(twilio.call())
    twilio.simulator.advance(1)
    (letter,) = twilio.letters
    newer = replace(twilio.connection, secrets={**twilio.connection.secrets, "auth_token": "a" * 32})

    with pytest.raises(SignatureRefused):
        twilio.adapter.verify(letter)
    assert type(twilio.adapter)(newer).verify(letter).event == "recording.in-progress"


def test_any_change_breaks_the_proof():
    request = form(RECORDING)

    assert ADAPTER.verify(request)
    assert refused(replace(request, body=request.body + b"&More=1"), "does not fit")
    assert refused(replace(request, body=b""), "does not fit")
    assert refused(replace(request, url=HOOK + "?a=1"), "does not fit")
    assert refused(replace(request, headers={**request.headers, "x-twilio-signature": ""}), "no X-Twilio")
    assert refused(replace(request, headers={**request.headers, "x-twilio-signature": "\udcff"}), "not fit")
    assert refused(replace(request, headers={**request.headers, "content-type": "text/plain"}), "not covered")


def test_blank_repeated_and_unknown_fields_are_signed():
    pairs = [
        ("RecordingSid", RE),
        ("RecordingStatus", "completed"),
        ("RecordingDuration", ""),
        ("New", " ä "),
    ]
    body = urlencode([*pairs, ("New", " ä ")]).encode()

    request = signed(HOOK, body, fields=dict(pairs))

    assert ADAPTER.verify(request).dedupe_id == f"{RE}:recording:completed:"


def test_a_json_body_is_proven_by_its_hash():
    body = json.dumps(fixture("voice_intelligence_transcript_available")).encode()
    url = f"{HOOK}?bodySHA256={hashlib.sha256(body).hexdigest()}"
    request = signed(url, body, kind="application/json")

    assert ADAPTER.verify(request).event == "voice_intelligence_transcript_available"
    assert refused(replace(request, body=body + b" "), "not the one that was signed")
    assert refused(signed(HOOK, body, kind="application/json"), "not covered")


def test_an_algorithm_without_a_held_key_is_refused():
    settings = {"x_twilio_webhooks_signature_settings": "algorithm=HMAC_SHA256"}

    assert refused(form(RECORDING, key="", digest="sha256", **settings), "not held")
    with pytest.raises(SignatureRefused, match="no Auth Token"):
        signatures.require(form(RECORDING, key=""), token="", shared_keys={})


@pytest.mark.parametrize("settings", ["", "key=shared", " , "])
def test_settings_without_an_algorithm_mean_the_auth_token(settings):
    request = form(RECORDING, x_twilio_webhooks_signature_settings=settings)

    assert ADAPTER.verify(request)


def test_shared_keys_are_one_a_line():
    found = signatures.shared_keys_of(" a = x=y \n\nodd\nb=\n=c\r\nd=e")

    assert found == {"a": "x=y", "d": "e"}


@pytest.mark.parametrize(
    "fields", [{**RECORDING, "AccountSid": "AC" + "9" * 32}, {"account_sid": "AC9", "transcript_sid": GT}]
)
def test_a_callback_of_another_account_is_refused(fields):
    assert refused(form(fields), "another account")


def test_a_callback_without_an_account_is_taken_by_its_signature():
    assert ADAPTER.verify(form({"RecordingSid": RE, "RecordingStatus": "absent"})).event == "recording.absent"


@given(st.binary(max_size=60), st.text(max_size=20))
def test_no_request_raises_anything_but_a_refusal(body, header):
    request = inbound(HOOK, body, headers={"content-type": FORM, "x-twilio-signature": header})

    assert refused(request, ".")


# Sameness.


@pytest.mark.parametrize(
    ("fields", "event", "identity"),
    [
        (RECORDING, "recording.completed", f"{RECORDING['RecordingSid']}:recording:completed:"),
        (CONTENT, "transcription-content", f"{CONTENT['TranscriptionSid']}:transcription-content::3"),
        (
            fixture("transcription.failed"),
            "transcription.failed",
            f"{fixture('transcription.failed')['TranscriptionSid']}:transcription:failed:",
        ),
        (
            {**fixture("voice_intelligence_transcript_available"), "status": "x"},
            "voice_intelligence_transcript_available",
            "GT" + "f" * 32 + ":voice_intelligence_transcript_available:x:",
        ),
    ],
)
def test_what_makes_two_callbacks_the_same(fields, event, identity):
    found = ADAPTER.verify(form({**fields, **({"AccountSid": AC} if "AccountSid" in fields else {})}))

    assert (found.event, found.dedupe_id) == (event, identity)


def test_words_without_a_number_are_told_apart_by_their_body():
    one = {**CONTENT, "SequenceId": "", "AccountSid": AC}
    two = {**one, "TranscriptionData": '{"transcript": "And this is another."}'}

    assert ADAPTER.verify(form(one)).dedupe_id != ADAPTER.verify(form(two)).dedupe_id


def test_what_has_no_identity_is_told_apart_by_its_body():
    one, two = form({"SmsSid": "SM1"}), form({"SmsSid": "SM2"})

    assert ADAPTER.verify(one).dedupe_id == ADAPTER.verify(one).dedupe_id
    assert ADAPTER.verify(one).dedupe_id != ADAPTER.verify(two).dedupe_id
    assert ADAPTER.verify(signed(HOOK)).event == ""
    assert ADAPTER.verify(signed(HOOK)).dedupe_id != ADAPTER.verify(one).dedupe_id


# Recordings.


@pytest.mark.parametrize(
    ("name", "status", "wants"),
    [
        ("recording.in-progress", Status.IN_PROGRESS, False),
        ("recording.completed", Status.COMPLETED, True),
        ("recording.absent", Status.FAILED, True),
        ("recording.failed", Status.FAILED, True),
    ],
)
def test_every_event_of_a_recording_is_a_fact(name, status, wants):
    found, *more = ADAPTER.read(form_delivery(fixture(name), path=f"{KEY}/recording/"))

    assert (found.external_id, found.key, found.status) == (fixture(name)["RecordingSid"], KEY, status)
    assert found.call_external_id == fixture(name)["CallSid"]
    assert found.handle == {"call_sid": fixture(name)["CallSid"]}
    assert found.channels in {1, 2}
    assert bool(found.reason) is (status is Status.FAILED)
    assert more == ([Wanted(kind="recording", external_id=found.external_id)] if wants else [])


def test_a_late_beginning_is_as_old_as_the_beginning():
    (found,) = ADAPTER.read(form_delivery(fixture("recording.in-progress")))
    done, _ = ADAPTER.read(form_delivery(RECORDING))

    assert found.status_at == found.started_at == datetime(2016, 10, 14, 21, 56, 34, tzinfo=UTC)
    assert done.status_at is None
    assert done.duration_seconds == 4


def test_an_unknown_state_is_kept_by_its_word():
    found, _ = ADAPTER.read(form_delivery({"RecordingSid": RE, "RecordingStatus": "sideways"}))

    assert (found.status, found.provider_status) == (None, "sideways")
    assert found.key == found.call_external_id == ""


def test_processing_in_a_callback_may_be_live_too():
    found, _ = ADAPTER.read(form_delivery({"RecordingSid": RE, "RecordingStatus": "processing"}))

    assert found.may_be_live


def test_a_conferences_recording_is_the_conferences():
    whole, found, _ = ADAPTER.read(form_delivery({**RECORDING, "ConferenceSid": CF}))

    assert isinstance(whole, CallSnapshot)
    assert (whole.external_id, whole.state) == (CF, CallState.ENDED)
    assert found.call_external_id == CF
    assert found.handle["conference_sid"] == CF


@pytest.mark.parametrize(
    "fields",
    [
        {"RecordingStatus": "completed"},
        {"TranscriptionStatus": "completed"},
        {"TranscriptionEvent": "transcription-started"},
        {"transcript_sid": ""},
    ],
)
def test_a_callback_without_its_id_cannot_be_read(fields):
    with pytest.raises(Unreadable, match="missing"):
        ADAPTER.read(form_delivery(fields))


@pytest.mark.parametrize(
    "delivery",
    [
        form_delivery({}),
        json_delivery({}),
        json_delivery([1]),
        replace(json_delivery({}), body=b"{"),
        replace(form_delivery({}), body=b"\xff\xfe", headers={}),
    ],
)
def test_a_body_that_is_nothing_cannot_be_read(delivery):
    with pytest.raises(Unreadable):
        ADAPTER.read(delivery)


def test_a_callback_of_another_product_means_nothing():
    assert ADAPTER.read(form_delivery({"MessageSid": "SM1", "MessageStatus": "sent"})) is None


@pytest.mark.parametrize(
    ("path", "key"),
    [
        (f"{KEY}/recording/", KEY),
        (f"/{KEY}/recording", KEY),
        (KEY, KEY),
        ("", ""),
        ("recording/", ""),
        ("1/recording/", ""),
    ],
)
def test_our_key_comes_back_in_the_path(path, key):
    found, _ = ADAPTER.read(form_delivery(RECORDING, path=path))

    assert found.key == key


def test_a_callback_by_get_is_read_from_its_query():
    url = f"{HOOK}{KEY}/recording/?{urlencode({**RECORDING, 'AccountSid': AC})}"
    request = signed(url, method="GET")

    verified = ADAPTER.verify(request)
    found, _ = ADAPTER.read(stored(request))

    assert verified.event == "recording.completed"
    assert found.status is Status.COMPLETED


def test_a_started_recording_finds_its_row_by_the_callback(twilio):
    twilio.start(twilio.call())
    twilio.simulator.advance(1)

    (found,) = twilio.adapter.read(stored(twilio.letters[0]))

    (effect,) = twilio.simulator.effects("start_recording")
    assert (found.external_id, found.key) == (effect.result, KEY)


# Transcripts.


def test_a_legacy_transcription_brings_its_text():
    call, found, wanted = ADAPTER.read(form_delivery(fixture("transcription.completed")))

    assert (call.state, call.participants) == (CallState.ENDED, ("+12025550123", "+14155550100"))
    assert found.kind == "legacy"
    assert found.text.utterances[0].text == "Please call me back about the order."
    assert "TranscriptionText" not in found.raw
    assert wanted.parent_external_id == found.recording_external_id


def test_a_failed_legacy_transcription_has_no_text():
    fields = {**fixture("transcription.failed"), "CallStatus": ""}

    found, _ = ADAPTER.read(form_delivery(fields))

    assert (found.status, found.text, found.is_empty) == (Status.FAILED, None, False)
    assert "gives no reason" in found.reason


def test_a_legacy_transcription_without_words_is_empty():
    fields = {"TranscriptionSid": TR, "TranscriptionStatus": "completed", "TranscriptionText": "(blank)"}

    found, _ = ADAPTER.read(form_delivery(fields))

    assert found.is_empty
    assert "no words" in found.text.note


def test_a_thin_call_has_what_is_known():
    fields = {"TranscriptionSid": TR, "TranscriptionStatus": "odd", "CallSid": "CA1", "CallStatus": "ringing"}

    call, found, _ = ADAPTER.read(form_delivery(fields))

    assert (call.title, call.participants) == ("", None)
    assert found.status is None


def test_messages_of_the_simulator_are_read(twilio):
    twilio.message(transcribe_callback=HOOK)

    facts = [fact for letter in twilio.letters for fact in twilio.adapter.read(stored(letter))]

    (found,) = [fact for fact in facts if isinstance(fact, TranscriptSnapshot)]
    assert found.text.utterances[0].text == speech.with_wav(0).text


@pytest.mark.parametrize("encoding", ["json", "form"])
def test_an_intelligence_webhook_is_a_hint_to_read(twilio, encoding):
    twilio.simulator.switch(webhook_encoding=encoding, webhook_has_status=True)
    twilio.simulator.set_webhook(HOOK)
    transcript = twilio.transcribed(twilio.completed())
    letter = twilio.letters[-1]

    verified = twilio.adapter.verify(letter)
    thin, wanted = twilio.adapter.read(stored(letter))

    service = twilio.simulator.service.sid
    assert verified.event == "voice_intelligence_transcript_available"
    assert (thin.external_id, thin.key, thin.status) == (transcript.external_id, KEY, None)
    assert wanted == Wanted(kind="transcript", external_id=transcript.external_id, parent_external_id=service)


def test_a_failure_is_a_hint_as_well_and_names_may_be_in_capitals():
    _, wanted = ADAPTER.read(json_delivery(fixture("voice_intelligence_transcript_failed")))
    thin, bare = ADAPTER.read(json_delivery({"TranscriptSid": GT}))

    assert wanted.kind == "transcript"
    assert (thin.external_id, thin.handle) == (GT, {})
    assert bare.parent_external_id == "GA"


# Live captions.


@pytest.mark.parametrize(
    ("event", "status"),
    [
        ("transcription-started", Status.IN_PROGRESS),
        ("transcription-stopped", Status.COMPLETED),
        ("transcription-error", Status.FAILED),
    ],
)
def test_captions_begin_and_end(event, status):
    (found,) = ADAPTER.read(form_delivery(fixture(event), path=f"{KEY}/captions/"))

    assert (found.external_id, found.key, found.kind) == (fixture(event)["TranscriptionSid"], KEY, "captions")
    assert (found.status, found.provider_status) == (status, event)
    assert found.call_external_id == fixture(event)["CallSid"]
    assert found.language == "en-US"
    assert bool(found.reason) is (status is not Status.IN_PROGRESS)


def test_an_error_that_says_why_is_told():
    fields = {**fixture("transcription-error"), "TranscriptionError": "engine", "TranscriptionErrorCode": "1"}

    (found,) = ADAPTER.read(form_delivery(fields))

    assert found.reason.endswith("engine")
    assert found.reason_code == "1"


@pytest.mark.parametrize(
    ("fields", "engine"),
    [
        ({"ProviderConfiguration": '{"transcriptionEngine": "google"}'}, "google"),
        ({"TranscriptionEngine": "deepgram"}, "deepgram"),
        ({"ProviderConfiguration": "{"}, ""),
    ],
)
def test_the_engine_is_told_where_it_is_named(fields, engine):
    (found,) = ADAPTER.read(form_delivery({**fixture("transcription-started"), **fields}))

    assert found.engine == engine


def test_words_come_in_pieces():
    (final,) = ADAPTER.read(form_delivery(CONTENT))
    (partial,) = ADAPTER.read(form_delivery(fixture("transcription-content.partial")))

    assert isinstance(final, Captions)
    assert (final.sequence, final.is_final, partial.is_final) == (3.0, True, False)
    assert final.utterances[0].text == "Hello, this is about the lamp."
    assert (final.utterances[0].speaker, final.utterances[0].confidence) == ("Inbound", 0.99)
    assert final.transcript_external_id == CONTENT["TranscriptionSid"]


@pytest.mark.parametrize(
    ("changes", "sequence"),
    [
        ({"SequenceId": ""}, 1_715_000_000.0),
        ({"SequenceId": "", "Timestamp": "soon"}, 0.0),
        ({"SequenceId": "7"}, 7.0),
    ],
)
def test_without_a_sequence_the_time_orders(changes, sequence):
    (found,) = ADAPTER.read(form_delivery({**CONTENT, **changes}))

    assert found.sequence == sequence


@pytest.mark.parametrize("data", ["", "{", "[]", '{"transcript": 7}', '{"transcript": null}'])
def test_words_of_an_odd_shape_are_none(data):
    (found,) = ADAPTER.read(form_delivery({**CONTENT, "TranscriptionData": data, "Track": "third_track"}))

    assert [each.text for each in found.utterances] == (["7"] if "7" in data else [])
    assert all(each.speaker == "third_track" for each in found.utterances)


def test_an_unknown_event_of_captions_means_nothing():
    assert ADAPTER.read(form_delivery({**CONTENT, "TranscriptionEvent": "transcription-paused"})) is None


def test_captions_of_a_call_arrive(twilio):
    call = twilio.call()
    twilio.adapter.perform(order("captions.start", call=call, options={"PartialResults": True}))
    twilio.simulator.advance(60)
    twilio.simulator.end_call(call.external_id)
    twilio.simulator.advance(1)

    verified = [twilio.adapter.verify(letter) for letter in twilio.letters]
    facts = [fact for letter in twilio.letters for fact in twilio.adapter.read(stored(letter))]

    pieces = [fact for fact in facts if isinstance(fact, Captions)]
    spoken = [each.utterances[0].text for each in pieces if each.is_final]
    assert spoken == [turn.text for turn in speech.with_wav(0).turns if turn.end < 60]
    assert [each.sequence for each in pieces] == sorted(each.sequence for each in pieces)
    assert len({each.dedupe_id for each in verified}) == len(verified)
    assert facts[0].status is Status.IN_PROGRESS
    assert facts[-1].status is Status.COMPLETED


def test_a_resend_is_the_same_and_a_second_event_is_not(twilio):
    twilio.simulator.chaos(duplicates=1)
    twilio.completed()

    found = [twilio.adapter.verify(letter).dedupe_id for letter in twilio.letters]

    assert len(found) == 4
    assert len(set(found)) == 2


def test_recordings_end_with_the_reason_in_the_callback(twilio):
    twilio.simulator.spoil_recordings(error_code=16104)
    call = twilio.call()
    twilio.start(call)
    twilio.simulator.advance(20)
    twilio.simulator.end_call(call.external_id)
    twilio.simulator.advance(15)

    found = twilio.adapter.read(stored(twilio.letters[-1]))[0]

    assert isinstance(found, RecordingSnapshot)
    assert (found.status, found.provider_status, found.reason_code) == (Status.FAILED, "failed", "16104")
