import re
from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.urls import reverse
from django.utils import timezone

from dashboard import fragments, stamps
from recordings import connections
from recordings.models import Account, Call, Operation, Recording, Refusal
from tests.simulators.daily import DailySimulator

REGION = "/now/region/"


@pytest.fixture(autouse=True)
def _fresh_stamps(monkeypatch):
    monkeypatch.setattr(stamps, "KEPT_SECONDS", 0.0)
    monkeypatch.setattr(stamps, "WATCH_SECONDS", 0.0)


@pytest.fixture
def call(world, recall, account):
    return world.call(account, recall.place_call("Weekly planning"))


def page(client, url="/"):
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def settled_stamp(world):
    world.clock.advance(60)
    return stamps.fresh()


# What it shows.


def test_live_calls_stand_under_their_account_with_the_age_of_the_evidence(signed_in, viewer, account, call):
    shown = page(signed_in(viewer))

    assert account.name in shown
    assert "Weekly planning" in shown
    assert "list of calls read" in shown
    assert "not recorded" in shown


def test_what_the_title_says_already_is_not_said_again(signed_in, viewer, account):
    details = {"From": "+1202", "Platform": "Zoom"}
    Call.objects.create(account=account, title="+1202 → +1303", state="live", details=details)

    shown = page(signed_in(viewer))

    assert "Platform: Zoom" in shown
    assert "From: +1202" not in shown


def test_what_does_not_matter_while_a_call_is_live_stands_on_other_pages(
    signed_in, viewer, account, monkeypatch
):
    details = {"Platform": "Zoom", "Meeting": "123"}
    Call.objects.create(account=account, title="Planning", state="live", details=details)
    monkeypatch.setattr(connections.face(account.provider), "quiet_details", frozenset({"Meeting"}))

    shown = page(signed_in(viewer))

    assert "Platform: Zoom" in shown
    assert "Meeting: 123" not in shown


def test_tiles_count_one_as_one(signed_in, viewer, account):
    Recording.objects.create(account=account, external_id="a", status="failed", sort_at=timezone.now())

    shown = page(signed_in(viewer))

    assert "<strong>1</strong> <span>recording today</span>" in shown
    assert "<strong>1</strong> <span>recording failed</span>" in shown
    assert "<strong>0</strong> <span>transcripts today</span>" in shown


def test_running_recording_shows_since_when_and_how_to_stop_it(signed_in, operator, world, recall, account):
    call = world.call(account, recall.place_call("Interview", is_recording=True))
    world.advance(10)
    recording = call.recordings.get()

    shown = page(signed_in(operator))

    assert "data-running" in shown
    assert reverse("order", args=["recording", recording.key, "recording.stop"]) in shown
    assert reverse("order", args=["recording", recording.key, "recording.pause"]) in shown
    assert reverse("order", args=["recording", recording.key, "recording.resume"]) not in shown


def test_ordered_start_shows_at_once(signed_in, operator, world, call):
    world.order(operator, call, "recording.start")

    shown = page(signed_in(operator))

    assert "requested" in shown
    assert "not recorded" not in shown


def test_order_that_is_under_way_stands_in_place_of_its_button(signed_in, operator, world, recall, account):
    call = world.call(account, recall.place_call("Interview", is_recording=True))
    world.advance(10)
    recording = call.recordings.get()
    world.order(operator, recording, "recording.pause")

    shown = page(signed_in(operator))

    assert "Pause: Queued" in shown
    assert reverse("order", args=["recording", recording.key, "recording.pause"]) not in shown


def test_start_that_came_to_nothing_says_why_in_the_row(signed_in, operator, world, recall, account):
    call = world.call(account, recall.place_call("Interview"))
    order = world.order(operator, call, "recording.start")
    Operation.objects.filter(pk=order.pk).update(state="failed", outcome="The bot was removed.")

    shown = page(signed_in(operator))

    assert "The bot was removed." in shown
    assert order.get_absolute_url() in shown


def test_viewer_gets_no_buttons(signed_in, viewer, call):
    assert "/order/" not in page(signed_in(viewer))


def test_ended_calls_are_gone(signed_in, viewer, world, recall, account, call):
    recall.end_call(call.external_id)
    world.look_at_calls(account)
    world.advance(30)

    assert "Weekly planning" not in page(signed_in(viewer))


def test_scheduled_calls_show_a_day_ahead(signed_in, viewer, account):
    for title, hours in (("Soon", 3), ("Later", 60)):
        starts_at = timezone.now() + timedelta(hours=hours)
        Call.objects.create(account=account, state="scheduled", title=title, starts_at=starts_at)

    shown = page(signed_in(viewer))

    assert "Soon" in shown
    assert "Later" not in shown


def test_recording_without_a_known_call_is_shown_all_the_same(signed_in, operator, account):
    Recording.objects.create(account=account, status="in_progress", sort_at=timezone.now())

    assert "Call not known" in page(signed_in(operator))


def test_account_that_one_may_not_use_leaves_no_trace(signed_in, operator, account, call, others):
    account.groups.add(others)

    for url in ("/", REGION):
        shown = page(signed_in(operator), url)
        assert account.name not in shown
        assert str(account.key) not in shown
        assert "Weekly planning" not in shown


def test_drawing_costs_the_same_number_of_queries_with_many_calls(
    signed_in, operator, world, recall, account, django_assert_max_num_queries
):
    for number in range(12):
        recall.place_call(f"Call {number}", is_recording=number % 2 == 0)
    world.look_at_calls(account)
    world.advance(10)
    client = signed_in(operator)
    client.get("/")

    with django_assert_max_num_queries(30):
        shown = page(client)

    assert "Call 11" in shown


# What needs attention.


def test_troubles_are_links_to_where_they_are_listed(signed_in, operator, world, account, call):
    Account.objects.filter(pk=account.pk).update(is_healthy=False, health_message="The key is wrong.")
    failed, doubtful = (
        world.order(operator, call, "recording.start", retention=word) for word in ("forever", "none")
    )
    Operation.objects.filter(pk=failed.pk).update(state="failed")
    Operation.objects.filter(pk=doubtful.pk).update(state="in_doubt", doubt_since=timezone.now())
    Refusal.objects.create(
        account=account, day=timezone.now().date(), reason="bad signature", count=3, last_at=timezone.now()
    )

    shown = page(signed_in(operator))

    assert "The key is wrong." in shown
    assert "/operations/?state=failed" in shown
    assert "/operations/?state=in_doubt" in shown
    assert "Callbacks refused since yesterday" in shown


def test_troubles_of_orders_are_not_shown_to_who_may_not_see_orders(signed_in, viewer, operator, world, call):
    failed = world.order(operator, call, "recording.start")
    Operation.objects.filter(pk=failed.pk).update(state="failed")

    assert "/operations/" not in page(signed_in(viewer))


def test_without_a_public_address_it_says_that_it_works_by_looks(signed_in, viewer, account, settings):
    settings.PUBLIC_URL = ""

    assert "works by looks alone" in page(signed_in(viewer))


def test_with_a_public_address_it_does_not(signed_in, viewer, account):
    assert "works by looks alone" not in page(signed_in(viewer))


def test_what_sets_a_provider_up_is_not_ordered_among_live_calls(signed_in, administrator, world):
    other = world.add(DailySimulator(clock=world.clock))
    delete = reverse("order", args=["account", other.key, "endpoint.delete"])

    assert delete not in page(signed_in(administrator))
    assert delete in page(signed_in(administrator), other.get_absolute_url())


def test_empty_console_teaches_an_administrator_the_first_step(signed_in, administrator, viewer):
    assert reverse("admin:recordings_account_add") in page(signed_in(administrator))
    assert "no account that you may use" in page(signed_in(viewer))


# How it keeps up to date.


def test_region_answers_nothing_while_nothing_has_changed(
    signed_in, viewer, world, call, django_assert_max_num_queries
):
    client, stamp = signed_in(viewer), settled_stamp(world)

    with django_assert_max_num_queries(6):  # the version, and who is watched; neither session nor user
        response = client.get(REGION, {"stamp": stamp})

    assert response.status_code == 204


@pytest.mark.parametrize("change", ["call", "recording", "operation", "evidence", "health"])
def test_region_is_drawn_anew_when_something_changed(
    signed_in, viewer, operator, world, account, call, change
):
    client, stamp = signed_in(viewer), settled_stamp(world)
    if change == "call":
        Call.objects.create(account=account, title="New", state="live")
    elif change == "recording":
        Recording.objects.create(account=account, sort_at=timezone.now())
    elif change == "operation":
        world.order(operator, call, "recording.start")
    else:
        field = {"evidence": "calls_seen_at", "health": "health_at"}[change]
        Account.objects.update(**{field: timezone.now()})

    assert client.get(REGION, {"stamp": stamp}).status_code == 200


def test_a_young_version_is_drawn_once_more_when_it_has_settled(signed_in, viewer, world, call):
    Call.objects.filter(pk=call.pk).update(updated_at=timezone.now())
    client, young = signed_in(viewer), stamps.fresh()
    assert client.get(REGION, {"stamp": young}).status_code == 204

    world.clock.advance(5)

    assert client.get(REGION, {"stamp": young}).status_code == 200


def test_version_is_read_once_for_all_who_ask_within_a_moment(monkeypatch, call, django_assert_num_queries):
    monkeypatch.setattr(stamps, "KEPT_SECONDS", 60.0)
    first = stamps.current()

    with django_assert_num_queries(0):
        assert stamps.current() == first


def test_looking_has_the_live_lists_read_more_often(signed_in, viewer, account):
    page(signed_in(viewer))

    account.refresh_from_db()
    assert account.watched_until > timezone.now()


def test_looking_on_while_nothing_changes_keeps_the_lists_read(signed_in, viewer, world, account, call):
    client = signed_in(viewer)
    page(client)
    world.clock.advance(45)

    assert client.get(REGION, {"stamp": stamps.fresh()}).status_code == 204

    account.refresh_from_db()
    assert account.watched_until > timezone.now() + timedelta(seconds=30)


def test_watching_is_renewed_now_and_then_only(
    signed_in, viewer, monkeypatch, call, django_assert_num_queries
):
    stamps.keep_watching()
    monkeypatch.setattr(stamps, "WATCH_SECONDS", 60.0)

    with django_assert_num_queries(0):
        stamps.keep_watching()


def test_region_sends_whoever_is_signed_out_to_the_sign_in(client, call):
    assert client.get(REGION).url == "/sign-in/?next=/"
    assert client.get(REGION, headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/sign-in/?next=/"


def test_region_is_closed_to_who_has_no_role(signed_in, django_user_model, call):
    nobody = django_user_model.objects.create_user("nobody")

    assert signed_in(nobody).get("/").status_code == 403
    assert signed_in(nobody).get(REGION).status_code == 403


def test_times_are_shown_in_the_operator_s_zone(signed_in, viewer, account):
    viewer.time_zone = "Asia/Kolkata"
    viewer.save()
    Call.objects.create(account=account, title="Soon", state="scheduled", starts_at=timezone.now())

    for url in ("/", REGION):
        assert "14:30:00 IST" in page(signed_in(viewer), url)


# Drawn once for all who may see the same.


def test_people_who_may_see_the_same_are_given_the_same_drawing_with_their_own_token(
    signed_in, operator, django_user_model, world, call, django_assert_max_num_queries
):
    twin = django_user_model.objects.create_user("twin")
    twin.groups.set(operator.groups.all())
    first, client = page(signed_in(operator), REGION), signed_in(twin)

    with django_assert_max_num_queries(14):
        second = page(client, REGION)

    assert without_tokens(first) == without_tokens(second)
    assert first != second
    assert fragments.TOKEN not in first + second


def test_people_who_may_see_more_or_elsewhere_are_given_their_own(signed_in, operator, viewer, auditor, call):
    auditor.time_zone = "Asia/Kolkata"
    auditor.save()

    drawings = {without_tokens(page(signed_in(each), REGION)) for each in (operator, viewer, auditor)}

    assert len(drawings) == 3


def test_of_two_who_press_the_same_button_one_order_comes(
    signed_in, operator, manager, world, recall, account
):
    call = world.call(account, recall.place_call("Interview", is_recording=True))
    world.advance(10)
    shown = page(signed_in(operator), REGION)
    key = re.search(r'name="order_key" value="([^"]+)"', shown)[1]
    address = reverse("order", args=["recording", call.recordings.get().key, "recording.stop"])

    for person in (operator, manager):
        signed_in(person).post(address, {"order_key": key, "seen": ""})

    assert Operation.objects.get().ordered_by == operator


def test_only_so_many_drawings_are_kept(rf, monkeypatch):
    monkeypatch.setattr(fragments, "KEPT", 2)
    draw = Mock(return_value="text")

    for key in ("a", "b", "c", "c", "a"):
        assert fragments.drawn(rf.get("/"), key, draw) == "text"

    assert draw.call_count == 4


def without_tokens(text):
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text)
