"""Rules for the fields of a body; each answers ``None`` or what is wrong, in the framework's words."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from tests.simulators.recall.refusals import invalid

Wrong = list[str] | dict[str, Any]
Rule = Callable[[Any], Wrong | None]

NOT_ALLOWED = ["This field is not allowed. Check the API reference for the fields of this version."]
REQUIRED = ["This field is required."]
NULL = ["This field may not be null."]


def require(body: dict[str, Any], rule: Rule) -> None:
    """Raise the field errors of a whole body."""
    wrong = rule(body)
    if isinstance(wrong, dict):
        raise invalid(wrong)


def text(value: Any) -> Wrong | None:
    if value is None:
        return NULL
    if not isinstance(value, str):
        return ["Not a valid string."]
    return None if value else ["This field may not be blank."]


def at_most(longest: int) -> Rule:
    def rule(value: Any) -> Wrong | None:
        wrong = text(value)
        if wrong is None and len(value) > longest:
            return [f"Ensure this field has no more than {longest} characters."]
        return wrong

    return rule


def boolean(value: Any) -> Wrong | None:
    return None if isinstance(value, bool) else ["Must be a valid boolean."]


def moment(value: Any) -> Wrong | None:
    return None if seconds_of(value) is not None else ["Datetime has wrong format."]


def anything(value: Any) -> Wrong | None:
    return None


def free(value: Any) -> Wrong | None:
    """An object whose keys are nobody's business here."""
    return None if isinstance(value, dict) else ["Expected a dictionary of items."]


def strings(value: Any) -> Wrong | None:
    """Metadata: text to text or null."""
    if not isinstance(value, dict):
        return ["Expected a dictionary of items."]
    bad = {key: ["Not a valid string."] for key, item in value.items() if not isinstance(item, str | None)}
    return bad or None


def integer(minimum: int) -> Rule:
    def rule(value: Any) -> Wrong | None:
        if isinstance(value, bool) or not isinstance(value, int):
            return ["A valid integer is required."]
        return None if value >= minimum else [f"Ensure this value is greater than or equal to {minimum}."]

    return rule


def choice(*allowed: str) -> Rule:
    def rule(value: Any) -> Wrong | None:
        return None if value in allowed else [f'"{value}" is not a valid choice.']

    return rule


def nullable(inner: Rule) -> Rule:
    return lambda value: None if value is None else inner(value)


def either(*rules: Rule) -> Rule:
    def rule(value: Any) -> Wrong | None:
        found = [each(value) for each in rules]
        return None if None in found else found[-1]

    return rule


def items(inner: Rule, *, least: int = 0) -> Rule:
    def rule(value: Any) -> Wrong | None:
        if not isinstance(value, list):
            return ["Expected a list of items but got another type."]
        if len(value) < least:
            return ["This list may not be empty."]
        found = {str(place): wrong for place, item in enumerate(value) if (wrong := inner(item)) is not None}
        return found or None

    return rule


def fields(known: dict[str, Rule], required: Iterable[str] = ()) -> Rule:
    """An object with these fields and no others."""

    def rule(value: Any) -> Wrong | None:
        if not isinstance(value, dict):
            return ["Invalid data. Expected a dictionary."]
        wrong: dict[str, Any] = {name: REQUIRED for name in required if name not in value}
        for name, item in value.items():
            found = known[name](item) if name in known else NOT_ALLOWED
            if found is not None:
                wrong[name] = found
        return wrong or None

    return rule


def exactly_one(known: dict[str, Rule] | Sequence[str]) -> Rule:
    """An object with one key out of these; a sequence of keys takes any object behind each."""
    rules: dict[str, Rule] = {**known} if isinstance(known, dict) else dict.fromkeys(known, free)

    def rule(value: Any) -> Wrong | None:
        if not isinstance(value, dict):
            return ["Invalid data. Expected a dictionary."]
        if len(value) != 1:
            return ["Exactly one provider must be given."]
        return fields(rules)(value)

    return rule


def seconds_of(value: Any) -> float | None:
    """ISO 8601 to Unix seconds; ``None`` when it is not that, or has no zone."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found.timestamp() if found.tzinfo else None
