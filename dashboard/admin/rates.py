"""The table of rates: what orders cost, from which day on. Nobody but administrators types it."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin

from dashboard.admin.sites import Administered, site
from recordings import connections
from recordings.models import Rate

if TYPE_CHECKING:
    Base = forms.ModelForm[Rate]
else:
    Base = forms.ModelForm


class RateForm(Base):
    """A rate of an order that its provider has."""

    provider = forms.ChoiceField()
    kind = forms.ChoiceField(label="Order")

    class Meta:
        model = Rate
        fields = ("provider", "account", "kind", "engine", "unit", "amount", "currency", "since", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("provider", _providers()), ("kind", _kinds())):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
            field.choices = choices

    def clean_currency(self) -> str:
        """Written alike everywhere, so that equal ones are found to be equal."""
        return str(self.cleaned_data["currency"]).strip().upper()

    def clean(self) -> dict[str, Any]:
        """The order and the account are of the provider."""
        cleaned = super().clean() or {}
        provider, kind, account = cleaned.get("provider"), cleaned.get("kind"), cleaned.get("account")
        if provider and account and account.provider != provider:
            self.add_error("account", "This account is at another provider.")
        if provider and kind and connections.face(provider).action(kind) is None:
            self.add_error("kind", "This provider has no such order.")
        return cleaned


@admin.register(Rate, site=site)
class RateAdmin(Administered):
    """Rates, the newest of each order first."""

    form = RateForm
    actions = None
    list_display = ("kind", "provider", "account", "engine", "unit", "amount", "currency", "since", "note")
    list_filter = ("provider", "kind", "currency")
    list_select_related = ("account",)


def _providers() -> list[tuple[str, str]]:
    return sorted((slug, face.label) for slug, face in connections.faces().items())


def _kinds() -> list[tuple[str, str]]:
    """Every order that some provider charges for."""
    found: dict[str, str] = {}
    for face in connections.faces().values():
        for action in face.actions:
            if action.costs:
                found.setdefault(action.kind, action.label)
    return sorted(found.items())
