"""Form controls written here: by a template for each option they cost more than the rows of a list."""

from html import escape
from typing import Any

from django import forms
from django.utils.safestring import SafeString, mark_safe

_NEWLINE = "\n"


class ChoiceAtOnce(forms.Select):
    """The same element as Django's; one choice at most is selected, and none is in a group."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """A choice that is unknown selects nothing."""
        now = "" if value is None else str(value)
        options = [_option(str(each), str(label), now) for each, label in self.choices]
        every = self.build_attrs(self.attrs, {**(attrs or {}), "name": name})
        return mark_safe(f"<select{_attributes(every)}>{_NEWLINE.join(options)}</select>")  # noqa: S308 - all escaped


class _InputAtOnce(forms.widgets.Input):
    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """Where nothing was typed there is no value."""
        shown = self.format_value(value)
        own = {"type": self.input_type, "name": name} | ({} if shown is None else {"value": shown})
        every = self.build_attrs(self.attrs, {**(attrs or {}), **own})
        return mark_safe(f"<input{_attributes(every)}>")  # noqa: S308 - all escaped


class TextAtOnce(_InputAtOnce, forms.TextInput):
    """The same element as Django's, for words."""


class DayAtOnce(_InputAtOnce, forms.DateInput):
    """The same element as Django's, for a day that is chosen as the browser has it."""

    def __init__(self) -> None:
        super().__init__(attrs={"type": "date"})


def _attributes(every: dict[str, Any]) -> str:
    told = ((name, "" if value is True else f'="{escape(str(value))}"') for name, value in _given(every))
    return "".join(f" {name}{value}" for name, value in told)


def _given(every: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in every.items() if value is not None and value is not False]


def _option(value: str, label: str, now: str) -> str:
    selected = " selected" if value == now else ""
    return f'<option value="{escape(value)}"{selected}>{escape(label)}</option>'
