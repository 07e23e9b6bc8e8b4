"""Clearing failures in a real Chromium."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from recordings import connections
from recordings.models import Call, Operation, Recording
from recordings.providers.snapshots import CallState, Status
from tests.contract.conftest import defaults
from tests.dashboard import samples
from tests.dashboard.browser import barriers, complaints, sign_in
from tests.simulators.recall import RecallSimulator
from transcripts.models import Transcript

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def refused(page):
    return complaints(page)


@pytest.fixture
def elsewhere(world):
    """A second account, whose failures are not looked for."""
    return world.add(RecallSimulator(clock=world.clock), name="Elsewhere")


def failed_transcript(account, title, at, code="provider_connection_failed"):
    """A transcript that was ordered, taken by the provider, and failed there."""
    name = f"{title} {uuid.uuid4()}"
    facts = {"account": account, "external_id": name}
    call = Call.objects.create(**facts, title=title, state=CallState.ENDED)
    recording = Recording.objects.create(**facts, call=call, status=Status.COMPLETED, sort_at=at)
    made = Transcript.objects.create(
        **facts,
        call=call,
        recording=recording,
        status=Status.FAILED,
        sort_at=at,
        reason_code=code,
        reason="Recall.ai could not reach the transcription provider.",
    )
    Operation.objects.create(
        account=account,
        call=call,
        recording=recording,
        subject_key=recording.key,
        made_key=made.key,
        kind="transcript.order",
        state="succeeded",
        order_key=name,
        fingerprint=name,
        options=defaults(connections.face(account.provider), "transcript.order"),
    )
    return made


def test_yesterdays_failed_transcripts_of_one_account_are_retried_in_under_five_clicks(
    page, live_server, refused, operator, account, elsewhere
):
    yesterday = timezone.now() - timedelta(days=1)
    ours = failed_transcript(account, "Board meeting", yesterday)
    failed_transcript(account, "Stand-up", timezone.now())
    failed_transcript(elsewhere, "Somebody else's", yesterday)
    sign_in(page, live_server, operator)
    page.goto(f"{live_server.url}/")
    clicks = 0

    def click(target):
        nonlocal clicks
        clicks += 1
        target.click()

    click(page.get_by_role("link", name="Attention", exact=True).first)
    click(page.locator("#transcripts").get_by_role("link", name=account.name))
    expect(page.locator("main")).not_to_contain_text("Somebody else's")
    expect(page.get_by_role("heading", name="Yesterday")).to_be_visible()
    row = page.locator(f"#item-{ours.key}")
    expect(row).to_contain_text("Board meeting")
    click(row.get_by_role("link", name="Retry"))
    dialog = page.locator("#dialog")
    click(dialog.locator(".dialog-foot button.button--primary"))

    expect(page.locator("#toasts")).to_contain_text("Queued")
    order = Operation.objects.get(state="queued")
    assert (order.kind, order.subject_key) == ("transcript.order", ours.recording.key)
    assert clicks < 5
    assert refused == []


def test_cause_is_snoozed_by_keyboard_and_shown_again(page, live_server, refused, operator, account):
    failed_transcript(account, "Board meeting", timezone.now())
    sign_in(page, live_server, operator)
    page.goto(f"{live_server.url}/attention/")
    page.locator("#transcripts summary", has_text="Snooze").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Nothing needs you")).to_be_visible()
    page.locator("#snoozed > summary").click()
    page.locator("#snoozed .menu > summary").click()
    page.get_by_role("button", name="Show it again").click()

    expect(page.locator("#transcripts")).to_contain_text("could not reach the transcription provider")
    assert refused == []


@pytest.mark.parametrize("width", [1440, 390])
def test_pages_have_no_barriers_and_fit(page, live_server, operator, world, account, elsewhere, width):
    samples.failing(world, account)
    for number in range(3):
        failed_transcript(account, f"Call {number}", timezone.now() - timedelta(hours=20 * number))
    failed_transcript(elsewhere, "Planning", timezone.now(), code="never_heard_of")
    sign_in(page, live_server, operator)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{live_server.url}/attention/")
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    page.locator("#transcripts h3 a").first.click()

    expect(page.get_by_role("heading", name="What it hit")).to_be_visible()
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [1440, 390])
def test_snoozed_and_mended_causes_have_no_barriers(page, live_server, operator, account, width):
    failed_transcript(account, "Board meeting", timezone.now())
    sign_in(page, live_server, operator)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{live_server.url}/attention/")
    page.locator("#transcripts h3 a").click()
    address = page.url
    page.locator(".cause .menu > summary").click()
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    page.get_by_role("button", name="For a week").click()
    page.goto(f"{live_server.url}/attention/")
    page.locator("#snoozed > summary").click()
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    Transcript.objects.update(status=Status.COMPLETED)
    page.goto(address)
    expect(page.get_by_role("heading", name="Nothing is left of this cause")).to_be_visible()
    assert barriers(page) == []
