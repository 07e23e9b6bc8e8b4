"""The list of transcripts is two of Daily's: live ones, then jobs; and one id may be of either."""

from datetime import datetime

from recordings.providers.daily import jobs, transcripts
from recordings.providers.daily.api import Api, after_of, cursor_of, read_cursor, segment
from recordings.providers.daily.rooms import Rooms
from recordings.providers.daily.values import is_uuid, moment, text
from recordings.providers.errors import NotFound
from recordings.providers.snapshots import Fact, Page, Status, TranscriptSnapshot

LIVE, JOBS = "realtime", "batch"
DELETED_THERE = "Deleted at Daily."


def page(api: Api, rooms: Rooms, *, since: datetime | None, cursor: str) -> Page:
    """One page of the one list, then of the other; the cursor says which."""
    place = read_cursor(cursor)
    after = after_of(place)
    if place.get("list") == JOBS:
        return _jobs(api, after, is_whole=since is None)
    return _live(api, rooms, after, since=since)


def transcript(api: Api, rooms: Rooms, external_id: str, *, parent: str) -> tuple[Fact, ...]:
    """One transcript of either kind; a job has a recording as its parent, a live one its room. What is
    known to neither list is deleted."""
    readers = (_read_live, _read_job)
    for read in reversed(readers) if is_uuid(parent) else readers:
        found = read(api, rooms, external_id)
        if found is not None:
            return (found,)
    return (TranscriptSnapshot(external_id=external_id, status=Status.DELETED, reason=DELETED_THERE),)


def _live(api: Api, rooms: Rooms, after: tuple[str, ...], *, since: datetime | None) -> Page:
    listing = transcripts.listing(api, {}, after=after)
    begun = [moment(row.get("created_at")) for row in listing.rows]
    is_past = since is not None and any(each < since for each in begun if each)
    is_last = is_past or not listing.after
    following = cursor_of((), list=JOBS) if is_last else cursor_of(listing.after, list=LIVE)
    return Page(items=transcripts.snapshots(rooms, listing.rows), next_cursor=following, total=listing.total)


def _jobs(api: Api, after: tuple[str, ...], *, is_whole: bool) -> Page:
    """Jobs carry no time at all, so that a window cannot be cut out of them: the newest stand for it, and
    the complete sweep brings the rest."""
    listing = jobs.page(api, after=after)
    following = cursor_of(listing.after, list=JOBS) if is_whole and listing.after else ""
    return Page(items=tuple(jobs.snapshots(api, listing.rows)), next_cursor=following, total=listing.total)


def _read_live(api: Api, rooms: Rooms, external_id: str) -> TranscriptSnapshot | None:
    try:
        row = api.read_object(f"/transcript/{segment(external_id)}")
    except NotFound as missing:
        if not api.is_gone(missing):
            raise
        return None
    room_id = text(row.get("roomId"))
    names = rooms.names_of({room_id: text(row.get("mtgSessionId"))}) if room_id else {}
    return transcripts.snapshot(row, room=names.get(room_id, ""))


def _read_job(api: Api, rooms: Rooms, external_id: str) -> TranscriptSnapshot | None:
    job = jobs.read(api, external_id)
    return jobs.snapshot(job) if job is not None else None
