"""Everything that the page of two transcripts side by side shows."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.utils.safestring import SafeString

from dashboard.comparison_lines import differs, pairs
from recordings.models import Operation, Recording
from recordings.providers.snapshots import Json
from transcripts.comparing_rows import differences
from transcripts.exports_tables import clock, table
from transcripts.models import Transcript

HEADS = (
    *("number", "kind", "time in A", "speaker in A", "words in A"),
    *("time in B", "speaker in B", "words in B"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two, with what it cost and how long it took."""

    letter: str
    transcript: Transcript
    words: int
    latency_seconds: float | None
    error_rate: str  # of its words, where the other one is taken for right


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an address asks: two transcripts, which words of them, and whether only what differs."""

    a: Transcript
    b: Transcript
    is_original: bool = False
    is_only_differences: bool = False

    def query(self, **changes: str) -> str:
        """The query of this page, or of one that differs from it in these."""
        told = {"a": str(self.a.key), "b": str(self.b.key)}
        told |= {"original": "1"} if self.is_original else {}
        told |= {"only": "1"} if self.is_only_differences else {}
        return urlencode({name: value for name, value in (told | changes).items() if value})

    @property
    def same(self) -> str:
        return self.query()

    @property
    def swapped(self) -> str:
        return self.query(a=str(self.b.key), b=str(self.a.key))

    @property
    def everything(self) -> str:
        return self.query(only="")

    @property
    def only_differences(self) -> str:
        return self.query(only="1")

    @property
    def other_wording(self) -> str:
        return self.query(original="" if self.is_original else "1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a comparison, ready to be shown."""

    sides: tuple[Side, Side]
    pairs: SafeString
    differences: int  # places where words differ
    speakers: list[tuple[str, str]]
    speaker_disagreement: str  # "" where it cannot be known
    other_speakers: int  # rows in which it shows
    replaced: int
    only_a: int
    only_b: int


def transcripts_of(recording: Recording) -> list[Transcript]:
    """Those that can be chosen, as the recording's page orders them."""
    mine = Transcript.objects.filter(recording=recording, has_text=True, is_buried=False)
    return list(
        mine.select_related("account").defer("raw", "handle").order_by("-is_primary", "-sort_at", "-pk")
    )


def result_of(asked: Asked, found: dict[str, Any]) -> Result:
    """A finished comparison; ``found`` is its ``result``."""
    rows = found["rows"]
    shown = [row for row in rows if differs(row)] if asked.is_only_differences else rows
    changed = found["replaced"] + found["inserted"] + found["deleted"]
    first, second = found["words"]
    return Result(
        sides=(_side("A", asked.a, first, changed, second), _side("B", asked.b, second, changed, first)),
        pairs=pairs(shown, (asked.a.get_absolute_url(), asked.b.get_absolute_url())),
        differences=_count(rows),
        speakers=list(found["speakers"].items()),
        speaker_disagreement=_percent(found["speaker_disagreement"]),
        other_speakers=sum(any(each["differs"] for each in row["b"]) for row in rows),
        replaced=found["replaced"],
        only_a=found["deleted"],
        only_b=found["inserted"],
    )


def as_table(found: dict[str, Any]) -> bytes:
    """The differences as CSV; ``found`` is the ``result`` of a comparison."""
    return table(HEADS, (_line(each) for each in differences(found["rows"])))


def _side(letter: str, transcript: Transcript, words: int, changed: int, of: int) -> Side:
    return Side(
        letter=letter,
        transcript=transcript,
        words=words,
        latency_seconds=_latency(transcript),
        error_rate=_percent(changed / of if of else None),
    )


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share * 100:.1f} %"


def _latency(transcript: Transcript) -> float | None:
    """From the order to the finished text; None for what was not ordered here, or has no time."""
    ordered = Operation.objects.filter(made_key=transcript.key).order_by("created_at")
    began = ordered.values_list("created_at", flat=True).first()
    if began is None or transcript.completed_at is None:
        return None
    return max(transcript.completed_at - began, timedelta()).total_seconds()


def _count(rows: list[dict[str, Json]]) -> int:
    numbers = (
        part[2]
        for row in rows
        for side in ("a", "b")
        for each in row[side]
        for part in each["parts"]
        if part[1:]
    )
    return max(numbers, default=0)


def _line(each: dict[str, Json]) -> list[Json]:
    a, b = each["a"], each["b"]
    kind = "words" if each["number"] else "speaker"
    sides = [value for side in (a, b) for value in (clock(side["at"]), side["who"], side["text"])]
    return [each["number"] or "", kind, *sides]
