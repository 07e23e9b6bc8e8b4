"""Twilio's three kinds of transcripts: Intelligence, legacy and real-time."""

import json
import re

import pytest

from tests.simulators import speech
from tests.simulators.http import Request
from tests.simulators_suite.test_twilio_webhooks import fixture
from tests.simulators_suite.twilio_client import Twilio, body, new_twilio, refusal

HOOK = "https://tapedeck.example.com/webhooks/twilio/k1/transcription"


@pytest.fixture
def twilio() -> Twilio:
    return new_twilio()


def fetch(twilio: Twilio, path: str, **query: str):
    return body(twilio.request("GET", f"/v2/{path}", query=query), 200)


# Intelligence.


def test_transcript_goes_from_queued_to_completed(twilio):
    recording = twilio.recorded()
    made = body(twilio.order(recording, CustomerKey="order-1"), 202)
    states = [made["status"]]
    for _ in range(2):
        twilio.simulator.advance(4)
        states.append(fetch(twilio, f"Transcripts/{made['sid']}")["status"])
    twilio.simulator.advance(5)

    done = fetch(twilio, f"Transcripts/{made['sid']}")
    assert [*states, done["status"]] == ["queued", "in-progress", "in-progress", "completed"]
    assert re.fullmatch("GT[0-9a-f]{32}", made["sid"])
    assert made["channel"] == {"media_properties": {"source_sid": recording}}
    assert (made["customer_key"], made["date_created"]) == ("order-1", "2024-05-06T12:53:55Z")
    assert made["url"] == f"https://sim.example.com/v2/Transcripts/{made['sid']}"
    assert (made["duration"], done["duration"]) == (0, round(speech.with_wav(0).duration_seconds))


def test_order_is_remembered_with_the_form_as_received(twilio):
    recording = twilio.recorded()
    transcript = twilio.transcribed(recording, CustomerKey="order-1")

    (effect,) = twilio.simulator.effects("create_transcript")
    assert (effect.subject, effect.result) == (recording, transcript)
    assert effect.details["CustomerKey"] == "order-1"
    assert json.loads(effect.details["Channel"]) == {"media_properties": {"source_sid": recording}}


def test_sentences_are_the_words_that_were_spoken(twilio):
    transcript = twilio.transcribed(twilio.recorded(1, RecordingChannels="dual"))

    found = fetch(twilio, f"Transcripts/{transcript}/Sentences", WordTimestamps="true")

    turns = speech.with_wav(1).turns
    sentences = found["sentences"]
    assert [each["transcript"] for each in sentences] == [turn.text for turn in turns]
    assert [each["sentence_index"] for each in sentences] == list(range(len(turns)))
    assert [each["media_channel"] for each in sentences] == [turn.speaker + 1 for turn in turns]
    assert sentences[0]["words"][0] == {
        "word": turns[0].words[0].text,
        "start_time": turns[0].words[0].start,
        "end_time": turns[0].words[0].end,
    }
    assert found["meta"]["key"] == "sentences"


def test_sentences_come_without_words_unless_asked(twilio):
    transcript = twilio.transcribed(twilio.recorded())

    (first, *_) = fetch(twilio, f"Transcripts/{transcript}/Sentences")["sentences"]

    assert "words" not in first
    assert first["media_channel"] == 1


def test_sentences_are_empty_until_completed(twilio):
    made = body(twilio.order(twilio.recorded()), 202)

    assert fetch(twilio, f"Transcripts/{made['sid']}/Sentences")["sentences"] == []


@pytest.mark.parametrize(("wish", "kind"), [("number", float), ("string", str), ("null", type(None))])
def test_times_come_in_three_forms(twilio, wish, kind):
    twilio.simulator.switch(sentence_times=wish)
    transcript = twilio.transcribed(twilio.recorded())

    (first, *_) = fetch(twilio, f"Transcripts/{transcript}/Sentences")["sentences"]

    assert isinstance(first["end_time"], kind)


def test_redaction_hides_unless_one_asks(twilio):
    twilio.simulator.set_service(auto_redaction=True)
    transcript = twilio.transcribed(twilio.recorded())

    def text(**query: str) -> str:
        found = fetch(twilio, f"Transcripts/{transcript}/Sentences", **query)
        return " ".join(each["transcript"] for each in found["sentences"])

    assert fetch(twilio, f"Transcripts/{transcript}")["redaction"] is True
    assert text(Redacted="false") == speech.with_wav(0).text
    assert text() == re.sub(r"\d", "*", speech.with_wav(0).text)


def test_sentences_are_paged_up_to_5000(twilio):
    transcript = twilio.transcribed(twilio.recorded())
    path = f"/v2/Transcripts/{transcript}/Sentences"

    page = body(twilio.request("GET", path, query={"PageSize": "2"}), 200)
    seen = page["sentences"]
    while page["meta"]["next_page_url"]:
        address = page["meta"]["next_page_url"]
        assert address.startswith(f"https://sim.example.com{path}?PageSize=2&Page=")
        page = body(twilio.request("GET", address.removeprefix("https://sim.example.com")), 200)
        seen += page["sentences"]

    assert [each["sentence_index"] for each in seen] == list(range(len(speech.with_wav(0).turns)))
    assert twilio.request("GET", path, query={"PageSize": "5000"}).status == 200
    assert refusal(twilio.request("GET", path, query={"PageSize": "5001"})) == (400, 20007)
    assert refusal(twilio.request("GET", "/v2/Transcripts", query={"PageSize": "1001"})) == (400, 20007)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"Channel": "{}"}, (422, 20422)),
        ({"Channel": "RE1"}, (422, 20422)),
        ({"Channel": '{"media_properties": {"source_sid": "CA1"}}'}, (422, 20422)),
        ({"Channel": '{"media_properties": {"sourceSid": "RE1"}}'}, (422, 20422)),
        ({"CustomerKey": "x" * 65}, (422, 20422)),
        ({"MediaStartTime": "noon"}, (422, 20422)),
        ({"ServiceSid": "calls"}, (422, 20422)),
        ({"ServiceSid": "GA" + "0" * 32}, (404, 20404)),
        ({"customerKey": "x"}, (400, 20001)),
    ],
)
def test_order_refuses_what_it_does_not_know(twilio, form, expected):
    assert refusal(twilio.order(twilio.recorded(), **form)) == expected
    assert twilio.simulator.effects("create_transcript") == []


@pytest.mark.parametrize("missing", ["ServiceSid", "Channel"])
def test_order_needs_service_and_channel(twilio, missing):
    form = {"ServiceSid": twilio.simulator.service.sid, "Channel": "{}"}
    del form[missing]

    assert refusal(twilio.request("POST", "/v2/Transcripts", form)) == (400, 20001)


def test_at_most_two_participants_on_two_channels(twilio):
    recording = twilio.recorded()

    def order(*channels: int) -> int:
        people = [{"channel_participant": channel, "role": "Agent"} for channel in channels]
        channel = {"media_properties": {"source_sid": recording}, "participants": people}
        return twilio.order(recording, Channel=json.dumps(channel)).status

    assert [order(1, 2, 2), order(3), order(1, 2)] == [422, 422, 202]


def test_unknown_or_unfit_recordings_are_refused(twilio):
    call = twilio.simulator.place_call()
    live = twilio.start(call)["sid"]
    deleted = twilio.recorded()
    twilio.request("DELETE", twilio.at(f"Recordings/{deleted}.json"))
    twilio.simulator.spoil_recordings()
    absent = twilio.recorded()

    assert refusal(twilio.order("RE" + "0" * 32))[1] == 95122
    assert {refusal(twilio.order(each))[1] for each in (live, deleted, absent)} == {95120}
    assert twilio.simulator.truth()["transcripts"] == {}


def test_unfit_recordings_may_fail_later(twilio):
    twilio.simulator.switch(source_errors_at_create=False)
    transcript = twilio.transcribed("RE" + "0" * 32)

    assert fetch(twilio, f"Transcripts/{transcript}")["status"] == "failed"


def test_pci_stays_with_recordings_made_under_it(twilio):
    twilio.simulator.switch(is_pci=True)
    recording = twilio.recorded()
    twilio.simulator.switch(is_pci=False)

    assert refusal(twilio.order(recording))[1] == 95116


@pytest.mark.parametrize("wish", ["is_encrypted", "is_external_storage"])
def test_recordings_that_cannot_be_read_are_refused(twilio, wish):
    twilio.simulator.switch(**{wish: True})

    assert refusal(twilio.order(twilio.recorded()))[1] == 95120


def test_second_transcript_of_a_recording_is_refused_until_the_first_is_deleted(twilio):
    recording = twilio.recorded()
    twilio.simulator.spoil_transcripts()
    first = twilio.transcribed(recording)

    assert refusal(twilio.order(recording)) == (409, 20409)
    assert twilio.request("DELETE", f"/v2/Transcripts/{first}").status == 204
    assert twilio.order(recording).status == 202
    assert len(twilio.simulator.effects("create_transcript")) == 2


def test_uniqueness_may_be_per_service(twilio):
    twilio.simulator.switch(transcript_uniqueness="service")
    recording = twilio.recorded()
    other = body(twilio.request("POST", "/v2/Services", {"UniqueName": "other"}), 201)["sid"]

    assert twilio.order(recording).status == 202
    assert twilio.order(recording, ServiceSid=other).status == 202
    assert refusal(twilio.order(recording, ServiceSid=other)) == (409, 20409)


def test_transcripts_are_found_by_source_and_status(twilio):
    first, second = twilio.recorded(), twilio.recorded()
    done = twilio.transcribed(first)
    pending = body(twilio.order(second), 202)["sid"]

    def sids(**query: str) -> list[str]:
        return [each["sid"] for each in fetch(twilio, "Transcripts", **query)["transcripts"]]

    assert sids() == [pending, done]
    assert sids(SourceSid=first) == [done]
    assert sids(Status="queued") == [pending]
    assert sids(ServiceSid="GA" + "0" * 32) == []
    assert sids(AfterDateCreated="2024-05-07T00:00:00Z") == []
    assert sids(BeforeDateCreated="2024-05-07") == [pending, done]
    assert refusal(twilio.request("GET", "/v2/Transcripts", query={"Status": "done"})) == (422, 20422)
    assert refusal(twilio.request("GET", "/v2/Transcripts", query={"RecordingSid": first})) == (400, 20001)


def test_deleted_transcript_is_gone(twilio):
    transcript = twilio.transcribed(twilio.recorded())
    path = f"/v2/Transcripts/{transcript}"

    assert (twilio.request("DELETE", path).status, twilio.request("DELETE", path).status) == (204, 404)
    assert refusal(twilio.request("GET", f"{path}/Sentences")) == (404, 20404)
    assert [effect.subject for effect in twilio.simulator.effects("delete_transcript")] == [transcript]


def test_recording_deleted_too_early_fails_its_transcript(twilio):
    recording = twilio.recorded()
    made = body(twilio.order(recording), 202)["sid"]
    twilio.request("DELETE", twilio.at(f"Recordings/{recording}.json"))
    twilio.simulator.advance(15)

    assert fetch(twilio, f"Transcripts/{made}")["status"] == "failed"


@pytest.mark.parametrize(("cascade", "left"), [(False, 1), (True, 0)])
def test_deleting_a_recording_may_take_its_transcripts_along(twilio, cascade, left):
    twilio.simulator.switch(cascade_delete=cascade)
    recording = twilio.recorded()
    twilio.transcribed(recording)

    twilio.request("DELETE", twilio.at(f"Recordings/{recording}.json"))

    assert len(twilio.simulator.truth()["transcripts"]) == left


def test_media_link_needs_no_credentials_and_dies(twilio):
    transcript = twilio.transcribed(twilio.recorded(0, RecordingChannels="dual"))
    address = fetch(twilio, f"Transcripts/{transcript}/Media")["media_url"]
    path, _, query = address.removeprefix("https://sim.example.com").partition("?")
    request = Request(method="GET", path=path, query=query)

    sound = twilio.simulator.respond(request)
    twilio.simulator.advance(3600)

    assert (sound.status, sound.body) == (200, speech.with_wav(0).audio("wav"))
    assert twilio.simulator.respond(request).status == 403


def test_operators_results_come_with_completion(twilio):
    made = body(twilio.order(twilio.recorded()), 202)["sid"]
    path = f"Transcripts/{made}/OperatorResults"
    before = fetch(twilio, path)["operator_results"]
    twilio.simulator.advance(15)

    (result,) = fetch(twilio, path)["operator_results"]
    assert before == []
    assert result.keys() == fixture("operator_results.json")["operator_results"][0].keys()
    assert fetch(twilio, f"{path}/{result['operator_sid']}") == result


def test_intelligence_answers_declare_rate_limits(twilio):
    answer = twilio.request("GET", "/v2/Transcripts")

    assert {"X-Rate-Limit-Limit", "X-Rate-Limit-Remaining", "X-Rate-Limit-Config"} <= answer.headers.keys()


def test_channel_may_come_back_empty(twilio):
    twilio.simulator.switch(empty_channel=True)

    assert body(twilio.order(twilio.recorded()), 202)["channel"] == {}


def test_external_audio_is_transcribed_and_wins_over_a_recording(twilio):
    def order(url: str) -> str:
        channel = {"media_properties": {"media_url": url, "source_sid": "RE" + "0" * 32}}
        return twilio.transcribed("", Channel=json.dumps(channel))

    good, bad = order("https://media.example.com/a.wav?s=1"), order("https://api.twilio.com/2010-04-01/x.wav")

    assert fetch(twilio, f"Transcripts/{good}")["status"] == "completed"
    assert fetch(twilio, f"Transcripts/{bad}")["status"] == "failed"


# The Intelligence webhook.


def test_webhook_tells_of_success_in_json(twilio):
    twilio.simulator.set_webhook(HOOK)
    transcript = twilio.transcribed(twilio.recorded(), CustomerKey="order-1")

    (letter,) = twilio.letters
    told = json.loads(letter.body)
    assert told == {
        "account_sid": twilio.simulator.account_sid,
        "service_sid": twilio.simulator.service.sid,
        "transcript_sid": transcript,
        "event_type": "voice_intelligence_transcript_available",
        "customer_key": "order-1",
    }
    assert told.keys() == fixture("voice_intelligence_transcript_available.json").keys()


def test_webhook_may_be_a_form_with_a_status(twilio):
    twilio.simulator.set_webhook(HOOK)
    twilio.simulator.switch(webhook_encoding="form", webhook_has_status=True)
    transcript = twilio.transcribed(twilio.recorded())

    (letter,) = twilio.letters
    assert (letter.form["transcript_sid"], letter.form["status"]) == (transcript, "completed")
    assert "customer_key" not in letter.form


@pytest.mark.parametrize(
    ("on_failure", "events"), [(False, []), (True, ["voice_intelligence_transcript_failed"])]
)
def test_failure_is_not_told_unless_switched_on(twilio, on_failure, events):
    twilio.simulator.set_webhook(HOOK)
    twilio.simulator.switch(webhook_on_failure=on_failure)
    twilio.simulator.spoil_transcripts(status="error")
    transcript = twilio.transcribed(twilio.recorded())

    assert [json.loads(letter.body)["event_type"] for letter in twilio.letters] == events
    assert fetch(twilio, f"Transcripts/{transcript}")["status"] == "error"


# Services.


def test_service_is_made_changed_and_removed(twilio):
    form = {"UniqueName": "sales", "LanguageCode": "de-DE", "AutoTranscribe": "true", "WebhookUrl": HOOK}
    made = body(twilio.request("POST", "/v2/Services", form), 201)
    path = f"/v2/Services/{made['sid']}"

    assert made.keys() == fixture("service.json").keys()
    assert (made["language_code"], made["auto_transcribe"], made["version"]) == ("de-DE", True, 1)
    assert refusal(twilio.request("POST", "/v2/Services", form)) == (409, 20409)
    assert refusal(twilio.request("POST", "/v2/Services", {})) == (400, 20001)
    assert refusal(twilio.request("POST", path, {"LanguageCode": "en-US"})) == (400, 20001)
    assert body(twilio.request("POST", path, {"FriendlyName": "Sales"}), 200)["version"] == 2
    assert len(fetch(twilio, "Services")["services"]) == 2
    assert twilio.request("DELETE", path).status == 204
    assert refusal(twilio.request("GET", path)) == (404, 20404)


def test_auto_transcription_makes_a_manual_order_a_duplicate(twilio):
    twilio.simulator.set_service(auto_transcribe=True)
    recording = twilio.recorded()

    assert refusal(twilio.order(recording)) == (409, 20409)
    assert twilio.simulator.effects("create_transcript") == []
    assert len(twilio.simulator.truth()["transcripts"]) == 1


# Legacy.


def test_message_is_transcribed_and_told(twilio):
    recording = twilio.simulator.leave_message(transcribe_callback=HOOK)
    twilio.simulator.advance(60)

    (shown,) = twilio.get(f"Recordings/{recording}/Transcriptions.json")["transcriptions"]
    (letter,) = twilio.letters
    assert shown.keys() == fixture("transcription.fetched.json").keys()
    assert (shown["status"], shown["type"], shown["recording_sid"]) == ("completed", "fast", recording)
    assert shown["transcription_text"] == speech.with_wav(0).text
    assert letter.form.keys() == fixture("transcription.completed.json").keys()
    assert letter.form["TranscriptionText"] == shown["transcription_text"]
    plain = twilio.request("GET", twilio.at(f"Transcriptions/{shown['sid']}.txt"))
    assert plain.body.decode() == shown["transcription_text"]


def test_recordings_by_api_have_no_legacy_transcription(twilio):
    twilio.recorded()
    twilio.simulator.advance(60)

    assert twilio.get("Transcriptions.json")["transcriptions"] == []


def test_failed_legacy_transcription_is_blank(twilio):
    twilio.simulator.spoil_transcriptions()
    twilio.simulator.leave_message()
    twilio.simulator.advance(60)

    (shown,) = twilio.get("Transcriptions.json")["transcriptions"]
    assert (shown["status"], shown["transcription_text"], shown["price"]) == ("failed", "(blank)", None)


def test_legacy_transcription_fails_when_its_recording_is_gone(twilio):
    recording = twilio.simulator.leave_message()
    twilio.simulator.advance(37)
    twilio.request("DELETE", twilio.at(f"Recordings/{recording}.json"))
    twilio.simulator.advance(30)

    assert twilio.get("Transcriptions.json")["transcriptions"][0]["status"] == "failed"


def test_legacy_transcription_cannot_be_ordered_and_can_be_deleted(twilio):
    recording = twilio.simulator.leave_message()
    twilio.simulator.advance(60)
    (shown,) = twilio.get("Transcriptions.json")["transcriptions"]
    path = twilio.at(f"Transcriptions/{shown['sid']}.json")
    under = twilio.at(f"Recordings/{recording}/Transcriptions/{shown['sid']}.json")

    assert refusal(twilio.request("POST", twilio.at("Transcriptions.json"), {})) == (405, 20004)
    assert refusal(twilio.request("GET", twilio.at("Transcriptions.json"), query={"Status": "x"})) == (
        400,
        20001,
    )
    assert twilio.request("GET", under).status == 200
    assert twilio.request("DELETE", path).status == 204
    assert refusal(twilio.request("DELETE", under)) == (404, 20404)


# Real-time.


def live(twilio: Twilio, **form: str):
    call = twilio.simulator.place_call()
    path = twilio.at(f"Calls/{call}/Transcriptions.json")
    return call, body(twilio.request("POST", path, {"StatusCallbackUrl": HOOK, **form}), 200)


def test_live_transcription_tells_the_turns_as_they_are_spoken(twilio):
    call, started = live(twilio, Name="captions")
    twilio.simulator.advance(speech.with_wav(0).duration_seconds)
    twilio.simulator.end_call(call)
    twilio.simulator.advance(1)

    told = [letter.form for letter in twilio.letters]
    turns = speech.with_wav(0).turns
    events = [each["TranscriptionEvent"] for each in told]
    assert started.keys() == fixture("live_transcription.json").keys()
    assert events == [
        "transcription-started",
        *["transcription-content"] * len(turns),
        "transcription-stopped",
    ]
    assert [int(each["SequenceId"]) for each in told] == list(range(1, len(told) + 1))
    texts = [json.loads(each["TranscriptionData"])["transcript"] for each in told[1:-1]]
    assert texts == [turn.text for turn in turns]
    assert told[0].keys() == fixture("transcription-started.json").keys()
    assert told[1].keys() == fixture("transcription-content.json").keys()
    assert {each["Final"] for each in told[1:-1]} == {"true"}


def test_partial_results_and_one_track(twilio):
    live(twilio, PartialResults="true", Track="outbound_track")
    twilio.simulator.advance(60)

    content = [letter.form for letter in twilio.letters[1:]]
    assert {each["Track"] for each in content} == {"outbound_track"}
    assert {(each["Final"], "Stability" in each) for each in content} == {("true", False), ("false", True)}


@pytest.mark.parametrize("by_name", [True, False])
def test_live_transcription_is_stopped_by_sid_or_name(twilio, by_name):
    call, started = live(twilio, Name="captions")
    path = twilio.at(f"Calls/{call}/Transcriptions/{'captions' if by_name else started['sid']}.json")

    stopped = body(twilio.request("POST", path, {"Status": "stopped"}), 200)
    twilio.simulator.advance(60)

    assert (stopped["sid"], stopped["status"]) == (started["sid"], "stopped")
    events = [letter.form["TranscriptionEvent"] for letter in twilio.letters]
    assert events == ["transcription-started", "transcription-stopped"]
    assert refusal(twilio.request("POST", path, {"Status": "stopped"})) == (400, 21220)


def test_live_transcription_has_no_fetch_and_needs_a_live_call(twilio):
    call, started = live(twilio)
    twilio.simulator.end_call(call)

    one = twilio.at(f"Calls/{call}/Transcriptions/{started['sid']}.json")
    assert refusal(twilio.request("GET", one)) == (405, 20004)
    again = twilio.request("POST", twilio.at(f"Calls/{call}/Transcriptions.json"), {})
    assert refusal(again) == (400, 21220)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"Track": "both"}, (422, 20422)),
        ({"Language": "en"}, (400, 20001)),
        ({"IntelligenceService": "x"}, (422, 20422)),
    ],
)
def test_live_transcription_refuses_what_it_does_not_know(twilio, form, expected):
    call = twilio.simulator.place_call()

    assert refusal(twilio.request("POST", twilio.at(f"Calls/{call}/Transcriptions.json"), form)) == expected


def test_live_transcription_may_break_off(twilio):
    _, started = live(twilio)

    twilio.simulator.break_transcription(started["sid"])
    twilio.simulator.advance(60)

    events = [letter.form["TranscriptionEvent"] for letter in twilio.letters]
    assert events == ["transcription-started", "transcription-error"]


def test_live_transcription_is_kept_by_intelligence(twilio):
    call, _ = live(twilio, IntelligenceService="calls")
    twilio.simulator.advance(10)
    assert fetch(twilio, "Transcripts")["transcripts"] == []

    twilio.simulator.end_call(call)
    twilio.simulator.advance(15)

    (kept,) = fetch(twilio, "Transcripts")["transcripts"]
    assert kept["status"] == "completed"
