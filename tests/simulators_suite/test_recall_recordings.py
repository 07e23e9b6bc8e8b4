"""The simulator of Recall.ai, recordings: sections 2.4 and 3 of its contract."""

from datetime import datetime

import pytest

from tests.simulators.speech import conversation
from tests.simulators_suite.recall_client import RECALLAI, data, recall


def seconds(text):
    return datetime.fromisoformat(text).timestamp()


def test_start_is_accepted_before_it_records():
    world = recall()
    bot = world.simulator.place_call()
    options = {"metadata": {"tapedeck": "1"}, "retention": {"type": "timed", "hours": 2}}

    answer = world.post(f"bot/{bot}/start_recording/", options)
    world.simulator.advance(2)

    assert (answer.status, data(answer)["recordings"]) == (200, [])
    [recording] = world.get(f"bot/{bot}/")["recordings"]
    assert (recording["metadata"], recording["status"]["code"]) == ({"tapedeck": "1"}, "processing")
    assert (recording["started_at"] is None, recording["completed_at"]) == (False, None)
    effect = world.simulator.effects("start_recording")[0]
    assert (effect.subject, effect.details["options"]) == (bot, options)
    assert [row["id"] for row in world.get("recording/", metadata__tapedeck="1")["results"]] == [
        recording["id"]
    ]
    assert world.get("recording/", metadata__tapedeck="2")["results"] == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("video_mixed_layout", "grid"),
        ("start_recording_on", "manual"),
        ("retention", {"type": "timed", "hours": 0}),
        ("retention", {"type": "never"}),
        ("transcript", {"provider": {"recallai_async": {}}}),
        ("transcript", {"metadata": {}}),
        (
            "realtime_endpoints",
            [{"type": "webhook", "url": "https://a.example", "events": ["transcript.done"]}],
        ),
        ("video_mixed_mp4", {"quality": "high"}),
        ("video_separate_mp4", {}),
        ("include_bot_in_recording", {"video": True}),
        ("metadata", {"a": ["b"]}),
        ("surprise", 1),
    ],
)
def test_bad_option_of_start_recording(field, value):
    world = recall()
    bot = world.simulator.place_call()

    answer = world.post(f"bot/{bot}/start_recording/", {field: value})

    assert (answer.status, list(data(answer))) == (400, [field])
    assert not world.simulator.effects("start_recording")


def test_stop_finalises_and_stays_in_the_call():
    world = recall()
    bot, recording = world.recording_call(audio_mixed_mp3={})
    world.letters.clear()

    stopped = world.post(f"bot/{bot}/stop_recording/")
    finalising = world.get(f"recording/{recording}/")
    world.simulator.advance(5)
    done = world.get(f"recording/{recording}/")

    assert data(stopped)["status_changes"][-1]["code"] == "in_call_not_recording"
    assert finalising["status"]["code"] == "processing"
    assert finalising["completed_at"] is not None
    assert finalising["media_shortcuts"]["video_mixed"]["data"] == {"download_url": None}
    assert done["status"]["code"] == "done"
    assert done["media_shortcuts"]["audio_mixed"]["format"] == "mp3"
    assert set(world.events()) == {
        "bot.in_call_not_recording",
        "video_mixed.done",
        "audio_mixed.done",
        "participant_events.done",
        "meeting_metadata.done",
        "recording.done",
    }
    assert world.events()[-1] == "recording.done"


def test_finished_recording_reports_and_serves_its_conversation():
    world = recall()
    _, recording = world.recorded(audio_mixed_mp3={})
    shape = world.get(f"recording/{recording}/")
    spoken = conversation(0)

    video, audio = (
        world.download(shape["media_shortcuts"][kind]["data"]["download_url"])
        for kind in ("video_mixed", "audio_mixed")
    )

    assert seconds(shape["completed_at"]) - seconds(shape["started_at"]) == pytest.approx(
        spoken.duration_seconds, abs=0.001
    )
    assert (video.body, video.headers["Content-Type"]) == (spoken.audio("mp4"), "video/mp4")
    assert (audio.body, audio.headers["Content-Type"]) == (spoken.audio("mp3"), "audio/mpeg")


@pytest.mark.parametrize("fate", ["vanish", "deleted"])
def test_second_start_destroys_what_was_captured(fate):
    world = recall()
    world.simulator.switch(overwritten=fate)
    bot, old = world.recording_call()

    world.post(f"bot/{bot}/start_recording/", {})
    world.simulator.advance(2)

    [kept] = world.get(f"bot/{bot}/")["recordings"]
    assert kept["id"] != old
    assert world.ask("GET", f"recording/{old}/").status == 404
    assert world.simulator.effects("start_recording")[-1].details["overwrites"] == old
    assert [effect.subject for effect in world.simulator.effects("overwrite_recording")] == [old]
    assert ("recording.deleted" in world.events()) == (fate == "deleted")


def test_pause_keeps_one_recording():
    world = recall()
    bot, recording = world.recording_call()

    world.post(f"bot/{bot}/pause_recording/")
    paused = world.get(f"recording/{recording}/")["status"]["code"]
    twice = world.post(f"bot/{bot}/pause_recording/")
    world.post(f"bot/{bot}/resume_recording/")
    world.simulator.advance(0)

    assert (paused, twice.status) == ("paused", 400)
    assert world.get(f"recording/{recording}/")["status"]["code"] == "processing"
    assert world.events()[-2:] == ["recording.paused", "recording.processing"]
    assert [effect.result for effect in world.simulator.effects("resume_recording")] == [recording]


@pytest.mark.parametrize(("setting", "status"), [("refuse", 400), ("accept", 200)])
@pytest.mark.parametrize("command", ["stop_recording", "pause_recording", "resume_recording"])
def test_command_with_nothing_running(command, setting, status):
    world = recall()
    world.simulator.switch(idle_stop=setting)

    answer = world.post(f"bot/{world.simulator.place_call()}/{command}/")

    assert answer.status == status
    assert not world.simulator.effects(command)


def test_stop_before_it_has_begun_takes_the_start_back():
    world = recall()
    bot = world.simulator.place_call()

    world.post(f"bot/{bot}/start_recording/", {})
    stopped = world.post(f"bot/{bot}/stop_recording/")
    world.simulator.advance(10)

    assert stopped.status == 200
    assert world.get(f"bot/{bot}/")["recordings"] == []


def test_failed_recording_says_why():
    world = recall()
    world.simulator.fail_recordings("internal_error")
    _, recording = world.recorded()

    status = world.get(f"recording/{recording}/")["status"]
    event = world.letters[-1].json

    assert (status["code"], status["sub_code"]) == ("failed", "internal_error")
    assert event["event"] == "recording.failed"
    assert event["data"]["data"]["error"]["code"] == "INTERNAL_ERROR"
    assert world.post(f"recording/{recording}/create_transcript/", RECALLAI).status == 400


def test_metadata_of_a_recording_is_all_that_can_be_changed():
    world = recall()
    _, recording = world.recorded()

    good = world.ask("PATCH", f"recording/{recording}/", {"metadata": {"a": None}})
    bad = world.ask("PATCH", f"recording/{recording}/", {"started_at": None})

    assert (data(good)["metadata"], list(data(bad))) == ({"a": None}, ["started_at"])
