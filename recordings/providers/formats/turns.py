"""Joins the short cues of one speaker into what was said without a break."""

from collections.abc import Iterable, Sequence

from recordings.providers.snapshots import Utterance, Word

GAP_SECONDS = 2.0


def merge_turns(
    utterances: Iterable[Utterance], *, gap_seconds: float = GAP_SECONDS
) -> tuple[Utterance, ...]:
    """Consecutive utterances of one speaker as one, where no pause is longer than ``gap_seconds``.

    Only a known speaker, channel and language are joined, and only by known times: two cues without
    names may be two people. The times of each joined cue stay, as words.
    """
    merged: list[Utterance] = []
    turn: list[Utterance] = []
    for utterance in utterances:
        if turn and not _goes_on(turn[-1], utterance, gap_seconds=gap_seconds):
            merged.append(_joined(turn))
            turn = []
        turn.append(utterance)
    if turn:
        merged.append(_joined(turn))
    return tuple(merged)


def _goes_on(before: Utterance, after: Utterance, *, gap_seconds: float) -> bool:
    if not before.speaker or _who(before) != _who(after):
        return False
    if before.start is None or before.end is None or after.start is None:
        return False
    return before.start <= after.start <= before.end + gap_seconds


def _who(utterance: Utterance) -> tuple[str, int | None, str]:
    return utterance.speaker, utterance.channel, utterance.language


def _joined(turn: Sequence[Utterance]) -> Utterance:
    first = turn[0]
    if len(turn) == 1:
        return first
    ends = [utterance.end for utterance in turn if utterance.end is not None]
    return Utterance(
        text=" ".join(utterance.text for utterance in turn),
        speaker=first.speaker,
        start=first.start,
        # The last cue may have no end; an earlier, longer one may outlast it.
        end=None if turn[-1].end is None else max(ends),
        words=tuple(word for utterance in turn for word in _words(utterance)),
        channel=first.channel,
        confidence=_confidence(turn),
        language=first.language,
    )


def _words(utterance: Utterance) -> tuple[Word, ...]:
    line = Word(
        text=utterance.text, start=utterance.start, end=utterance.end, confidence=utterance.confidence
    )
    return utterance.words or (line,)


def _confidence(turn: Sequence[Utterance]) -> float | None:
    """The lowest: a joined turn is as sure as its least sure part."""
    known = [utterance.confidence for utterance in turn if utterance.confidence is not None]
    return min(known) if len(known) == len(turn) else None
