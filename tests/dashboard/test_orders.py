import json
import uuid

import pytest
from django.urls import reverse

from dashboard.buttons import is_direct
from recordings import actions
from recordings.models import Operation, Recording
from recordings.targets import Target, seen_state

HTMX = {"HX-Request": "true"}
STARTED = {"o-start_recording_on": "call_join", "o-retention": "forever"}


@pytest.fixture
def call(world, recall, account):
    return world.call(account, recall.place_call("Weekly planning"))


@pytest.fixture
def recorded(world, recall, account):
    call = world.call(account, recall.place_call("Interview", is_recording=True))
    world.advance(10)
    return call


def address(thing, kind):
    target = Target.of(thing)
    return reverse("order", args=[target.subject.value, thing.key, kind])


def typed(thing, **values):
    return {"order_key": str(uuid.uuid4()), "seen": seen_state(Target.of(thing)), **values}


def triggers(response):
    return json.loads(response.headers["HX-Trigger"])


def test_form_says_what_it_does_costs_and_asks_of_consent(signed_in, operator, account, call):
    account.consent_reminder = "Say that you record."
    account.save()

    page = signed_in(operator).get(address(call, "recording.start")).content.decode()

    assert "The bot records from now on" in page
    assert "Media are stored free for 7 days" in page
    assert "Say that you record." in page
    assert "Weekly planning" in page


def test_form_is_a_page_by_a_link_and_a_fragment_by_htmx(signed_in, operator, call):
    client = signed_in(operator)

    page = client.get(address(call, "recording.start")).content.decode()
    fragment = client.get(address(call, "recording.start"), headers=HTMX).content.decode()

    assert "<!doctype html>" in page
    assert fragment.startswith("<form")


def test_form_may_come_back_from_the_browser_s_history_only(signed_in, operator, call):
    response = signed_in(operator).get(address(call, "recording.start"))

    assert set(response.headers["Cache-Control"].split(", ")) == {"private", "no-cache"}


def test_order_is_placed_with_exactly_what_was_typed(signed_in, operator, call):
    data = typed(call, **STARTED)

    signed_in(operator).post(address(call, "recording.start"), data, headers=HTMX)

    operation = Operation.objects.get()
    assert operation.kind == "recording.start"
    assert operation.ordered_by == operator
    assert operation.options["start_recording_on"] == "call_join"
    assert Recording.objects.get(key=operation.made_key).status == "requested"


def test_placed_order_closes_the_dialog_and_freshens_the_page(signed_in, operator, call):
    response = signed_in(operator).post(
        address(call, "recording.start"), typed(call, **STARTED), headers=HTMX
    )

    assert response.status_code == 204
    told = triggers(response)
    assert set(told) == {"tapedeck-close", "tapedeck-changed", "tapedeck-toast"}
    assert told["tapedeck-toast"]["href"] == Operation.objects.get().get_absolute_url()


def test_without_javascript_the_order_leads_to_its_page(signed_in, operator, call):
    response = signed_in(operator).post(address(call, "recording.start"), typed(call, **STARTED))

    assert response.status_code == 302
    assert response.url == Operation.objects.get().get_absolute_url()


def test_without_javascript_a_button_of_a_row_leads_back_to_its_page(signed_in, operator, recorded):
    recording = recorded.recordings.get()

    response = signed_in(operator).post(
        address(recording, "recording.stop"), typed(recording, next="/?from=here")
    )

    assert response.url == "/?from=here"


def test_next_leads_nowhere_else(signed_in, operator, recorded):
    recording = recorded.recordings.get()

    response = signed_in(operator).post(
        address(recording, "recording.stop"), typed(recording, next="https://evil.example/")
    )

    assert response.url == Operation.objects.get().get_absolute_url()


def test_same_form_sent_twice_is_one_order(signed_in, operator, call):
    client, data = signed_in(operator), typed(call, **STARTED)

    client.post(address(call, "recording.start"), data)
    again = client.post(address(call, "recording.start"), data)

    assert again.url == Operation.objects.get().get_absolute_url()


def test_wrong_value_comes_back_as_typed_with_its_message(signed_in, operator, call):
    data = typed(call, **{**STARTED, "o-retention": "timed", "o-retention.hours": "-4"})

    response = signed_in(operator).post(address(call, "recording.start"), data, headers=HTMX)

    page = response.content.decode()
    assert response.status_code == 200
    assert 'value="-4"' in page
    assert "The smallest value is 1." in page
    assert data["order_key"] in page
    assert not Operation.objects.exists()


def test_rules_between_fields_are_told_at_their_field(signed_in, operator, call):
    data = typed(call, **STARTED, **{"o-video_separate_mp4": "true"})

    page = signed_in(operator).post(address(call, "recording.start"), data).content.decode()

    assert "Some options are wrong: nothing was sent." in page
    assert not Operation.objects.exists()


def test_start_on_a_call_that_is_recorded_by_now_asks_again(signed_in, operator, world, call):
    data = typed(call, **STARTED)
    world.order(operator, call, "recording.start", retention="forever")
    world.advance(30)
    client = signed_in(operator)

    asked = client.post(address(call, "recording.start"), data, headers=HTMX).content.decode()
    fresh = seen_state(Target.of(call))

    assert "This has changed since you opened the form." in asked
    assert "what was recorded is lost" in asked
    assert f'value="{fresh}"' in asked
    assert Operation.objects.count() == 1

    client.post(address(call, "recording.start"), {**data, "seen": fresh}, headers=HTMX)

    assert Operation.objects.count() == 2


def test_what_cannot_work_is_said_instead_of_a_form(signed_in, operator, recorded, world):
    world.order(operator, recorded.recordings.get(), "recording.stop")
    world.advance(60)
    recording = recorded.recordings.get()

    page = signed_in(operator).get(address(recording, "recording.pause")).content.decode()

    assert "This recording is not running." in page
    assert 'id="order-give"' not in page


def test_press_on_a_button_that_cannot_work_any_more_says_why(signed_in, operator, recorded, world):
    recording = recorded.recordings.get()
    data = typed(recording)
    world.order(operator, recording, "recording.stop")
    world.advance(60)

    response = signed_in(operator).post(address(recording, "recording.pause"), data, headers=HTMX)

    assert "This recording is not running." in response.content.decode()


def test_account_that_is_switched_off_takes_no_order(signed_in, operator, account, call):
    account.is_active = False
    account.save()

    page = signed_in(operator).get(address(call, "recording.start")).content.decode()
    signed_in(operator).post(address(call, "recording.start"), typed(call, **STARTED))

    assert "This account is switched off." in page
    assert not Operation.objects.exists()


def test_viewer_may_neither_see_nor_send_an_order_form(signed_in, viewer, call):
    client = signed_in(viewer)

    assert client.get(address(call, "recording.start")).status_code == 403
    assert client.post(address(call, "recording.start"), typed(call, **STARTED)).status_code == 403
    assert client.post(address(call, "recording.start") + "check/", typed(call)).status_code == 403
    assert not Operation.objects.exists()


def test_thing_of_an_account_that_one_may_not_use_is_not_there(signed_in, operator, account, call, others):
    account.groups.add(others)

    assert signed_in(operator).get(address(call, "recording.start")).status_code == 404
    assert signed_in(operator).post(address(call, "recording.start")).status_code == 404


@pytest.mark.parametrize(
    ("subject", "kind"),
    [("call", "recording.stop"), ("call", "unheard.of"), ("planet", "recording.start")],
)
def test_order_that_the_thing_does_not_have_is_not_there(signed_in, operator, call, subject, kind):
    assert signed_in(operator).get(reverse("order", args=[subject, call.key, kind])).status_code == 404


def test_bot_is_sent_from_the_account(signed_in, operator, account, recall):
    url = recall.place_meeting("Board")
    data = typed(account, **{"o-meeting_url": url, "o-recording_config.start_recording_on": "manual"})

    signed_in(operator).post(reverse("order", args=["account", account.key, "call.send"]), data)

    assert Operation.objects.get().options["meeting_url"] == url


def test_order_again_begins_with_the_options_of_the_first(signed_in, operator, world, call):
    first = world.order(operator, call, "recording.start", retention="timed", **{"retention.hours": 77})

    page = signed_in(operator).get(f"{address(call, 'recording.start')}?again={first.key}").content.decode()

    assert 'value="77"' in page
    assert first.order_key not in page


def test_broken_reference_to_an_earlier_order_gives_an_empty_form(signed_in, operator, call):
    page = signed_in(operator).get(f"{address(call, 'recording.start')}?again=nonsense")

    assert page.status_code == 200


def test_what_the_options_would_bring_is_told_while_they_are_typed(signed_in, operator, call):
    data = typed(call, **{"o-retention": "none"})

    told = signed_in(operator).post(address(call, "recording.start") + "check/", data).content.decode()

    assert "Nothing is stored" in told
    assert not Operation.objects.exists()


def test_a_running_recording_is_stopped_and_paused_by_one_press(operator, recorded):
    choices = actions.choices(operator, Target.of(recorded.recordings.get()))

    direct = {choice.action.kind for choice in choices if is_direct(choice)}

    assert direct == {"recording.stop", "recording.pause", "recording.resume"}


def test_what_takes_something_away_asks_first(operator, recorded):
    choices = actions.choices(operator, Target.of(recorded))

    assert "call.leave" not in {choice.action.kind for choice in choices if is_direct(choice)}
