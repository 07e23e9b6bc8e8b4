from dataclasses import replace

import pytest

from recordings.providers.daily import DailyAdapter
from recordings.providers.daily.events import EVENT_TYPES
from recordings.providers.options import clean
from recordings.providers.orders import Repeat, Subject
from recordings.providers.registry import adapter_class
from recordings.providers.snapshots import CallState, Status
from tests.providers.daily_account import (
    HOOK,
    KEY,
    RECORDING,
    call_ref,
    order,
    recording_ref,
    transcript_ref,
)

ACTIONS = {action.kind: action for action in DailyAdapter.actions}
KINDS = (
    "recording.start",
    "recording.update",
    "recording.stop",
    "recording.delete",
    "transcript.order",
    "transcript.delete",
    "captions.start",
    "captions.update",
    "captions.stop",
    "call.change",
    "room.delete",
    "domain.change",
    "endpoint.create",
    "endpoint.repair",
    "endpoint.delete",
)
LIVE_RECORDING = recording_ref(status=Status.IN_PROGRESS, handle={"instanceId": KEY})
LIVE_TRANSCRIPT = transcript_ref(status=Status.IN_PROGRESS)


def test_the_registry_knows_daily():
    assert adapter_class("daily") is DailyAdapter


def test_everything_that_the_contract_lets_an_operator_order_is_there():
    assert tuple(ACTIONS) == KINDS
    assert all(action.label and action.help and action.buckets for action in ACTIONS.values())
    assert {name for action in ACTIONS.values() for name in action.buckets} == {
        *("requests", "starts"),
        "listing",  # a room is deleted as slowly as recordings are listed
    }


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_does_no_harm_twice_is_repeatable(kind):
    repeatable = ("stop", "delete", "repair", ".change")

    assert (ACTIONS[kind].repeat is Repeat.REPEATABLE) == kind.endswith(repeatable)
    assert ACTIONS[kind].repeat is not Repeat.KEYED  # Daily takes no idempotency key


@pytest.mark.parametrize("kind", KINDS)
def test_times_after_which_nothing_is_sent(kind):
    expected = {"recording.stop": None, "captions.stop": None}
    day = kind in {"recording.delete", "transcript.order", "transcript.delete", "endpoint.delete"}

    assert ACTIONS[kind].not_after_seconds == expected.get(kind, 86_400 if day else 90)
    assert (ACTIONS[kind].lane == 0) == kind.endswith(".stop")


def test_live_looks_keep_a_quarter_of_the_limit_of_the_recordings_list():
    listing = next(bucket for bucket in DailyAdapter.buckets if bucket.name == "listing")

    assert listing.limit / listing.per_seconds <= 50 / 30 / 4
    assert "listing" in DailyAdapter.read_buckets["list_recordings"]
    assert {name for names in DailyAdapter.read_buckets.values() for name in names} <= {
        bucket.name for bucket in DailyAdapter.buckets
    }


def test_a_room_is_one_call_that_can_revive():
    assert DailyAdapter.calls_can_revive


def test_what_an_administrator_types_in():
    fields = {field.name: field for field in DailyAdapter.config_fields}

    assert list(fields) == ["domain", "api_key", "webhook_hmac", "basic_auth"]
    assert fields["domain"].is_identity
    assert not fields["domain"].is_secret
    assert fields["api_key"].is_required
    assert fields["webhook_hmac"].is_generated
    assert not fields["basic_auth"].is_required
    assert all(field.is_secret for name, field in fields.items() if name != "domain")
    assert all(field.help for field in fields.values())


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (
            "recording.start",
            """type maxDuration minIdleTimeOut width height fps videoBitrate audioBitrate backgroundColor
            layout.preset layout.max_cam_streams layout.session_id layout.variant layout.composition_id
            layout.composition_params layout.session_assets""",
        ),
        (
            "captions.start",
            """language model tier punctuate profanity_filter redact endpointing extra participants
            includeRawResponse""",
        ),
        ("captions.update", "participants"),
        (
            "transcript.order",
            """preset language model tier punctuate profanity_filter redact endpointing extra sourceType uri
            s3KeyTemplate useReplacement""",
        ),
        ("endpoint.create", "url eventTypes retryType"),
        ("endpoint.repair", "uuid url eventTypes retryType"),
        ("endpoint.delete", "uuid"),
    ],
)
def test_the_options_of_the_contract(kind, names):
    assert [option.name for option in ACTIONS[kind].options] == names.split()


def test_a_running_recording_changes_in_all_but_its_type_and_nothing_is_filled_in():
    started = {option.name for option in ACTIONS["recording.start"].options}
    changed = {option.name: option for option in ACTIONS["recording.update"].options}

    assert started - set(changed) == {"type"}
    assert all(option.default is None for option in changed.values())


def test_reserved_and_doubtful_keys_are_no_options():
    names = {option.name for action in ACTIONS.values() for option in action.options}

    assert not names & {"instanceId", "dataOutputs", "hmac", "basicAuth"}


def test_the_callback_address_is_ours():
    url = next(option for option in ACTIONS["endpoint.create"].options if option.name == "url")

    assert url.is_ours
    assert url.needs_callback


# Rules between and inside fields.


@pytest.mark.parametrize(
    ("kind", "options", "wrong"),
    [
        ("recording.start", {"videoBitrate": 9}, "videoBitrate"),
        ("recording.start", {"videoBitrate": 10_001}, "videoBitrate"),
        ("recording.start", {"audioBitrate": 321}, "audioBitrate"),
        ("recording.start", {"type": "local"}, "type"),
        ("recording.start", {"backgroundColor": "#12345"}, "backgroundColor"),
        ("recording.start", {"layout.max_cam_streams": 21}, "layout.max_cam_streams"),
        ("captions.start", {"language": "not a tag"}, "language"),
        ("captions.start", {"endpointing": "soon"}, "endpointing"),
        ("transcript.order", {"preset": "soap-notes"}, "preset"),
        ("transcript.order", {"preset": "transcript", "s3KeyTemplate": "a b"}, "s3KeyTemplate"),
        ("endpoint.create", {"retryType": "never"}, "retryType"),
        ("endpoint.create", {"eventTypes": ["streaming.started"]}, "eventTypes"),
    ],
)
def test_a_value_out_of_the_contract_is_refused(kind, options, wrong):
    _, errors = clean(ACTIONS[kind].options, options)

    assert list(errors) == [wrong]


@pytest.mark.parametrize(
    ("kind", "options", "wrong"),
    [
        ("recording.start", {"width": 1281}, "width"),
        ("recording.start", {"height": 721}, "height"),
        ("recording.start", {"layout.preset": "raw-tracks-audio-only"}, "layout.preset"),
        ("recording.start", {"layout.preset": "single-participant"}, "layout.session_id"),
        ("recording.start", {"layout.preset": "default", "layout.variant": "inset"}, "layout.variant"),
        ("recording.start", {"layout.max_cam_streams": 4}, "layout.max_cam_streams"),
        (
            "recording.start",
            {"layout.preset": "portrait", "layout.composition_id": "c"},
            "layout.composition_id",
        ),
        ("recording.update", {}, "layout.preset"),
        ("recording.update", {"width": 3}, "width"),
        ("captions.start", {"participants": [1]}, "participants"),
        ("captions.update", {"participants": [""]}, "participants"),
        ("transcript.order", {"preset": "summarize", "model": "nova-2"}, "model"),
        ("transcript.order", {"s3KeyTemplate": "a-{job_id}"}, "s3KeyTemplate"),
        ("endpoint.create", {"eventTypes": []}, "eventTypes"),
    ],
)
def test_rules_between_fields(kind, options, wrong):
    assert list(DailyAdapter.check_options(kind, options)) == [wrong]


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("recording.start", {"width": 1280, "height": 720, "layout.preset": "default"}),
        ("recording.start", {"type": "raw-tracks", "layout.preset": "raw-tracks-audio-only"}),
        ("recording.start", {"layout.preset": "single-participant", "layout.session_id": "s"}),
        ("recording.update", {"layout.preset": "raw-tracks-audio-only"}),
        ("transcript.order", {"s3KeyTemplate": "a-{job_id}", "useReplacement": True}),
        ("transcript.order", {"preset": "summarize"}),
        ("endpoint.repair", {}),
        ("recording.stop", {}),
    ],
)
def test_what_goes_together(kind, options):
    assert DailyAdapter.check_options(kind, options) == {}


# Buttons.


@pytest.mark.parametrize(
    ("kind", "subject", "why"),
    [
        ("recording.start", call_ref(), ""),
        ("recording.start", call_ref(state=None), ""),
        ("recording.start", call_ref(flags={"enable_recording": "cloud", "max_instances": 2}), ""),
        ("recording.start", call_ref(state=CallState.ENDED), "Nobody is in the room"),
        ("recording.start", call_ref(flags={"enable_recording": ""}), "not enabled"),
        ("recording.start", call_ref(flags={"enable_recording": "local"}), "local recording"),
        (
            "recording.start",
            call_ref(flags={"max_instances": 1}, live_recordings=(LIVE_RECORDING,)),
            "stop one first",
        ),
        ("recording.start", recording_ref(), "Nothing is named"),
        ("recording.start", None, "Nothing is named"),
        ("recording.pause", call_ref(), "cannot pause"),
        ("recording.resume", call_ref(), "cannot pause"),
        ("call.send", None, "Daily cannot do this"),
        ("recording.stop", LIVE_RECORDING, ""),
        ("recording.stop", recording_ref(), "not running"),
        ("recording.stop", recording_ref(provider_status="in-progress"), ""),
        (
            "recording.stop",
            recording_ref(status=Status.FAILED, provider_status="cloud-recording-error"),
            "",
        ),
        ("recording.stop", recording_ref(status=Status.FAILED, provider_status="canceled"), "not running"),
        ("recording.update", LIVE_RECORDING, ""),
        ("recording.delete", recording_ref(), ""),
        ("recording.delete", recording_ref(status=Status.DELETED), "is deleted"),
        ("recording.delete", recording_ref(""), "no id"),
        ("recording.delete", LIVE_RECORDING, "stop it first"),
        ("recording.delete", recording_ref(transcripts_open=1), "would fail"),
        ("transcript.order", recording_ref(), ""),
        ("transcript.order", recording_ref(status=Status.DELETED), "is deleted"),
        ("transcript.order", LIVE_RECORDING, "finished recordings only"),
        ("transcript.order", recording_ref(""), "no id"),
        ("captions.start", call_ref(), ""),
        ("captions.start", call_ref(state=CallState.ENDED), "Nobody is in the room"),
        ("captions.stop", LIVE_TRANSCRIPT, ""),
        ("captions.stop", transcript_ref(), "not running"),
        ("captions.update", transcript_ref(kind="batch"), "nothing live"),
        ("transcript.delete", transcript_ref(), ""),
        ("transcript.delete", transcript_ref(status=Status.DELETED), "is deleted"),
        ("transcript.delete", transcript_ref(""), "no id"),
        ("transcript.delete", LIVE_TRANSCRIPT, "stop it first"),
        ("transcript.delete", replace(LIVE_TRANSCRIPT, kind="batch"), ""),
        ("endpoint.create", None, ""),
    ],
)
def test_why_a_button_cannot_work(kind, subject, why):
    found = DailyAdapter.unavailable(kind, subject, {})

    assert why in found
    assert bool(found) == bool(why)


@pytest.mark.parametrize(
    ("kind", "subject", "options", "what"),
    [
        ("recording.start", call_ref(), {}, ""),
        ("recording.start", call_ref(live_recordings=(LIVE_RECORDING,)), {}, "recorded already"),
        ("recording.start", call_ref(flags={"enable_recording": "cloud"}), {"type": "cloud"}, ""),
        (
            "recording.start",
            call_ref(flags={"enable_recording": "cloud"}),
            {"type": "raw-tracks"},
            "allows cloud",
        ),
        ("captions.start", call_ref(flags={"enable_transcription_storage": False}), {}, "lost afterwards"),
        ("captions.start", call_ref(flags={"enable_transcription_storage": True}), {}, ""),
        ("captions.start", call_ref(), {}, ""),
        ("recording.stop", LIVE_RECORDING, {}, ""),
        ("recording.stop", recording_ref(), {}, "default one"),
        (
            "recording.stop",
            recording_ref(handle={"instanceId": "c3df927c-f738-4471-a2b7-066fa7e95a6b"}),
            {},
            "",
        ),
        ("transcript.order", recording_ref(), {}, ""),
        ("transcript.order", recording_ref(transcripts_completed=1), {}, "has a transcript already"),
        ("transcript.order", recording_ref(transcripts_open=2), {}, "has 2 transcripts already"),
        ("recording.delete", recording_ref(transcripts_completed=1), {}, "not deleted with it"),
        ("recording.delete", recording_ref(), {}, ""),
        ("transcript.delete", transcript_ref(), {}, ""),
        ("recording.start", None, {}, ""),
    ],
)
def test_what_one_may_not_expect(kind, subject, options, what):
    found = DailyAdapter.consequence(kind, subject, options)

    assert what in found
    assert bool(found) == bool(what)


# Previews.


def test_the_preview_of_a_start_is_its_body():
    options = {"type": "cloud", "layout.preset": "portrait", "layout.variant": "inset"}

    body = DailyAdapter.preview(order("recording.start", call=call_ref(), options=options))

    assert body == {
        "maxDuration": 10800,
        "type": "cloud",
        "layout": {"preset": "portrait", "variant": "inset"},
        "instanceId": KEY,
    }


def test_the_preview_of_a_webhook_shows_no_secret():
    body = DailyAdapter.preview(order("endpoint.create"))

    assert body == {"url": HOOK, "eventTypes": list(EVENT_TYPES), "retryType": "exponential"}


def test_what_has_no_body_previews_as_nothing():
    assert DailyAdapter.preview(order("recording.delete", recording=recording_ref())) == {}


def test_the_preview_of_a_job_has_our_key_in_the_name_of_its_files():
    found = order("transcript.order", recording=recording_ref(), options={"preset": "transcript"})

    body = DailyAdapter.preview(found)

    assert body["inParams"] == {"sourceType": "recordingId", "recordingId": RECORDING}
    assert body["outParams"] == {
        "s3Config": {"s3KeyTemplate": f"transcript-tapedeck-{KEY}", "useReplacement": False}
    }
    assert "transformParams" not in body
    assert DailyAdapter.preview(order("transcript.order"))["inParams"]["recordingId"] == ""


def test_every_subject_is_known():
    subjects = {action.subject for action in DailyAdapter.actions}

    assert subjects == {Subject.ACCOUNT, Subject.CALL, Subject.RECORDING, Subject.TRANSCRIPT}
