"""Names of speakers and corrections of lines, as people give them and take them back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.db.models import QuerySet

from recordings import clock
from transcripts import index, texts
from transcripts.models import LineCorrection, SpeakerName, Transcript, TranscriptText
from transcripts.overlays import Stored, label_of

RIGHT = "transcripts.correct_transcript"
LONGEST_NAME = 200
LONGEST_LINE = 20_000
NO_WORDS = "There are no words of this transcript here."
STILL_SPOKEN = "It is still being spoken: correct it when it is over."


class CorrectionRefused(ValueError):
    """Nothing was changed; the message is a sentence for the operator."""


def rename_speaker(user: AbstractUser, transcript: Transcript, label: str, name: str) -> bool:
    """Call a speaker so wherever the provider's text has this label (``Line.label``).

    An empty name, or the label itself, gives the provider's label back. Answers whether anything changed.
    Raises ``CorrectionRefused``. The caller has checked RIGHT and that the user may see the transcript.
    """
    name = _unless(_checked(name, LONGEST_NAME), label)
    with _locked(transcript) as stored:
        if label not in {label_of(each) for each in stored.utterances}:
            raise CorrectionRefused("Nobody speaks under this label.")
        current = SpeakerName.objects.filter(transcript=transcript, label=label, is_current=True)
        if name == (current.values_list("name", flat=True).first() or ""):
            return False
        made = SpeakerName(transcript=transcript, label=label, name=name, made_by_id=user.pk)
        _replace(current, made)
    return True


def correct_line(
    user: AbstractUser,
    transcript: Transcript,
    line: int,
    *,
    text: str | None = None,
    speaker: str | None = None,
) -> bool:
    """Have one line (``Line.index``) read so, or be spoken by somebody else.

    None leaves that side as it reads now, "" or the provider's own words give these back. Answers whether
    anything changed. Raises ``CorrectionRefused``. The caller has checked RIGHT and that the user may see
    the transcript.
    """
    with _locked(transcript) as stored:
        given = _line_of(transcript, stored, line)
        current = LineCorrection.objects.filter(transcript=transcript, line=line, is_current=True)
        before = current.values_list("text", "speaker").first() or ("", "")
        after = (
            before[0] if text is None else _unless(_checked(text, LONGEST_LINE), given["text"]),
            before[1] if speaker is None else _unless(_checked(speaker, LONGEST_NAME), given["speaker"]),
        )
        if after == before:
            return False
        made = LineCorrection(transcript=transcript, line=line, said=given["text"], made_by_id=user.pk)
        made.text, made.speaker = after
        _replace(current, made)
    return True


def _line_of(transcript: Transcript, stored: TranscriptText, line: int) -> Stored:
    if texts.is_running(stored) and not transcript.is_final:
        raise CorrectionRefused(STILL_SPOKEN)
    if not 0 <= line < len(stored.utterances):
        raise CorrectionRefused("This line is not there.")
    return cast("Stored", stored.utterances[line])


@contextmanager
def _locked(transcript: Transcript) -> Iterator[TranscriptText]:
    """The stored words in a transaction, under the account's lock."""
    with transaction.atomic():
        texts.lock(transcript.account_id)
        stored = TranscriptText.objects.filter(transcript=transcript).first()
        if stored is None or not stored.utterances:
            raise CorrectionRefused(NO_WORDS)
        yield stored


def _replace(current: QuerySet[Any], made: SpeakerName | LineCorrection) -> None:
    """What held before becomes history; the index and the version of the transcript follow."""
    made.made_at = clock.now()
    with index.rewriting(made.transcript):
        current.update(is_current=False)
        made.save()
    Transcript.objects.filter(pk=made.transcript_id).update(updated_at=made.made_at)


def _checked(text: str, longest: int) -> str:
    text = str(texts.storable(text)).strip()
    if len(text) > longest:
        raise CorrectionRefused(f"At most {longest:,} characters fit here.")
    return text


def _unless(text: str, given: str) -> str:
    return "" if text == given.strip() else text
