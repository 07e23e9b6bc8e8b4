"""Rules: what is ordered without a click, of which calls, and up to what limit."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from recordings.models.accounts import Account, ScopedQuerySet, User
from recordings.models.presets import Preset
from recordings.models.work import Operation


class RuleQuerySet(models.QuerySet["Rule"]):
    """Rules by who may see them, and by what they do."""

    def usable_by(self, user: User) -> Self:
        """Those of an account that this person may use."""
        theirs = Account.objects.usable_by(user).values("pk")
        return self.filter(pk__in=Rule.accounts.through.objects.filter(account__in=theirs).values("rule"))

    def acting(self, does: str) -> Self:
        """Those that are switched on, in the order in which they are asked."""
        return self.filter(is_enabled=True, does=does).order_by("priority", "pk")


class Rule(models.Model):
    """Calls that match, one thing that is done with them, and how often and dear at most."""

    class Does(models.TextChoices):
        RECORD = "record", "Start a recording"
        TRANSCRIBE = "transcribe", "Order a transcript when a recording completes"
        RESCUE = "rescue", "Copy the media here when a recording completes"

    class Direction(models.TextChoices):
        INBOUND = "inbound", "Inbound"
        OUTBOUND = "outbound", "Outbound"

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80, unique=True)
    does = models.CharField(max_length=10, choices=Does.choices)
    is_enabled = models.BooleanField(default=False)
    since = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="What completed before it is left alone."
    )
    priority = models.PositiveSmallIntegerField(
        default=100, help_text="Of several rules that match, the one with the lowest number acts."
    )
    accounts = models.ManyToManyField(Account, related_name="rules")
    presets = models.ManyToManyField(Preset, blank=True, related_name="rules")
    caller = models.CharField(max_length=300, blank=True)
    callee = models.CharField(max_length=300, blank=True)
    room = models.CharField(max_length=300, blank=True)
    direction = models.CharField(max_length=8, blank=True, choices=Direction.choices)
    monthly_count = models.PositiveIntegerField(null=True, blank=True)
    monthly_amount = models.DecimalField(
        max_digits=14, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    monthly_currency = models.CharField(max_length=8, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = RuleQuerySet.as_manager()

    class Meta:
        ordering = ("priority", "pk")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Note since when it is on: what completed before is left alone."""
        self.since = (self.since or timezone.now()) if self.is_enabled else None
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("rule", args=[self.key])

    @property
    def because(self) -> str:
        """How its orders name it."""
        return f"the rule “{self.name}”"


class RuleMatchQuerySet(ScopedQuerySet["RuleMatch"]):
    """What rules did, by what came of it."""

    def counted(self) -> Self:
        """Orders that cost something, or may have: those in doubt are among them."""
        lost = (Operation.State.FAILED, Operation.State.EXPIRED, Operation.State.CANCELLED)
        return self.filter(state=RuleMatch.State.ORDERED).exclude(operation__state__in=lost)

    def waiting(self) -> Self:
        """Those that came to no order yet."""
        return self.exclude(state=RuleMatch.State.ORDERED).filter(is_over=False)


class RuleMatch(models.Model):
    """One thing that a rule took up: once, whatever happens twice."""

    class State(models.TextChoices):
        ORDERED = "ordered"
        HELD = "held"
        REFUSED = "refused"

    rule = models.ForeignKey(Rule, null=True, on_delete=models.SET_NULL, related_name="matches")
    does = models.CharField(max_length=10, choices=Rule.Does.choices)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    subject_key = models.UUIDField(help_text="The call or the recording.")
    state = models.CharField(max_length=8, choices=State.choices, default=State.HELD)
    reason = models.TextField(blank=True, help_text="Why it was not ordered.")
    operation = models.ForeignKey(
        Operation, null=True, blank=True, on_delete=models.SET_NULL, related_name="rule_matches"
    )
    estimate = models.DecimalField(max_digits=14, decimal_places=6, null=True, blank=True)
    currency = models.CharField(max_length=8, blank=True)
    is_over = models.BooleanField(
        default=False, help_text="The call is over: one that begins under the same id is another."
    )
    at = models.DateTimeField()

    objects = RuleMatchQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["subject_key", "does"], condition=Q(is_over=False), name="rule_match_once"
            ),
        )
        indexes = (
            models.Index(fields=["rule", "-at", "-id"], name="rule_match_page"),
            models.Index(fields=["rule", "state"], name="rule_match_state"),
        )

    def __str__(self) -> str:
        return f"{self.does} {self.subject_key}"
