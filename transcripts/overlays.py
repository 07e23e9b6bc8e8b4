"""The words as people read them: the provider's text, with names and corrections laid over it.

The text itself is never changed. Everything that shows, searches or exports words reads them here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Max

from recordings.providers.snapshots import Json, Utterance, Word
from transcripts.models import LineCorrection, SpeakerName, Transcript, TranscriptText

Stored = Mapping[str, Json]  # one utterance as ``TranscriptText.utterances`` holds it


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(Utterance):
    """One utterance as it reads now; ``words`` are empty where the text was corrected."""

    index: int  # its place in the provider's text, by which it is corrected
    label: str  # what a name for the speaker is given to
    original_text: str
    original_speaker: str

    @property
    def is_corrected(self) -> bool:
        """Whether it reads otherwise than the provider gave it."""
        return (self.text, self.speaker) != (self.original_text, self.original_speaker)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlays:
    """What holds for one transcript now: names by label, corrections by the number of the line."""

    names: Mapping[str, str]
    lines: Mapping[int, LineCorrection]

    def __bool__(self) -> bool:
        return bool(self.names or self.lines)


NONE = Overlays(names={}, lines={})


def overlaid(transcript: Transcript) -> tuple[Line, ...]:
    """The words of a transcript as they read now; empty when none are stored."""
    return lines_of(as_given(transcript), _holding(transcript))


def original(transcript: Transcript) -> tuple[Line, ...]:
    """The same as the provider gave them."""
    return lines_of(as_given(transcript), NONE)


def as_read(transcript: Transcript) -> Sequence[Stored]:
    """The words as they read now, as they are stored: ten times as quick as ``overlaid``."""
    return shown(as_given(transcript), _holding(transcript))


def as_given(transcript: Transcript) -> Sequence[Stored]:
    """The words as they are stored."""
    stored = TranscriptText.objects.filter(transcript=transcript).values_list("utterances", flat=True)
    return stored.first() or ()


def overlays_of(transcript_ids: Sequence[int]) -> dict[int, Overlays]:
    """What holds for these transcripts, in two queries; those that nobody touched are left out."""
    named = SpeakerName.objects.filter(transcript__in=transcript_ids, is_current=True).exclude(name="")
    corrected = LineCorrection.objects.filter(transcript__in=transcript_ids, is_current=True)
    names: dict[int, dict[str, str]] = {}
    for transcript_id, label, name in named.values_list("transcript", "label", "name"):
        names.setdefault(transcript_id, {})[label] = name
    lines: dict[int, dict[int, LineCorrection]] = {}
    for each in corrected.exclude(text="", speaker=""):
        lines.setdefault(each.transcript_id, {})[each.line] = each
    return {
        pk: Overlays(names=names.get(pk, {}), lines=lines.get(pk, {})) for pk in names.keys() | lines.keys()
    }


def shown(utterances: Sequence[Stored], overlays: Overlays) -> Sequence[Stored]:
    """The stored utterances as they read now: untouched ones are the very same objects."""
    if not overlays:
        return utterances
    corrections = _placed(utterances, overlays.lines)
    return [_shown(each, overlays.names, corrections.get(index)) for index, each in enumerate(utterances)]


def lines_of(utterances: Sequence[Stored], overlays: Overlays) -> tuple[Line, ...]:
    """Stored utterances as they read now, as everything that writes files takes them."""
    read = shown(utterances, overlays)
    return tuple(_line(*each) for each in zip(range(len(read)), utterances, read, strict=True))


def label_of(utterance: Stored) -> str:
    """What a name is given to: the provider's label, else the channel, else "" for all that have none."""
    channel = utterance.get("channel")
    return str(utterance["speaker"] or ("" if channel is None else f"Channel {channel}"))


def version_of(transcript: Transcript, *, is_original: bool = False) -> str:
    """Equal while the words read the same: of the text, of the names and of the corrections."""
    stored = TranscriptText.objects.filter(transcript=transcript).values_list("stored_at", "words").first()
    if stored is None:
        return ""
    given = f"{stored[0].isoformat()} {stored[1]}"
    return (
        given
        if is_original
        else f"{given} {_newest(SpeakerName, transcript)} {_newest(LineCorrection, transcript)}"
    )


def move(kept: Transcript, gone: Transcript) -> None:
    """Two rows are one transcript: what people put over the words that ``kept`` takes goes with them."""
    for model in (SpeakerName, LineCorrection):
        model.objects.filter(transcript=kept).delete()
        model.objects.filter(transcript=gone).update(transcript=kept)


def erase(transcript: Transcript) -> None:
    """Delete what people put over the words, with its history."""
    for model in (SpeakerName, LineCorrection):
        model.objects.filter(transcript=transcript).delete()


def _newest(model: type[SpeakerName] | type[LineCorrection], transcript: Transcript) -> int:
    return model.objects.filter(transcript=transcript).aggregate(newest=Max("pk"))["newest"] or 0


def _holding(transcript: Transcript) -> Overlays:
    return overlays_of([transcript.pk]).get(transcript.pk, NONE)


def _placed(utterances: Sequence[Stored], lines: Mapping[int, LineCorrection]) -> dict[int, LineCorrection]:
    """The corrections by where their line stands now: pieces of a running transcript may have come
    before it. One whose line is gone is not shown."""
    placed: dict[int, LineCorrection] = {}
    for line, correction in lines.items():
        if line < len(utterances) and utterances[line]["text"] == correction.said:
            placed[line] = correction
            continue
        same = (index for index, each in enumerate(utterances) if each["text"] == correction.said)
        # What came in between has moved it on rather than back.
        nearest = min(same, key=lambda index: (abs(index - line), -index), default=None)
        if nearest is not None:
            placed.setdefault(nearest, correction)
    return placed


def _shown(utterance: Stored, names: Mapping[str, str], correction: LineCorrection | None) -> Stored:
    speaker = (correction.speaker if correction else "") or names.get(label_of(utterance), "")
    text = correction.text if correction else ""
    if not speaker and not text:
        return utterance
    changed = {**utterance, "speaker": speaker or utterance["speaker"]}
    # The times of words belong to the words that the provider heard.
    return {**changed, "text": text, "words": []} if text else changed


def _line(index: int, stored: Stored, read: Stored) -> Line:
    words = tuple(
        Word(text=text, start=start, end=end, confidence=confidence)
        for text, start, end, confidence in read["words"]
    )
    return Line(
        index=index,
        label=label_of(stored),
        original_text=stored["text"],
        original_speaker=stored["speaker"],
        words=words,
        **{name: read[name] for name in _NAMES},
    )


_NAMES = ("speaker", "start", "end", "text", "channel", "confidence", "language")
