import json

import pytest

from recordings.providers.errors import (
    CredentialsRefused,
    NotFound,
    NotSent,
    OutcomeUnknown,
    ProviderError,
    Refused,
    Throttled,
    UnexpectedResponse,
)
from recordings.providers.options import Kind, clean
from recordings.providers.orders import CallRef, Repeat
from recordings.providers.snapshots import RecordingSnapshot, Status, TranscriptSnapshot, Wanted
from recordings.providers.vobiz import VobizAdapter
from tests.providers.vobiz_account import (
    HOOK,
    KEY,
    RECORDING,
    Account,
    body,
    fixture,
    order,
    recording_ref,
    start_order,
    transcript_ref,
)


@pytest.fixture
def vobiz():
    return Account()


def test_start_without_options_still_sends_a_limit(vobiz):
    call = vobiz.call()

    vobiz.start(call, callback_url="")

    (started,) = vobiz.simulator.effects("start_recording")
    assert started.subject == call.external_id
    assert started.details["options"] == {"time_limit": 14400}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("time_limit", 1),
        ("time_limit", 28800),
        ("file_format", "wav"),
        ("file_format", "mp3"),
        ("record_channel_type", "stereo"),
        ("record_channel_type", "mono"),
        ("transcription_type", "auto"),
    ],
)
def test_every_option_arrives_as_it_was_typed(vobiz, name, value):
    vobiz.start(vobiz.call(), **{name: value})

    (started,) = vobiz.simulator.effects("start_recording")
    assert started.details["options"][name] == value


def test_each_option_of_the_table_is_sent_or_ours():
    options = VobizAdapter.action("recording.start").options

    assert {option.name for option in options if not option.is_ours} == {
        "time_limit",
        "file_format",
        "record_channel_type",
        "transcription_type",
    }
    assert {option.name for option in options if option.is_ours} == {
        "callback_url",
        "callback_method",
        "transcription_url",
    }
    assert all(option.help and option.label for option in options)


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"time_limit": 0}, {"time_limit"}),
        ({"time_limit": 28801}, {"time_limit"}),
        ({"time_limit": "60"}, {"time_limit"}),
        ({"file_format": "flac"}, {"file_format"}),
        ({"record_channel_type": "both"}, {"record_channel_type"}),
        ({"transcription_type": "hybrid"}, {"transcription_type"}),
        ({"transcription_method": "POST"}, {"transcription_method"}),
        ({"time_limit": 60, "file_format": "wav"}, set()),
    ],
)
def test_option_fields_refuse_what_the_contract_does_not_allow(values, wrong):
    _, errors = clean(VobizAdapter.action("recording.start").options, values)

    assert set(errors) == wrong


def test_addresses_are_ours_whatever_the_options_say(vobiz):
    vobiz.start(vobiz.call(), callback_url=HOOK, callback_method="GET", transcription_url="https://x.test/")

    (started,) = vobiz.simulator.effects("start_recording")
    assert started.details["options"] == {
        "time_limit": 14400,
        "callback_url": f"{HOOK}{KEY}/recording/",
        "callback_method": "POST",
    }


def test_start_with_a_transcript_names_both_addresses_and_expects_the_text(vobiz):
    call = vobiz.call()

    answer = vobiz.adapter.perform(start_order(call, transcription_type="auto"))

    (started,) = vobiz.simulator.effects("start_recording")
    assert started.details["options"]["transcription_url"] == f"{HOOK}{KEY}/transcription/"
    assert started.details["options"]["callback_url"] == f"{HOOK}{KEY}/recording/auto/"
    recording, transcript = answer.facts
    assert isinstance(transcript, TranscriptSnapshot)
    assert transcript.status is Status.REQUESTED
    assert transcript.key == transcript.recording_key == KEY
    assert transcript.external_id == transcript.recording_external_id == recording.external_id
    assert (transcript.kind, transcript.language) == ("auto", "en")


def test_start_tells_the_recording_with_what_stopping_needs(vobiz):
    call = vobiz.call()

    answer = vobiz.adapter.perform(start_order(call, record_channel_type="stereo"))

    (fact,) = answer.facts
    (started,) = vobiz.simulator.effects("start_recording")
    assert fact.external_id == started.result
    assert (fact.key, fact.call_external_id) == (KEY, call.external_id)
    assert (fact.status, fact.channels, fact.source) == (Status.IN_PROGRESS, 2, "call")
    assert fact.handle["url"] == vobiz.simulator.recordings[started.result].url
    assert answer.exchange.status == 200
    assert vobiz.simulator.auth_token not in repr(answer)


def test_text_needs_a_public_address_and_nothing_is_sent_without(vobiz):
    call = vobiz.call()

    with pytest.raises(Refused, match="public address"):
        vobiz.adapter.perform(start_order(call, callback_url="", transcription_type="auto"))

    assert vobiz.simulator.requests == []


def test_start_accepts_any_success_and_an_answer_without_url(vobiz):
    vobiz.simulator.switch(start_status=202, start_has_url=False)

    answer = vobiz.adapter.perform(start_order(vobiz.call()))

    assert answer.facts[0].handle == {}
    assert answer.facts[0].status is Status.IN_PROGRESS


@pytest.mark.parametrize(
    "content", ["{}", "[]", "null", "", "<html>", '{"recording_id": ""}', '{"recording_id": {}}']
)
def test_start_without_an_id_is_unexpected(vobiz, content):
    vobiz.simulator.fail(kind="refuse", status=200, method="POST", body=content)

    with pytest.raises(UnexpectedResponse, match="may be recorded"):
        vobiz.adapter.perform(start_order(vobiz.call()))


def test_start_drops_an_address_that_opens_by_itself(vobiz):
    answer = {**fixture("start.json"), "url": "https://media.vobiz.ai/a.mp3?X-Amz-Signature=abc123"}
    vobiz.simulator.fail(kind="refuse", status=200, method="POST", body=json.dumps(answer))

    (fact,) = vobiz.adapter.perform(start_order(vobiz.call())).facts

    assert fact.handle == {}
    assert "abc123" not in repr(fact)


def test_start_on_a_call_that_is_over_records_nothing(vobiz):
    call = vobiz.call()
    vobiz.simulator.end_call(call.external_id)

    with pytest.raises(NotFound, match=r"no longer active.*nothing was charged.*Call not found"):
        vobiz.adapter.perform(start_order(call))

    assert vobiz.simulator.effects("start_recording") == []


@pytest.mark.parametrize("call", [None, CallRef(external_id="", key="k"), CallRef(external_id="..", key="k")])
def test_start_without_a_call_sends_nothing(vobiz, call):
    with pytest.raises(Refused, match="nothing was sent"):
        vobiz.adapter.perform(start_order(call))

    assert vobiz.simulator.requests == []


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (400, Refused, "did not accept"),
        (401, CredentialsRefused, "Auth Token"),
        (402, Refused, "balance"),
        (403, CredentialsRefused, "may not do this"),
        (405, Refused, "did not accept"),
        (409, Refused, "conflicts"),
        (422, Refused, "a value of this order impossible"),
        (429, Throttled, "too many"),
        (500, OutcomeUnknown, "own side"),
        (502, OutcomeUnknown, "own side"),
        (503, OutcomeUnknown, "own side"),
        (504, OutcomeUnknown, "own side"),
        (301, OutcomeUnknown, "documentation does not know"),
    ],
)
@pytest.mark.parametrize("shape", [1, 2, 3])
def test_every_error_of_a_start_in_every_shape(vobiz, status, error, words, shape):
    vobiz.simulator.refuse(status=status, shape=shape, message="Because")

    with pytest.raises(ProviderError, match=words) as caught:
        vobiz.adapter.perform(start_order(vobiz.call()))

    assert type(caught.value) is error
    assert "Vobiz says: Because" in caught.value.message
    assert caught.value.status == status
    assert (caught.value.code != "") == (shape == 1)
    told = "may be recorded now" if error is OutcomeUnknown else "No recording was started"
    assert told in caught.value.message


def test_the_providers_code_is_kept(vobiz):
    vobiz.simulator.is_out_of_balance = True

    with pytest.raises(Refused) as caught:
        vobiz.adapter.perform(start_order(vobiz.call()))

    assert caught.value.code == "INSUFFICIENT_BALANCE"
    assert not caught.value.can_wait


@pytest.mark.parametrize("name", ["error.general.json", "error.flat.json"])
def test_a_refused_field_is_named(vobiz, name):
    vobiz.simulator.fail(kind="refuse", status=400, body=body(name).decode())

    with pytest.raises(Refused, match=r"(field: file_format|time_limit: must be positive)"):
        vobiz.adapter.perform(start_order(vobiz.call()))


@pytest.mark.parametrize(("has_header", "seconds"), [(True, 7.0), (False, 7.0)])
def test_too_fast_waits_as_long_as_the_header_or_the_body_says(vobiz, has_header, seconds):
    vobiz.simulator.switch(sends_retry_after=has_header)
    vobiz.simulator.refuse(status=429, retry_after=7)

    with pytest.raises(Throttled) as caught:
        vobiz.adapter.perform(start_order(vobiz.call()))

    assert caught.value.retry_after_seconds == seconds
    assert caught.value.bucket == "requests"
    assert caught.value.can_wait


@pytest.mark.parametrize("wait", ["-1", "86400", '"soon"', "null", "{}"])
def test_a_wait_that_is_none_is_unknown(vobiz, wait):
    content = f'{{"error": {{"code": "X", "details": {{"retryAfter": {wait}}}}}}}'
    vobiz.simulator.fail(kind="refuse", status=429, body=content)

    with pytest.raises(Throttled) as caught:
        vobiz.adapter.perform(start_order(vobiz.call()))

    assert caught.value.retry_after_seconds is None


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "drop"}, OutcomeUnknown),
        ({"kind": "drop_after"}, OutcomeUnknown),
        ({"kind": "cut"}, OutcomeUnknown),
        ({"kind": "slow", "seconds": 40}, OutcomeUnknown),
        ({"kind": "after", "status": 500}, OutcomeUnknown),
        ({"kind": "html", "status": 502}, OutcomeUnknown),
        ({"kind": "html", "status": 400}, Refused),
        ({"kind": "refuse", "status": 404, "body": ""}, NotFound),
    ],
)
def test_what_goes_wrong_on_the_wire_of_a_start(vobiz, fault, error):
    vobiz.simulator.fail(method="POST", **fault)

    with pytest.raises(error):
        vobiz.adapter.perform(start_order(vobiz.call()))

    assert len([each for each in vobiz.simulator.requests if each.method == "POST"]) == 1


def test_no_connection_means_nothing_left(vobiz):
    call = vobiz.call()
    vobiz.transport().simulators.clear()

    with pytest.raises(NotSent):
        vobiz.adapter.perform(start_order(call))


def test_stop_ends_the_one_recording(vobiz):
    call = vobiz.call()
    first, second = vobiz.start(call), vobiz.start(call)

    answer = vobiz.adapter.perform(order("recording.stop", recording=first))

    (stopped,) = vobiz.simulator.effects("stop_recording")
    assert (stopped.subject, stopped.details["by"]) == (first.external_id, "URL")
    assert stopped.subject != second.external_id
    (fact,) = answer.facts
    assert (fact.external_id, fact.status) == (first.external_id, Status.PROCESSING)


def test_stop_without_callbacks_asks_for_the_recording_later(vobiz):
    recording = vobiz.start(vobiz.call(), callback_url="")
    asked = order("recording.stop", recording=recording)

    answer = vobiz.adapter.perform(type(asked)(kind=asked.kind, key=KEY, send_key="s", recording=recording))

    assert answer.facts[1] == Wanted(kind="recording", external_id=recording.external_id, delay_seconds=15.0)


def test_stop_without_the_address_never_reaches_the_provider(vobiz):
    call = vobiz.call()
    vobiz.start(call)

    with pytest.raises(Refused, match="every recording of the call would stop"):
        vobiz.adapter.perform(order("recording.stop", recording=recording_ref(call=call)))

    assert vobiz.simulator.effects("stop_recording") == []


def test_stop_on_a_call_that_is_over_is_a_success(vobiz):
    call = vobiz.call()
    recording = vobiz.start(call)
    vobiz.simulator.end_call(call.external_id)

    answer = vobiz.adapter.perform(order("recording.stop", recording=recording))

    assert "over already" in answer.note


def test_stop_twice_stops_once(vobiz):
    recording = vobiz.start(vobiz.call())

    for _ in range(2):
        answer = vobiz.adapter.perform(order("recording.stop", recording=recording))

    assert len(vobiz.simulator.effects("stop_recording")) == 1
    assert answer.note == ""


def test_stop_all_has_no_body_and_ends_the_others_too(vobiz):
    call = vobiz.call()
    ours = vobiz.start(call)
    theirs = vobiz.simulator.start_elsewhere(call.external_id, time_limit=600)
    known = CallRef(external_id=call.external_id, key="k", live_recordings=(ours, recording_ref("", key="")))

    answer = vobiz.adapter.perform(order("recording.stop_all", call=known))

    stopped = vobiz.simulator.effects("stop_recording")
    assert {each.subject for each in stopped} == {ours.external_id, theirs}
    assert {(each.details["by"], each.details["body"]) for each in stopped} == {("all", "")}
    assert [(fact.external_id, fact.status) for fact in answer.facts] == [
        (ours.external_id, Status.PROCESSING)
    ]


def test_stop_all_of_a_call_that_is_only_known_by_its_recording(vobiz):
    call = vobiz.call()
    recording = vobiz.start(call)

    answer = vobiz.adapter.perform(order("recording.stop_all", recording=recording))

    assert len(vobiz.simulator.effects("stop_recording")) == 1
    assert answer.facts == ()


def test_delete_is_for_good_and_repeatable(vobiz):
    external_id = vobiz.finished()
    wanted = order("recording.delete", recording=recording_ref(external_id))

    first, second = vobiz.adapter.perform(wanted), vobiz.adapter.perform(wanted)

    assert [each.subject for each in vobiz.simulator.effects("delete_recording")] == [external_id]
    assert first.facts[0].status is second.facts[0].status is Status.DELETED
    assert first.note == ""
    assert "gone at Vobiz already" in second.note


@pytest.mark.parametrize(
    "external_id", ["", ".", "..", "/", "BulkDelete", "bulkdelete", "a/1", "1?x", "-1", "1 ", "1" * 70_000]
)
def test_delete_never_leaves_without_the_id_of_one_recording(vobiz, external_id):
    vobiz.finished()

    with pytest.raises(Refused, match="nothing was sent"):
        vobiz.adapter.perform(order("recording.delete", recording=recording_ref(external_id)))

    assert vobiz.simulator.requests == []
    assert vobiz.simulator.effects("bulk_delete") == []


@pytest.mark.parametrize(
    "fault", [{"kind": "html", "status": 404}, {"kind": "refuse", "status": 404, "body": ""}]
)
@pytest.mark.parametrize("kind", ["recording.delete", "recording.stop", "recording.stop_all"])
def test_a_404_that_is_not_in_the_providers_words_proves_nothing(vobiz, fault, kind):
    call = vobiz.call()
    recording = vobiz.start(call)
    vobiz.simulator.fail(method="DELETE", **fault)

    with pytest.raises(UnexpectedResponse, match="not in Vobiz's words"):
        vobiz.adapter.perform(order(kind, recording=recording, call=call))


@pytest.mark.parametrize("kind", ["recording.stop", "recording.delete"])
def test_orders_about_a_recording_need_one(vobiz, kind):
    with pytest.raises(Refused, match="names no recording"):
        vobiz.adapter.perform(order(kind))


def test_a_transcript_is_deleted_here_only(vobiz):
    answer = vobiz.adapter.perform(order("transcript.delete", transcript=transcript_ref()))

    assert vobiz.simulator.requests == []
    assert answer.facts[0].status is Status.DELETED
    assert answer.facts[0].external_id == RECORDING
    assert answer.note == VobizAdapter.action("transcript.delete").local_note != ""
    with pytest.raises(Refused, match="names no transcript"):
        vobiz.adapter.perform(order("transcript.delete"))


@pytest.mark.parametrize("kind", ["transcript.order", "recording.pause", "something.else"])
def test_an_order_that_does_not_exist_is_refused(vobiz, kind):
    with pytest.raises(Refused, match="Nothing was sent"):
        vobiz.adapter.perform(order(kind))
    with pytest.raises(Refused):
        vobiz.adapter.evidence(order(kind))

    assert vobiz.simulator.requests == []


def test_rules_of_repetition():
    repeats = {action.kind: action.repeat for action in VobizAdapter.actions}

    assert repeats.pop("recording.start") is Repeat.ONCE
    assert set(repeats.values()) == {Repeat.REPEATABLE}
    assert {a.kind: a.not_after_seconds for a in VobizAdapter.actions} == {
        "recording.start": 90,
        "recording.stop": None,
        "recording.stop_all": None,
        "recording.delete": 86400,
        "transcript.delete": 86400,
    }


def test_buckets_that_are_named_exist():
    names = {bucket.name for bucket in VobizAdapter.buckets}

    used = {name for action in VobizAdapter.actions for name in action.buckets}
    used |= {name for names_of in VobizAdapter.read_buckets.values() for name in names_of}
    assert used == names


def test_preview_is_what_is_sent(vobiz):
    call = vobiz.call()
    start = start_order(call, transcription_type="auto", time_limit=60)

    recording = vobiz.adapter.perform(start).facts[0]
    stop = order("recording.stop", recording=recording_ref(handle=recording.handle, call=call))

    sent = json.loads(vobiz.simulator.requests[-1].body)
    assert VobizAdapter.preview(start) == sent
    assert VobizAdapter.preview(stop) == {"URL": recording.handle["url"]}
    assert VobizAdapter.preview(order("recording.stop_all", call=call)) == {}
    assert VobizAdapter.preview(order("recording.stop", recording=recording_ref())) == {}


def test_credentials_stand_in_both_headers_and_paths_end_with_a_slash(vobiz):
    vobiz.start(vobiz.call())

    (request,) = vobiz.simulator.requests
    assert request.headers["x-auth-id"] == vobiz.simulator.auth_id
    assert request.headers["x-auth-token"] == vobiz.simulator.auth_token
    assert request.headers["content-type"] == "application/json"
    assert request.path.endswith("/Record/")


@pytest.mark.parametrize(
    "changes", [{"auth_token": ""}, {"auth_token": "a\nb"}, {"auth_id": "MA_é"}, {"auth_id": ""}]
)
def test_credentials_that_cannot_be_right_are_not_sent(changes):
    vobiz = Account(**changes)

    with pytest.raises(CredentialsRefused, match="Nothing was sent"):
        vobiz.adapter.perform(start_order(vobiz.call()))

    assert vobiz.simulator.requests == []


def test_facts_of_orders_are_recordings(vobiz):
    answer = vobiz.adapter.perform(start_order(vobiz.call()))

    assert all(isinstance(fact, RecordingSnapshot) for fact in answer.facts)


def test_text_options_say_that_they_need_a_callback():
    options = {option.name: option for option in VobizAdapter.action("recording.start").options}

    assert options["transcription_type"].needs_callback
    assert options["time_limit"].kind is Kind.INTEGER
    assert (options["time_limit"].default, options["time_limit"].maximum) == (14400, 28800)
