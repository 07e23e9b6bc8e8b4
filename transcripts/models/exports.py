"""Exports of many transcripts: what was asked for, by whom, and how far it is."""

import uuid
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models
from django.db.models import Q

from transcripts.models.transcripts import Transcript


class ExportQuerySet(models.QuerySet["Export"]):
    """Exports by what a person asks of them."""

    def of(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """One's own: nobody sees another's, whatever they may see of the transcripts."""
        return self.filter(user=user.pk)


class Export(models.Model):
    """Transcripts that one person takes along as one file of files, made step by step."""

    class State(models.TextChoices):
        QUEUED = "queued"
        BUILDING = "building"
        READY = "ready"
        FAILED = "failed"
        CANCELLED = "cancelled"
        ERASED = "erased"
        EXPIRED = "expired"

    OPEN_STATES = (State.QUEUED, State.BUILDING)

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="exports")
    order_key = models.CharField(
        max_length=100, unique=True, help_text="Made with the form: the same form twice is one export."
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    source = models.CharField(max_length=40, help_text="Where the transcripts were chosen.")
    query = models.TextField(blank=True, help_text="The filters there.")
    options = models.JSONField(default=dict)
    time_zone = models.CharField(max_length=64, default="UTC")
    total = models.PositiveIntegerField(default=0, help_text="Transcripts found so far.")
    done = models.PositiveIntegerField(default=0, help_text="Of these, looked at.")
    left_out = models.PositiveIntegerField(default=0)
    size = models.BigIntegerField(null=True, blank=True, help_text="Bytes of the file.")
    problem = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        indexes = (
            models.Index(fields=["user", "-created_at", "-id"], name="export_page"),
            models.Index(fields=["expires_at"], condition=Q(state="ready"), name="export_expiry"),
        )

    def __str__(self) -> str:
        return f"{self.source} {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN_STATES

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.READY


class ExportItem(models.Model):
    """One transcript of an export: its file inside, or why it has none."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="items")
    transcript = models.ForeignKey(Transcript, on_delete=models.CASCADE, related_name="export_items")
    name = models.CharField(max_length=250, blank=True, help_text="Of its file; empty when it has none.")
    size = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=200, blank=True, help_text="Why it was left out.")

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=["export", "transcript"], name="export_item_unique"),)

    def __str__(self) -> str:
        return self.name or self.reason
