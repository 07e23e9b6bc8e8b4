"""The error bodies of Vobiz: three shapes of its own material (contract 1.2)."""

import uuid
from datetime import datetime
from typing import Any

from tests.simulators.http import Response, json_answer

# The codes are guesses: the contract says only UPPER_SNAKE.
CODES = {
    400: ("INVALID_REQUEST", "Invalid request"),
    401: ("UNAUTHORIZED", "Authentication failed"),
    402: ("INSUFFICIENT_BALANCE", "Account balance is too low"),
    403: ("FORBIDDEN", "You do not have permission to do this"),
    404: ("NOT_FOUND", "Resource not found"),
    405: ("METHOD_NOT_ALLOWED", "Method not allowed"),
    409: ("CONFLICT", "The request conflicts with the current state"),
    422: ("UNPROCESSABLE", "Invalid input"),
    429: ("RATE_LIMIT_EXCEEDED", "Too many requests"),
    500: ("INTERNAL_ERROR", "Internal server error"),
    502: ("BAD_GATEWAY", "Bad gateway"),
    503: ("SERVICE_UNAVAILABLE", "Service unavailable"),
    504: ("GATEWAY_TIMEOUT", "Gateway timeout"),
}


class Refused(Exception):
    """Raised by a route: the request is not performed."""

    def __init__(self, status: int, message: str = "", **details: Any) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.details = details


class Missing(Exception):
    """Raised by a route: a voice resource that is not there; its 404 has the voice shape."""


def missing_answer(api_id: str, message: str) -> Response:
    return json_answer({"api_id": api_id, "error": message}, 404)


def error_body(
    status: int,
    message: str = "",
    details: dict[str, Any] | None = None,
    *,
    shape: int,
    at: datetime,
    api_id: str,
) -> dict[str, Any]:
    code, usual = CODES.get(status, ("ERROR", "Error"))
    extra = {"details": details} if details else {}
    if shape == 2:
        return {"api_id": api_id, "error": message or usual}
    if shape == 3:
        return {"error": message or usual, **extra}
    return {
        "status": "error",
        "error": {"code": code, "message": message or usual, **extra},
        "timestamp": at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
        "requestId": f"req_{uuid.UUID(api_id).hex[:16]}",
    }


def limit_details(limit: int, current: int) -> dict[str, Any]:
    return {"limitType": "cps", "limit": limit, "current": current, "retryAfter": 1}
