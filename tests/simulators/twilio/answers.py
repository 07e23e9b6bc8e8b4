"""Errors, moments and XML in the form that Twilio gives them."""

import json
import re
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape

from tests.simulators.http import Response, json_answer

# Code: HTTP status and message. Where the contract gives no status or message, both are guesses.
ERRORS: dict[int, tuple[int, str]] = {
    408: (408, "Request timed out"),
    16101: (400, "Recording is too short"),
    16108: (400, "Call has more than one active recording; use the Recording SID"),
    16109: (400, "MP3 is not available for an encrypted recording"),
    16113: (400, "Requested channels are not available for this recording"),
    20001: (400, "Invalid or missing parameter"),
    20003: (401, "Authenticate"),
    20004: (405, "Method not allowed"),
    20005: (403, "Account is not active"),
    20006: (403, "Access denied"),
    20007: (400, "Page size too large"),
    20404: (404, "The requested resource was not found"),
    20409: (409, "The resource's state does not allow this"),
    20422: (422, "Invalid parameter"),
    20429: (429, "Too Many Requests"),
    20500: (500, "An internal server error has occurred"),
    20503: (503, "Service unavailable"),
    21220: (400, "Requested resource is not eligible for recording"),
    21481: (400, "Invalid PageToken"),
    21501: (400, "Resource not yet available"),
    95100: (500, "Internal failure"),
    95102: (400, "Recording is deleted or belongs to another account"),
    95116: (400, "Account is in PCI mode"),
    95120: (400, "Recording is not in a valid state"),
    95122: (404, "Recording not found"),
}


class Refusal(Exception):
    """An answer in place of the one that was asked for."""

    def __init__(self, code: int, detail: str = "", *, headers: dict[str, str] | None = None) -> None:
        self.code = code
        self.status, message = ERRORS[code]
        self.message = f"{message}: {detail}" if detail else message
        self.headers = headers or {}
        super().__init__(self.message)

    @property
    def fields(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }

    def answer(self, *, as_xml: bool = False) -> Response:
        if as_xml:
            found = xml_answer("RestException", self.fields, self.status)
        else:
            found = json_answer(self.fields, self.status)
        found.headers.update(self.headers)
        return found


def not_found(what: str) -> Refusal:
    return Refusal(20404, what)


def xml_answer(name: str, fields: Any, status: int = 200) -> Response:
    body = (
        f"<?xml version='1.0' encoding='UTF-8'?>\n<TwilioResponse>{_element(name, fields)}</TwilioResponse>"
    )
    return Response(status=status, headers={"Content-Type": "application/xml"}, body=body.encode())


def as_xml(answer: Response, name: str) -> Response:
    """The same answer for who asked without ``.json``."""
    if not answer.body:
        return answer
    return xml_answer(name, json.loads(answer.body), answer.status)


def rfc2822(moment: float | None) -> str | None:
    return None if moment is None else format_datetime(datetime.fromtimestamp(int(moment), UTC))


def iso8601(moment: float) -> str:
    return datetime.fromtimestamp(int(moment), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _element(name: str, value: Any) -> str:
    if isinstance(value, dict):
        inner = "".join(_element(_camel(key), each) for key, each in value.items())
    elif isinstance(value, list):
        inner = "".join(_element(name.removesuffix("s"), each) for each in value)
    else:
        inner = "" if value is None else escape(str(value))
    return f"<{name}>{inner}</{name}>"


def _camel(name: str) -> str:
    return re.sub(r"(?:^|_)([a-z])", lambda found: found[1].upper(), name)
