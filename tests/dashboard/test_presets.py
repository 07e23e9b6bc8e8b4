"""Presets: written by managers, used by operators; and the exact request before it is sent."""

import uuid

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from recordings import connections, presets
from recordings.models import Operation, Preset
from recordings.targets import Target, seen_state
from recordings.validation import OrderRefused
from tests.dashboard.browser import barriers, complaints, sign_in

START = "recall:recording.start"
KINDS = [f"{provider}:{action.kind}" for provider, action in presets.kinds()]


@pytest.fixture
def call(world, recall, account):
    return world.call(account, recall.place_call("Weekly planning"))


@pytest.fixture
def kept(db):
    options = {"start_recording_on": "call_join", "retention": "timed", "retention.hours": 36}
    return Preset.objects.create(
        provider="recall", kind="recording.start", name="Day and a half", options=options
    )


def form_of(call, kind="recording.start"):
    return reverse("order", args=["call", call.key, kind])


def new(kind=START, **query):
    return reverse("preset-new", query={"for": kind, **query})


def test_manager_writes_a_preset(signed_in, manager):
    data = {"name": "Long", "o-retention": "timed", "o-retention.hours": "77"}

    response = signed_in(manager).post(new(), data)

    preset = Preset.objects.get()
    assert response.url == reverse("presets")
    assert preset.options["retention"] == "timed"
    assert preset.options["retention.hours"] == 77
    assert (preset.name, preset.created_by) == ("Long", manager)


def test_wrong_value_is_told_and_kept_as_typed(signed_in, manager):
    data = {"name": "Long", "o-retention": "timed", "o-retention.hours": "-4"}

    page = signed_in(manager).post(new(), data).content.decode()

    assert "The smallest value is 1." in page
    assert 'value="-4"' in page
    assert not Preset.objects.exists()


def test_rules_between_fields_hold_for_presets_too(signed_in, manager):
    data = {"name": "Odd", "o-retention": "forever", "o-video_separate_mp4": "true"}

    page = signed_in(manager).post(new(), data).content.decode()

    assert "the preset was not saved" in page
    assert not Preset.objects.exists()


def test_name_is_given_once_a_kind(signed_in, manager, kept):
    page = signed_in(manager).post(new(), {"name": kept.name}).content.decode()

    assert "Another preset of this order has this name." in page


def test_preset_is_changed_and_deleted(signed_in, manager, kept):
    client = signed_in(manager)

    page = client.get(kept.get_absolute_url()).content.decode()
    client.post(
        kept.get_absolute_url(), {"name": "Shorter", "o-retention": "timed", "o-retention.hours": "5"}
    )

    kept.refresh_from_db()
    assert 'value="36"' in page
    assert (kept.name, kept.options["retention.hours"]) == ("Shorter", 5)
    client.post(reverse("preset-delete", args=[kept.key]))
    assert not Preset.objects.exists()


def test_options_of_an_order_become_a_preset(signed_in, manager, world, call):
    order = world.order(manager, call, "recording.start", retention="timed", **{"retention.hours": 99})

    page = signed_in(manager).get(new(**{"from": order.key})).content.decode()

    assert 'value="99"' in page


@pytest.mark.parametrize("kind", ["", "recall", "recall:unheard.of", "nobody:recording.start"])
def test_preset_of_an_order_that_nobody_has_is_not_there(signed_in, manager, kind):
    assert signed_in(manager).get(new(kind)).status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_order_can_be_preset(signed_in, manager, kind):
    client = signed_in(manager)

    page = client.get(new(kind))
    client.post(new(kind), {"name": "Everything left to the provider"})

    assert page.status_code == 200
    assert (
        Preset.objects.count() == 1 or "field-error" in client.post(new(kind), {"name": "A"}).content.decode()
    )


def test_operator_sees_presets_and_writes_none(signed_in, operator, viewer, kept):
    client = signed_in(operator)

    page = client.get(reverse("presets")).content.decode()

    assert "Day and a half" in page
    assert "New preset" not in page
    assert client.get(new()).status_code == 403
    assert client.get(kept.get_absolute_url()).status_code == 403
    assert client.post(reverse("preset-delete", args=[kept.key])).status_code == 403
    assert signed_in(viewer).get(reverse("presets")).status_code == 403


def test_list_without_presets_says_what_they_are_for(signed_in, manager):
    assert "A preset keeps the options" in signed_in(manager).get(reverse("presets")).content.decode()


def test_form_begins_with_a_preset(signed_in, operator, call, kept):
    client = signed_in(operator)

    offered = client.get(form_of(call)).content.decode()
    page = client.get(f"{form_of(call)}?preset={kept.key}").content.decode()

    assert f"?preset={kept.key}" in offered
    assert 'value="36"' in page
    assert f'?preset={kept.key}" aria-current="true"' in page


def test_preset_of_another_kind_or_none_begins_nothing(signed_in, operator, call, kept):
    kept.kind = "transcript.order"
    kept.save()
    client = signed_in(operator)

    for query in (f"preset={kept.key}", "preset=nonsense", "last=1"):
        page = client.get(f"{form_of(call)}?{query}")
        assert page.status_code == 200
        assert 'value="36"' not in page.content.decode()


def test_form_begins_with_one_s_own_last_options(signed_in, operator, world, call):
    world.order(operator, call, "recording.start", retention="timed", **{"retention.hours": 55})

    page = signed_in(operator).get(f"{form_of(call)}?last=1").content.decode()

    assert 'value="55"' in page


def test_what_an_order_requires_is_not_taken_from_the_last(signed_in, operator, world, account, recall):
    url = recall.place_meeting("Board")
    options = {"meeting_url": url, "recording_config.start_recording_on": "manual"}
    world.order(operator, account, "call.send", **options)

    page = signed_in(operator).get(reverse("order", args=["account", account.key, "call.send"]) + "?last=1")

    assert url not in page.content.decode()


def test_preset_is_checked_again_with_the_order(signed_in, operator, call):
    action = connections.face("recall").action("recording.start")
    with pytest.raises(OrderRefused):
        presets.check(action, "recall", {"retention": "for a while"})
    data = {"order_key": str(uuid.uuid4()), "seen": seen_state(Target.of(call)), "o-retention": "for a while"}

    signed_in(operator).post(form_of(call), data)

    assert not Operation.objects.exists()


def asked(client, thing, subject, kind, **typed):
    address = reverse("order-preview", args=[subject, thing.key, kind])
    return client.post(address, {"order_key": "x", **typed}).content.decode()


def test_exact_request_is_shown_before_it_is_sent(signed_in, operator, call):
    page = asked(
        signed_in(operator),
        call,
        "call",
        "recording.start",
        **{"o-retention": "timed", "o-retention.hours": "36"},
    )

    assert "&quot;hours&quot;: 36" in page
    assert not Operation.objects.exists()


def test_request_of_a_wrong_form_says_what_is_wrong(signed_in, operator, call):
    page = asked(
        signed_in(operator),
        call,
        "call",
        "recording.start",
        **{"o-retention": "timed", "o-retention.hours": "-1"},
    )

    assert "The smallest value is 1." in page


def test_request_without_a_body_says_so_and_no_key_is_told(signed_in, operator, world, recall, account):
    call = world.call(account, recall.place_call("Interview", is_recording=True))
    world.advance(10)
    client = signed_in(operator)

    stop = asked(client, call.recordings.get(), "recording", "recording.stop")
    start = asked(client, call, "call", "recording.start", **{"o-retention": "forever"})

    assert "<pre" in stop or "The request has no body" in stop
    assert account.webhook_key not in start + stop


def test_viewer_is_not_shown_a_request(signed_in, viewer, call):
    address = reverse("order-preview", args=["call", call.key, "recording.start"])

    assert signed_in(viewer).post(address, {}).status_code == 403


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_dialog_begins_with_a_preset_and_shows_the_request(page, live_server, operator, call, kept):
    sign_in(page, live_server, operator)
    refused = complaints(page)
    page.goto(f"{live_server.url}/")
    page.get_by_role("link", name="Start recording").click()
    dialog = page.get_by_role("dialog", name="Start recording")
    dialog.get_by_role("link", name="Day and a half").click()
    expect(dialog.get_by_role("link", name="Day and a half")).to_have_attribute("aria-current", "true")

    dialog.get_by_text("The request, exactly as it is sent").click()
    expect(dialog.locator("#order-request")).to_contain_text('"hours": 36')
    found = barriers(page)
    dialog.get_by_label("Keep at Recall.ai").select_option("forever")
    expect(dialog.locator("#order-request")).to_contain_text('"type": "forever"')

    assert found == []
    assert refused == []
