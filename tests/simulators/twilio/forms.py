"""Parameters as Twilio accepts them: known names, each once, valid values."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

from tests.simulators.http import Request
from tests.simulators.twilio.answers import Refusal

Check = Callable[[str], bool]


def one_of(*words: str) -> Check:
    return lambda value: value in words


def text(limit: int = 0) -> Check:
    return lambda value: not limit or len(value) <= limit


def is_url(value: str) -> bool:
    target = urlsplit(value)
    return target.scheme in {"http", "https"} and bool(target.netloc)


def sid(prefix: str) -> Check:
    return lambda value: is_sid(value, prefix)


def is_sid(value: str, prefix: str) -> bool:
    return re.fullmatch(prefix + "[0-9a-fA-F]{32}", value) is not None


def is_number(value: str) -> bool:
    return value.isdecimal()


def is_moment(value: str) -> bool:
    return moment(value) is not None


def moment(value: str) -> datetime | None:
    """A day (its midnight GMT) or an ISO 8601 moment; ``None`` when it is neither."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def is_day(value: str) -> bool:
    return re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None and moment(value) is not None


BOOLEAN = one_of("true", "false")
PAGING: dict[str, Check] = {
    "PageSize": is_number,
    "Page": is_number,
    "PageToken": text(),
}


def dated(name: str, check: Check) -> dict[str, Check]:
    """A date filter: the comparison is part of the parameter's name."""
    return {name: check, f"{name}<": check, f"{name}>": check}


def read_form(
    request: Request, allowed: Mapping[str, Check], *required: str, strict: bool = True
) -> dict[str, str]:
    """The form of a POST; raises ``Refusal``."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.body and kind != "application/x-www-form-urlencoded":
        # The contract has no answer for another encoding; Twilio may well just not see the fields.
        raise Refusal(20001, "parameters must be form encoded")
    pairs = parse_qsl(request.body.decode(), keep_blank_values=True)
    return _read(pairs, allowed, required, strict=strict)


def read_query(request: Request, allowed: Mapping[str, Check], *, strict: bool = True) -> dict[str, str]:
    return _read(request.params_list, allowed, (), strict=strict)


def _read(
    pairs: list[tuple[str, str]], allowed: Mapping[str, Check], required: tuple[str, ...], *, strict: bool
) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        if name not in allowed:
            if strict:
                raise Refusal(20001, f"unknown parameter {name}")
            continue
        if name in found:
            # A guess: the contract only says that several events go in one field.
            raise Refusal(20001, f"{name} is given twice")
        if not allowed[name](value):
            raise Refusal(20422, f"{name}={value}")
        found[name] = value
    for name in required:
        if name not in found:
            raise Refusal(20001, f"{name} is missing")
    return found


def is_within(when: float | None, name: str, query: Mapping[str, str]) -> bool:
    """Whether a moment passes the date filters called ``name``.

    "At or before / at or after midnight" is taken at its word: ``Name<=2024-05-02`` leaves out what
    came later on that day. A moment with a time of day is compared exactly.
    """
    for filter_name in (name, f"{name}<", f"{name}>"):
        if filter_name in query and (when is None or not _passes(when, filter_name, query[filter_name])):
            return False
    return True


def _passes(when: float, filter_name: str, value: str) -> bool:
    bound = moment(value)
    assert bound is not None, "read_query has checked it"
    if filter_name.endswith("<"):
        return when <= bound.timestamp()
    if filter_name.endswith(">"):
        return when >= bound.timestamp()
    return datetime.fromtimestamp(when, UTC).date() == bound.astimezone(UTC).date()
