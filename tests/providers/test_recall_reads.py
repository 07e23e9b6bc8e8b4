import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.providers.errors import (
    CredentialsRefused,
    NotFound,
    ProviderError,
    Refused,
    Throttled,
    Unavailable,
    UnexpectedResponse,
)
from recordings.providers.recall.calls import call_snapshot
from recordings.providers.recall.reading import moment, number, text
from recordings.providers.recall.recordings import recording_snapshot
from recordings.providers.recall.transcripts import read_turns, transcript_snapshot, utterance
from recordings.providers.recall.words import CALL_STATES
from recordings.providers.snapshots import CallState, Status, TextFile
from tests.providers.recall_account import (
    AT,
    BOT,
    KEY,
    RECORDING,
    TRANSCRIPT,
    Account,
    answered,
    content,
    fixture,
    order,
    recording_ref,
    sent_by,
    transcript_ref,
)
from tests.simulators.speech import conversation

FILES = ("participants", "participant_events", "speaker_timeline")
MP4 = {"media": {"video": "mp4", **dict.fromkeys(FILES, "json")}}


@pytest.fixture
def recall():
    return Account()


def everything(read):
    """All items of a listing and the number of its pages."""
    items, cursor, pages = [], "", 0
    while True:
        page = read(cursor)
        items += page.items
        pages, cursor = pages + 1, page.next_cursor
        if not cursor:
            return items, pages


# Calls.


def test_a_live_bot_is_a_call(recall):
    call = recall.call(title="Quarterly review")

    found = recall.bot(call)

    assert (found.state, found.provider_status) == (CallState.LIVE, "in_call_not_recording")
    assert found.title == "Quarterly review"
    assert found.details["Platform"] == "Zoom"
    assert found.details["Name of the bot"] == "Meeting Notetaker"
    assert found.flags == {"platform": "zoom"}
    assert found.started_at is not None
    assert found.ended_at is None
    assert found.participants is None


def test_an_ended_call_says_why(recall):
    call = recall.call()
    recall.simulator.kick(call.external_id)
    recall.simulator.advance(30)

    found = recall.bot(call)

    assert (found.state, found.provider_status) == (CallState.ENDED, "done")
    assert found.ended_at is not None


def test_a_denied_permission_says_why(recall):
    call = recall.call()
    recall.simulator.deny_recording(call.external_id)

    found = recall.bot(call)

    assert (found.state, found.provider_status) == (CallState.LIVE, "recording_permission_denied")
    assert found.reason == "The host said no to the recording."


@pytest.mark.parametrize(
    ("name", "state", "provider_status"),
    [
        ("created", CallState.WAITING, ""),
        ("scheduled", CallState.SCHEDULED, ""),
        ("waiting", CallState.WAITING, "in_waiting_room"),
        ("in_call", CallState.LIVE, "in_call_not_recording"),
        ("recording", CallState.LIVE, "in_call_recording"),
        ("done", CallState.ENDED, "done"),
        ("fatal", CallState.ENDED, "fatal"),
        ("cleared", CallState.ENDED, "done"),
    ],
)
def test_every_sample_of_a_bot_is_read(name, state, provider_status):
    found = call_snapshot(fixture(f"api/bot.{name}.json"))

    assert (found.state, found.provider_status) == (state, provider_status)
    assert found.external_id


@pytest.mark.parametrize("code", sorted(CALL_STATES))
def test_every_word_for_a_bot_is_known(code):
    change = {"code": code, "created_at": "2026-01-02T03:00:00Z"}

    found = call_snapshot({"id": BOT, "status_changes": [change]})

    assert (found.state, found.provider_status) == (CALL_STATES[code], code)


def test_a_new_word_for_a_bot_changes_no_state():
    found = call_snapshot({"id": BOT, "status_changes": [{"code": "in_orbit"}]})

    assert (found.state, found.provider_status) == (None, "in_orbit")


def test_changes_are_ordered_by_their_time():
    changes = [
        {"code": "done", "created_at": "2026-01-02T03:09:00Z", "sub_code": None, "message": None},
        {"code": "joining_call", "created_at": "2026-01-02T03:00:00.123456Z"},
        {"code": "in_call_recording", "created_at": "2026-01-02T03:01:00+00:00"},
        {"code": "call_ended", "created_at": "2026-01-02T03:08:00Z", "sub_code": "call_ended_by_host"},
        "nonsense",
    ]

    found = call_snapshot({"id": BOT, "status_changes": changes})

    assert found.provider_status == "done"
    assert found.started_at == datetime(2026, 1, 2, 3, 1, tzinfo=UTC)
    assert found.ended_at == datetime(2026, 1, 2, 3, 8, tzinfo=UTC)


def test_a_meeting_without_a_title_is_named_by_its_platform():
    meeting = {"platform": "google_meet", "meeting_id": "abc-def"}

    assert call_snapshot({"id": BOT, "meeting_url": meeting}).title == "Google Meet abc-def"
    assert call_snapshot({"id": BOT, "meeting_url": {"platform": "new", "meeting_id": 5}}).title == "new 5"
    assert call_snapshot({"id": BOT, "meeting_url": "https://zoom.us/j/1"}).title == ""


def test_the_meetings_own_title_is_taken():
    recordings = [{"id": RECORDING, "media_shortcuts": {"meeting_metadata": {"data": {"title": "Weekly"}}}}]

    assert call_snapshot({"id": BOT, "recordings": recordings}).title == "Weekly"


def test_passwords_and_links_are_not_kept():
    meeting = {
        "platform": "zoom",
        "meeting_id": "1",
        "meeting_password": "s3cret",
        "business_meeting_password": "b1g",
    }
    link = "https://bucket.s3.amazonaws.com/x.mp4?X-Amz-Signature=abc"
    config = {"realtime_endpoints": [{"url": "https://x.test/?token=t0ken"}], "password": ""}
    recording = {"id": RECORDING, "media_shortcuts": {"video_mixed": {"data": {"download_url": link}}}}

    found = call_snapshot(
        {"id": BOT, "meeting_url": meeting, "recording_config": config, "recordings": [recording]}
    )

    kept = json.dumps([found.raw, found.recordings[0].raw])
    for secret in ("s3cret", "b1g", "abc", "t0ken"):
        assert secret not in kept


def test_recordings_of_a_bot_that_left_are_over():
    payload = fixture("api/bot.done.json")
    payload["recordings"][0] |= {"completed_at": None, "status": {"code": "processing"}}

    (recording,) = call_snapshot(payload).recordings

    assert recording.status is Status.PROCESSING
    assert recording.call_external_id == payload["id"]


def test_a_bot_that_is_gone_was_cancelled(recall):
    (found,) = recall.adapter.fetch("call", BOT)

    assert (found.external_id, found.state) == (BOT, CallState.ENDED)
    assert "cancelled" in found.reason


def test_live_calls_are_live_arriving_and_scheduled_ones(recall, at_noon):
    live = recall.call()
    over = recall.call()
    recall.simulator.end_call(over.external_id)
    recall.simulator.advance(60)
    later = recall.scheduled()
    url = recall.simulator.place_meeting()
    arriving = recall.adapter.perform(order("call.send", meeting_url=url, send_key="2")).facts[0]
    recall.simulator.switch(page_size=1)

    found, pages = everything(recall.adapter.list_calls)

    states = {each.external_id: each.state for each in found}
    assert states == {
        live.external_id: CallState.LIVE,
        later.external_id: CallState.SCHEDULED,
        arriving.external_id: CallState.WAITING,
    }
    assert pages > 3


@pytest.fixture
def at_noon():
    with time_machine.travel(AT, tick=False):
        yield


def test_a_scheduled_bot_may_be_an_hour_late_and_is_still_listed(recall, at_noon):
    page = recall.adapter.list_calls()

    recall.adapter.list_calls(page.next_cursor)

    expected = (AT - timedelta(hours=1)).isoformat()
    assert recall.simulator.requests[-1].params == {"join_at_after": expected}


def test_a_day_of_the_demo_is_read_whole():
    recall = Account()
    recall.simulator.begin_day()
    recall.simulator.advance(5)

    calls, _ = everything(recall.adapter.list_calls)
    listed, _ = everything(
        lambda cursor: recall.adapter.list_recordings(since=None, until=None, cursor=cursor)
    )
    texts, _ = everything(
        lambda cursor: recall.adapter.list_transcripts(since=None, until=None, cursor=cursor)
    )

    truth = recall.simulator.truth()
    live = {each.external_id for each in calls if each.state is CallState.LIVE}
    assert live == set(truth["calls"])
    assert {each.external_id: each.provider_status for each in listed} == {
        key: row["status"] for key, row in truth["recordings"].items()
    }
    assert {each.external_id: each.provider_status for each in texts} == {
        key: row["status"] for key, row in truth["transcripts"].items()
    }
    assert all(each.title for each in calls)


def test_a_live_list_with_bare_cursors_is_read_whole(recall, at_noon):
    calls = {recall.call().external_id for _ in range(5)}
    recall.simulator.switch(page_size=2, bot_list_cursor=True, bare_cursor=True)

    found, _ = everything(recall.adapter.list_calls)

    assert {each.external_id for each in found} == calls


@pytest.mark.parametrize("cursor", ["nonsense", "[]", "{}", '"x"', "5"])
def test_a_page_mark_that_is_not_ours_is_refused(recall, cursor):
    with pytest.raises(Refused):
        recall.adapter.list_calls(cursor)


# Recordings.


def test_a_finished_recording_says_everything(recall):
    recording = recall.finished()

    found = recall.recording(recording)

    assert (found.status, found.provider_status, found.key) == (Status.COMPLETED, "done", KEY)
    assert found.call_external_id == recording.call.external_id
    assert found.handle == {"bot_id": recording.call.external_id, **MP4}
    assert found.duration_seconds == (found.completed_at - found.started_at).total_seconds()
    assert found.duration_seconds > 0
    assert "X-Amz" not in json.dumps(found.raw)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("processing", Status.IN_PROGRESS),
        ("paused", Status.PAUSED),
        ("done", Status.COMPLETED),
        ("forever", Status.COMPLETED),
        ("failed", Status.FAILED),
        ("deleted", Status.DELETED),
    ],
)
def test_every_sample_of_a_recording_is_read(name, status):
    found = recording_snapshot(fixture(f"api/recording.{name}.json"))

    assert found.status is status
    assert (found.media_expires_at is None) == (fixture(f"api/recording.{name}.json")["expires_at"] is None)


def test_processing_is_live_until_it_is_completed():
    live = {"id": RECORDING, "status": {"code": "processing"}}

    assert recording_snapshot(live).status is Status.IN_PROGRESS
    assert recording_snapshot({**live, "completed_at": "2026-01-02T03:00:00Z"}).status is Status.PROCESSING
    assert recording_snapshot({**live, "status": {"code": "new"}}).status is None
    assert recording_snapshot({"id": RECORDING}).provider_status == ""


def test_a_failed_recording_says_why(recall):
    recall.simulator.fail_recordings()
    recording = recall.finished()

    found = recall.recording(recording)

    assert (found.status, found.reason_code) == (Status.FAILED, "internal_error")
    assert found.reason == "Recall.ai had an internal error."
    assert recall.adapter.variants(recording) == ()


@pytest.mark.parametrize(
    ("payload", "call_id"),
    [
        ({"bot": {"id": "b1"}, "bot_id": "b2"}, "b1"),
        ({"bot_id": "b2"}, "b2"),
        ({"bot": None, "desktop_sdk_upload": {"id": "u"}}, ""),
    ],
)
def test_the_bot_of_a_recording(payload, call_id):
    found = recording_snapshot({"id": RECORDING, **payload})

    assert found.call_external_id == call_id
    assert found.source == ("desktop SDK" if "desktop_sdk_upload" in payload else "")


@pytest.mark.parametrize(
    ("started", "completed", "seconds"),
    [
        ("2026-01-02T03:00:00Z", "2026-01-02T03:01:30Z", 90.0),
        ("2026-01-02T03:00:00Z", "2026-01-02T02:00:00Z", None),
        (None, "2026-01-02T03:00:00Z", None),
        ("2026-01-02T03:00:00Z", None, None),
    ],
)
def test_a_duration_is_known_from_both_ends(started, completed, seconds):
    found = recording_snapshot({"id": RECORDING, "started_at": started, "completed_at": completed})

    assert found.duration_seconds == seconds


@pytest.mark.parametrize("settled", ["404", "object"])
def test_a_deleted_recording_is_deleted_in_either_shape(recall, settled):
    recall.simulator.switch(deleted_get=settled)
    recording = recall.finished()
    recall.adapter.perform(order("recording.delete", recording=recording))

    found = recall.recording(recording)

    assert (found.external_id, found.status) == (recording.external_id, Status.DELETED)


def test_a_recording_brings_the_transcript_of_its_shortcut(recall):
    recording = recall.finished()
    ordered = recall.transcribed(recording)

    facts = recall.adapter.fetch("recording", recording.external_id)

    assert len(facts) == 2
    assert facts[1].external_id == ordered.external_id
    assert facts[1].recording_external_id == recording.external_id
    assert facts[1].call_external_id == recording.call.external_id


def test_recordings_are_listed_by_their_time(recall):
    old = recall.finished()
    recall.simulator.advance(3600)
    new = recall.finished()
    recall.simulator.switch(page_size=1)
    middle = datetime.fromtimestamp(recall.simulator.clock.now() - 1800, UTC)

    def listed(since, until):
        found, pages = everything(
            lambda cursor: recall.adapter.list_recordings(since=since, until=until, cursor=cursor)
        )
        return {each.external_id for each in found}, pages

    assert listed(None, None) == ({old.external_id, new.external_id}, 2)
    assert listed(middle, None) == ({new.external_id}, 1)
    assert listed(None, middle) == ({old.external_id}, 1)


def test_a_bare_cursor_keeps_the_window(recall):
    recall.finished()
    recall.simulator.advance(3600)
    middle = datetime.fromtimestamp(recall.simulator.clock.now(), UTC)
    new = {recall.finished().external_id for _ in range(2)}
    recall.simulator.switch(page_size=1, bare_cursor=True)

    found, pages = everything(
        lambda cursor: recall.adapter.list_recordings(since=middle, until=None, cursor=cursor)
    )

    assert ({each.external_id for each in found}, pages) == (new, 2)


# Media.


def test_the_media_of_a_recording_can_be_fetched(recall):
    recording = recall.finished(audio_mixed_mp3=True)

    kinds = [each.name for each in recall.adapter.variants(recording)]
    video, audio = (recall.adapter.media(recording, name) for name in kinds[:2])

    assert kinds == ["video", "audio", *FILES]
    assert (video.content_type, audio.content_type) == ("video/mp4", "audio/mpeg")
    assert video.filename == f"{recording.external_id}.mp4"
    assert video.headers == {}
    assert timedelta(hours=4) < video.expires_at - datetime.now(UTC) <= timedelta(hours=5)
    assert recall.connection.links.read(video.url).content[4:8] == b"ftyp"


@pytest.mark.parametrize("name", FILES)
def test_the_files_about_participants_can_be_fetched(recall, name):
    recording = recall.finished()

    found = recall.adapter.media(recording, name)

    content = json.loads(recall.connection.links.read(found.url).content)
    assert found.content_type == "application/json"
    assert found.filename == f"{recording.external_id}-{name}.json"
    assert content
    assert content[0].keys() == fixture(f"files/{name}.json")[0].keys()


def test_files_about_participants_are_offered_once_they_are_there():
    data = {"participants_download_url": "https://x.test/p", "speaker_timeline_download_url": None}

    def found(**artifact):
        shortcuts = {"participant_events": {"data": data, **artifact}}
        return recording_snapshot({"id": RECORDING, "media_shortcuts": shortcuts}).handle["media"]

    assert found(status={"code": "done"}) == {"participants": "json"}
    assert found(status={"code": "processing"}) == {}
    assert found(status={"code": "deleted"}) == {}


def test_variants_come_from_the_last_full_read():
    handles = {
        "unread": {},
        "none": {"media": {}},
        "broken": {"media": 7},
        "raw": {"media": {"audio": "raw"}},
        "flv": {"media": {"video": "flv"}},
    }
    adapter = answered(httpx.Response(200))

    found = {
        name: [
            (each.name, each.label, each.content_type)
            for each in adapter.variants(recording_ref(handle=handle))
        ]
        for name, handle in handles.items()
    }

    assert found == {
        "unread": [("video", "Video", "video/mp4")],
        "none": [],
        "broken": [],
        "raw": [("audio", "Audio (raw)", "application/octet-stream")],
        "flv": [("video", "Video (flv)", "video/x-flv")],
    }
    assert adapter.variants(recording_ref(status=Status.IN_PROGRESS)) == ()


def test_a_file_that_failed_is_no_variant():
    shortcuts = {
        "video_mixed": {"status": {"code": "failed"}, "format": "mp4"},
        "audio_mixed": {"status": {}, "format": "mp3"},
    }

    found = recording_snapshot({"id": RECORDING, "media_shortcuts": shortcuts})

    assert found.handle == {"media": {"audio": "mp3"}}


@pytest.mark.parametrize(
    ("payload", "variant", "error"),
    [
        ({"status": {"code": "deleted"}}, "video", NotFound),
        ({}, "hologram", NotFound),
        ({}, "video", NotFound),
        ({"media_shortcuts": {"video_mixed": {"status": {"code": "failed"}}}}, "video", NotFound),
        (
            {"media_shortcuts": {"video_mixed": {"status": {"code": "processing"}, "data": {}}}},
            "video",
            Unavailable,
        ),
        (
            {"media_shortcuts": {"video_mixed": {"status": {"code": "done"}, "data": None}}},
            "video",
            Unavailable,
        ),
    ],
)
def test_media_that_are_not_there_say_why(payload, variant, error):
    adapter = answered(httpx.Response(200, json={"id": RECORDING, **payload}))

    with pytest.raises(error):
        adapter.media(recording_ref(), variant)


def test_media_of_an_unknown_format_are_bytes():
    artifact = {"data": {"download_url": "https://x.test/a"}, "status": {"code": "done"}}
    adapter = answered(
        httpx.Response(200, json={"id": RECORDING, "media_shortcuts": {"video_mixed": artifact}})
    )

    found = adapter.media(recording_ref(), "video")

    assert (found.content_type, found.filename) == ("application/octet-stream", f"{RECORDING}.bin")


# Transcripts.


def test_a_finished_transcript_says_everything(recall):
    ordered = recall.transcribed(recall.finished(), **{"recallai_async.language_code": "en"})

    (found,) = recall.adapter.fetch("transcript", ordered.external_id)

    assert (found.status, found.provider_status) == (Status.COMPLETED, "done")
    assert (found.kind, found.engine, found.language) == ("async", "recallai_async", "en")
    assert found.recording_external_id == ordered.recording.external_id
    assert (found.key, found.recording_key) == (KEY, KEY)
    assert found.started_at < found.completed_at
    assert "download_url" in json.dumps(found.raw)
    assert "X-Amz" not in json.dumps(found.raw)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("processing", Status.PROCESSING),
        ("done", Status.COMPLETED),
        ("failed", Status.FAILED),
        ("deleted", Status.DELETED),
        ("with_source", Status.COMPLETED),
    ],
)
def test_every_sample_of_a_transcript_is_read(name, status):
    found = transcript_snapshot(fixture(f"api/transcript.{name}.json"))

    assert found.status is status
    assert (found.completed_at is not None) == (status is Status.COMPLETED)
    assert bool(found.call_external_id) == (name == "with_source")


@pytest.mark.parametrize(
    ("provider", "kind", "engine", "language"),
    [
        ({"recallai_async": {"language_code": "auto"}}, "async", "recallai_async", ""),
        ({"deepgram_async": {"language": "de"}}, "async", "deepgram_async", "de"),
        (
            {"speechmatics_async": {"transcription_config": {"language": "fr"}}},
            "async",
            "speechmatics_async",
            "fr",
        ),
        ({"meeting_captions": {}}, "realtime", "meeting_captions", ""),
        ({"assembly_ai_async_chunked": None}, "realtime", "assembly_ai_async_chunked", ""),
        ({}, "", "", ""),
        ("nonsense", "", "", ""),
    ],
)
def test_the_engine_tells_the_kind(provider, kind, engine, language):
    found = transcript_snapshot({"id": TRANSCRIPT, "provider": provider})

    assert (found.kind, found.engine, found.language) == (kind, engine, language)


def test_a_failed_transcript_says_why(recall):
    recall.simulator.fail_transcripts()
    ordered = recall.transcribed(recall.finished())

    (found,) = recall.adapter.fetch("transcript", ordered.external_id)

    assert (found.status, found.reason_code) == (Status.FAILED, "provider_connection_failed")
    assert "credentials" in found.reason


def test_a_transcript_that_is_gone_is_deleted(recall):
    (found,) = recall.adapter.fetch("transcript", TRANSCRIPT)

    assert (found.external_id, found.status) == (TRANSCRIPT, Status.DELETED)


def test_transcripts_are_listed(recall):
    recording = recall.finished()
    ordered = {recall.transcribed(recording, send_key=str(number)).external_id for number in range(3)}
    recall.simulator.switch(page_size=2)

    found, pages = everything(
        lambda cursor: recall.adapter.list_transcripts(since=AT, until=None, cursor=cursor)
    )

    assert {each.external_id for each in found} == ordered
    assert pages == 2


# Text.


def test_the_words_are_those_that_were_spoken(recall):
    ordered = recall.transcribed(recall.finished())

    found = recall.adapter.fetch_text(ordered)

    spoken = conversation(0)
    assert " ".join(each.text for each in found.utterances) == spoken.text
    assert {each.speaker for each in found.utterances} == set(spoken.speakers)
    assert found.utterances[0].start == pytest.approx(spoken.turns[0].start, abs=0.01)
    assert found.utterances[-1].end == pytest.approx(spoken.turns[-1].end, abs=0.01)
    assert [each.name for each in found.files] == ["transcript.json", "provider_data.json"]
    assert json.loads(found.files[0].content)
    assert (found.problem, found.note, found.extra) == ("", "", None)


def test_links_are_read_without_credentials(recall):
    recall.adapter.fetch_text(recall.transcribed(recall.finished()))

    fetched = [each for each in recall.simulator.requests if each.path.startswith("/_storage")]
    assert fetched
    assert all("authorization" not in each.headers for each in fetched)


def test_silence_is_an_empty_transcript_with_a_reason(recall):
    found = read_turns(file_of("files/transcript.empty.json"))

    assert (found.utterances, found.problem) == ((), "")
    assert "empty" in found.note


def file_of(name):
    return TextFile(name="transcript.json", content_type="application/json", content=content(name))


@pytest.mark.parametrize(
    "name",
    [
        "transcript",
        "transcript.absolute",
        "transcript.captions",
        "transcript.diarized",
        "transcript.june2025",
    ],
)
def test_every_sample_of_a_text_is_read(name):
    entries = fixture(f"files/{name}.json")

    found = read_turns(file_of(f"files/{name}.json"))

    assert len(found.utterances) == len(entries)
    assert found.problem == ""
    assert all(each.text for each in found.utterances)
    assert [each.text for each in found.utterances[0].words] == [word["text"] for word in entries[0]["words"]]


def test_overlapping_turns_are_ordered_by_their_first_words():
    found = read_turns(file_of("files/transcript.overlapping.json"))

    starts = [each.start for each in found.utterances]
    assert starts == sorted(starts)


def test_people_without_a_name_are_told_apart():
    turns = [
        {"participant": {"id": 7, "name": None}, "words": [{"text": "Hello"}]},
        {"participant": {"id": None, "name": None}, "words": [{"text": "Hi"}]},
        {"participant": None, "words": [{"text": "Hm"}]},
    ]

    found = read_turns(replace(file_of("files/transcript.json"), content=json.dumps(turns).encode()))

    assert [each.speaker for each in found.utterances] == ["Participant 7", "", ""]
    assert read_turns(file_of("files/transcript.unnamed.json")).utterances


def test_times_that_are_missing_stay_unknown():
    words = [
        {"text": "one", "start_timestamp": {"relative": 1.0}, "end_timestamp": None},
        {"text": "two", "start_timestamp": None, "end_timestamp": {"relative": "2.5"}},
        {"text": None},
        "nonsense",
    ]

    found = utterance({"words": words})

    assert (found.text, found.start, found.end) == ("one two", 1.0, 2.5)
    assert [(word.start, word.end) for word in found.words] == [(1.0, None), (None, 2.5)]


def test_a_turn_without_times_stays_behind_the_one_before_it():
    def turn(word, start):
        return {"words": [{"text": word, "start_timestamp": {"relative": start}}]}

    turns = [turn("c", 9), turn("d", None), turn("a", 1), turn("b", None)]

    found = read_turns(replace(file_of("files/transcript.json"), content=json.dumps(turns).encode()))

    assert [each.text for each in found.utterances] == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"<html>", "no JSON"),
        (b"", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b'{"a": 1}', "not the list of turns"),
        (b'[5, {"words": null}, {"words": [{"text": "kept"}]}]', "2 of 3 turns were left out"),
    ],
)
def test_a_file_that_cannot_be_read_is_kept(body, problem):
    transcript = {"id": TRANSCRIPT, "data": {"download_url": "https://x.test/t.json"}}
    adapter = answered(httpx.Response(200, json=transcript), httpx.Response(200, content=body))

    found = adapter.fetch_text(transcript_ref())

    assert problem in found.problem
    assert found.files[0].content == body
    assert [each.text for each in found.utterances] == (["kept"] if b"kept" in body else [])
    assert found.note == ""


def test_words_are_not_withheld_for_the_engines_own_file():
    links = {"download_url": "https://x.test/a", "provider_data_download_url": "https://x.test/b"}
    adapter = answered(
        httpx.Response(200, json={"id": TRANSCRIPT, "data": links}),
        httpx.Response(200, content=content("files/transcript.json")),
        httpx.Response(403),
    )

    found = adapter.fetch_text(transcript_ref())

    assert found.utterances
    assert [each.name for each in found.files] == ["transcript.json"]
    assert "status 403" in found.extra["provider_data"]


@pytest.mark.parametrize(
    ("code", "error"),
    [("deleted", NotFound), ("failed", NotFound), ("done", Unavailable), ("processing", Unavailable)],
)
def test_a_text_without_a_link_says_why(code, error):
    payload = {"id": TRANSCRIPT, "status": {"code": code}, "data": {"download_url": None}}

    with pytest.raises(error):
        answered(httpx.Response(200, json=payload)).fetch_text(transcript_ref())


def test_an_expired_link_is_read_anew_later():
    payload = {"id": TRANSCRIPT, "data": {"download_url": "https://x.test/t"}}

    with pytest.raises(Unavailable):
        answered(httpx.Response(200, json=payload), httpx.Response(403)).fetch_text(transcript_ref())


def test_the_text_of_a_deleted_transcript_is_not_found(recall):
    with pytest.raises(NotFound):
        recall.adapter.fetch_text(transcript_ref())


# What every read shares.


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, Refused),
        (401, CredentialsRefused),
        (402, CredentialsRefused),
        (429, Throttled),
        (500, Unavailable),
        (503, Unavailable),
        (507, Unavailable),
        (302, Unavailable),
    ],
)
def test_what_an_answer_means_for_a_read(status, error):
    adapter = answered(httpx.Response(status))

    for read in (
        lambda: adapter.fetch("recording", RECORDING),
        lambda: adapter.list_recordings(since=None, until=None),
        adapter.list_calls,
    ):
        with pytest.raises(error) as caught:
            read()
        assert caught.value.status == status


def test_a_throttled_list_closes_its_own_bucket():
    adapter = answered(httpx.Response(429, headers={"Retry-After": "9"}))

    with pytest.raises(Throttled) as listed:
        adapter.list_transcripts(since=None, until=None)
    with pytest.raises(Throttled) as read:
        adapter.fetch("call", BOT)

    assert (listed.value.bucket, read.value.bucket) == ("list", "retrieve")
    assert listed.value.retry_after_seconds == 9


@pytest.mark.parametrize("answer", [httpx.Response(404, html="<p>No</p>"), httpx.Response(404)])
def test_a_404_that_is_not_the_apis_deletes_nothing(answer):
    with pytest.raises(Refused) as caught:
        answered(answer).fetch("recording", RECORDING)

    assert not isinstance(caught.value, NotFound)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"7", b"null"])
def test_a_read_without_an_object_is_unexpected(body):
    with pytest.raises(UnexpectedResponse):
        answered(httpx.Response(200, content=body)).fetch("recording", RECORDING)


@pytest.mark.parametrize("body", [{}, {"results": None}, {"results": {}}])
def test_a_list_without_results_is_unexpected(body):
    with pytest.raises(UnexpectedResponse):
        answered(httpx.Response(200, json=body)).list_recordings(since=None, until=None)


@pytest.mark.parametrize("item", [{}, {"id": None}, {"id": ""}, {"id": []}, "x", None])
def test_an_item_without_an_id_is_unexpected(item):
    adapter = answered(httpx.Response(200, json={"results": [item], "next": None}))

    for read in (adapter.list_recordings, adapter.list_transcripts):
        with pytest.raises(UnexpectedResponse):
            read(since=None, until=None)
    with pytest.raises(UnexpectedResponse):
        adapter.list_calls()


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.test/api/v1/recording/?cursor=x",
        "http://us-east-1.recall.ai/api/v1/recording/",
        "https://us-east-1.recall.ai@evil.test/api/v1/",
        "https://us-east-1.recall.ai.evil.test/api/v1/",
        "https://us-east-1.recall.ai/elsewhere/",
        "//evil.test/api/v1/",
        "/elsewhere",
    ],
)
def test_a_list_is_not_followed_to_a_foreign_address(link):
    adapter = answered(httpx.Response(200, json={"results": [], "next": link}))
    page = adapter.list_recordings(since=None, until=None)

    with pytest.raises(Refused):
        adapter.list_recordings(since=None, until=None, cursor=page.next_cursor)

    assert len(sent_by(adapter)) == 1


def test_a_list_goes_on_by_a_path_too():
    adapter = answered(httpx.Response(200, json={"results": [], "next": None}))

    adapter.list_recordings(since=None, until=None, cursor="/api/v1/recording/?cursor=abc")

    assert str(sent_by(adapter)[0].url) == "https://us-east-1.recall.ai/api/v1/recording/?cursor=abc"


def test_no_read_sends_a_body(recall):
    recall.finished()
    recall.adapter.list_calls()

    assert all(not each.body for each in recall.simulator.requests if each.method == "GET")


def test_ids_are_quoted():
    adapter = answered(httpx.Response(404, json={"detail": "Not found."}))

    adapter.fetch("recording", "../bot/?x=1")

    assert sent_by(adapter)[0].url.raw_path == b"/api/v1/recording/..%2Fbot%2F%3Fx%3D1/"


# The test of an account.


def test_a_working_account_is_healthy(recall):
    found = recall.adapter.check()

    assert found.is_healthy
    assert found.message == "The API key works."
    assert found.details["Address"] == "http://sim.test"
    assert found.details["Usable signing secrets"] == "2"
    assert "hours" in found.details["Bot time this month"]


def test_a_missing_signing_secret_is_told():
    found = Account(webhook_secrets="").adapter.check()

    assert found.is_healthy
    assert "every webhook is refused" in found.message


@pytest.mark.parametrize("changes", [{"api_key": "wrong"}, {"api_key": ""}])
def test_a_wrong_key_is_told(changes):
    found = Account(**changes).adapter.check()

    assert not found.is_healthy
    assert "API key" in found.message


def test_usage_that_cannot_be_read_is_left_out():
    listed = httpx.Response(200, json={"results": []})
    for answer in (httpx.Response(403), httpx.Response(200, json={"bot_total": "much"})):
        found = answered(listed, answer).check()

        assert found.is_healthy
        assert "Bot time this month" not in found.details


# Values.


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1.5", 1.5),
        (2, 2.0),
        ("nan", None),
        (float("inf"), None),
        (10**400, None),
        (True, None),
        (None, None),
        ("x", None),
    ],
)
def test_numbers_are_finite_or_unknown(value, expected):
    assert number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T05:04:05+02:00", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("0001-01-01T00:00:00+23:00", None),
        ("soon", None),
        (None, None),
        ({}, None),
    ],
)
def test_moments_are_in_utc_or_unknown(value, expected):
    assert moment(value) == expected


def test_text_is_text():
    assert [text(each) for each in (" a ", 5, True, None, 1.5)] == ["a", "5", "", "", ""]


FIELDS = st.sampled_from(
    [
        "id",
        "status",
        "status_changes",
        "recordings",
        "meeting_url",
        "metadata",
        "bot",
        "code",
        "sub_code",
        "created_at",
        "join_at",
        "media_shortcuts",
        "video_mixed",
        "transcript",
        "data",
        "format",
        "provider",
        "started_at",
        "platform",
        "completed_at",
        "download_url",
        "tapedeck_key",
        "words",
        "participant",
        "text",
        "title",
        "meeting_metadata",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=5),
    max_leaves=25,
)


@given(payload=st.dictionaries(FIELDS, JSON, max_size=10))
@settings(max_examples=300, deadline=None)
def test_no_types_of_json_break_a_snapshot(payload):
    for reader in (call_snapshot, recording_snapshot, transcript_snapshot):
        try:
            found = reader(payload)
        except ProviderError:
            continue
        assert found.external_id


@given(entries=st.lists(JSON, max_size=5) | JSON)
@settings(max_examples=200, deadline=None)
def test_no_types_of_json_break_a_text(entries):
    found = read_turns(replace(file_of("files/transcript.json"), content=json.dumps(entries).encode()))

    assert all(each.text for each in found.utterances)
