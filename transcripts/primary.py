"""Which transcript of a recording is shown first."""

from django.db import transaction

from recordings.models import Recording
from recordings.providers.snapshots import Status
from transcripts import texts
from transcripts.models import Transcript


def mark(transcript: Transcript) -> bool:
    """Show this one first from now on; False for one that is gone, has no recording, or is not complete."""
    with transaction.atomic():
        texts.lock(transcript.account_id)
        current = Transcript.objects.filter(
            pk=transcript.pk, is_buried=False, status=Status.COMPLETED
        ).first()
        if current is None or current.recording_id is None:
            return False
        Transcript.objects.filter(recording=current.recording_id, is_primary=True).update(is_primary=False)
        current.is_primary = True
        current.save(update_fields=["is_primary", "updated_at"])
    return True


def choose(recording: Recording | None) -> None:
    """The first completed one, where none was chosen yet; one with words before one without.

    Under the account's lock.
    """
    if recording is None:
        return
    mine = Transcript.objects.filter(recording=recording)
    if mine.filter(is_primary=True).exists():
        return
    first = mine.filter(status=Status.COMPLETED).order_by("-has_text", "completed_at", "pk").first()
    if first is not None:
        first.is_primary = True
        first.save(update_fields=["is_primary", "updated_at"])
