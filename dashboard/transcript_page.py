"""Everything that the page of one transcript shows."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboard.models import User
from dashboard.player import Player, player
from dashboard.reader import Asked, reader
from dashboard.timeline import SEE
from dashboard.tombstones import tombstone
from dashboard.waveform import waveform
from recordings.actions import choices
from recordings.models import Operation
from recordings.models.mirror import OPEN
from recordings.providers.formats import decode
from recordings.providers.scrub import scrubbed
from recordings.providers.snapshots import Status
from recordings.targets import Target
from transcripts import storage
from transcripts.models import Transcript, TranscriptText
from transcripts.overlays_history import mark_of, others_since

DELETE = "recordings.delete_items"
SHOWN_RAW = 20_000  # characters of a file that cannot be read
OPEN_SECONDS, SETTLED_SECONDS = 2, 6  # between two polls


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How a transcript stands, in a sentence, where there are no words to show."""

    tone: str
    text: str
    raw: str = ""


def stamp(transcript: Transcript) -> str:
    """Changes with the row, with the orders about it, and with its names and corrections."""
    orders = Operation.objects.filter(subject_key=transcript.key).order_by("-created_at")
    newest = orders.values_list("state", "updated_at").first()
    changed = mark_of(transcript) if transcript.has_text else ""
    row = (transcript.status, transcript.has_text, transcript.is_overdue, transcript.updated_at)
    parts = (*row, newest, changed)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def text_of(transcript: Transcript) -> TranscriptText | None:
    """The stored words; None of a transcript that is gone."""
    if transcript.is_buried:
        return None
    return TranscriptText.objects.filter(transcript=transcript).first()


def status_context(transcript: Transcript, user: User, *, read: str | None = None) -> dict[str, Any]:
    """What the region that keeps itself up to date needs. ``read`` is the mark of the words on the page."""
    read = mark_of(transcript) if read is None else read
    # What came as a file is no provider's: there is nothing to order of it.
    offered = [] if transcript.is_imported else choices(user, Target.of(transcript))
    waits = any(each.open_operation for each in offered)
    gone = transcript.status == Status.DELETED
    return {
        "transcript": transcript,
        "choices": offered,
        "stamp": stamp(transcript),
        "seconds": OPEN_SECONDS if waits or not transcript.is_final else SETTLED_SECONDS,
        "tombstone": _tombstone(transcript) if gone else None,
        "may_see_orders": user.has_perm(SEE),
        "may_delete_here": transcript.is_only_here and user.has_perm(DELETE),
        "shows": shows(transcript),
        "read": read,
        "others": others_since(transcript, read, user) if transcript.has_text else [],
    }


def context(transcript: Transcript, user: User, asked: Asked) -> dict[str, Any]:
    """What the whole page needs."""
    # The mark first: what changes while the words are read is told of.
    status = status_context(transcript, user)
    text = text_of(transcript)
    has_words, playing = bool(text and text.utterances), player_of(transcript, asked)
    return status | {
        "text": text,
        "reader": reader(transcript, text, user, asked) if text and has_words else None,
        "condition": None if has_words else condition(transcript, text),
        "player": playing,
        "waveform": waveform(playing) if playing and has_words else None,
        "all": _all(transcript),
        "may_make_primary": _may_make_primary(transcript, user),
        "raw": scrubbed(transcript.raw),
    }


def shows(transcript: Transcript) -> str:
    """What kind of page it is: a poll that finds another kind has it read anew."""
    if transcript.status == Status.DELETED:
        return "deleted"
    return "words" if transcript.has_text else str(transcript.status)


def condition(transcript: Transcript, text: TranscriptText | None) -> Condition | None:
    """Why there are no words."""
    if transcript.status in OPEN:
        return _on_its_way(transcript)
    if transcript.status == Status.FAILED:
        reason = transcript.reason or "The provider gives no reason."
        return Condition(tone="bad", text=f"It failed. {reason}")
    if transcript.status == Status.DELETED:
        return None
    if text is not None and text.problem:
        return Condition(tone="bad", text=f"The words could not be read. {text.problem}", raw=_raw(text))
    if transcript.is_empty:
        why = (text.note if text else "") or transcript.reason or "The provider does not say why."
        return Condition(tone="info", text=f"It is complete and has no words. {why}")
    return Condition(tone="info", text="It is complete; its words are being read from the provider.")


def _on_its_way(transcript: Transcript) -> Condition:
    if transcript.is_imported:
        return Condition(tone="info", text="The file is being read. The words appear here by themselves.")
    if transcript.is_overdue:
        words = "It is overdue: the provider tells once, and should have done so by now. It may never come."
        return Condition(tone="warn", text=words)
    if transcript.status == Status.REQUESTED:
        return Condition(tone="info", text="It is ordered; the provider has not answered yet.")
    return Condition(tone="info", text="The provider is working on it. The words appear here by themselves.")


def _tombstone(transcript: Transcript) -> Any:
    who = str(transcript.deleted_by) if transcript.deleted_by else ""
    return tombstone(
        transcript.account, [transcript.key], who=who, at=transcript.deleted_at, reason=transcript.reason
    )


def player_of(transcript: Transcript, asked: Asked) -> Player | None:
    """The player of its recording, as far as one is known."""
    recording = transcript.recording
    return player(recording, variant=asked.variant, moment=asked.moment) if recording else None


def _all(transcript: Transcript) -> list[Transcript]:
    if transcript.recording_id is None:
        return [transcript]
    same = Transcript.objects.filter(recording=transcript.recording_id)
    return list(same.defer("raw", "handle", "options").order_by("-is_primary", "-sort_at", "-pk")[:100])


def _may_make_primary(transcript: Transcript, user: User) -> bool:
    is_offered = transcript.status == Status.COMPLETED and not transcript.is_primary
    return is_offered and user.has_perm("recordings.order_transcripts")


def _raw(text: TranscriptText) -> str:
    """The beginning of the first file, as far as it is text."""
    for entry in text.files:
        path: Path = storage.path_of(entry)
        if path.is_file():
            with path.open("rb") as file:
                return str(scrubbed(decode(file.read(SHOWN_RAW))[0]))
    return ""
