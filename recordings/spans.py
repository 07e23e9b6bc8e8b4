"""Which bytes of a file a ``Range`` header asks for, cut to one piece."""

import re
from dataclasses import dataclass

PIECE = 1024 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """``last`` is included; without ``first`` it counts bytes from the end."""

    first: int | None = 0
    last: int | None = None

    def bounds(self, total: int | None) -> tuple[int, int]:
        """First and last byte of at most one piece; from the end only with a known ``total``."""
        if self.first is None:
            size = total or 0
            first, last = max(0, size - (self.last or 0)), size - 1
        else:
            first = self.first
            last = first + PIECE - 1 if self.last is None else self.last
        last = min(last, first + PIECE - 1)
        return first, last if total is None else min(last, total - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What a ``Content-Range`` header says; None is unknown."""

    first: int | None = None
    total: int | None = None


def span_of(header: str) -> Span:
    """One range; several, a broken one or none ask for the beginning."""
    found = _RANGE.fullmatch(header.strip())
    first, last = (int(text) if text else None for text in found.groups()) if found else (None, None)
    if first is None:
        return Span() if last is None else Span(first=None, last=last)
    return Span() if last is not None and last < first else Span(first=first, last=last)


def placed(header: str) -> Placed:
    """Where the bytes of an answer belong."""
    found = _CONTENT_RANGE.fullmatch(header.strip())
    if not found:
        return Placed()
    first, _, total = found.groups()
    return Placed(first=int(first) if first else None, total=int(total) if total != "*" else None)
