"""Live transcripts: made while the call runs, kept as WebVTT only where storage is on (contract 4.1)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from recordings.providers.base import TranscriptKind
from recordings.providers.daily.api import Api, Listing, id_of
from recordings.providers.daily.rooms import Rooms
from recordings.providers.daily.values import (
    is_uuid,
    kept,
    key_of,
    known,
    mapping,
    moment,
    seconds,
    shown,
    text,
)
from recordings.providers.errors import NotFound
from recordings.providers.snapshots import Status, TranscriptSnapshot

REALTIME = TranscriptKind(
    name="realtime",
    label="Live transcript",
    help="Made while the call runs, with the names of the participants. Times count from its own start, "
    "which need not be that of a recording.",
)
ENGINE = "deepgram"
# Older pages also have t_completed and t_failed; neither is in REST's own list (contract 4.1).
STATUSES: Mapping[str, Status] = {
    "t_in_progress": Status.IN_PROGRESS,
    "t_finished": Status.COMPLETED,
    "t_error": Status.FAILED,
    "t_deleted": Status.DELETED,
}
RUNNING = "t_in_progress"
NOTHING_HEARD = "Daily gives it a length of zero: nothing was heard."
NO_FILE = (
    "Daily has no text of it: it is not written yet, which takes up to 5 minutes after the call, or "
    "storing was switched off for the room (enable_transcription_storage)."
)
FAILED = "Daily could not store the transcript."


def listing(api: Api, params: dict[str, Any], *, after: tuple[str, ...] = (), limit: int = 100) -> Listing:
    """One page; a 404 is seen in place of an empty list (contract 4.1)."""
    try:
        return api.page("/transcript", params, name="transcriptId", after=after, limit=limit)
    except NotFound as missing:
        if not missing.code:
            raise
        return Listing(rows=())


def snapshots(rooms: Rooms, rows: tuple[Mapping[str, Any], ...]) -> tuple[TranscriptSnapshot, ...]:
    """Rows name their room by its id alone: the names are looked up together."""
    sessions = {text(row.get("roomId")): text(row.get("mtgSessionId")) for row in rows}
    sessions.pop("", None)
    names = rooms.names_of(sessions)
    return tuple(snapshot(row, room=names.get(text(row.get("roomId")), "")) for row in rows)


def snapshot(row: Mapping[str, Any], *, room: str) -> TranscriptSnapshot:
    """A live transcript as REST tells it."""
    word, length = text(row.get("status")), seconds(row.get("duration"))
    has_file = row.get("isVttAvailable")
    return TranscriptSnapshot(
        external_id=id_of(row, "transcriptId"),
        call_external_id=room,
        kind=REALTIME.name,
        engine=ENGINE,
        status=STATUSES.get(word),
        provider_status=word,
        status_at=moment(row.get("updated_at")),
        reason=_reason(word, shown(row.get("error")), has_file=has_file, length=length),
        handle=known(
            room_id=text(row.get("roomId")),
            session_id=text(row.get("mtgSessionId")),
            bucket=text(mapping(row.get("outParams")).get("bucket")),
        ),
        started_at=moment(row.get("created_at")),
        completed_at=moment(row.get("updated_at")) if word == "t_finished" else None,
        duration_seconds=None if word == RUNNING else length,
        is_empty=word == "t_finished" and length == 0 and has_file is not True,
        raw=kept(dict(row)),
    )


def told(payload: Mapping[str, Any], *, ident: str, at: datetime | None) -> TranscriptSnapshot:
    """A live transcript as its three events tell it; ``info`` has our key (contract 5.5)."""
    info, place = mapping(payload.get("info")), mapping(mapping(payload.get("out_params")).get("s3"))
    word, instance = text(payload.get("status")), text(info.get("instanceId"))
    room_id, room = _room(payload)
    return TranscriptSnapshot(
        external_id=ident,
        key=key_of(instance),
        call_external_id=room,
        kind=REALTIME.name,
        engine=ENGINE,
        status=STATUSES.get(word),
        provider_status=word,
        status_at=at,
        reason=_reason(word, shown(payload.get("error")), has_file=None, length=None),
        handle=known(
            instanceId=instance,
            room_id=room_id,
            session_id=text(payload.get("mtg_session_id")),
            bucket=text(place.get("bucket")),
        ),
        started_at=moment(info.get("startTs")) or (at if word == RUNNING else None),
        completed_at=moment(info.get("endTs")) or (at if word == "t_finished" else None),
        duration_seconds=None if word == RUNNING else seconds(payload.get("duration")),
        raw=kept(dict(payload)),
    )


def _room(payload: Mapping[str, Any]) -> tuple[str, str]:
    """Id and name. The documentation's sample has the name under ``room_id`` (contract 5.5)."""
    room_id, name = text(payload.get("room_id")), text(payload.get("room_name"))
    if is_uuid(room_id) or not room_id:
        return room_id, name
    return "", name or room_id


def _reason(word: str, error: str, *, has_file: Any, length: float | None) -> str:
    if word == "t_error":
        return error or FAILED
    if word != "t_finished":
        return ""
    if length == 0:
        return NOTHING_HEARD
    return NO_FILE if has_file is False else ""
