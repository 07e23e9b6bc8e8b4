"""The form of a rule: which calls, what is done with them, and up to what limit."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.db import transaction

from dashboard.models import User
from recordings import connections, reading, rules
from recordings.models import Account, Preset, Rule

if TYPE_CHECKING:
    Base = forms.ModelForm[Rule]
else:
    Base = forms.ModelForm

# A change of these means other things than before: what completed until then is left alone.
SCOPE = ("does", "accounts", "caller", "callee", "room", "direction")
PATTERNS = {"caller": "who calls", "callee": "who is called", "room": "a room", "direction": "a direction"}
LIKE = "Several with commas between them; * stands for anything."


class RuleForm(Base):
    """Everything of a rule but whether it is on: that is switched after the dry run."""

    class Meta:
        model = Rule
        fields = (
            *("name", "does", "accounts", "caller", "callee", "room", "direction", "presets"),
            *("monthly_count", "monthly_amount", "monthly_currency", "priority"),
        )
        labels = {
            "does": "What it does",
            "caller": "From number",
            "callee": "To number",
            "room": "Room or meeting",
            "monthly_count": "Orders a month at most",
            "monthly_amount": "Money a month at most",
            "monthly_currency": "Currency of it",
        }
        help_texts = {
            "caller": f"{LIKE} Such as +1415*.",
            "callee": LIKE,
            "room": f"{LIKE} The provider's name of it, or the title.",
            "presets": "At most one of each provider. Without one the provider's own defaults hold.",
            "monthly_count": "Months are those of UTC. Orders in doubt count.",
            "monthly_amount": "By the table of rates. An order whose cost is not known is held.",
            "monthly_currency": "Such as USD. Currencies are never added up.",
        }
        widgets = {"accounts": forms.CheckboxSelectMultiple, "presets": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "rule-%s", **kwargs})
        self._choose("does", [(does.value, does.label) for does in rules.KINDS])
        self._choose("direction", [("", "Either"), *Rule.Direction.choices])
        accounts = Account.objects.usable_by(user).order_by("name")
        self._offer("accounts", accounts, [(each.pk, _of(each.provider, each.name)) for each in accounts])
        presets = Preset.objects.filter(kind__in=rules.KINDS.values())
        self._offer("presets", presets, [(each.pk, _named(each)) for each in presets])

    def clean_monthly_currency(self) -> str:
        """As the rates have it."""
        return str(self.cleaned_data["monthly_currency"]).strip().upper()

    def clean(self) -> dict[str, Any]:
        """What would never match, or would be refused each time, is said at once."""
        cleaned = super().clean() or {}
        if (cleaned.get("monthly_amount") is None) != (not cleaned.get("monthly_currency")):
            self.add_error("monthly_currency", "A limit in money needs an amount and its currency.")
        if {"does", "accounts", "presets"} <= cleaned.keys():
            self._check_presets(cleaned)
            for problem in _unmatched(cleaned):
                self.add_error(None, problem)
        return cleaned

    def save(self, commit: bool = True) -> Rule:  # noqa: FBT001, FBT002
        """Keep it; what it did not mean before counts from now on."""
        if set(SCOPE) & set(self.changed_data):
            self.instance.since = None
        with transaction.atomic():
            saved = super().save(commit)
        if saved.is_enabled and saved.does == Rule.Does.RECORD:
            reading.look_soon(saved.accounts.all())
        return saved

    def _check_presets(self, cleaned: dict[str, Any]) -> None:
        kind = rules.KINDS[Rule.Does(cleaned["does"])]
        presets = [each for each in cleaned["presets"] if each.kind == kind]
        if len(presets) < len(cleaned["presets"]):
            self.add_error("presets", "Choose presets of the order that the rule gives.")
        elif len({each.provider for each in presets}) < len(presets):
            self.add_error("presets", "Choose at most one preset of each provider.")
        else:
            for problem in rules.problems(cleaned["does"], cleaned["accounts"], presets):
                self.add_error("presets", problem)

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - a model field with choices
        field.choices = choices

    def _offer(self, name: str, rows: Any, choices: list[tuple[int, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelMultipleChoiceField)  # noqa: S101 - a relation to many
        field.queryset, field.choices = rows, choices


def _unmatched(cleaned: dict[str, Any]) -> Iterable[str]:
    """What is asked of calls that their provider never tells."""
    for provider in sorted({each.provider for each in cleaned["accounts"]}):
        face = connections.face(provider)
        for name, noun in PATTERNS.items():
            if cleaned.get(name) and name not in face.call_traits:
                yield f"{face.label} does not tell {noun}: no {face.call_noun} of it would ever match."


def _named(preset: Preset) -> str:
    action = connections.face(preset.provider).action(preset.kind)
    return _of(preset.provider, f"{action.label if action else preset.kind}, {preset.name}")


def _of(provider: str, name: str) -> str:
    return f"{connections.face(provider).label}: {name}"
