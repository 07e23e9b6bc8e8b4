"""Twilio writes numbers as strings, moments in two forms and many things not at all: read leniently here."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

LARGEST = Decimal(10) ** 12  # beyond it a number is none that a call or an invoice can have


def text(value: Any) -> str:
    """A word or an id; numbers become text, anything else nothing."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return str(value)


def number(value: Any) -> Decimal | None:
    """``4``, ``"4"`` and ``"-0.0025"`` alike (contract 1.2)."""
    try:
        found = Decimal(text(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < LARGEST else None


def seconds(value: Any) -> float | None:
    """Null, empty and negative durations are unknown (contract 3.5)."""
    found = number(value)
    return float(found) if found is not None and found >= 0 else None


def integer(value: Any) -> int | None:
    found = number(value)
    return int(found) if found is not None and found == found.to_integral_value() else None


def charged(value: Any) -> Decimal | None:
    """What was charged, positive: Twilio writes it negative (contract 1.2).

    What a positive price would mean is not told, so it is unknown; so is null, and neither is zero.
    """
    found = number(value)
    return abs(found) if found is not None and found <= 0 else None


def moment(value: Any) -> datetime | None:
    """RFC 2822 with any offset (2010 API), or ISO 8601 (Intelligence); contract 1.2."""
    words = text(value)
    return _parsed(datetime.fromisoformat, words) or _parsed(parsedate_to_datetime, words)


def host_of(link: str) -> str:
    """The host of an address, in lower case; "" for what is none."""
    try:
        return urlsplit(link).hostname or ""
    except ValueError:
        return ""


def mapping(value: Any) -> Mapping[str, Any]:
    """A JSON object, or an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def _parsed(parse: Any, words: str) -> datetime | None:
    try:
        found: datetime = parse(words)
        zoned = found if found.tzinfo else found.replace(tzinfo=UTC)
        return zoned.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
