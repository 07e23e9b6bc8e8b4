"""Recall.ai's recordings: what one answer says of one, and where its media are (contract, section 3)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from recordings.providers.base import Media, Variant
from recordings.providers.errors import NotFound, Unavailable
from recordings.providers.orders import RecordingRef
from recordings.providers.recall.api import Api
from recordings.providers.recall.reading import (
    identity,
    inner,
    mapping,
    moment,
    our_key,
    text,
    without_links,
)
from recordings.providers.recall.words import RECORDING_STATUSES, reason_of
from recordings.providers.snapshots import RecordingSnapshot, Status

GONE = "Recall.ai does not have this recording any more: it was deleted or its time of keeping is over."
# Section 3.4: a link lives about six hours, an older page says five.
LINK_LIFE = timedelta(hours=5)

_TYPES: Mapping[tuple[str, str], str] = {
    ("video", "mp4"): "video/mp4",
    ("video", "flv"): "video/x-flv",
    ("audio", "mp3"): "audio/mpeg",
}
_SHORTCUTS: Mapping[str, str] = {"video": "video_mixed", "audio": "audio_mixed"}
_EVENTS = "participant_events"
_FILES: Mapping[str, str] = {  # of participant_events: three JSON files (section 4.6)
    "participants": "Participants (JSON)",
    "participant_events": "What participants did (JSON)",
    "speaker_timeline": "Who spoke when (JSON)",
}
_LABELS: Mapping[str, str] = {"video": "Video", "audio": "Audio", **_FILES}
_JSON = "application/json"


def recording_snapshot(payload: Any, *, call_id: str = "", has_ended: bool = False) -> RecordingSnapshot:
    """One recording, standing alone or inside a bot (``call_id``, ``has_ended``: what the bot tells)."""
    recording = mapping(payload)
    status = inner(recording, "status")
    sub_code = text(status.get("sub_code"))
    started_at, completed_at = moment(recording.get("started_at")), moment(recording.get("completed_at"))
    bot_id = text(inner(recording, "bot").get("id")) or text(recording.get("bot_id")) or call_id
    return RecordingSnapshot(
        external_id=identity(recording, "recording"),
        key=our_key(recording),
        call_external_id=bot_id,
        status=status_of(text(status.get("code")), is_over=has_ended or completed_at is not None),
        provider_status=text(status.get("code")),
        status_at=moment(status.get("updated_at")),
        reason=reason_of(sub_code),
        reason_code=sub_code,
        handle=_handle(recording, bot_id),
        started_at=started_at,
        completed_at=completed_at,
        duration_seconds=_duration(started_at, completed_at),
        media_expires_at=moment(recording.get("expires_at")),
        source="desktop SDK" if mapping(recording.get("desktop_sdk_upload")) else "",
        raw=without_links(recording),
    )


def status_of(code: str, *, is_over: bool) -> Status | None:
    """Section 3.3: "processing" is live until the capture is known to be over."""
    if code == "processing" and not is_over:
        return Status.IN_PROGRESS
    return RECORDING_STATUSES.get(code)


def deleted_recording(external_id: str, *, key: str = "", reason: str = GONE) -> RecordingSnapshot:
    """A recording that the provider no longer has (section 3.5: 404, or the status "deleted")."""
    return RecordingSnapshot(external_id=external_id, key=key, status=Status.DELETED, reason=reason)


def variants(recording: RecordingRef) -> tuple[Variant, ...]:
    """What ``handle`` says of the finished media; before the first full read the video is assumed."""
    if recording.status is not Status.COMPLETED:
        return ()
    media = mapping(recording.handle.get("media") if "media" in recording.handle else {"video": "mp4"})
    return tuple(_variant(name, text(media[name])) for name in (*_SHORTCUTS, *_FILES) if name in media)


def media(api: Api, recording: RecordingRef, variant: str) -> Media:
    """A fresh pre-signed link, to be fetched without credentials (section 3.4)."""
    payload = api.read(api.path("recording", recording.external_id))
    if text(inner(payload, "status").get("code")) == "deleted" or variant not in _LABELS:
        raise NotFound(GONE)
    artifact = inner(payload, "media_shortcuts", _SHORTCUTS.get(variant, _EVENTS))
    link = _link(artifact, variant)
    if not link:
        raise _missing(artifact)
    container = "json" if variant in _FILES else text(artifact.get("format"))
    return Media(
        url=link,
        content_type=_variant(variant, container).content_type,
        expires_at=datetime.now(UTC) + LINK_LIFE,
        filename=_filename(recording.external_id, variant, container),
    )


def window(since: datetime | None, until: datetime | None) -> list[tuple[str, str]]:
    """The filters of section 1.4 for what was made between two moments."""
    bounds = (("created_at_after", since), ("created_at_before", until))
    return [(name, bound.astimezone(UTC).isoformat()) for name, bound in bounds if bound is not None]


def _handle(recording: Mapping[str, Any], bot_id: str) -> Mapping[str, Any]:
    handle: dict[str, Any] = {"bot_id": bot_id} if bot_id else {}
    if isinstance(recording.get("media_shortcuts"), dict):
        handle["media"] = _finished_media(recording)
    return handle


def _finished_media(recording: Mapping[str, Any]) -> dict[str, str]:
    found = {name: inner(recording, "media_shortcuts", wire) for name, wire in _SHORTCUTS.items()}
    media = {name: text(each.get("format")) for name, each in found.items() if _is_finished(each)}
    events = inner(recording, "media_shortcuts", _EVENTS)
    files = {name: "json" for name in _FILES if _link(events, name)} if _is_finished(events) else {}
    return {**media, **files}


def _is_finished(artifact: Mapping[str, Any]) -> bool:
    return bool(artifact) and text(inner(artifact, "status").get("code")) in {"done", ""}


def _link(artifact: Mapping[str, Any], variant: str) -> str:
    name = f"{variant}_download_url" if variant in _FILES else "download_url"
    return text(inner(artifact, "data").get(name))


def _filename(external_id: str, variant: str, container: str) -> str:
    part = f"-{variant}" if variant in _FILES else ""
    return f"{external_id}{part}.{container or 'bin'}"


def _variant(name: str, container: str) -> Variant:
    if name in _FILES:
        return Variant(name=name, label=_LABELS[name], content_type=_JSON)
    content_type = _TYPES.get((name, container), "application/octet-stream")
    label = _LABELS[name] if container in {"mp4", "mp3", ""} else f"{_LABELS[name]} ({container})"
    return Variant(name=name, label=label, content_type=content_type)


def _missing(artifact: Mapping[str, Any]) -> Exception:
    code = text(inner(artifact, "status").get("code"))
    if not artifact or code in {"deleted", "failed"}:
        return NotFound("Recall.ai has no such media of this recording.")
    return Unavailable("Recall.ai has not finished this file yet: try again in a minute.")


def _duration(started_at: datetime | None, completed_at: datetime | None) -> float | None:
    # Pauses are silent black stretches inside the file (section 2.5), so they count.
    if started_at is None or completed_at is None or completed_at < started_at:
        return None
    return (completed_at - started_at).total_seconds()
