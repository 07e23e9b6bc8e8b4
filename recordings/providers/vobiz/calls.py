"""Live phone calls: Vobiz lists only their UUIDs, and tells more of one at a time (contract 2.1, 2.2)."""

from collections.abc import Mapping
from typing import Any

from recordings.providers.client import Reply
from recordings.providers.errors import CredentialsRefused, NotFound, ProviderError, UnexpectedResponse
from recordings.providers.snapshots import CallSnapshot, CallState, Page
from recordings.providers.vobiz.api import Api, is_told_gone, segment
from recordings.providers.vobiz.values import mapping, moment, text

LIVE = {"status": "live"}
# Only "in-progress" is documented. The others are not guessed: they stay beside the state that was known.
STATES = {"in-progress": CallState.LIVE}


def live_calls(api: Api) -> Page:
    """All live calls in one answer, by UUID only."""
    reply = _live_list(api)
    listed = mapping(reply.data).get("calls")
    if not isinstance(listed, list):
        raise UnexpectedResponse("The list of live calls has no calls in it.", exchange=reply.exchange)
    uuids = dict.fromkeys(_uuid_of(entry, reply) for entry in listed)
    return Page(
        items=tuple(CallSnapshot(external_id=uuid, state=CallState.LIVE) for uuid in uuids), total=len(uuids)
    )


def call(api: Api, external_id: str) -> CallSnapshot:
    """One call. Only those in progress answer: a 404 means that it is over."""
    try:
        reply = api.read(f"Call/{segment(external_id)}/", LIVE)
    except NotFound as exc:
        if not is_told_gone(exc):
            raise
        return CallSnapshot(external_id=external_id, state=CallState.ENDED)
    return _call_of(_unwrapped(reply.data), api, reply)


def is_live(api: Api, external_id: str) -> bool:
    return call(api, external_id).state is not CallState.ENDED


def of_row(row: Mapping[str, Any]) -> CallSnapshot | None:
    """What the row of a recording tells of its call: a call that is over is told of nowhere else."""
    uuid = text(row.get("call_uuid"))
    if not uuid:
        return None
    conference = text(row.get("conference_name"))
    numbers = (text(row.get("from_number")), text(row.get("to_number")))
    details = {"From": numbers[0], "To": numbers[1], "Conference": conference}
    return CallSnapshot(
        external_id=uuid,
        title=conference or _title(*numbers),
        details={label: value for label, value in details.items() if value},
    )


def _live_list(api: Api) -> Reply:
    """The prose writes ``Call/?status=live``, the OpenAPI ``Call?status=live``: one, then the other."""
    try:
        return api.read("Call/", LIVE)
    except (CredentialsRefused, NotFound) as first:
        if first.exchange is None:
            raise
        try:
            return api.read("Call", LIVE)
        except ProviderError:
            raise first from None


def _call_of(body: Mapping[str, Any], api: Api, reply: Reply) -> CallSnapshot:
    word = text(body.get("call_status")) or text(body.get("call_state"))
    numbers = (text(body.get("from")), text(body.get("to")))
    name = text(body.get("caller_name"))
    details = {"Caller": name, "From": numbers[0], "To": numbers[1], "Direction": text(body.get("direction"))}
    return CallSnapshot(
        external_id=_uuid_of(body, reply),
        state=STATES.get(word) if word else CallState.LIVE,  # it answered, so it is in progress
        provider_status=word,
        title=_title(*numbers),
        details={label: value for label, value in details.items() if value},
        started_at=moment(body.get("session_start")),
        raw=api.kept(dict(body)),
    )


def _unwrapped(data: Any) -> Mapping[str, Any]:
    """Flat, or as an older page has it: the only one of a list ``calls``."""
    body = mapping(data)
    wrapped = body.get("calls")
    return mapping(wrapped[0]) if isinstance(wrapped, list) and wrapped else body


def _uuid_of(entry: Any, reply: Reply) -> str:
    uuid = text(mapping(entry).get("call_uuid")) or text(entry)
    if not uuid:
        raise UnexpectedResponse("A live call came without its UUID.", exchange=reply.exchange)
    return uuid


def _title(caller: str, callee: str) -> str:
    """By its numbers alone: a finished recording knows no name, and both must give the call one title."""
    return " → ".join(number for number in (caller, callee) if number)
