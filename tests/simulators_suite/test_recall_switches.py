"""The simulator of Recall.ai: each behaviour that its contract leaves open is a switch that turns."""

from datetime import datetime
from email.utils import parsedate_to_datetime

from tests.simulators.speech import conversation
from tests.simulators_suite.recall_client import NOW, RECALLAI, data, recall


def switched(**settings):
    world = recall()
    world.simulator.switch(**settings)
    return world


def test_waiting_room_may_queue_the_start():
    world = switched(waiting_room_start="queue")
    url = world.simulator.place_meeting(has_waiting_room=True)
    bot = data(
        world.post("bot/", {"meeting_url": url, "recording_config": {"start_recording_on": "manual"}})
    )["id"]
    world.simulator.advance(10)

    answer = world.post(f"bot/{bot}/start_recording/", {})
    world.simulator.admit(url)
    world.simulator.advance(3)

    assert (answer.status, world.status(bot)) == (200, "in_call_recording")


def test_joining_bot_may_leave():
    world = switched(joining_leave="accept")
    bot = data(world.post("bot/", {"meeting_url": world.simulator.place_meeting()}))["id"]
    world.simulator.advance(2)

    assert world.post(f"bot/{bot}/leave_call/").status == 200
    assert world.status(bot) == "call_ended"


def test_shapes_of_lists():
    world = switched(page_size=1, bot_list_cursor=True, bare_cursor=True, list_order="oldest")
    first = world.simulator.place_call()
    world.simulator.advance(1)
    world.simulator.place_call()

    page = world.get("bot/")
    second = world.get("bot/", cursor=page["next"])

    assert "count" not in page
    assert [row["id"] for row in page["results"]] == [first]
    assert second["results"][0]["id"] != first


def test_broken_list_never_ends():
    world = switched(page_size=1, repeat_cursor=True)
    for _ in range(3):
        world.recorded()
    second = world.follow(world.get("recording/")["next"])

    third = world.follow(second["next"])

    assert third["results"] == second["results"]


def test_keys_of_samples():
    world = switched(extra_keys=True, transcript_shows_source=True, transcript_status=201)
    bot, recording = world.recorded()

    answer = world.post(f"recording/{recording}/create_transcript/", RECALLAI)

    assert (answer.status, data(answer)["recording"]["source"]) == (201, {"bot": {"id": bot}})
    assert world.get(f"bot/{bot}/")["recording"] == recording
    assert world.get(f"recording/{recording}/")["bot_id"] == bot


def test_running_recording_may_be_kept_from_deletion():
    world = switched(delete_in_progress="refuse")
    bot, recording = world.recording_call()

    assert world.ask("DELETE", f"recording/{recording}/").status == 400
    assert world.post(f"bot/{bot}/delete_media/").status == 400
    assert world.simulator.truth()["recordings"][recording]["is_live"]


def test_pause_may_show_on_the_bot():
    world = switched(pause_shows_on_bot=True)
    bot, _ = world.recording_call()

    world.post(f"bot/{bot}/pause_recording/")

    assert world.status(bot) == "in_call_not_recording"


def test_duration_may_be_the_true_one():
    world = switched(reported_duration="wall")
    _, recording = world.recorded()

    shape = world.get(f"recording/{recording}/")

    lasted = datetime.fromisoformat(shape["completed_at"]) - datetime.fromisoformat(shape["started_at"])
    assert lasted.total_seconds() == 10


def test_retry_after_may_be_a_date_and_limits_shared():
    world = switched(retry_after_as_date=True, shared_limits=True, rate_limits={"list": 1})
    world.ask("GET", "bot/")

    refused = world.ask("GET", "recording/")

    assert refused.status == 429
    assert parsedate_to_datetime(refused.headers["Retry-After"]).timestamp() == NOW + 60


def test_unauthorised_answer_may_carry_a_code():
    world = switched(unauthorized_code="authentication_failed")

    answer = world.ask("GET", "bot/", headers={"authorization": "Token no"})

    assert data(answer) == {"detail": "Invalid token.", "code": "authentication_failed"}


def test_meeting_url_is_cleared_after_some_days():
    world = switched(meeting_url_seconds=3600)
    bot = world.simulator.place_call()
    world.simulator.end_call(bot)

    before = world.get(f"bot/{bot}/")["meeting_url"]
    world.simulator.advance(3600)

    assert before["platform"] == "zoom"
    assert world.get(f"bot/{bot}/")["meeting_url"] is None


def test_word_times_may_be_absolute():
    world = switched(absolute_times=True)
    _, recording = world.recorded()
    order = world.transcribed(recording)["id"]
    world.simulator.advance(6)

    turns = data(world.download(world.get(f"transcript/{order}/")["data"]["download_url"]))

    first = turns[0]["words"][0]["start_timestamp"]
    started = datetime.fromisoformat(world.get(f"recording/{recording}/")["started_at"]).timestamp()
    assert first["relative"] == conversation(0).turns[0].start
    assert abs(datetime.fromisoformat(first["absolute"]).timestamp() - started - first["relative"]) < 0.001


def test_host_may_forbid_a_running_recording():
    world = recall()
    bot, recording = world.recording_call()

    world.simulator.deny_recording(bot)
    world.simulator.advance(5)

    assert world.get(f"recording/{recording}/")["status"]["code"] == "done"
    assert world.status(bot) == "recording_permission_denied"


def test_api_key_can_be_replaced():
    world = recall()
    old = world.simulator.api_key

    world.simulator.rotate_api_key()

    assert world.ask("GET", "bot/", headers={"authorization": f"Token {old}"}).status == 401
    assert world.simulator.account()["secrets"]["api_key"] != old
