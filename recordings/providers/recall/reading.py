"""Takes values out of Recall.ai's JSON without trusting their types."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from recordings.providers.errors import UnexpectedResponse
from recordings.providers.scrub import scrubbed
from recordings.providers.snapshots import Json

KEY = "tapedeck_key"  # where our key stands in the metadata of bots, recordings and transcripts


def mapping(value: Any) -> Mapping[str, Any]:
    """The object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def inner(value: Any, *names: str) -> Mapping[str, Any]:
    """The object at the end of a path of names, or an empty one."""
    for name in names:
        value = mapping(value).get(name)
    return mapping(value)


def sequence(value: Any) -> list[Any]:
    """The list, or an empty one for anything else."""
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    """The text; a whole number as text; "" for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else ""


def number(value: Any) -> float | None:
    """A finite number, also when it came as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def moment(value: Any) -> datetime | None:
    """An ISO 8601 moment in UTC; one without a zone is taken for UTC."""
    try:
        found = datetime.fromisoformat(text(value))
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def host_of(link: str) -> str:
    """The host that a link names; "" when it is no link."""
    try:
        return urlsplit(link).hostname or ""
    except ValueError:
        return ""


def identity(payload: Any, what: str) -> str:
    """The id; raises ``UnexpectedResponse`` without one: a missing id is an error."""
    found = text(mapping(payload).get("id"))
    if not found:
        raise UnexpectedResponse(f"Recall.ai's answer holds a {what} without an id.")
    return found


def our_key(payload: Any) -> str:
    """Our key as the provider echoes it in ``metadata``."""
    return text(inner(payload, "metadata").get(KEY))


def without_links(payload: Any) -> Json:
    """A copy fit to be kept: no pre-signed link (section 3.4) and no meeting password (section 2.2)."""
    return scrubbed(payload)
