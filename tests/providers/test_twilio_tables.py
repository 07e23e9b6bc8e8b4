import json
from dataclasses import replace

import pytest

from recordings.providers.orders import Action, Repeat, Subject
from recordings.providers.registry import adapter_class
from recordings.providers.snapshots import CallState, Status
from recordings.providers.twilio import TwilioAdapter
from tests.providers.twilio_account import (
    CA,
    CF,
    HOOK,
    KEY,
    RE,
    SERVICE,
    call_ref,
    order,
    recording_ref,
    transcript_ref,
)

CONFIG = {"intelligence_service_sid": SERVICE}
LIVE_CALL = call_ref()
OVER = call_ref(state=CallState.ENDED)
RUNNING = recording_ref(status=Status.IN_PROGRESS, call=LIVE_CALL)
DONE = recording_ref(duration_seconds=30.0)


def why(kind, subject=None, config=CONFIG):
    return TwilioAdapter.unavailable(kind, subject, config)


def about(kind, subject, options=None):
    return TwilioAdapter.consequence(kind, subject, options or {})


def test_the_registry_knows_it():
    assert adapter_class("twilio") is TwilioAdapter


@pytest.mark.parametrize("action", TwilioAdapter.actions, ids=lambda action: action.kind)
def test_every_action_is_told_and_paced(action: Action):
    buckets = {bucket.name for bucket in TwilioAdapter.buckets}

    assert action.label
    assert action.help
    assert set(action.buckets) <= buckets
    assert action.buckets
    assert (action.lane == 0) == (action.kind.removesuffix("_current").endswith((".stop", ".pause")))
    assert len({option.name for option in action.options}) == len(action.options)
    assert all(option.label and option.help for option in action.options)


@pytest.mark.parametrize(
    ("kind", "repeat", "seconds"),
    [
        ("recording.start", Repeat.ONCE, 90),
        ("recording.stop", Repeat.REPEATABLE, None),
        ("recording.pause", Repeat.ONCE, None),
        ("recording.resume", Repeat.ONCE, 90),
        ("recording.delete", Repeat.REPEATABLE, 86_400),
        ("transcript.order", Repeat.ONCE, 86_400),
        ("transcript.delete", Repeat.REPEATABLE, 86_400),
        ("captions.start", Repeat.ONCE, 90),
        ("captions.stop", Repeat.REPEATABLE, None),
        ("endpoint.repair", Repeat.REPEATABLE, 3_600),
        ("recording.stop_current", Repeat.REPEATABLE, None),
        ("recording.pause_current", Repeat.ONCE, None),
        ("recording.resume_current", Repeat.ONCE, 90),
        ("service.create", Repeat.ONCE, 3_600),
        ("service.change", Repeat.REPEATABLE, 3_600),
        ("service.delete", Repeat.REPEATABLE, 3_600),
    ],
)
def test_how_often_and_how_long_an_order_may_be_sent(kind, repeat, seconds):
    action = TwilioAdapter.action(kind)

    assert action.repeat is repeat
    assert action.not_after_seconds == seconds


def test_every_read_has_a_bucket():
    names = {bucket.name for bucket in TwilioAdapter.buckets}

    assert all(set(given) <= names for given in TwilioAdapter.read_buckets.values())
    assert all(hasattr(TwilioAdapter, name) for name in TwilioAdapter.read_buckets)


@pytest.mark.parametrize(
    ("kind", "subject", "words"),
    [
        ("recording.stop_all", LIVE_CALL, "one recording at a time"),
        ("call.wave", None, "no such order"),
        ("recording.start", call_ref(CF), "conference"),
        ("captions.start", call_ref(CF), "conference"),
        ("recording.start", OVER, "The call is over"),
        ("recording.start", call_ref(state=CallState.WAITING), "not answered yet"),
        ("captions.start", call_ref(state=CallState.SCHEDULED), "not answered yet"),
        ("recording.stop_current", call_ref(CF), "It ends with the conference".lower()),
        ("recording.stop_current", OVER, "The call is over"),
        ("recording.pause_current", call_ref(state=CallState.WAITING), "not answered yet"),
        ("recording.resume_current", call_ref(live_recordings=(RUNNING,)), "its own buttons"),
        ("recording.stop", recording_ref(status=Status.DELETED), "deleted already"),
        ("recording.stop", recording_ref(status=Status.COMPLETED), "ended already"),
        ("recording.stop", replace(RUNNING, call=OVER), "The call is over"),
        ("recording.stop", replace(RUNNING, call=None), "does not know the call"),
        ("recording.stop", replace(RUNNING, call=call_ref(CF)), "It ends with the conference".lower()),
        ("recording.stop", replace(RUNNING, handle={"conference_sid": CF}), "Pause it instead"),
        ("recording.pause", replace(RUNNING, status=Status.PAUSED), "paused already"),
        ("recording.stop", replace(RUNNING, status=Status.REQUESTED, external_id=""), "no id"),
        ("recording.resume", RUNNING, "not paused"),
        ("recording.delete", recording_ref(status=Status.FAILED), "nothing to delete"),
        ("recording.delete", RUNNING, "stop it first"),
        ("recording.delete", recording_ref(status=Status.PROCESSING), "completed recordings only"),
        ("transcript.order", recording_ref(status=Status.FAILED), "nothing to transcribe"),
        ("transcript.order", RUNNING, "completed recordings only"),
        ("transcript.order", replace(DONE, handle={"is_encrypted": True}), "encrypted"),
        ("transcript.order", replace(DONE, duration_seconds=1.0), "between 2 seconds and 8 hours"),
        ("transcript.order", replace(DONE, duration_seconds=30_000.0), "between 2 seconds and 8 hours"),
        ("captions.stop", transcript_ref(), "Only live captions"),
        ("captions.stop", transcript_ref(kind="captions"), "ended already"),
        (
            "captions.stop",
            transcript_ref(kind="captions", status=Status.IN_PROGRESS, call=OVER),
            "The call is over",
        ),
        ("transcript.delete", transcript_ref(status=Status.DELETED), "deleted already"),
        ("transcript.delete", transcript_ref(kind="captions", status=Status.IN_PROGRESS), "stop them"),
        ("transcript.delete", transcript_ref("", status=Status.REQUESTED), "no id"),
    ],
)
def test_a_button_that_cannot_work_says_why(kind, subject, words):
    assert words in why(kind, subject)


@pytest.mark.parametrize("kind", ["transcript.order", "endpoint.repair"])
def test_without_an_intelligence_service_no_transcript_is_offered(kind):
    assert "No Intelligence Service" in why(kind, DONE, {})


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("recording.start", LIVE_CALL),
        ("captions.start", LIVE_CALL),
        ("recording.stop", RUNNING),
        ("recording.stop", replace(RUNNING, status=Status.PROCESSING)),
        ("recording.stop", replace(RUNNING, call=None, handle={"call_sid": CA})),
        ("recording.pause", RUNNING),
        ("recording.pause", replace(RUNNING, call=call_ref(CF))),
        ("recording.resume", replace(RUNNING, status=Status.PAUSED)),
        ("recording.delete", DONE),
        ("transcript.order", DONE),
        ("transcript.order", replace(DONE, duration_seconds=None)),
        ("transcript.delete", transcript_ref()),
        ("transcript.delete", transcript_ref(kind="captions")),
        ("captions.stop", transcript_ref(kind="captions", status=Status.IN_PROGRESS, call=LIVE_CALL)),
        ("captions.stop", transcript_ref("", kind="captions", status=Status.REQUESTED)),
        ("endpoint.repair", None),
        ("recording.stop_current", LIVE_CALL),
        ("recording.pause_current", call_ref(CF)),
        ("service.create", None),
    ],
)
def test_a_button_that_can_work_is_offered(kind, subject):
    assert why(kind, subject) == ""


@pytest.mark.parametrize(
    ("kind", "subject", "words"),
    [
        ("recording.start", call_ref(live_recordings=(RUNNING,)), "recorded already"),
        ("recording.start", call_ref(flags={"parent_call_sid": CA}), "other leg"),
        ("recording.stop", RUNNING, "cannot go on"),
        ("recording.pause", replace(RUNNING, status=Status.PROCESSING), "may have ended already"),
        ("recording.delete", replace(DONE, transcripts_open=1), "will fail"),
        ("recording.delete", replace(DONE, transcripts_completed=1), "may stay at Twilio"),
        ("transcript.order", replace(DONE, transcripts_completed=1), "Delete it first"),
        ("transcript.order", replace(DONE, handle={"is_external": True}), "outside Twilio"),
        ("transcript.delete", transcript_ref(kind="captions"), "only the text here"),
        ("transcript.delete", transcript_ref(status=Status.PROCESSING), "not known"),
    ],
)
def test_what_an_operator_may_not_expect_is_told_before(kind, subject, words):
    assert words in about(kind, subject)


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("recording.start", LIVE_CALL),
        ("captions.start", call_ref(live_recordings=(RUNNING,))),
        ("recording.pause", RUNNING),
        ("recording.delete", DONE),
        ("transcript.order", DONE),
        ("transcript.delete", transcript_ref()),
        ("captions.stop", transcript_ref(kind="captions")),
        ("endpoint.repair", None),
    ],
)
def test_nothing_unexpected_is_nothing_told(kind, subject):
    assert about(kind, subject) == ""


def test_a_name_for_a_side_that_is_not_heard_is_refused():
    options = {"Track": "inbound_track", "OutboundTrackLabel": "Agent", "InboundTrackLabel": "Customer"}

    assert list(TwilioAdapter.check_options("captions.start", options)) == ["OutboundTrackLabel"]
    assert TwilioAdapter.check_options("recording.start", options) == {}


def test_the_preview_is_what_would_be_sent():
    started = TwilioAdapter.preview(
        order("recording.start", call=LIVE_CALL, options={"RecordingTrack": "inbound", "Trim": ""})
    )
    ordered = TwilioAdapter.preview(order("transcript.order", recording=DONE))

    assert started == {
        "RecordingTrack": "inbound",
        "RecordingStatusCallback": f"{HOOK}{KEY}/recording/#rc=3&rp=all",
        "RecordingStatusCallbackMethod": "POST",
        "RecordingStatusCallbackEvent": "in-progress completed absent",
    }
    assert json.loads(ordered["Channel"]) == {"media_properties": {"source_sid": RE}}
    assert ordered["CustomerKey"] == KEY
    assert "own" in ordered["ServiceSid"]
    assert TwilioAdapter.preview(order("recording.delete", recording=DONE)) == {}


def test_callback_addresses_and_keys_are_never_typed():
    ours = {option.name for action in TwilioAdapter.actions for option in action.options if option.is_ours}

    assert ours == {
        "RecordingStatusCallback",
        "RecordingStatusCallbackMethod",
        "RecordingStatusCallbackEvent",
        "StatusCallbackUrl",
        "StatusCallbackMethod",
        "CustomerKey",
        "Name",
        "WebhookUrl",
        "WebhookHttpMethod",
    }


def test_subjects_are_those_of_the_rows():
    subjects = {action.kind: action.subject for action in TwilioAdapter.actions}

    assert subjects["captions.start"] is Subject.CALL
    assert subjects["captions.stop"] is Subject.TRANSCRIPT
    assert subjects["endpoint.repair"] is Subject.ACCOUNT
