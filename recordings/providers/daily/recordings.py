"""Recordings: listed and read; each stop and start makes another one (contract 3)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from recordings.providers.daily.api import (
    LISTING,
    Api,
    Listing,
    after_of,
    cursor_of,
    id_of,
    read_cursor,
    segment,
)
from recordings.providers.daily.rooms import Rooms
from recordings.providers.daily.values import (
    is_uuid,
    kept,
    key_of,
    known,
    mapping,
    moment,
    seconds,
    sequence,
    text,
)
from recordings.providers.errors import NotFound, UnexpectedResponse
from recordings.providers.snapshots import Fact, Page, RecordingSnapshot, Status

IN_PROGRESS = "in-progress"
STATUSES: Mapping[str, Status] = {
    IN_PROGRESS: Status.IN_PROGRESS,
    "finished": Status.COMPLETED,
    "canceled": Status.FAILED,
}
REASONS = {
    "canceled": "Daily cancelled this recording: nothing was kept.",
}
NO_LENGTH = "Daily gives this recording no length: there may be no file."
DELETED_THERE = "Deleted at Daily."


def page(api: Api, *, since: datetime | None, cursor: str) -> Page:
    """One page, newest first; the window ends where the oldest row of a page began before it."""
    listing = api.page("/recordings", {}, after=after_of(read_cursor(cursor)), bucket=LISTING)
    items = tuple(snapshot(row) for row in listing.rows)
    is_past = since is not None and any(item.started_at and item.started_at < since for item in items)
    following = "" if is_past or not listing.after else cursor_of(listing.after)
    return Page(items=items, next_cursor=following, total=listing.total)


def of_room(api: Api, room: str) -> tuple[tuple[RecordingSnapshot, ...], Listing]:
    """The newest recordings of a room, and the page that they stood on."""
    listing = api.page("/recordings", {"room_name": room}, bucket=LISTING)
    found = tuple(snapshot(row) for row in listing.rows)
    # The filter is believed to be exact, not known to be (contract 3).
    return tuple(each for each in found if each.call_external_id in ("", room)), listing


def recording(api: Api, rooms: Rooms, external_id: str) -> tuple[Fact, ...]:
    """One recording. Daily keeps them until somebody deletes them, so that a 404 means deleted."""
    try:
        row = api.read_object(f"/recordings/{segment(external_id)}")
    except NotFound as missing:
        if not api.is_gone(missing):
            raise
        return (RecordingSnapshot(external_id=external_id, status=Status.DELETED, reason=DELETED_THERE),)
    if id_of(row, "id") != external_id:
        raise UnexpectedResponse("Daily answered with another recording than the one that was asked for.")
    room = text(row.get("room_name")) or rooms.of_session(text(row.get("mtgSessionId")))
    return (snapshot({**row, "room_name": room}),)


def snapshot(row: Mapping[str, Any]) -> RecordingSnapshot:
    """A recording as REST tells it; ``duration`` is absent while it runs."""
    word = text(row.get("status"))
    length = seconds(row.get("duration"))
    return RecordingSnapshot(
        external_id=id_of(row, "id"),
        call_external_id=text(row.get("room_name")),
        status=STATUSES.get(word),
        provider_status=word,
        reason=reason_of(word, length),
        handle=handle_of(row),
        started_at=moment(row.get("start_ts")),
        duration_seconds=length,
        raw=kept(dict(row)),
    )


def reason_of(word: str, length: float | None) -> str:
    return REASONS.get(word) or (NO_LENGTH if word == "finished" and length == 0 else "")


def handle_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """What stopping, playing and finding again need: the type, if it is told, and where the file lies."""
    kind = text(row.get("type")) or ("raw-tracks" if sequence(row.get("tracks")) else "")
    bucket = text(mapping(row.get("s3")).get("bucket_name"))
    return known(type=kind, session_id=text(row.get("mtgSessionId")), bucket=bucket)


def started(payload: Mapping[str, Any], *, ident: str) -> RecordingSnapshot:
    """``recording.started``: the one event that ties Daily's id to our instance id (contract 5.5)."""
    instance = text(payload.get("instance_id"))
    return RecordingSnapshot(
        external_id=ident,
        key=key_of(instance),
        call_external_id=text(payload.get("room_name")),
        status=Status.IN_PROGRESS,
        provider_status=IN_PROGRESS,
        status_at=moment(payload.get("start_ts")),
        handle=known(instanceId=instance),
        started_at=moment(payload.get("start_ts")),
        source=text(payload.get("action")),
        options=known(layout=kept(payload.get("layout"))),
        raw=kept(dict(payload)),
    )


def is_foreign(instance_id: str, key: str) -> bool:
    """Whether a recording is known to be of another instance than the one with our key."""
    return is_uuid(instance_id) and key_of(instance_id) != key
