"""Orders about what calls left behind: transcribe and delete (contract 3, 4)."""

from recordings.providers.client import Reply
from recordings.providers.daily import jobs
from recordings.providers.daily.api import Api, Listing, id_of, looking_first, object_of, segment, unexpected
from recordings.providers.daily.bodies import TRANSCRIPT_PRESET, body_of, is_elsewhere
from recordings.providers.daily.jobs import BATCH, KINDS, SUMMARY
from recordings.providers.daily.rooms import Rooms
from recordings.providers.daily.subjects import recording_of, transcript_of
from recordings.providers.daily.transcripts import REALTIME
from recordings.providers.daily.values import known, text
from recordings.providers.errors import Refused
from recordings.providers.orders import Answer, Order, RecordingRef, TranscriptRef
from recordings.providers.snapshots import (
    RecordingSnapshot,
    Status,
    TranscriptSnapshot,
    Wanted,
)

MOST_LOOKED_AT = 10  # jobs of one recording that are read to find ours among them
LOOK_SECONDS = 30.0
WAS_GONE = "Daily did not know it any more: it was gone already."
STAYS_IN_BUCKET = "The file lies in a bucket of your own and stays there."
ADOPTED = "Daily had this very job already: it was taken over, nothing was sent."
JOB_OPEN = (
    "Daily is still making a transcript from this recording, which would fail: nothing was deleted. "
    "Wait until it is finished, or delete it first."
)
NOT_KNOWN_HERE = (
    "Daily has more transcripts of this recording than are shown here: somebody may have ordered this one "
    "already, and each is charged. Nothing was ordered. They show after the next sweep; order again then, if "
    "another is wanted."
)


def order_transcript(api: Api, _rooms: Rooms, order: Order) -> Answer:
    """Looks first, so that nothing is paid twice (contract 4.2): a job of ours is taken over, and one that
    nobody here knows of stops the order."""
    recording = recording_of(order)
    with looking_first():
        listing = (
            jobs.page(api, after=()) if is_elsewhere(order) else jobs.of_recording(api, _ident(recording))
        )
        adopted = _ours(api, listing, order)
    if adopted is not None:
        return Answer(facts=(adopted,), note=ADOPTED)
    if not is_elsewhere(order):
        _require_known(listing, recording)
    reply = api.write(order.kind, "POST", "/batch-processor", body_of(order))
    fact = _submitted(order, id_of(object_of(reply), "id", reply))
    wanted = Wanted(
        kind="transcript",
        external_id=fact.external_id,
        parent_external_id=recording.external_id,
        delay_seconds=LOOK_SECONDS,
    )
    return Answer(facts=(fact, wanted), exchange=reply.exchange)


def delete_recording(api: Api, _rooms: Rooms, order: Order) -> Answer:
    """Not while a job reads it, which would fail (contract 4.2, 8)."""
    recording = recording_of(order)
    ident = _ident(recording)
    with looking_first():
        rows = jobs.of_recording(api, ident).rows
    if any(text(row.get("status")) in jobs.OPEN for row in rows):
        raise Refused(JOB_OPEN, code="job-open")
    reply = api.write(order.kind, "DELETE", f"/recordings/{segment(ident)}")
    fact = RecordingSnapshot(external_id=ident, status=Status.DELETED)
    if not reply.is_success:
        return Answer(facts=(fact,), note=WAS_GONE, exchange=reply.exchange)
    data = object_of(reply)
    if data.get("deleted") is not True:
        raise unexpected(reply, "no deleted: true")
    # A row of the customer's own bucket also says where the file lies; how is not documented.
    note = STAYS_IN_BUCKET if set(data) - {"deleted", "id"} else ""
    return Answer(facts=(fact,), note=note, exchange=reply.exchange)


def delete_transcript(api: Api, _rooms: Rooms, order: Order) -> Answer:
    """Each of the two products has its own address."""
    transcript = transcript_of(order)
    reply = api.write(order.kind, "DELETE", f"{path_of(transcript)}/{segment(transcript.external_id)}")
    fact = TranscriptSnapshot(external_id=transcript.external_id, key=transcript.key, status=Status.DELETED)
    if not reply.is_success:
        return Answer(facts=(fact,), note=WAS_GONE, exchange=reply.exchange)
    _require_same(reply, transcript)
    return Answer(facts=(fact,), exchange=reply.exchange)


def path_of(transcript: TranscriptRef) -> str:
    if transcript.kind == REALTIME.name:
        return "/transcript"
    if transcript.kind in {BATCH.name, SUMMARY.name}:
        return "/batch-processor"
    raise Refused("Which kind of transcript this is is not known: nothing was sent.")


def _require_known(listing: Listing, recording: RecordingRef) -> None:
    """Of failed ones there may be many, and they keep nobody from trying again."""
    there = [row for row in listing.rows if text(row.get("status")) != "error"]
    if len(there) > max(0, recording.transcripts_ever - 1):  # less the row of this order
        raise Refused(NOT_KNOWN_HERE, code="job-exists")


def _ident(recording: RecordingRef) -> str:
    segment(recording.external_id)
    return recording.external_id


def _ours(api: Api, listing: Listing, order: Order) -> TranscriptSnapshot | None:
    for row in listing.rows[:MOST_LOOKED_AT]:
        if text(row.get("status")) != "finished":
            continue  # an open one names no files yet
        job = jobs.read(api, id_of(row, "id"))
        found = jobs.snapshot(job) if job is not None else None
        if found is not None and found.key == order.key:
            return found
    return None


def _submitted(order: Order, ident: str) -> TranscriptSnapshot:
    preset = str(order.options.get("preset", TRANSCRIPT_PRESET))
    recording = recording_of(order)
    return TranscriptSnapshot(
        external_id=ident,
        key=order.key,
        recording_external_id=recording.external_id,
        recording_key=recording.key,
        call_external_id=recording.call.external_id if recording.call else "",
        kind=KINDS.get(preset, BATCH.name),
        engine=jobs.ENGINE if preset == TRANSCRIPT_PRESET else "",
        language=str(order.options.get("language", "")),
        status=Status.REQUESTED,
        provider_status="submitted",
        handle=known(preset=preset, model=order.options.get("model")),
    )


def _require_same(reply: Reply, transcript: TranscriptRef) -> None:
    """Both answer with the object that was deleted (contract 4.1, 4.2)."""
    data = object_of(reply)
    found = text(data.get("transcriptId")) or text(data.get("id"))
    if found and found != transcript.external_id:
        raise unexpected(reply, "another id")
