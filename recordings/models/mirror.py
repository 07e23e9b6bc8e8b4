"""The mirror: calls and recordings as the providers last told of them."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from recordings.models.accounts import Account, ScopedQuerySet
from recordings.providers.snapshots import CallState, Status

LIVE = (Status.IN_PROGRESS, Status.PAUSED)
OPEN = (Status.REQUESTED, Status.IN_PROGRESS, Status.PAUSED, Status.PROCESSING)
FINAL = (Status.COMPLETED, Status.FAILED, Status.DELETED)
PRESENT = (CallState.WAITING, CallState.LIVE)


class Source(models.TextChoices):
    """Where a row's newest fact came from; empty until the provider has spoken."""

    REPLY = "reply", "answer to an order or a read"
    WEBHOOK = "webhook", "callback"
    SWEEP = "sweep", "listing"


class Mirrored(models.Model):
    """What every mirror row has."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="%(class)ss")
    external_id = models.CharField(
        max_length=200,
        blank=True,
        help_text="The provider's own id; empty until the provider has answered.",
    )
    provider_status = models.CharField(max_length=100, blank=True)
    status_at = models.DateTimeField(null=True, blank=True, help_text="The provider's time of it.")
    reason = models.TextField(blank=True)
    reason_code = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=10, choices=Source.choices, blank=True)
    found_by = models.CharField(
        max_length=10,
        choices=Source.choices,
        blank=True,
        help_text="What first told of it; empty: ordered here.",
    )
    seen_at = models.DateTimeField(null=True, blank=True, help_text="When the provider last spoke of it.")
    swept_at = models.DateTimeField(null=True, blank=True, help_text="When a listing last held it.")
    raw = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        abstract = True


class Listed(Mirrored):
    """A row whose words in a listing are remembered, so that the same ones need no second comparison."""

    told = models.CharField(
        max_length=32,
        blank=True,
        editable=False,
        help_text="Digest of the words that last changed nothing; empty once the row was changed.",
    )

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """What changes the row makes the provider's next word news."""
        self.told = ""
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "told"}
        super().save(*args, **kwargs)


class CallQuerySet(ScopedQuerySet["Call"]):
    """Calls by what an operator asks of them."""

    def present(self) -> Self:
        """Live, or on their way in."""
        return self.filter(state__in=PRESENT)


class Call(Listed):
    """Something that can be recorded: a phone call, a room session, a bot in a meeting."""

    state = models.CharField(
        max_length=10, choices=[(state.value, state.value) for state in CallState], default=CallState.WAITING
    )
    title = models.CharField(max_length=300, blank=True)
    details = models.JSONField(default=dict, blank=True)
    flags = models.JSONField(default=dict, blank=True)
    participants = models.JSONField(null=True, blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["account", "external_id"],
                condition=~Q(external_id=""),
                name="call_unique_external_id",
            ),
        )
        indexes = (
            models.Index(fields=["state", "account"], name="call_present", condition=~Q(state="ended")),
            models.Index(fields=["account", "created_at", "id"], name="call_page"),
        )

    def __str__(self) -> str:
        return self.title or self.external_id or str(self.key)

    @property
    def is_present(self) -> bool:
        return self.state in PRESENT


class RecordingQuerySet(ScopedQuerySet["Recording"]):
    """Recordings by what an operator asks of them."""

    def live(self) -> Self:
        return self.filter(status__in=LIVE)

    def for_list(self) -> Self:
        """Without the big columns."""
        return self.select_related("account", "call").defer("raw", "call__raw", "handle", "options")


class Recording(Listed):
    """The local mirror of one recording held by a provider."""

    call = models.ForeignKey(Call, null=True, blank=True, on_delete=models.PROTECT, related_name="recordings")
    status = models.CharField(
        max_length=12, choices=[(status.value, status.value) for status in Status], default=Status.REQUESTED
    )
    handle = models.JSONField(default=dict, blank=True, help_text="What stopping needs.")
    options = models.JSONField(default=dict, blank=True)
    origin = models.CharField(max_length=100, blank=True, help_text="The provider's word for its start.")
    sort_at = models.DateTimeField(help_text="When it began, as far as known: the order of lists.")
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    duration_seconds = models.FloatField(null=True, blank=True)
    media_expires_at = models.DateTimeField(null=True, blank=True)
    price = models.DecimalField(max_digits=14, decimal_places=6, null=True, blank=True)
    currency = models.CharField(max_length=8, blank=True)
    channels = models.PositiveSmallIntegerField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="The operator whose delete left this tombstone; empty when the provider deleted it.",
    )
    is_buried = models.BooleanField(default=False, help_text="A tombstone: nothing brings it back.")

    objects = RecordingQuerySet.as_manager()

    class Meta:
        ordering = ("-sort_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["account", "external_id"],
                condition=~Q(external_id=""),
                name="recording_unique_external_id",
            ),
        )
        indexes = (
            models.Index(fields=["-sort_at", "-id"], name="recording_page"),
            models.Index(fields=["account", "-sort_at", "-id"], name="recording_account_page"),
            models.Index(fields=["status", "-sort_at", "-id"], name="recording_status_page"),
            models.Index(
                fields=["account", "status", "-sort_at", "-id"], name="recording_account_status_page"
            ),
            models.Index(
                fields=["media_expires_at", "id"],
                condition=Q(media_expires_at__isnull=False),
                name="recording_expiry",
            ),
        )

    def __str__(self) -> str:
        return self.external_id or str(self.key)

    def get_absolute_url(self) -> str:
        return reverse("recording", args=[self.key])

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    @property
    def is_final(self) -> bool:
        return self.status in FINAL
