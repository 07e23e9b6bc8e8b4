"""The simulator of Recall.ai, downloads, retention and deletion: sections 3.4 and 3.5 of its contract."""

from datetime import datetime

import pytest

from tests.simulators_suite.recall_client import NOW, RECALLAI, data, recall


def seconds(text):
    return datetime.fromisoformat(text).timestamp()


def test_links_expire_and_refuse_credentials():
    world = recall()
    _, recording = world.recorded()

    def link():
        return world.get(f"recording/{recording}/")["media_shortcuts"]["video_mixed"]["data"]["download_url"]

    first = link()
    good, keyed = world.download(first), world.download(first, authorization="Token x")
    forged = world.download(first.replace("Expires=1", "Expires=2"))
    piece = world.download(first, range="bytes=0-9")
    world.simulator.advance(6 * 3600)

    assert "/_storage/" in first
    assert (good.status, keyed.status, forged.status) == (200, 400, 403)
    assert (piece.status, piece.body) == (206, good.body[:10])
    assert world.download(first).status == 403
    assert world.download(link()).status == 200


def test_timed_retention_ends_by_itself():
    world = recall()
    _, recording = world.recorded(retention={"type": "timed", "hours": 2})
    link = world.get(f"recording/{recording}/")["media_shortcuts"]["video_mixed"]["data"]["download_url"]
    expires_at = world.get(f"recording/{recording}/")["expires_at"]
    world.letters.clear()

    world.simulator.advance(2 * 3600)

    assert seconds(expires_at) == pytest.approx(NOW + 15 + 2 * 3600, abs=0.01)
    assert world.ask("GET", f"recording/{recording}/").status == 404
    assert world.download(link).status == 404
    assert world.events()[-1] == "recording.deleted"
    assert "video_mixed.deleted" in world.events()


def test_default_retention_is_for_ever_and_null_keeps_nothing():
    world = recall()
    _, kept = world.recorded()
    _, nothing = world.recorded(retention=None)

    shape = world.get(f"recording/{nothing}/")

    assert world.get(f"recording/{kept}/")["expires_at"] is None
    assert set(shape["media_shortcuts"].values()) == {None}
    assert world.post(f"recording/{nothing}/create_transcript/", RECALLAI).status == 400


@pytest.mark.parametrize(("setting", "status"), [("404", 404), ("object", 200)])
def test_deleted_recording(setting, status):
    world = recall()
    world.simulator.switch(deleted_get=setting)
    _bot, recording = world.recorded()
    transcript = world.transcribed(recording)["id"]
    world.simulator.advance(6)

    deleted = world.ask("DELETE", f"recording/{recording}/")
    world.simulator.advance(1)

    assert (deleted.status, deleted.body) == (204, b"")
    assert world.ask("GET", f"recording/{recording}/").status == status
    assert world.ask("GET", f"transcript/{transcript}/").status == status
    assert world.ask("DELETE", f"recording/{recording}/").status == 404
    assert world.events()[-1] == "recording.deleted"
    assert "transcript.deleted" in world.events()
    assert world.simulator.truth()["recordings"][recording]["status"] == "deleted"
    assert len(world.simulator.effects("delete_recording")) == 1


def test_delete_media_takes_all_recordings_of_a_bot():
    world = recall()
    bot, _first = world.recorded()
    world.post(f"bot/{bot}/start_recording/", {})
    world.simulator.advance(5)
    world.post(f"bot/{bot}/leave_call/")
    world.simulator.advance(20)

    answer = world.post(f"bot/{bot}/delete_media/")

    assert answer.status == 200
    assert data(answer)["recordings"] == []
    assert data(answer)["status_changes"][-1]["code"] == "media_expired"
    assert len(world.simulator.effects("delete_media")[0].details["recordings"]) == 2
    assert world.get("recording/")["results"] == []


def test_deleting_a_running_recording_ends_it():
    world = recall()
    bot, recording = world.recording_call()

    world.ask("DELETE", f"recording/{recording}/")
    world.simulator.advance(10)

    assert world.status(bot) == "in_call_not_recording"
    assert "recording.done" not in world.events()


def test_artifacts_have_lists_of_their_own():
    world = recall()
    _, recording = world.recorded(
        video_mixed_layout="gallery_view_v2", video_separate_mp4={"metadata": {"a": "b"}}
    )

    [separate] = world.get("video_separate/", recording_id=recording)["results"]
    [mixed] = world.get("video_mixed/", recording_id=recording, status_code="done")["results"]
    world.ask("DELETE", f"video_mixed/{mixed['id']}/")

    assert (separate["metadata"], separate["recording"]["id"]) == ({"a": "b"}, recording)
    assert world.get("audio_mixed/", recording_id=recording)["results"] == []
    assert world.ask("GET", f"video_mixed/{mixed['id']}/").status == 404
    assert world.get(f"recording/{recording}/")["media_shortcuts"]["video_mixed"] is None
