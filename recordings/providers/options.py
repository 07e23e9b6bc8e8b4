"""Option fields as data: forms, presets, help and validation are made from them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Options = Mapping[str, Any]


class Kind(StrEnum):
    """What a value looks like in Python; ``OBJECT`` and ``LIST`` are typed as JSON by the operator."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    CHOICES = "choices"  # several of them: a list
    OBJECT = "object"
    LIST = "list"
    URL = "url"
    MOMENT = "moment"  # ISO 8601 with zone
    COLOR = "color"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One field of an order.

    ``name`` is the provider's wire name and unique inside its action; ``default`` is the value that
    the form starts with, ``provider_default`` tells what holds when it is left out. A value equal to
    nothing (``None`` or ``""``) is not sent unless ``is_nullable`` and ``None``.
    """

    name: str
    kind: Kind
    label: str
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    default: Any = None
    provider_default: str = ""
    minimum: float | None = None
    maximum: float | None = None
    max_length: int | None = None
    pattern: str = ""
    group: str = ""  # heading under which the form shows it; "" is the first group
    is_required: bool = False
    is_nullable: bool = False  # None is a value of its own: sent as null
    is_ours: bool = False  # a callback address: shown, filled by Tapedeck, never typed
    needs_callback: bool = False  # cannot work without a public address
    sends_elsewhere: bool = False  # needs the manager role and a host on the account's list
    is_main: bool = False  # shown at once; the others fold away


def clean(fields: Sequence[Option], values: Options) -> tuple[dict[str, Any], dict[str, str]]:
    """Check ``values`` (already of the kinds' Python types) against the fields.

    Answers the values that were given, unknown names left out, and one message a wrong field.
    """
    cleaned: dict[str, Any] = {}
    errors: dict[str, str] = {}
    known = {field.name: field for field in fields}
    for name in values:
        if name not in known:
            errors[name] = "This provider has no such option."
    for field in fields:
        value = values.get(field.name)
        if value in (None, "", [], {}) and not _is_given(field, values):
            if field.is_required:
                errors[field.name] = "This field is required."
            continue
        problem = _problem(field, value)
        if problem:
            errors[field.name] = problem
        else:
            cleaned[field.name] = value
    return cleaned, errors


def _is_given(field: Option, values: Options) -> bool:
    if field.name not in values:
        return False
    value = values[field.name]
    return (value is None and field.is_nullable) or value in ([], {})


def _problem(field: Option, value: Any) -> str:
    if value is None and field.is_nullable:
        return ""
    wrong_type = not isinstance(value, _TYPES[field.kind]) or (
        isinstance(value, bool) and field.kind is not Kind.BOOLEAN
    )
    if wrong_type:
        return f"This must be {_NAMES[field.kind]}."
    return _out_of_range(field, value) or _not_a_choice(field, value)


def _out_of_range(field: Option, value: Any) -> str:
    if field.kind in {Kind.INTEGER, Kind.NUMBER}:
        if field.minimum is not None and value < field.minimum:
            return f"The smallest value is {field.minimum:g}."
        if field.maximum is not None and value > field.maximum:
            return f"The largest value is {field.maximum:g}."
    if field.max_length is not None and isinstance(value, str) and len(value) > field.max_length:
        return f"At most {field.max_length} characters."
    if field.pattern and isinstance(value, str) and not re.fullmatch(field.pattern, value):
        return f"This does not have the form that the provider asks for: {field.pattern}"
    return ""


def _not_a_choice(field: Option, value: Any) -> str:
    allowed = [choice for choice, _ in field.choices]
    if field.kind is Kind.CHOICE and value not in allowed:
        return f"Choose one of: {', '.join(allowed)}."
    if field.kind is Kind.CHOICES and not set(value) <= set(allowed):
        return f"Choose among: {', '.join(allowed)}."
    return ""


_TYPES: Mapping[Kind, Any] = {
    Kind.TEXT: str,
    Kind.LONG_TEXT: str,
    Kind.INTEGER: int,
    Kind.NUMBER: (int, float),
    Kind.BOOLEAN: bool,
    Kind.CHOICE: str,
    Kind.CHOICES: (list, tuple),
    Kind.OBJECT: dict,
    Kind.LIST: list,
    Kind.URL: str,
    Kind.MOMENT: str,
    Kind.COLOR: str,
}
_NAMES: Mapping[Kind, str] = {
    Kind.TEXT: "text",
    Kind.LONG_TEXT: "text",
    Kind.INTEGER: "a whole number",
    Kind.NUMBER: "a number",
    Kind.BOOLEAN: "yes or no",
    Kind.CHOICE: "one of the choices",
    Kind.CHOICES: "a list of choices",
    Kind.OBJECT: "a JSON object",
    Kind.LIST: "a JSON list",
    Kind.URL: "an address",
    Kind.MOMENT: "a date and time",
    Kind.COLOR: "a colour such as #102030",
}
