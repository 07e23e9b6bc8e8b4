"""The errands that read transcripts at a provider: their words, and whether they are still there."""

from django.db import transaction

from recordings import clock, ledger, sync
from recordings.models import Errand
from recordings.models.ledger import Things
from recordings.models.mirror import Source
from recordings.providers.base import ProviderAdapter
from recordings.providers.errors import NotFound
from recordings.providers.snapshots import Json, Status, TranscriptSnapshot, TranscriptText
from recordings.sweep import NOT_LISTED
from recordings.work import errands
from recordings.work.errands import TRIES_ALLOWED, Kind, Step
from transcripts import primary, storage, texts
from transcripts.models import Transcript
from transcripts.orders import ref_of

GONE = "The provider lists it no more, and does not find it either."
CONFIRM = "transcript.confirm"
DISK_WAIT_SECONDS = 60.0


def read_text(errand: Errand, adapter: ProviderAdapter) -> Step:
    """The words of a completed transcript: files first, then the row. Done again, it changes nothing."""
    transcript = _transcript(errand)
    if transcript is None or not texts.is_due(transcript):
        return Step(write=lambda: _ask_if_due_by_now(errand))
    told = adapter.fetch_text(ref_of(transcript))
    try:
        entries = storage.keep(transcript, told.files)
    except OSError as exc:
        return _no_room(errand, exc)
    return Step(write=lambda: _store(errand, transcript, told, entries))


def give_up(errand: Errand, problem: str) -> None:
    """What the provider does not give is said on the page. What it could not give yet is asked for again
    by the next sweep."""
    if errand.attempts >= TRIES_ALLOWED:
        return
    texts.lock(errand.account_id)
    transcript = _transcript(errand)
    if transcript is not None and not transcript.is_buried:
        texts.note_unreadable(transcript, problem)


def confirm_absence(errand: Errand, adapter: ProviderAdapter) -> Step:
    """A complete listing did not hold it: if a read does not find it either, it is deleted there."""
    try:
        facts = adapter.fetch("transcript", errand.subject, parent=errand.parent)
    except NotFound:
        facts = (TranscriptSnapshot(external_id=errand.subject, status=Status.DELETED, reason=GONE),)

    def write() -> None:
        applied = sync.apply(errand.account, facts, source=Source.SWEEP)
        ledger.note_repairs(errand.account, applied.repairs, at=clock.now())
        ledger.explained(errand.account, Things.TRANSCRIPTS, errand.subject, NOT_LISTED)

    return Step(write=write)


def register_all() -> None:
    """Make these errands known to the engine."""
    errands.register(texts.ERRAND, Kind(handler=read_text, reads="fetch_text", on_given_up=give_up))
    errands.register(CONFIRM, Kind(handler=confirm_absence, reads="fetch"))


def _transcript(errand: Errand) -> Transcript | None:
    found = Transcript.objects.filter(account=errand.account_id, external_id=errand.subject)
    return found.select_related("account", "recording__call", "call").first()


def _ask_if_due_by_now(errand: Errand) -> None:
    # It may have completed while this errand held the place of the one that was asked for then.
    texts.lock(errand.account_id)
    transcript = _transcript(errand)
    if transcript is not None and texts.is_due(transcript):
        texts.ask_for(transcript)


def _store(errand: Errand, read: Transcript, told: TranscriptText, entries: list[Json]) -> None:
    texts.lock(errand.account_id)
    transcript = _transcript(errand)
    if transcript is None or transcript.is_buried:
        folder = storage.folder_of(read)
        transaction.on_commit(lambda: storage.discard(folder))
    elif transcript.pk != read.pk:  # Merged meanwhile: the files lie in the folder of a row that is gone.
        texts.ask_for(transcript)
    else:
        texts.store(transcript, told, entries)
        primary.choose(transcript.recording)


def _no_room(errand: Errand, exc: OSError) -> Step:
    problem = f"The provider's file could not be written here ({exc.strerror}): it is tried again."

    def write() -> None:
        Errand.objects.filter(pk=errand.pk).update(problem=problem)

    return Step(write=write, due_in_seconds=DISK_WAIT_SECONDS)
