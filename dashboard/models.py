"""The people who use the console."""

from zoneinfo import available_timezones

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models


def validate_time_zone(name: str) -> None:
    """Raise `ValidationError` unless `name` is in the machine's time zone database."""
    if name not in available_timezones():
        raise ValidationError("“%(name)s” is not a time zone like Europe/Berlin.", params={"name": name})


class User(AbstractUser):
    """Someone who signs in, with the zone their times are shown in and their own choices."""

    time_zone = models.CharField(
        max_length=64,
        default="UTC",
        validators=[validate_time_zone],
        help_text="Times are shown in this zone, for example Europe/Berlin.",
    )
    preferences = models.JSONField(default=dict, blank=True)


class Snooze(models.Model):
    """A cause of failures that a person does not want to see until a time."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="snoozes")
    cause = models.CharField(max_length=300, help_text="Kind of trouble, provider and code.")
    until = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "cause"], name="snooze_once"),)

    def __str__(self) -> str:
        return f"{self.cause} until {self.until:%Y-%m-%d %H:%M}"
