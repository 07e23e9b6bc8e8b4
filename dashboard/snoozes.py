"""Causes that a person has put off: hidden from them until a time, or until they come back."""

from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone

from dashboard.causes import Cause
from dashboard.models import Snooze, User

LONGEST = timedelta(days=31)


def apply(user: User, causes: Iterable[Cause]) -> None:
    """Mark what this person has put off.

    Where all that failed before the snooze was mended meanwhile, what fails now is a relapse and shows.
    """
    found = {each.cause: each for each in Snooze.objects.filter(user=user, until__gt=timezone.now())}
    for cause in causes:
        snooze = found.get(cause.name)
        if snooze is None:
            continue
        if cause.oldest_at is not None and cause.oldest_at > snooze.created_at:
            cause.is_back = True
        else:
            cause.snoozed_until = snooze.until


def put_off(user: User, cause: str, length: timedelta) -> None:
    """Hide a cause from this person for a time; no time at all shows it again."""
    Snooze.objects.filter(user=user, cause=cause).delete()
    Snooze.objects.filter(user=user, until__lte=timezone.now()).delete()
    if length > timedelta(0):
        Snooze.objects.create(user=user, cause=cause, until=timezone.now() + min(length, LONGEST))
