"""Vobiz writes numbers as strings, moments with a space and some things not at all: read leniently here."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

LARGEST = Decimal(10) ** 15  # beyond it a number is none that a call or an invoice can have
LONGEST_ID = 200  # characters; Vobiz's have 36
YEARS = range(1990, 2200)  # of moments that a call can have


def text(value: Any) -> str:
    """A word or an id; numbers become text, anything else nothing. What no database keeps is left out."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode().strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return str(value)


def number(value: Any) -> Decimal | None:
    """``34``, ``34.5`` and ``"34120.00000"`` alike (contract 3.3, 5.3)."""
    try:
        found = Decimal(text(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < LARGEST else None


def seconds(value: Any) -> float | None:
    """Milliseconds in whatever form to seconds; negative ones are unknown."""
    found = number(value)
    return float(found / 1000) if found is not None and found >= 0 else None


def epoch(value: Any) -> datetime | None:
    """Milliseconds since 1970; zero stands for unknown, as null does."""
    found = seconds(value)
    if not found:
        return None
    try:
        return _believable(datetime.fromtimestamp(found, UTC))
    except (ValueError, OverflowError, OSError):
        return None


def moment(value: Any) -> datetime | None:
    """``2026-05-07 09:45:35.79276+05:30`` or ISO; without a zone it is UTC (contract 2.2, 3.3)."""
    try:
        found = datetime.fromisoformat(text(value))
        zoned = found if found.tzinfo else found.replace(tzinfo=UTC)
        return _believable(zoned.astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def mapping(value: Any) -> Mapping[str, Any]:
    """A JSON object, or an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def _believable(found: datetime) -> datetime | None:
    return found if found.year in YEARS else None
