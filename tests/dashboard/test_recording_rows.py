"""The rows of the list of recordings: what each cell says, and that nothing in it is taken for HTML."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboard.paging import SIZE, page
from dashboard.recording_rows import Listed, drawn, transcripts_of
from recordings.models import Account, Call, Recording
from transcripts.models import Transcript

AT = datetime(2020, 1, 2, 3, 4, tzinfo=UTC)
ODD = """<b>&"'"""
ODD_DRAWN = "&lt;b&gt;&amp;&quot;&#x27;"
BARE: dict[str, Any] = dict.fromkeys(Listed._fields) | {
    "pk": 3,
    "account_id": 7,
    "key": uuid.UUID(int=5),
    "sort_at": AT,
    "status": "completed",
    "external_id": "r1",
    "reason": "",
}


def a_row(**facts: Any) -> Listed:
    return Listed(**(BARE | facts))


def row(*, transcripts: tuple[Transcript, ...] = (), is_selectable: bool = False, **facts: Any) -> str:
    account = Account(pk=7, name=f"Phones {ODD}", provider="recall")
    return drawn([a_row(**facts)], {7: account}, {3: transcripts}, is_selectable=is_selectable)


def cells(html: str) -> dict[str, str]:
    return dict(re.findall(r'<t[dh] data-label="([^"]+)"[^>]*>(.*?)</t[dh]>', html))


def test_row_leads_to_its_recording_and_says_what_is_known() -> None:
    recording = a_row(call__title="Weekly", duration_seconds=247.6)
    account = Account(name="Phones", provider="recall")
    html = drawn([recording], {7: account}, {}, is_selectable=False)

    assert html.startswith(f'<tr id="recording-{recording.key}">')
    told = cells(html)
    assert told["Call"] == f'<a href="/recordings/{recording.key}/"><bdi>Weekly</bdi></a>'
    assert told["Began"].endswith(">2 Jan 2020 03:04</time>")
    assert (told["Account"], told["Length"], told["Media until"], told["Transcripts"]) == (
        *("Phones", "4:07"),
        *("", ""),
    )
    assert "Select" not in told


def test_what_people_and_providers_wrote_is_escaped() -> None:
    told = cells(row(call__title=ODD, reason=ODD, is_selectable=True))

    assert f"<bdi>{ODD_DRAWN}</bdi>" in told["Call"]
    assert told["Account"] == f"Phones {ODD_DRAWN}"
    assert f'<span title="{ODD_DRAWN}">' in told["Status"]
    assert f'aria-label="Select {ODD_DRAWN}"' in told["Select"]
    assert 'form="bulk" name="key"' in told["Select"]


@pytest.mark.parametrize(
    ("facts", "length", "until"),
    [
        ({"status": "in_progress", "started_at": AT}, "data-running", ""),
        ({"status": "in_progress"}, "", ""),
        ({"status": "failed", "started_at": AT}, "", ""),
        ({"duration_seconds": 0.0}, "0:00", ""),
        ({"media_expires_at": AT + timedelta(days=1)}, "", "data-age"),
        ({"media_expires_at": AT, "status": "deleted"}, "", ""),
    ],
)
def test_length_runs_while_it_is_live_and_media_are_gone_with_the_recording(
    facts: dict[str, Any], length: str, until: str
) -> None:
    told = cells(row(**facts))

    assert (length in told["Length"], until in told["Media until"]) == (True, True)
    assert bool(told["Length"]) == bool(length)
    assert bool(told["Media until"]) == bool(until)


def test_transcripts_are_named_by_their_engine_and_counted_beyond_four() -> None:
    account = Account(provider="recall")
    words = [
        Transcript(account=account, engine="recallai_async", status="completed"),
        Transcript(account=account, engine=ODD, status="failed"),
        *(Transcript(account=account, status="completed", is_empty=True) for _ in range(4)),
    ]

    told = cells(row(transcripts=tuple(words)))["Transcripts"]
    few = cells(row(transcripts=tuple(words[:4])))["Transcripts"]

    assert told.startswith(f'<ul class="cluster"><li><a class="plain" href="/transcripts/{words[0].key}/"')
    assert f'title="{ODD_DRAWN}"' in told
    assert (told.count('title="Transcript"'), told.count(">no words<")) == (2, 2)
    assert told.endswith('<li class="muted small">and 2 more</li></ul>')
    assert " more" not in few


def test_no_recordings_are_no_rows() -> None:
    assert drawn([], {}, {}, is_selectable=True) == ""


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({"call__title": "Weekly", "call__external_id": "c1"}, "Weekly"),
        ({"call__title": "", "call__external_id": "c1"}, "c1"),
        ({"call__title": "", "call__external_id": "", "call__key": uuid.UUID(int=9)}, str(uuid.UUID(int=9))),
        ({}, "r1"),
        ({"external_id": ""}, str(uuid.UUID(int=5))),
    ],
)
def test_row_is_named_as_its_call_and_else_as_the_recording(facts: dict[str, Any], name: str) -> None:
    assert f"<bdi>{name}</bdi>" in cells(row(**facts))["Call"]


@pytest.mark.django_db
def test_listed_rows_say_what_the_models_say() -> None:
    account = Account.objects.create(name="Phones", provider="recall")
    titled = Call.objects.create(account=account, external_id="c1", title="Weekly")
    bare = Call.objects.create(account=account, external_id="", title="")
    for number, its_call in enumerate((titled, bare, None)):
        Recording.objects.create(
            account=account, call=its_call, sort_at=AT + timedelta(number), external_id=f"r{number}"
        )

    rows: Any = page(Recording.objects.all(), by="sort_at", columns=Listed._fields).rows
    assert len(rows) == 3
    for found in rows:
        model = Recording.objects.select_related("call").get(pk=found.pk)
        told = cells(drawn([found], {account.pk: account}, {}, is_selectable=False))
        assert f"<bdi>{model.call or model}</bdi>" in told["Call"]
        assert tuple(found) == Recording.objects.values_list(*Listed._fields).get(pk=found.pk)
        assert found._fields == Listed._fields


@pytest.mark.django_db
def test_transcripts_come_in_one_query_each_with_its_recording_the_primary_first(
    django_assert_num_queries: Any,
) -> None:
    account = Account.objects.create(name="Phones", provider="recall")
    one, two, none = (Recording.objects.create(account=account, sort_at=AT) for _ in range(3))
    for recording, engine, is_primary in ((one, "a", False), (two, "b", False), (one, "c", True)):
        Transcript.objects.create(
            account=account, recording=recording, engine=engine, is_primary=is_primary, sort_at=AT
        )

    with django_assert_num_queries(1):
        found = transcripts_of([one.pk, two.pk, none.pk])
        told = {pk: [each.engine for each in theirs] for pk, theirs in found.items()}

    assert told == {one.pk: ["c", "a"], two.pk: ["b"]}
    assert transcripts_of([]) == {}


@pytest.mark.django_db
def test_transcripts_of_a_whole_page_are_found() -> None:
    account = Account.objects.create(name="Phones", provider="recall")
    rows = [Recording.objects.create(account=account, sort_at=AT) for _ in range(SIZE)]
    Transcript.objects.create(account=account, recording=rows[-1], sort_at=AT)

    assert list(transcripts_of([each.pk for each in rows])) == [rows[-1].pk]


@pytest.mark.django_db
@pytest.mark.parametrize("columns", [(), Listed._fields])
@pytest.mark.parametrize("wanted", [(), (0,), (0, 2), (0, 1, 2), None])
def test_pages_have_the_rows_of_the_wanted_accounts_newest_first_and_once(
    wanted: tuple[int, ...] | None, columns: tuple[str, ...]
) -> None:
    accounts = [Account.objects.create(name=f"Phones {number}", provider="recall") for number in range(3)]
    calls = [Call.objects.create(account=each, external_id="c") for each in accounts]
    for number in range(15):
        place, at = number % 3, AT - timedelta(hours=number // 4)  # some of one moment
        status = "failed" if number % 5 == 4 else "completed"
        Recording.objects.create(account=accounts[place], call=calls[place], sort_at=at, status=status)
    chosen = None if wanted is None else [accounts[each].pk for each in wanted]
    rows = Recording.objects.filter(status="completed")

    found, cursor, is_more = [], "", True
    while is_more:
        part: Any = page(rows, by="sort_at", cursor=cursor, size=3, accounts=chosen, columns=columns)
        found += [(row.pk, row.account_id, row.sort_at) for row in part.rows]
        cursor, is_more = part.next_cursor, bool(part.next_cursor)

    expected = rows.order_by("-sort_at", "-pk").values_list("pk", "account_id", "sort_at")
    assert found == [each for each in expected if chosen is None or each[1] in chosen]
    assert bool(found) == (wanted != ())
