"""Reads Deepgram's answer, the one file of a job with times and speakers (contract 6)."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from recordings.providers.daily.values import mapping, number, seconds, sequence, text
from recordings.providers.snapshots import TranscriptText, Utterance, Word

PAUSE_SECONDS = 2.0  # a longer silence begins a new utterance, also where speakers are not told apart
NOT_JSON = "Daily's file is not the JSON that it should be: it is kept, its words are not read."
NO_RESULTS = "Daily's file has no results in it: it is kept, there are no words to read."


def read(content: str) -> TranscriptText:
    """Utterances by speaker and pause; speakers are ordinals. Never raises."""
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return TranscriptText(utterances=(), problem=NOT_JSON)
    channels = mapping(mapping(data).get("results")).get("channels")
    if not isinstance(channels, list):
        return TranscriptText(utterances=(), problem=NO_RESULTS)
    many = len(channels) > 1
    found = [
        said for n, channel in enumerate(channels) for said in _channel(mapping(channel), n if many else None)
    ]
    if many:
        found.sort(key=lambda said: said.start or 0.0)
    return TranscriptText(utterances=tuple(found))


def _channel(channel: Mapping[str, Any], number_of_it: int | None) -> Iterator[Utterance]:
    alternative = mapping(next(iter(sequence(channel.get("alternatives"))), None))
    words = [mapping(word) for word in sequence(alternative.get("words"))]
    turns = _turns([word for word in words if _spoken(word)])
    for turn in turns:
        yield _utterance(turn, number_of_it)
    whole = text(alternative.get("transcript"))
    if not turns and whole:
        yield Utterance(text=whole, channel=number_of_it, confidence=number(alternative.get("confidence")))


def _turns(words: list[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    turns: list[list[Mapping[str, Any]]] = []
    for word in words:
        if turns and _goes_on(turns[-1][-1], word):
            turns[-1].append(word)
        else:
            turns.append([word])
    return turns


def _goes_on(before: Mapping[str, Any], word: Mapping[str, Any]) -> bool:
    if _speaker(before) != _speaker(word):
        return False
    end, start = seconds(before.get("end")), seconds(word.get("start"))
    return end is None or start is None or start - end <= PAUSE_SECONDS


def _utterance(turn: list[Mapping[str, Any]], channel: int | None) -> Utterance:
    words = tuple(
        Word(
            text=_spoken(word),
            start=seconds(word.get("start")),
            end=seconds(word.get("end")),
            confidence=number(word.get("confidence")),
        )
        for word in turn
    )
    known = [word.confidence for word in words if word.confidence is not None]
    return Utterance(
        text=" ".join(word.text for word in words),
        speaker=_speaker(turn[0]),
        start=words[0].start,
        end=words[-1].end,
        words=words,
        channel=channel,
        confidence=sum(known) / len(known) if known else None,
    )


def _speaker(word: Mapping[str, Any]) -> str:
    """As the plain text of the same job spells it."""
    found = text(word.get("speaker"))
    return f"Speaker {found}" if found else ""


def _spoken(word: Mapping[str, Any]) -> str:
    return text(word.get("punctuated_word")) or text(word.get("word"))
