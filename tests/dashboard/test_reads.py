"""Who read what: written down by the views, shown to auditors."""

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
