"""Credentials at a provider, who may use them, and how well they work."""

import secrets
import uuid
from typing import Any, Self, TypeVar

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

User = AbstractBaseUser | AnonymousUser


def new_webhook_key() -> str:
    """At least 128 random bits, fit for a path."""
    return secrets.token_urlsafe(24)


def usable(user: int) -> Q:
    """Accounts that name no group, and those that name one of this user's."""
    named = Account.groups.through._default_manager.all()
    theirs = get_user_model().groups.through._default_manager.filter(user=user).values("group")
    return ~Q(pk__in=named.values("account")) | Q(pk__in=named.filter(group__in=theirs).values("account"))


class AccountQuerySet(models.QuerySet["Account"]):
    """Who may see which account is decided here and nowhere else."""

    def usable_by(self, user: User) -> Self:
        """Active users see accounts that name no group, and those that name one of theirs."""
        return self.filter(usable(user.pk)) if user.is_active else self.none()

    def active(self) -> Self:
        return self.filter(is_active=True)


Row_co = TypeVar("Row_co", bound=models.Model, covariant=True)


class ScopedQuerySet(models.QuerySet[Row_co]):
    """Rows that belong to an account: visible to whoever may use the account."""

    def usable_by(self, user: User) -> Self:
        # Few accounts, many rows: a list of ids lets each index that leads with the account serve.
        return self.filter(account__in=list(Account.objects.usable_by(user).values_list("pk", flat=True)))


class Account(models.Model):
    """One set of credentials at one provider."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.CharField(max_length=32, help_text="Which adapter speaks for this account.")
    name = models.CharField(max_length=100, unique=True, help_text="What operators call this account.")
    base_url = models.URLField(
        blank=True, help_text="Leave empty for the provider's own address. Changing it clears the secrets."
    )
    config = models.JSONField(default=dict, blank=True)
    sealed_secrets = models.TextField(blank=True, editable=False)
    webhook_key = models.CharField(max_length=64, unique=True, default=new_webhook_key, editable=False)
    old_webhook_key = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    old_webhook_key_until = models.DateTimeField(null=True, blank=True, editable=False)
    groups = models.ManyToManyField(
        Group, blank=True, help_text="Only these groups may use the account; none means everybody."
    )
    is_active = models.BooleanField(default=True, help_text="Off: nothing is read or sent.")
    forgets_with_provider = models.BooleanField(
        default=False, help_text="Forget our text and media when the provider has deleted its own."
    )
    order_automatically = models.BooleanField(
        default=False, help_text="Order a transcript as soon as a recording completes."
    )
    automatic_since = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="What completed before it is left alone."
    )
    automatic_options = models.JSONField(default=dict, blank=True)
    consent_reminder = models.TextField(
        blank=True, help_text="Shown to whoever starts a recording with this account."
    )
    allowed_hosts = models.JSONField(
        default=list, blank=True, help_text="Hosts to which a manager may have content sent."
    )
    is_healthy = models.BooleanField(null=True, editable=False)
    health_message = models.TextField(blank=True, editable=False)
    health_at = models.DateTimeField(null=True, blank=True, editable=False)
    endpoints = models.JSONField(default=list, blank=True, editable=False)
    watched_until = models.DateTimeField(null=True, blank=True, editable=False)
    calls_seen_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                fields=["old_webhook_key"],
                condition=~models.Q(old_webhook_key=""),
                name="account_unique_old_webhook_key",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Note since when transcripts are ordered by themselves: what is older never is."""
        since = (self.automatic_since or timezone.now()) if self.order_automatically else None
        if since != self.automatic_since:
            self.automatic_since = since
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "automatic_since"}
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("account", args=[self.key])

    @property
    def has_callbacks(self) -> bool:
        """Whether providers can reach us: over https, or at the demo's loopback address."""
        return settings.PUBLIC_URL.startswith("https://") or (
            bool(settings.PUBLIC_URL) and settings.TAPEDECK_DEMO
        )

    @property
    def webhook_url(self) -> str:
        """Where this account's provider posts; "" when it cannot reach us."""
        if not self.has_callbacks:
            return ""
        return f"{settings.PUBLIC_URL}/webhooks/{self.provider}/{self.webhook_key}/"
