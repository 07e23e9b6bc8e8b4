"""Which orders a list shows."""

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from dashboard.listing import Filters, chosen
from dashboard.models import User
from recordings import connections, rescues
from recordings.models import Operation

RULES = "rules"
STATES = [("open", "open"), *Operation.State.choices]


def _kinds() -> list[tuple[str, str]]:
    """Every kind that a provider has, once, under its first label."""
    labels = {rescues.RESCUE.kind: rescues.RESCUE.label}
    for face in connections.faces().values():
        for action in face.actions:
            labels.setdefault(action.kind, action.label)
    return [("", "Any order"), *sorted(labels.items(), key=lambda item: item[1])]


def _people() -> list[tuple[str, str]]:
    people = User.objects.order_by("username").values_list("pk", "username")
    others = [(str(pk), name) for pk, name in people]
    return [("", "Anybody"), ("me", "me"), (RULES, "rules and settings"), *others]


class OperationFilters(Filters):
    """State, kind and who besides what all lists have."""

    by = "created_at"
    costly = ("kind", "who")

    state = chosen("State", "Any state", STATES)
    kind = forms.ChoiceField(label="Order", required=False, choices=_kinds)
    who = forms.ChoiceField(label="By", required=False, choices=_people)

    def __init__(self, data: QueryDict, *, user: User) -> None:
        self.user = user
        super().__init__(data, user=user)

    def narrow(self, rows: "QuerySet[Operation]") -> "QuerySet[Operation]":  # type: ignore[override]
        """The orders that pass."""
        rows = super().narrow(rows)
        if self.get("state") == "open":
            rows = rows.filter(state__in=Operation.OPEN_STATES)
        elif self.get("state"):
            rows = rows.filter(state=self.get("state"))
        if self.get("kind"):
            rows = rows.filter(kind=self.get("kind"))
        return self._by(rows, self.get("who"))

    def _by(self, rows: "QuerySet[Operation]", who: str | None) -> "QuerySet[Operation]":
        if who == RULES:
            return rows.filter(ordered_by=None)
        if who:
            return rows.filter(ordered_by=self.user.pk if who == "me" else int(who))
        return rows
