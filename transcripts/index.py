"""Keeps the index of words in step with the words: changed with them, in the same transaction.

Whoever changes words calls ``erase`` before and ``write`` after: what the index holds can only be taken
out while the words are still as they were.
"""

import logging
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError

from recordings import clock
from recordings.models import Errand
from recordings.sync.wishes import ask
from transcripts import index_words as words
from transcripts.index_facts import facts_of, speakers_of
from transcripts.models import SearchEntry, SearchIndex, Transcript
from transcripts.overlays import NONE, Overlays, Stored, as_given, overlays_of, shown
from transcripts.tokens import VERSION, token_column

ERRAND = "search.transcript"
REBUILD = "search.rebuild"
LARGE = 300_000  # characters: larger texts are indexed by an errand of their own
LARGEST = 4_000_000  # characters, some 75 hours of speech: what follows is not found
TRIES = 20
QUIET = timedelta(hours=1)  # what grows no more for so long is indexed, though nobody said that it is over

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What is to be written, made of the words at one moment."""

    entry: SearchEntry
    tokens: str


@contextmanager
def rewriting(transcript: Transcript) -> Iterator[None]:
    """Around a change of words, names or corrections, inside its transaction."""
    erase(transcript)
    yield
    write(transcript)


def write(
    transcript: Transcript, stored: Sequence[Stored] | None = None, *, overlays: Overlays | None = None
) -> None:
    """Put the words of a transcript that is not in the index into it, as they read now.

    A very long one waits for its errand, one that is still spoken for its end. Inside the transaction
    that changed the words. ``stored`` and ``overlays`` are given where the caller knows them.
    """
    stored = as_given(transcript) if stored is None else stored
    if sum(len(each["text"]) for each in stored) > LARGE:
        soon(transcript)
    else:
        put(prepared(transcript, stored, overlays=overlays))


def soon(transcript: Transcript) -> None:
    """Have the words indexed by an errand; asked for again before that, it is done once."""
    ask(transcript.account, ERRAND, subject=str(transcript.key))


def erase(transcript: Transcript) -> bool:
    """Take the words of a transcript out of the index, before they change. Answers whether it was there."""
    entry = SearchEntry.objects.filter(transcript=transcript).first()
    if entry is None:
        return False
    if words.is_sqlite():
        tokens = tokens_of(as_given(transcript), _overlays(transcript))
        if _checksum(tokens) != entry.checksum or state().version != VERSION:
            _log.error("transcript %s is not what was indexed: everything is indexed anew", transcript.pk)
            clear()
            return True
        words.take_out(entry.place, tokens, entry.facts)
    entry.delete()
    return True


def ensure(transcript: Transcript) -> None:
    """It is over: words that came while they were spoken are indexed now."""
    if not SearchEntry.objects.filter(transcript=transcript).exists():
        soon(transcript)


def follow(transcript: Transcript) -> None:
    """The time or the language of a transcript has changed; its words have not."""
    if SearchEntry.objects.filter(transcript=transcript).exists():
        with rewriting(transcript):
            pass


def clear() -> None:
    """Empty the index; it fills again from the words, account by account."""
    words.clear()
    SearchEntry.objects.all().delete()
    SearchIndex.objects.update_or_create(pk=1, defaults={"version": VERSION})
    waiting = Errand.objects.filter(kind=REBUILD, state=Errand.State.QUEUED, lease_token=None)
    waiting.update(due_at=clock.now(), cursor={})


def state() -> SearchIndex:
    """The row about the whole index."""
    return SearchIndex.objects.get_or_create(pk=1, defaults={"version": VERSION})[0]


def prepared(
    transcript: Transcript, stored: Sequence[Stored] | None = None, *, overlays: Overlays | None = None
) -> Prepared | None:
    """What the index is to hold of a transcript; None for one without words, gone, or still spoken."""
    stored = as_given(transcript) if stored is None else stored
    if not stored or transcript.is_buried or is_growing(transcript, stored):
        return None
    overlays = _overlays(transcript) if overlays is None else overlays
    speakers = speakers_of(shown(stored, overlays))
    tokens = tokens_of(stored, overlays)
    entry = SearchEntry(
        transcript=transcript,
        account_id=transcript.account_id,
        sort_at=transcript.sort_at,
        facts=facts_of(transcript, speakers),
        speakers=speakers,
        tokens=words.kept(tokens),
        checksum=_checksum(tokens),
        is_overlaid=bool(overlays),
    )
    return Prepared(entry=entry, tokens=tokens)


def put(prepared: Prepared | None) -> None:
    """Write what was prepared. Inside a transaction, and under the account's lock."""
    if prepared is not None:
        _settle(prepared.entry)
        words.put(prepared.entry.place, prepared.tokens, prepared.entry.facts)


def is_growing(transcript: Transcript, stored: Sequence[Stored]) -> bool:
    """Whether pieces are still coming: each would change what the index holds."""
    is_quiet = transcript.updated_at < clock.now() - QUIET
    return "sequence" in stored[0] and not transcript.is_final and not is_quiet


def tokens_of(stored: Sequence[Stored], overlays: Overlays) -> str:
    """What is indexed of these words."""
    return token_column(each["text"] for each in _first(shown(stored, overlays)))


def _first(utterances: Sequence[Stored]) -> Iterator[Stored]:
    size = 0
    for each in utterances:
        size += len(each["text"])
        if size > LARGEST:
            return
        yield each


def _settle(entry: SearchEntry) -> None:
    """Store the entry at the first free place at or after its time."""
    entry.place = place_of(entry.sort_at)
    for _ in range(TRIES):
        if words.add_entry(entry):
            return
        entry.place = _free_place(entry.place)
    raise IntegrityError(f"no place found for transcript {entry.transcript_id}")


def place_of(moment: datetime) -> int:
    """Where a transcript of this moment stands, or a little after, if others are of the same second."""
    return max(1, int((moment - _EPOCH).total_seconds()))


def _free_place(wanted: int) -> int:
    while True:
        near = range(wanted, wanted + 256)
        taken = set(
            SearchEntry.objects.filter(place__gte=near.start, place__lt=near.stop).values_list(
                "place", flat=True
            )
        )
        free = next((place for place in near if place not in taken), None)
        if free is not None:
            return free
        wanted = near.stop


def _overlays(transcript: Transcript) -> Overlays:
    return overlays_of([transcript.pk]).get(transcript.pk, NONE)


def _checksum(tokens: str) -> int:
    return zlib.crc32(tokens.encode())
