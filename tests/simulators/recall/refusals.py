"""How the API says no."""

from typing import Any

from tests.simulators.http import Request, Response, html_answer, json_answer


class Refused(Exception):
    """Ends the handling of a request with this answer."""

    def __init__(self, answer: Response) -> None:
        super().__init__(answer.status)
        self.answer = answer


def invalid(errors: dict[str, Any]) -> Refused:
    """Field validation: ``{"<field>": ["message"]}``."""
    return Refused(json_answer(errors, 400))


def rule(code: str, detail: str, status: int = 400) -> Refused:
    return Refused(json_answer({"code": code, "detail": detail}, status))


def detail(status: int, text: str, **headers: str) -> Refused:
    return Refused(json_answer({"detail": text}, status, **headers))


def not_found() -> Refused:
    return detail(404, "Not found.")


def blocked() -> Refused:
    """The firewall in front of the API."""
    return Refused(html_answer(403, "403 Forbidden"))


def body_of(request: Request) -> dict[str, Any]:
    """The fields of a request; no body at all is an empty object."""
    if not request.body:
        return {}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return dict(request.form)
    if kind != "application/json":
        raise detail(415, f'Unsupported media type "{kind}" in request.')
    try:
        body = request.json()
    except ValueError as exc:
        raise detail(400, f"JSON parse error - {exc}") from exc
    if not isinstance(body, dict):
        raise invalid({"non_field_errors": ["Invalid data. Expected a dictionary."]})
    return body
