"""The simulator of Recall.ai, rate limits and idempotency keys: sections 1.5 and 1.7 of its contract."""

from tests.simulators_suite.recall_client import data, recall


def test_sliding_minute_of_a_list():
    world = recall()
    answers = [world.ask("GET", "bot/").status for _ in range(30)]
    world.simulator.advance(30)
    answers += [world.ask("GET", "bot/").status for _ in range(30)]

    refused = world.ask("GET", "bot/")
    world.simulator.advance(30)

    assert set(answers) == {200}
    assert (refused.status, refused.headers["Retry-After"]) == (429, "30")
    assert data(refused)["detail"] == "Request was throttled. Expected available in 30 seconds."
    assert world.ask("GET", "recording/").status == 200
    assert world.ask("GET", "bot/").status == 200


def test_throttled_command_does_nothing():
    world = recall()
    world.simulator.switch(rate_limits={"command": 1})
    bot = world.simulator.place_call()
    world.post(f"bot/{bot}/start_recording/", {})
    world.simulator.advance(2)

    refused = world.post(f"bot/{bot}/start_recording/", {})

    assert refused.status == 429
    assert len(world.simulator.effects("start_recording")) == 1


def test_key_replays_for_an_hour_whatever_the_body():
    world = recall()
    bot = world.simulator.place_call()
    path = f"bot/{bot}/start_recording/"
    first = world.post(path, {"metadata": {"a": "1"}}, key="k")
    world.simulator.advance(10)

    again = world.post(path, {"metadata": {"a": "2"}}, key="k")
    world.simulator.advance(3600)
    fresh = world.post(path, {}, key="k")

    assert again.body == first.body
    assert fresh.body != first.body
    assert len(world.simulator.effects("start_recording")) == 2


def test_key_belongs_to_path_and_method():
    world = recall()
    one, other = world.simulator.place_call(), world.simulator.place_call()

    for bot in (one, other):
        world.post(f"bot/{bot}/start_recording/", {}, key="k")

    assert [effect.subject for effect in world.simulator.effects("start_recording")] == [one, other]


def test_twin_while_the_first_runs_is_409():
    world = recall()
    world.simulator.switch(running_seconds=10)
    path = f"bot/{world.simulator.place_call()}/start_recording/"
    first = world.post(path, {}, key="k")

    twin = world.post(path, {}, key="k")
    world.simulator.advance(11)

    assert twin.status == 409
    assert world.post(path, {}, key="k").body == first.body
    assert len(world.simulator.effects("start_recording")) == 1


def test_errors_replay_too():
    world = recall()
    world.simulator.switch(pool=0)
    body = {"meeting_url": world.simulator.place_meeting()}
    first = world.post("bot/", body, key="k")
    world.simulator.switch(pool=None)

    assert (first.status, first.headers["Retry-After"]) == (507, "30")
    assert world.post("bot/", body, key="k").status == 507
    assert world.post("bot/", body, key="other").status == 201


def test_lost_answer_is_found_again_by_its_key():
    world = recall()
    path = f"bot/{world.simulator.place_call()}/start_recording/"
    world.simulator.fail(kind="drop_after", path_contains="start_recording")

    lost = world.post(path, {}, key="k")
    again = world.post(path, {}, key="k")

    assert lost.is_dropped
    assert (again.status, again.is_dropped) == (200, False)
    assert len(world.simulator.effects("start_recording")) == 1


def test_dropped_before_acting_stores_nothing():
    world = recall()
    path = f"bot/{world.simulator.place_call()}/start_recording/"
    world.simulator.fail(kind="drop")
    world.post(path, {}, key="k")

    assert not world.simulator.effects("start_recording")
    assert world.post(path, {}, key="k").status == 200


def test_throttled_answer_is_not_stored():
    world = recall()
    world.simulator.switch(rate_limits={"command": 0})
    path = f"bot/{world.simulator.place_call()}/start_recording/"
    world.post(path, {}, key="k")
    world.simulator.switch(rate_limits={"command": 300})

    assert world.post(path, {}, key="k").status == 200
