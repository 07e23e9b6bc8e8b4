"""The simulator of Recall.ai, transcripts: section 4 of its contract."""

import pytest

from tests.simulators.speech import conversation
from tests.simulators_suite.recall_client import RECALLAI, data, recall


def test_transcript_is_the_words_that_were_spoken():
    world = recall()
    _, recording = world.recorded()
    world.letters.clear()

    order = world.transcribed(recording, {**RECALLAI, "metadata": {"our_job_id": "123"}})
    world.simulator.advance(6)
    done = world.get(f"transcript/{order['id']}/")
    turns = data(world.download(done["data"]["download_url"]))

    assert order["status"]["code"] == "processing"
    assert order["data"] == {"download_url": None, "provider_data_download_url": None}
    assert order["recording"] == {"id": recording, "metadata": {}}
    assert world.events() == ["transcript.processing", "transcript.done"]
    assert " ".join(word["text"] for turn in turns for word in turn["words"]) == conversation(0).text
    assert [turn["participant"]["name"] for turn in turns[:2]] == [
        conversation(0).speakers[turn.speaker] for turn in conversation(0).turns[:2]
    ]
    assert turns[0]["words"][0]["start_timestamp"] == {
        "relative": conversation(0).turns[0].words[0].start,
        "absolute": None,
    }
    assert world.get(f"recording/{recording}/")["media_shortcuts"]["transcript"]["id"] == order["id"]
    assert world.simulator.effects("create_transcript")[0].details["options"]["metadata"] == {
        "our_job_id": "123"
    }


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("provider", {}),
        ("provider", {"provider": {}}),
        ("provider", {"provider": {"recallai_async": {}, "rev_async": {}}}),
        ("provider", {"provider": {"recallai_streaming": {}}}),
        ("provider", {"provider": {"gladia_v1_async": {}}}),
        ("provider", {"provider": {"recallai_async": {"language_code": "en-US"}}}),
        ("provider", {"provider": {"speechmatics_async": {}}}),
        ("language", {**RECALLAI, "language": "en"}),
        ("diarization", {**RECALLAI, "diarization": {"speakers": 2}}),
    ],
)
def test_bad_order_of_a_transcript(field, body):
    world = recall()
    _, recording = world.recorded()

    answer = world.post(f"recording/{recording}/create_transcript/", body)

    assert (answer.status, list(data(answer))) == (400, [field])


@pytest.mark.parametrize("options", [{"language": "en"}, {"language_code": "en_us"}])
def test_both_spellings_of_assembly_ai_are_taken(options):
    world = recall()
    _, recording = world.recorded()

    world.transcribed(recording, {"provider": {"assembly_ai_async": options}})


def test_diarization_by_the_provider_loses_the_names():
    world = recall()
    _, recording = world.recorded()
    order = world.transcribed(recording, {"provider": {"deepgram_async": {"diarize": True}}})
    world.simulator.advance(6)

    turns = data(world.download(world.get(f"transcript/{order['id']}/")["data"]["download_url"]))

    assert {turn["participant"]["name"] for turn in turns} == {"0", "1"}


def test_order_before_the_recording_is_done_is_refused():
    world = recall()
    _, recording = world.recording_call()

    assert world.post(f"recording/{recording}/create_transcript/", RECALLAI).status == 400


def test_five_orders_a_minute_per_bot():
    world = recall()
    (_, one), (_, other) = world.recorded(), world.recorded()
    for _ in range(5):
        world.transcribed(one)

    refused = world.post(f"recording/{one}/create_transcript/", RECALLAI)
    world.transcribed(other)
    world.simulator.advance(60)
    world.transcribed(one)

    assert (refused.status, refused.headers["Retry-After"]) == (429, "60")


def test_ten_successful_transcripts_are_the_limit_until_one_is_deleted():
    world = recall()
    world.simulator.switch(rate_limits={"create_transcript": 1000})
    _, recording = world.recorded()
    world.simulator.fail_transcripts(times=3)
    orders = [world.transcribed(recording)["id"] for _ in range(13)]
    world.simulator.advance(6)

    refused = world.post(f"recording/{recording}/create_transcript/", RECALLAI)
    world.ask("DELETE", f"transcript/{orders[-1]}/")
    world.transcribed(recording)

    assert (refused.status, data(refused)["code"]) == (400, "transcript_limit_reached")


def test_strict_limit_counts_failures_too():
    world = recall()
    world.simulator.switch(rate_limits={"create_transcript": 1000}, transcript_limit="any")
    _, recording = world.recorded()
    world.simulator.fail_transcripts(times=10)
    for _ in range(10):
        world.transcribed(recording)

    assert world.post(f"recording/{recording}/create_transcript/", RECALLAI).status == 400


def test_hundred_attempts_are_the_end():
    world = recall()
    world.simulator.switch(rate_limits={"create_transcript": 1000})
    _, recording = world.recorded()
    world.simulator.fail_transcripts(times=100)
    for _ in range(100):
        world.transcribed(recording)
    world.simulator.advance(6)

    assert world.post(f"recording/{recording}/create_transcript/", RECALLAI).status == 400


@pytest.mark.parametrize("how", ["metadata", "credentials"])
def test_failed_transcript_says_why(how):
    world = recall()
    _, recording = world.recorded()
    body = {"provider": {"deepgram_async": {}}}
    if how == "metadata":
        body["metadata"] = {"sim_fail": "provider_connection_failed"}
    else:
        world.simulator.switch(missing_credentials=["deepgram_async"])

    order = world.transcribed(recording, body)
    world.simulator.advance(6)

    status = world.get(f"transcript/{order['id']}/")["status"]
    assert (status["code"], status["sub_code"]) == ("failed", "provider_connection_failed")
    assert world.letters[-1].event == "transcript.failed"


def test_silence_is_an_empty_transcript():
    world = recall()
    bot, recording = world.recording_call(seconds=0)
    world.post(f"bot/{bot}/stop_recording/")
    world.simulator.advance(5)
    order = world.transcribed(recording)
    world.simulator.advance(6)

    done = world.get(f"transcript/{order['id']}/")
    shape = world.get(f"recording/{recording}/")

    assert done["status"]["code"] == "done"
    assert data(world.download(done["data"]["download_url"])) == []
    assert shape["started_at"] == shape["completed_at"]


def test_transcript_is_patched_and_deleted():
    world = recall()
    _, recording = world.recorded()
    order = world.transcribed(recording)["id"]

    patched = world.ask("PATCH", f"transcript/{order}/", {"metadata": {"a": "b"}})
    wrong = world.ask("PATCH", f"transcript/{order}/", {"status": "done"})
    deleted = world.ask("DELETE", f"transcript/{order}/")
    world.simulator.advance(10)

    assert (data(patched)["metadata"], wrong.status, deleted.status) == ({"a": "b"}, 400, 204)
    assert world.ask("GET", f"transcript/{order}/").status == 404
    assert world.get("transcript/", recording_id=recording)["results"] == []
    assert world.letters[-1].event == "transcript.deleted"


def test_link_of_a_transcript_may_lead_to_the_api_itself():
    world = recall()
    world.simulator.switch(transcript_link="api")
    _, recording = world.recorded()
    order = world.transcribed(recording)["id"]
    world.simulator.advance(6)

    link = world.get(f"transcript/{order}/")["data"]["download_url"]

    assert "/api/v1/download/transcript?token=" in link
    assert len(data(world.download(link))) == len(conversation(0).turns)
