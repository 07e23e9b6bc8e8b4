"""Writes down who saw, played or took what: one row a person, thing, purpose and hour."""

from typing import Any

from django.db import connection
from django.utils import timezone

from dashboard.models import User
from recordings.models import ReadRecord, Recording, WebhookDelivery
from transcripts.models import Transcript

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
    now = timezone.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    moments = [connection.ops.adapt_datetimefield_value(each) for each in (hour, now)]
    key = thing.key if connection.features.has_native_uuid_field else thing.key.hex
    row: list[Any] = [
        user.pk,
        thing.account_id,
        WHAT[type(thing)],
        key,
        str(thing)[:300],
        Purpose(purpose).value,
    ]
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, [*row, *moments])
