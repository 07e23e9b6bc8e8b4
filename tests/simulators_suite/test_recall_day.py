"""The simulator of Recall.ai, the day of the demo and the fixtures."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from tests.simulators_suite.recall_client import NOW, data, recall


def seconds(text):
    return datetime.fromisoformat(text).timestamp()


def test_day_has_history_and_moves_on():
    world = recall()
    world.simulator.begin_day()
    world.simulator.begin_day()
    first = world.simulator.truth()

    world.simulator.advance(1800)

    later = world.simulator.truth()
    words = {row["status"] for row in first["recordings"].values()}
    assert words == {"done", "failed", "processing"}
    assert {row["sub_code"] for row in first["transcripts"].values()} == {None, "provider_connection_failed"}
    assert 2 <= len(first["calls"]) <= 4
    assert not set(first["calls"]) & set(later["calls"])
    assert len(world.get("bot/")["results"]) > 10
    assert world.ask("GET", "bot/", query={"status": "in_call_recording"}).status == 200


def test_past_recordings_of_the_day_can_be_played_and_read():
    world = recall()
    world.simulator.begin_day()
    truth = world.simulator.truth()

    for key, row in truth["transcripts"].items():
        if row["status"] == "done":
            turns = data(world.download(world.get(f"transcript/{key}/")["data"]["download_url"]))
            recording = world.get(f"recording/{row['recording']}/")
            assert turns
            assert world.download(recording["media_shortcuts"]["video_mixed"]["data"]["download_url"]).body
            assert seconds(recording["completed_at"]) < NOW


def test_same_seed_is_the_same_day():
    one, other = recall(seed=7), recall(seed=7)
    for world in (one, other):
        world.simulator.begin_day()
        world.simulator.advance(900)

    assert one.simulator.truth() == other.simulator.truth()


def test_unknown_switch_is_an_error():
    with pytest.raises(ValueError, match="no switch"):
        recall().simulator.switch(surprise=True)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("recording.done", "recording/{recording}/"),
        ("bot.recording", "bot/{bot}/"),
        ("transcript.done", "transcript/{transcript}/"),
    ],
)
def test_fixture_has_the_keys_of_the_answer(name, path):
    world = recall()
    bot, recording = world.recorded(audio_mixed_mp3={})
    transcript = world.transcribed(recording)["id"]
    world.simulator.advance(6)

    answer = world.get(path.format(bot=bot, recording=recording, transcript=transcript))

    assert set(fixture(f"api/{name}")) == set(answer)


def test_callbacks_look_like_their_fixtures():
    world = recall()
    world.simulator.begin_day()
    world.simulator.fail_transcripts()
    bot, recording = world.recorded()
    for _ in range(2):
        world.transcribed(recording)
        world.simulator.advance(6)
    world.simulator.end_call(bot)
    world.simulator.expire_media(recording)
    world.simulator.advance(10)

    kinds = {letter.event: letter.json for letter in world.letters}

    assert len(kinds) > 15
    for event, body in kinds.items():
        assert keys(body) == keys(fixture(event)), event


def fixture(name):
    return json.loads((Path(__file__).parents[1] / "fixtures" / "recall" / f"{name}.json").read_text())


def keys(value):
    if not isinstance(value, dict):
        return None
    return {name: None if name == "metadata" else keys(item) for name, item in value.items()}
