"""What orders cost: dated rates, typed in by administrators. Where none is known, no cost is."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from recordings.models.accounts import Account


class Rate(models.Model):
    """The price of one kind of order from a day on, at a provider or at one account of it."""

    class Unit(models.TextChoices):
        MINUTE = "minute", "each minute begun"
        HOUR = "hour", "an hour, to the second"
        ITEM = "item", "each order"

    provider = models.CharField(max_length=32)
    account = models.ForeignKey(
        Account,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="rates",
        help_text="Only this account; empty for all of the provider that have no rate of their own.",
    )
    kind = models.CharField(max_length=60, verbose_name="order")
    engine = models.CharField(
        max_length=100, blank=True, help_text="As the order's form names it; empty for every engine."
    )
    unit = models.CharField(max_length=6, choices=Unit.choices, default=Unit.MINUTE)
    amount = models.DecimalField(max_digits=14, decimal_places=6, validators=[MinValueValidator(0)])
    currency = models.CharField(max_length=8, help_text="Such as USD. Currencies are never added up.")
    since = models.DateField(help_text="From this day on, in UTC.")
    note = models.CharField(max_length=200, blank=True, help_text="Where the figure comes from.")

    class Meta:
        ordering = ("provider", "kind", "engine", "-since")
        constraints = (
            models.UniqueConstraint(
                fields=["account", "kind", "engine", "since"], name="rate_unique_of_account"
            ),
            models.UniqueConstraint(
                fields=["provider", "kind", "engine", "since"],
                condition=Q(account=None),
                name="rate_unique_of_provider",
            ),
        )

    def __str__(self) -> str:
        digits = max(2, -int(self.amount.normalize().as_tuple().exponent))
        return f"{self.amount:.{digits}f} {self.currency} {self.get_unit_display()}"
