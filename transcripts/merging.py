"""Two rows turn out to be one transcript, or their recordings one recording."""

from django.db import transaction

from recordings.models import Operation, Recording
from recordings.providers.snapshots import RANK
from transcripts import archives, index, primary, storage, texts
from transcripts.models import Transcript

_STATUS = ("status", "status_at", "provider_status", "reason", "reason_code", "deleted_at", "is_buried")
_FACTS = (
    *("external_id", "recording", "recording_external_id", "call", "kind", "engine", "language"),
    *("handle", "started_at", "completed_at", "duration_seconds", "price", "currency", "raw"),
    *("source", "seen_at", "swept_at", "deleted_by"),
)


def merge(kept: Transcript, gone: Transcript) -> Transcript:
    """The ordered row stays and takes what the other knew. Under the account's lock."""
    Operation.objects.filter(subject_key=gone.key).update(subject_key=kept.key)
    Operation.objects.filter(made_key=gone.key).update(made_key=kept.key)
    index.erase(gone)
    index.erase(kept)
    texts.take_over(kept, gone)
    archives.move(kept, gone)
    facts = {name: getattr(gone, name) for name in _FACTS if not getattr(kept, name)}
    if RANK[gone.status] > RANK[kept.status]:
        facts |= {name: getattr(gone, name) for name in _STATUS}
    folder = storage.folder_of(gone)
    transaction.on_commit(lambda: storage.discard(folder))
    gone.delete()
    for name, value in facts.items():
        setattr(kept, name, value)
    kept.save()
    index.write(kept)
    primary.choose(kept.recording)
    kept.refresh_from_db(fields=["is_primary"])
    return kept


def move(kept: Recording, gone: Recording) -> None:
    """Two recordings are one: the transcripts of the one that goes. Under the account's lock."""
    moved = Transcript.objects.filter(recording=gone)
    if Transcript.objects.filter(recording=kept, is_primary=True).exists():
        moved.update(is_primary=False)
    for transcript in moved:
        transcript.recording = kept
        transcript.save(update_fields=["recording", "updated_at"])
    primary.choose(kept)
