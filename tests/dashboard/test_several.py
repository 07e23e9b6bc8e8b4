"""Several live calls at once: each is an order of its own, and what is left out says why."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from dashboard import many
from dashboard.models import User
from recordings.models import Account, Call, Operation, Preset, Recording
from tests.simulators.recall import RecallSimulator
from tests.simulators.twilio import TwilioSimulator
from tests.world import World

URL = "/now/several/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def calls(world: World, recall: RecallSimulator, account: Account) -> list[Call]:
    placed = [recall.place_call(title) for title in ("Planning", "Review", "Stand-up")]
    return [world.call(account, each) for each in placed]


def posted(client: Client, calls: list[Call], do: str, **data: Any) -> str:
    keys = [str(call.key) for call in calls]
    return client.post(URL, {"key": keys, "do": do, **data}, follow=True).content.decode()


def kinds() -> list[str]:
    return list(Operation.objects.order_by("pk").values_list("kind", flat=True))


def test_ticked_calls_are_recorded_paused_resumed_and_stopped(
    signed_in: Callable[[User], Client],
    operator: User,
    world: World,
    recall: RecallSimulator,
    calls: list[Call],
) -> None:
    client = signed_in(operator)

    assert "Start: 2 ordered." in posted(client, calls[:2], "start")
    world.advance(30)
    assert len(recall.effects("start_recording")) == 2
    for deed, effect in (
        ("pause", "pause_recording"),
        ("resume", "resume_recording"),
        ("stop", "stop_recording"),
    ):
        world.clock.advance(5)
        assert f"{many.LABELS[deed]}: 2 ordered." in posted(client, calls[:2], deed)
        world.advance(30)
        assert len(recall.effects(effect)) == 2
    assert not calls[2].recordings.exists()


def test_same_form_twice_orders_once(
    signed_in: Callable[[User], Client], operator: User, world: World, calls: list[Call]
) -> None:
    client = signed_in(operator)
    for _ in range(2):
        posted(client, calls, "start", order_key="the form")

    assert kinds() == ["recording.start"] * 3


def test_what_cannot_be_is_left_out_and_says_why(
    signed_in: Callable[[User], Client], operator: User, world: World, calls: list[Call]
) -> None:
    client = signed_in(operator)
    posted(client, calls[:1], "start")
    world.advance(30)

    page = posted(client, calls[:2], "start")
    assert "Start: 1 ordered. Left out: Planning: it is being recorded already." in page
    page = posted(client, calls[2:], "stop")
    assert "Stop: 0 ordered. Left out: Stand-up: it is not being recorded." in page
    assert kinds() == ["recording.start"] * 2


def test_reason_of_the_adapter_is_told(
    signed_in: Callable[[User], Client], operator: User, account: Account
) -> None:
    call = Call.objects.create(account=account, title="Later", state="waiting", external_id="b-1")

    assert "Later: The bot is not in the call yet." in posted(signed_in(operator), [call], "start")


def test_consent_is_read_first(
    signed_in: Callable[[User], Client], operator: User, account: Account, calls: list[Call]
) -> None:
    Account.objects.update(consent_reminder="Say that the call is recorded.")

    assert "asks for consent first" in posted(signed_in(operator), calls[:1], "start")
    assert not Operation.objects.exists()


def test_start_begins_with_the_last_options_the_defaults_or_a_preset(
    signed_in: Callable[[User], Client], operator: User, world: World, calls: list[Call]
) -> None:
    client = signed_in(operator)
    options = {"retention": "timed", "retention.hours": 36}
    world.order(operator, calls[0], "recording.start", **options)
    other = Preset.objects.create(
        provider="recall", kind="recording.start", name="Short", options={"retention": "none"}
    )

    posted(client, calls[1:2], "start", begin="last")
    posted(client, calls[2:], "start", begin=str(other.key))
    last, preset = Operation.objects.order_by("pk")[1:]
    assert last.options["retention.hours"] == 36
    assert preset.options["retention"] == "none"


def test_first_start_of_a_person_begins_with_the_defaults(
    signed_in: Callable[[User], Client], operator: User, calls: list[Call]
) -> None:
    client = signed_in(operator)
    posted(client, calls[:1], "start", begin="last")
    posted(client, calls[1:2], "start", begin="defaults")

    first, second = Operation.objects.order_by("pk")
    assert first.options == second.options
    assert first.options["retention"] != "none"


def test_preset_of_another_provider_or_none_starts_nothing(
    signed_in: Callable[[User], Client], operator: User, calls: list[Call]
) -> None:
    client = signed_in(operator)
    strange = Preset.objects.create(provider="twilio", kind="recording.start", name="Phone", options={})

    for begin in (str(strange.key), str(uuid.uuid4()), "nonsense"):
        assert "the preset is not for its provider" in posted(client, calls[:1], "start", begin=begin)
    assert not Operation.objects.exists()


def test_wrong_options_of_a_preset_are_told(
    signed_in: Callable[[User], Client], operator: User, calls: list[Call]
) -> None:
    wrong = Preset.objects.create(
        provider="recall", kind="recording.start", name="Old", options={"retention": "for ever"}
    )

    page = posted(signed_in(operator), calls[:1], "start", begin=str(wrong.key))

    assert "Planning: " in page
    assert "retention" in page
    assert not Operation.objects.exists()


def test_provider_that_cannot_start_is_left_out(
    signed_in: Callable[[User], Client], operator: User, calls: list[Call], monkeypatch: Any
) -> None:
    monkeypatch.setattr(many.connections.face("recall"), "actions", ())

    assert "cannot start recordings" in posted(signed_in(operator), calls[:1], "start")


def test_call_that_changes_meanwhile_asks_again(
    signed_in: Callable[[User], Client], operator: User, calls: list[Call], monkeypatch: Any
) -> None:
    def changed(*_: Any, **__: Any) -> None:
        raise many.AskAgain("It is recorded by now: a second start overwrites.", seen="x")

    monkeypatch.setattr(many, "place", changed)

    assert "a second start overwrites" in posted(signed_in(operator), calls[:1], "start")


def test_action_of_another_right_is_left_out(
    signed_in: Callable[[User], Client], operator: User, calls: list[Call], monkeypatch: Any
) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise many.PermissionDenied

    monkeypatch.setattr(many, "place", refused)

    assert "this needs another role" in posted(signed_in(operator), calls[:1], "start")


def test_viewer_may_not_and_hidden_calls_are_not_there(
    signed_in: Callable[[User], Client],
    viewer: User,
    operator: User,
    account: Account,
    calls: list[Call],
    others: Group,
) -> None:
    assert signed_in(viewer).post(URL, {"do": "start", "key": str(calls[0].key)}).status_code == 403
    account.groups.set([others])

    assert "Start: 0 ordered." in posted(signed_in(operator), calls, "start")
    assert not Operation.objects.exists()


def test_unknown_deed_is_404_and_nothing_ticked_says_so(
    signed_in: Callable[[User], Client], operator: User, calls: list[Call]
) -> None:
    client = signed_in(operator)

    assert client.post(URL, {"do": "nonsense"}).status_code == 404
    assert "Nothing was ticked" in client.post(URL, {"do": "stop"}, follow=True).content.decode()


def test_htmx_gets_a_new_form_and_a_word(
    signed_in: Callable[[User], Client], operator: User, calls: list[Call]
) -> None:
    client = signed_in(operator)
    data = {"do": "start", "key": str(calls[0].key), "order_key": "one", "begin": "defaults", "view": "flat"}

    answer = client.post(URL, data, headers=HTMX)

    text = answer.content.decode()
    assert '<form class="several"' in text
    assert 'value="one"' not in text
    assert '<option value="defaults" selected>' in text
    assert 'name="view" value="flat"' in text
    assert "Start: 1 ordered." in answer.headers["HX-Trigger-After-Settle"]


def test_flat_list_holds_the_calls_of_all_accounts(
    signed_in: Callable[[User], Client],
    operator: User,
    viewer: User,
    world: World,
    account: Account,
    calls: list[Call],
) -> None:
    twilio = TwilioSimulator(clock=world.clock)
    phone = world.add(twilio, name="Phones")
    world.call(phone, twilio.place_call())
    client = signed_in(operator)

    page = client.get("/?view=flat")
    text = page.content.decode()
    assert len(page.context["flat"]) == 4
    assert "Phones</span>" in text
    assert "view=flat" in text.partition("hx-get=")[2].partition(">")[0]
    region = client.get(reverse("now-region"), {"stamp": "old", "view": "flat"}).content.decode()
    assert 'id="now-flat"' in region
    assert 'id="now-flat"' not in client.get(reverse("now-region"), {"stamp": "old"}).content.decode()
    assert posted(client, calls[:1], "start", view="flat").count('id="now-flat"') == 1
    assert 'name="key"' not in signed_in(viewer).get("/").content.decode()


def test_flat_list_without_calls_says_so(
    signed_in: Callable[[User], Client], operator: User, account: Account
) -> None:
    assert "No live call at any account." in signed_in(operator).get("/?view=flat").content.decode()


def test_presets_of_the_shown_providers_are_offered(account: Account) -> None:
    kept = Preset.objects.create(provider="recall", kind="recording.start", name="Short", options={})
    Preset.objects.create(provider="twilio", kind="recording.start", name="Phone", options={})

    assert many.begins([account]) == [
        ("last", "My last options"),
        ("defaults", "Defaults"),
        (str(kept.key), "Short (Recall.ai)"),
    ]
    assert Recording.objects.count() == 0
