"""Words of all transcripts that a person may see; and any pasted id lands on its page."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboard.models import User
from recordings.models import Account, Call, Errand, Operation, ReadRecord, Recording, WebhookDelivery
from recordings.providers.snapshots import CallState, Status
from tests.transcripts.library import a_transcript, said
from transcripts import archives
from transcripts.models import Transcript

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def browser(operator: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(operator)


@pytest.fixture
def call(account: Account) -> Call:
    return Call.objects.create(account=account, external_id="call-1", title="Planning", state=CallState.LIVE)


@pytest.fixture
def recording(account: Account, call: Call) -> Recording:
    return Recording.objects.create(account=account, call=call, external_id="rec-1", sort_at=NOW)


def test_ids_lead_to_their_pages(browser: Client, account: Account, recording: Recording) -> None:
    transcript = Transcript.objects.create(account=account, external_id="tra-1", sort_at=NOW)
    order = Operation.objects.create(account=account, kind="x", order_key="order-1", fingerprint="x")
    callback = WebhookDelivery.objects.create(account=account, dedupe_id="msg-1", received_at=NOW)
    pages = {
        "rec-1": recording,
        ' "rec-1", ': recording,
        str(recording.key): recording,
        "tra-1": transcript,
        str(transcript.key): transcript,
        "order-1": order,
        str(order.key): order,
        "msg-1": callback,
        str(callback.key): callback,
        str(account.key): account,
    }

    for text, thing in pages.items():
        response = browser.get("/search/", {"q": text})
        assert (response.status_code, response.headers.get("Location")) == (302, thing.get_absolute_url()), (
            text
        )


def test_call_leads_to_what_was_recorded_of_it(
    browser: Client, account: Account, call: Call, recording: Recording
) -> None:
    assert browser.get("/search/?q=call-1").headers["Location"] == recording.get_absolute_url()

    Recording.objects.create(account=account, call=call, external_id="rec-2", sort_at=NOW)
    assert browser.get("/search/?q=call-1").headers["Location"] == f"/recordings/?call={call.key}"


def test_call_without_a_recording(browser: Client, call: Call) -> None:
    assert browser.get("/search/?q=call-1").headers["Location"] == f"/#call-{call.key}"

    Call.objects.update(state=CallState.ENDED)
    page = browser.get("/search/?q=call-1").content.decode()
    assert "nothing was recorded of it" in page


def test_one_id_of_several_things_lists_them(browser: Client, account: Account, recording: Recording) -> None:
    Transcript.objects.create(account=account, external_id="rec-1", sort_at=NOW)

    page = browser.get("/search/?q=rec-1").content.decode()

    assert "What has this id" in page
    assert recording.get_absolute_url() in page


@pytest.mark.parametrize(
    "text", ["", "rec", "two words", "rec-1 rec-1", "0190d3c4-0000-7000-8000-000000000000"]
)
def test_nothing_matches(browser: Client, recording: Recording, text: str) -> None:
    response = browser.get("/search/", {"q": text})

    assert response.status_code == 200
    assert ("Nothing found" in response.content.decode()) is bool(text)


def test_hidden_accounts_do_not_match(
    browser: Client, account: Account, recording: Recording, others: Group
) -> None:
    account.groups.set([others])

    assert "Nothing found" in browser.get("/search/?q=rec-1").content.decode()
    assert "Nothing found" in browser.get("/search/", {"q": str(account.key)}).content.decode()


def test_viewers_find_no_orders(viewer: User, signed_in: Callable[[User], Client], account: Account) -> None:
    Operation.objects.create(account=account, kind="x", order_key="order-1", fingerprint="x")

    assert "Nothing found" in signed_in(viewer).get("/search/?q=order-1").content.decode()


def test_without_a_role_nothing_is_found(signed_in: Callable[[User], Client], recording: Recording) -> None:
    nobody = User.objects.create_user("nobody")

    assert "Nothing found" in signed_in(nobody).get("/search/?q=rec-1").content.decode()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's own planner")
def test_ids_are_found_by_an_index(browser: Client, recording: Recording) -> None:
    with CaptureQueriesContext(connection) as queries:
        browser.get("/search/?q=rec-1")
    looked = [each["sql"] for each in queries if "'rec-1'" in each["sql"]]

    with connection.cursor() as cursor:
        for sql in looked:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = " ".join(row[3] for row in cursor.fetchall())
            assert "external_id=?" in plan or "order_key=?" in plan or "dedupe_id=?" in plan, plan
    assert len(looked) == 5


# Words


@pytest.fixture
def transcript(account: Account) -> Transcript:
    return a_transcript(
        account,
        said("good morning", "Bob", 0.0),
        said("now about the <b>budget</b> for café", "Ana Silva", 751.0),
        title="Quarterly planning",
        duration=2700,
        at=NOW,
    )


def text_of(response: HttpResponse) -> str:
    """What people read, without tags."""
    return unescape(" ".join(re.sub(r"<[^>]*>", "", response.content.decode()).split()))


def test_hit_lands_on_the_moment_and_shows_when_it_was(browser: Client, transcript: Transcript) -> None:
    response = browser.get("/search/", {"q": "budget speaker:ana"})
    page = response.content.decode()

    assert f'href="/transcripts/{transcript.key}/?t=754&amp;q=budget"' in page
    assert "12:34 of 45:00 Ana Silva now about the <b>budget</b> for café" in text_of(response)
    assert "&lt;b&gt;<mark>budget</mark>&lt;/b&gt;" in page
    assert browser.get(f"/transcripts/{transcript.key}/?t=754&q=budget").status_code == 200


def test_hit_without_times_or_title(browser: Client, account: Account) -> None:
    made = a_transcript(account, "the budget", external_id="tra-9", engine="premium", language="pt")

    response = browser.get("/search/?q=budget")

    assert f'href="/transcripts/{made.key}/?&amp;q=budget"' in response.content.decode()
    assert "tra-9" in text_of(response)
    assert "no time the budget" in text_of(response)


def test_filters_stand_in_the_address(browser: Client, account: Account, transcript: Transcript) -> None:
    passing = {
        "account": str(account.key),
        "provider": account.provider,
        "speaker": "ana",
        "since": "2026-11-20",
        "until": "2026-11-20",
        "order": "best",
        "after": "ignored",
    }
    failing = {"since": "2026-11-21", "until": "2026-11-19", "speaker": "bob", "language": "fr"}

    for query in ({}, passing, {"order": "worst"}, *({name: value} for name, value in passing.items())):
        assert "Quarterly planning" in text_of(browser.get("/search/", {"q": "budget", **query})), query
    for name, value in failing.items():
        assert "Nothing found" in text_of(browser.get("/search/", {"q": "budget", name: value})), name
    assert "Quarterly planning" in text_of(browser.get("/search/", {"speaker": "ana", "until": "9999-12-31"}))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"q": 'the "budget'}, 'The quotation mark before "budget is never closed.'),
        ({"q": "a OR"}, "OR needs a word on each side."),
        ({"q": "🎉"}, "Type at least one letter or digit to search for."),
        ({"q": "-budget"}, "a search cannot only leave out"),
        ({"q": "x" * 1001}, "longer than 1000 characters"),
        ({"q": "budget account:nowhere"}, "No account that you may see is called “nowhere”."),
        ({"q": "budget", "speaker": "🎉"}, "Type at least one letter or digit"),
        ({"q": "budget", "since": "yesterday"}, "Enter a valid date."),
        ({"q": "budget", "account": "nonsense"}, "Select a valid choice."),
        ({"q": "\x00"}, "Null characters are not allowed."),
    ],
)
def test_what_cannot_be_read_is_explained_beside_its_field(
    browser: Client, transcript: Transcript, query: dict[str, str], words: str
) -> None:
    response = browser.get("/search/", query)

    assert response.status_code == 200
    assert words in text_of(response)
    assert 'field-error"' in response.content.decode()
    assert "Quarterly planning" not in text_of(response)


def test_empty_page_teaches_the_syntax(browser: Client) -> None:
    page = text_of(browser.get("/search/"))

    for example in ('"budget plan"', "budg*", "budget -plan", "speaker:ana", "after:2026-11-01"):
        assert example in page


def test_page_follows_page(browser: Client, account: Account) -> None:
    for number in range(21):
        a_transcript(account, "the budget", title=f"Call number {number}.", at=NOW - timedelta(hours=number))

    first = browser.get("/search/?q=budget&speaker=").content.decode()
    older = re.search(r'rel="next" href="([^"]+)"', first)[1]
    second = browser.get(f"/search/{unescape(older)}").content.decode()

    assert "Call number 19." in first
    assert "Call number 20." not in first
    assert "Call number 20." in second
    assert "Newest" in second
    assert "Call number 19." not in second


def test_reading_on_for_a_speaker(browser: Client, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transcripts.search.MOST_READ", 21)
    a_transcript(account, said("the budget", "Ana"), title="Found", at=NOW - timedelta(hours=1))
    for number in range(22):
        a_transcript(
            account, said("hello", "Ana"), said("the budget", "Bob"), at=NOW - timedelta(days=1, hours=number)
        )

    first = browser.get("/search/?q=budget+speaker:ana")
    Transcript.objects.filter(call__title="Found").update(is_buried=True)
    nothing = browser.get("/search/?q=budget+speaker:ana")

    assert "So far 21 transcripts were read" in text_of(first)
    assert "Nothing yet" in text_of(nothing)
    assert 'rel="next"' in nothing.content.decode()


def test_what_is_shown_is_noted_as_read(browser: Client, operator: User, transcript: Transcript) -> None:
    browser.get("/search/?q=budget")
    browser.get("/search/?q=morning")
    browser.get("/search/?q=nothing-like-that")

    [record] = ReadRecord.objects.all()
    assert (record.user, record.what, record.key, record.purpose, record.count) == (
        operator,
        "transcript",
        transcript.key,
        "saw",
        2,
    )


def test_id_that_is_a_word_as_well_shows_both(browser: Client, account: Account) -> None:
    call = Call.objects.create(account=account, external_id="standup", state=CallState.LIVE)
    assert browser.get("/search/?q=standup").headers["Location"] == f"/#call-{call.key}"

    a_transcript(account, "our standup", title="Quarterly planning")
    page = text_of(browser.get("/search/?q=standup"))

    assert "What has this id" in page
    assert "our standup" in page


def test_id_that_no_query_can_be_still_leads_to_its_page(browser: Client, account: Account) -> None:
    recording = Recording.objects.create(account=account, external_id="-(odd", sort_at=NOW)

    assert browser.get("/search/", {"q": "-(odd"}).headers["Location"] == recording.get_absolute_url()


def test_words_of_hidden_accounts_are_not_found(
    browser: Client, account: Account, transcript: Transcript, others: Group
) -> None:
    account.groups.set([others])

    assert "Nothing found" in text_of(browser.get("/search/?q=budget"))
    assert "Quarterly" not in text_of(browser.get("/search/?since=2020-01-01"))
    assert "Select a valid choice" in text_of(browser.get(f"/search/?q=budget&account={account.key}"))


def test_without_the_right_to_read_no_words_are_found(
    signed_in: Callable[[User], Client], transcript: Transcript
) -> None:
    nobody = signed_in(User.objects.create_user("nobody"))

    assert "Nothing found" in text_of(nobody.get("/search/?q=budget"))
    assert "speaker:" not in text_of(nobody.get("/search/"))
    assert not ReadRecord.objects.exists()


def test_deleted_at_the_provider_but_kept_here_says_so(browser: Client, transcript: Transcript) -> None:
    Transcript.objects.update(status=Status.DELETED)

    assert "deleted at the provider, kept here" in text_of(browser.get("/search/?q=budget"))


def test_index_that_is_being_made_anew_says_so(browser: Client, account: Account) -> None:
    Errand.objects.create(account=account, kind="search.rebuild", cursor={"after": 7}, due_at=NOW)

    assert "made anew" in text_of(browser.get("/search/?q=budget"))


def test_provider_that_is_no_more_can_be_chosen(browser: Client, account: Account) -> None:
    Account.objects.create(name="Old", provider="gone")

    assert '<option value="gone">gone</option>' in browser.get("/search/").content.decode()


def test_everything_that_is_found_can_be_exported(
    operator: User, account: Account, browser: Client, transcript: Transcript
) -> None:
    other = a_transcript(account, said("the budget", "Bob"), at=NOW - timedelta(days=1))
    find = archives.source_of("search").find

    assert find(operator, "q=budget", "") == ([transcript.pk, other.pk], "")
    assert find(operator, "q=budget&speaker=ana", "") == ([transcript.pk], "")
    assert find(operator, "q=%22", "") == ([], "")
    assert find(operator, "", "") == ([], "")
    link = re.search(
        r'href="([^"]*export[^"]*source=search[^"]*)"', browser.get("/search/?q=budget").content.decode()
    )
    assert "A search" in text_of(browser.get(unescape(link[1])))


def test_export_of_a_search_goes_on_page_by_page(
    operator: User, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transcripts.search.MOST_READ", 2)
    made = [a_transcript(account, "budget", at=NOW - timedelta(hours=number)) for number in range(3)]
    find = archives.source_of("search").find

    first, cursor = find(operator, "q=budget", "")
    second, end = find(operator, "q=budget", cursor)

    assert (first + second, end) == ([each.pk for each in made], "")
