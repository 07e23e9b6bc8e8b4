"""The simulator of Recall.ai, commands to bots: sections 2.3 and 2.5 of its contract."""

import time

import pytest

from tests.simulators_suite.recall_client import NOW, data, recall

COMMANDS = ("start_recording", "stop_recording", "pause_recording", "resume_recording", "leave_call")


def iso(moment):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


@pytest.mark.parametrize("command", COMMANDS)
def test_command_to_a_bot_that_has_not_started(command):
    world = recall()
    bot = data(world.post("bot/", {"meeting_url": world.simulator.place_meeting()}))["id"]

    answer = world.post(f"bot/{bot}/{command}/")

    assert (answer.status, data(answer)["code"]) == (400, "cannot_command_unstarted_bot")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("code", ["cannot_command_completed_bot", "cannot_command_unstarted_bot"])
def test_command_to_a_finished_bot(command, code):
    world = recall()
    world.simulator.switch(finished_bot_code=code)
    bot = world.simulator.place_call()
    world.simulator.end_call(bot)
    leaving = world.post(f"bot/{bot}/{command}/")
    world.simulator.advance(10)

    finished = world.post(f"bot/{bot}/{command}/")

    assert world.status(bot) == "done"
    assert data(leaving)["code"] == "cannot_command_completed_bot"
    assert (finished.status, data(finished)["code"]) == (400, code)


def test_leave_ends_the_call_and_shuts_down():
    world = recall()
    bot, recording = world.recording_call()

    answer = world.post(f"bot/{bot}/leave_call/")
    world.simulator.advance(20)

    left = data(answer)["status_changes"][-1]
    assert (left["code"], left["sub_code"]) == ("call_ended", "bot_received_leave_call")
    codes = [change["code"] for change in world.get(f"bot/{bot}/")["status_changes"]]
    assert codes[-3:] == ["call_ended", "recording_done", "done"]
    assert world.get(f"recording/{recording}/")["status"]["code"] == "done"
    assert "bot.recording_done" not in world.events()


def test_denied_recording_leaves_after_half_a_minute():
    world = recall()
    bot = world.simulator.place_call(permission="denied")

    answer = world.post(f"bot/{bot}/start_recording/", {})
    world.simulator.advance(2)
    denied = world.get(f"bot/{bot}/")["status_changes"][-1]
    world.simulator.advance(31)

    assert answer.status == 200
    assert denied["code"] == "recording_permission_denied"
    assert denied["sub_code"] == "zoom_local_recording_request_denied_by_host"
    assert world.get(f"bot/{bot}/")["recordings"] == []
    assert (
        world.letters[-2].json["data"]["data"]["sub_code"] == "timeout_exceeded_recording_permission_denied"
    )


def test_asking_again_records_once_the_host_consents():
    world = recall()
    bot = world.simulator.place_call(permission="pending")
    world.post(f"bot/{bot}/start_recording/", {})
    world.simulator.advance(5)
    before = world.status(bot)

    world.simulator.allow_recording(bot)
    world.simulator.advance(2)

    assert before == "in_call_not_recording"
    assert world.status(bot) == "in_call_recording"
    assert world.post(f"bot/{bot}/request_recording_permission/").status == 200


def test_chat_messages_go_into_a_call_only():
    world = recall()
    bot = world.simulator.place_call()
    path = f"bot/{bot}/send_chat_message/"

    assert world.post(path, {"message": "We record."}).status == 200
    assert [world.post(path, body).status for body in ({}, {"message": ""}, {"message": "x" * 4097})] == [
        400,
        400,
        400,
    ]
    world.simulator.end_call(bot)
    assert world.post(path, {"message": "Too late."}).status == 400
    assert [each.details["options"] for each in world.simulator.effects("send_chat_message")] == [
        {"message": "We record."}
    ]


def test_kick_and_everyone_leaving():
    world = recall()
    kicked, deserted = world.simulator.place_call(), world.simulator.place_call()

    world.simulator.kick(kicked)
    world.simulator.person_leaves(deserted)
    world.simulator.advance(10)

    ends = {
        letter.json["data"]["bot"]["id"]: letter.json["data"]["data"]["sub_code"]
        for letter in world.letters
        if letter.event == "bot.call_ended"
    }
    assert ends == {kicked: "bot_kicked_from_call", deserted: "timeout_exceeded_everyone_left"}


def test_recording_waits_for_people():
    world = recall()
    url = world.simulator.place_meeting(is_empty=True)
    bot = data(world.post("bot/", {"meeting_url": url}))["id"]
    world.simulator.advance(60)
    empty = world.status(bot)

    world.simulator.person_joins(url, "Ada Example")
    world.simulator.advance(3)

    assert (empty, world.status(bot)) == ("in_call_not_recording", "in_call_recording")


def test_billing_counts_from_joining_to_done():
    world = recall()
    bot = data(world.post("bot/", {"meeting_url": world.simulator.place_meeting()}))["id"]
    world.simulator.advance(101)
    world.post(f"bot/{bot}/leave_call/")
    world.simulator.advance(100)

    assert world.get("billing/usage/") == {"bot_total": 106.0}
    assert world.get("billing/usage/", end=iso(NOW + 51)) == {"bot_total": 50.0}
