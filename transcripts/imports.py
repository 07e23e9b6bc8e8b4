"""Caption files of people become transcripts of recordings: kept untouched, read as well as they can be."""

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import transaction

from recordings import clock
from recordings.models import Errand, Recording
from recordings.models.work import SINGLE
from recordings.providers import snapshots
from recordings.providers.formats import read_any
from recordings.providers.snapshots import Json, Status, TextFile
from recordings.sync.wishes import ask
from recordings.work import errands, wake
from recordings.work.errands import Local, Step
from transcripts import burial, primary, storage, texts
from transcripts.models import IMPORTED, Transcript, TranscriptText

ERRAND = "transcripts.import"
LARGEST = 50 * 1024 * 1024
AT_ONCE = 512 * 1024  # bytes that are read while the person waits
MOST_CUES = 200_000  # a day of single words
MOST_LINES = 1_000_000
LARGEST_OTHER = 8 * 1024 * 1024  # bytes that are not UTF-8 are looked at one by one
NO_WORDS = "No words were found in this file."
TOO_MANY = f"It has more than {MOST_CUES:,} cues: it is kept as a file, and its words are not shown."
NOT_UTF8 = (
    "It is too large for a file that is not UTF-8: it is kept as a file. Save it as UTF-8 and try again."
)
_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")  # UTF-16 and UTF-32 say so


class CannotDelete(Exception):
    """The message is a sentence for the operator."""


def take(user: AbstractUser, recording: Recording, name: str, content: bytes) -> Transcript:
    """Keep the file as a new transcript of the recording; a large one is read by an errand.

    Nothing that is there is overwritten. Raises ``OSError`` when the file cannot be written.
    """
    now = clock.now()
    transcript = Transcript(
        account=recording.account,
        recording=recording,
        call=recording.call,
        kind=IMPORTED,
        engine=texts.storable(name)[:100],
        status=Status.PROCESSING,
        options={"file": texts.storable(name), "imported by": user.get_username()},
        sort_at=now,
    )
    entries = storage.keep(transcript, [TextFile(name=name, content_type="", content=content)])
    told = _read(name, content) if len(content) <= AT_ONCE else None
    with transaction.atomic():
        texts.lock(recording.account_id)
        transcript.save()
        if told is not None:
            _store(transcript, told, entries)
        else:
            TranscriptText.objects.create(transcript=transcript, files=entries, stored_at=now)
            ask(recording.account, ERRAND, subject=str(transcript.key), lane=SINGLE)
            wake()
    return transcript


def delete(user: AbstractUser, transcript: Transcript) -> None:
    """No provider ever had it, so there is nobody to ask: who and when stays, the words go.

    Raises ``CannotDelete`` for what a provider has. Idempotent.
    """
    with transaction.atomic():
        texts.lock(transcript.account_id)
        current = Transcript.objects.select_related("account", "recording").get(pk=transcript.pk)
        if not current.is_imported:
            raise CannotDelete("This transcript came from a provider: order its deletion there.")
        if current.is_buried:
            return
        current.deleted_by_id = user.pk
        burial.forget(current)


def step(errand: Errand) -> Step:
    """Read a file that is kept. Done again, it changes nothing."""
    transcript = _transcript(errand.subject)
    stored = TranscriptText.objects.filter(transcript=transcript).first() if transcript else None
    if transcript is None or stored is None or transcript.status != Status.PROCESSING:
        return Step()
    [entry] = stored.files
    told = _read(entry["name"], storage.path_of(entry).read_bytes())

    def write() -> None:
        texts.lock(errand.account_id)
        current = _transcript(errand.subject)
        if current is not None and current.status == Status.PROCESSING:
            _store(current, told, stored.files)

    return Step(write=write)


def give_up(errand: Errand, problem: str) -> None:
    """Its worker died over it time and again: the file stays, and says so."""
    transcript = _transcript(errand.subject)
    if transcript is not None and transcript.status == Status.PROCESSING:
        _complete(transcript)
        texts.note_unreadable(transcript, problem)


def register_all() -> None:
    """Make this errand known to the engine."""
    errands.register(ERRAND, Local(handler=step, on_given_up=give_up))


def _transcript(key: str) -> Transcript | None:
    return Transcript.objects.filter(key=uuid.UUID(key)).select_related("account", "recording").first()


def _read(name: str, content: bytes) -> snapshots.TranscriptText:
    """The words, as far as they can be read; without the file, which is kept already."""
    problem = _unreadable(content)
    if problem:
        return snapshots.TranscriptText(utterances=(), problem=problem)
    found = read_any(name, "", content)
    problem = " ".join(filter(None, (found.problem, "" if found.utterances else NO_WORDS)))
    return snapshots.TranscriptText(utterances=found.utterances, language=found.language, problem=problem)


def _unreadable(content: bytes) -> str:
    """Why a file is not even tried: it would take longer than anybody waits."""
    cues = max(content.count(b"-->"), content.count(b"<v") + content.count(b"<V"))
    if cues > MOST_CUES or content.count(b"\n") + content.count(b"\r") > MOST_LINES:
        return TOO_MANY
    if len(content) > LARGEST_OTHER and not content.startswith(_MARKS) and not _is_utf8(content):
        return NOT_UTF8
    return ""


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _store(transcript: Transcript, told: snapshots.TranscriptText, entries: list[Json]) -> None:
    _complete(transcript)
    texts.store(transcript, told, entries)
    primary.choose(transcript.recording)


def _complete(transcript: Transcript) -> None:
    transcript.status, transcript.completed_at = Status.COMPLETED, clock.now()
    transcript.save(update_fields=["status", "completed_at", "updated_at"])
