"""The simulator of Recall.ai, webhooks: section 5 of its contract."""

import json
from pathlib import Path

import pytest

from tests.simulators.recall.webhooks import signature
from tests.simulators_suite.recall_client import NOW, passes, recall

VECTORS = json.loads((Path(__file__).parents[1] / "fixtures" / "recall" / "vectors.json").read_text())
OTHER = "https://other.example.com/hook"


def one_event(world):
    world.simulator.place_call()
    world.simulator.advance(0)


@pytest.mark.parametrize("vector", VECTORS)
def test_signature_vectors(vector):
    found = signature(vector["secret"], vector["id"], vector["timestamp"], vector["body"].encode())

    assert found == vector["signature"]


def test_workspace_secret_signs_with_webhook_headers():
    world = recall()

    one_event(world)

    letter = world.letters[0]
    secret = world.simulator.account()["secrets"]["webhook_secrets"].splitlines()[0]
    assert passes(secret, "webhook", letter.headers, letter.body)
    assert letter.headers["webhook-timestamp"] == str(int(NOW))
    assert not any(name.startswith("svix") for name in letter.headers)
    assert not passes(secret, "webhook", letter.headers, letter.body + b" ")


def test_old_endpoint_has_its_own_secret_and_svix_headers():
    world = recall()
    world.simulator.set_webhook(OTHER, has_own_secret=True)

    one_event(world)

    letter = world.letters[0]
    workspace, own = world.simulator.account()["secrets"]["webhook_secrets"].splitlines()
    assert letter.url == OTHER
    assert passes(own, "svix", letter.headers, letter.body)
    assert not passes(workspace, "svix", letter.headers, letter.body)


def test_both_families_and_foreign_versions():
    world = recall()
    world.simulator.switch(header_family="both", other_versions=True)

    one_event(world)

    letter = world.letters[0]
    secret = world.simulator.webhooks.secrets[0]
    assert passes(secret, "webhook", letter.headers, letter.body)
    assert passes(secret, "svix", letter.headers, letter.body)
    assert letter.headers["webhook-signature"].startswith("v1a,")


def test_rotation_signs_twice():
    world = recall()
    old = world.simulator.webhooks.secrets[0]

    new = world.simulator.rotate_webhook_secret()
    one_event(world)

    letter = world.letters[0]
    assert old != new
    assert all(passes(secret, "webhook", letter.headers, letter.body) for secret in (old, new))


def test_no_secret_yet_means_no_signature_headers():
    world = recall()
    world.simulator.switch(signed=False)

    one_event(world)

    assert set(world.letters[0].headers) == {"content-type"}


def test_false_signature_is_followed_by_true_ones():
    world = recall()
    world.simulator.switch(wrong_signatures=1)
    world.answers = [400]

    one_event(world)
    world.simulator.advance(5)

    secret = world.simulator.webhooks.secrets[0]
    joined = [letter for letter in world.letters if letter.event == "bot.joining_call"]
    assert [passes(secret, "webhook", letter.headers, letter.body) for letter in joined] == [False, True]


def test_eight_attempts_with_one_id_over_a_day():
    world = recall()
    world.simulator.set_webhook(OTHER, events=["bot.joining_call"])
    world.answer = 500

    one_event(world)
    world.simulator.advance(3 * 86400)

    waits = [round(letter.at - NOW) for letter in world.letters]
    assert waits == [0, 5, 305, 2105, 9305, 27305, 63305, 99305]
    assert len({letter.headers["webhook-id"] for letter in world.letters}) == 1
    assert world.letters[-1].headers["webhook-timestamp"] == str(int(NOW) + 99305)


@pytest.mark.parametrize("status", [200, 204, 299])
def test_any_2xx_ends_the_retries(status):
    world = recall()
    world.answer = status

    one_event(world)
    world.simulator.advance(3600)

    assert world.events() == ["bot.joining_call", "bot.in_call_not_recording"]


def test_endpoint_that_only_fails_for_five_days_is_disabled():
    world = recall()
    world.answer = None
    for _ in range(7):
        one_event(world)
        world.simulator.advance(86400)
    world.letters.clear()

    one_event(world)
    silent = list(world.letters)
    world.simulator.enable_webhooks()
    one_event(world)

    assert silent == []
    assert world.letters
    assert [effect.subject for effect in world.simulator.effects("webhook_disabled")]


def test_subscription_and_two_endpoints():
    world = recall()
    world.simulator.set_webhook(OTHER, events=["bot.joining_call"])
    world.simulator.add_webhook("https://third.example.com/")

    one_event(world)

    assert [(letter.url, letter.event) for letter in world.letters] == [
        (OTHER, "bot.joining_call"),
        ("https://third.example.com/", "bot.joining_call"),
        ("https://third.example.com/", "bot.in_call_not_recording"),
    ]
    assert world.letters[0].headers["webhook-id"] == world.letters[1].headers["webhook-id"]


def test_duplicates_and_resends_keep_their_id():
    world = recall()
    world.simulator.chaos(duplicates=1)
    one_event(world)

    resent = world.simulator.resend_callbacks("bot.joining_call")
    world.simulator.advance(0)

    joined = [letter for letter in world.letters if letter.event == "bot.joining_call"]
    assert (resent, len(joined)) == (1, 3)
    assert len({letter.headers["webhook-id"] for letter in joined}) == 1


def test_dropped_callbacks_leave_the_truth_standing():
    world = recall()
    world.simulator.chaos(drop=1.0)

    _, recording = world.recorded()

    assert world.letters == []
    assert world.simulator.truth()["recordings"][recording]["status"] == "done"


def test_bot_in_transcript_events_can_be_null():
    world = recall()
    world.simulator.switch(bot_in_transcript_events=False)
    _, recording = world.recorded()

    world.transcribed(recording)
    world.simulator.advance(0)

    assert world.letters[-1].json["data"]["bot"] is None
