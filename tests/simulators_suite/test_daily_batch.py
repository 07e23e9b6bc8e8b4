"""The Daily simulator against its contract: the batch processor."""

import json
import re

import pytest

from tests.simulators import speech
from tests.simulators_suite.daily_client import Client


@pytest.fixture
def daily():
    return Client()


@pytest.fixture
def room(daily):
    return daily.simulator.place_call("Weekly review")


def test_job_goes_through_its_states_by_the_clock(daily):
    recording = daily.recorded()
    status, body = daily.job(recording)
    path = f"/batch-processor/{body['id']}"
    seen = [daily.get(path)[1]["status"]]
    early = daily.get(f"{path}/access-link")
    for seconds in (5, 20):
        daily.simulator.advance(seconds)
        seen.append(daily.get(path)[1]["status"])

    assert (status, set(body)) == (200, {"id"})
    assert seen == ["submitted", "processing", "finished"]
    assert (early[0], early[1]["error"]) == (400, "invalid-request-error")
    assert daily.get("/batch-processor/none/access-link")[0] == 404
    assert daily.get("/batch-processor/none")[0] == 404


def test_job_makes_four_formats_of_the_same_words(daily):
    recording = daily.recorded()
    spoken = speech.conversation(0)
    job = daily.job(recording)[1]["id"]
    daily.simulator.advance(30)

    body = daily.get(f"/batch-processor/{job}/access-link")[1]
    texts = {each["format"]: daily.fetch(each["link"]).body.decode() for each in body["transcription"]}
    words = json.loads(texts["json"])["results"]["channels"][0]["alternatives"][0]["words"]

    assert set(texts) == {"txt", "srt", "vtt", "json"}
    assert " ".join(word["punctuated_word"] for word in words) == spoken.text
    assert {word["speaker"] for word in words} == set(range(len(spoken.speakers)))
    assert texts["txt"].startswith("Speaker 0: ")
    assert texts["txt"].count("\n\nSpeaker ") == len(spoken.turns) - 1
    assert "Speaker" not in texts["srt"]
    assert re.match(r"1\n\d\d:\d\d:\d\d,\d{3} --> ", texts["srt"])
    assert texts["vtt"].startswith("WEBVTT\n\nNOTE\n")
    assert " ".join(re.findall(r"^- (.*)$", texts["vtt"], re.MULTILINE)) == spoken.text
    assert not any(name in text for text in texts.values() for name in spoken.speakers)


def test_summary_has_one_text(daily):
    job = daily.job(daily.recorded(), preset="summarize")[1]["id"]
    daily.simulator.advance(30)

    body = daily.get(f"/batch-processor/{job}/access-link")[1]

    assert "transcription" not in body
    assert body["summary"]["format"] == "txt"


def test_key_template_carries_what_the_caller_put_in(daily):
    recording = daily.recorded()
    plain = daily.job(recording, template="tapedeck-1234")[1]["id"]
    replaced = daily.job(recording, template="k-1234-{job_id}", useReplacement=True)[1]["id"]
    daily.simulator.advance(30)

    keys = [
        daily.get(f"/batch-processor/{job}")[1]["output"]["transcription"][0]["s3Config"]["key"]
        for job in (plain, replaced)
    ]

    assert keys[0] == f"fernweh/{plain}/transcript/tapedeck-1234.txt"
    assert f"k-1234-{replaced}" in keys[1]


def test_jobs_of_a_recording_are_found_and_each_submission_is_one(daily):
    recording, other = daily.recorded(), daily.recorded()
    jobs = [daily.job(recording)[1]["id"] for _ in range(2)]
    daily.job(other)

    body = daily.get(f"/batch-processor?recordingId={recording}")[1]

    assert body["total_count"] == 2
    assert [each["id"] for each in body["data"]] == jobs[::-1]
    assert set(body["data"][0]) == {"id", "preset", "status"}
    assert [each.result for each in daily.simulator.effects("submit_job")][:2] == jobs


def _body(**changes):
    body = {
        "preset": "transcript",
        "inParams": {"sourceType": "uri", "uri": "https://files.example.test/a.mp4"},
        "outParams": {"s3Config": {"s3KeyTemplate": "transcript"}},
    }
    return {key: value for key, value in {**body, **changes}.items() if value is not None}


@pytest.mark.parametrize(
    "changes",
    [
        {"preset": "soap-notes"},
        {"preset": None},
        {"outParams": None},
        {"outParams": {"s3config": {"s3KeyTemplate": "x"}}},
        {"outParams": {"s3Config": {"s3KeyTemplate": "{job_id}"}}},
        {"outParams": {"s3Config": {"s3KeyTemplate": "a b", "useReplacement": True}}},
        {"outParams": {"s3Config": {"s3KeyTemplate": "x" * 1025}}},
        {"inParams": {"sourceType": "recording", "recordingId": "x"}},
        {"inParams": {"sourceType": "recordingId"}},
        {"inParams": {"sourceType": "recordingId", "recordingId": "unknown"}},
        {"inParams": {"sourceType": "uri", "uri": "ftp://x"}},
        {"inParams": {"sourceType": "transcriptUri", "uri": "https://x.example.test/t.vtt"}},
        {"transformParams": {"transcript": {"diarize": True}}},
        {"transformParams": {"transcript": {"language": "tlh"}}},
        {"language": "en"},
        {"preset": "summarize", "transformParams": {"transcript": {}}},
    ],
)
def test_submit_refuses(daily, changes):
    status, body = daily.post("/batch-processor", _body(**changes))

    assert (status, body["error"]) == (400, "invalid-request-error")
    assert not daily.simulator.jobs


def test_submit_accepts_the_contracts_example(daily):
    body = _body(
        outParams={"s3Config": {"s3KeyTemplate": "transcript", "useReplacement": False}},
        transformParams={"transcript": {"model": "nova-2-general", "punctuate": True}},
    )

    assert daily.post("/batch-processor", body)[0] == 200


def test_submit_for_a_running_recording_is_refused(daily, room):
    daily.post(f"/rooms/{room}/recordings/start")
    daily.simulator.advance(5)

    assert daily.job(daily.simulator.effects("recording_began")[0].result)[0] == 400


def test_recording_deleted_during_the_job_breaks_it(daily):
    daily.subscribe("batch-processor.error", "batch-processor.job-finished")
    recording = daily.recorded()
    job = daily.job(recording)[1]["id"]
    daily.simulator.advance(10)
    daily.delete(f"/recordings/{recording}")
    daily.simulator.advance(30)

    body = daily.get(f"/batch-processor/{job}")[1]

    assert body["status"] == "error"
    assert "403" in body["error"]
    assert daily.endpoint.kinds == ["batch-processor.error"]
    assert daily.endpoint.payload("batch-processor.error")["output"] == {}


def test_job_cannot_read_a_bucket_that_is_not_the_domains(daily):
    bucket = {"bucket_name": "customer-files", "bucket_region": "eu-west-1"}
    recording = daily.recorded(daily.simulator.place_call(properties={"recordings_bucket": bucket}))
    foreign = daily.job(recording)[1]["id"]
    daily.simulator.advance(30)
    daily.simulator.set_domain(recordings_bucket=bucket)
    shared = daily.job(recording)[1]["id"]
    daily.simulator.advance(30)

    assert daily.get(f"/batch-processor/{foreign}")[1]["status"] == "error"
    assert daily.get(f"/batch-processor/{shared}")[1]["status"] == "finished"


def test_deleted_job_is_shown_once_more_and_its_files_go(daily):
    job = daily.job(daily.recorded())[1]["id"]
    daily.simulator.advance(30)
    link = daily.get(f"/batch-processor/{job}/access-link")[1]["transcription"][0]["link"]

    status, body = daily.delete(f"/batch-processor/{job}")

    assert (status, body["id"], body["status"]) == (200, job, "finished")
    assert daily.delete(f"/batch-processor/{job}")[0] == 404
    assert daily.fetch(link).status == 404
