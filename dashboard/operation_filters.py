"""Which orders a list shows: every choice stands in the URL."""

from typing import Any

from django import forms
from django.contrib.auth.models import AbstractUser
from django.db.models import QuerySet
from django.http import QueryDict

from dashboard.models import User
from recordings import connections
from recordings.models import Account, Operation

RULES = "rules"


class OperationFilters(forms.Form):
    """State, account, kind and who; an unknown value filters nothing."""

    state = forms.ChoiceField(
        required=False,
        choices=[("", "Any state"), ("open", "Open"), *Operation.State.choices],
    )

    def __init__(self, data: QueryDict, *, user: AbstractUser) -> None:
        super().__init__(data, auto_id="filter-%s")
        self.user = user
        accounts = Account.objects.usable_by(user).order_by("name")
        people = User.objects.order_by("username").values_list("pk", "username")
        others = [(str(pk), name) for pk, name in people]
        self.fields |= {
            "account": _chosen("Account", "Any account", [(str(each.key), each.name) for each in accounts]),
            "kind": _chosen("Order", "Any order", _kinds()),
            "who": _chosen("By", "Anybody", [("me", "Me"), (RULES, "Rules and settings"), *others]),
        }

    def apply(self, rows: QuerySet[Operation]) -> QuerySet[Operation]:
        """Return the rows that pass."""
        self.is_valid()
        chosen: dict[str, Any] = self.cleaned_data
        if chosen.get("state") == "open":
            rows = rows.filter(state__in=Operation.OPEN_STATES)
        elif chosen.get("state"):
            rows = rows.filter(state=chosen["state"])
        if chosen.get("account"):
            rows = rows.filter(account__key=chosen["account"])
        if chosen.get("kind"):
            rows = rows.filter(kind=chosen["kind"])
        return self._by(rows, chosen.get("who", ""))

    def _by(self, rows: QuerySet[Operation], who: str) -> QuerySet[Operation]:
        if who == RULES:
            return rows.filter(ordered_by=None)
        if who:
            return rows.filter(ordered_by=self.user.pk if who == "me" else int(who))
        return rows


def _chosen(label: str, blank: str, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[("", blank), *choices])


def _kinds() -> list[tuple[str, str]]:
    """Every kind that a provider has, once, under its first label."""
    labels: dict[str, str] = {}
    for face in connections.faces().values():
        for action in face.actions:
            labels.setdefault(action.kind, action.label)
    return sorted(labels.items(), key=lambda item: item[1])
