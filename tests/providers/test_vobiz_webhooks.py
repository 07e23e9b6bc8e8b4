import json
from dataclasses import replace
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.providers.base import Inbound
from recordings.providers.errors import SignatureRefused, Unreadable
from recordings.providers.snapshots import RecordingSnapshot, Status, TranscriptSnapshot, Wanted
from recordings.providers.vobiz import signatures
from tests.providers.vobiz_account import (
    AT,
    CALL,
    HOOK,
    KEY,
    RECORDING,
    Account,
    body,
    delivered,
    fixture,
    inbound,
    stored,
)
from tests.simulators.vobiz.webhooks import signature_v2, signature_v3

JSON = "application/json"
WANTED = Wanted(kind="recording", external_id=RECORDING, parent_external_id=CALL)
VECTORS = fixture("vectors.json")


@pytest.fixture
def vobiz():
    return Account()


def recorded(vobiz, **options):
    """A recording that ran and ended, with all its callbacks; the recording."""
    call = vobiz.call()
    recording = vobiz.start(call, **options)
    vobiz.simulator.advance(30)
    vobiz.simulator.end_call(call.external_id)
    vobiz.simulator.advance(60)
    return recording


def callbacks(vobiz, event):
    return [each for each in vobiz.simulator.outbox.sent if each.event == event]


@pytest.fixture(autouse=True)
def deaf(vobiz):
    """Callbacks are taken from the outbox, not sent."""
    vobiz.simulator.outbox.deliver = lambda url, method, headers, content: 200


def read(vobiz, name, path="", **kind):
    return vobiz.adapter.read(delivered(path, body(name), **kind))


# The two callbacks of ours, in every encoding


@pytest.mark.parametrize("encoding", ["form", "json", "json_as_form"])
@pytest.mark.parametrize("keys", ["snake", "pascal"])
@pytest.mark.parametrize("extras", [{}, {"general_fields": True}, {"callback_decimals": True}])
def test_a_recording_that_ended_is_being_finished(vobiz, encoding, keys, extras):
    vobiz.simulator.switch(callback_encoding=encoding, callback_keys=keys, **extras)
    recording = recorded(vobiz)

    request = inbound(callbacks(vobiz, "recording")[0])
    fact, wanted = vobiz.adapter.read(stored(request))

    assert isinstance(fact, RecordingSnapshot)
    assert (fact.external_id, fact.key) == (recording.external_id, KEY)
    assert (fact.call_external_id, fact.status) == (recording.call.external_id, Status.PROCESSING)
    assert wanted == Wanted(
        kind="recording", external_id=recording.external_id, parent_external_id=recording.call.external_id
    )
    # Nothing else of the unsigned body is believed.
    assert (fact.duration_seconds, fact.started_at, fact.handle) == (None, None, {})


def test_a_recording_callback_by_get(vobiz):
    vobiz.simulator.switch(callback_method="GET")
    recording = recorded(vobiz)

    request = inbound(callbacks(vobiz, "recording")[0])
    verified = vobiz.adapter.verify(request)
    fact, _ = vobiz.adapter.read(stored(request))

    assert fact.external_id == recording.external_id
    assert verified.dedupe_id.startswith(recording.external_id)


def test_the_end_of_a_recording_with_a_transcript_expects_the_text(vobiz):
    """So that a lost answer and a lost text together still show that a text is missing."""
    recording = recorded(vobiz, transcription_type="auto")

    fact, expected, _ = vobiz.adapter.read(stored(inbound(callbacks(vobiz, "recording")[0])))

    assert fact.status is Status.PROCESSING
    assert (expected.external_id, expected.key, expected.status) == (
        recording.external_id,
        KEY,
        Status.REQUESTED,
    )


@pytest.mark.parametrize("encoding", ["form", "json", "json_as_form"])
@pytest.mark.parametrize("keys", ["snake", "pascal"])
@pytest.mark.parametrize("fields", ["rest", "xml", "both"])
def test_the_text_arrives(vobiz, encoding, keys, fields):
    vobiz.simulator.switch(
        callback_encoding=encoding,
        callback_keys=keys,
        transcription_fields=fields,
        general_fields=True,
        durations="clock",
    )
    recording = recorded(vobiz, transcription_type="auto")

    fact, wanted = vobiz.adapter.read(stored(inbound(callbacks(vobiz, "transcription")[0])))

    said = vobiz.simulator.transcripts[recording.external_id].text
    assert isinstance(fact, TranscriptSnapshot)
    assert fact.external_id == fact.recording_external_id == recording.external_id
    assert fact.key == fact.recording_key == KEY
    assert (fact.status, fact.kind, fact.language) == (Status.COMPLETED, "auto", "en")
    assert [each.text for each in fact.text.utterances] == [said]
    assert [each.content for each in fact.text.files] == [said.encode()]
    assert not fact.is_empty
    assert said not in repr(fact.raw)
    assert wanted.external_id == recording.external_id
    if fields != "xml":
        assert (fact.price, fact.currency) == (Decimal("0.30000"), "")
        assert fact.duration_seconds == 30


def test_a_text_that_could_not_be_made(vobiz):
    vobiz.simulator.switch(transcription_error="Recording file size too large for transcription")
    recorded(vobiz, transcription_type="auto")

    fact, _ = vobiz.adapter.read(stored(inbound(callbacks(vobiz, "transcription")[0])))

    assert (fact.status, fact.text, fact.is_empty) == (Status.FAILED, None, False)
    assert fact.reason == "Recording file size too large for transcription. Record as MP3 or for less time."
    assert fact.price == 0


@pytest.mark.parametrize("name", ["transcription.json", "transcription.form.txt"])
def test_fixtures_of_a_text(vobiz, name):
    fact, wanted = read(vobiz, name, f"{KEY}/transcription/")

    assert fact.text.files[0].content == body("transcription.txt")
    assert (fact.price, fact.duration_seconds) == (Decimal("0.3"), 34)
    assert wanted == WANTED


@pytest.mark.parametrize("name", ["transcription.error.json", "transcription.error.form.txt"])
def test_fixtures_of_an_error(vobiz, name):
    fact, _ = read(vobiz, name, f"{KEY}/transcription/")

    assert fact.status is Status.FAILED


@pytest.mark.parametrize(
    "name",
    [
        "recording.json",
        "recording.form.txt",
        "recording.decimals.form.txt",
        "recording.general.json",
        "recording.pascal.json",
        "RecordStop.json",
        "RecordStop.form.txt",
    ],
)
def test_fixtures_of_a_recording(vobiz, name):
    fact, wanted = read(vobiz, name, f"{KEY}/recording/")

    assert (fact.external_id, fact.key, fact.status) == (RECORDING, KEY, Status.PROCESSING)
    assert wanted == WANTED


def texted(vobiz, **fields):
    content = json.dumps({"recording_id": RECORDING, **fields}).encode()
    return vobiz.adapter.read(delivered(f"{KEY}/transcription/", content, content_type=JSON))[0]


def test_an_empty_text_is_empty(vobiz):
    for words in ("", "  \n "):
        fact = texted(vobiz, transcription=words, error="")

        assert (fact.status, fact.is_empty) == (Status.COMPLETED, True)


def test_each_line_is_an_utterance_and_the_file_is_untouched(vobiz):
    fact = texted(vobiz, transcription=" Hello. \r\n\nNote: yes.\ud800")

    assert [each.text for each in fact.text.utterances] == ["Hello.", "Note: yes.?"]
    assert fact.text.files[0].content == b" Hello. \r\n\nNote: yes.\xed\xa0\x80"


@pytest.mark.parametrize("words", [[{"speaker": 0, "text": "Hello"}], {"a": 1}, 7, True])
def test_a_text_that_is_none_is_kept_and_said(vobiz, words):
    fact = texted(vobiz, transcription=words)

    assert (fact.status, fact.is_empty, fact.text.utterances) == (Status.COMPLETED, False, ())
    assert "not text" in fact.text.problem
    assert json.loads(fact.text.files[0].content) == words


def test_a_text_beside_an_error_is_kept(vobiz):
    fact = texted(vobiz, transcription="Hello.", error="Recording duration too long for transcription")

    assert fact.status is Status.FAILED
    assert fact.text.utterances[0].text == "Hello."
    assert fact.reason.endswith("at most 4 hours.")


@pytest.mark.parametrize(
    ("error", "status"),
    [(None, "completed"), ("", "completed"), (0, "completed"), ({"a": 1}, "failed"), ([1], "failed")],
)
def test_errors_of_every_type(vobiz, error, status):
    assert texted(vobiz, transcription="Hello.", error=error).status == status


@pytest.mark.parametrize("value", ["-1", "x", None, [], "1e400"])
def test_numbers_that_are_none_are_unknown(vobiz, value):
    fact = texted(vobiz, transcription="Hello.", duration=value, transcription_charge=value)

    assert (fact.price, fact.duration_seconds) == (None, None)


def test_neither_text_nor_error_cannot_be_read(vobiz):
    with pytest.raises(Unreadable, match="neither a text nor an error"):
        texted(vobiz)


# Look-alikes


def test_a_recording_of_another_system_is_only_asked_for(vobiz):
    assert read(vobiz, "RecordStop.json") == (WANTED,)
    assert read(vobiz, "recording.completed.json") == (WANTED,)
    assert read(vobiz, "recording.json") == (WANTED,)


def test_the_early_event_is_dependable_in_its_id_only(vobiz):
    early = json.dumps({**fixture("Record.json"), "CallUUID": CALL}).encode()

    assert read(vobiz, "Record.json") == ()
    assert vobiz.adapter.read(delivered("", early)) == (Wanted(kind="call", external_id=CALL),)
    (fact,) = read(vobiz, "Record.json", f"{KEY}/recording/")
    assert (fact.external_id, fact.status, fact.provider_status) == (RECORDING, Status.IN_PROGRESS, "Record")


def test_the_reason_of_an_end_is_kept(vobiz):
    fact, _ = read(vobiz, "RecordStop.json", f"{KEY}/recording/")

    assert (fact.reason_code, fact.provider_status) == ("HungUp", "RecordStop")


@pytest.mark.parametrize("name", ["transcription.completed.json", "transcription.json"])
def test_a_text_of_another_systems_recording_is_not_lost(vobiz, name):
    fact, wanted = read(vobiz, name)

    assert fact.external_id == RECORDING
    assert (fact.key, fact.status) == ("", Status.COMPLETED)
    assert fact.text.utterances[0].text == "Hello, this is the warranty desk. How can I help?"
    assert wanted == WANTED


@pytest.mark.parametrize("event", ["Record", "RecordStop", "recording.completed", "transcription.completed"])
def test_look_alikes_as_they_are_sent(vobiz, event):
    recording = vobiz.finished()
    vobiz.simulator.lookalike(url=HOOK, event=event, recording_id=recording)

    request = inbound(vobiz.simulator.outbox.sent[-1])
    facts = vobiz.adapter.read(stored(request))

    assert vobiz.adapter.verify(request).event == event
    assert {getattr(fact, "external_id", "") for fact in facts} <= {recording}


@pytest.mark.parametrize("event", ["Hangup", "RecordPause", "trunk.updated"])
def test_events_that_mean_nothing_to_us(vobiz, event):
    assert vobiz.adapter.read(delivered("", urlencode({"Event": event, "RecordingID": "1"}).encode())) is None
    assert vobiz.adapter.read(delivered("elsewhere/", b"a=b")) is None


def test_an_unknown_event_at_our_own_address_is_what_the_address_says(vobiz):
    content = urlencode({"Event": "Surprise", "recording_id": RECORDING, "transcription": "Hello."}).encode()

    assert (
        vobiz.adapter.read(delivered(f"{KEY}/transcription/", content))[0].text.utterances[0].text == "Hello."
    )
    assert vobiz.adapter.read(delivered(f"{KEY}/recording/", content))[0].status is Status.PROCESSING


@pytest.mark.parametrize("path", ["recording/", "a/b/recording/", "/recording"])
def test_an_address_without_a_key_names_no_order_of_ours(vobiz, path):
    content = urlencode({"recording_id": RECORDING, "call_uuid": CALL}).encode()

    assert vobiz.adapter.read(delivered(path, content)) == (WANTED,)


def test_a_stray_callback_names_its_own_recording(vobiz):
    stray = vobiz.simulator.stray_callback(url=f"{HOOK}{KEY}/recording/")

    fact, _ = vobiz.adapter.read(stored(inbound(vobiz.simulator.outbox.sent[-1])))

    assert fact.external_id == stray


def test_an_id_that_fits_no_column_cannot_be_read(vobiz):
    content = urlencode({"recording_id": "1" * 5000}).encode()

    with pytest.raises(Unreadable, match="which recording"):
        vobiz.adapter.read(delivered(f"{KEY}/recording/", content))


@pytest.mark.parametrize("link", ["", "https://x.test/a.mp3", "https://[x"])
def test_a_recording_without_its_id_cannot_be_read(vobiz, link):
    with pytest.raises(Unreadable, match="which recording"):
        vobiz.adapter.read(delivered(f"{KEY}/recording/", urlencode({"record_url": link, "a": "b"}).encode()))


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"", ""),
        (b"   ", ""),
        (b"nothing", ""),
        (b"{oops", ""),
        (b"[1]", JSON),
        (b"7", JSON),
        (b"\xff\xfe", JSON),
        (b"{" + b'"a":[' * 100_000, JSON),
    ],
)
def test_bodies_that_cannot_be_read(vobiz, content, content_type):
    path = f"{KEY}/recording/"

    with pytest.raises(Unreadable):
        vobiz.adapter.read(delivered(path, content, content_type=content_type))

    request = asked(path=path, content=content)
    request = replace(request, headers={"content-type": content_type})
    assert vobiz.adapter.verify(request).event == "recording"


def test_links_that_open_by_themselves_are_not_kept(vobiz):
    link = "https://media.vobiz.ai/Recording/a.mp3?X-Amz-Signature=abc123"
    content = urlencode({"recording_id": RECORDING, "record_url": link}).encode()

    facts = vobiz.adapter.read(delivered(f"{KEY}/recording/", content))

    assert "abc123" not in repr(facts)


@given(
    st.binary(max_size=200),
    st.sampled_from(["", JSON]),
    st.sampled_from(["", "k/recording/", "k/transcription/"]),
)
def test_no_body_makes_reading_fail_otherwise(content, content_type, path):
    account = _shared
    try:
        facts = account.adapter.read(delivered(path, content, content_type=content_type))
    except Unreadable:
        return

    assert facts is None or isinstance(facts, tuple)


_values = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.text()))


@given(
    st.dictionaries(
        st.sampled_from(
            ["Event", "recording_id", "transcription", "error", "duration", "call_uuid", "record_url"]
        ),
        _values,
    ),
    st.sampled_from(["", "k/recording/auto/", "k/transcription/"]),
)
def test_no_value_in_a_body_makes_reading_fail(fields, path):
    try:
        facts = _shared.adapter.read(delivered(path, json.dumps(fields).encode(), content_type=JSON))
    except Unreadable:
        return

    assert facts is None or all("\0" not in getattr(fact, "external_id", "") for fact in facts)


_shared = Account()


# Proof


def asked(*, url="", path="", content=b"a=b", headers=None):
    return Inbound(
        method="POST",
        url=url or f"{HOOK}{path}",
        path=path,
        headers=headers or {},
        body=content,
        received_at=AT,
    )


def signed(version, value, nonce=VECTORS["nonce"]):
    return {f"x-vobiz-signature-{version}": value, f"x-vobiz-signature-{version[-2:]}-nonce": nonce}


@pytest.mark.parametrize("version", ["v2", "v3"])
@pytest.mark.parametrize("url", [VECTORS["url"], *VECTORS["verifies_also"], f"{VECTORS['url']}#part"])
def test_vectors_of_the_contract(vobiz, version, url):
    verified = vobiz.adapter.verify(asked(url=url, headers=signed(version, VECTORS[version])))

    assert verified.note == signatures.SIGNED


@pytest.mark.parametrize("version", ["v2", "v3"])
@pytest.mark.parametrize("url", VECTORS["must_fail"])
def test_vectors_that_must_fail(vobiz, version, url):
    with pytest.raises(SignatureRefused, match="Auth Token"):
        vobiz.adapter.verify(asked(url=url, headers=signed(version, VECTORS[version])))


@pytest.mark.parametrize(
    "headers",
    [
        signed("v2", VECTORS["v3"]),
        signed("v3", VECTORS["v2"]),
        signed("v3", VECTORS["v3"], nonce="1"),
        {"x-vobiz-signature-v3": VECTORS["v3"]},
        signed("v3", "é\ud800"),
        signed("v3", VECTORS["v3"][:-1]),
    ],
)
def test_wrong_signatures(vobiz, headers):
    with pytest.raises(SignatureRefused):
        vobiz.adapter.verify(asked(url=VECTORS["url"], headers=headers))


def test_one_of_two_signatures_is_enough(vobiz):
    headers = {**signed("v2", "wrong"), **signed("v3", VECTORS["v3"])}

    assert vobiz.adapter.verify(asked(url=VECTORS["url"], headers=headers)).note == signatures.SIGNED


def test_without_a_token_nothing_is_proven():
    vobiz = Account(auth_token="")
    forged = signature_v3("", VECTORS["url"], VECTORS["nonce"])

    with pytest.raises(SignatureRefused):
        vobiz.adapter.verify(asked(url=VECTORS["url"], headers=signed("v3", forged)))


@pytest.mark.parametrize("wanted", ["v2", "v3", "v2+v3", "v1+v3", "ma-v3+v3", "ma-v2+v2"])
@pytest.mark.parametrize("drops_port", [False, True])
def test_signatures_as_they_are_sent(vobiz, wanted, drops_port):
    vobiz.simulator.switch(signatures=wanted, signature_drops_port=drops_port)
    vobiz.simulator.stray_callback(
        url=f"https://hooks.example.test:8443/webhooks/vobiz/secret/{KEY}/recording/"
    )

    verified = vobiz.adapter.verify(inbound(vobiz.simulator.outbox.sent[-1]))

    assert verified.note == signatures.SIGNED


def test_signatures_of_another_key_are_refused(vobiz):
    vobiz.simulator.switch(signatures="v2+v3", signatures_wrong=True)
    recorded(vobiz)

    with pytest.raises(SignatureRefused):
        vobiz.adapter.verify(inbound(callbacks(vobiz, "recording")[0]))


@pytest.mark.parametrize("wanted", ["", "v1", "ma-v2+ma-v3"])
def test_what_cannot_be_checked_counts_as_unsigned(wanted):
    vobiz, strict = Account(), Account(require_signature="on")
    vobiz.simulator.switch(signatures=wanted)
    vobiz.simulator.outbox.deliver = lambda url, method, headers, content: 200
    recorded(vobiz)
    request = inbound(callbacks(vobiz, "recording")[0])

    assert vobiz.adapter.verify(request).note == signatures.UNSIGNED
    with pytest.raises(SignatureRefused, match="requires a signature"):
        strict.adapter.verify(request)


@pytest.mark.parametrize(("name", "sign"), [("ma-v2", signature_v2), ("ma-v3", signature_v3)])
def test_a_main_accounts_own_signature_counts(name, sign):
    strict = Account(require_signature="on")
    value = sign(VECTORS["token"], VECTORS["url"], VECTORS["nonce"])

    verified = strict.adapter.verify(asked(url=VECTORS["url"], headers=signed(name, value)))

    assert verified.note == signatures.SIGNED


def test_a_nonce_header_of_its_own_counts_for_a_parents_signature(vobiz):
    value = signature_v3(VECTORS["token"], VECTORS["url"], "42")
    headers = {"x-vobiz-signature-ma-v3": value, "x-vobiz-signature-ma-v3-nonce": "42"}

    assert vobiz.adapter.verify(asked(url=VECTORS["url"], headers=headers)).note == signatures.SIGNED


# One event, one delivery


def test_a_resend_is_the_same_and_nothing_else_is(vobiz):
    vobiz.simulator.switch(signatures="v3")
    recording = recorded(vobiz, transcription_type="auto")
    first, second = (inbound(callbacks(vobiz, "recording")[0]) for _ in range(2))
    text = inbound(callbacks(vobiz, "transcription")[0])

    ids = [vobiz.adapter.verify(each).dedupe_id for each in (first, second, text)]

    assert first.headers != second.headers  # a new nonce
    assert ids[0] == ids[1] != ids[2]
    changed = Inbound(
        method=first.method,
        url=first.url,
        path=first.path,
        headers={},
        body=first.body + b"&recording_duration=1",
        received_at=AT,
    )
    assert vobiz.adapter.verify(changed).dedupe_id not in ids
    assert ids[0].startswith(f"{recording.external_id}:recording:")


def test_dedupe_ids_fit_their_column(vobiz):
    content = urlencode({"RecordingID": "x" * 5000, "Event": "y" * 5000}).encode()

    verified = vobiz.adapter.verify(asked(content=content))

    assert len(verified.dedupe_id) <= 200
    assert len(verified.event) <= 100


def test_callbacks_are_never_pings(vobiz):
    assert not vobiz.adapter.verify(asked()).is_ping
    assert vobiz.adapter.list_endpoints() is None
