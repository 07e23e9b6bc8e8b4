"""Which transcript of a recording is shown first."""

from recordings.models import Recording
from recordings.providers.snapshots import Status
from transcripts.models import Transcript


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
