"""The two pagination styles and the filters."""

import base64
import binascii
import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tests.simulators.http import Request, Response, json_answer
from tests.simulators.recall.checks import seconds_of
from tests.simulators.recall.refusals import detail, invalid

if TYPE_CHECKING:
    from tests.simulators.recall.simulator import RecallSimulator

Shape = Callable[[Any], dict[str, Any]]
Row = Any


def moment_filter(request: Request, name: str) -> float | None:
    value = request.params.get(name)
    if not value:
        return None
    moment = seconds_of(value)
    if moment is None:
        raise invalid({name: ["Enter a valid date/time."]})
    return moment


def uuid_filter(request: Request, name: str) -> str:
    value = request.params.get(name, "")
    if not value:
        return ""
    if not is_uuid(value):
        raise invalid({name: ["Enter a valid UUID."]})
    return value.lower()


def choices_filter(request: Request, name: str, allowed: set[str]) -> set[str]:
    values = {value for key, value in request.params_list if key == name and value}
    for value in sorted(values - allowed):
        raise invalid({name: [f"Select a valid choice. {value} is not one of the available choices."]})
    return values


def metadata_filter(request: Request) -> dict[str, str]:
    """All pairs must match."""
    prefix = "metadata__"
    return {key[len(prefix) :]: value for key, value in request.params_list if key.startswith(prefix)}


def has_metadata(row: Row, wanted: dict[str, str]) -> bool:
    return all(row.metadata.get(key) == value for key, value in wanted.items())


def created_within(request: Request) -> Callable[[Row], bool]:
    after, before = moment_filter(request, "created_at_after"), moment_filter(request, "created_at_before")

    def is_within(row: Row) -> bool:
        return (after is None or row.created_at >= after) and (before is None or row.created_at <= before)

    return is_within


def is_uuid(value: str) -> bool:
    try:
        return str(uuid.UUID(value)) == value.lower()
    except ValueError:
        return False


class Lists:
    """Pages of rows that were filtered before."""

    def __init__(self, sim: "RecallSimulator") -> None:
        self.sim = sim

    def numbered(self, request: Request, rows: Sequence[Row], shape: Shape) -> Response:
        """``?page=N`` with ``count``: the bot list."""
        if self.sim.switches.bot_list_cursor:
            return self.by_cursor(request, rows, shape)
        size = self.sim.switches.page_size
        last = max(1, -(-len(rows) // size))
        given = request.params.get("page", "1")
        number = int(given) if given.isdigit() else 0
        if not 1 <= number <= last:
            raise detail(404, "Invalid page.")
        ordered = self._ordered(rows)
        following = number if self.sim.switches.repeat_cursor else number + 1
        return json_answer(
            {
                "count": len(rows),
                "next": self._link(request, page=str(following)) if number < last else None,
                "previous": self._link(request, page=str(number - 1)) if number > 1 else None,
                "results": [shape(row) for row in ordered[(number - 1) * size : number * size]],
            }
        )

    def by_cursor(self, request: Request, rows: Sequence[Row], shape: Shape) -> Response:
        """``?cursor=…`` without ``count``; a cursor is a place, so later rows do not shift a page."""
        size = self.sim.switches.page_size
        ordered = self._ordered(rows)
        start = self._start(request, ordered)
        page = ordered[start : start + size]
        following: str | None = None
        if start + size < len(ordered):
            following = self._cursor(page[-1])
            if self.sim.switches.repeat_cursor:
                following = request.params.get("cursor") or following
        before = self._cursor(ordered[start - size - 1]) if start > size else ""
        return json_answer(
            {
                "next": self._lead(request, following),
                "previous": self._lead(request, before) if start else None,
                "results": [shape(row) for row in page],
            }
        )

    def _ordered(self, rows: Sequence[Row]) -> list[Row]:
        return sorted(rows, key=self._place)

    def _place(self, row: Row) -> tuple[float, str]:
        order = self.sim.switches.list_order
        if order == "id":
            return 0.0, row.id
        return (-row.created_at if order == "newest" else row.created_at), row.id

    def _cursor(self, row: Row) -> str:
        moment, key = self._place(row)
        return base64.urlsafe_b64encode(f"{moment!r}|{key}".encode()).decode()

    def _start(self, request: Request, ordered: Sequence[Row]) -> int:
        cursor = request.params.get("cursor", "")
        if not cursor:
            return 0
        try:
            moment, _, key = base64.urlsafe_b64decode(cursor).decode().partition("|")
            place = (float(moment), key)
        except (binascii.Error, ValueError) as exc:
            raise detail(404, "Invalid cursor") from exc
        return sum(self._place(row) <= place for row in ordered)

    def _lead(self, request: Request, cursor: str | None) -> str | None:
        if cursor is None:
            return None
        return cursor if self.sim.switches.bare_cursor else self._link(request, cursor=cursor)

    def _link(self, request: Request, **change: str) -> str:
        kept = [(key, value) for key, value in request.params_list if key not in change]
        kept += [(key, value) for key, value in change.items() if value]
        query = f"?{urlencode(kept)}" if kept else ""
        return f"{request.origin}{request.path}{query}"
