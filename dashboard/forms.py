"""The form of an order, made from the options that the provider's adapter describes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.conf import settings
from django.forms import BoundField

from dashboard.option_fields import field_for
from recordings.models import Account
from recordings.providers.options import Kind, Option, Options, clean
from recordings.validation import NO_CALLBACKS

PREFIX = "o-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An option in its form. It shows while the field `when` has the value `is_value`."""

    option: Option
    bound: BoundField
    when: str = ""
    is_value: str = ""

    @property
    def is_wide(self) -> bool:
        return self.option.kind in {Kind.LONG_TEXT, Kind.OBJECT, Kind.LIST, Kind.URL, Kind.CHOICES}

    @property
    def is_check(self) -> bool:
        return isinstance(self.bound.field, forms.BooleanField)

    @property
    def is_set(self) -> bool:
        return self.option.kind is Kind.CHOICES


@dataclass(slots=True, kw_only=True)
class Group:
    """Options that fold away together."""

    title: str
    fields: list[Shown] = field(default_factory=list)
    ours: list[tuple[Option, str]] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether something in it must be seen at once."""
        return any(shown.bound.errors for shown in self.fields)


class OrderForm(forms.Form):
    """Typed values of an order's options, with the key that makes the same form one order."""

    order_key = forms.CharField(widget=forms.HiddenInput, max_length=100)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=100, required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        options: tuple[Option, ...],
        account: Account,
        may_send_elsewhere: bool,
        given: Options | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        """`given` are option values to begin with, such as those of an order that is given again."""
        super().__init__(data, initial=initial, auto_id="id-%s")
        self.account = account
        self.ours = [option for option in options if option.is_ours]
        self.options = [
            option
            for option in options
            if not option.is_ours and (may_send_elsewhere or not option.sends_elsewhere)
        ]
        self._controls = _controls(self.options)
        for option in self.options:
            self.fields[PREFIX + option.name] = self._field(option, given)

    def _field(self, option: Option, given: Options | None) -> forms.Field:
        made = field_for(option)
        if given is not None:
            made.initial = given.get(option.name, None if not option.is_required else option.default)
        if option.needs_callback and not self.account.has_callbacks:
            made.disabled, made.initial = True, None
            made.help_text = f"{NO_CALLBACKS} {made.help_text}".strip()
        return made

    def clean(self) -> dict[str, Any]:
        """Check every value, so that all messages come at once."""
        cleaned = super().clean() or {}
        active = [option for option in self.options if self._is_active(option)]
        _, errors = clean(active, self.values())
        for name, message in errors.items():
            if PREFIX + name not in self.errors:
                self.add_error(PREFIX + name, message)
        for option in self.options:
            if option not in active:
                self.errors.pop(PREFIX + option.name, None)
        return cleaned

    def values(self) -> dict[str, Any]:
        """Return what is ordered: options that were given and belong to what was chosen."""
        return {
            option.name: self.cleaned_data[PREFIX + option.name]
            for option in self.options
            if self._is_given(option) and self._is_active(option)
        }

    def begun(self) -> dict[str, Any]:
        """Return the option values that a fresh form shows."""
        return {option.name: self[PREFIX + option.name].value() for option in self.options}

    def _is_given(self, option: Option) -> bool:
        value = self.cleaned_data.get(PREFIX + option.name)
        if value in (None, "") or self.fields[PREFIX + option.name].disabled:
            return False
        # No box ticked is a choice only where some were ticked to begin with.
        return bool(value) or option.kind is not Kind.CHOICES or bool(option.default)

    def _is_active(self, option: Option) -> bool:
        when, is_value = self._controls.get(option.name, ("", ""))
        return not when or self.cleaned_data.get(PREFIX + when) == is_value

    def refuse(self, message: str, errors: Mapping[str, str]) -> None:
        """Show why the order was not taken; the form stays as it was typed."""
        self.add_error(None, message)
        for name, text in errors.items():
            self.add_error(PREFIX + name if PREFIX + name in self.fields else None, text)

    def ask_again(self, seen: str) -> None:
        """Carry what the operator sees by now, so that pressing once more is a yes to that."""
        self.data = {**_flat(self.data), "seen": seen}

    def main(self) -> list[Shown]:
        """Return the options that are shown at once."""
        return [self._shown(option) for option in self.options if option.is_main]

    def groups(self) -> list[Group]:
        """Return the others by their headings, those that Tapedeck fills among them."""
        found: dict[str, Group] = {}
        for option in self.options:
            if not option.is_main:
                found.setdefault(option.group, Group(title=option.group)).fields.append(self._shown(option))
        for option in self.ours:
            group = found.setdefault(option.group, Group(title=option.group))
            group.ours.append((option, self._our_value(option)))
        return list(found.values())

    def _shown(self, option: Option) -> Shown:
        when, is_value = self._controls.get(option.name, ("", ""))
        bound = self[PREFIX + option.name]
        return Shown(option=option, bound=bound, when=PREFIX + when if when else "", is_value=is_value)

    def _our_value(self, option: Option) -> str:
        if option.needs_callback and not self.account.has_callbacks:
            return "not sent: Tapedeck has no public https address"
        # The account's key is in its address: whoever has it can post, so it is not shown here.
        address = f"{settings.PUBLIC_URL}/webhooks/{self.account.provider}/…"
        return str(option.default or (address if option.kind is Kind.URL else "filled in by Tapedeck"))


def _controls(options: list[Option]) -> dict[str, tuple[str, str]]:
    """Option name to the earlier choice, and its value, that the first part of the name stands for."""
    values: dict[str, str] = {}
    found: dict[str, tuple[str, str]] = {}
    for option in options:
        first, dot, _ = option.name.partition(".")
        if dot and first in values:
            found[option.name] = (values[first], first)
        if option.kind is Kind.CHOICE:
            values |= {value: option.name for value, _ in option.choices}
    return found


def _flat(data: Any) -> dict[str, Any]:
    return {name: data.getlist(name) if len(data.getlist(name)) > 1 else data[name] for name in data}
