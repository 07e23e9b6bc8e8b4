"""Now, the order form, orders and people in a real Chromium."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from recordings.models import Account, Call, Operation, Recording
from tests.dashboard.browser import barriers, complaints, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def refused(page):
    return complaints(page)


@pytest.fixture
def call(world, recall, account):
    account.consent_reminder = "Say that the call is recorded."
    account.save()
    return world.call(account, recall.place_call("Weekly planning"))


def test_recording_is_started_with_options_and_stopped(
    page, live_server, refused, operator, world, recall, call
):
    sign_in(page, live_server, operator)
    page.goto(f"{live_server.url}/")
    row = page.locator(f"#call-{call.key}")
    row.get_by_role("link", name="Start recording").click()
    dialog = page.get_by_role("dialog", name="Start recording")
    expect(dialog).to_contain_text("Say that the call is recorded.")
    dialog.get_by_label("Keep at Recall.ai").select_option("timed")
    dialog.get_by_text("Keeping", exact=True).click()
    dialog.get_by_label("Hours to keep").fill("48")
    world.clock.advance(5)
    dialog.get_by_role("button", name="Start recording").click()

    expect(dialog).to_be_hidden()
    expect(row).to_contain_text("requested")
    expect(page.locator("#toasts")).to_contain_text("Start recording")
    world.advance(20)
    expect(row.locator(".recording .badge").first).to_have_text("recording")
    world.clock.advance(5)
    row.get_by_role("button", name="Stop recording").click()
    expect(row).to_contain_text("Stop recording: Queued")
    world.advance(60)
    expect(row).to_contain_text("not recorded")

    (start,) = recall.effects("start_recording")
    assert start.details["options"]["retention"] == {"type": "timed", "hours": 48}
    assert len(recall.effects("stop_recording")) == 1
    assert refused == []


def test_wrong_value_is_told_in_the_dialog_and_gets_the_focus(page, live_server, operator, call):
    sign_in(page, live_server, operator)
    page.goto(f"{live_server.url}/")
    page.get_by_role("link", name="Start recording").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Keep at Recall.ai").select_option("none")
    expect(dialog).to_contain_text("Nothing is stored")

    dialog.get_by_text("Keeping", exact=True).click()
    dialog.get_by_label("Hours to keep").fill("0")
    dialog.get_by_role("button", name="Start recording").click()

    expect(dialog).to_contain_text("The smallest value is 1.")
    expect(dialog.get_by_label("Hours to keep")).to_be_focused()
    expect(dialog.get_by_label("Keep at Recall.ai")).to_have_value("none")


def test_signing_in_by_keyboard(page, live_server, operator):
    page.goto(f"{live_server.url}/")

    page.keyboard.type("operator")
    page.keyboard.press("Tab")
    page.keyboard.type("correct horse battery")
    page.keyboard.press("Enter")

    expect(page).to_have_title("Now · Tapedeck")


def test_dialog_is_left_by_keyboard_and_focus_returns(page, live_server, operator, call):
    sign_in(page, live_server, operator)
    page.goto(f"{live_server.url}/")
    button = page.locator(f"#call-{call.key}").get_by_role("link", name="Start recording")

    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(button).to_be_focused()
    assert not Operation.objects.exists()


def test_button_that_cannot_work_says_why(page, live_server, operator, account):
    Call.objects.create(account=account, title="Later", state="waiting", external_id="b-1")
    sign_in(page, live_server, operator)
    page.goto(f"{live_server.url}/")

    page.get_by_role("button", name="Start recording").focus()
    page.keyboard.press("Enter")

    expect(page.locator("#toasts")).to_contain_text("The bot is not in the call yet.")


def test_nothing_under_the_pointer_moves_when_calls_come_and_go(page, live_server, operator, world, account):
    calls = [
        Call.objects.create(account=account, title=f"Call {number}", state="live", external_id=f"b-{number}")
        for number in range(4)
    ]
    sign_in(page, live_server, operator)
    page.goto(f"{live_server.url}/")
    row = page.locator(f"#call-{calls[2].key}")
    row.hover()
    before = row.bounding_box()["y"]

    world.clock.advance(1)
    Call.objects.filter(pk=calls[0].pk).update(state="ended", updated_at=timezone.now())
    expect(page.get_by_text("Call 0")).to_have_count(0)

    assert abs(row.bounding_box()["y"] - before) < 1
    world.clock.advance(1)
    Call.objects.filter(pk=calls[1].pk).update(reason="Much " * 200, updated_at=timezone.now())
    expect(page.get_by_text("Much Much").first).to_be_visible()
    assert abs(row.bounding_box()["y"] - before) < 1


def test_what_is_polled_waits_until_a_press_has_ended(page, live_server, operator, world, account, call):
    sign_in(page, live_server, operator)
    page.goto(f"{live_server.url}/")
    page.locator(f"#call-{call.key}").get_by_role("link", name="Start recording").hover()
    page.mouse.down()

    world.clock.advance(1)
    with page.expect_response(lambda answer: "/now/region/" in answer.url and answer.status == 200):
        Call.objects.create(account=account, title="Another", state="live", external_id="b-2")
    page.wait_for_timeout(300)
    shown_meanwhile = page.get_by_text("Another", exact=True).count()
    page.mouse.up()

    assert shown_meanwhile == 0
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_text("Another", exact=True)).to_have_count(1)


def test_what_is_unfolded_stays_so_when_the_page_is_drawn_anew(
    page, live_server, operator, world, account, call
):
    sign_in(page, live_server, operator)
    page.goto(f"{live_server.url}/")
    page.locator(f"#more-{call.key} > summary").click()

    world.clock.advance(1)
    Call.objects.create(account=account, title="Another", state="live", external_id="b-2")

    expect(page.get_by_text("Another", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Make the bot leave").first).to_be_visible()


def test_hidden_page_does_not_ask(page, live_server, operator, account):
    sign_in(page, live_server, operator)
    page.goto(f"{live_server.url}/")
    asked = []
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    # The browser fetches the icon of the tab whenever it likes.
    page.on("request", lambda request: "/static/" in request.url or asked.append(request.url))

    page.wait_for_timeout(2600)

    assert asked == []
    page.evaluate("delete document.hidden")
    page.wait_for_timeout(2600)
    assert asked != []


def test_form_that_is_sent_again_after_going_back_is_the_same_order(page, live_server, operator, world, call):
    sign_in(page, live_server, operator)
    page.goto(f"{live_server.url}/")
    page.goto(f"{live_server.url}/order/call/{call.key}/recording.start/")
    page.get_by_role("button", name="Start recording").click()
    expect(page.get_by_role("heading", name="Timeline")).to_be_visible()
    Operation.objects.update(state="failed")

    page.go_back()
    page.get_by_role("button", name="Start recording").click()

    expect(page.get_by_role("heading", name="Timeline")).to_be_visible()
    assert Operation.objects.count() == 1


def test_options_of_an_engine_show_while_it_is_chosen(page, live_server, operator, world, recall, account):
    call = world.call(account, recall.place_call("Interview", is_recording=True))
    world.advance(30)
    recall.end_call(call.external_id)
    world.advance(120)
    recording = Recording.objects.get()
    assert recording.status == "completed"
    sign_in(page, live_server, operator)

    page.goto(f"{live_server.url}/order/recording/{recording.key}/transcript.order/")
    groups = page.locator("details[data-group]")

    expect(groups.filter(has_text="Deepgram")).to_be_hidden()
    page.locator("[name='o-provider']").select_option("deepgram_async")
    expect(groups.filter(has_text="Deepgram").first).to_be_visible()
    expect(page.locator("#order-consequence")).to_contain_text("Deepgram bills its own customers")


@pytest.fixture
def paths(operator, world, recall, account, call):
    """Pages in their states: empty, full, failed, in doubt, sent."""
    Call.objects.create(account=account, title="Later", state="waiting", external_id="b-1")
    recorded = world.call(account, recall.place_call("Interview", is_recording=True))
    world.advance(10)
    failed = world.order(operator, call, "recording.start")
    Operation.objects.filter(pk=failed.pk).update(state="failed", outcome="The bot was removed.")
    doubtful = world.order(operator, call, "recording.start", retention="none")
    Operation.objects.filter(pk=doubtful.pk).update(state="in_doubt", doubt_since=timezone.now())
    sent = world.order(operator, recorded, "call.leave")
    world.work()
    Account.objects.update(is_healthy=False, health_message="The key is wrong.")
    orders = [each.get_absolute_url() for each in (failed, doubtful, sent)]
    forms = [f"/order/account/{account.key}/call.send/", f"/order/call/{recorded.key}/call.leave/"]
    return ["/", "/operations/", "/operations/?state=cancelled", *orders, *forms, *PLAIN]


PLAIN = ("/profile/", "/profile/password/", "/nowhere/")


def test_pages_have_no_barriers(page, live_server, refused, administrator, paths):
    page.goto(f"{live_server.url}/sign-in/")
    found = {"sign-in": barriers(page)}
    sign_in(page, live_server, administrator)
    for path in paths:
        page.goto(f"{live_server.url}{path}")
        found[path] = barriers(page)

    assert {where: what for where, what in found.items() if what} == {}
    assert [text for text in refused if "Content Security Policy" in text] == []


def test_dialog_has_no_barriers(page, live_server, operator, account):
    sign_in(page, live_server, operator)
    page.goto(f"{live_server.url}/")
    page.get_by_role("link", name="Send a bot").click()
    page.get_by_role("dialog").get_by_role("button", name="Send a bot").click()
    expect(page.get_by_role("dialog")).to_contain_text("This field is required.")

    assert barriers(page) == []
