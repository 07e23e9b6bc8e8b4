import json

import httpx
import pytest

from recordings.providers.errors import NotFound, OutcomeUnknown, Refused, Unavailable, UnexpectedResponse
from recordings.providers.snapshots import CallState, EndpointSnapshot, Status, Wanted
from tests.providers.twilio_account import (
    CA,
    CF,
    GT,
    HOOK,
    KEY,
    PRODUCT,
    RE,
    SERVICE,
    TR,
    Account,
    answering,
    call_ref,
    failing,
    fixture,
    form_of,
    listing,
    ok,
    order,
    recording_ref,
    ref,
    sent_by,
    transcript_ref,
)
from tests.simulators import speech

NONE = listing("transcripts")
CAPTION_OPTIONS = {
    "Track": "both_tracks",
    "LanguageCode": "en-US",
    "PartialResults": True,
    "InboundTrackLabel": "Customer",
    "OutboundTrackLabel": "Agent",
    "TranscriptionEngine": "google",
    "SpeechModel": "telephony",
    "Hints": "Harbor, Dental",
    "ProfanityFilter": False,
    "EnableAutomaticPunctuation": True,
    "IntelligenceService": "calls",
    "ConversationConfiguration": "conf",
    "ConversationId": "conv",
    "ConfigurationId": "stored",
    "EnableProviderData": True,
}


@pytest.fixture
def twilio():
    return Account()


@pytest.fixture
def message(twilio):
    return twilio.message()


def wanted(found, recording):
    return Wanted(
        kind="transcript", external_id=found, parent_external_id=recording.external_id, delay_seconds=15.0
    )


def refusing(twilio, code):
    twilio.simulator.fail_with(code, method="POST", path_contains="Transcripts")


def test_a_transcript_is_ordered_with_every_option(twilio):
    recording = twilio.completed()
    person = {
        "full_name": "Åsa Agent",
        "role": "Agent",
        "user_id": "7",
        "media_participant_id": "+15551234567",
        "email": "asa@example.com",
        "image_url": "https://example.com/asa.png",
    }
    options = {f"channel_1_{name}": value for name, value in person.items()}
    options |= {"channel_2_full_name": "Carl", "channel_2_role": "", "MediaStartTime": "2024-05-06T12:00:00Z"}

    answer = twilio.adapter.perform(order("transcript.order", recording=recording, options=options))

    (effect,) = twilio.simulator.effects("create_transcript")
    assert json.loads(effect.details.pop("Channel")) == {
        "media_properties": {"source_sid": recording.external_id},
        "participants": [
            {"channel_participant": 1, **person},
            {"channel_participant": 2, "full_name": "Carl"},
        ],
    }
    assert effect.details == {
        "ServiceSid": twilio.simulator.service.sid,
        "CustomerKey": KEY,
        "MediaStartTime": "2024-05-06T12:00:00Z",
    }
    found, want = answer.facts
    assert (found.external_id, found.key, found.status) == (effect.result, KEY, Status.PROCESSING)
    assert found.recording_external_id == recording.external_id
    assert found.kind == "intelligence"
    assert want == wanted(effect.result, recording)
    assert answer.note == ""


def test_a_transcript_goes_through_to_its_words(twilio):
    recording = twilio.completed(RecordingChannels="dual")
    transcript = twilio.transcribed(recording, channel_1_full_name="Åsa", channel_2_role="Caller")

    found = twilio.adapter.fetch_text(transcript)

    spoken = speech.with_wav(0)
    assert transcript.status is Status.COMPLETED
    assert " ".join(each.text for each in found.utterances) == spoken.text
    assert [each.channel for each in found.utterances] == [turn.speaker + 1 for turn in spoken.turns]
    assert {each.speaker for each in found.utterances} == {"Åsa", "Caller"}
    assert found.utterances[0].start == spoken.turns[0].start
    assert found.utterances[0].end == spoken.turns[0].end
    assert found.utterances[0].confidence == 0.93
    assert [word.text for word in found.utterances[0].words] == [w.text for w in spoken.turns[0].words]
    assert found.language == "en-US"
    assert (found.problem, found.note) == ("", "")
    assert [file.name for file in found.files] == ["sentences-1.json", "operator-results-1.json"]
    assert json.loads(found.files[0].content)["meta"]["key"] == "sentences"
    assert found.extra["operator_results"][0]["name"] == "Conversation Summary"


def test_another_service_can_be_named(twilio):
    recording = twilio.completed()
    other = twilio.simulator.services.add("german", language_code="de-DE")

    answer = twilio.adapter.perform(
        order("transcript.order", recording=recording, options={"ServiceSid": other.sid})
    )

    assert answer.facts[0].language == "de-DE"


def test_what_twilio_holds_already_is_shown_and_nothing_is_ordered(twilio):
    recording = twilio.completed()
    first = twilio.transcribed(recording)

    again = twilio.adapter.perform(order("transcript.order", recording=recording, key="another-key"))

    assert len(twilio.simulator.effects("create_transcript")) == 1
    (found,) = again.facts
    assert (found.external_id, found.key) == (first.external_id, "another-key")
    assert "nothing was ordered or charged" in again.note


def test_an_order_that_had_arrived_is_not_sent_again(twilio):
    recording = twilio.completed()
    asked = order("transcript.order", recording=recording)
    twilio.simulator.fail(kind="drop_after", method="POST")
    with pytest.raises(OutcomeUnknown):
        twilio.adapter.perform(asked)

    answer = twilio.adapter.perform(asked)

    assert len(twilio.simulator.effects("create_transcript")) == 1
    assert "had reached Twilio before" in answer.note


def test_a_failed_one_in_the_way_is_named(twilio):
    recording = twilio.completed()
    twilio.simulator.spoil_transcripts()
    failed = twilio.transcribed(recording)

    with pytest.raises(Refused, match="failed") as caught:
        twilio.adapter.perform(order("transcript.order", recording=recording, key="another-key"))

    assert failed.external_id in caught.value.message
    assert failed.status is Status.FAILED
    assert len(twilio.simulator.effects("create_transcript")) == 1


def test_our_own_failed_one_is_the_answer_of_its_order(twilio):
    recording = twilio.completed()
    twilio.simulator.spoil_transcripts()
    twilio.transcribed(recording)

    answer = twilio.adapter.perform(order("transcript.order", recording=recording))

    assert answer.facts[0].status is Status.FAILED
    assert "gives no reason" in answer.facts[0].reason


def test_a_look_that_fails_leaves_the_order_unsent():
    adapter = answering(failing(20503, 503))

    with pytest.raises(Refused, match="Nothing was sent") as caught:
        adapter.perform(order("transcript.order", recording=recording_ref()))

    assert caught.value.can_wait
    assert str(sent_by(adapter)[0].url) == (
        f"{PRODUCT}/Transcripts?ServiceSid={SERVICE}&SourceSid={RE}&PageSize=1000"
    )


@pytest.mark.parametrize("recording", [None, recording_ref("")])
def test_a_recording_without_an_id_is_not_ordered(recording):
    with pytest.raises(Refused, match="no id"):
        answering(NONE).perform(order("transcript.order", recording=recording))


def test_without_a_service_nothing_is_ordered():
    adapter = answering(NONE, intelligence_service_sid="")

    with pytest.raises(Refused, match="No Intelligence Service"):
        adapter.perform(order("transcript.order", recording=recording_ref()))

    assert sent_by(adapter) == []


@pytest.mark.parametrize(
    ("code", "status", "error", "words"),
    [
        (95100, 500, OutcomeUnknown, "Intelligence failed"),
        (95100, 400, OutcomeUnknown, "may be made now"),
        (95102, 400, NotFound, "deleted"),
        (95116, 400, Refused, "PCI mode"),
        (95120, 400, Refused, "completed recordings only"),
        (95122, 404, NotFound, "does not find this recording"),
        (20409, 409, Refused, "one transcript of a recording"),
    ],
)
def test_what_intelligence_refuses_is_told(code, status, error, words):
    adapter = answering(NONE, failing(code, status))

    with pytest.raises(error, match=words) as caught:
        adapter.perform(order("transcript.order", recording=recording_ref()))

    assert type(caught.value) is error
    assert caught.value.code == str(code)


def test_too_many_requests_at_intelligence_close_its_own_bucket():
    with pytest.raises(Refused) as caught:
        answering(NONE, failing(20429, 429)).perform(order("transcript.order", recording=recording_ref()))

    assert caught.value.bucket == "intelligence"


def test_an_order_without_a_sid_in_the_answer_is_unexpected():
    with pytest.raises(UnexpectedResponse):
        answering(NONE, ok({"status": "queued"}, 202)).perform(
            order("transcript.order", recording=recording_ref())
        )


def test_delete_an_intelligence_transcript_once_and_again(twilio):
    transcript = twilio.transcribed(twilio.completed())

    first = twilio.adapter.perform(order("transcript.delete", transcript=transcript))
    second = twilio.adapter.perform(order("transcript.delete", transcript=transcript))

    assert len(twilio.simulator.effects("delete_transcript")) == 1
    assert first.facts[0].status is second.facts[0].status is Status.DELETED
    assert first.facts[0].kind == "intelligence"
    assert (first.note, second.note) == ("", "The transcript was gone already.")


def test_delete_a_legacy_transcription(twilio, message):
    (found,) = twilio.simulator.legacy.all

    answer = twilio.adapter.perform(
        order("transcript.delete", transcript=transcript_ref(found, kind="legacy"))
    )

    assert len(twilio.simulator.effects("delete_transcription")) == 1
    assert answer.facts[0].kind == "legacy"


def test_captions_are_erased_here_only():
    adapter = answering(NONE)

    answer = adapter.perform(order("transcript.delete", transcript=transcript_ref(kind="captions")))

    assert sent_by(adapter) == []
    assert answer.facts[0].status is Status.DELETED
    assert "only the text here" in answer.note


@pytest.mark.parametrize("transcript", [None, transcript_ref("")])
def test_a_transcript_without_an_id_is_not_deleted(transcript):
    with pytest.raises(Refused, match="no id"):
        answering(NONE).perform(order("transcript.delete", transcript=transcript))


def test_a_legacy_text_is_read_as_it_came(twilio, message):
    (found,) = twilio.simulator.legacy.all.values()

    text = twilio.adapter.fetch_text(transcript_ref(found.sid, kind="legacy"))
    (fetched,) = twilio.adapter.fetch("transcript", found.sid)

    assert [each.text for each in text.utterances] == [found.text]
    assert text.files[0].name == f"{found.sid}.txt"
    assert text.files[0].content == found.text.encode()
    assert fetched.text.utterances == text.utterances
    assert "transcription_text" not in fetched.raw
    assert (fetched.kind, fetched.status, fetched.engine) == ("legacy", Status.COMPLETED, "fast")
    assert fetched.recording_external_id == message.external_id


@pytest.mark.parametrize("content", [b"", b"(blank)", b" (blank)\n"])
def test_a_text_without_words_says_so(content):
    text = answering(httpx.Response(200, content=content)).fetch_text(transcript_ref(TR, kind="legacy"))

    assert text.utterances == ()
    assert "no words" in text.note
    assert bool(text.files) == bool(content)


@pytest.mark.parametrize(
    ("name", "status", "is_empty", "has_text"),
    [
        ("transcription.fetched", Status.COMPLETED, False, True),
        ("transcription.fetched.failed", Status.FAILED, False, False),
        ("transcription.fetched.without-text", Status.COMPLETED, True, True),
    ],
)
def test_a_legacy_transcription_in_all_its_states(name, status, is_empty, has_text):
    (found,) = answering(ok(fixture(name))).fetch("transcript", TR)

    assert found.status is status
    assert found.is_empty is is_empty
    assert (found.text is not None) is has_text
    assert ("gives no reason" in found.reason) is (status is Status.FAILED)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("new", Status.PROCESSING),
        ("queued", Status.PROCESSING),
        ("in-progress", Status.PROCESSING),
        ("completed", Status.COMPLETED),
        ("failed", Status.FAILED),
        ("canceled", Status.FAILED),
        ("error", Status.FAILED),
        ("sideways", None),
    ],
)
def test_every_word_for_the_state_of_an_intelligence_transcript(word, status):
    data = {**fixture("transcript.queued"), "status": word, "duration": 9}

    found, *_ = answering(ok(data)).fetch("transcript", GT)

    assert (found.status, found.provider_status) == (status, word)
    assert bool(found.reason) is (status is Status.FAILED)
    assert (found.duration_seconds == 9) is (status is Status.COMPLETED)
    assert (found.completed_at is not None) is (status is Status.COMPLETED)


@pytest.mark.parametrize("name", ["legacy", "intelligence"])
def test_the_word_in_progress_is_processing_in_both_kinds(name):
    sid = TR if name == "legacy" else GT

    (found,) = answering(ok({"sid": sid, "status": "in-progress"})).fetch("transcript", sid)

    assert (found.kind, found.status) == (name, Status.PROCESSING)


def test_an_empty_channel_leaves_the_recording_to_the_mirror():
    (found,) = answering(ok(fixture("transcript.without-channel"))).fetch("transcript", GT)

    assert found.recording_external_id == ""


def test_a_link_to_foreign_audio_never_leaves_the_adapter():
    link = "https://bucket.example/a.wav?X-Amz-Signature=secret"
    data = {**fixture("transcript.queued"), "channel": {"media_properties": {"media_url": link}}}

    (found,) = answering(ok(data)).fetch("transcript", GT)

    assert "secret" not in json.dumps(found.raw)


@pytest.mark.parametrize("odd", ["x", 1, None, [1], {"participants": "x"}, {"participants": [1, {}]}])
def test_a_channel_of_an_odd_type_is_unknown(odd):
    data = {**fixture("transcript.completed"), "channel": odd, "language_code": None, "service_sid": None}

    (found,) = answering(ok(data)).fetch("transcript", GT)

    assert found.handle == {}


def test_a_message_comes_with_its_transcriptions(twilio, message):
    recording, transcription = twilio.adapter.fetch("recording", message.external_id)

    assert recording.external_id == message.external_id
    assert (transcription.kind, transcription.recording_external_id) == ("legacy", message.external_id)
    assert transcription.text.utterances
    assert twilio.asked()[-1] == ("GET", f"/Recordings/{message.external_id}/Transcriptions.json")


@pytest.mark.parametrize("changes", [{"source": "DialVerb"}, {"status": "processing"}])
def test_only_a_completed_message_is_asked_for_transcriptions(changes):
    adapter = answering(ok({**fixture("recording.fetched"), "source": "RecordVerb", **changes}))

    assert len(adapter.fetch("recording", RE)) == 1
    assert len(sent_by(adapter)) == 1


@pytest.mark.parametrize("answer", [failing(20500, 500), ok({}), listing("transcriptions", {})])
def test_transcriptions_that_cannot_be_listed_withhold_no_recording(answer):
    adapter = answering(ok({**fixture("recording.fetched"), "source": "RecordVerb"}), answer)

    (found,) = adapter.fetch("recording", RE)

    assert found.status is Status.COMPLETED


@pytest.mark.parametrize(
    ("sid", "parent", "kind"),
    [(TR, "", "legacy"), (GT, RE, "intelligence"), (GT, SERVICE, "intelligence")],
)
def test_what_twilio_no_longer_knows_is_deleted(sid, parent, kind):
    (found,) = answering(failing(20404, 404)).fetch("transcript", sid, parent=parent)

    assert (found.status, found.kind) == (Status.DELETED, kind)
    assert "any more" in found.reason


@pytest.mark.parametrize(
    ("parent", "answer"),
    [
        ("", failing(20404, 404)),
        (CA, httpx.Response(404, content=b"<html>")),
        (RE, httpx.Response(404, content=b"<html>")),
    ],
)
def test_what_may_be_live_captions_or_a_proxys_word_is_not_taken_for_deleted(parent, answer):
    with pytest.raises(NotFound):
        answering(answer).fetch("transcript", GT, parent=parent)


@pytest.mark.parametrize(
    ("call", "status"),
    [
        (ok({"sid": CA, "status": "in-progress"}), None),
        (ok({"sid": CA, "status": "completed", "end_time": "Fri, 14 Oct 2016 21:56:34 +0000"}), "completed"),
        (failing(20404, 404), "completed"),
    ],
)
def test_captions_end_with_their_call(call, status):
    (found,) = answering(failing(20404, 404), call).fetch("transcript", GT, parent=CA)

    assert (found.external_id, found.call_external_id, found.kind) == (GT, CA, "captions")
    assert found.status == status
    assert ("no word of their end" in found.reason) is (status is not None)


def test_captions_of_a_call_that_a_proxy_does_not_find_may_go_on():
    with pytest.raises(NotFound):
        answering(failing(20404, 404), httpx.Response(404, content=b"<html>")).fetch(
            "transcript", GT, parent=CA
        )


@pytest.mark.parametrize("sid", [TR, GT])
def test_a_transcript_without_its_sid_is_unexpected(sid):
    with pytest.raises(UnexpectedResponse):
        answering(ok({"status": "completed"})).fetch("transcript", sid)


def test_sentences_without_times_keep_their_order(twilio):
    adapter = answering(ok(fixture("sentences.without-times")), listing("operator_results"))

    found = adapter.fetch_text(transcript_ref())

    assert found.utterances
    assert all(each.start is None and each.end is None for each in found.utterances)
    assert found.extra is None


@pytest.mark.parametrize("kind", ["number", "string", "null"])
def test_times_come_in_three_ways(twilio, kind):
    transcript = twilio.transcribed(twilio.completed())
    twilio.simulator.switch(sentence_times=kind)

    found = twilio.adapter.fetch_text(transcript)

    expected = None if kind == "null" else speech.with_wav(0).turns[0].start
    assert found.utterances[0].start == expected


def test_the_times_of_a_sentence_can_be_those_of_its_words():
    words = [
        {"word": "b", "start_time": "1.5", "end_time": 2},
        {"word": "a", "start_time": 1},
        7,
        {"word": ""},
    ]
    sentences = [
        {"sentence_index": 2, "media_channel": "2", "transcript": "later", "words": "odd"},
        {"sentence_index": "1", "media_channel": 1, "transcript": "b a", "words": words},
        {"sentence_index": 0, "transcript": ""},
        {"transcript": "nobody's", "confidence": "0.5"},
    ]
    adapter = answering(listing("sentences", *sentences), listing("operator_results"))

    found = adapter.fetch_text(transcript_ref())

    assert [each.text for each in found.utterances] == ["nobody's", "b a", "later"]
    assert [each.speaker for each in found.utterances] == ["", "Channel 1", "Channel 2"]
    assert (found.utterances[1].start, found.utterances[1].end) == (1.0, 2.0)
    assert [word.text for word in found.utterances[1].words] == ["b", "a"]
    assert found.utterances[0].confidence == 0.5


def test_the_account_names_the_channels_and_the_order_comes_first():
    sentences = [{"media_channel": channel, "transcript": "x"} for channel in (1, 2)]
    adapter = answering(
        listing("sentences", *sentences), listing("operator_results"), channel_one="Anna", channel_two="Ben"
    )

    found = adapter.fetch_text(transcript_ref(handle={"speakers": {"1": "Åsa"}}))

    assert [each.speaker for each in found.utterances] == ["Åsa", "Ben"]


def test_one_channel_of_a_mixed_recording_is_nobodys():
    adapter = answering(
        listing("sentences", {"media_channel": 1, "transcript": "x"}),
        listing("operator_results"),
        channel_one="Anna",
    )

    found = adapter.fetch_text(transcript_ref(recording=recording_ref(channels=1)))

    assert found.utterances[0].speaker == ""


def test_all_pages_of_sentences_are_read():
    path = f"{PRODUCT}/Transcripts/{GT}/Sentences"
    adapter = answering(
        listing("sentences", {"transcript": "one"}, following=f"{path}?Page=1&PageToken=T"),
        listing("sentences", {"transcript": "two"}),
        listing("operator_results"),
    )

    found = adapter.fetch_text(transcript_ref())

    assert [each.text for each in found.utterances] == ["one", "two"]
    assert [file.name for file in found.files] == ["sentences-1.json", "sentences-2.json"]
    assert [str(each.url) for each in sent_by(adapter)[:2]] == [
        f"{path}?WordTimestamps=true&PageSize=5000",
        f"{path}?Page=1&PageToken=T",
    ]


def test_pages_that_go_in_circles_are_cut_short_and_told():
    path = f"{PRODUCT}/Transcripts/{GT}/Sentences"
    page = listing("sentences", {"transcript": "again"}, following=f"{path}?Page=1")
    adapter = answering(page, page, listing("operator_results"))

    found = adapter.fetch_text(transcript_ref())

    assert "cut short" in found.problem
    assert len(found.utterances) == 2


def test_a_foreign_next_page_is_refused():
    page = listing("sentences", {"transcript": "x"}, following="https://evil.example/v2/Transcripts?Page=1")

    with pytest.raises(UnexpectedResponse, match="not its own"):
        answering(page).fetch_text(transcript_ref())


def test_no_sentences_is_an_empty_transcript():
    found = answering(ok(fixture("sentences.empty")), listing("operator_results")).fetch_text(
        transcript_ref()
    )

    assert found.utterances == ()
    assert "no words" in found.note


def test_sentences_that_cannot_be_read_are_told_and_kept():
    adapter = answering(listing("sentences", 7, {"transcript": "x"}), listing("operator_results"))

    found = adapter.fetch_text(transcript_ref())

    assert "could not be read" in found.problem
    assert b"7" in found.files[0].content


def test_operator_results_that_are_refused_do_not_lose_the_words():
    adapter = answering(listing("sentences", {"transcript": "x"}), failing(20403, 403))

    found = adapter.fetch_text(transcript_ref())

    assert found.utterances
    assert "no right" in found.extra["problem"]


def test_operator_results_that_fail_are_read_again_with_the_words():
    with pytest.raises(Unavailable):
        answering(listing("sentences"), failing(20500, 500)).fetch_text(transcript_ref())


@pytest.mark.parametrize("answer", [ok({"sentences": {}}), ok({}), httpx.Response(200, content=b"<html>")])
def test_sentences_of_another_shape_are_unexpected(answer):
    with pytest.raises(UnexpectedResponse):
        answering(answer).fetch_text(transcript_ref())


def test_captions_cannot_be_read_again():
    with pytest.raises(Refused, match="keeps none"):
        answering(NONE).fetch_text(transcript_ref(kind="captions"))


def test_captions_start_with_every_option(twilio):
    call = twilio.call()

    answer = twilio.adapter.perform(order("captions.start", call=call, options=CAPTION_OPTIONS))

    (effect,) = twilio.simulator.effects("start_transcription")
    typed = {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in CAPTION_OPTIONS.items()
    }
    assert effect.details == {
        **typed,
        "Name": KEY,
        "StatusCallbackUrl": f"{HOOK}{KEY}/captions/#rc=3&rp=all",
        "StatusCallbackMethod": "POST",
    }
    (found,) = answer.facts
    assert (found.external_id, found.key, found.kind) == (effect.result, KEY, "captions")
    assert (found.status, found.call_external_id) == (Status.IN_PROGRESS, call.external_id)


def test_captions_without_callbacks_need_a_service(twilio):
    call = twilio.call()

    with pytest.raises(Refused, match="by callbacks only"):
        twilio.adapter.perform(order("captions.start", call=call, callback_url=""))
    twilio.adapter.perform(
        order("captions.start", call=call, callback_url="", options={"IntelligenceService": "calls"})
    )

    (effect,) = twilio.simulator.effects("start_transcription")
    assert "StatusCallbackUrl" not in effect.details


@pytest.mark.parametrize("call", [None, call_ref(CF)])
def test_captions_need_a_call(call):
    with pytest.raises(Refused, match="conference"):
        answering(NONE).perform(order("captions.start", call=call))


def test_captions_of_a_call_that_is_over_are_refused(twilio):
    call = twilio.call()
    twilio.simulator.end_call(call.external_id)

    with pytest.raises(Refused, match="not in progress"):
        twilio.adapter.perform(order("captions.start", call=call))


def test_an_answer_without_the_call_is_of_the_call_that_was_asked_for():
    answer = answering(ok({"sid": GT, "status": "stopped"})).perform(order("captions.start", call=call_ref()))

    assert answer.facts[0].call_external_id == call_ref().external_id
    assert answer.facts[0].status is Status.COMPLETED


def running(external_id, call):
    return transcript_ref(external_id, kind="captions", status=Status.IN_PROGRESS, call=call)


def test_captions_stop_by_sid_and_by_name(twilio):
    call = twilio.call()
    first = twilio.adapter.perform(order("captions.start", call=call)).facts[0]
    by_sid = twilio.adapter.perform(order("captions.stop", transcript=running(first.external_id, call)))
    twilio.adapter.perform(order("captions.start", call=call))

    by_name = twilio.adapter.perform(order("captions.stop", transcript=running("", call)))

    assert len(twilio.simulator.effects("stop_transcription")) == 2
    assert by_sid.facts[0].status is by_name.facts[0].status is Status.COMPLETED
    assert by_name.facts[0].key == KEY


def test_captions_that_had_ended_are_stopped(twilio):
    call = twilio.call()
    found = twilio.adapter.perform(order("captions.start", call=call)).facts[0]
    twilio.simulator.end_call(call.external_id)

    answer = twilio.adapter.perform(order("captions.stop", transcript=running(found.external_id, call)))

    assert answer.note == "The captions had ended already."
    assert answer.facts[0].status is Status.COMPLETED


def test_captions_that_are_not_known_have_ended_if_the_call_has():
    stop = order("captions.stop", transcript=running(GT, None), call=call_ref())

    over = answering(failing(20404, 404), ok(fixture("call.completed"))).perform(stop)
    for look in (ok(fixture("call.in-progress")), failing(20500, 500)):
        with pytest.raises(NotFound):
            answering(failing(20404, 404), look).perform(stop)
    with pytest.raises(NotFound):
        answering(httpx.Response(404)).perform(stop)

    assert over.facts[0].status is Status.COMPLETED


@pytest.mark.parametrize(
    "transcript", [None, running(GT, None), transcript_ref("", key="", kind="captions", call=call_ref())]
)
def test_captions_without_a_call_or_a_name_are_not_stopped(transcript):
    adapter = answering(NONE)

    with pytest.raises(Refused, match="not known"):
        adapter.perform(order("captions.stop", transcript=transcript))

    assert sent_by(adapter) == []


def test_a_service_is_pointed_here(twilio):
    answer = twilio.adapter.perform(order("endpoint.repair"))

    (effect,) = twilio.simulator.effects("update_service")
    assert effect.details == {"WebhookUrl": HOOK, "WebhookHttpMethod": "POST"}
    assert isinstance(answer.facts[0], EndpointSnapshot)
    assert answer.facts[0].url == HOOK
    assert twilio.adapter.list_endpoints() == answer.facts


def test_a_service_without_an_address_is_not_healthy(twilio):
    (found,) = twilio.adapter.list_endpoints()
    (silenced,) = answering(
        ok({"sid": SERVICE, "webhook_url": HOOK, "webhook_http_method": "NULL"})
    ).list_endpoints()

    assert (found.url, found.state, found.is_healthy) == ("", "not set", False)
    assert silenced.state == "not set"


def test_a_service_is_not_pointed_at_nothing():
    with pytest.raises(Refused, match="no public address"):
        answering(NONE).perform(order("endpoint.repair", callback_url=""))
    with pytest.raises(Refused, match="No Intelligence Service"):
        answering(NONE, intelligence_service_sid="").perform(order("endpoint.repair"))
    assert answering(NONE, intelligence_service_sid="").list_endpoints() is None


def test_the_form_of_a_stop_of_captions():
    adapter = answering(ok({"sid": GT, "status": "stopped"}))

    adapter.perform(order("captions.stop", transcript=running(GT, call_ref(state=CallState.LIVE))))

    assert form_of(sent_by(adapter)[0]) == {"Status": "stopped"}


def test_deleting_a_recording_makes_what_is_pending_fail(twilio):
    recording = twilio.completed()
    made = twilio.adapter.perform(order("transcript.order", recording=recording)).facts[0]
    twilio.adapter.perform(order("recording.delete", recording=recording))
    twilio.simulator.advance(15)

    (found,) = twilio.adapter.fetch("transcript", made.external_id)

    assert found.status is Status.FAILED


def test_a_message_is_a_recording_without_a_transcript_to_order(twilio, message):
    assert message.source == "RecordVerb"
    assert ref(twilio.adapter.fetch("recording", message.external_id)[0]).channels == 1
