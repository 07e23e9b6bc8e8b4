"""Two transcripts side by side: figures, every difference marked, and stepping through them by keys."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from playwright.sync_api import Page, expect

from dashboard.comparison_lines import pairs
from dashboard.models import User
from recordings.models import Account, Errand, Operation, ReadRecord, Recording
from tests.dashboard.browser import barriers, complaints, sign_in
from tests.dashboard.samples import EVIL_TEXT, HOSTILE
from tests.dashboard.spoken import NOW, recorded, transcribed
from tests.world import World
from transcripts import burial, comparing
from transcripts.models import Comparison, Transcript

PAGE = "/transcripts/compare/"


@pytest.fixture
def console(viewer: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(viewer)


@pytest.fixture
def recording(account: Account) -> Recording:
    return recorded(account)


@pytest.fixture
def two(recording: Recording) -> list[Transcript]:
    first = (("Ana", 0.0, "We meet on Monday then."), ("Bob", 5.0, "Fine by me."), ("Ana", 9.0, "Bye now."))
    second = (
        ("S0", 0.1, "We met on Tuesday then."),
        ("S1", 5.2, "Fine by me."),
        ("S1", 9.1, "Bye now, all."),
    )
    facts = {"price": Decimal("0.12"), "currency": "USD", "language": "en"}
    return [
        transcribed(recording, "tra-1", *first, engine="one", is_primary=True, **facts),
        transcribed(recording, "tra-2", *second, engine="two"),
    ]


def query(first: Transcript, second: Transcript, **more: str) -> str:
    return f"{PAGE}?a={first.key}&b={second.key}" + "".join(
        f"&{name}={value}" for name, value in more.items()
    )


def compared(console: Client, world: World, two: list[Transcript], **more: str) -> Any:
    console.get(query(*two, **more))
    world.work()
    return console.get(query(*two, **more))


def table(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


# The wait.


def test_page_waits_and_asks_until_the_comparison_is_made(
    console: Client, world: World, two: list[Transcript]
) -> None:
    waiting = console.get(query(*two)).content.decode()
    poll = {"headers": {"HX-Request": "true"}}
    before = console.get(query(*two), **poll)
    world.work()
    after = console.get(query(*two), **poll)

    assert "<progress" in waiting
    assert "data-poll" in waiting
    assert before.status_code == 204
    assert after.headers["HX-Refresh"] == "true"
    assert Errand.objects.filter(kind=comparing.ERRAND).count() == 1
    assert not ReadRecord.objects.exists()


def test_comparison_that_came_to_nothing_says_why_and_can_be_asked_for_again(
    console: Client, world: World, two: list[Transcript], monkeypatch: Any
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("transcripts.compare.MOST_WORDS", 1)
        page = compared(console, world, two).content.decode()
    again = query(*two).replace("compare/", "compare/again/")

    assert "at most 1 words" in page
    assert console.post(again).headers["Location"] == query(*two)
    world.work()
    assert "Side by side" in console.get(query(*two)).content.decode()
    console.post(again)
    assert Comparison.objects.get().result is not None


# What is shown.


def test_figures_of_both_stand_side_by_side(console: Client, world: World, two: list[Transcript]) -> None:
    account = two[0].account
    Operation.objects.create(
        account=account, order_key="x", kind="transcript.order", fingerprint="x", made_key=two[0].key
    )
    Operation.objects.update(created_at=NOW + timedelta(minutes=2))

    answer = compared(console, world, two)

    result = answer.context["result"]
    assert [side.error_rate for side in result.sides] == ["27.3 %", "30.0 %"]
    assert [side.words for side in result.sides] == [10, 11]
    assert [side.latency_seconds for side in result.sides] == [180.0, None]
    assert (result.replaced, result.only_a, result.only_b, result.differences) == (2, 0, 1, 3)
    assert result.speaker_disagreement == "25.0 %"
    assert result.other_speakers == 1
    page = answer.content.decode()
    assert "0.12 USD" in page
    assert "not ordered here" in page
    assert "<bdi>Ana</bdi> = <bdi>S0</bdi>" in page


def test_rows_are_marked_and_lead_to_the_moment(console: Client, world: World, two: list[Transcript]) -> None:
    page = compared(console, world, two).content.decode()

    assert 'We <mark data-kind="replaced" data-n="1">meet</mark> on' in page
    assert 'now<mark data-kind="only" data-n="3">' not in page
    assert '<mark data-kind="only" data-n="3">all</mark>.' in page
    assert f'href="/transcripts/{two[1].key}/?t=5.2"' in page
    assert page.count('<li class="pair"') == 3
    assert page.count('<li class="pair" data-differs>') == 2
    assert page.count('<bdi class="pair-who" data-differs') == 1
    reads = ReadRecord.objects.filter(purpose="saw")
    assert {record.key for record in reads} == {each.key for each in two}


def test_only_what_differs_can_be_asked_for(console: Client, world: World, two: list[Transcript]) -> None:
    page = compared(console, world, two, only="1").content.decode()

    assert page.count('<li class="pair"') == 2
    assert "Fine by me" not in page
    assert "Show everything" in page


def test_equal_ones_say_so(console: Client, world: World, recording: Recording) -> None:
    turns = (("", None, "Same words"),)
    both = [transcribed(recording, name, *turns) for name in ("tra-1", "tra-2")]

    everything = compared(console, world, both).content.decode()
    page = compared(console, world, both, only="1").content.decode()

    assert "Speaker not known" in everything
    assert "Nothing differs" in page
    assert "one of them names nobody" in page


def test_one_without_words_that_count_has_no_rate(
    console: Client, world: World, recording: Recording
) -> None:
    both = [
        transcribed(recording, "tra-1", ("Ana", 0.0, "…")),
        transcribed(recording, "tra-2", ("Ana", 0.0, "Hello")),
    ]

    sides = compared(console, world, both).context["result"].sides

    assert [side.error_rate for side in sides] == ["100.0 %", ""]


def test_words_as_they_came_are_another_comparison(
    console: Client, world: World, two: list[Transcript]
) -> None:
    page = compared(console, world, two, original="1").content.decode()

    assert "Compare as people read them" in page
    assert Comparison.objects.get().is_original


def test_hostile_words_are_shown_as_words(console: Client, world: World, recording: Recording) -> None:
    both = [
        transcribed(recording, "tra-1", (HOSTILE, 0.0, EVIL_TEXT), engine=HOSTILE[:90]),
        transcribed(recording, "tra-2", ("Ana", 0.0, "nothing <b>like</b> that")),
    ]

    page = compared(console, world, both).content.decode()

    assert "<script>alert" not in page
    assert "<img" not in page
    assert "<b>like" not in page


def test_side_without_words_says_so() -> None:
    html = pairs([{"a": [], "b": []}], ["/a/", "/b/"])

    assert html.count("no words here") == 2


# The choice.


def test_likeliest_two_are_compared_where_none_or_one_is_named(
    console: Client, recording: Recording, two: list[Transcript]
) -> None:
    newest = transcribed(recording, "tra-3", ("Ana", 0.0, "Third"), sort_at=NOW + timedelta(hours=1))

    by_recording = console.get(f"{PAGE}?recording={recording.key}").context["asked"]
    by_one = console.get(f"{PAGE}?a={two[1].key}").context["asked"]
    by_other = console.get(f"{PAGE}?b={two[0].key}").context["asked"]

    assert (by_recording.a, by_recording.b) == (two[0], newest)
    assert (by_one.a, by_one.b) == (two[1], two[0])
    assert (by_other.a, by_other.b) == (newest, two[0])


def test_chooser_lists_the_recording_s_transcripts(console: Client, two: list[Transcript]) -> None:
    page = console.get(query(*two)).content.decode()

    assert page.count("<option") == 4
    assert "one, en (shown first)" in page
    assert f"?a={two[1].key}&amp;b={two[0].key}" in page


def test_recording_with_one_transcript_has_nothing_to_compare(console: Client, recording: Recording) -> None:
    transcribed(recording, "tra-1", ("Ana", 0.0, "Alone"))

    page = console.get(f"{PAGE}?recording={recording.key}").content.decode()

    assert "only one transcript with words" in page
    assert "Open a recording" in console.get(PAGE).content.decode()


def test_two_that_do_not_belong_together_are_refused_in_words(
    console: Client, account: Account, recording: Recording, two: list[Transcript]
) -> None:
    stranger = transcribed(recorded(account, "rec-2"), "tra-9", ("Ana", 0.0, "Other"))
    silent = transcribed(recording, "tra-8")

    for other, reason in ((stranger, "same recording"), (silent, "no words"), (two[0], "two different")):
        answer = console.get(query(two[0], other))
        assert answer.status_code == 200
        assert reason in answer.content.decode()
        csv_address = query(two[0], other).replace("compare/", "compare/differences.csv")
        assert console.get(csv_address).status_code == 404


@pytest.mark.parametrize("wrong", ["nonsense", "0190d3c4-0000-7000-8000-000000000000"])
def test_unknown_ones_are_not_found(console: Client, two: list[Transcript], wrong: str) -> None:
    for address in (f"?a={wrong}", f"?a={two[0].key}&b={wrong}", f"?recording={wrong}"):
        assert console.get(f"{PAGE}{address}").status_code == 404
    assert console.get(f"{PAGE}differences.csv").status_code == 404


def test_hidden_and_deleted_ones_are_not_compared(
    console: Client, world: World, account: Account, two: list[Transcript], others: Group
) -> None:
    compared(console, world, two)
    burial.forget(Transcript.objects.get(pk=two[1].pk))

    assert "was deleted" in console.get(query(*two)).content.decode()
    account.groups.set([others])
    assert console.get(query(*two)).status_code == 404


def test_whoever_may_not_read_transcripts_compares_none(client: Client, two: list[Transcript]) -> None:
    client.force_login(User.objects.create_user("nobody"))

    assert client.get(query(*two)).status_code == 403


# The table.


def test_differences_are_taken_along_as_a_table(console: Client, world: World, two: list[Transcript]) -> None:
    address = query(*two).replace("compare/", "compare/differences.csv")
    early = console.get(address)
    world.work()

    rows = table(console.get(address))

    assert early.headers["Location"] == query(*two)
    assert rows[1] == ["1", "words", "00:00:00.000", "Ana", "meet", "00:00:00.100", "S0", "met"]
    assert rows[3][:2] == ["", "speaker"] or rows[3][:2] == ["3", "words"]
    assert {row[1] for row in rows[1:]} == {"words", "speaker"}
    assert set(ReadRecord.objects.values_list("purpose", flat=True)) == {"exported"}


def test_table_runs_no_formula(console: Client, world: World, recording: Recording) -> None:
    both = [
        transcribed(recording, "tra-1", ("=Ana", 0.0, "=HYPERLINK one")),
        transcribed(recording, "tra-2", ("@Bob", 0.0, "two one")),
    ]
    compared(console, world, both)

    rows = table(console.get(query(*both).replace("compare/", "compare/differences.csv")))

    assert rows[1][3] == "'=Ana"
    assert rows[1][6] == "'@Bob"


# In the browser.


@pytest.fixture
def long_pair(recording: Recording) -> list[Transcript]:
    """Sixty turns, of which every tenth differs."""
    sides: list[list[tuple[str, float | None, str]]] = [[], []]
    for number in range(60):
        said = f"Turn number {number} is about as long as people speak without a break, more or less."
        other = said.replace("long", "short") if number % 10 == 5 else said
        for side, words in zip(sides, (said, other), strict=True):
            side.append(("Ana" if number % 2 else "Bob", number * 5.0, words))
    return [
        transcribed(recording, f"tra-{name}", *side, engine=name)
        for name, side in zip(("one", "two"), sides, strict=True)
    ]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_differences_are_stepped_through_by_keys(
    page: Page, live_server: Any, operator: User, world: World, long_pair: list[Transcript]
) -> None:
    said = complaints(page)
    sign_in(page, live_server, operator)
    page.goto(f"{live_server.url}{query(*long_pair)}")
    expect(page.get_by_role("progressbar")).to_be_visible()
    assert barriers(page) == []
    world.work()
    expect(page.get_by_role("heading", name="Side by side")).to_be_visible()
    assert barriers(page) == []

    current = page.locator("mark[data-current]")
    place = page.locator("#place")
    page.keyboard.press("n")
    expect(current).to_have_count(2)
    expect(place).to_contain_text("1 of 6. A: long, B: short")
    expect(current.first).to_be_in_viewport()
    page.keyboard.press("n")
    page.keyboard.press("n")
    expect(place).to_contain_text("3 of 6")
    page.keyboard.press("p")
    expect(place).to_contain_text("2 of 6")
    expect(current.first).to_be_in_viewport()
    page.get_by_role("button", name="Next").click()
    expect(place).to_contain_text("3 of 6")
    assert barriers(page) == []
    assert said == []


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_what_is_the_same_is_hidden_and_shown_again(
    page: Page, live_server: Any, operator: User, world: World, long_pair: list[Transcript]
) -> None:
    comparing.compared(*long_pair)
    world.work()
    sign_in(page, live_server, operator)
    page.goto(f"{live_server.url}{query(*long_pair)}")
    rows = page.locator(".pair:visible")
    expect(rows).to_have_count(60)

    page.get_by_role("link", name="Only differences").click()
    expect(rows).to_have_count(6)
    assert page.url.endswith("&only=1")
    page.get_by_role("link", name="Show everything").press("Enter")
    expect(rows).to_have_count(60)
    assert "only" not in page.url

    page.goto(f"{live_server.url}{query(*long_pair, only='1')}")
    expect(rows).to_have_count(6)
    page.get_by_role("link", name="Show everything").click()
    expect(rows).to_have_count(60)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_both_sides_of_a_row_stay_side_by_side_while_the_page_scrolls(
    page: Page, live_server: Any, operator: User, world: World, long_pair: list[Transcript]
) -> None:
    comparing.compared(*long_pair)
    world.work()
    sign_in(page, live_server, operator)
    page.set_viewport_size({"width": 1440, "height": 700})
    page.goto(f"{live_server.url}{query(*long_pair)}")

    row = page.locator(".pair").nth(45)
    row.scroll_into_view_if_needed()

    rectangles = row.evaluate(
        "row => [...row.querySelectorAll('.pair-side')].map(side => side.getBoundingClientRect().toJSON())"
    )
    first, second = rectangles
    assert first["y"] == second["y"]
    assert first["right"] <= second["x"] + 1
