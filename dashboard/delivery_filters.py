"""Which callbacks a list shows."""

from django.db.models import QuerySet

from dashboard.listing import Filters, chosen, words
from recordings.models import WebhookDelivery


class DeliveryFilters(Filters):
    """State and event besides what all lists have."""

    by = "received_at"
    costly = ("event",)

    state = chosen("State", "Any state", WebhookDelivery.State.choices)
    event = words("Event", "Beginning of its name")

    def narrow(self, rows: "QuerySet[WebhookDelivery]") -> "QuerySet[WebhookDelivery]":  # type: ignore[override]
        """The callbacks that pass."""
        rows = super().narrow(rows)
        if self.get("state"):
            rows = rows.filter(state=self.get("state"))
        if self.get("event"):
            rows = rows.filter(event__startswith=self.get("event"))
        return rows
