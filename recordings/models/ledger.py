"""The ledger of sweeps: what a provider lists, what the mirror holds, and where the two part."""

from django.db import models

from recordings.models.accounts import Account, ScopedQuerySet


class Things(models.TextChoices):
    """What is listed; each is named like its page."""

    RECORDINGS = "recordings"
    TRANSCRIPTS = "transcripts"


class LedgerDayQuerySet(ScopedQuerySet["LedgerDay"]):
    """Days by who may see them."""


class LedgerDay(models.Model):
    """The things of one day (UTC) as the last complete listing of that day found them."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="ledger_days")
    things = models.CharField(max_length=12, choices=Things.choices)
    day = models.DateField()
    began_at = models.DateTimeField(help_text="When the listing began.")
    listed = models.PositiveIntegerField(default=0, help_text="What the provider listed.")
    ours = models.PositiveIntegerField(
        default=0, help_text="What the mirror holds and knows not to be deleted."
    )
    matched = models.PositiveIntegerField(default=0)
    waiting = models.PositiveIntegerField(default=0, help_text="Not listed, and not yet to be expected.")

    objects = LedgerDayQuerySet.as_manager()

    class Meta:
        ordering = ("-day", "things")
        constraints = (
            models.UniqueConstraint(fields=["account", "things", "day"], name="ledger_day_unique"),
        )

    def __str__(self) -> str:
        return f"{self.account_id} {self.things} {self.day}"


class LedgerEntryQuerySet(ScopedQuerySet["LedgerEntry"]):
    """Entries by who may see them."""


class LedgerEntry(models.Model):
    """One thing in which a listing and the mirror were not of one mind."""

    class Verdict(models.TextChoices):
        REPAIRED = "repaired"
        DIFFERING = "differing"
        UNEXPLAINED = "unexplained"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="ledger_entries")
    things = models.CharField(max_length=12, choices=Things.choices)
    day = models.DateField()
    verdict = models.CharField(max_length=12, choices=Verdict.choices)
    external_id = models.CharField(max_length=200)
    row_key = models.UUIDField(null=True, help_text="Of the mirror's row, if there is one.")
    values = models.JSONField(
        default=dict, help_text="Name of a value to what stood here and what was listed."
    )
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    objects = LedgerEntryQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        verbose_name_plural = "ledger entries"
        constraints = (
            models.UniqueConstraint(
                fields=["account", "things", "external_id", "verdict"], name="ledger_entry_unique"
            ),
        )
        indexes = (
            models.Index(fields=["account", "things", "day", "verdict"], name="ledger_entry_day"),
            models.Index(fields=["account", "at"], name="ledger_entry_age"),
        )

    def __str__(self) -> str:
        return f"{self.external_id} {self.verdict}"
