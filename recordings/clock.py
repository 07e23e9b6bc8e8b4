"""The clock that rules leases and deadlines: the database's, which all workers share."""

from datetime import datetime

from django.db import connection
from django.utils import timezone


def now() -> datetime:
    """The moment, aware. SQLite has no clock but this machine's; PostgreSQL is asked."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment
