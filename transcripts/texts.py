"""The words of transcripts as rows: the first words that came stay.

An utterance is stored as ``TranscriptText.utterances`` documents it. Words of a running transcript
come in pieces and have a ``sequence`` besides: they give way to the provider's finished text.
"""

import math
import re
from collections.abc import Iterable

from recordings import clock
from recordings.models import Account
from recordings.providers import snapshots
from recordings.providers.snapshots import Captions, Json, Status, Utterance
from recordings.sync.wishes import ask
from transcripts import index, overlays, storage
from transcripts.models import Transcript, TranscriptText

ERRAND = "transcript.text"
ANOTHER = "The provider sent another text later: the first is kept."
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL takes neither NUL nor half a character


def lock(account_id: int) -> Account:
    """One writer of an account's texts at a time, on every worker; inside a transaction."""
    return Account.objects.select_for_update(no_key=True).get(pk=account_id)


def ask_for(transcript: Transcript) -> None:
    """Have the words read at the provider soon."""
    recording = transcript.recording
    parent = recording.external_id if recording else transcript.recording_external_id
    ask(transcript.account, ERRAND, subject=transcript.external_id, parent=parent)


def is_due(transcript: Transcript) -> bool:
    """Whether the provider has finished words that are not stored here."""
    if transcript.status != Status.COMPLETED or transcript.is_buried:
        return False
    return not transcript.has_text or is_running(_stored(transcript))


def is_running(text: TranscriptText | None) -> bool:
    """Whether these words came in pieces while they were spoken."""
    return text is not None and bool(text.utterances) and "sequence" in text.utterances[0]


def is_known(transcript: Transcript, told: snapshots.TranscriptText) -> bool:
    """Whether these words, or others in the place of an emptiness, are here already."""
    stored = _stored(transcript)
    if stored is None or not stored.utterances:
        return False
    return not told.utterances or (not is_running(stored) and _is_same(stored, told))


def store(transcript: Transcript, told: snapshots.TranscriptText, entries: list[Json]) -> None:
    """Write the words that the provider gave, with the entries of their files. Under the account's lock.

    Words that are here already stay: the same ones change nothing, others are told as a problem and
    their files are kept beside.
    """
    stored = _stored(transcript)
    if stored is None or not stored.utterances or (told.utterances and is_running(stored)):
        _write(transcript, stored or TranscriptText(transcript=transcript), told, entries)
    elif told.utterances and not _is_same(stored, told):
        _note_another(stored, entries)


def add(transcript: Transcript, captions: Captions) -> None:
    """Put a piece of a running transcript into its place. The same piece again changes nothing."""
    stored = _stored(transcript) or TranscriptText(transcript=transcript)
    if stored.utterances and not is_running(stored):
        return  # The finished text is here.
    pieces = [{**each, "sequence": captions.sequence} for each in storable(as_json(captions.utterances))]
    new = [piece for piece in pieces if piece not in stored.utterances]
    if not new:
        return
    stored.utterances = sorted([*stored.utterances, *new], key=_place)
    stored.words = _count(stored.utterances)
    stored.problem, stored.stored_at = "", clock.now()
    was_indexed = index.erase(transcript)
    stored.save()
    _mark(transcript, stored)
    if was_indexed:
        index.soon(transcript)


def take_over(kept: Transcript, gone: Transcript) -> None:
    """Two rows are one transcript: the words of the one that goes, where the other has none."""
    theirs, ours = _stored(gone), _stored(kept)
    if theirs is None or (ours is not None and ours.utterances):
        return
    if ours is not None:
        ours.delete()
    theirs.files = storage.copy(theirs.files, kept)
    theirs.transcript = kept
    theirs.save(update_fields=["transcript", "files"])
    overlays.move(kept, gone)
    _mark(kept, theirs)


def note_unreadable(transcript: Transcript, problem: str) -> None:
    """The provider does not give the words: said where they would be. Under the account's lock."""
    stored = _stored(transcript) or TranscriptText(transcript=transcript)
    if stored.utterances:
        return
    stored.problem, stored.stored_at = problem, clock.now()
    stored.save()
    Transcript.objects.filter(pk=transcript.pk).update(updated_at=clock.now(), is_empty=False)


def as_json(utterances: Iterable[Utterance]) -> list[dict[str, Json]]:
    """Utterances as ``TranscriptText.utterances`` holds them."""
    return [
        {
            "speaker": each.speaker,
            "start": each.start,
            "end": each.end,
            "text": each.text,
            "channel": each.channel,
            "confidence": each.confidence,
            "language": each.language,
            "words": [[word.text, word.start, word.end, word.confidence] for word in each.words],
        }
        for each in utterances
    ]


def storable(value: Json) -> Json:
    """The same without what a database cannot hold: NUL, halves of characters, numbers that are none."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {storable(name): storable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    return value


def _stored(transcript: Transcript) -> TranscriptText | None:
    return TranscriptText.objects.filter(transcript=transcript).first()


def _write(
    transcript: Transcript, text: TranscriptText, told: snapshots.TranscriptText, entries: list[Json]
) -> None:
    text.utterances = storable(as_json(told.utterances))
    text.words = _count(text.utterances)
    text.files = _together(text.files, storable(entries))
    text.language = storable(told.language)[:40]
    text.note, text.problem = storable(told.note), storable(told.problem)
    text.extra = storable(told.extra)
    text.stored_at = clock.now()
    is_first = text.pk is None  # Nobody has put anything over words that were not here.
    if not is_first:
        index.erase(transcript)
    text.save()
    _mark(transcript, text)
    index.write(transcript, text.utterances, overlays=overlays.NONE if is_first else None)


def _mark(transcript: Transcript, text: TranscriptText) -> None:
    transcript.has_text = bool(text.utterances)
    transcript.is_empty = not text.utterances and not text.problem and transcript.status == Status.COMPLETED
    transcript.language = transcript.language or text.language
    transcript.save(update_fields=["has_text", "is_empty", "language", "updated_at"])


def _note_another(text: TranscriptText, entries: list[Json]) -> None:
    files = _together(text.files, storable(entries))
    problem = text.problem if ANOTHER in text.problem else f"{text.problem} {ANOTHER}".strip()
    if (files, problem) == (text.files, text.problem):
        return
    text.files, text.problem = files, problem
    text.save(update_fields=["files", "problem"])
    Transcript.objects.filter(pk=text.transcript_id).update(updated_at=clock.now())


def _is_same(stored: TranscriptText, told: snapshots.TranscriptText) -> bool:
    return _said(storable(as_json(told.utterances))) == _said(stored.utterances)


def _together(files: list[Json], more: list[Json]) -> list[Json]:
    known = {entry["path"] for entry in files}
    return [*files, *(entry for entry in more if entry["path"] not in known)]


def _said(utterances: list[dict[str, Json]]) -> str:
    return " ".join(" ".join(each["text"].split()) for each in utterances)


def _count(utterances: list[dict[str, Json]]) -> int:
    return sum(len(each["text"].split()) for each in utterances)


def _place(piece: dict[str, Json]) -> tuple[float, int, str, str]:
    return piece["sequence"], piece["channel"] or 0, piece["speaker"], piece["text"]
