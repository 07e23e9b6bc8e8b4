"""Who saw what, and that the workers live."""

from django.conf import settings
from django.db import models

from recordings.models.accounts import Account


class ReadRecord(models.Model):
    """One person's reading of one thing for one purpose within one hour, counted."""

    class Purpose(models.TextChoices):
        SAW = "saw"
        PLAYED = "played"
        DOWNLOADED = "downloaded"
        EXPORTED = "exported"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reads")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="reads")
    what = models.CharField(max_length=20, help_text="recording, transcript or delivery")
    key = models.UUIDField()
    label = models.CharField(max_length=300, blank=True)
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    hour = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        ordering = ("-hour", "-pk")
        constraints = (
            models.UniqueConstraint(fields=["user", "key", "purpose", "hour"], name="read_unique"),
        )
        indexes = (
            models.Index(fields=["-hour", "-id"], name="read_page"),
            models.Index(fields=["account", "-hour", "-id"], name="read_account_page"),
            models.Index(fields=["user", "-hour", "-id"], name="read_user_page"),
        )
        permissions = (("see_reads", "See who read what"),)

    def __str__(self) -> str:
        return f"{self.purpose} {self.what} {self.key}"


class Heartbeat(models.Model):
    """When a part of the program last showed that it lives."""

    name = models.CharField(max_length=60, unique=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
