"""Recordings as Twilio tells them (contract 3.4, 3.5)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from recordings.providers.client import Reply
from recordings.providers.errors import NotFound, UnexpectedResponse
from recordings.providers.orders import RecordingRef
from recordings.providers.scrub import scrubbed
from recordings.providers.snapshots import Page, RecordingSnapshot, Status
from recordings.providers.twilio.api import VERSION, Api, items_of, object_of, sid
from recordings.providers.twilio.outcomes import UNKNOWN_SID
from recordings.providers.twilio.values import charged, host_of, integer, mapping, moment, seconds, text

PAGE_SIZE = "100"
LARGEST_PAGE = "1000"
STARTED_BY_API = "StartCallRecordingAPI"
STATUSES: Mapping[str, Status] = {
    "in-progress": Status.IN_PROGRESS,
    "paused": Status.PAUSED,
    "stopped": Status.PROCESSING,
    "processing": Status.PROCESSING,
    "completed": Status.COMPLETED,
    "absent": Status.FAILED,  # too short or silent: nothing was kept
    "failed": Status.FAILED,  # a callback's word, with recording encryption on
    "deleted": Status.DELETED,
}
AMBIGUOUS = "processing"  # a fetch or listing also says it of running ones (contract 3.3)
ERRORS: Mapping[str, str] = {
    "16101": "The recording was too short: nothing was kept.",
    "16102": "The recording was silent: nothing was kept.",
    "16104": "The recording could not be encrypted: check the public key at Twilio.",
    "16105": "The recording could not be encrypted: check the public key at Twilio.",
    "16106": "The recording could not be encrypted: check the public key at Twilio.",
    "16111": "The recording could not be put into the external storage: check the bucket at Twilio.",
    "16112": "The recording could not be put into the external storage: check the bucket at Twilio.",
}
NOTHING_KEPT = "Twilio kept nothing of this recording."
NO_LONGER_KNOWN = "Twilio does not know this recording any more."


def snapshot(data: Mapping[str, Any], *, key: str = "") -> RecordingSnapshot:
    """One recording of an answer; raises ``UnexpectedResponse`` without its SID."""
    external_id = text(data.get("sid"))
    if not external_id:
        raise UnexpectedResponse("Twilio gave a recording without its SID.")
    status = text(data.get("status"))
    code = error_code(data.get("error_code"))
    return RecordingSnapshot(
        external_id=external_id,
        key=key,
        call_external_id=text(data.get("conference_sid")) or text(data.get("call_sid")),
        status=STATUSES.get(status),
        provider_status=status,
        status_at=moment(data.get("date_updated")),
        may_be_live=status == AMBIGUOUS,
        reason=reason_of(status, code),
        reason_code=code,
        handle=_handle(data),
        started_at=moment(data.get("start_time")) or moment(data.get("date_created")),
        duration_seconds=seconds(data.get("duration")),
        price=charged(data.get("price")),
        currency=text(data.get("price_unit")),
        channels=integer(data.get("channels")),
        source=text(data.get("source")),
        raw=scrubbed(dict(data)),
    )


def deleted(external_id: str, *, key: str = "", reason: str = "") -> RecordingSnapshot:
    """One that is gone: after our delete, or because Twilio knows it no longer."""
    return RecordingSnapshot(
        external_id=external_id, key=key, status=Status.DELETED, provider_status="deleted", reason=reason
    )


def list_page(api: Api, *, since: datetime | None, until: datetime | None, cursor: str) -> Page:
    """One page of the account's recordings, the deleted ones of the last 40 days among them.

    Filters are by GMT day (contract 2, 3.5): whole days are asked for, so more comes than was meant.
    """
    params = None if cursor else _window(since, until)
    reply = api.read(f"{api.classic_origin}{cursor}" if cursor else api.classic("Recordings.json"), params)
    items = tuple(snapshot(mapping(item)) for item in items_of(reply, "recordings"))
    path = f"{VERSION}/Accounts/{sid(api.account_sid)}/Recordings.json"
    return Page(items=items, next_cursor=api.next_link(mapping(reply.data).get("next_page_uri"), path=path))


def read_of_parent(api: Api, parent: str) -> tuple[tuple[RecordingSnapshot, ...], bool, Reply]:
    """The recordings of ``Calls/CA…`` or ``Conferences/CF…``, and whether these are all of them.

    One page is enough: a call has a handful (contract 6.2).
    """
    reply = api.read(api.classic(f"{parent}/Recordings.json"), [("PageSize", LARGEST_PAGE)])
    found = tuple(snapshot(mapping(item)) for item in items_of(reply, "recordings"))
    return found, not mapping(reply.data).get("next_page_uri"), reply


def of_parent(api: Api, parent: str) -> tuple[RecordingSnapshot, ...]:
    return read_of_parent(api, parent)[0]


def read(api: Api, external_id: str) -> tuple[RecordingSnapshot, Reply]:
    """One recording, also a deleted one of the last 40 days; raises ``NotFound`` after that."""
    reply = api.read(api.classic(f"Recordings/{sid(external_id)}.json"), [("IncludeSoftDeleted", "true")])
    return snapshot(object_of(reply)), reply


def fetch(api: Api, external_id: str) -> RecordingSnapshot:
    """One recording. A SID that Twilio once gave and now does not know is a deleted one (contract
    1.4, 3.7), if it is Twilio who says so and not a proxy on the way."""
    try:
        return read(api, external_id)[0]
    except NotFound as exc:
        if exc.code != UNKNOWN_SID:
            raise
        return deleted(external_id, reason=NO_LONGER_KNOWN)


def parent_path(recording: RecordingRef) -> str:
    """``Calls/CA…`` or ``Conferences/CF…``: what a recording is stopped under; "" when unknown."""
    conference, call = text(recording.handle.get("conference_sid")), text(recording.handle.get("call_sid"))
    known = conference or call or (recording.call.external_id if recording.call else "")
    if not known:
        return ""
    return f"{'Conferences' if known.startswith('CF') else 'Calls'}/{sid(known)}"


def taken_for_running(found: RecordingSnapshot) -> RecordingSnapshot:
    """One of a live call that Twilio calls "processing": it says so of every running one (contract 3.3),
    and of one that ended for seconds only. To take it for ended would hide that people are recorded;
    what ended soon says "completed", which is taken over. As old as its beginning: it takes back no pause."""
    if not found.may_be_live or found.started_at is None:
        return found
    return replace(found, status=Status.IN_PROGRESS, status_at=found.started_at, may_be_live=False)


def reason_of(status: str, code: str) -> str:
    if code:
        return ERRORS.get(code, f"Twilio's error {code} ended this recording.")
    return NOTHING_KEPT if STATUSES.get(status) is Status.FAILED else ""


def error_code(value: Any) -> str:
    """Callbacks write 0 for none (contract 5.1)."""
    code = text(value)
    return "" if code in {"0", ""} else code


def _handle(data: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "call_sid": text(data.get("call_sid")),
        "conference_sid": text(data.get("conference_sid")),
        "is_encrypted": bool(mapping(data.get("encryption_details"))),
        "is_external": _is_external(text(data.get("media_url"))),
    }
    return {name: value for name, value in found.items() if value}


def _is_external(media_url: str) -> bool:
    """With external storage the address is that storage's (contract 3.5): Twilio has no media then."""
    host = host_of(media_url)
    return bool(host) and host != "twilio.com" and not host.endswith(".twilio.com")


def _window(since: datetime | None, until: datetime | None) -> list[tuple[str, str]]:
    params = [("PageSize", PAGE_SIZE), ("IncludeSoftDeleted", "true")]
    if since is not None:
        params.append(("DateCreated>", _day(since)))
    if until is not None:
        params.append(("DateCreated<", _day(until + timedelta(days=1))))
    return params


def _day(moment_: datetime) -> str:
    return moment_.astimezone(UTC).strftime("%Y-%m-%d")
