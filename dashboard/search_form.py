"""What is searched for: words and filters, all of them in the URL."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import QueryDict

from dashboard.listing import chosen, words
from dashboard.models import User
from recordings import connections
from recordings.models import Account
from transcripts.search import BEST, NEWEST, Filter

ORDERS = ((NEWEST, NEWEST), (BEST, BEST))
LIKE_TYPED = ("account", "provider", "speaker", "language")


class SearchForm(forms.Form):
    """The search box and its filters; what is unknown or wrong is said beside its field."""

    q = forms.CharField(label="Words, or any id", required=False)
    speaker = words("Said by", "Anybody")
    language = words("Language", "Any, such as pt or pt-BR")
    since = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    order = forms.ChoiceField(required=False, choices=ORDERS)

    def __init__(self, data: QueryDict, *, user: User) -> None:
        super().__init__(data, auto_id="search-%s")
        accounts = Account.objects.usable_by(user).order_by("name")
        named = [(str(each.key), each.name) for each in accounts]
        providers = [(each, _label(each)) for each in sorted({each.provider for each in accounts})]
        self.fields["q"].widget = forms.TextInput(
            attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"}
        )
        self.fields["account"] = chosen("Account", "Any account", named)
        self.fields["provider"] = chosen("Provider", "Any provider", providers)
        self.order_fields(("q", *LIKE_TYPED, "since", "until", "order"))
        self.is_valid()

    @property
    def typed(self) -> str:
        """The words, with the filters among them."""
        return str(self.cleaned_data.get("q") or "")

    @property
    def sorting(self) -> str:
        """How the hits are ordered."""
        return str(self.cleaned_data.get("order") or NEWEST)

    @property
    def filters(self) -> list[Filter]:
        """The filters beside the box, as those that can be typed; the last day is one of those searched."""
        found = [Filter(name=name, value=self.cleaned_data[name]) for name in LIKE_TYPED if self._has(name)]
        if self._has("since"):
            found.append(Filter(name="after", value=self.cleaned_data["since"].isoformat()))
        if self._has("until"):
            day = self.cleaned_data["until"]
            following = day + timedelta(days=1) if day.year < 9999 else day
            found.append(Filter(name="before", value=following.isoformat()))
        return found

    @property
    def is_asked(self) -> bool:
        """Whether there is anything to look for."""
        wrong = self.errors.keys() - {"order"}  # in an unknown order they come newest first
        return not wrong and bool(self.typed.strip() or self.filters)

    def fields_beside(self) -> list[forms.BoundField]:
        """The filters' fields."""
        return [self[name] for name in self.fields if name not in {"q", "order"}]

    def _has(self, name: str) -> Any:
        return self.cleaned_data.get(name)


def _label(provider: str) -> str:
    try:
        return connections.face(provider).label
    except KeyError:
        return provider
