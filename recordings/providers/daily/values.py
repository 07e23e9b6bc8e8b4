"""Daily spells one thing in several ways and types: read leniently here (contract 5.5, 7.8)."""

import math
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from recordings.providers.scrub import scrubbed
from recordings.providers.snapshots import Json

# Used where a start names no instance; reserved, never sent by a client (contract 2.3).
DEFAULT_INSTANCE = "c3df927c-f738-4471-a2b7-066fa7e95a6b"
LARGEST = 1e15  # beyond it a number is none that a call or a moment can have
MILLISECONDS_FROM = 1e11  # a larger moment counts milliseconds (contract 5.2)
LONGEST_ERROR = 500
_ARN = re.compile(r"arn:aws[\w-]*:[^\s,;\"')]*")
_YEARS = range(2000, 2200)
_UUID = re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# Our key inside the name of a batch job's files, the only place that echoes it (bodies.template_of).
_KEY_IN_NAME = re.compile(f"tapedeck-({_UUID.pattern})")


def text(value: Any) -> str:
    """A word or an id; numbers become text, anything else nothing. What no database keeps is left out."""
    if isinstance(value, str):
        return clean(value).strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return str(value) if abs(value) < LARGEST else ""


def shown(error: Any) -> str:
    """A provider's error as everybody may read it: without the names of the customer's roles and buckets at
    AWS, and without links (contract 5.5)."""
    return _ARN.sub("[AWS name]", str(scrubbed(text(error))))[:LONGEST_ERROR]


def clean(value: str) -> str:
    """Without the zero characters and half characters that PostgreSQL refuses."""
    return value.replace("\0", "").encode("utf-8", "replace").decode()


def number(value: Any) -> float | None:
    """``12``, ``12.955`` and ``"1693402871"`` alike; nothing for what is no finite number."""
    try:
        found = float(text(value))
    except ValueError:
        return None
    return found if math.isfinite(found) and abs(found) < LARGEST else None


def seconds(value: Any) -> float | None:
    """A length of time; a negative one is unknown."""
    found = number(value)
    return found if found is not None and found >= 0 else None


def count(value: Any) -> int | None:
    found = seconds(value)
    return None if found is None else int(found)


def moment(value: Any) -> datetime | None:
    """Unix seconds or milliseconds, as a number or as text, or ISO 8601; zero stands for unknown."""
    found = number(value)
    if found is not None:
        return _epoch(found)
    try:
        parsed = datetime.fromisoformat(text(value))
        return _believable(parsed.replace(tzinfo=parsed.tzinfo or UTC).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def mapping(value: Any) -> Mapping[str, Any]:
    """A JSON object, or an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """A JSON list, or an empty one in place of anything else."""
    return value if isinstance(value, list) else []


def is_uuid(value: str) -> bool:
    return _UUID.fullmatch(value) is not None


def key_of(instance_id: Any) -> str:
    """Our key, echoed as the instance id; "" for Daily's own default and for what is no UUID."""
    found = text(instance_id).lower()
    return "" if found == DEFAULT_INSTANCE or not is_uuid(found) else str(uuid.UUID(found))


def key_in_name(name: Any) -> str:
    """Our key out of the object key of a file that a batch job wrote."""
    found = _KEY_IN_NAME.search(text(name))
    return found.group(1).lower() if found else ""


def is_link(value: str) -> bool:
    """Whether this is an address and not the sentence that Daily puts in its place (contract 3, 4.1)."""
    try:
        parts = urlsplit(value)
        return parts.scheme in {"https", "http"} and bool(parts.hostname) and not re.search(r"\s", value)
    except ValueError:
        return False


def known(**facts: Json) -> dict[str, Json]:
    """Those that are known."""
    return {name: value for name, value in facts.items() if value not in (None, "", {}, [])}


def kept(raw: Any) -> Json:
    """An answer fit to be stored: no access links, no ``share_token``, nothing that no database keeps."""
    return _storable(scrubbed(raw))


def _storable(value: Any) -> Json:
    if isinstance(value, dict):
        return {clean(str(name)): _storable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return clean(value) if isinstance(value, str) else value


def _epoch(found: float) -> datetime | None:
    whole = found / 1000 if found > MILLISECONDS_FROM else found
    try:
        return _believable(datetime.fromtimestamp(whole, UTC))
    except (ValueError, OverflowError, OSError):
        return None


def _believable(found: datetime) -> datetime | None:
    return found if found.year in _YEARS else None
