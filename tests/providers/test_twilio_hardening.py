"""Whatever comes back, an adapter raises ``ProviderError`` or answers; a callback is unreadable at worst."""

import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.providers.errors import ProviderError, Unreadable
from recordings.providers.orders import Answer, Evidence
from recordings.providers.snapshots import Status
from recordings.providers.twilio import TwilioAdapter
from tests.providers.twilio_account import (
    AT,
    CA,
    CF,
    GT,
    RE,
    TR,
    answering,
    call_ref,
    fixture,
    form_delivery,
    json_delivery,
    ok,
    order,
    recording_ref,
    transcript_ref,
)

NAMES = sorted(
    {
        *fixture("recording.fetched"),
        *fixture("call.completed"),
        *fixture("transcript.completed"),
        *fixture("sentences.words")["sentences"][0],
        "calls",
        "recordings",
        "transcriptions",
        "transcripts",
        "sentences",
        "operator_results",
        "meta",
        "next_page_uri",
        "next_page_url",
        "code",
        "message",
        "errors",
        "media_properties",
        "participants",
    }
)
PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.integers(),
    st.text(max_size=8),
    st.sampled_from(["completed", "processing", "in-progress", "http://[x", "//x", "1e400", GT, RE, CA]),
)
DATA = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=12,
)
ANSWERS = st.builds(
    lambda data, status: httpx.Response(status, content=json.dumps(data)),
    DATA,
    st.sampled_from([200, 201, 202, 204, 206, 302, 400, 404, 409, 429, 500]),
)
ABOUT = {
    "call": call_ref(),
    "recording": recording_ref(status=Status.IN_PROGRESS, call=call_ref()),
    "transcript": transcript_ref(call=call_ref()),
}
READS = {
    "calls": lambda adapter: adapter.list_calls(),
    "recordings": lambda adapter: adapter.list_recordings(since=AT, until=AT),
    "transcripts": lambda adapter: adapter.list_transcripts(since=AT, until=AT),
    "call": lambda adapter: adapter.fetch("call", CA),
    "conference": lambda adapter: adapter.fetch("call", CF),
    "recording": lambda adapter: adapter.fetch("recording", RE),
    "intelligence": lambda adapter: adapter.fetch("transcript", GT, parent=RE),
    "legacy": lambda adapter: adapter.fetch("transcript", TR),
    "text": lambda adapter: adapter.fetch_text(transcript_ref()),
    "legacy text": lambda adapter: adapter.fetch_text(transcript_ref(TR)),
    "media": lambda adapter: adapter.media(recording_ref(), "mp3"),
    "endpoints": lambda adapter: adapter.list_endpoints(),
    "check": lambda adapter: adapter.check(),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
@given(answers=st.lists(ANSWERS, min_size=1, max_size=3))
def test_no_answer_to_a_read_is_a_crash(read, answers):
    try:
        found = read(answering(*answers))
    except ProviderError as exc:
        found = exc.message

    assert found is not None


@pytest.mark.parametrize("kind", [action.kind for action in TwilioAdapter.actions])
@given(answers=st.lists(ANSWERS, min_size=1, max_size=3))
def test_no_answer_to_an_order_is_a_crash(kind, answers):
    outcomes = []
    for attempt in ("perform", "evidence"):
        try:
            outcomes.append(getattr(answering(*answers), attempt)(order(kind, **ABOUT)))
        except ProviderError as exc:
            outcomes.append(exc.message)

    assert all(isinstance(each, str | Answer | Evidence) for each in outcomes)


FIELDS = st.dictionaries(
    st.sampled_from(
        sorted({*fixture("recording.completed"), *fixture("transcription-content"), "transcript_sid"})
    ),
    st.text(max_size=12) | st.sampled_from(["transcription-content", "completed", "{", '{"transcript": 1}']),
)


@given(FIELDS, DATA)
def test_no_callback_is_a_crash(fields, data):
    outcomes = []
    for delivery in (form_delivery(fields), json_delivery(data)):
        try:
            outcomes.append(answering(ok({})).read(delivery))
        except Unreadable as exc:
            outcomes.append(str(exc))

    assert len(outcomes) == 2
