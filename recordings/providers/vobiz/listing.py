"""The list of recordings, page by page: by offset, with pages that overlap (contract 1.4, 3.1)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from recordings.providers.client import Reply
from recordings.providers.errors import Refused, UnexpectedResponse
from recordings.providers.snapshots import CallSnapshot, Page, RecordingSnapshot
from recordings.providers.vobiz import calls, recordings
from recordings.providers.vobiz.api import Api
from recordings.providers.vobiz.values import mapping, number, text

LIMIT = 100  # the most that is documented
OVERLAP = 10  # rows deleted between two pages would hide as many others otherwise
START = {"offset": 0, "first": ""}


def page(api: Api, *, since: datetime | None, cursor: str) -> Page:
    """One page. Dates are no documented filter: the caller may get more than it asked for.

    ``meta.next`` lacks the ``/api`` of the real path: it only tells that there is more.
    """
    place = _place(cursor)
    reply = api.read("Recording/", {"limit": LIMIT, "offset": place["offset"]})
    rows = rows_of(reply)
    found = [recordings.snapshot(row, api, reply) for row in rows]
    _require_progress(found, place, reply)
    is_last = _is_last(rows, reply) or _is_past(rows, since)
    return Page(
        items=tuple(_with_calls(rows, found)),
        next_cursor="" if is_last else _cursor(place["offset"], found),
        total=_whole(mapping(mapping(reply.data).get("meta")).get("total_count")),
    )


def of_call(api: Api, call_uuid: str) -> tuple[tuple[RecordingSnapshot, ...], bool, Reply]:
    """The finished recordings of one call, whether that is certainly all of them, and the answer."""
    reply = api.read("Recording/", {"limit": LIMIT, "offset": 0, "call_uuid": call_uuid})
    rows = rows_of(reply)
    found = (recordings.snapshot(row, api, reply) for row in rows)
    # An ignored filter would return everything (contract 3.1).
    mine = tuple(each for each in found if each.call_external_id == call_uuid)
    return mine, _is_last(rows, reply), reply


def rows_of(reply: Reply) -> Sequence[Any]:
    rows = mapping(reply.data).get("objects")
    if not isinstance(rows, list):
        raise UnexpectedResponse("The list of recordings has no objects in it.", exchange=reply.exchange)
    return rows


def _place(cursor: str) -> dict[str, Any]:
    if not cursor:
        return dict(START)
    try:
        place = json.loads(cursor)
        return {"offset": int(place["offset"]), "first": str(place["first"])}
    except (ValueError, KeyError, TypeError) as exc:
        raise Refused("This is not a place in Vobiz's list of recordings: begin the listing again.") from exc


def _cursor(offset: int, found: Sequence[RecordingSnapshot]) -> str:
    step = max(1, len(found) - OVERLAP)
    return json.dumps({"offset": offset + step, "first": found[0].external_id})


def _require_progress(found: Sequence[RecordingSnapshot], place: Mapping[str, Any], reply: Reply) -> None:
    """A provider that ignores the offset gives one page for ever: such a listing must not pass for whole."""
    if place["first"] and found and found[0].external_id == place["first"]:
        raise UnexpectedResponse("Vobiz gave the same page of recordings twice.", exchange=reply.exchange)


def _is_last(rows: Sequence[Any], reply: Reply) -> bool:
    """When ``next`` is null or the page is short. A page may be short of our limit because Vobiz
    has a lower one: its own word for the limit counts."""
    meta = mapping(mapping(reply.data).get("meta"))
    if not rows or not text(meta.get("next")):
        return True
    limit = _whole(meta.get("limit")) or LIMIT
    return len(rows) < min(limit, LIMIT)


def _is_past(rows: Sequence[Any], since: datetime | None) -> bool:
    """Whether everything further down is older. Newest first is usual and not promised: only
    a page that visibly runs that way is believed."""
    moments = [recordings.added_at(mapping(row)) for row in rows]
    known = [each for each in moments if each is not None]
    if since is None or len(known) < 2 or len(known) < len(moments):
        return False
    return known == sorted(known, reverse=True) and known[0] > known[-1] and known[-1] < since


def _with_calls(
    rows: Sequence[Any], found: Sequence[RecordingSnapshot]
) -> Iterator[RecordingSnapshot | CallSnapshot]:
    """Each recording, and after it its call: a call that only its recording tells of is over, not waiting."""
    told = set()
    for row, recording in zip(rows, found, strict=True):
        yield recording
        call = calls.of_row(mapping(row))
        if call is not None and call.external_id not in told:
            told.add(call.external_id)
            yield call


def _whole(value: Any) -> int | None:
    found = number(value)
    return int(found) if found is not None and found >= 0 else None
