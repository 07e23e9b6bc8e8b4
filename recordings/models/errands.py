"""Errands, and the pace at which all workers together may call a provider."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from recordings.models.accounts import Account, ScopedQuerySet
from recordings.models.work import WORK_INDEXES, WorkItem


class ErrandQuerySet(ScopedQuerySet["Errand"]):
    """Errands by what the engine asks of them."""


class Errand(WorkItem):
    """A repeatable read or local job; long ones go on in steps from a stored cursor."""

    class State(models.TextChoices):
        QUEUED = "queued"
        DONE = "done"
        FAILED = "failed"

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=300, blank=True, help_text="What it is about, by its id.")
    parent = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    cursor = models.JSONField(default=dict, blank=True)
    step = models.PositiveIntegerField(default=0)
    every_seconds = models.FloatField(null=True, blank=True, help_text="A standing errand comes again.")
    progress = models.JSONField(default=dict, blank=True)
    problem = models.TextField(blank=True)
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    done_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ErrandQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["account", "kind", "subject"],
                condition=Q(state="queued"),
                name="errand_one_open",
            ),
        )
        indexes = (
            *WORK_INDEXES,
            models.Index(fields=["account", "kind"], name="errand_account"),
            models.Index(fields=["state", "-created_at"], name="errand_state"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}".strip()


class Bucket(models.Model):
    """The state of one limit of a provider, shared by all workers."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="buckets")
    name = models.CharField(max_length=60)
    scope_id = models.CharField(max_length=200, blank=True)
    taken = models.JSONField(default=list, help_text="Unix seconds of the takings inside the window.")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["account", "name", "scope_id"], name="bucket_unique"),)

    def __str__(self) -> str:
        return f"{self.name} {self.scope_id}".strip()
