"""Whether an order of unknown outcome happened, and whose a thing is that names no instance (design 4)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from recordings.providers.daily import endpoints, jobs, listings, recordings, room_orders, transcripts
from recordings.providers.daily.api import Api, Listing, id_of, segment
from recordings.providers.daily.rooms import Rooms
from recordings.providers.daily.subjects import call_of, recording_of, transcript_of
from recordings.providers.daily.values import mapping, text
from recordings.providers.errors import Refused
from recordings.providers.orders import Evidence, Order, Pending, Verdict
from recordings.providers.snapshots import Fact, RecordingSnapshot, Status, TranscriptSnapshot

EARLY_SECONDS = 10.0  # two clocks
LATE_SECONDS = 90.0  # from the command to the first picture, and two clocks
# Running ones are listed within seconds, but a stop may lag by 1 to 3 minutes (contract 2.3): a recording
# that still runs after this was not stopped, and one that is not listed was not started.
VISIBILITY_DELAY_SECONDS = 240.0
EARLY = timedelta(seconds=EARLY_SECONDS)
MOST_TRANSCRIPTS = 20
OF_ANOTHER = "what began then may be another order's of the same room, and Daily names no instance in it"
NEVER_TOLD = "Daily does not tell which layout or participants are in use: no look can settle this."
RUNNING = (Status.REQUESTED, Status.IN_PROGRESS, Status.PAUSED, None)

Look = Callable[[Api, Rooms, Order], Evidence]


def look(api: Api, rooms: Rooms, order: Order) -> Evidence:
    found = LOOKS.get(order.kind)
    if found is None:
        raise Refused("Daily has no such order: nothing can be looked for.")
    return found(api, rooms, order)


def of_start(api: Api, rooms: Rooms, order: Order) -> Evidence:
    """REST names no instance, unless the room's file names do: else the one recording of the room that began
    in the window, is no other order's, and could be no other's that waits as well."""
    call = call_of(order)
    found, listing = recordings.of_room(api, call.external_id)
    named = [each for each in found if is_named(each, order.key)]
    bound = (call.recording_ids - _unclaimed(order)) | order.taken
    near = [each for each in found if each.external_id not in bound and _is_near(order, each)]
    return _judged(order, found, named or near, listing, is_named=bool(named))


def of_captions(api: Api, rooms: Rooms, order: Order) -> Evidence:
    """The list of the room's live transcripts names no instance either."""
    call = call_of(order)
    room_id = text(call.flags.get("room_id")) or _room_id(api, call.external_id)
    if not room_id:
        return Evidence(verdict=Verdict.UNCLEAR, looked_at="The room's id at Daily could not be read.")
    listing = transcripts.listing(api, {"roomId": room_id}, limit=MOST_TRANSCRIPTS)
    found = [transcripts.snapshot(row, room=call.external_id) for row in listing.rows]
    near = [each for each in found if each.external_id not in order.taken and _is_near(order, each)]
    return _judged(order, found, near, listing)


def of_stop(api: Api, rooms: Rooms, order: Order) -> Evidence:
    recording = recording_of(order)
    if not recording.external_id:
        return _of_unnamed_stop(api, order)
    return _ended(recordings.recording(api, rooms, recording.external_id), "The recording")


def of_captions_stop(api: Api, rooms: Rooms, order: Order) -> Evidence:
    transcript = transcript_of(order)
    if not transcript.external_id:
        looked_at = "Daily has told no id of the live transcript yet: there is nothing to look at."
        return Evidence(verdict=Verdict.UNCLEAR, looked_at=looked_at)
    facts = listings.transcript(api, rooms, transcript.external_id, parent="")
    return _ended(facts, "The live transcript")


def of_job(api: Api, rooms: Rooms, order: Order) -> Evidence:
    """Our key stands in the names of the files, which an open or failed job does not tell."""
    recording_of(order)
    listing = jobs.of_order(api, order)
    nameless = 0
    for row in listing.rows:
        job = jobs.read(api, id_of(row, "id"))
        found = jobs.snapshot(job) if job is not None else None
        if found is not None and found.key == order.key:
            seen = "a job names its files with the mark of this order"
            return _told(Verdict.HAPPENED, seen, listing, (found,))
        nameless += found is not None and found.status is not Status.COMPLETED
    if nameless:
        return _told(Verdict.UNCLEAR, f"{nameless} of them name no files, so that one may be ours", listing)
    if listing.after:
        return _told(Verdict.UNCLEAR, "there are more of them than one page", listing)
    return _told(Verdict.ABSENT, "none of them is ours", listing)


def of_delete(api: Api, rooms: Rooms, order: Order) -> Evidence:
    facts = recordings.recording(api, rooms, recording_of(order).external_id)
    return _gone(facts, "The recording")


def of_transcript_delete(api: Api, rooms: Rooms, order: Order) -> Evidence:
    transcript = transcript_of(order)
    parent = transcript.recording.external_id if transcript.recording else ""
    return _gone(listings.transcript(api, rooms, transcript.external_id, parent=parent), "The transcript")


def of_update(api: Api, rooms: Rooms, order: Order) -> Evidence:
    return Evidence(verdict=Verdict.UNCLEAR, looked_at=NEVER_TOLD)


def of_endpoint(api: Api, rooms: Rooms, order: Order) -> Evidence:
    found = endpoints.listed(api)
    ours = [each for each in found if endpoints.is_same_address(each.url, order.callback_url)]
    if order.kind == "endpoint.delete":
        wanted = text(order.options.get("uuid"))
        is_there = any(each.external_id == wanted for each in found) if wanted else bool(ours)
    else:
        is_there = any(each.is_healthy for each in ours)
    happened = is_there != (order.kind == "endpoint.delete")
    verdict = Verdict.HAPPENED if happened else Verdict.ABSENT
    seen = "is there" if is_there else "is not there"
    return Evidence(verdict=verdict, looked_at=f"Asked for the webhooks: it {seen}.", facts=found)


def matches(pending: Pending, snapshot: RecordingSnapshot | TranscriptSnapshot) -> float | None:
    """By room and moment of the start; a key of another order rules it out, ours is found without this. What
    another order could have made as well is nobody's until an event names its instance. A job is never
    matched: its id came with the answer, or its files have our key."""
    away = _away(pending, snapshot)
    if away is None or is_named(snapshot, pending.key):
        return away
    is_contested = any(_away(rival, snapshot) is not None for rival in pending.rivals)
    return None if is_contested and snapshot.key != pending.key else away


def _away(pending: Pending, snapshot: RecordingSnapshot | TranscriptSnapshot) -> float | None:
    wanted = "recording.start" if isinstance(snapshot, RecordingSnapshot) else "captions.start"
    is_candidate = (
        pending.kind == wanted
        and bool(pending.call_external_id)
        and snapshot.call_external_id == pending.call_external_id
        and snapshot.key in ("", pending.key)
        and not recordings.is_foreign(text(snapshot.handle.get("instanceId")), pending.key)
        and (isinstance(snapshot, RecordingSnapshot) or snapshot.kind == transcripts.REALTIME.name)
        and _has_type(snapshot, text(pending.options.get("type")) or "cloud")
    )
    if not is_candidate:
        return None
    return 0.0 if is_named(snapshot, pending.key) else distance(snapshot.started_at, pending.sent_at)


def is_named(snapshot: RecordingSnapshot | TranscriptSnapshot, key: str) -> bool:
    """A ``recordings_template`` with {instance_id} puts our key into the file's name (contract 2.1)."""
    raw = mapping(snapshot.raw)
    return bool(key) and key in (text(raw.get("s3key")) or text(raw.get("s3_key")))


def distance(started_at: datetime | None, sent_at: datetime | None) -> float | None:
    """Seconds between the order and the start, or None when they cannot belong together."""
    if started_at is None or sent_at is None:
        return None
    late = (started_at - sent_at).total_seconds()
    return abs(late) if -EARLY_SECONDS <= late <= LATE_SECONDS else None


def _has_type(snapshot: RecordingSnapshot | TranscriptSnapshot, wanted: str) -> bool:
    return isinstance(snapshot, TranscriptSnapshot) or text(snapshot.handle.get("type")) in ("", wanted)


def _is_near(order: Order, snapshot: RecordingSnapshot | TranscriptSnapshot) -> bool:
    if isinstance(snapshot, RecordingSnapshot) and not _has_type(
        snapshot, text(order.options.get("type")) or "cloud"
    ):
        return False
    return distance(snapshot.started_at, order.sent_at or order.ordered_at) is not None


def _judged(
    order: Order,
    found: Sequence[RecordingSnapshot | TranscriptSnapshot],
    near: Sequence[RecordingSnapshot | TranscriptSnapshot],
    listing: Listing,
    *,
    is_named: bool = False,
) -> Evidence:
    own = [each for each in near if is_named or not _is_contested(order, each)]
    if len(own) == 1:
        return _told(
            Verdict.HAPPENED, "exactly one began when the order was sent", listing, (_owned(own[0], order),)
        )
    if near:
        seen = "several began when the order was sent" if own else OF_ANOTHER
        return _told(Verdict.UNCLEAR, seen, listing)
    if not _reaches_back(order, found, listing):
        return _told(Verdict.UNCLEAR, "one page of them does not reach back to the order", listing)
    return _told(Verdict.ABSENT, "none of them began when the order was sent", listing)


def _is_contested(order: Order, snapshot: RecordingSnapshot | TranscriptSnapshot) -> bool:
    return any(_away(rival, snapshot) is not None for rival in order.rivals)


def _unclaimed(order: Order) -> frozenset[str]:
    """Recordings with a row that no order made: one of them may be ours, unless an event named another
    instance."""
    foreign = (text(each.handle.get("instanceId")) for each in order.strays)
    pairs = zip(order.strays, foreign, strict=True)
    return frozenset(
        each.external_id for each, instance in pairs if not recordings.is_foreign(instance, order.key)
    )


def _reaches_back(
    order: Order, found: Sequence[RecordingSnapshot | TranscriptSnapshot], listing: Listing
) -> bool:
    """The newest come first: a page that begins before the window holds all of it."""
    sent_at = order.sent_at or order.ordered_at
    if not listing.after or sent_at is None:
        return not listing.after
    return any(each.started_at is not None and each.started_at < sent_at - EARLY for each in found)


def _owned(snapshot: RecordingSnapshot | TranscriptSnapshot, order: Order) -> Fact:
    """As the row of the order; stopping it needs the instance that it was started with."""
    return replace(snapshot, key=order.key, handle={**snapshot.handle, "instanceId": order.key})


def _of_unnamed_stop(api: Api, order: Order) -> Evidence:
    found, listing = recordings.of_room(api, call_of(order).external_id)
    if any(each.status in RUNNING for each in found):
        return _told(Verdict.UNCLEAR, "one of them runs, and it may be this one", listing)
    return _told(Verdict.HAPPENED, "none of them runs any more", listing, found)


def _ended(facts: tuple[Fact, ...], what: str) -> Evidence:
    is_running = any(getattr(fact, "status", None) in RUNNING for fact in facts)
    if is_running:
        return Evidence(verdict=Verdict.ABSENT, looked_at=f"{what} is still listed as running.", facts=facts)
    return Evidence(verdict=Verdict.HAPPENED, looked_at=f"{what} has ended.", facts=facts)


def _gone(facts: tuple[Fact, ...], what: str) -> Evidence:
    if any(getattr(fact, "status", None) is Status.DELETED for fact in facts):
        return Evidence(verdict=Verdict.HAPPENED, looked_at=f"{what} is deleted at Daily.", facts=facts)
    return Evidence(verdict=Verdict.ABSENT, looked_at=f"{what} is still there.", facts=facts)


def _told(verdict: Verdict, seen: str, listing: Listing, facts: Sequence[Fact] = ()) -> Evidence:
    looked_at = f"Asked Daily's list ({len(listing.rows)} rows): {seen}."
    return Evidence(verdict=verdict, looked_at=looked_at, facts=tuple(facts), exchange=listing.exchange)


def _room_id(api: Api, name: str) -> str:
    return text(api.read_object(f"/rooms/{segment(name)}").get("id"))


LOOKS: Mapping[str, Look] = {
    "recording.start": of_start,
    "recording.update": of_update,
    "recording.stop": of_stop,
    "recording.delete": of_delete,
    "captions.start": of_captions,
    "captions.update": of_update,
    "captions.stop": of_captions_stop,
    "transcript.order": of_job,
    "transcript.delete": of_transcript_delete,
    **dict.fromkeys(room_orders.PERFORM, room_orders.look),
    "endpoint.create": of_endpoint,
    "endpoint.repair": of_endpoint,
    "endpoint.delete": of_endpoint,
}
