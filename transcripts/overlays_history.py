"""Who named or corrected what, when, and what it was before."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Max, QuerySet

from transcripts.models import LineCorrection, SpeakerName, Transcript

MOST = 100  # changes that are looked at for who made them


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change. ``line`` is None for the name of a speaker everywhere, else the line's number.

    Of a line, ``said`` is the provider's text; an empty text or speaker is the provider's own.
    """

    at: datetime
    by: AbstractBaseUser | None
    line: int | None = None
    label: str = ""
    said: str = ""
    speaker_before: str = ""
    speaker: str = ""
    text_before: str = ""
    text: str = ""


def history(transcript: Transcript) -> list[Change]:
    """Every change of a transcript's words, newest first."""
    changes = [*_names(transcript), *_lines(transcript)]
    return sorted(changes, key=lambda change: change.at, reverse=True)


def mark_of(transcript: Transcript) -> str:
    """The newest change of names and of lines: what a page that was made now has seen."""
    newest = (rows.aggregate(newest=Max("pk"))["newest"] or 0 for rows in _rows(transcript))
    return "-".join(map(str, newest))


def others_since(transcript: Transcript, mark: str, user: AbstractBaseUser) -> list[AbstractBaseUser | None]:
    """Who else changed something since that mark, None for somebody who is gone; no mark, no answer."""
    seen = mark.split("-")
    if len(seen) != 2 or not all(each.isdecimal() and len(each) < 18 for each in seen):
        return []
    found: dict[int | None, AbstractBaseUser | None] = {}
    for rows, last in zip(_rows(transcript), seen, strict=True):
        theirs = rows.filter(pk__gt=int(last)).exclude(made_by=user.pk).select_related("made_by")
        found |= {row.made_by_id: row.made_by for row in theirs[:MOST]}
    return list(found.values())


def _rows(transcript: Transcript) -> tuple[QuerySet[SpeakerName], QuerySet[LineCorrection]]:
    mine = {"transcript": transcript}
    return SpeakerName.objects.filter(**mine), LineCorrection.objects.filter(**mine)


def _names(transcript: Transcript) -> list[Change]:
    """A name is shown as the label where there is none."""
    before: dict[str, str] = {}
    changes = []
    rows = SpeakerName.objects.filter(transcript=transcript).select_related("made_by")
    for row in rows.order_by("made_at", "pk"):
        was, now = before.get(row.label) or row.label, row.name or row.label
        changes.append(
            Change(at=row.made_at, by=row.made_by, label=row.label, speaker_before=was, speaker=now)
        )
        before[row.label] = row.name
    return changes[::-1]


def _lines(transcript: Transcript) -> list[Change]:
    before: dict[int, LineCorrection] = {}
    changes = []
    rows = LineCorrection.objects.filter(transcript=transcript).select_related("made_by")
    for row in rows.order_by("made_at", "pk"):
        was = before.get(row.line)
        changes.append(
            Change(
                at=row.made_at,
                by=row.made_by,
                line=row.line,
                said=row.said,
                speaker_before=was.speaker if was else "",
                speaker=row.speaker,
                text_before=was.text if was else "",
                text=row.text,
            )
        )
        before[row.line] = row
    return changes[::-1]
