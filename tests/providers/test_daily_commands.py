from dataclasses import replace

import httpx
import pytest

from recordings.providers.errors import (
    CredentialsRefused,
    NotFound,
    NotSent,
    OutcomeUnknown,
    Refused,
    Throttled,
    UnexpectedResponse,
)
from recordings.providers.snapshots import Status, Wanted
from tests.providers.daily_account import (
    KEY,
    OTHER_KEY,
    RECORDING,
    TRANSCRIPT,
    Account,
    answering,
    call_ref,
    complains,
    later,
    order,
    recording_ref,
    says,
    transcript_ref,
)

ROOM = "/rooms/my-room"
START, STOP = f"{ROOM}/recordings/start", f"{ROOM}/recordings/stop"
CAPTIONS, CAPTIONS_STOP = f"{ROOM}/transcription/start", f"{ROOM}/transcription/stop"
RUNNING = recording_ref(status=Status.IN_PROGRESS, handle={"instanceId": KEY, "type": "cloud"})
HEARD = transcript_ref(status=Status.IN_PROGRESS, handle={"instanceId": KEY}, call=call_ref())


@pytest.fixture
def account():
    return Account()


# Recordings.


def test_a_start_is_a_command_whose_outcome_shows_later(account):
    call = account.call()

    answer = account.perform("recording.start", call=call, options={"type": "cloud"})

    fact = answer.facts[0]
    assert not answer.is_confirmed
    assert (fact.external_id, fact.key, fact.call_external_id) == ("", KEY, call.external_id)
    assert fact.status is Status.REQUESTED
    assert fact.handle == {"instanceId": KEY, "type": "cloud"}
    assert account.simulator.effects("start_recording")[0].result == KEY
    assert account.asked() == [f"POST /v1/rooms/{call.external_id}/recordings/start"]


def test_every_option_of_a_start_arrives_as_typed(account):
    call = account.call()
    account.simulator.set_domain(recordings_bucket={"bucket_name": "b", "bucket_region": "eu-west-1"})
    options = {
        "type": "cloud",
        "maxDuration": 600,
        "minIdleTimeOut": 60,
        "width": 1280,
        "height": 720,
        "fps": 25,
        "videoBitrate": 3000,
        "audioBitrate": 128,
        "backgroundColor": "#80102030",
        "layout.preset": "custom",
        "layout.composition_id": "daily:baseline",
        "layout.composition_params": {"mode": "grid"},
        "layout.session_assets": {"logo": "https://example.com/logo.png"},
    }

    account.perform("recording.start", call=call, options=options)

    assert account.simulator.effects("start_recording")[0].details == {
        **{name: value for name, value in options.items() if not name.startswith("layout.")},
        "layout": {
            "preset": "custom",
            "composition_id": "daily:baseline",
            "composition_params": {"mode": "grid"},
            "session_assets": {"logo": "https://example.com/logo.png"},
        },
        "instanceId": KEY,
    }


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (
            {"layout.preset": "default", "layout.max_cam_streams": 9},
            {"preset": "default", "max_cam_streams": 9},
        ),
        ({"layout.preset": "audio-only"}, {"preset": "audio-only"}),
        (
            {"layout.preset": "single-participant", "layout.session_id": "s-1"},
            {"preset": "single-participant", "session_id": "s-1"},
        ),
        ({"layout.preset": "active-participant"}, {"preset": "active-participant"}),
        (
            {"layout.preset": "portrait", "layout.variant": "inset", "layout.max_cam_streams": 2},
            {"preset": "portrait", "variant": "inset", "max_cam_streams": 2},
        ),
    ],
)
def test_every_layout_of_a_start(account, given, sent):
    account.perform("recording.start", call=account.call(), options=given)

    assert account.simulator.effects("start_recording")[0].details["layout"] == sent


def test_the_longest_duration_is_always_sent(account):
    account.perform("recording.start", call=account.call(), options={})

    assert account.simulator.effects("start_recording")[0].details["maxDuration"] == 10_800


def test_raw_tracks_are_started_and_stopped_by_their_type(account):
    bucket = {"bucket_name": "b", "bucket_region": "eu-west-1", "assume_role_arn": "arn"}
    call = account.call(properties={"enable_recording": "raw-tracks", "recordings_bucket": bucket})
    recording = account.start(call, type="raw-tracks", **{"layout.preset": "raw-tracks-audio-only"})

    answer = account.perform("recording.stop", recording=recording)

    assert not answer.is_confirmed
    stopped = account.simulator.effects("stop_recording")[0]
    assert stopped.details == {"instanceId": KEY, "type": "raw-tracks"}


def test_a_room_may_have_any_name():
    path = "/rooms/a%2Fb%20%C3%BC/recordings/start"
    asked = []

    def respond(request):
        asked.append(request.url.raw_path.decode())
        return httpx.Response(200, json={"status": "sent"})

    adapter, _ = answering({})
    adapter.connection.client._http._transport = httpx.MockTransport(respond)
    adapter.perform(order("recording.start", call=call_ref("a/b ü")))

    assert asked == [f"/v1{path}"]


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_an_order_without_a_room_is_refused_before_anything_is_sent(account, name):
    with pytest.raises(Refused, match="nothing was sent"):
        account.perform("recording.start", call=call_ref(name))

    assert account.asked() == []


def test_an_order_of_nothing_is_refused_before_anything_is_sent(account):
    for kind in ("recording.stop", "recording.delete", "captions.stop", "transcript.delete"):
        with pytest.raises(Refused, match="nothing was sent"):
            account.perform(kind, call=call_ref())

    with pytest.raises(Refused, match=r"cannot pause.*Nothing was sent"):
        account.perform("recording.pause", call=call_ref())

    assert account.asked() == []


def test_an_empty_room_is_tried_again_for_some_seconds():
    adapter, _ = answering({("POST", START): complains(404, "not-found", "does not seem to be hosting")})

    with pytest.raises(Refused, match=r"Nobody is in the room.*No recording was started") as caught:
        adapter.perform(order("recording.start", call=call_ref()))

    assert caught.value.can_wait
    assert caught.value.retry_after_seconds == 3
    assert (caught.value.code, caught.value.status) == ("not-found", 404)


@pytest.mark.parametrize("waited", [{"sent_at": later(16)}, {"sent_at": None}, {"ordered_at": None}])
def test_an_empty_room_is_not_tried_for_ever(waited):
    adapter, _ = answering({("POST", START): complains(404, "not-found")})

    with pytest.raises(NotFound, match="Nobody is in the room") as caught:
        adapter.perform(order("recording.start", call=call_ref(), **waited))

    assert not caught.value.can_wait


def test_a_room_that_just_filled_is_recorded_at_the_second_try(account):
    call = account.call()
    account.simulator.switch(settling_seconds=4)

    with pytest.raises(Refused) as caught:
        account.perform("recording.start", call=call)
    account.simulator.advance(5)
    account.perform("recording.start", call=call)

    assert caught.value.can_wait
    assert len(account.simulator.effects("start_recording")) == 1


def test_no_free_recorder_is_a_refusal_that_may_pass(account):
    call = account.call()
    account.simulator.switch(workers=0)

    with pytest.raises(Refused, match=r"recorders are busy.*nothing was charged") as caught:
        account.perform("recording.start", call=call)

    assert caught.value.can_wait
    assert caught.value.code == "server-error"
    assert account.simulator.performed == []


def test_a_second_recording_in_a_room_is_refused_with_advice(account):
    call = account.call()
    account.start(call)

    with pytest.raises(Refused, match="stop it first") as caught:
        account.perform("recording.start", key=OTHER_KEY, call=call)

    assert not caught.value.can_wait
    assert caught.value.code == "invalid-request-error"


def test_a_type_that_is_not_enabled_is_refused_with_advice(account):
    call = account.call(properties={"enable_recording": "cloud-audio-only"})

    with pytest.raises(Refused, match="enable_recording"):
        account.perform("recording.start", call=call, options={"type": "cloud"})


def test_too_many_starts_close_their_bucket(account):
    call = account.call()
    account.simulator.switch(retry_after=7)

    account.perform("recording.start", call=call)
    for _ in range(4):
        with pytest.raises(Refused, match="active stream"):
            account.perform("recording.start", call=call)

    with pytest.raises(Throttled) as caught:
        account.perform("recording.start", call=call)

    assert caught.value.bucket == "starts"
    assert caught.value.retry_after_seconds == 7
    assert caught.value.code == "rate-limit-error"


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (complains(400, "authorization-header-error"), CredentialsRefused, "could not read the API key"),
        (complains(400, "invalid-request-error", "bad layout"), Refused, "did not accept.*bad layout"),
        (complains(400, "json-parsing-error"), Refused, "altered it"),
        (complains(401, "authentication-error"), CredentialsRefused, "copy it again"),
        (complains(403, "forbidden-error"), Refused, "does not let this API key"),
        (complains(402, ""), Refused, "card"),
        (complains(429, "rate-limit-error"), Throttled, "too many requests"),
        (complains(500, "server-error"), OutcomeUnknown, "may be recorded now"),
        (complains(502, ""), OutcomeUnknown, "own side"),
        (httpx.Response(503, html="<h1>Busy</h1>"), Refused, "own side"),
        (httpx.Response(504, html="<h1>Timeout</h1>"), OutcomeUnknown, "HTTP 504"),
        (httpx.Response(404, html="<h1>Nothing</h1>"), NotFound, "does not know this.*HTTP 404"),
        (
            httpx.Response(302, headers={"location": "https://elsewhere.test/"}),
            OutcomeUnknown,
            "does not know",
        ),
        (httpx.Response(418, html="<h1>Tea</h1>"), Refused, "HTTP 418"),
        (says({"error": "It is a sentence", "info": 3}, 400), Refused, "sentence|says: 3"),
        (says(["no", "object"], 400), Refused, "HTTP 400"),
        (httpx.Response(200, html="<h1>Hello</h1>"), UnexpectedResponse, "something else"),
        (says({"error": "server-error"}), UnexpectedResponse, "something else"),
        (says(["sent"]), UnexpectedResponse, "something else"),
    ],
)
def test_what_an_answer_to_a_start_means(answer, error, message):
    adapter, asked = answering({("POST", START): answer})

    with pytest.raises(error, match=message) as caught:
        adapter.perform(order("recording.start", call=call_ref()))

    assert len(asked) == 1
    if issubclass(error, Refused):
        assert "No recording was started and nothing was charged" in caught.value.message


@pytest.mark.parametrize(
    "answer", [httpx.Response(204), says({}), says({"status": "sent"}), says({"sent": "true"})]
)
def test_what_counts_as_taken(answer):
    adapter, _ = answering({("POST", START): answer})

    assert not adapter.perform(order("recording.start", call=call_ref())).is_confirmed


@pytest.mark.parametrize("kind", ["drop", "drop_after", "cut", "slow"])
def test_a_start_without_an_answer_is_unknown(account, kind):
    call = account.call()
    account.simulator.fail(kind=kind, seconds=60)

    with pytest.raises(OutcomeUnknown):
        account.perform("recording.start", call=call)


def test_a_start_that_never_left_may_be_sent_again(account):
    account.connection.client._http._transport.simulators.clear()

    with pytest.raises(NotSent):
        account.perform("recording.start", call=call_ref())


def test_nothing_is_sent_with_a_key_that_is_none():
    for key in ("", "two words", "schlüssel"):
        adapter, asked = answering({}, api_key=key)

        with pytest.raises(CredentialsRefused, match="Nothing was sent"):
            adapter.perform(order("recording.start", call=call_ref()))

        assert asked == []


def test_the_names_of_roles_are_taken_out_of_messages():
    info = "arn:aws:iam::123456789012:role/secret cannot write"
    adapter, _ = answering({("POST", START): complains(400, "invalid-request-error", info)})

    with pytest.raises(Refused, match=r"\[AWS name\] cannot write"):
        adapter.perform(order("recording.start", call=call_ref()))


def test_an_update_goes_to_the_instance_and_changes_only_what_was_given(account):
    recording = account.start(account.call())
    options = {"layout.preset": "portrait", "layout.variant": "vertical", "fps": 15}

    answer = account.perform("recording.update", recording=recording, options=options)

    assert answer.is_confirmed
    assert answer.facts == ()
    assert account.simulator.effects("update_recording")[0].details == {
        "layout": {"preset": "portrait", "variant": "vertical"},
        "fps": 15,
        "instanceId": KEY,
    }


def test_an_update_of_an_empty_room_is_refused(account):
    recording = account.start(account.call())
    account.simulator.end_call(recording.call.external_id)

    with pytest.raises(NotFound, match=r"Nobody is in the room.*goes on unchanged"):
        account.perform("recording.update", recording=recording, options={"fps": 15})


# Stopping.


def test_a_stop_is_sent_to_the_instance_and_looked_after(account):
    recording = account.start(account.call())

    answer = account.perform("recording.stop", recording=recording)

    assert not answer.is_confirmed
    assert answer.facts == (Wanted(kind="recording", external_id=recording.external_id, delay_seconds=10.0),)
    assert account.simulator.effects("stop_recording")[0].details == {"instanceId": KEY}
    account.simulator.advance(5)
    assert account.simulator.recordings[recording.external_id].status == "finished"


def test_the_default_instance_is_stopped_by_naming_none(account):
    recording = recording_ref(handle={"instanceId": "c3df927c-f738-4471-a2b7-066fa7e95a6b"})
    adapter, asked = answering({("POST", STOP): says({"status": "sent"})})

    adapter.perform(order("recording.stop", recording=recording))

    assert asked[0].content == b"{}"


def test_a_stop_before_daily_told_an_id_goes_by_the_instance(account):
    call = account.call()
    recording = replace(account.start(call), external_id="")

    answer = account.perform("recording.stop", recording=recording)

    assert answer.facts == ()
    assert not answer.is_confirmed


def test_a_recording_that_ended_by_itself_is_stopped_already(account):
    recording = account.finished()
    account.simulator.join(recording.call.external_id, "Ana")

    answer = account.perform("recording.stop", recording=recording)

    assert answer.is_confirmed
    assert answer.note == "It had ended already."
    assert answer.facts[0].status is Status.COMPLETED


def test_a_recording_in_a_room_that_emptied_ends_by_itself(account):
    recording = account.start(account.call())
    account.simulator.end_call(recording.call.external_id)

    answer = account.perform("recording.stop", recording=recording)

    assert answer.is_confirmed
    assert "Nobody is in the room any more" in answer.note
    assert answer.facts[0].external_id == recording.external_id


def test_a_stop_in_an_empty_room_of_a_recording_without_an_id():
    adapter, _ = answering({("POST", STOP): complains(404, "not-found")})

    answer = adapter.perform(order("recording.stop", recording=replace(RUNNING, external_id="")))

    assert answer.is_confirmed
    assert answer.facts == ()


def test_nothing_to_stop_is_not_believed_of_a_recording_that_runs():
    row = {"id": RECORDING, "room_name": "my-room", "status": "in-progress"}
    answers = {
        ("POST", STOP): complains(400, "invalid-request-error"),
        ("GET", f"/recordings/{RECORDING}"): says(row),
    }
    adapter, asked = answering(answers)

    with pytest.raises(Refused, match=r"lists it as running all the same.*Nothing was stopped") as caught:
        adapter.perform(order("recording.stop", recording=RUNNING))

    assert caught.value.can_wait
    assert caught.value.retry_after_seconds == 3
    assert [each.method for each in asked] == ["POST", "GET"]


@pytest.mark.parametrize(("seconds", "can_wait"), [(59, True), (61, False)])
def test_a_stop_of_what_has_not_begun_is_tried_again_for_a_minute(seconds, can_wait):
    adapter, _ = answering({("POST", STOP): complains(400, "invalid-request-error")})
    starting = replace(RUNNING, external_id="")

    with pytest.raises(Refused, match="nothing of this order runs") as caught:
        adapter.perform(order("recording.stop", recording=starting, sent_at=later(seconds)))

    assert caught.value.can_wait is can_wait


@pytest.mark.parametrize(
    "answer", [httpx.Response(404, html="<h1>Not here</h1>"), complains(401, "authentication-error")]
)
def test_a_page_of_html_is_no_proof_that_a_recording_ended(answer):
    adapter, asked = answering({("POST", STOP): answer})

    with pytest.raises(Refused, match="was not stopped"):
        adapter.perform(order("recording.stop", recording=RUNNING))

    assert len(asked) == 1


def test_the_key_of_another_domain_proves_nothing():
    answers = {
        ("POST", STOP): complains(404, "not-found"),
        ("GET", "/"): says({"domain_name": "elsewhere"}),
    }
    adapter, _ = answering(answers, domain="https://Fernweh.daily.co/")

    with pytest.raises(CredentialsRefused, match=r"belongs to the Daily domain elsewhere.*fernweh"):
        adapter.perform(order("recording.stop", recording=RUNNING))


# Live transcripts.


def test_a_live_transcript_is_started_with_every_option_as_typed(account):
    call = account.call()
    options = {
        "language": "en",
        "model": "nova-2-general",
        "tier": "enhanced",
        "punctuate": True,
        "profanity_filter": False,
        "redact": "pci , ssn",
        "endpointing": "300",
        "extra": {"keywords": "Tapedeck:2"},
        "participants": ["s-1"],
        "includeRawResponse": True,
    }

    answer = account.perform("captions.start", call=call, options=options)

    assert account.simulator.effects("start_transcription")[0].details == {
        **options,
        "redact": ["pci", "ssn"],
        "endpointing": 300,
        "instanceId": KEY,
    }
    fact = answer.facts[0]
    assert not answer.is_confirmed
    assert (fact.external_id, fact.key, fact.kind) == ("", KEY, "realtime")
    assert (fact.status, fact.call_external_id) == (Status.REQUESTED, call.external_id)
    assert (fact.language, fact.handle) == ("en", {"instanceId": KEY, "model": "nova-2-general"})


def test_flags_that_are_typed_as_words_arrive_as_flags(account):
    account.perform("captions.start", call=account.call(), options={"redact": "true", "endpointing": "false"})

    details = account.simulator.effects("start_transcription")[0].details
    assert (details["redact"], details["endpointing"]) == (True, False)


@pytest.mark.parametrize(
    ("refusal", "message"),
    [("sfu", "its servers carry it"), ("closed", "ended before the command"), ("deepgram", "Deepgram key")],
)
def test_refusals_of_a_live_transcript(account, refusal, message):
    call = account.call()
    account.simulator.switch(refuse_transcription=refusal)

    with pytest.raises(Refused, match=f"{message}.*nothing was charged"):
        account.perform("captions.start", call=call)


def test_a_live_transcript_of_an_empty_room_is_refused(account):
    with pytest.raises(Refused, match="Nobody is in the room"):
        account.perform("captions.start", call=call_ref())


def test_a_running_live_transcript_is_refused_twice(account):
    call = account.call()
    account.transcribe(call)

    with pytest.raises(Refused, match="stop it first"):
        account.perform("captions.start", call=call)


def test_an_unknown_outcome_of_a_live_transcript():
    adapter, _ = answering({("POST", CAPTIONS): complains(503, "server-error")})

    with pytest.raises(OutcomeUnknown, match="may be transcribed now"):
        adapter.perform(order("captions.start", call=call_ref()))


def test_who_is_transcribed_can_be_changed(account):
    transcript = account.transcribe(account.call())

    answer = account.perform("captions.update", transcript=transcript, options={"participants": ["s-2"]})

    assert answer.is_confirmed
    details = account.simulator.effects("update_transcription")[0].details
    assert details == {"participants": ["s-2"], "instanceId": KEY}


def test_a_live_transcript_that_ended_cannot_be_changed(account):
    call = account.call()
    transcript = transcript_ref(call=call)

    with pytest.raises(NotFound, match="has ended"):
        account.perform("captions.update", transcript=transcript, options={"participants": ["s-2"]})


def test_a_live_transcript_is_stopped_and_looked_after(account):
    transcript = account.transcribe(account.call())

    answer = account.perform("captions.stop", transcript=transcript)

    assert not answer.is_confirmed
    assert answer.facts == (
        Wanted(kind="transcript", external_id=transcript.external_id, delay_seconds=10.0),
    )
    assert account.simulator.effects("stop_transcription")[0].details == {"instanceId": KEY}


def test_a_live_transcript_that_ended_is_stopped_already(account):
    transcript = account.transcribed()

    answer = account.perform("captions.stop", transcript=transcript)

    assert answer.note == "It had ended already."
    assert answer.facts[0].status is Status.COMPLETED


def test_a_live_transcript_that_runs_is_not_believed_to_have_ended():
    row = {"transcriptId": TRANSCRIPT, "status": "t_in_progress"}
    answers = {
        ("POST", CAPTIONS_STOP): complains(404, "not-found"),
        ("GET", f"/transcript/{TRANSCRIPT}"): says(row),
    }
    adapter, _ = answering(answers)

    with pytest.raises(Refused, match="lists it as running"):
        adapter.perform(order("captions.stop", transcript=HEARD))


def test_a_live_transcript_without_an_id_is_not_seen():
    adapter, _ = answering({("POST", CAPTIONS_STOP): complains(404, "not-found")})

    with pytest.raises(Refused, match="nothing of this order runs"):
        adapter.perform(order("captions.stop", transcript=replace(HEARD, external_id="")))
