"""Once a night: exports whose time is over go, and files that belong to none."""

from datetime import timedelta

from recordings import clock
from recordings.housekeeping import NIGHT_SECONDS, register_standing
from recordings.models import Account, Errand
from recordings.models.work import BACKGROUND
from recordings.work import errands
from recordings.work.errands import Local, Step
from transcripts import archives
from transcripts.archives_files import discard, folders
from transcripts.models import Export

ERRAND = "transcripts.export_tidy"
AT_ONCE = 20  # exports; each may have thousands of items
BEING_WRITTEN_SECONDS = 3600.0
REMEMBERED = timedelta(days=30)  # that there was one, after its file has gone


def tidy(_: Errand) -> Step:
    """Every account has this errand, and each does it for all: one that rests keeps no file alive."""
    kept = (*Export.OPEN_STATES, Export.State.READY)
    old = dict(folders(older_than_seconds=BEING_WRITTEN_SECONDS))
    alive = set(Export.objects.filter(key__in=old, state__in=kept).values_list("key", flat=True))
    for key, folder in old.items():
        if key not in alive:
            discard(folder)
    return Step(write=_forget)


def ensure_standing(account: Account) -> None:
    """The errand that every active account has."""
    errands.standing(account, ERRAND, every_seconds=NIGHT_SECONDS, lane=BACKGROUND)


def register_all() -> None:
    """Make this errand known to the engine."""
    errands.register(ERRAND, Local(handler=tidy))
    register_standing(ensure_standing)


def _forget() -> None:
    now = clock.now()
    archives.expire(now)
    ended = Export.objects.filter(ended_at__lt=now - REMEMBERED).exclude(state=Export.State.READY)
    for export in ended[:AT_ONCE]:
        export.delete()
