"""The clock that rules leases and deadlines: the database's, which all workers share."""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q
from django.utils import timezone

SLACK = timedelta(minutes=1)  # two machines may disagree by as much


def now() -> datetime:
    """The moment, aware. SQLite has no clock but this machine's; PostgreSQL is asked."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def before(field: str, began: datetime) -> Q:
    """Rows whose moment lies before ``began``, or so far ahead that this clock was set back since."""
    return Q(**{f"{field}__lt": began}) | Q(**{f"{field}__gt": now() + SLACK})
