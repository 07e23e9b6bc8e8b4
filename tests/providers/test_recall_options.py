import re
from datetime import UTC, datetime

import pytest

from recordings.providers.options import Kind, clean
from recordings.providers.orders import CallRef, Repeat, Subject
from recordings.providers.recall import RecallAdapter
from recordings.providers.recall.engines import ENGINES
from recordings.providers.snapshots import CallState, Status
from tests.providers.recall_account import (
    Account,
    call_ref,
    order,
    recording_ref,
    transcript_ref,
)

START = RecallAdapter.action("recording.start")
SEND = RecallAdapter.action("call.send")
ORDER = RecallAdapter.action("transcript.order")
V2 = {"video_mixed_layout": "gallery_view_v2"}
LIVE = {"transcript.provider": "deepgram_streaming"}
HOOKED = [{"type": "webhook", "url": "https://x.test/", "events": ["participant_events.join"]}]


@pytest.fixture
def recall():
    return Account()


def cleaned(action, values):
    found, errors = clean(action.options, values)
    assert errors == {}
    assert RecallAdapter.check_options(action.kind, found) == {}
    return found


# Every option arrives as it was typed.

STARTS = [
    ({"start_recording_on": "call_join"}, {"start_recording_on": "call_join"}),
    ({"start_recording_on": "participant_join"}, {"start_recording_on": "participant_join"}),
    ({"start_recording_on": "participant_speak"}, {"start_recording_on": "participant_speak"}),
    ({"retention": "forever"}, {"retention": {"type": "forever"}}),
    ({"retention": "timed"}, {"retention": {"type": "timed", "hours": 168}}),
    ({"retention": "timed", "retention.hours": 24}, {"retention": {"type": "timed", "hours": 24}}),
    ({"retention": "forever", "retention.hours": 24}, {"retention": {"type": "forever"}}),
    ({"retention": "none"}, {"retention": None}),
    *(
        ({"video_mixed_layout": one}, {"video_mixed_layout": one})
        for one in ("speaker_view", "gallery_view", "audio_only")
    ),
    *(
        (
            {"video_mixed_participant_video_when_screenshare": one},
            {"video_mixed_participant_video_when_screenshare": one},
        )
        for one in ("hide", "beside", "overlap")
    ),
    *(
        ({name: is_on}, {name: {} if is_on else None})
        for name in (
            *(
                "video_mixed_mp4",
                "participant_events",
                "meeting_metadata",
                "audio_mixed_raw",
                "audio_mixed_mp3",
            ),
            *("audio_separate_raw", "video_mixed_flv", "video_separate_h264"),
        )
        for is_on in (True, False)
    ),
    ({**V2, "video_separate_mp4": True}, {**V2, "video_separate_mp4": {}}),
    ({**V2, "video_separate_png": True}, {**V2, "video_separate_png": {}}),
    ({"video_separate_png": False}, {"video_separate_png": None}),
    ({"include_bot_in_recording.audio": True}, {"include_bot_in_recording": {"audio": True}}),
    ({"metadata": {"a": "b", "c": None}}, {}),
    (
        {"artifacts.metadata": {"video_mixed_mp4": {"a": "b"}}},
        {"video_mixed_mp4": {"metadata": {"a": "b"}}},
    ),
    (
        {"audio_mixed_mp3": True, "artifacts.metadata": {"audio_mixed_mp3": {"a": None}}},
        {"audio_mixed_mp3": {"metadata": {"a": None}}},
    ),
    (LIVE, {"transcript": {"provider": {"deepgram_streaming": {}}}}),
    (
        {
            **LIVE,
            "transcript.provider_options": {"language": "en"},
            "transcript.diarization.use_separate_streams_when_available": True,
            "transcript.metadata": {"a": "b"},
        },
        {
            "transcript": {
                "provider": {"deepgram_streaming": {"language": "en"}},
                "diarization": {"use_separate_streams_when_available": True},
                "metadata": {"a": "b"},
            }
        },
    ),
    ({"realtime_endpoints": HOOKED}, {"realtime_endpoints": HOOKED}),
    (
        {"video_mixed_flv": True, "realtime_endpoints": [{"type": "rtmp", "url": "rtmp://x.test/live"}]},
        {"video_mixed_flv": {}, "realtime_endpoints": [{"type": "rtmp", "url": "rtmp://x.test/live"}]},
    ),
]


@pytest.mark.parametrize(("typed", "expected"), STARTS)
def test_a_start_option_arrives_as_it_was_typed(recall, typed, expected):
    options = cleaned(START, typed)

    recall.adapter.perform(order("recording.start", call=recall.call(), values=options))

    received = recall.options_of("start_recording")
    assert received.pop("metadata")["tapedeck_key"]
    assert received == {"retention": {"type": "forever"}, **expected}


@pytest.mark.parametrize(
    ("typed", "expected"), [*STARTS, ({"audio_separate_mp3": True}, {"audio_separate_mp3": {}})]
)
def test_a_bots_own_recording_option_arrives_as_it_was_typed(recall, typed, expected):
    options = cleaned(
        SEND,
        {
            "meeting_url": recall.simulator.place_meeting(),
            **{f"recording_config.{name}": value for name, value in typed.items()},
        },
    )

    recall.adapter.perform(order("call.send", values=options))

    received = recall.options_of("send_bot")["recording_config"]
    labels = {"metadata": typed["metadata"]} if "metadata" in typed else {}
    assert received == {
        "start_recording_on": "manual",
        "retention": {"type": "forever"},
        **expected,
        **labels,
    }


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"recording_config.start_recording_on": "manual"}, {}),
        ({"bot_name": "Notes"}, {"bot_name": "Notes"}),
        ({"variant": {"zoom": "web_4_core"}}, {"variant": {"zoom": "web_4_core"}}),
        *(
            ({name: {"a": 1}}, {name: {"a": 1}})
            for name in ("zoom", "google_meet", "slack_team", "breakout_room")
        ),
        *(
            ({f"automatic_leave.{name}": 77}, {"automatic_leave": {name: 77}})
            for name in (
                *("waiting_room_timeout", "noone_joined_timeout", "in_call_not_recording_timeout"),
                *("in_call_recording_timeout", "recording_permission_denied_timeout"),
            )
        ),
        (
            {
                "automatic_leave.bot_detection.using_participant_events.timeout": 5,
                "automatic_leave.bot_detection.using_participant_events.activate_after": 6,
            },
            {
                "automatic_leave": {
                    "bot_detection": {"using_participant_events": {"timeout": 5, "activate_after": 6}}
                }
            },
        ),
    ],
)
def test_a_bots_option_arrives_as_it_was_typed(recall, typed, expected):
    url = recall.simulator.place_meeting()
    options = cleaned(SEND, {"meeting_url": url, **typed})

    recall.adapter.perform(order("call.send", values=options))

    received = recall.options_of("send_bot")
    shared = {name: received.pop(name) for name in ("recording_config", "metadata", "meeting_url")}
    assert received == expected
    assert shared["recording_config"]["start_recording_on"] == "manual"
    assert shared["meeting_url"] == url


def test_a_bots_time_arrives_as_it_was_typed(recall):
    join_at = datetime.fromtimestamp(recall.simulator.clock.now() + 3600, UTC).isoformat()
    options = cleaned(SEND, {"meeting_url": recall.simulator.place_meeting(), "join_at": join_at})

    recall.adapter.perform(order("call.send", values=options))

    assert recall.options_of("send_bot")["join_at"] == join_at


SAMPLES = {
    Kind.TEXT: "some-text",
    Kind.INTEGER: 3,
    Kind.BOOLEAN: False,
    Kind.LIST: [{"find": ["a"], "replace": "b"}],
    Kind.OBJECT: {"a": 1},
}


@pytest.mark.parametrize(
    "option", [each for each in ORDER.options if "_async." in each.name], ids=lambda each: each.name
)
def test_an_engines_option_arrives_as_it_was_typed(recall, option):
    engine, *path = option.name.split(".")
    value = option.choices[-1][0] if option.choices else SAMPLES[option.kind]
    language = {"transcription_config": {"language": "en"}}
    rest = {"provider_options": language} if engine == "speechmatics_async" else {}
    options = cleaned(ORDER, {"provider": engine, option.name: value, **rest})

    recall.adapter.perform(order("transcript.order", recording=recall.finished(), values=options))

    found = recall.options_of("create_transcript")["provider"][engine]
    for step in path:
        found = found[step]
    assert found == value
    assert option.group == dict(ENGINES)[engine]


@pytest.mark.parametrize("engine", [name for name, _ in ENGINES])
def test_every_engine_can_be_ordered_with_free_options(recall, engine):
    rest = {"language": "en", "transcription_config": {"language": "en", "domain": "x"}}
    options = cleaned(ORDER, {"provider": engine, "provider_options": rest})

    recall.adapter.perform(order("transcript.order", recording=recall.finished(), values=options))

    assert recall.options_of("create_transcript")["provider"] == {engine: rest}


def test_fields_win_over_free_options_and_other_engines_stay_out(recall):
    typed = {
        "provider": "speechmatics_async",
        "speechmatics_async.transcription_config.language": "de",
        "provider_options": {"transcription_config": {"language": "en", "domain": "x"}},
        "assembly_ai_async.punctuate": True,
        "diarization.use_separate_streams_when_available": True,
    }

    recall.adapter.perform(
        order("transcript.order", recording=recall.finished(), values=cleaned(ORDER, typed))
    )

    received = recall.options_of("create_transcript")
    assert received["provider"] == {
        "speechmatics_async": {"transcription_config": {"language": "de", "domain": "x"}}
    }
    assert received["diarization"] == {"use_separate_streams_when_available": True}


@pytest.mark.parametrize("action", RecallAdapter.actions, ids=lambda each: each.kind)
def test_what_a_form_starts_with_is_valid(action):
    defaults = {each.name: each.default for each in action.options if each.default is not None}
    needed = {"meeting_url": "https://meet.google.com/abc", "metadata": {"a": "b"}, "bot_name": "N"}
    needed["message"] = "This call is recorded."
    names = {each.name for each in action.options}

    cleaned(action, {**defaults, **{name: value for name, value in needed.items() if name in names}})


# Rules between fields.


@pytest.mark.parametrize(
    ("labels", "chosen", "words"),
    [
        ({"video": {}}, {}, "named by the option"),
        ({"video_mixed_mp4": "x"}, {}, "an object of labels"),
        ({"video_mixed_mp4": {"a": 1}}, {}, "each a text or null"),
        ({"audio_mixed_mp3": {"a": "b"}}, {}, "is not recorded"),
        ({"video_mixed_mp4": {"a": "b"}}, {"video_mixed_mp4": False}, "is not recorded"),
    ],
)
@pytest.mark.parametrize(("kind", "prefix"), [("recording.start", ""), ("call.send", "recording_config.")])
def test_labels_of_files_are_checked(labels, chosen, words, kind, prefix):
    typed = {"meeting_url": "https://meet.google.com/abc", f"{prefix}artifacts.metadata": labels}
    typed |= {f"{prefix}{name}": value for name, value in chosen.items()}

    errors = RecallAdapter.check_options(kind, typed)

    assert list(errors) == [f"{prefix}artifacts.metadata"]
    assert words in errors[f"{prefix}artifacts.metadata"]


@pytest.mark.parametrize(
    ("kind", "typed", "wrong"),
    [
        ("recording.start", {"video_separate_mp4": True}, "video_separate_mp4"),
        (
            "recording.start",
            {"video_separate_png": True, "video_mixed_layout": "gallery_view"},
            "video_separate_png",
        ),
        ("recording.start", {"transcript.provider_options": {"a": 1}}, "transcript.provider_options"),
        ("recording.start", {"transcript.metadata": {"a": "b"}}, "transcript.metadata"),
        (
            "recording.start",
            {"transcript.diarization.use_separate_streams_when_available": True},
            "transcript.diarization.use_separate_streams_when_available",
        ),
        ("recording.start", {"metadata": {"a": 1}}, "metadata"),
        ("recording.start", {"metadata": {"tapedeck_key": "x"}}, "metadata"),
        ("recording.start", {"transcript.metadata": {"a": 1}, **LIVE}, "transcript.metadata"),
        ("call.send", {"recording_config.video_separate_mp4": True}, "recording_config.video_separate_mp4"),
        ("call.send", {"recording_config.metadata": {"a": []}}, "recording_config.metadata"),
        ("call.send", {"meeting_url": "no link"}, "meeting_url"),
        ("call.send", {"meeting_url": "https://[bad"}, "meeting_url"),
        ("call.send", {"join_at": "tomorrow"}, "join_at"),
        (
            "call.send",
            {"meeting_url": "https://meet.google.com/a", "automatic_leave.waiting_room_timeout": 601},
            "automatic_leave.waiting_room_timeout",
        ),
        (
            "call.send",
            {"meeting_url": "https://teams.microsoft.com/a", "automatic_leave.waiting_room_timeout": 1801},
            "automatic_leave.waiting_room_timeout",
        ),
        ("call.change", {}, "bot_name"),
        ("call.change", {"join_at": "tomorrow"}, "join_at"),
        (
            "transcript.order",
            {"provider": "speechmatics_async"},
            "speechmatics_async.transcription_config.language",
        ),
        (
            "transcript.order",
            {"provider": "rev_async", "provider_options": {"rev_async": {}}},
            "provider_options",
        ),
        (
            "transcript.order",
            {"provider": "rev_async", "provider_options": {"provider": {}}},
            "provider_options",
        ),
        (
            "transcript.order",
            {"provider": "recallai_async", "recallai_async.spelling": [{"find": "a"}]},
            "recallai_async.spelling",
        ),
        ("recording.update", {"metadata": {"tapedeck_key": "x"}}, "metadata"),
        (
            "transcript.order",
            {"provider": "deepgram_async", "provider_options": {"callback": "https://x.test"}},
            "provider_options",
        ),
        (
            "transcript.order",
            {"provider": "gladia_v2_async", "gladia_v2_async.audio_to_llm_config": {"a": ["https://x.test"]}},
            "gladia_v2_async.audio_to_llm_config",
        ),
        (
            "recording.start",
            {**LIVE, "transcript.provider_options": {"callback": "https://x.test"}},
            "transcript.provider_options",
        ),
        ("call.change", {"automatic_leave": {"a": "https://x.test"}}, "automatic_leave"),
    ],
)
def test_fields_that_do_not_go_together_are_told(kind, typed, wrong):
    given = {"meeting_url": "https://zoom.us/j/1", **typed} if kind == "call.send" else typed

    errors = RecallAdapter.check_options(kind, given)

    assert list(errors) == [wrong]
    assert errors[wrong].endswith(".")


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [
        ({"type": "mail", "url": "https://x.test"}, "needs a type"),
        ({"type": "webhook"}, "needs a url"),
        ({"type": "webhook", "url": "http://localhost/x", "events": ["transcript.data"]}, "localhost"),
        ({"type": "rtmp", "url": "rtmp://x.test"}, "Video stream"),
        ({"type": "webhook", "url": "https://x.test"}, "none given"),
        ({"type": "webhook", "url": "https://x.test", "events": ["nope", {}]}, "nope, ?"),
        ({"type": "websocket", "url": "wss://x.test", "events": ["transcript.data"]}, "live engine"),
        ("no object", "needs a type"),
    ],
)
def test_a_wrong_address_for_live_data_is_told(endpoint, words):
    errors = RecallAdapter.check_options("recording.start", {"realtime_endpoints": [HOOKED[0], endpoint]})

    assert words in errors["realtime_endpoints"]


def test_words_may_go_elsewhere_with_a_live_engine():
    endpoint = {"type": "websocket", "url": "wss://x.test", "events": ["transcript.data"]}

    assert RecallAdapter.check_options("recording.start", {**LIVE, "realtime_endpoints": [endpoint]}) == {}


def test_labels_and_the_listed_addresses_may_hold_links():
    link = "https://x.test/"
    typed = {"metadata": {"a": link}, "realtime_endpoints": [{**HOOKED[0], "url": link}]}

    assert RecallAdapter.check_options("recording.start", typed) == {}


def test_addresses_of_others_need_the_manager_and_ours_are_ours():
    by_name = {option.name: option for option in START.options}

    changed = {option.name: option for option in RecallAdapter.action("call.change").options}
    sent = {option.name: option for option in SEND.options}
    assert by_name["realtime_endpoints"].sends_elsewhere
    assert changed["recording_config"].sends_elsewhere
    assert sent["recording_config.realtime_endpoints"].sends_elsewhere
    assert by_name["realtime_endpoints.url"].is_ours
    assert by_name["realtime_endpoints.url"].needs_callback


@pytest.mark.parametrize(
    "language", ["speechmatics_async.language", "speechmatics_async.transcription_config.language"]
)
def test_speechmatics_takes_either_name_for_the_language(language):
    assert (
        RecallAdapter.check_options("transcript.order", {"provider": "speechmatics_async", language: "en"})
        == {}
    )


# What cannot be done now.

RECORDED = {"call": call_ref()}


@pytest.mark.parametrize(
    ("kind", "subject", "words"),
    [
        ("call.send", None, ""),
        ("recording.start", call_ref(), ""),
        ("recording.start", call_ref(state=None), ""),
        ("recording.start", call_ref(external_id=""), "not given this an id"),
        ("recording.start", call_ref(state=CallState.SCHEDULED), "not been sent"),
        ("recording.start", call_ref(state=CallState.WAITING), "not in the call yet"),
        ("recording.start", call_ref(state=CallState.ENDED), "has left"),
        ("call.change", call_ref(state=CallState.SCHEDULED), ""),
        ("call.change", call_ref(), "make it leave"),
        ("call.cancel", call_ref(state=CallState.ENDED), "gone already"),
        ("call.leave", call_ref(state=CallState.WAITING), ""),
        ("call.leave", call_ref(state=CallState.SCHEDULED), "cancel it"),
        ("call.leave", call_ref(state=CallState.ENDED), "left already"),
        ("call.request_permission", call_ref(flags={"platform": "zoom"}), ""),
        ("call.request_permission", call_ref(flags={"platform": "webex"}), "Only Zoom"),
        ("call.request_permission", call_ref(state=CallState.WAITING), "not in the call"),
        ("call.delete_media", call_ref(), ""),
        ("call.delete_media", call_ref(state=CallState.SCHEDULED), "not recorded anything"),
        ("call.delete_media", call_ref(live_recordings=(recording_ref(),)), "stop it first"),
        ("call.unheard_of", call_ref(), ""),
        ("recording.stop", recording_ref(status=Status.IN_PROGRESS, **RECORDED), ""),
        ("recording.stop", recording_ref(status=Status.REQUESTED, external_id="", **RECORDED), ""),
        ("recording.stop", recording_ref(status=Status.IN_PROGRESS, handle={"bot_id": "b"}), ""),
        ("recording.stop", recording_ref(status=Status.IN_PROGRESS), "not known"),
        ("recording.stop", recording_ref(**RECORDED), "not running any more"),
        ("recording.pause", recording_ref(status=Status.IN_PROGRESS, **RECORDED), ""),
        ("recording.pause", recording_ref(status=Status.PAUSED, **RECORDED), "paused already"),
        ("recording.pause", recording_ref(**RECORDED), "not running"),
        ("recording.resume", recording_ref(status=Status.PAUSED, **RECORDED), ""),
        ("recording.resume", recording_ref(status=Status.IN_PROGRESS, **RECORDED), "not paused"),
        ("recording.update", recording_ref(), ""),
        ("recording.update", recording_ref(status=Status.DELETED), "deleted already"),
        ("recording.delete", recording_ref(), ""),
        ("recording.delete", recording_ref(status=Status.PAUSED), "stop it first"),
        ("recording.delete", recording_ref(external_id=""), "not given this an id"),
        ("recording.unheard_of", recording_ref(), ""),
        ("transcript.order", recording_ref(), ""),
        ("transcript.order", recording_ref(status=Status.IN_PROGRESS), "finished recordings only"),
        ("transcript.order", recording_ref(status=Status.FAILED), "failed"),
        ("transcript.order", recording_ref(status=Status.DELETED), "is deleted"),
        ("transcript.order", recording_ref(transcripts_completed=10), "10 of 10"),
        ("transcript.order", recording_ref(transcripts_ever=100), "100 of 100"),
        ("transcript.delete", transcript_ref(), ""),
        ("transcript.delete", transcript_ref(status=Status.DELETED), "deleted already"),
    ],
)
def test_a_button_that_cannot_work_says_why(kind, subject, words):
    found = RecallAdapter.unavailable(kind, subject, {})

    assert (words in found) if words else (found == "")


@pytest.mark.parametrize(
    ("kind", "subject", "options", "words"),
    [
        ("call.cancel", call_ref(), {}, []),
        ("recording.start", call_ref(), {"retention": "forever"}, []),
        ("recording.start", call_ref(live_recordings=(recording_ref(),)), {}, ["starts over"]),
        ("recording.start", call_ref(provider_status="recording_permission_denied"), {}, ["denied again"]),
        ("recording.start", None, {"retention": "none"}, ["Nothing is stored"]),
        ("recording.start", None, {"retention": "timed", "retention.hours": 5}, ["5 hours"]),
        ("call.send", None, {}, ["leaves after 3600 seconds"]),
        (
            "call.send",
            None,
            {"recording_config.start_recording_on": "call_join", "recording_config.retention": "timed"},
            ["168 hours"],
        ),
        ("call.leave", call_ref(), {}, ["cannot come back"]),
        ("call.leave", call_ref(live_recordings=(recording_ref(),)), {}, ["ends now and is kept"]),
        ("recording.stop", recording_ref(), {}, ["stays in the call"]),
        ("recording.pause", recording_ref(), {}, ["silence and a black picture"]),
        ("transcript.order", recording_ref(), {"provider": "recallai_async"}, []),
        (
            "transcript.order",
            recording_ref(transcripts_completed=4),
            {
                "provider": "deepgram_async",
                "deepgram_async.diarize": True,
                "diarization.use_separate_streams_when_available": True,
            },
            ["4 of 10", "Deepgram bills its own", "labels such as A", "1.8 times"],
        ),
        (
            "transcript.order",
            None,
            {"provider": "new_async", "deepgram_async.diarize": True},
            ["new_async bills"],
        ),
        ("transcript.delete", transcript_ref(), {}, []),
        ("transcript.delete", transcript_ref(status=Status.PROCESSING), {}, ["still being made"]),
    ],
)
def test_what_the_operator_may_not_expect_is_said_before(kind, subject, options, words):
    found = RecallAdapter.consequence(kind, subject, options)

    assert all(word in found for word in words)
    assert bool(found) == bool(words)


def test_speakers_by_voice_are_told_only_for_the_chosen_engine():
    found = RecallAdapter.consequence(
        "transcript.order", None, {"provider": "rev_async", "deepgram_async.diarize": True}
    )

    assert "labels such as A" not in found


# The face of the adapter.


def test_every_action_is_complete():
    buckets = {bucket.name for bucket in RecallAdapter.buckets}
    for action in RecallAdapter.actions:
        assert action.buckets
        assert set(action.buckets) <= buckets
        assert action.label
        assert action.right in {"control", "order", "delete", "manage"}
        assert len({option.name for option in action.options}) == len(action.options)


@pytest.mark.parametrize(
    ("kind", "lane", "not_after", "repeat"),
    [
        ("call.send", 1, 90, Repeat.KEYED),
        ("call.leave", 0, None, Repeat.REPEATABLE),
        ("recording.start", 1, 90, Repeat.KEYED),
        ("recording.stop", 0, None, Repeat.KEYED),
        ("recording.pause", 0, None, Repeat.KEYED),
        ("recording.resume", 1, 90, Repeat.KEYED),
        ("recording.delete", 1, 86400, Repeat.REPEATABLE),
        ("transcript.order", 1, 86400, Repeat.KEYED),
        ("transcript.delete", 1, 86400, Repeat.REPEATABLE),
    ],
)
def test_the_engines_rules_are_the_designs(kind, lane, not_after, repeat):
    action = RecallAdapter.action(kind)

    assert (action.lane, action.not_after_seconds, action.repeat) == (lane, not_after, repeat)


def test_start_warns_that_it_overwrites():
    assert START.overwrites_live
    assert (START.subject, START.makes) == (Subject.CALL, Subject.RECORDING)


def test_preview_of_an_order_without_a_body_is_empty():
    assert RecallAdapter.preview(order("call.leave", call=CallRef(external_id="b", key="k"))) == {}


def test_ids_are_uuids():
    for pattern in RecallAdapter.id_patterns.values():
        assert re.fullmatch(pattern, "33333333-3333-4333-8333-333333333333")
        assert not re.fullmatch(pattern, "CA33333333333343338333333333333333")


def test_the_account_asks_for_region_key_and_secrets():
    fields = {field.name: field for field in RecallAdapter.config_fields}

    assert [name for name, field in fields.items() if field.is_secret] == ["api_key", "webhook_secrets"]
    assert fields["region"].is_identity
    assert fields["webhook_secrets"].is_many
    assert [value for value, _ in fields["region"].choices] == [
        "us-east-1",
        "us-west-2",
        "eu-central-1",
        "ap-northeast-1",
    ]
