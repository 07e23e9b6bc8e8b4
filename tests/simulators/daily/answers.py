"""What all endpoints share: refusals in Daily's words, checked bodies and queries, pages of lists."""

import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from tests.simulators.http import Request, Response, json_answer

Check = Callable[[Any], bool]
Item = TypeVar("Item")
MOST = 100  # default and largest page
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class Refused(Exception):
    """An answer of ``{"error", "info"}`` with the contract's code."""

    def __init__(self, status: int, code: str, info: str, **headers: str) -> None:
        super().__init__(info)
        self.status, self.code, self.info, self.headers = status, code, info, headers

    def answer(self) -> Response:
        return json_answer({"error": self.code, "info": self.info}, self.status, **self.headers)


def invalid(info: str) -> Refused:
    return Refused(400, "invalid-request-error", info)


def not_found(info: str) -> Refused:
    return Refused(404, "not-found", info)


def body_of(
    request: Request, schema: dict[str, Check], *, required: Iterable[str] = (), ignores_unknown: bool = False
) -> dict[str, Any]:
    """The body as an object of known keys; an absent body is an empty object."""
    try:
        data = request.json() if request.body else {}
    except ValueError:
        raise Refused(400, "json-parsing-error", "request body is not valid JSON") from None
    return checked(data, schema, required=required, ignores_unknown=ignores_unknown)


def checked(
    data: Any,
    schema: dict[str, Check],
    *,
    required: Iterable[str] = (),
    ignores_unknown: bool = False,
    within: str = "",
) -> dict[str, Any]:
    """``data`` as it came, less what is ignored; refuses unknown keys and wrong values."""
    if not isinstance(data, dict):
        raise invalid(f"{within or 'body'} must be an object")
    unknown = [key for key in data if key not in schema]
    if unknown and not ignores_unknown:
        raise invalid(f"unknown parameter '{within}{unknown[0]}'")
    for key in required:
        if key not in data:
            raise invalid(f"missing required parameter '{within}{key}'")
    known = {key: value for key, value in data.items() if key in schema}
    for key, value in known.items():
        if not schema[key](value):
            raise invalid(f"invalid value for parameter '{within}{key}'")
    return known


def one_of(*values: Any) -> Check:
    return lambda value: isinstance(value, str) and value in values


def whole(least: int, most: int | None = None) -> Check:
    return lambda value: _is_int(value) and value >= least and (most is None or value <= most)


def positive(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0


def even(value: Any) -> bool:
    return _is_int(value) and value > 0 and value % 2 == 0


def is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def is_object(value: Any) -> bool:
    return isinstance(value, dict)


def is_uuid(value: Any) -> bool:
    return isinstance(value, str) and UUID.fullmatch(value) is not None


def is_language(value: Any) -> bool:
    return isinstance(value, str) and LANGUAGE.fullmatch(value) is not None


def texts(value: Any) -> bool:
    return isinstance(value, list) and all(is_text(each) for each in value)


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def number(
    params: dict[str, str], name: str, default: int, *, least: int = 1, most: int | None = None
) -> int:
    """A whole number of the query."""
    text = params.get(name, str(default))
    if not re.fullmatch(r"\d{1,15}", text) or int(text) < least or (most is not None and int(text) > most):
        raise invalid(f"invalid value for parameter '{name}'")
    return int(text)


def flag(params: dict[str, str], name: str) -> bool | None:
    if name not in params:
        return None
    if params[name] not in {"true", "false"}:
        raise invalid(f"invalid value for parameter '{name}'")
    return params[name] == "true"


def page(
    items: list[Item],
    params: dict[str, str],
    ident: Callable[[Item], str],
    *,
    clamps_limit: bool = False,
    unknown_cursor: str = "refuse",
) -> tuple[int, list[Item]]:
    """The count of the query and one page of it; a cursor is a position in the list, not a moment.

    With ``ending_before`` the page is the one just before the cursor (the contract does not say which).
    """
    limit = number(params, "limit", MOST, most=None if clamps_limit else MOST)
    found = items
    for name in ("starting_after", "ending_before"):
        if name not in params:
            continue
        at = next((n for n, item in enumerate(found) if ident(item) == params[name]), None)
        if at is None:
            if unknown_cursor == "refuse":
                raise invalid(f"{name}: no such object '{params[name]}'")
            found = found if unknown_cursor == "first" else []
            continue
        found = found[at + 1 :] if name == "starting_after" else found[max(0, at - min(limit, MOST)) : at]
    return len(items), found[: min(limit, MOST)]
