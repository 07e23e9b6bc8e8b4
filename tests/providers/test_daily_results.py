import json
from dataclasses import replace

import httpx
import pytest

from recordings.providers.errors import NotFound, OutcomeUnknown, Refused, UnexpectedResponse
from recordings.providers.snapshots import Status, Wanted
from tests.providers.daily_account import (
    JOB,
    KEY,
    OTHER_KEY,
    RECORDING,
    TRANSCRIPT,
    Account,
    answering,
    complains,
    order,
    recording_ref,
    says,
    transcript_ref,
)

JOBS, ONE_JOB = "/batch-processor", f"/batch-processor/{JOB}"
ONE_RECORDING, ONE_TRANSCRIPT = f"/recordings/{RECORDING}", f"/transcript/{TRANSCRIPT}"
NO_JOBS = says({"total_count": 0, "data": []})


@pytest.fixture
def account():
    return Account()


def a_row(status="finished", ident=JOB):
    return says({"total_count": 1, "data": [{"id": ident, "preset": "transcript", "status": status}]})


def a_job(key="", status="finished"):
    name = f"fernweh/{JOB}/transcript/transcript-tapedeck-{key}.txt"
    output = {"transcription": [{"format": "txt", "s3Config": {"key": name, "bucket": "b"}}]}
    return says({"id": JOB, "preset": "transcript", "status": status, "input": {}, "output": output})


# Ordering transcripts.


def test_a_transcript_is_ordered_with_every_option_as_typed(account):
    recording = account.finished()
    options = {
        "preset": "transcript",
        "language": "de",
        "model": "nova-2-general",
        "tier": "enhanced",
        "punctuate": True,
        "profanity_filter": True,
        "redact": "pci",
        "endpointing": "true",
        "extra": {"diarize_version": "2"},
        "s3KeyTemplate": "calls/{epoch_time}",
        "useReplacement": True,
    }

    answer = account.perform("transcript.order", key=OTHER_KEY, recording=recording, options=options)

    words = ("language", "model", "tier", "punctuate", "profanity_filter", "extra")
    assert account.simulator.effects("submit_job")[0].details == {
        "preset": "transcript",
        "inParams": {"sourceType": "recordingId", "recordingId": recording.external_id},
        "outParams": {
            "s3Config": {
                "s3KeyTemplate": f"calls/{{epoch_time}}-tapedeck-{OTHER_KEY}",
                "useReplacement": True,
            }
        },
        "transformParams": {
            "transcript": {
                **{name: options[name] for name in words},
                "redact": ["pci"],
                "endpointing": True,
            }
        },
    }
    fact, wanted = answer.facts
    assert answer.is_confirmed
    assert fact.external_id == account.simulator.effects("submit_job")[0].result
    assert (fact.key, fact.recording_external_id, fact.recording_key) == (
        OTHER_KEY,
        recording.external_id,
        recording.key,
    )
    assert (fact.kind, fact.engine, fact.language) == ("batch", "deepgram", "de")
    assert (fact.status, fact.provider_status) == (Status.REQUESTED, "submitted")
    assert fact.call_external_id == recording.call.external_id
    assert isinstance(wanted, Wanted)
    assert (wanted.kind, wanted.parent_external_id) == ("transcript", recording.external_id)


def test_a_summary_is_another_kind_without_words_options(account):
    recording = account.finished()

    answer = account.perform("transcript.order", recording=recording, options={"preset": "summarize"})

    body = account.simulator.effects("submit_job")[0].details
    assert (answer.facts[0].kind, answer.facts[0].engine) == ("summary", "")
    assert body["preset"] == "summarize"
    assert "transformParams" not in body


def test_the_look_before_an_order_asks_for_the_jobs_of_the_recording(account):
    recording = account.finished()
    account.simulator.requests.clear()

    account.perform("transcript.order", recording=replace(recording, call=None))

    assert account.asked() == ["GET /v1/batch-processor", "POST /v1/batch-processor"]
    assert account.simulator.requests[0].params["recordingId"] == recording.external_id


def test_a_job_of_ours_is_taken_over_instead_of_paid_twice(account):
    recording = account.finished()
    account.job(recording, key=OTHER_KEY)

    answer = account.perform("transcript.order", key=OTHER_KEY, recording=recording)

    assert len(account.simulator.effects("submit_job")) == 1
    assert answer.note.startswith("Daily had this very job already")
    assert (answer.facts[0].key, answer.facts[0].status) == (OTHER_KEY, Status.COMPLETED)


def test_a_job_that_nobody_here_knows_of_stops_the_order(account):
    recording = account.finished()
    account.perform("transcript.order", key=OTHER_KEY, recording=recording)

    with pytest.raises(Refused, match="Nothing was ordered") as caught:
        account.perform("transcript.order", key=KEY, recording=recording)

    assert caught.value.code == "job-exists"
    assert len(account.simulator.effects("submit_job")) == 1


def test_another_transcript_beside_known_ones_is_ordered(account):
    recording = account.finished()
    account.job(recording, key=OTHER_KEY)

    account.perform("transcript.order", key=KEY, recording=replace(recording, transcripts_ever=2))

    assert len(account.simulator.effects("submit_job")) == 2


def test_failed_jobs_keep_nobody_from_trying_again(account):
    recording = account.finished()
    account.simulator.switch(batch_error="Failed to transcribe.")
    account.job(recording, key=OTHER_KEY)

    account.perform("transcript.order", key=KEY, recording=recording)

    assert len(account.simulator.effects("submit_job")) == 2


def test_a_job_that_went_away_between_two_looks_is_none_of_ours():
    answers = {
        ("GET", JOBS): a_row(),
        ("GET", ONE_JOB): complains(404, "not-found"),
        ("POST", JOBS): says({"id": JOB}),
    }
    adapter, _ = answering(answers)

    answer = adapter.perform(order("transcript.order", recording=recording_ref(transcripts_ever=2)))

    assert answer.facts[0].external_id == JOB


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (complains(400, "invalid-request-error", "language xx is not supported"), Refused, "xx is not supp"),
        (complains(404, "not-found"), NotFound, "nothing was charged"),
        (complains(500, "server-error"), OutcomeUnknown, "may be on its way"),
        (complains(503, "server-error"), OutcomeUnknown, "may be on its way"),
        (says({}), UnexpectedResponse, "no id"),
        (says({"id": None}), UnexpectedResponse, "no id"),
        (says([]), UnexpectedResponse, "no object"),
        (httpx.Response(200), UnexpectedResponse, "no object"),
    ],
)
def test_what_an_answer_to_an_order_means(answer, error, message):
    adapter, asked = answering({("GET", JOBS): NO_JOBS, ("POST", JOBS): answer})

    with pytest.raises(error, match=message):
        adapter.perform(order("transcript.order", recording=recording_ref()))

    assert [each.method for each in asked] == ["GET", "POST"]


@pytest.mark.parametrize("answer", [complains(500, "server-error"), says([])])
@pytest.mark.parametrize("kind", ["transcript.order", "recording.delete"])
def test_a_look_that_fails_before_an_order_leaves_no_doubt(kind, answer):
    adapter, asked = answering({("GET", JOBS): answer})

    with pytest.raises(Refused, match="nothing was sent") as caught:
        adapter.perform(order(kind, recording=recording_ref()))

    assert caught.value.can_wait
    assert [each.method for each in asked] == ["GET"]


def test_a_recording_that_is_not_finished_is_refused(account):
    recording = account.start(account.call())

    with pytest.raises(Refused, match="not finished"):
        account.perform("transcript.order", recording=recording)


def test_an_order_for_a_recording_without_an_id_sends_nothing(account):
    with pytest.raises(Refused, match="nothing was sent"):
        account.perform("transcript.order", recording=recording_ref(""))

    assert account.asked() == []


def test_an_order_without_a_recording_sends_nothing(account):
    with pytest.raises(Refused, match="nothing was sent"):
        account.perform("transcript.order")

    assert account.asked() == []


# Deleting.


def test_a_recording_is_deleted_after_a_look_for_open_jobs(account):
    recording = account.finished()
    account.simulator.requests.clear()

    answer = account.perform("recording.delete", recording=recording)

    assert account.asked() == ["GET /v1/batch-processor", f"DELETE /v1/recordings/{recording.external_id}"]
    assert (answer.facts[0].status, answer.note) == (Status.DELETED, "")
    assert account.simulator.recordings == {}


def test_a_recording_is_not_deleted_under_an_open_job(account):
    recording = account.finished()
    account.perform("transcript.order", recording=recording)

    with pytest.raises(Refused, match="nothing was deleted") as caught:
        account.perform("recording.delete", recording=recording)

    assert caught.value.code == "job-open"
    assert recording.external_id in account.simulator.recordings


def test_a_file_in_a_bucket_of_ones_own_stays(account):
    bucket = {"bucket_name": "ours", "bucket_region": "eu-west-1"}
    recording = account.finished(account.call(properties={"recordings_bucket": bucket}))

    answer = account.perform("recording.delete", recording=recording)

    assert "stays there" in answer.note


def test_a_recording_that_is_gone_is_deleted(account):
    answer = account.perform("recording.delete", recording=recording_ref())

    assert answer.facts[0].status is Status.DELETED
    assert "gone already" in answer.note
    assert account.asked()[-1] == "GET /v1/"  # by a key of the account's own domain


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(404, html="<h1>Not here</h1>"), NotFound),
        (complains(400, "invalid-request-error", "is in progress"), Refused),
        (complains(500, "server-error"), OutcomeUnknown),
        (says({}), UnexpectedResponse),
        (says({"deleted": False}), UnexpectedResponse),
        (httpx.Response(204), UnexpectedResponse),
    ],
)
def test_what_an_answer_to_a_deletion_means(answer, error):
    adapter, _ = answering({("GET", JOBS): NO_JOBS, ("DELETE", ONE_RECORDING): answer})

    with pytest.raises(error):
        adapter.perform(order("recording.delete", recording=recording_ref()))


def test_a_live_transcript_is_deleted_at_its_address(account):
    transcript = account.transcribed()

    answer = account.perform("transcript.delete", transcript=transcript)

    assert account.simulator.effects("delete_transcript")[0].subject == transcript.external_id
    assert answer.facts[0].status is Status.DELETED


@pytest.mark.parametrize("preset", ["transcript", "summarize"])
def test_a_job_is_deleted_at_its_address(account, preset):
    transcript = account.job(preset=preset)

    answer = account.perform("transcript.delete", transcript=transcript)

    assert account.simulator.effects("delete_job")[0].subject == transcript.external_id
    assert answer.facts[0].external_id == transcript.external_id


@pytest.mark.parametrize("kind", ["realtime", "batch"])
def test_a_transcript_that_is_gone_is_deleted(account, kind):
    answer = account.perform("transcript.delete", transcript=transcript_ref(kind=kind))

    assert "gone already" in answer.note


def test_a_transcript_of_unknown_kind_is_not_deleted(account):
    with pytest.raises(Refused, match=r"kind.*nothing was sent"):
        account.perform("transcript.delete", transcript=transcript_ref(kind=""))

    assert account.asked() == []


@pytest.mark.parametrize("answer", [says({"transcriptId": RECORDING}), says({"id": RECORDING}), says([])])
def test_another_transcript_than_the_ordered_one_is_unexpected(answer):
    adapter, _ = answering({("DELETE", ONE_TRANSCRIPT): answer})

    with pytest.raises(UnexpectedResponse):
        adapter.perform(order("transcript.delete", transcript=transcript_ref()))


def test_a_deletion_that_names_nothing_is_believed():
    adapter, _ = answering({("DELETE", ONE_TRANSCRIPT): says({})})

    answer = adapter.perform(order("transcript.delete", transcript=transcript_ref()))

    assert answer.facts[0].status is Status.DELETED


# Evidence of orders about results.


def test_a_job_in_doubt_is_known_by_the_names_of_its_files(account):
    recording = account.finished()
    found = account.order("transcript.order", key=OTHER_KEY, recording=recording)
    account.simulator.fail(kind="drop_after", method="POST")
    with pytest.raises(OutcomeUnknown):
        account.adapter.perform(found)

    while_open = account.adapter.evidence(found)
    account.simulator.advance(60)
    finished = account.adapter.evidence(found)

    assert while_open.verdict == "unclear"
    assert finished.verdict == "happened"
    assert finished.facts[0].key == OTHER_KEY
    assert finished.exchange is not None


def test_a_job_that_was_never_made_is_absent(account):
    recording = account.finished()
    account.job(recording, key=OTHER_KEY)

    evidence = account.adapter.evidence(account.order("transcript.order", key=KEY, recording=recording))

    assert evidence.verdict == "absent"


def test_a_failed_job_may_be_anybodys(account):
    recording = account.finished()
    account.simulator.switch(batch_error="Failed to transcribe.")
    account.job(recording, key=OTHER_KEY)

    evidence = account.adapter.evidence(account.order("transcript.order", key=KEY, recording=recording))

    assert evidence.verdict == "unclear"


def test_more_jobs_than_a_page_prove_nothing():
    rows = [{"id": JOB, "preset": "transcript", "status": "finished"}] * 20
    answers = {("GET", JOBS): says({"data": rows}), ("GET", ONE_JOB): a_job(OTHER_KEY)}
    adapter, _ = answering(answers)

    evidence = adapter.evidence(order("transcript.order", recording=recording_ref()))

    assert evidence.verdict == "unclear"


def test_a_job_that_was_deleted_meanwhile_is_no_evidence():
    adapter, _ = answering({("GET", JOBS): a_row(), ("GET", ONE_JOB): complains(404, "not-found")})

    evidence = adapter.evidence(order("transcript.order", recording=recording_ref()))

    assert evidence.verdict == "absent"


def test_whether_a_recording_is_deleted_is_read(account):
    recording = account.finished()
    found = account.order("recording.delete", recording=recording)

    before = account.adapter.evidence(found)
    account.adapter.perform(found)
    after = account.adapter.evidence(found)

    assert (before.verdict, after.verdict) == ("absent", "happened")
    assert after.facts[0].status is Status.DELETED


@pytest.mark.parametrize("lists_deleted", [True, False])
def test_whether_a_live_transcript_is_deleted_is_read(account, lists_deleted):
    account.simulator.switch(lists_deleted=lists_deleted)
    found = account.order("transcript.delete", transcript=account.transcribed())

    before = account.adapter.evidence(found)
    account.adapter.perform(found)
    after = account.adapter.evidence(found)

    assert (before.verdict, after.verdict) == ("absent", "happened")


def test_whether_a_job_is_deleted_is_read(account):
    found = account.order("transcript.delete", transcript=account.job())

    before = account.adapter.evidence(found)
    account.adapter.perform(found)
    after = account.adapter.evidence(found)

    assert (before.verdict, after.verdict) == ("absent", "happened")


def test_a_template_of_the_longest_length_is_taken(account):
    template = "a" * 978

    account.perform("transcript.order", recording=account.finished(), options={"s3KeyTemplate": template})

    sent = json.loads(account.simulator.requests[-1].body)
    assert len(sent["outParams"]["s3Config"]["s3KeyTemplate"]) == 1024
