"""Jobs of the batch processor: transcripts and summaries of finished recordings (contract 4.2)."""

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from recordings.providers.base import TranscriptKind
from recordings.providers.daily.api import Api, Listing, id_of, segment
from recordings.providers.daily.bodies import SUMMARY_PRESET, TRANSCRIPT_PRESET, is_elsewhere
from recordings.providers.daily.values import kept, key_in_name, known, mapping, sequence, shown, text
from recordings.providers.errors import NotFound
from recordings.providers.orders import Order
from recordings.providers.snapshots import Status, TranscriptSnapshot

BATCH = TranscriptKind(
    name="batch",
    label="Transcript of the recording",
    help="Made from the finished recording. Speakers are numbered and are nobody in particular.",
)
SUMMARY = TranscriptKind(
    name="summary",
    label="Summary of the recording",
    help="Written by a machine about the recording: these words were not said.",
)
KINDS = {TRANSCRIPT_PRESET: BATCH.name, SUMMARY_PRESET: SUMMARY.name}
ENGINE = "deepgram"
STATUSES: Mapping[str, Status] = {
    "submitted": Status.REQUESTED,
    "processing": Status.PROCESSING,
    "finished": Status.COMPLETED,
    "error": Status.FAILED,
}
OPEN = frozenset({"submitted", "processing"})
FAILED = "Daily could not process the recording."
MOST = 20  # of a page: each row may need a read of its own


def of_recording(api: Api, recording_id: str, *, limit: int = 100) -> Listing:
    return api.page("/batch-processor", {"recordingId": recording_id}, limit=limit)


def of_order(api: Api, order: Order) -> Listing:
    """The jobs among which that of an order is: of its recording, or the newest where it reads a file that
    Daily does not hold."""
    if is_elsewhere(order) or order.recording is None:
        return page(api, after=())
    return of_recording(api, order.recording.external_id, limit=MOST)


def page(api: Api, *, after: tuple[str, ...]) -> Listing:
    return api.page("/batch-processor", {}, after=after, limit=MOST)


def snapshots(api: Api, rows: tuple[Mapping[str, Any], ...]) -> Iterator[TranscriptSnapshot]:
    """Rows are promised with id, preset and status only: the others are read one by one."""
    for row in rows:
        job = row if "input" in row else read(api, id_of(row, "id"))
        if job is not None:
            yield snapshot(job)


def read(api: Api, external_id: str) -> Mapping[str, Any] | None:
    """One job, or None for one that was deleted meanwhile."""
    try:
        return api.read_object(f"/batch-processor/{segment(external_id)}")
    except NotFound as missing:
        if not api.is_gone(missing):
            raise
        return None


def snapshot(job: Mapping[str, Any], *, key: str = "") -> TranscriptSnapshot:
    """A job as REST and events tell it alike."""
    word, given = text(job.get("status")), mapping(job.get("input"))
    preset, files = text(job.get("preset")), files_of(mapping(job.get("output")))
    return TranscriptSnapshot(
        external_id=id_of(job, "id"),
        key=key or our_key(files),
        recording_external_id=text(given.get("recordingId")),
        kind=KINDS.get(preset, BATCH.name),
        engine=ENGINE if preset == TRANSCRIPT_PRESET else "",
        language=text(given.get("language")),
        status=STATUSES.get(word),
        provider_status=word,
        reason=(shown(job.get("error")) or FAILED) if word == "error" else "",
        handle=known(preset=preset, bucket=_bucket(files), source=text(given.get("sourceType"))),
        raw=kept(dict(job)),
    )


def files_of(output: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Where the results lie; empty before the job is finished."""
    found = [*sequence(output.get("transcription")), output.get("summary")]
    return [mapping(mapping(each).get("s3Config")) for each in found if mapping(each)]


def our_key(files: list[Mapping[str, Any]]) -> str:
    """The key of our order out of the names that we gave to the files, the only echo there is."""
    names = (posixpath.basename(text(each.get("key"))) for each in files)
    return next(filter(None, map(key_in_name, names)), "")


def _bucket(files: list[Mapping[str, Any]]) -> str:
    return next(filter(None, (text(each.get("bucket")) for each in files)), "")
