"""Which readings an auditor's list shows."""

from django.db.models import QuerySet
from django.http import QueryDict

from dashboard.listing import Filters, chosen
from dashboard.models import User
from dashboard.reads import WHAT
from recordings.models import ReadRecord


class ReadFilters(Filters):
    """Person, thing and purpose besides what all lists have."""

    by = "hour"
    costly = ("what", "purpose")

    what = chosen("What", "Anything", [(name, name.capitalize()) for name in WHAT.values()])
    purpose = chosen("Purpose", "Any purpose", ReadRecord.Purpose.choices)

    def __init__(self, data: QueryDict, *, user: User) -> None:
        people = User.objects.order_by("username").values_list("username", flat=True)
        self.person = chosen("Who", "Anybody", [(name, name) for name in people])
        super().__init__(data, user=user)

    def field_order_shown(self) -> list[str]:
        """The person comes first."""
        self.fields["person"] = self.person
        return ["person", *super().field_order_shown()]

    def narrow(self, rows: "QuerySet[ReadRecord]") -> "QuerySet[ReadRecord]":  # type: ignore[override]
        """The readings that pass."""
        rows = super().narrow(rows)
        if self.get("person"):
            rows = rows.filter(user__username=self.get("person"))
        for name in ("what", "purpose"):
            if self.get(name):
                rows = rows.filter(**{name: self.get(name)})
        return rows
