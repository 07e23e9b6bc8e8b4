"""The list of recordings, its table, and the page of one."""

import csv
import io
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dashboard.models import User
from dashboard.recording_filters import RecordingFilters
from dashboard.timeline import events
from recordings.models import (
    Account,
    Call,
    DeliveryMention,
    Operation,
    OperationStep,
    ReadRecord,
    Recording,
    WebhookDelivery,
)
from recordings.providers.snapshots import CallState, Status
from tests.dashboard import samples
from tests.simulators.recall import RecallSimulator
from tests.world import World
from transcripts.models import Transcript

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LIST = "/recordings/"


@pytest.fixture
def other(world: World, recall: RecallSimulator) -> Account:
    return world.add(RecallSimulator(clock=world.clock, seed=7), name="The other")


@pytest.fixture
def browser(viewer: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(viewer)


def made(account: Account, number: int = 0, **facts: Any) -> Recording:
    call = Call.objects.create(
        account=account, external_id=f"call-{uuid.uuid4()}", title=facts.pop("title", f"Call {number}")
    )
    values = {"status": Status.COMPLETED, "sort_at": NOW - timedelta(hours=number)} | facts
    values.setdefault("external_id", f"rec-{uuid.uuid4()}")
    return Recording.objects.create(account=account, call=call, **values)


def shown(response: Any) -> list[str]:
    """The titles of the calls in a list, from top to bottom."""
    return [row.call__title for row in response.context["page"].rows]


# The list.


def test_newest_first_by_pages_and_none_twice(browser: Client, account: Account) -> None:
    for number in range(120):
        made(account, number)

    titles, address = [], LIST
    while address:
        response = browser.get(address)
        titles += shown(response)
        cursor = response.context["page"].next_cursor
        address = f"{LIST}?before={cursor.replace('+', '%2B')}" if cursor else ""

    assert titles == [f"Call {number}" for number in range(120)]


def test_rows_of_one_moment_are_all_shown(browser: Client, account: Account) -> None:
    for number in range(60):
        made(account, title=f"Call {number}")

    first = browser.get(LIST)
    second = browser.get(LIST, {"before": first.context["page"].next_cursor})

    assert len(set(shown(first) + shown(second))) == 60


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ({}, ["Live", "Failed", "Old", "Gone"]),
        ({"status": "live"}, ["Live"]),
        ({"status": "failed"}, ["Failed"]),
        ({"status": "no such word"}, ["Live", "Failed", "Old", "Gone"]),
        ({"transcripts": "with"}, ["Old"]),
        ({"transcripts": "without"}, ["Live", "Failed", "Gone"]),
        ({"transcripts": "open"}, ["Gone"]),
        ({"transcripts": "failed"}, ["Failed"]),
        ({"q": "li"}, ["Live"]),
        ({"q": "rec-gone"}, ["Gone"]),
        ({"q": "ive"}, []),
        ({"since": "2026-11-20"}, ["Live", "Failed"]),
        ({"until": "2026-11-19"}, ["Old", "Gone"]),
        ({"since": "2026-11-18", "until": "2026-11-18"}, ["Gone"]),
        ({"reason": "boom"}, ["Failed"]),
        ({"provider": "recall"}, ["Live", "Failed", "Old", "Gone"]),
        ({"account": str(uuid.uuid4())}, ["Live", "Failed", "Old", "Gone"]),
    ],
)
def test_filters(browser: Client, account: Account, query: dict[str, str], titles: list[str]) -> None:
    made(account, title="Live", status=Status.IN_PROGRESS, started_at=NOW)
    failed = made(account, 1, title="Failed", status=Status.FAILED, reason_code="boom")
    old = made(account, 24, title="Old")
    gone = made(account, 48, title="Gone", external_id="rec-gone-1", status=Status.DELETED)
    for recording, status in ((failed, "failed"), (old, "completed"), (gone, "processing")):
        Transcript.objects.create(account=account, recording=recording, status=status, sort_at=NOW)

    assert shown(browser.get(LIST, query)) == titles


def test_filter_by_key_and_by_call(browser: Client, account: Account) -> None:
    one, _ = made(account, 1), made(account, 2)

    assert shown(browser.get(LIST, {"q": str(one.key)})) == ["Call 1"]
    assert one.call is not None
    assert shown(browser.get(LIST, {"call": str(one.call.key)})) == ["Call 1"]


def test_costly_filters_look_at_the_last_days_and_say_so(browser: Client, account: Account) -> None:
    made(account, 24 * 100, title="Long ago")

    response = browser.get(LIST, {"q": "Long"})

    assert shown(response) == []
    assert "only the last 90 days" in response.content.decode()
    assert shown(browser.get(LIST, {"q": "Long", "since": "2026-01-01"})) == ["Long ago"]


def test_days_are_those_of_the_operators_zone(
    viewer: User, signed_in: Callable[[User], Client], account: Account
) -> None:
    viewer.time_zone = "Pacific/Auckland"  # 13 hours ahead
    viewer.save()
    made(account, 0, title="Tonight there")

    assert shown(signed_in(viewer).get(LIST, {"until": "2026-11-19"})) == []
    assert shown(signed_in(viewer).get(LIST, {"since": "2026-11-20"})) == ["Tonight there"]


@pytest.mark.parametrize("hidden", [False, True])
def test_accounts_among_others(
    browser: Client, account: Account, other: Account, others: Group, world: World, hidden: bool
) -> None:
    third = world.add(RecallSimulator(clock=world.clock, seed=9), name="The third")
    for number, each in enumerate((account, other, third, account, other, third)):
        made(each, number)
    if hidden:
        third.groups.set([others])

    numbers = [0, 1, 3, 4] if hidden else [0, 1, 2, 3, 4, 5]
    assert shown(browser.get(LIST)) == [f"Call {number}" for number in numbers]
    assert shown(browser.get(LIST, {"account": str(other.key)})) == ["Call 1", "Call 4"]


def test_somebody_with_a_few_accounts_turns_pages(
    browser: Client, account: Account, other: Account, others: Group, world: World
) -> None:
    world.add(RecallSimulator(clock=world.clock, seed=9), name="The third").groups.set([others])
    for number in range(70):
        made((account, other)[number % 2], number)

    first = browser.get(LIST)
    second = browser.get(LIST, {"before": first.context["page"].next_cursor})

    assert shown(first) + shown(second) == [f"Call {number}" for number in range(70)]


def test_no_account_at_all_shows_nothing(browser: Client, account: Account, others: Group) -> None:
    made(account)
    account.groups.set([others])

    assert "No recordings" in browser.get(LIST).content.decode()


def test_list_takes_few_queries_whatever_it_shows(browser: Client, account: Account) -> None:
    browser.get(LIST)  # Permissions and session are read once.
    for number in range(50):
        recording = made(account, number)
        Transcript.objects.create(account=account, recording=recording, status="completed", sort_at=NOW)

    with CaptureQueriesContext(connection) as queries:
        browser.get(LIST)

    about = [each["sql"] for each in queries]
    assert len(about) <= 6  # session, user, rights; accounts, recordings, transcripts
    assert not any('"raw"' in sql or "COUNT(" in sql or "OFFSET" in sql for sql in about)


def test_disabled_person_is_shown_no_rows_and_no_accounts(viewer: User, account: Account) -> None:
    made(account)
    seen = RecordingFilters(QueryDict(), user=viewer)
    viewer.is_active = False
    unseen = RecordingFilters(QueryDict(), user=viewer)

    assert len(seen.page(Recording.objects.all(), "").rows) == 1
    assert seen.accounts == [account]
    assert unseen.page(Recording.objects.all(), "").rows == []
    assert unseen.accounts == []


# The table.


def test_table_has_the_filtered_rows_and_runs_no_formula(browser: Client, account: Account) -> None:
    made(account, 1, title='=HYPERLINK("http://evil.test")', duration_seconds=12.5, price="0.0100")
    made(account, 2, status=Status.FAILED)

    response = browser.get("/recordings/export.csv?status=completed")
    text = response.content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))

    assert "attachment" in response.headers["Content-Disposition"]
    assert [row["call"] for row in rows] == ['\'=HYPERLINK("http://evil.test")']
    assert rows[0]["seconds"] == "12.5"
    assert rows[0]["provider"] == "Recall.ai"


def test_table_goes_on_over_many_pages(
    browser: Client, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.spreadsheets.MOST", 7)
    monkeypatch.setattr("dashboard.listing.Filters.pages.__kwdefaults__", {"size": 3})
    for number in range(10):
        made(account, number)

    lines = browser.get("/recordings/export.csv").content.decode().splitlines()

    assert len(lines) == 8


# The page.


def test_page_of_a_finished_recording(
    operator: User,
    signed_in: Callable[[User], Client],
    world: World,
    recall: RecallSimulator,
    account: Account,
) -> None:
    things = samples.full(world, recall, account, operator)
    assert things.recording
    assert things.transcript

    html = signed_in(operator).get(things.recording.get_absolute_url()).content.decode()

    assert "Quarterly planning" in html
    assert f"/recordings/{things.recording.key}/media/?variant=video" in html
    assert things.transcript.get_absolute_url() in html
    assert "This recording has 1 of 10 transcripts already." in html
    assert "Start recording, ordered by operator" in html
    assert "callbacks" in html
    assert "Delete the recording" in html
    assert "Options used" in html
    assert ReadRecord.objects.get(key=things.recording.key).purpose == "saw"


def test_viewers_see_neither_orders_nor_buttons(
    operator: User,
    viewer: User,
    signed_in: Callable[[User], Client],
    world: World,
    recall: RecallSimulator,
    account: Account,
) -> None:
    things = samples.full(world, recall, account, operator)
    assert things.recording

    html = signed_in(viewer).get(things.recording.get_absolute_url()).content.decode()

    assert "ordered by" not in html
    assert "Callback" not in html
    assert "/order/" not in html


def test_poll_is_answered_204_until_something_changes(browser: Client, account: Account) -> None:
    recording = made(account, status=Status.PROCESSING)
    address = recording.get_absolute_url()
    stamp = browser.get(address).context["stamp"]
    poll = {"query_params": {"stamp": stamp, "plays": "processing"}, "headers": {"HX-Request": "true"}}

    assert browser.get(address, **poll).status_code == 204
    recording.status = Status.COMPLETED
    recording.save()
    news = browser.get(address, **poll)

    assert news.status_code == 200
    assert "<video" not in news.content.decode()
    assert "tapedeck-player" in news.headers["HX-Trigger"]
    assert 'hx-swap-oob="morph"' in news.content.decode()


def test_poll_leaves_a_player_alone_that_plays_the_same(browser: Client, account: Account) -> None:
    recording = made(account, handle={"media": {"video": "mp4", "audio": "mp3"}})
    poll = {"query_params": {"stamp": "old", "plays": "video,audio"}, "headers": {"HX-Request": "true"}}

    news = browser.get(recording.get_absolute_url(), **poll)

    assert "HX-Trigger" not in news.headers


def test_player_offers_each_form_and_begins_where_it_is_asked_to(browser: Client, account: Account) -> None:
    recording = made(account, handle={"media": {"video": "mp4", "audio": "mp3"}})
    address = recording.get_absolute_url()

    chosen = browser.get(address, {"variant": "audio", "t": "83.5"}).content.decode()
    unknown = browser.get(address, {"variant": "smell", "t": "soon"}).content.decode()

    assert (
        f'<audio controls preload="metadata" src="/recordings/{recording.key}/media/?variant=audio#t=83.5"'
        in chosen
    )
    assert f'src="/recordings/{recording.key}/media/?variant=video"' in unknown


def test_player_offers_files_to_download_and_does_not_play_them(browser: Client, account: Account) -> None:
    both = made(account, handle={"media": {"video": "mp4", "participants": "json"}})
    files = made(account, 1, handle={"media": {"participants": "json"}})
    address = reverse("recording-player", args=[both.key])

    html = browser.get(address, {"variant": "participants"}).content.decode()
    alone = browser.get(reverse("recording-player", args=[files.key])).content.decode()

    assert f'src="/recordings/{both.key}/media/?variant=video"' in html
    assert f'href="/recordings/{both.key}/media/?variant=participants&amp;download=1"' in html
    assert "The provider offers no media" in alone
    assert "variant=participants" in alone
    assert "<video" not in alone


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status.REQUESTED, "has not answered yet"),
        (Status.IN_PROGRESS, "It is being recorded now"),
        (Status.PROCESSING, "still preparing the media"),
        (Status.FAILED, "This recording failed"),
        (Status.DELETED, "This recording is deleted"),
    ],
)
def test_player_says_why_there_is_nothing(
    browser: Client, account: Account, status: Status, words: str
) -> None:
    recording = made(account, status=status)

    html = browser.get(reverse("recording-player", args=[recording.key])).content.decode()

    assert words in html
    assert "<video" not in html


def test_completed_without_media(browser: Client, account: Account) -> None:
    recording = made(account, handle={"media": {}})

    assert "offers no media" in browser.get(recording.get_absolute_url()).content.decode()


def test_failed_without_a_reason_says_so(browser: Client, account: Account) -> None:
    recording = made(account, status=Status.FAILED)

    assert "gives no reason" in browser.get(recording.get_absolute_url()).content.decode()


def test_raw_answer_is_shown_without_what_opens_something(browser: Client, account: Account) -> None:
    recording = made(account, raw={"title": "<b>", "download_url": "https://files.test/a?Signature=secret"})

    html = browser.get(recording.get_absolute_url()).content.decode()

    assert "&lt;b&gt;" in html
    assert "Signature=secret" not in html
    assert "files.test" in html


def test_tombstone_says_who_when_and_what_was_answered(
    operator: User,
    signed_in: Callable[[User], Client],
    world: World,
    recall: RecallSimulator,
    account: Account,
) -> None:
    things = samples.full(world, recall, account, operator)
    assert things.recording
    world.order(operator, things.recording, "recording.delete")
    world.advance(30)

    html = signed_in(operator).get(things.recording.get_absolute_url()).content.decode()

    assert "operator deleted this recording" in html
    assert "The provider answered: HTTP 204." in html
    assert "See the order" in html
    assert "<video" not in html


def test_tombstone_of_a_deletion_at_the_provider(browser: Client, account: Account) -> None:
    recording = made(account, status=Status.DELETED, deleted_at=NOW, reason="Its time of keeping is over.")
    Operation.objects.create(
        account=account,
        order_key="a",
        fingerprint="a",
        kind="recording.stop",
        state="succeeded",
        subject_key=recording.key,
    )

    html = browser.get(recording.get_absolute_url()).content.decode()

    assert "This recording was deleted at the provider" in html
    assert "Its time of keeping is over." in html
    assert "The provider answered" not in html


def test_tombstone_of_somebody_who_is_gone(browser: Client, account: Account) -> None:
    recording = made(account, status=Status.DELETED, is_buried=True)
    order = Operation.objects.create(
        account=account,
        order_key="a",
        fingerprint="a",
        kind="recording.delete",
        state="succeeded",
        subject_key=recording.key,
        outcome="It was gone already.",
    )
    OperationStep.objects.create(operation=order, kind="claimed", at=NOW)

    html = browser.get(recording.get_absolute_url()).content.decode()

    assert "This recording was deleted from here" in html
    assert "The provider answered: It was gone already." in html


# The timeline.


def test_timeline_is_in_order_and_folds_callbacks_that_came_in_a_row(
    operator: User, account: Account
) -> None:
    recording = made(
        account,
        started_at=NOW,
        completed_at=NOW + timedelta(minutes=9),
        media_expires_at=NOW - timedelta(hours=1),
    )
    for number, state in enumerate(("settled", "unreadable", "settled")):
        delivery = WebhookDelivery.objects.create(
            account=account,
            dedupe_id=f"msg-{number}",
            event=f"event.{number}",
            state=state,
            duplicates=number,
            received_at=NOW + timedelta(minutes=number + (20 if number == 2 else 1)),
        )
        DeliveryMention.objects.create(delivery=delivery, account=account, external_id=recording.external_id)

    found = events(recording, [], operator)

    assert [event.title for event in found] == [
        "The provider's time of keeping ended",
        "Recording began",
        "First known here",
        "2 callbacks",
        "Recording ended",
        "Callback event.2",
    ]
    assert (found[3].tone, [each.state for each in found[3].more]) == ("bad", ["", "unreadable"])
    assert found[5].text.startswith("2 more of the same came.")


def test_timeline_tells_of_failure_deletion_and_transcripts(operator: User, account: Account) -> None:
    recording = made(account, status=Status.FAILED, reason="Boom.", deleted_at=NOW, external_id="")
    recording.call = None
    done = Transcript(account=account, status="completed", completed_at=NOW, engine="best", sort_at=NOW)
    failed = Transcript(account=account, status="failed", status_at=NOW, reason="No credit.", sort_at=NOW)
    running = Transcript(account=account, status="processing", sort_at=NOW)

    found = {event.title: event for event in events(recording, [done, failed, running], operator)}

    assert found["Recording failed"].text == "Boom."
    assert "Deleted at the provider" in found
    assert found["Transcript by best"].state == "completed"
    assert found["Transcript"].text == "No credit."


def test_live_call_of_the_recording_can_be_steered(
    operator: User, signed_in: Callable[[User], Client], account: Account
) -> None:
    recording = made(account, status=Status.IN_PROGRESS, started_at=NOW)
    assert recording.call
    Call.objects.update(state=CallState.LIVE)

    html = signed_in(operator).get(recording.get_absolute_url()).content.decode()

    assert reverse("order", args=["recording", recording.key, "recording.stop"]) in html
    assert reverse("order", args=["call", recording.call.key, "call.leave"]) in html
