"""Writes down who saw, played or took what: one row a person, thing, purpose and hour."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from dashboard.models import User
from recordings.models import ReadRecord, Recording, WebhookDelivery
from transcripts.models import Transcript
from transcripts.search import Hit

Readable = Recording | Transcript | WebhookDelivery
Purpose = ReadRecord.Purpose
WHAT: dict[type, str] = {Recording: "recording", Transcript: "transcript", WebhookDelivery: "delivery"}

_UPSERT = """
INSERT INTO recordings_readrecord
  (user_id, account_id, what, key, label, purpose, hour, last_at, count)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 1)
ON CONFLICT (user_id, key, purpose, hour) DO UPDATE SET
  count = recordings_readrecord.count + 1,
  last_at = excluded.last_at,
  label = excluded.label
"""


def note_read(user: User, thing: Readable, purpose: str) -> None:
    """Count one reading, in one statement; ``purpose`` is one of ``ReadRecord.Purpose``.

    Called before the thing is shown. Raises ``DatabaseError``: what cannot be noted is not shown.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _UPSERT, _row(user, thing.account_id, WHAT[type(thing)], thing.key, str(thing), purpose)
        )


def note_hits(user: User, hits: Iterable[Hit]) -> None:
    """Count transcripts whose words are shown in the results of a search, as ``note_read`` does."""
    rows = [_row(user, hit.account_id, "transcript", hit.key, hit.name, Purpose.SAW) for hit in hits]
    if rows:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(_UPSERT, rows)


def _row(user: User, account_id: int, what: str, key: UUID, label: str, purpose: str) -> list[Any]:
    now = timezone.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    moments = [connection.ops.adapt_datetimefield_value(each) for each in (hour, now)]
    stored_key = key if connection.features.has_native_uuid_field else key.hex
    return [user.pk, account_id, what, stored_key, label[:300], Purpose(purpose).value, *moments]
