"""Who read what: written down by the views, shown to auditors."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.reads import note_read
from recordings.models import ReadRecord, Recording, WebhookDelivery
from transcripts.models import Transcript


@pytest.fixture
def recording(account):
    return Recording.objects.create(account=account, external_id="rec-1", sort_at=timezone.now())


def counted():
    return [(each.what, each.label, each.purpose, each.count) for each in ReadRecord.objects.order_by("pk")]


def test_one_row_a_person_thing_purpose_and_hour(recording, viewer, operator, world):
    note_read(viewer, recording, "saw")
    note_read(viewer, recording, "saw")
    note_read(viewer, recording, ReadRecord.Purpose.PLAYED)
    note_read(operator, recording, "saw")
    world.clock.advance(3_600)
    note_read(viewer, recording, "saw")

    assert counted() == [
        ("recording", "rec-1", "saw", 2),
        ("recording", "rec-1", "played", 1),
        ("recording", "rec-1", "saw", 1),
        ("recording", "rec-1", "saw", 1),
    ]
    first = ReadRecord.objects.earliest("pk")
    assert (first.user, first.account, first.key) == (viewer, recording.account, recording.key)
    assert first.last_at - first.hour < timedelta(hours=1)


def test_transcripts_and_callbacks_are_named_as_auditors_call_them(account, viewer):
    now = timezone.now()
    note_read(viewer, Transcript.objects.create(account=account, external_id="t-1", sort_at=now), "exported")
    note_read(viewer, WebhookDelivery.objects.create(account=account, event="e", received_at=now), "saw")

    assert [what for what, *_ in counted()] == ["transcript", "delivery"]


def test_costs_one_statement(recording, viewer, django_assert_num_queries):
    with django_assert_num_queries(1):
        note_read(viewer, recording, "saw")


def test_purpose_that_does_not_exist_is_a_bug(recording, viewer):
    with pytest.raises(ValueError, match="glanced"):
        note_read(viewer, recording, "glanced")


# The page of auditors.


@pytest.fixture
def page(signed_in, auditor):
    client = signed_in(auditor)
    return lambda query="": client.get(f"/reads/{query}").text


def rows(text):
    return text.count('<tr id="read-')


@pytest.mark.parametrize(
    ("role", "status"),
    [("viewer", 403), ("operator", 403), ("manager", 403), ("auditor", 200), ("administrator", 200)],
)
def test_only_auditors_and_administrators_see_it(role, status, request, signed_in):
    assert signed_in(request.getfixturevalue(role)).get("/reads/").status_code == status


def test_empty_page_says_what_will_be_there(page):
    assert "it is written down here" in page()
    assert "Nothing passes these filters" in page("?what=transcript")


@pytest.fixture
def day(account, recording, viewer, operator, world):
    """Three readings in three hours, of two people."""
    transcript = Transcript.objects.create(account=account, external_id="t-1", sort_at=timezone.now())
    note_read(viewer, recording, "played")
    world.clock.advance(3_600)
    note_read(operator, transcript, "exported")
    world.clock.advance(86_400)
    note_read(viewer, transcript, "saw")
    return account


def test_newest_first_with_links_to_what_was_read(page, day, recording):
    text = page()

    assert rows(text) == 3
    assert text.index("Saw") < text.index('<td data-label="Purpose">Exported') < text.index(">Played</td>")
    assert f'href="/recordings/{recording.key}/"' in text
    assert day.name in text


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?person=viewer", 2),
        ("?what=transcript", 2),
        ("?purpose=exported", 1),
        ("?person=viewer&what=transcript&purpose=saw", 1),
        ("?since=2026-11-21", 1),
        ("?until=2026-11-20", 2),
        ("?person=nobody", 3),
    ],
)
def test_filters_stand_in_the_address(page, day, query, count):
    assert rows(page(query)) == count


def test_pages_go_on_by_key(page, recording, viewer, world):
    for _ in range(51):
        note_read(viewer, recording, "saw")
        world.clock.advance(3_600)

    first = page()
    older = re.search(r'rel="next" href="(\?before=[^"]+)"', first)[1]

    assert rows(first) == 50
    assert rows(page(older)) == 1


def test_readings_at_a_hidden_account_leave_no_trace(page, day, others):
    day.groups.add(others)

    text = page()

    assert rows(text) == 0
    assert day.name not in text


def test_list_costs_few_statements(page, day, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):  # Session, person and rights; accounts twice, people, readings.
        page()
