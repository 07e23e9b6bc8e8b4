"""Calls and conferences: what can be recorded, as Twilio tells it (contract 2)."""

from collections.abc import Mapping
from typing import Any

from recordings.providers.errors import UnexpectedResponse
from recordings.providers.scrub import scrubbed
from recordings.providers.snapshots import RANK, CallSnapshot, CallState, Page, RecordingSnapshot, Status
from recordings.providers.twilio import recordings
from recordings.providers.twilio.api import VERSION, Api, items_of, object_of, sid
from recordings.providers.twilio.values import mapping, moment, text

PAGE_SIZE = "100"
STATES: Mapping[str, CallState] = {
    "queued": CallState.WAITING,
    "ringing": CallState.WAITING,
    "in-progress": CallState.LIVE,
    "completed": CallState.ENDED,
    "busy": CallState.ENDED,
    "failed": CallState.ENDED,
    "no-answer": CallState.ENDED,
    "canceled": CallState.ENDED,
}
REASONS: Mapping[str, str] = {
    "busy": "The line was busy.",
    "failed": "The call could not be put through.",
    "no-answer": "Nobody answered.",
    "canceled": "The call was cancelled before it was answered.",
}
# One status a listing. In this order a call that moves on between two pages is seen twice, not missed.
LISTED = ("queued", "ringing", "in-progress")
DIRECTIONS: Mapping[str, str] = {
    "inbound": "Inbound",
    "outbound-api": "Outbound, placed over the API",
    "outbound-dial": "Outbound, dialled by another call",
    "trunking-originating": "SIP trunk, originating",
    "trunking-terminating": "SIP trunk, terminating",
}


def list_calls(api: Api, cursor: str) -> Page:
    """Parent legs only: a recording always names its parent leg, so that the child would never show it."""
    status, _, link = (cursor or f"{LISTED[0]}|").partition("|")
    params = None if link else [("Status", status), ("PageSize", PAGE_SIZE)]
    reply = api.read(f"{api.classic_origin}{link}" if link else api.classic("Calls.json"), params)
    found = [mapping(item) for item in items_of(reply, "calls")]
    following = next_link(api, reply.data, "Calls.json")
    items = tuple(snapshot(item) for item in found if not text(item.get("parent_call_sid")))
    return Page(items=items, next_cursor=_following(status, following))


def fetch(api: Api, external_id: str) -> CallSnapshot:
    """A call with its recordings; of a conference only these are known (contract 3.1)."""
    if is_conference(external_id):
        return _conference(external_id, recordings.of_parent(api, f"Conferences/{sid(external_id)}"))
    data = object_of(api.read(api.classic(f"Calls/{sid(external_id)}.json")))
    found = recordings.of_parent(api, f"Calls/{sid(external_id)}")
    if STATES.get(text(data.get("status"))) is CallState.LIVE:
        found = tuple(recordings.taken_for_running(each) for each in found)
    return snapshot(data, found)


def state_of(api: Api, external_id: str) -> CallState | None:
    """Whether a call still runs, asked for by itself."""
    return STATES.get(text(object_of(api.read(api.classic(f"Calls/{sid(external_id)}.json"))).get("status")))


def is_conference(external_id: str) -> bool:
    return external_id.startswith("CF")


def next_link(api: Api, data: Any, name: str) -> str:
    path = f"{VERSION}/Accounts/{sid(api.account_sid)}/{name}"
    return api.next_link(mapping(data).get("next_page_uri"), path=path)


def snapshot(data: Mapping[str, Any], found: tuple[RecordingSnapshot, ...] = ()) -> CallSnapshot:
    """A call; raises ``UnexpectedResponse`` without its SID."""
    external_id = text(data.get("sid"))
    if not external_id:
        raise UnexpectedResponse("Twilio gave a call without its SID.")
    status = text(data.get("status"))
    caller, callee = _number(data, "from"), _number(data, "to")
    return CallSnapshot(
        external_id=external_id,
        state=STATES.get(status),
        provider_status=status,
        status_at=moment(data.get("date_updated")),
        title=" → ".join(part for part in (text(data.get("caller_name")) or caller, callee) if part),
        details=_details(data, caller=caller, callee=callee),
        flags={"parent_call_sid": text(data.get("parent_call_sid"))},
        participants=tuple(part for part in (caller, callee) if part) or None,
        started_at=moment(data.get("start_time")),
        ended_at=moment(data.get("end_time")),
        reason=REASONS.get(status, ""),
        reason_code=status if status in REASONS else "",
        recordings=found,
        raw=scrubbed(dict(data)),
    )


def conference_of(recording: RecordingSnapshot) -> tuple[CallSnapshot, ...]:
    """What a recording tells of the conference that it belongs to: nothing else does (contract 3.1).

    A conference's recording cannot be stopped, so that its end is the conference's; whichever
    recording was touched last decides, hence the time.
    """
    if not is_conference(recording.call_external_id):
        return ()
    is_over = recording.status is not None and RANK[recording.status] >= RANK[Status.COMPLETED]
    return (
        CallSnapshot(
            external_id=recording.call_external_id,
            state=CallState.ENDED if is_over else CallState.LIVE,
            status_at=recording.status_at,
            title=CONFERENCE,
        ),
    )


CONFERENCE = "Conference"


def _conference(external_id: str, found: tuple[RecordingSnapshot, ...]) -> CallSnapshot:
    live = [each for each in found if each.status is None or RANK[each.status] < RANK[Status.COMPLETED]]
    times = [each.status_at for each in found if each.status_at is not None]
    return CallSnapshot(
        external_id=external_id,
        state=CallState.LIVE if live else CallState.ENDED,
        status_at=max(times, default=None),
        title=CONFERENCE,
        recordings=found,
    )


def _following(status: str, link: str) -> str:
    if link:
        return f"{status}|{link}"
    after = LISTED[LISTED.index(status) + 1 :]
    return f"{after[0]}|" if after else ""


def _number(data: Mapping[str, Any], name: str) -> str:
    return text(data.get(f"{name}_formatted")) or text(data.get(name))


def _details(data: Mapping[str, Any], *, caller: str, callee: str) -> dict[str, str]:
    direction = text(data.get("direction"))
    details = {
        "From": caller,
        "To": callee,
        "Caller": text(data.get("caller_name")),
        "Direction": DIRECTIONS.get(direction, direction),
        "Forwarded from": text(data.get("forwarded_from")),
        "Answered by": text(data.get("answered_by")),
        "SIP trunk": text(data.get("trunk_sid")),
    }
    return {label: value for label, value in details.items() if value}
