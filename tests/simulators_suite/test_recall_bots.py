"""The simulator of Recall.ai, sending bots: section 2 of its contract."""

import time

import pytest

from tests.simulators_suite.recall_client import NOW, data, recall

UNSTARTED = "Cannot send a command to a bot which has not been started."


def iso(moment):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


def test_bot_joins_and_records():
    world = recall()
    url = world.simulator.place_meeting()

    answer = world.post("bot/", {"meeting_url": url, "metadata": {"key": "1"}})
    world.simulator.advance(20)

    bot = data(answer)
    assert (answer.status, bot["status_changes"], bot["recordings"]) == (201, [], [])
    assert bot["meeting_url"]["platform"] == "zoom"
    assert world.events() == [
        "bot.joining_call",
        "bot.in_call_not_recording",
        "bot.recording_permission_allowed",
        "bot.in_call_recording",
        "recording.processing",
        "video_mixed.processing",
        "participant_events.processing",
        "meeting_metadata.processing",
    ]
    assert world.simulator.effects("send_bot")[0].details["options"] == {
        "meeting_url": url,
        "metadata": {"key": "1"},
    }


def test_waiting_room_refuses_recording_until_admitted():
    world = recall()
    url = world.simulator.place_meeting(platform="google_meet", has_waiting_room=True)
    bot = data(
        world.post("bot/", {"meeting_url": url, "recording_config": {"start_recording_on": "manual"}})
    )["id"]
    world.simulator.advance(10)
    waiting = world.status(bot)

    refused = world.post(f"bot/{bot}/start_recording/", {})
    world.simulator.admit(url)
    world.simulator.advance(60)

    assert waiting == "in_waiting_room"
    assert data(refused) == {"code": "cannot_command_unstarted_bot", "detail": UNSTARTED}
    assert world.status(bot) == "in_call_not_recording"


def test_waiting_room_ends_by_the_platforms_ceiling():
    world = recall()
    url = world.simulator.place_meeting(platform="google_meet", has_waiting_room=True)
    bot = data(world.post("bot/", {"meeting_url": url}))["id"]

    world.simulator.advance(700)

    ended = next(c for c in world.get(f"bot/{bot}/")["status_changes"] if c["code"] == "call_ended")
    assert ended["sub_code"] == "call_ended_by_platform_waiting_room_timeout"


def test_unknown_meeting_is_fatal():
    world = recall()
    bot = data(world.post("bot/", {"meeting_url": "https://zoom.us/j/123456"}))["id"]

    world.simulator.advance(10)

    assert world.status(bot) == "fatal"
    assert world.letters[-1].json["data"]["data"]["sub_code"] == "meeting_not_found"
    assert world.letters[-1].json["data"]["bot"] == {"id": bot, "metadata": {}}


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("meeting_url", {}),
        ("meeting_url", {"meeting_url": "not a link"}),
        ("transcription_options", {"transcription_options": {"provider": "meeting_captions"}}),
        ("metadata", {"metadata": {"number": 1}}),
        ("join_at", {"join_at": "tomorrow"}),
        ("recording_config", {"recording_config": {"transcript": {"provider": {"recallai_async": {}}}}}),
        ("recording_config", {"recording_config": {"start_recording_on": "whenever"}}),
    ],
)
def test_bad_bot_is_refused_with_the_field(field, body):
    world = recall()
    given = body if field == "meeting_url" else {"meeting_url": world.simulator.place_meeting(), **body}

    answer = world.post("bot/", given)

    assert (answer.status, list(data(answer))) == (400, [field])
    assert not world.simulator.effects("send_bot")


def test_refusing_tenant_and_used_up_credit():
    world = recall()
    url = world.simulator.place_meeting(platform="microsoft_teams", refuses_bots=True)

    refused = world.post("bot/", {"meeting_url": url})
    world.simulator.switch(credit_used_up=True)
    unpaid = world.post("bot/", {"meeting_url": world.simulator.place_meeting()})

    assert data(refused)["code"] == "teams_blacklisted_tenant"
    assert unpaid.status == 402


def test_scheduled_bot_can_be_moved_and_deleted_until_it_joins():
    world = recall()
    world.simulator.switch(pool=0)
    order = {"meeting_url": world.simulator.place_meeting(), "join_at": iso(NOW + 3600)}
    moved, deleted = (data(world.post("bot/", order))["id"] for _ in range(2))

    change = world.ask("PATCH", f"bot/{moved}/", {"join_at": iso(NOW + 7200), "bot_name": "Later"})
    too_near = world.ask("PATCH", f"bot/{moved}/", {"join_at": iso(NOW + 60)})
    gone = world.ask("DELETE", f"bot/{deleted}/")
    world.simulator.advance(3700)
    before = world.get(f"bot/{moved}/")
    world.simulator.advance(3600)
    after = world.get(f"bot/{moved}/")

    assert (change.status, data(change)["bot_name"]) == (200, "Later")
    assert (too_near.status, data(too_near)["code"]) == (400, "update_bot_failed")
    assert (gone.status, gone.body) == (204, b"")
    assert world.ask("GET", f"bot/{deleted}/").status == 404
    assert (before["status_changes"], after["join_at"]) == ([], None)
    assert after["status_changes"][0]["code"] == "joining_call"


def test_sent_bot_can_be_neither_changed_nor_deleted():
    world = recall()
    bot = data(world.post("bot/", {"meeting_url": world.simulator.place_meeting()}))["id"]

    changed, deleted = (
        world.ask("PATCH", f"bot/{bot}/", {"bot_name": "x"}),
        world.ask("DELETE", f"bot/{bot}/"),
    )

    assert (changed.status, data(changed)["code"]) == (400, "update_bot_failed")
    assert (deleted.status, data(deleted)["code"]) == (405, "cannot_delete_bot")
