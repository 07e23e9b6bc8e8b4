"""What a person finds: the same on both databases, and nothing that is not theirs to see."""

import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils import timezone

from recordings.providers.snapshots import Status
from tests.transcripts.library import NOW, a_transcript, ago, an_account, said
from transcripts import burial, overlays_changes
from transcripts.models import Transcript
from transcripts.query import Filter
from transcripts.search import BEST, NEWEST, QueryError, find, words_of

CASES = json.loads((Path(__file__).parent / "queries.json").read_text(encoding="utf-8"))


@pytest.fixture
def user(db):
    return get_user_model().objects.create_user("ana")


@pytest.fixture
def account(db):
    return an_account("Sales")


def found(user, text, **options):
    return [hit.key for hit in find(user, text, **options).hits]


def keys(*transcripts):
    return [each.key for each in transcripts]


def snippet(moment):
    return "".join(f"[{part.text}]" if part.is_hit else part.text for part in moment.parts)


# The same on both databases


@pytest.fixture
def library(account):
    """The texts of queries.json, each a transcript of its own."""
    return {a_transcript(account, text).key: name for name, text in CASES["texts"].items()}


@pytest.mark.parametrize("order", [NEWEST, BEST])
def test_every_query_finds_exactly_its_texts(user, library, order):
    wrong = {}

    for case in CASES["queries"]:
        names = {library[key] for key in found(user, case["query"], order=order)}
        if names != set(case["hits"]):
            wrong[case["query"]] = names

    assert len(CASES["queries"]) > 200
    assert wrong == {}


def test_every_hit_of_every_query_is_marked_somewhere(user, library):
    unmarked = [
        (case["query"], library[hit.key])
        for case in CASES["queries"]
        for hit in find(user, case["query"]).hits
        if not any(part.is_hit for moment in hit.moments for part in moment.parts)
    ]

    assert unmarked == []


# Who sees what


def test_accounts_of_other_groups_are_never_searched(user, account):
    theirs, other = Group.objects.create(name="theirs"), Group.objects.create(name="other")
    user.groups.add(theirs)
    mine = a_transcript(an_account("Mine", theirs), "the budget")
    everyones = a_transcript(account, "the budget")
    a_transcript(an_account("Secret", other), "the budget of nobody else")

    for text in ("budget", '"the budget"', "budg*", "budget -plan", "the OR budget"):
        assert set(found(user, text)) == set(keys(mine, everyones)), text
        assert set(found(user, text, order=BEST)) == set(keys(mine, everyones)), text
    assert set(found(user, "before:2030-01-01")) == set(keys(mine, everyones))
    assert found(user, "nobody") == []


def test_an_account_that_is_not_theirs_is_called_like_one_that_is_not_there(user, account):
    an_account("Secret", Group.objects.create(name="other"))

    for name in ("Secret", "Nowhere"):
        with pytest.raises(QueryError, match=f"No account that you may see is called “{name}”."):
            find(user, f"budget account:{name}")


def test_whoever_sees_no_account_finds_nothing(user):
    hidden = an_account("Secret", Group.objects.create(name="other"))
    a_transcript(hidden, "the budget")

    assert found(user, "budget") == []
    assert found(user, "after:2020-01-01") == []


def test_a_disabled_user_finds_nothing(user, account):
    a_transcript(account, "the budget")
    user.is_active = False

    assert found(user, "budget") == []


def test_more_accounts_than_the_index_is_asked_for_by_name(user):
    other = Group.objects.create(name="other")
    mine = [
        a_transcript(an_account(f"Mine {number}"), "the budget", at=ago(hours=number)) for number in range(12)
    ]
    a_transcript(an_account("Secret", other), "the budget")

    assert found(user, "budget") == keys(*mine)


def test_a_deleted_transcript_is_not_found(user, account):
    kept, gone = a_transcript(account, "the budget"), a_transcript(account, "the budget")

    burial.forget(gone)

    assert found(user, "budget") == keys(kept)
    assert found(user, "the") == keys(kept)
    assert found(user, "after:2020-01-01") == keys(kept)


def test_a_tombstone_is_not_shown_though_the_index_still_had_it(user, account):
    gone = a_transcript(account, "the budget")
    Transcript.objects.filter(pk=gone.pk).update(is_buried=True)

    assert found(user, "budget") == []


def test_words_that_we_keep_of_what_the_provider_deleted_are_found(user, account):
    kept = a_transcript(account, "the budget")
    Transcript.objects.filter(pk=kept.pk).update(status=Status.DELETED)

    [hit] = find(user, "budget").hits

    assert (hit.key, hit.status) == (kept.key, "deleted")


# Order and pages


def test_newest_come_first_whatever_came_in_first(user, account):
    old = a_transcript(account, "budget", at=ago(days=30))
    new = a_transcript(account, "budget", at=ago(days=1))
    middle = a_transcript(account, "budget", at=ago(days=10))

    assert found(user, "budget") == keys(new, middle, old)


@pytest.mark.parametrize("order", [NEWEST, BEST])
def test_pages_go_on_where_the_one_before_ended(user, account, order):
    # Some of the same second, for these must not be lost between two pages either.
    made = [a_transcript(account, "budget", at=ago(minutes=number // 3)) for number in range(45)]

    pages, cursor = [], ""
    while True:
        page = find(user, "budget", order=order, after=cursor)
        pages.append([hit.key for hit in page.hits])
        cursor = page.next_cursor
        if not cursor:
            break

    assert [len(page) for page in pages] == [20, 20, 5]
    assert sorted(key for page in pages for key in page) == sorted(keys(*made))


@pytest.mark.parametrize("cursor", ["nonsense", "-1", "9" * 30, "１"])
def test_a_cursor_that_nobody_gave_out_does_no_harm(user, account, cursor):
    a_transcript(account, "budget")

    find(user, "budget", after=cursor)
    find(user, "budget", order=BEST, after=cursor)


def test_the_best_come_first_by_relevance(user, account):
    dense = a_transcript(account, "budget budget budget", at=ago(days=3))
    a_transcript(account, "budget " + "and something else entirely " * 40, at=ago(days=2))
    newest = a_transcript(account, "budget " + "and much that has to do with nothing " * 80, at=ago(days=1))

    assert found(user, "budget", order=BEST)[0] == dense.key
    assert found(user, "budget")[0] == newest.key


def test_filters_alone_have_no_relevance_and_come_newest_first(user, account):
    old, new = a_transcript(account, "one", at=ago(days=3)), a_transcript(account, "two")

    assert found(user, "after:2020-01-01", order=BEST) == keys(new, old)


# Filters


def test_filters_by_account_and_provider(user):
    sales = a_transcript(an_account("Acme Sales"), "budget", at=ago(hours=1))
    support = a_transcript(an_account("Acme Support", provider="twilio"), "budget", at=ago(hours=2))
    rooms = a_transcript(an_account("Rooms", provider="daily"), "budget", at=ago(hours=3))

    assert found(user, "budget account:acme") == keys(sales, support)
    assert found(user, 'budget account:"acme sales"') == keys(sales)
    assert found(user, "budget -account:acme") == keys(rooms)
    assert found(user, "budget account:sales account:rooms") == keys(sales, rooms)
    assert found(user, "budget provider:Twilio") == keys(support)
    assert found(user, "budget provider:recall.ai") == keys(sales)
    assert found(user, "budget -provider:twilio -provider:daily") == keys(sales)
    assert found(user, "provider:daily") == keys(rooms)
    assert found(user, "budget account:acme provider:daily") == []
    assert found(user, "budget", filters=[Filter(name="account", value=str(rooms.account.key))]) == keys(
        rooms
    )


def test_a_provider_that_nobody_uses_is_explained(user, account):
    with pytest.raises(QueryError, match="at a provider called “zoom”"):
        find(user, "budget provider:zoom")


def test_an_account_at_a_provider_that_is_no_more_is_searched_still(user):
    old = a_transcript(an_account("Old", provider="gone"), "budget")

    assert found(user, "budget provider:gone") == keys(old)


def test_filters_by_language(user, account):
    lisbon = a_transcript(account, "um plano", language="pt-PT", at=ago(hours=1))
    rio = a_transcript(account, "um plano", language="pt_br", at=ago(hours=2))
    unknown = a_transcript(account, "um plano", at=ago(hours=3))

    assert found(user, "plano language:pt") == keys(lisbon, rio)
    assert found(user, "plano language:PT-BR") == keys(rio)
    assert found(user, "plano language:pt-br language:pt-pt") == keys(lisbon, rio)
    assert found(user, "plano -language:pt-br") == keys(lisbon, unknown)
    assert found(user, "-language:pt") == keys(unknown)
    assert found(user, "plano language:fr") == []


def test_days_are_those_of_whoever_asks(user, account):
    late = a_transcript(account, "budget", at=datetime(2026, 11, 19, 23, 30, tzinfo=UTC))

    assert found(user, "budget after:2026-11-20") == []
    assert found(user, "budget before:2026-11-20") == keys(late)
    with timezone.override(ZoneInfo("Europe/Berlin")):
        assert found(user, "budget after:2026-11-20") == keys(late)
        assert found(user, "budget before:2026-11-20") == []
        assert found(user, "budget after:2026-11-20 before:2026-11-21") == keys(late)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue"])
def test_days_at_the_ends_of_the_calendar(user, account, zone):
    made = a_transcript(account, "budget")

    with timezone.override(ZoneInfo(zone)):
        assert found(user, "budget after:0001-01-01 before:9999-12-31") == keys(made)


def test_many_of_one_second_are_all_found_by_their_day(user, account):
    made = [
        a_transcript(account, "budget", at=datetime(2026, 11, 19, 23, 59, 59, tzinfo=UTC)) for _ in range(5)
    ]

    assert set(found(user, "budget before:2026-11-20 after:2026-11-19")) == set(keys(*made))
    assert found(user, "budget after:2026-11-20") == []


# Speakers


def test_words_beside_a_speaker_are_said_by_that_speaker(user, account):
    hers = a_transcript(account, said("the budget", "Ana Silva"), said("fine", "Bob"), at=ago(hours=1))
    a_transcript(account, said("hello", "Ana Silva"), said("the budget", "Bob"), at=ago(hours=2))
    a_transcript(account, said("the budget", "Bob"), at=ago(hours=3))

    assert found(user, "budget speaker:ana") == keys(hers)
    assert found(user, 'budget speaker:"ana silva"') == keys(hers)
    assert found(user, "budget speaker:an*") == keys(hers)
    assert found(user, "budget speaker:silva order") == []
    [hit] = find(user, "budget speaker:ana").hits
    assert [moment.speaker for moment in hit.moments] == ["Ana Silva"]


def test_what_is_left_out_may_be_said_by_somebody_else(user, account):
    hers = a_transcript(account, said("the budget", "Ana"), said("the plan", "Bob"))
    a_transcript(account, said("the budget and the plan", "Ana"))

    assert found(user, "budget -plan speaker:ana") == keys(hers)
    assert found(user, "(budget OR nothing) -plan speaker:ana") == keys(hers)


def test_a_speaker_alone_finds_the_calls_with_them(user, account):
    hers = a_transcript(account, said("hello", "Ana Silva"), at=ago(hours=1))
    two = a_transcript(account, said("hello", "Ana Costa"), said("hello", "João Silva"), at=ago(hours=2))

    assert found(user, "speaker:ana") == keys(hers, two)
    assert found(user, "speaker:joao") == keys(two)
    assert found(user, 'speaker:"ana silva"') == keys(hers)
    assert found(user, "-speaker:ana after:2020-01-01") == []
    assert found(user, '-speaker:"ana silva" hello') == keys(two)
    assert found(user, "speaker:joao speaker:nobody") == keys(two)


@pytest.mark.parametrize("name", ["🎉", '"-"'])
def test_a_speaker_without_a_letter_is_explained(user, account, name):
    with pytest.raises(QueryError):
        find(user, f"speaker:{name}")


def test_where_only_the_lines_can_tell_a_page_reads_so_many(user, account, monkeypatch):
    monkeypatch.setattr("transcripts.search.MOST_READ", 21)
    for number in range(50):
        a_transcript(account, said("hello", "Ana"), said("the budget", "Bob"), at=ago(minutes=number))
    hers = a_transcript(account, said("the budget", "Ana"), at=ago(days=1))

    first = find(user, "budget speaker:ana")
    second = find(user, "budget speaker:ana", after=first.next_cursor)
    third = find(user, "budget speaker:ana", after=second.next_cursor)

    assert [(page.hits, page.read) for page in (first, second)] == [((), 21), ((), 21)]
    assert ([hit.key for hit in third.hits], third.read, third.next_cursor) == (keys(hers), None, "")


@pytest.mark.parametrize("order", [NEWEST, BEST])
def test_pages_of_one_speaker_lose_nothing(user, account, order):
    made = [a_transcript(account, said("the budget", "Ana"), at=ago(minutes=number)) for number in range(25)]

    first = find(user, "budget speaker:ana", order=order)
    second = find(user, "budget speaker:ana", order=order, after=first.next_cursor)

    assert len(first.hits) == 20
    assert second.next_cursor == ""
    assert {hit.key for hit in (*first.hits, *second.hits)} == set(keys(*made))


def test_names_and_corrections_are_searched_and_what_they_replace_is_not(user, account):
    transcript = a_transcript(account, said("the bucket for may", "Speaker 1"), said("fine", "Speaker 2"))

    overlays_changes.rename_speaker(user, transcript, "Speaker 1", "Ana Silva")
    overlays_changes.correct_line(user, transcript, 0, text="the budget for May")

    assert found(user, "budget") == keys(transcript)
    assert found(user, "bucket") == []
    assert found(user, "budget speaker:ana") == keys(transcript)
    assert found(user, 'speaker:"speaker 1"') == []
    [hit] = find(user, "budget").hits
    assert [(moment.speaker, snippet(moment)) for moment in hit.moments] == [
        ("Ana Silva", "the [budget] for May")
    ]


# Hits


def test_a_hit_tells_where_it_is_and_when_it_was_said(user, account):
    transcript = a_transcript(
        account,
        said("good morning", "Bob", 0.0),
        said("now about the budget", "Ana", 751.0),
        title="Quarterly planning",
        duration=2700,
        engine="premium",
        language="en",
    )

    [hit] = find(user, "budget").hits

    assert hit.key == transcript.key
    assert hit.recording_key == transcript.recording.key
    assert (hit.title, hit.account, hit.provider) == ("Quarterly planning", "Sales", "recall")
    assert (hit.engine, hit.language, hit.at) == ("premium", "en", NOW)
    assert hit.duration_seconds == 2700
    [moment] = hit.moments
    assert (moment.line, moment.speaker, moment.start) == (1, "Ana", 754.0)
    assert snippet(moment) == "now about the [budget]"


def test_without_a_duration_the_last_word_ends_the_call(user, account):
    a_transcript(account, said("the budget", start=10.0), said("bye", start=50.0))
    a_transcript(account, "the budget", at=ago(days=1))

    timed, untimed = find(user, "budget").hits

    assert timed.duration_seconds == 51.0
    assert (untimed.duration_seconds, untimed.moments[0].start) == (None, None)


def test_several_statements_for_a_page_however_many_hits(user, account, django_assert_max_num_queries):
    for number in range(20):
        a_transcript(account, "the budget", at=ago(minutes=number))

    # Accounts, their number, places (PostgreSQL may look twice), everything about the hits.
    with django_assert_max_num_queries(5):
        assert len(find(user, "budget").hits) == 20


def test_words_that_come_before_the_query_is_read_are_refused_with_a_sentence(user):
    with pytest.raises(QueryError, match="Type at least one letter or digit"):
        find(user, "  ")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("budget plan", "budget plan"),
        ('budget speaker:"Ana Silva" plan', "budget plan"),
        ("-speaker:ana  budget", "budget"),
        ("Account:sales", ""),
        ('"the budget" OR plan* after:2026-01-01', '"the budget" OR plan*'),
        ("https://a.b/speaker", "https://a.b/speaker"),
    ],
)
def test_words_without_the_filters(typed, words):
    assert words_of(typed) == words
