"""Jobs that read a file which Daily does not hold."""

import pytest

from recordings.providers.daily import DailyAdapter
from recordings.providers.orders import Verdict
from recordings.providers.snapshots import Status
from tests.providers.daily_account import Account, order, recording_ref

FILE = "https://tapes.example.test/call.mp4"
SIGNED = f"{FILE}?X-Amz-Signature=abc"


@pytest.fixture
def account():
    return Account()


def asked(account, **options):
    return account.order("transcript.order", recording=recording_ref(), options=options)


@pytest.mark.parametrize(
    ("preset", "source"), [("transcript", "uri"), ("summarize", "uri"), ("summarize", "transcriptUri")]
)
def test_a_job_reads_the_file_at_the_address(account, preset, source):
    wanted = asked(account, preset=preset, sourceType=source, uri=FILE)

    fact = account.adapter.perform(wanted).facts[0]

    (effect,) = account.simulator.effects("submit_job")
    assert effect.details["inParams"] == {"sourceType": source, "uri": FILE}
    assert (fact.key, fact.recording_external_id) == (wanted.key, wanted.recording.external_id)
    assert fact.status is Status.REQUESTED


def test_it_is_found_again_among_the_newest_jobs_and_not_paid_twice(account):
    wanted = asked(account, sourceType="uri", uri=FILE)
    before = account.adapter.evidence(wanted).verdict
    account.adapter.perform(wanted)
    account.simulator.advance(60)

    again = account.adapter.perform(wanted)

    assert len(account.simulator.effects("submit_job")) == 1
    assert "taken over" in again.note
    assert (before, account.adapter.evidence(wanted).verdict) == (Verdict.ABSENT, Verdict.HAPPENED)


def test_jobs_of_others_do_not_stop_it(account):
    account.job()
    account.job(account.finished(), key="9d1f3c9a-1b2c-4d5e-8f90-a1b2c3d4e5f6")

    account.adapter.perform(asked(account, sourceType="uri", uri=FILE))

    assert len(account.simulator.effects("submit_job")) == 3


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ({"uri": FILE}, "uri"),
        ({"sourceType": "uri"}, "uri"),
        ({"sourceType": "recordingId", "uri": FILE}, "uri"),
        ({"sourceType": "uri", "uri": SIGNED}, "uri"),
        ({"sourceType": "transcriptUri", "uri": FILE}, "sourceType"),
    ],
)
def test_an_address_and_its_kind_belong_together(options, wrong):
    given = {"preset": "transcript", **options}

    assert list(DailyAdapter.check_options("transcript.order", given)) == [wrong]


@pytest.mark.parametrize("options", [{}, {"sourceType": "recordingId"}, {"sourceType": "uri", "uri": FILE}])
def test_what_fits_is_taken(options):
    given = {"preset": "transcript", **options}

    assert DailyAdapter.check_options("transcript.order", given) == {}


def test_the_preview_of_an_unfinished_form_is_shown_all_the_same():
    body = DailyAdapter.preview(order("transcript.order", options={"sourceType": "uri"}))

    assert body["inParams"] == {"sourceType": "uri", "uri": ""}
