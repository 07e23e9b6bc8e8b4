"""Typed options against their fields."""

from typing import Any

import pytest

from recordings.providers.options import Kind, Option, clean

FIELDS = (
    Option(name="count", kind=Kind.INTEGER, label="Count", minimum=1, maximum=9),
    Option(name="code", kind=Kind.TEXT, label="Code", max_length=3, pattern="[a-z]+"),
    Option(name="size", kind=Kind.CHOICE, label="Size", choices=(("s", "S"), ("l", "L"))),
    Option(name="parts", kind=Kind.CHOICES, label="Parts", choices=(("a", "A"), ("b", "B"))),
    Option(name="keep", kind=Kind.OBJECT, label="Keep", is_nullable=True),
    Option(name="list", kind=Kind.LIST, label="List"),
)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("count", 0, "smallest"),
        ("count", 10, "largest"),
        ("count", True, "whole number"),
        ("count", "7", "whole number"),
        ("code", "abcd", "3 characters"),
        ("code", "AB", "form"),
        ("size", "m", "one of"),
        ("parts", ["a", "c"], "among"),
        ("colour", "red", "no such option"),
    ],
)
def test_wrong_value_is_told_by_its_field(name: str, value: Any, message: str) -> None:
    cleaned, errors = clean(FIELDS, {name: value})

    assert cleaned == {}
    assert message in errors[name]


def test_right_values_are_kept_and_nothing_is_left_out() -> None:
    values = {"count": 3, "code": "ab", "size": "s", "parts": ["a"], "keep": None, "list": []}

    assert clean(FIELDS, values) == (values, {})
    assert clean(FIELDS, {"code": "", "count": None}) == ({}, {})


def test_required_field_must_be_given() -> None:
    field = Option(name="url", kind=Kind.URL, label="Address", is_required=True)

    assert clean((field,), {})[1] == {"url": "This field is required."}
