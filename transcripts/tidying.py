"""Once a night: files that belong to nothing go, and what is missing is asked for again."""

import time
import uuid
from datetime import timedelta
from pathlib import Path

from recordings import clock
from recordings.housekeeping import NIGHT_SECONDS, register_standing
from recordings.models import Account, Errand
from recordings.models.mirror import OPEN
from recordings.models.work import BACKGROUND
from recordings.providers.base import ProviderAdapter
from recordings.providers.snapshots import Status
from recordings.work import errands
from recordings.work.errands import Kind, Step
from transcripts import storage, texts
from transcripts.models import Transcript, TranscriptText
from transcripts.sync import ask_for

ERRAND = "transcripts.tidy"
AT_ONCE = 200
BEING_WRITTEN_SECONDS = 3600.0  # files are written before their row
QUIET = timedelta(hours=6)  # an open transcript is followed by other reads before


def tidy(errand: Errand, adapter: ProviderAdapter) -> Step:
    """Look through 200 folders a step; with the last ones, ask for what is missing."""
    found = storage.folders(errand.account, after=errand.cursor.get("after", ""))
    some = [each for each, _ in zip(found, range(AT_ONCE), strict=False)]
    for folder in _leftovers(errand.account, dict(some)):
        storage.discard(folder)
    if len(some) == AT_ONCE:
        return Step(cursor={"after": str(some[-1][0])})
    return Step(write=lambda: _ask_again(errand.account, adapter))


def ensure_standing(account: Account) -> None:
    """The errand that every active account has."""
    errands.standing(account, ERRAND, every_seconds=NIGHT_SECONDS, lane=BACKGROUND)


def register_all() -> None:
    """Make this errand known to the engine."""
    errands.register(ERRAND, Kind(handler=tidy))
    register_standing(ensure_standing)


def _leftovers(account: Account, folders: dict[uuid.UUID, Path]) -> list[Path]:
    rows = Transcript.objects.filter(account=account, key__in=folders)
    buried = set(rows.filter(is_buried=True).values_list("key", flat=True))
    stored = TranscriptText.objects.filter(transcript__in=rows)
    kept = set(stored.values_list("transcript__key", flat=True))
    return [
        folder for key, folder in folders.items() if key in buried or (key not in kept and _is_old(folder))
    ]


def _is_old(folder: Path) -> bool:
    return time.time() - folder.stat().st_mtime > BEING_WRITTEN_SECONDS


def _ask_again(account: Account, adapter: ProviderAdapter) -> None:
    """Completed without words, or open without news: a lost errand or a callback that never came."""
    mine = Transcript.objects.filter(account=account, is_buried=False).exclude(external_id="")
    silent = mine.filter(status=Status.COMPLETED, is_empty=False, has_text=False, text=None)
    for transcript in silent.select_related("account", "recording")[:AT_ONCE]:
        texts.ask_for(transcript)
    if adapter.transcript_overdue_seconds is not None:
        return
    quiet = mine.filter(status__in=OPEN, updated_at__lt=clock.now() - QUIET)
    for transcript in quiet.select_related("account", "recording", "call")[:AT_ONCE]:
        ask_for(transcript)
