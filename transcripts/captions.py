"""Words of a running transcript, piece by piece in any order."""

from recordings.providers.snapshots import Captions, Status, TranscriptSnapshot
from recordings.sync.context import Context
from transcripts import texts
from transcripts.sync import apply_transcript


def apply_captions(context: Context, captions: Captions) -> None:
    """Put one piece into its place. What may still change (``is_final`` is false) is not kept."""
    row = apply_transcript(context, _snapshot(captions))
    if row is not None and not row.is_buried and captions.is_final:
        texts.add(row, captions)


def _snapshot(captions: Captions) -> TranscriptSnapshot:
    return TranscriptSnapshot(
        external_id=captions.transcript_external_id,
        call_external_id=captions.call_external_id,
        recording_external_id=captions.recording_external_id,
        kind=captions.kind,
        engine=captions.engine,
        status=Status.IN_PROGRESS,
    )
