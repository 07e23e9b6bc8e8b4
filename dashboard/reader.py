"""The words of a transcript as its page shows them: what was asked for, and what is laid over the text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.utils.safestring import SafeString

from dashboard.lines import Look, lines, speaker_of
from dashboard.models import User
from dashboard.player import seconds
from dashboard.voices import Voice, voices
from recordings.providers.snapshots import Json
from transcripts import overlays
from transcripts.models import Transcript, TranscriptText
from transcripts.overlays import Overlays, label_of
from transcripts.overlays_changes import RIGHT
from transcripts.query import Query, QueryError, parse

Stored = Sequence[Mapping[str, Json]]
SPEEDS = ("0.75", "1", "1.25", "1.5", "1.75", "2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address asks of the page."""

    moment: str = ""
    variant: str = ""
    query: str = ""
    is_original: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """The lines and what stands beside them."""

    asked: Asked
    lines: SafeString
    voices: list[Voice]
    problem: str  # why nothing can be marked
    has_changes: bool  # people have named or corrected something
    may_correct: bool
    original_query: str  # the address of the other reading: as it came, or as it was corrected

    @property
    def found(self) -> int:
        """How many places are marked."""
        return self.lines.count("<mark>")

    @property
    def speeds(self) -> tuple[str, ...]:
        return SPEEDS


def asked_of(query: Mapping[str, str]) -> Asked:
    """What an address asks."""
    return Asked(
        moment=query.get("t", ""),
        variant=query.get("variant", ""),
        query=query.get("q", "").strip(),
        is_original=query.get("original", "") == "1",
    )


def reader(transcript: Transcript, text: TranscriptText, user: User, asked: Asked) -> Reader:
    """The words as they read now, or as they came."""
    holding = overlays.overlays_of([transcript.pk]).get(transcript.pk, overlays.NONE)
    read = text.utterances if asked.is_original else overlays.shown(text.utterances, holding)
    may_correct = user.has_perm(RIGHT) and not asked.is_original
    query, problem = _query(asked.query)
    look = Look(moment=seconds(asked.moment), query=query, may_correct=may_correct)
    return Reader(
        asked=asked,
        lines=lines(read, look=look, originals=text.utterances),
        voices=_named(read, text.utterances, holding) if may_correct else voices(read),
        problem=problem,
        has_changes=bool(holding),
        may_correct=may_correct,
        original_query=_query_of(replace(asked, is_original=not asked.is_original)),
    )


def _named(read: Stored, stored: Stored, holding: Overlays) -> list[Voice]:
    """Each with the labels that it can be renamed by; a name of single lines only has none."""
    found = voices(read)
    by_name = {voice.name: voice for voice in found}
    for label, given in {label_of(each): each for each in stored}.items():
        voice = by_name.get(holding.names.get(label, "") or speaker_of(given))
        if voice is not None:
            voice.labels.append(label)
    return found


def _query(text: str) -> tuple[Query | None, str]:
    if not text:
        return None, ""
    try:
        return parse(text), ""
    except QueryError as exc:
        return None, str(exc)


def _query_of(asked: Asked) -> str:
    told = {
        "t": asked.moment,
        "q": asked.query,
        "variant": asked.variant,
        "original": "1" if asked.is_original else "",
    }
    return urlencode({name: value for name, value in told.items() if value})
