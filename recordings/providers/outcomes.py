"""What an answer means, as a table an adapter keeps: per action, status and code."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from recordings.providers.client import Reply
from recordings.providers.errors import (
    CredentialsRefused,
    NotFound,
    OutcomeUnknown,
    ProviderError,
    Refused,
    StillRunning,
    Throttled,
    Unavailable,
)


class Meaning(Enum):
    """Of an answer that is no success."""

    DONE = auto()  # what was asked for is so already: a success
    REFUSED = auto()  # nothing happened, and would not later
    LATER = auto()  # nothing happened now; the same order may succeed later
    THROTTLED = auto()  # nothing happened: too fast
    CREDENTIALS = auto()  # nothing happened: the account is at fault
    GONE = auto()  # nothing happened: the thing is not there
    RUNNING = auto()  # a twin with the same key still runs
    UNKNOWN = auto()  # may have happened


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Zero and empty conditions match everything; the first rule that matches decides."""

    meaning: Meaning
    status: int = 0
    code: str = ""
    kinds: frozenset[str] = frozenset()  # of actions; a read has the kind ""

    def matches(self, kind: str, status: int, code: str) -> bool:
        return (
            self.status in (0, status) and self.code in ("", code) and (not self.kinds or kind in self.kinds)
        )


def meaning_of(rules: Iterable[Rule], *, kind: str, status: int, code: str) -> Meaning:
    """By the table, else by default: 4xx refused, everything else on a write unknown."""
    for rule in rules:
        if rule.matches(kind, status, code):
            return rule.meaning
    if status == 429:
        return Meaning.THROTTLED
    if status in {401, 402, 403}:
        return Meaning.CREDENTIALS
    if status == 404:
        return Meaning.GONE
    return Meaning.REFUSED if 400 <= status < 500 else Meaning.UNKNOWN


def error_of(
    meaning: Meaning, reply: Reply, *, kind: str, message: str, code: str = "", bucket: str = ""
) -> ProviderError:
    """The exception for a meaning; ``DONE`` has none and is a mistake of the caller."""
    facts: dict[str, Any] = {"code": code, "status": reply.status, "exchange": reply.exchange}
    wait = reply.retry_after_seconds
    if meaning is Meaning.THROTTLED:
        return Throttled(message, bucket=bucket, retry_after_seconds=wait, **facts)
    if meaning is Meaning.LATER:
        return Refused(message, can_wait=True, retry_after_seconds=wait, **facts)
    if meaning is Meaning.UNKNOWN and kind == "":
        return Unavailable(message, retry_after_seconds=wait, **facts)
    kinds: dict[Meaning, type[ProviderError]] = {
        Meaning.REFUSED: Refused,
        Meaning.CREDENTIALS: CredentialsRefused,
        Meaning.GONE: NotFound,
        Meaning.RUNNING: StillRunning,
        Meaning.UNKNOWN: OutcomeUnknown,
    }
    return kinds[meaning](message, **facts)
