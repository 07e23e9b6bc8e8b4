"""Turns an option of an order into a form field that reads what was typed and keeps it as typed."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from recordings.providers.options import Kind, Option


class JsonText(forms.CharField):
    """A JSON object or list, typed as text."""

    def __init__(self, **facts: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 3, "class": "is-json"}), **facts)
        self.widget.attrs["spellcheck"] = "false"

    def prepare_value(self, value: Any) -> Any:
        """Show what is stored as JSON, and what was typed as it is."""
        if value is None or isinstance(value, str):
            return value
        return json.dumps(value, indent=1, ensure_ascii=False)

    def to_python(self, value: Any) -> Any:
        """Return the parsed value; None for nothing."""
        text = super().to_python(value)
        if not text:
            return None
        try:
            return json.loads(text)
        except ValueError as exc:
            raise ValidationError(f"This is not valid JSON: {exc}.") from exc


class MomentText(forms.DateTimeField):
    """A moment in the operator's zone; its value is ISO 8601 with zone."""

    def __init__(self, **facts: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": 60}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, **facts)

    def prepare_value(self, value: Any) -> Any:
        """Show a stored moment in the operator's zone."""
        return super().prepare_value(_parsed(value) or value)

    def clean(self, value: Any) -> Any:
        """Return ISO 8601 text; "" for nothing."""
        moment = super().clean(value)
        return moment.isoformat() if moment else ""


class YesNo(forms.CharField):
    """Yes, no, or what the provider does without a word."""

    def __init__(self, *, unsaid: str, **facts: Any) -> None:
        choices = [("", unsaid), ("true", "Yes"), ("false", "No")]
        super().__init__(widget=forms.Select(choices=choices), **facts)

    def prepare_value(self, value: Any) -> Any:
        """Show a stored value as one of the words."""
        return {True: "true", False: "false"}.get(value, value)

    def to_python(self, value: Any) -> Any:
        """Return True, False, or None for what was left to the provider."""
        return {"true": True, "false": False}.get(str(value))


def field_for(option: Option) -> forms.Field:
    """Return the form field of an option; ranges and choices are checked with the order, for all kinds."""
    facts = {"label": option.label, "help_text": option.help, "required": False, "initial": option.default}
    field = _MAKERS.get(option.kind, _text)(option, facts)
    if option.is_required:
        field.widget.attrs["required"] = True
    return field


def unsaid(option: Option) -> str:
    """Say what holds when the option is left out."""
    if option.provider_default:
        named = {str(value): label for value, label in option.choices}
        return f"Not set ({named.get(option.provider_default, option.provider_default)})"
    return "Not set"


def _parsed(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return timezone.localtime(moment) if moment.tzinfo else None


def _text(option: Option, facts: dict[str, Any]) -> forms.Field:
    field = forms.CharField(**facts)
    attrs = {"placeholder": option.provider_default, "maxlength": option.max_length}
    field.widget.attrs.update({name: value for name, value in attrs.items() if value})
    return field


def _long_text(option: Option, facts: dict[str, Any]) -> forms.Field:
    field = _text(option, facts)
    field.widget = forms.Textarea(attrs={**field.widget.attrs, "rows": 3})
    return field


def _address(option: Option, facts: dict[str, Any]) -> forms.Field:
    field = _text(option, facts)
    field.widget = forms.URLInput(attrs={**field.widget.attrs, "autocomplete": "off"})
    return field


def _number(option: Option, facts: dict[str, Any], field: forms.Field) -> forms.Field:
    attrs = {"min": option.minimum, "max": option.maximum, "placeholder": option.provider_default}
    given = {name: _plain(value) for name, value in attrs.items() if value not in (None, "")}
    field.widget = forms.NumberInput(attrs={"step": "any", **given})
    return field


def _plain(value: Any) -> Any:
    return f"{value:g}" if isinstance(value, float) else value


def _integer(option: Option, facts: dict[str, Any]) -> forms.Field:
    errors = {"invalid": "This must be a whole number."}
    field = _number(option, facts, forms.IntegerField(**facts, error_messages=errors))
    field.widget.attrs["step"] = 1
    return field


def _decimal(option: Option, facts: dict[str, Any]) -> forms.Field:
    errors = {"invalid": "This must be a number."}
    return _number(option, facts, forms.FloatField(**facts, error_messages=errors))


def _boolean(option: Option, facts: dict[str, Any]) -> forms.Field:
    if isinstance(option.default, bool):
        return forms.BooleanField(**facts)
    return YesNo(unsaid=unsaid(option), **facts)


def _choice(option: Option, facts: dict[str, Any]) -> forms.Field:
    blank = [] if option.is_required and option.default is not None else [("", unsaid(option))]
    return forms.CharField(**facts, widget=forms.Select(choices=[*blank, *option.choices]))


def _choices(option: Option, facts: dict[str, Any]) -> forms.Field:
    widget = forms.CheckboxSelectMultiple()
    return forms.MultipleChoiceField(**facts, choices=option.choices, widget=widget)


def _json(option: Option, facts: dict[str, Any]) -> forms.Field:
    field = JsonText(**facts)
    field.widget.attrs["placeholder"] = "{}" if option.kind is Kind.OBJECT else "[]"
    return field


_MAKERS: Mapping[Kind, Callable[[Option, dict[str, Any]], forms.Field]] = {
    Kind.LONG_TEXT: _long_text,
    Kind.URL: _address,
    Kind.INTEGER: _integer,
    Kind.NUMBER: _decimal,
    Kind.BOOLEAN: _boolean,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choices,
    Kind.OBJECT: _json,
    Kind.LIST: _json,
    Kind.MOMENT: lambda option, facts: MomentText(**facts),
}
