"""Work items: orders, callbacks and errands, each a row that the queue only says to look at."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from recordings.models.accounts import Account, ScopedQuerySet
from recordings.models.mirror import Call, Recording

STOP, SINGLE, BULK, BACKGROUND = range(4)


# Every work item's table has them: the first finds what is due, of the equally old what came first; the
# second counts what is held.
WORK_INDEXES: tuple[models.Index, ...] = (
    models.Index(fields=["lane", "due_at", "id"], condition=Q(due_at__isnull=False), name="%(class)s_due"),
    models.Index(fields=["account", "lane"], condition=Q(lease_token__isnull=False), name="%(class)s_leased"),
)


class WorkItem(models.Model):
    """Claimed by compare-and-set, done once, settled under its lease token.

    ``due_at`` is empty when nothing is left to do. A claim moves it to the end of the lease, so that
    an item whose worker died falls due by itself.
    """

    # Each table has indexes that lead with the account: one of its own would be written for nothing.
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="%(class)ss", db_index=False)
    lane = models.PositiveSmallIntegerField(default=SINGLE)
    due_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0, help_text="Claims so far.")
    deaths = models.PositiveSmallIntegerField(default=0, help_text="Leases that ended without a word.")
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


class OperationQuerySet(ScopedQuerySet["Operation"]):
    """Orders by what an operator asks of them."""

    def open(self) -> Self:
        return self.filter(state__in=Operation.OPEN_STATES)


class Operation(WorkItem):
    """One order of an operator or a rule."""

    class State(models.TextChoices):
        QUEUED = "queued"
        SENT = "sent"
        IN_DOUBT = "in_doubt", "in doubt"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CANCELLED = "cancelled"
        EXPIRED = "expired"

    OPEN_STATES = (State.QUEUED, State.SENT, State.IN_DOUBT)

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    order_key = models.CharField(
        max_length=100, unique=True, help_text="Made with the form: the same form twice is one order."
    )
    kind = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    call = models.ForeignKey(Call, null=True, blank=True, on_delete=models.PROTECT, related_name="operations")
    recording = models.ForeignKey(
        Recording, null=True, blank=True, on_delete=models.PROTECT, related_name="operations"
    )
    subject_key = models.UUIDField(null=True, blank=True, help_text="The row that it is about.")
    made_key = models.UUIDField(null=True, blank=True, help_text="The row that it makes.")
    options = models.JSONField(default=dict, blank=True)
    fingerprint = models.CharField(max_length=64, help_text="Kind, subject and options.")
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    ordered_for = models.CharField(
        max_length=200, blank=True, help_text="The rule or the account's setting that ordered it."
    )
    rule = models.ForeignKey(
        "recordings.Rule", null=True, blank=True, on_delete=models.SET_NULL, related_name="operations"
    )
    not_after = models.DateTimeField(null=True, blank=True)
    send_key = models.UUIDField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    first_sent_at = models.DateTimeField(null=True, blank=True)
    is_accepted = models.BooleanField(
        default=False, help_text="The provider took the command; whether it happened is not known yet."
    )
    doubt_since = models.DateTimeField(null=True, blank=True)
    looks = models.PositiveSmallIntegerField(default=0, help_text="Looks for evidence so far.")
    absences = models.PositiveSmallIntegerField(default=0, help_text="Complete looks that found nothing.")
    done_at = models.DateTimeField(null=True, blank=True)
    outcome_code = models.CharField(max_length=200, blank=True)
    outcome = models.TextField(blank=True, help_text="What came of it, in a sentence.")
    updated_at = models.DateTimeField(auto_now=True, db_index=True)

    objects = OperationQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["fingerprint"],
                condition=Q(state__in=["queued", "sent", "in_doubt"]),
                name="operation_one_open_alike",
            ),
        )
        indexes = (
            *WORK_INDEXES,
            models.Index(fields=["-created_at", "-id"], name="operation_page"),
            models.Index(fields=["account", "-created_at", "-id"], name="operation_account_page"),
            models.Index(fields=["state", "-created_at", "-id"], name="operation_state_page"),
            models.Index(fields=["subject_key", "-created_at"], name="operation_subject"),
            models.Index(fields=["made_key"], name="operation_made"),
        )
        permissions = (
            ("control_calls", "Start, stop, pause and resume recordings; send bots"),
            ("order_transcripts", "Order transcripts"),
            ("delete_items", "Delete single recordings and transcripts"),
            ("manage_bulk", "Act in bulk, write rules and presets, rescue media"),
            ("administer_accounts", "Administer accounts"),
            ("see_operations", "See orders"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    def get_absolute_url(self) -> str:
        return reverse("operation", args=[self.key])

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN_STATES


class OrderForm(models.Model):
    """A form that was sent while the same order was open already: it is that order from then on."""

    order_key = models.CharField(max_length=100, unique=True)
    operation = models.ForeignKey(Operation, on_delete=models.CASCADE, related_name="forms")

    def __str__(self) -> str:
        return self.order_key


class OperationStep(models.Model):
    """One entry of an order's timeline; never changed."""

    class Kind(models.TextChoices):
        ORDERED = "ordered"
        CLAIMED = "claimed"
        SENT = "sent"
        ANSWERED = "answered"
        REFUSED = "refused"
        WAITING = "waiting"
        LOST = "lost", "answer after the lease"
        LOOKED = "looked", "looked for evidence"
        DECIDED = "decided"

    operation = models.ForeignKey(Operation, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    at = models.DateTimeField()
    worker = models.CharField(max_length=100, blank=True)
    text = models.TextField(blank=True)
    exchange = models.JSONField(null=True, blank=True, help_text="Request and answer without secrets.")

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.kind} {self.text}"
