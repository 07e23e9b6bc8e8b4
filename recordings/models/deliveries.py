"""Callbacks: the verified ones whole, the refused ones only counted."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from recordings.models.accounts import Account, ScopedQuerySet
from recordings.models.work import WORK_INDEXES, WorkItem


class DeliveryQuerySet(ScopedQuerySet["WebhookDelivery"]):
    """Callbacks by what an operator asks of them."""

    def for_list(self) -> Self:
        """Without the bodies."""
        return self.select_related("account").defer("body", "headers", "query")


class WebhookDelivery(WorkItem):
    """One verified callback of a provider."""

    class State(models.TextChoices):
        RECEIVED = "received"
        SETTLED = "settled"
        IGNORED = "ignored"
        UNREADABLE = "unreadable"
        FAILED = "failed"

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    dedupe_id = models.CharField(max_length=200)
    event = models.CharField(max_length=100, blank=True)
    method = models.CharField(max_length=8, default="POST")
    path = models.CharField(max_length=500, blank=True, help_text="What followed the account's key.")
    query = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")
    note = models.CharField(max_length=300, blank=True)
    received_at = models.DateTimeField()
    duplicates = models.PositiveIntegerField(default=0)
    last_duplicate_at = models.DateTimeField(null=True, blank=True)
    replays = models.PositiveIntegerField(default=0)
    settled_at = models.DateTimeField(null=True, blank=True)
    outcome = models.TextField(blank=True)
    is_erased = models.BooleanField(default=False)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ("-received_at", "-pk")
        verbose_name_plural = "webhook deliveries"
        constraints = (
            models.UniqueConstraint(fields=["account", "dedupe_id"], name="delivery_unique_dedupe_id"),
        )
        indexes = (
            *WORK_INDEXES,
            models.Index(fields=["-received_at", "-id"], name="delivery_page"),
            models.Index(fields=["account", "-received_at", "-id"], name="delivery_account_page"),
            models.Index(fields=["state", "-received_at", "-id"], name="delivery_state_page"),
        )

    def __str__(self) -> str:
        return f"{self.event or 'callback'} {self.dedupe_id}"

    def get_absolute_url(self) -> str:
        return reverse("delivery", args=[self.key])


class DeliveryMention(models.Model):
    """Which thing of the provider a delivery spoke of: its page lists it, its deletion erases it."""

    delivery = models.ForeignKey(
        WebhookDelivery, on_delete=models.CASCADE, related_name="mentions", db_index=False
    )
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    external_id = models.CharField(max_length=200)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["delivery", "external_id"], name="mention_unique"),)
        indexes = (models.Index(fields=["account", "external_id"], name="mention_external_id"),)

    def __str__(self) -> str:
        return self.external_id


class Refusal(models.Model):
    """Callbacks that were turned away: counted per account, day and reason, never kept."""

    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="refusals")
    day = models.DateField()
    reason = models.CharField(max_length=200)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()
    skew_seconds = models.FloatField(null=True, blank=True)
    url_seen = models.CharField(max_length=500, blank=True)
    url_expected = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "day", "reason"], name="refusal_unique"),
            models.UniqueConstraint(
                fields=["day", "reason"],
                condition=Q(account__isnull=True),
                name="refusal_unique_without_account",
            ),
        )

    def __str__(self) -> str:
        return f"{self.reason} ({self.count})"
