"""Requests and answers of a simulator, free of any framework."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote


@dataclass(kw_only=True)
class Request:
    """One request as the provider would see it; header names are in lower case."""

    method: str
    path: str  # still percent-encoded
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    origin: str = ""  # scheme and host the caller used: absolute links are built from it

    @property
    def parts(self) -> list[str]:
        """The decoded path segments; a trailing slash leaves a last empty one."""
        return [unquote(part) for part in self.path.split("/")[1:]]

    @property
    def params(self) -> dict[str, str]:
        """Query parameters, the last of repeated ones."""
        return dict(self.params_list)

    @property
    def params_list(self) -> list[tuple[str, str]]:
        return parse_qsl(self.query, keep_blank_values=True)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    def json(self) -> Any:
        """The body as JSON; raises ``ValueError`` when it is not."""
        return json.loads(self.body)


@dataclass(kw_only=True)
class Response:
    """One answer, with the ways in which it can go wrong on the wire."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay_seconds: float = 0.0  # answered this late
    is_dropped: bool = False  # the connection closes without an answer
    cut_after: int | None = None  # the connection closes after so many bytes of the body


def json_answer(data: Any, status: int = 200, **headers: str) -> Response:
    """``headers`` are given with underscores for dashes: ``Retry_After="3"``."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(
        status=status,
        headers={"Content-Type": "application/json", **named},
        body=json.dumps(data).encode(),
    )


def empty_answer(status: int = 204) -> Response:
    return Response(status=status)


def html_answer(status: int, text: str = "Something went wrong") -> Response:
    return Response(
        status=status,
        headers={"Content-Type": "text/html"},
        body=f"<html><body><h1>{text}</h1></body></html>".encode(),
    )


def bytes_answer(request: Request, content: bytes, content_type: str, *, ranges: bool = True) -> Response:
    """A file; a ``Range`` of the form ``bytes=a-b`` gets 206 unless ``ranges`` is off."""
    headers = {"Content-Type": content_type}
    wanted = request.headers.get("range", "")
    if not ranges:
        return Response(headers=headers, body=content)
    headers["Accept-Ranges"] = "bytes"
    if not wanted.startswith("bytes="):
        return Response(headers=headers, body=content)
    first, _, last = wanted[6:].partition("-")
    if first == "":
        start, end = max(0, len(content) - int(last)), len(content) - 1
    else:
        start, end = int(first), min(int(last or len(content) - 1), len(content) - 1)
    if start >= len(content) or start > end:
        return Response(status=416, headers={"Content-Range": f"bytes */{len(content)}"})
    headers["Content-Range"] = f"bytes {start}-{end}/{len(content)}"
    return Response(status=206, headers=headers, body=content[start : end + 1])
