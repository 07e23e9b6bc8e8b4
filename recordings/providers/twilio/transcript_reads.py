"""Reads transcripts from two APIs: listings of both, and single ones (contract 4.1, 4.2)."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from recordings.providers.client import Reply
from recordings.providers.errors import NotFound, ProviderError, Refused
from recordings.providers.orders import Order
from recordings.providers.snapshots import Page, RecordingSnapshot, Status, TranscriptSnapshot
from recordings.providers.twilio import calls, transcripts
from recordings.providers.twilio.actions import INTELLIGENCE, LEGACY
from recordings.providers.twilio.api import PRODUCT_VERSION, VERSION, Api, items_of, object_of, sid
from recordings.providers.twilio.outcomes import UNKNOWN_SID
from recordings.providers.twilio.values import mapping

PAGE_SIZE = "100"
LARGEST_PAGE = "1000"
RECORDED_BY_VERB = "RecordVerb"
HAS_SOUND = "has_transcribed_sound"
NO_LONGER_KNOWN = "Twilio does not know this transcript any more."
LOST_PLACE = "The place in the listing of transcripts cannot be read: it has to begin again."
# Legacy lists take no dates. They were always seen newest first, which is not promised: a windowed
# listing ends a day late, and the complete one never.
ORDER_SLACK = timedelta(days=1)


def list_page(
    api: Api, *, since: datetime | None, until: datetime | None, cursor: str, with_intelligence: bool
) -> Page:
    """One page: first the legacy transcriptions, then the Intelligence transcripts.

    Without an Intelligence Service on the account these are not asked for: an account on which the
    product is off would be refused, and look as if its credentials were wrong.
    """
    place = _place(cursor)
    if place["kind"] == LEGACY:
        items, link = _legacy_page(api, place["next"], since)
    else:
        items, link = _intelligence_page(api, place["next"], since, until)
    return Page(items=items, next_cursor=_following(place["kind"], link, with_intelligence=with_intelligence))


def fetch(api: Api, external_id: str, *, parent: str) -> TranscriptSnapshot:
    """One transcript. What Twilio does not know is deleted, if it can have been there: a GT may also
    be live captions, which cannot be read at all (contract 4.3); ``parent`` tells them apart, being
    the recording or the Intelligence Service of a transcript, and the call of captions."""
    try:
        return _read(api, external_id)
    except NotFound as exc:
        if exc.code == UNKNOWN_SID and parent.startswith("CA"):
            return _captions(api, external_id, parent)
        is_lasting = transcripts.is_legacy(external_id) or parent[:2] in {"RE", "GA"}
        if exc.code != UNKNOWN_SID or not is_lasting:
            raise
        kind = LEGACY if transcripts.is_legacy(external_id) else INTELLIGENCE
        return transcripts.deleted(external_id, kind=kind, reason=NO_LONGER_KNOWN)


def of_order(
    api: Api, order: Order, *, service: str = ""
) -> tuple[tuple[TranscriptSnapshot, ...], bool, Reply]:
    """The transcripts with the order's key, made since it was given, and whether all were seen."""
    params = [*([("ServiceSid", service)] if service else []), ("PageSize", LARGEST_PAGE)]
    if order.ordered_at is not None:
        params.append(("AfterDateCreated", _iso(order.ordered_at - ORDER_SLACK)))
    reply = api.read(api.product("Transcripts"), params)
    source = order.recording.external_id if order.recording else ""
    known = [
        transcripts.intelligence(mapping(item), recording=source) for item in items_of(reply, "transcripts")
    ]
    meta = mapping(mapping(reply.data).get("meta"))
    return tuple(each for each in known if each.key == order.key), not meta.get("next_page_url"), reply


def heard(found: TranscriptSnapshot, parent: str) -> tuple[RecordingSnapshot, ...]:
    """What a completed Intelligence transcript tells of its recording: that its sound can be had there."""
    source = found.recording_external_id or parent
    is_there = found.kind == INTELLIGENCE and found.status is Status.COMPLETED and source.startswith("RE")
    return (RecordingSnapshot(external_id=source, handle={HAS_SOUND: True}),) if is_there else ()


def _captions(api: Api, external_id: str, call_id: str) -> TranscriptSnapshot:
    try:
        call = calls.snapshot(object_of(api.read(api.classic(f"Calls/{sid(call_id)}.json"))))
    except NotFound as exc:
        if exc.code != UNKNOWN_SID:
            raise
        call = None
    return transcripts.captions_of(external_id, call, call_id=call_id)


def address(api: Api, external_id: str) -> str:
    if transcripts.is_legacy(external_id):
        return api.classic(f"Transcriptions/{sid(external_id)}.json")
    return api.product(f"Transcripts/{sid(external_id)}")


def of_recording(
    api: Api, recording: str, *, service: str = ""
) -> tuple[tuple[TranscriptSnapshot, ...], bool, Reply]:
    """The Intelligence transcripts of one recording, and whether these are all of them."""
    params = [("SourceSid", recording), ("PageSize", LARGEST_PAGE)]
    if service:
        params.insert(0, ("ServiceSid", service))
    reply = api.read(api.product("Transcripts"), params)
    found = (mapping(item) for item in items_of(reply, "transcripts"))
    meta = mapping(mapping(reply.data).get("meta"))
    known = tuple(transcripts.intelligence(item, recording=recording) for item in found)
    return known, not meta.get("next_page_url"), reply


def of_message(api: Api, recording: RecordingSnapshot) -> tuple[TranscriptSnapshot, ...]:
    """The legacy transcriptions of one recording; only ``<Record>`` has any (contract 4.0, 4.1).

    A listing that fails withholds nothing: the sweeps bring what it had.
    """
    if recording.source != RECORDED_BY_VERB or recording.status is not Status.COMPLETED:
        return ()
    url = api.classic(f"Recordings/{sid(recording.external_id)}/Transcriptions.json")
    try:
        items = items_of(api.read(url, [("PageSize", LARGEST_PAGE)]), "transcriptions")
        return tuple(transcripts.legacy(mapping(item)) for item in items)
    except ProviderError:
        return ()


def _read(api: Api, external_id: str) -> TranscriptSnapshot:
    data = object_of(api.read(address(api, external_id)))
    if transcripts.is_legacy(external_id):
        return transcripts.legacy(data)
    return transcripts.intelligence(data)


def _legacy_page(api: Api, link: str, since: datetime | None) -> tuple[tuple[TranscriptSnapshot, ...], str]:
    path = f"{VERSION}/Accounts/{sid(api.account_sid)}/Transcriptions.json"
    url = f"{api.classic_origin}{link}" if link else api.classic("Transcriptions.json")
    reply = api.read(url, None if link else [("PageSize", PAGE_SIZE)])
    items = tuple(transcripts.legacy(mapping(item)) for item in items_of(reply, "transcriptions"))
    following = api.next_link(mapping(reply.data).get("next_page_uri"), path=path)
    return items, "" if _is_past(items, since) else following


def _is_past(items: tuple[TranscriptSnapshot, ...], since: datetime | None) -> bool:
    if since is None or not items:
        return False
    made = [item.started_at for item in items]
    return all(each is not None and each < since - ORDER_SLACK for each in made)


def _intelligence_page(
    api: Api, link: str, since: datetime | None, until: datetime | None
) -> tuple[tuple[TranscriptSnapshot, ...], str]:
    path = f"{PRODUCT_VERSION}/Transcripts"
    url = f"{api.product_origin}{link}" if link else api.product("Transcripts")
    reply = api.read(url, None if link else _window(since, until))
    items = tuple(transcripts.intelligence(mapping(item)) for item in items_of(reply, "transcripts"))
    meta = mapping(mapping(reply.data).get("meta"))
    return items, api.next_link(meta.get("next_page_url"), path=path)


def _window(since: datetime | None, until: datetime | None) -> list[tuple[str, str]]:
    params = [("PageSize", PAGE_SIZE)]
    if since is not None:
        params.append(("AfterDateCreated", _iso(since)))
    if until is not None:
        params.append(("BeforeDateCreated", _iso(until + timedelta(seconds=1))))
    return params


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _place(cursor: str) -> Mapping[str, Any]:
    if not cursor:
        return {"kind": LEGACY, "next": ""}
    try:
        found = mapping(json.loads(cursor))
        return {"kind": found["kind"], "next": str(found["next"])}
    except (ValueError, KeyError) as exc:
        raise Refused(LOST_PLACE) from exc


def _following(kind: str, link: str, *, with_intelligence: bool) -> str:
    if link:
        return json.dumps({"kind": kind, "next": link})
    if kind == LEGACY and with_intelligence:
        return json.dumps({"kind": INTELLIGENCE, "next": ""})
    return ""
