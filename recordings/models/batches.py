"""Orders by the hundred: what was selected, and what became of each."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from recordings.models.accounts import Account, ScopedQuerySet, User
from recordings.models.work import Operation


class BatchQuerySet(models.QuerySet["Batch"]):
    """Batches by who may see them."""

    def usable_by(self, user: User) -> Self:
        """Those with an item of an account that this person may use; a draft is its author's alone."""
        theirs = BatchItem.objects.usable_by(user).filter(batch=OuterRef("pk"))
        return self.filter(~Q(state=Batch.State.DRAFT) | Q(ordered_by=user.pk)).filter(Exists(theirs))


class Batch(models.Model):
    """One order for many things: drafted with what it will touch, then worked off in steps."""

    class State(models.TextChoices):
        DRAFT = "draft"
        RUNNING = "running"
        CANCELLING = "cancelling"
        DONE = "done"
        CANCELLED = "cancelled"

    OPEN_STATES = (State.RUNNING, State.CANCELLING)

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=20, help_text="What its items are: recording or transcript.")
    label = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    options = models.JSONField(default=dict, blank=True, help_text="Those of each provider, by its name.")
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(db_index=True)
    started_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        verbose_name_plural = "batches"

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("batch", args=[self.key])

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN_STATES


class BatchItemQuerySet(ScopedQuerySet["BatchItem"]):
    """Items by what became of them."""

    def unfinished(self) -> Self:
        """Not ordered yet, or ordered and still open."""
        is_open = Q(operation__state__in=Operation.OPEN_STATES)
        return self.filter(Q(state=BatchItem.State.WAITING) | is_open)


class BatchItem(models.Model):
    """One thing of a batch: waiting, ordered, or why it was not."""

    class State(models.TextChoices):
        WAITING = "waiting"
        ORDERED = "ordered"
        SKIPPED = "skipped"
        CANCELLED = "cancelled"

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="items")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    subject_key = models.UUIDField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    reason = models.TextField(blank=True, help_text="Why it was left out.")
    operation = models.ForeignKey(
        Operation, null=True, blank=True, on_delete=models.SET_NULL, related_name="batch_items"
    )

    objects = BatchItemQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=["batch", "subject_key"], name="batch_item_once"),)
        indexes = (models.Index(fields=["batch", "account", "state"], name="batch_item_state"),)

    def __str__(self) -> str:
        return f"{self.subject_key} {self.outcome}"

    @property
    def order_key(self) -> str:
        """The same at each try: however often it is placed, it is one order."""
        return f"batch:{self.batch_id}:{self.pk}"

    @property
    def outcome(self) -> str:
        """The state of its order, else its own."""
        return self.operation.state if self.operation else self.state
