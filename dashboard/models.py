"""The people who use the console, what they put off, and where they are alerted."""

import uuid
from zoneinfo import available_timezones

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse


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


class AlertChannel(models.Model):
    """Where alerts go: an email address, or a webhook that takes what Slack's takes."""

    class Kind(models.TextChoices):
        EMAIL = "email", "Email"
        WEBHOOK = "webhook", "Webhook (Slack-compatible)"

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # Whoever knows a webhook's address can post there.
    sealed_target = models.TextField(editable=False)
    wants = models.JSONField(default=list, help_text="Kinds of alerts; others are not sent here.")
    digest_minutes = models.PositiveIntegerField(
        default=5, help_text="What comes within so many minutes is one message."
    )
    is_active = models.BooleanField(default=True)
    sending_until = models.DateTimeField(null=True, editable=False)
    last_sent_at = models.DateTimeField(null=True, editable=False)
    problem = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("alert-channel", args=[self.key])


class Alert(models.Model):
    """Something that needs somebody, from when it was first seen until it is no more."""

    account = models.ForeignKey("recordings.Account", on_delete=models.CASCADE, related_name="alerts")
    kind = models.CharField(max_length=20)
    cause = models.CharField(max_length=300, help_text="What tells it apart from others of its kind.")
    title = models.CharField(max_length=300)
    text = models.TextField(blank=True)
    path = models.CharField(max_length=500, blank=True)
    opened_at = models.DateTimeField()
    announced_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-opened_at", "-pk")
        constraints = (models.UniqueConstraint(fields=["account", "kind", "cause"], name="alert_unique"),)
        indexes = (models.Index(fields=["-opened_at"], name="alert_page"),)

    def __str__(self) -> str:
        return self.title


class AlertNotice(models.Model):
    """One alert on its way to one channel."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="notices")
    channel = models.ForeignKey(AlertChannel, on_delete=models.CASCADE, related_name="notices")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("created_at", "pk")
        indexes = (
            models.Index(
                fields=["channel", "created_at"],
                name="notice_unsent",
                condition=models.Q(sent_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.alert} to {self.channel}"
