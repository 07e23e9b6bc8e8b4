"""Conversations that were really spoken: audio with the words, speakers and times that belong to it."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "speech"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    text: str  # with its punctuation
    start: float  # seconds from the beginning of the audio
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    speaker: int  # index into ``Conversation.speakers``
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def start(self) -> float:
        return self.words[0].start

    @property
    def end(self) -> float:
        return self.words[-1].end


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One spoken conversation; ``audio`` gives its file as mp3, mp4 or wav."""

    slug: str
    title: str
    language: str  # BCP 47, such as "en-US"
    duration_seconds: float
    speakers: tuple[str, ...]  # first speaker on the left channel of the stereo file
    turns: tuple[Turn, ...]

    @property
    def text(self) -> str:
        return " ".join(turn.text for turn in self.turns)

    def audio(self, container: str) -> bytes:
        """The file; raises ``FileNotFoundError`` when the conversation has none of that container."""
        return (FOLDER / f"{self.slug}.{container}").read_bytes()


@cache
def conversations() -> tuple[Conversation, ...]:
    """All of them, shortest first; every one has mp3 and mp4, the short ones (telephone) wav too."""
    entries = json.loads((FOLDER / "conversations.json").read_text())
    return tuple(_conversation(entry) for entry in entries)


def conversation(number: int) -> Conversation:
    """The one with this number, counted round and round."""
    found = conversations()
    return found[number % len(found)]


def with_wav(number: int) -> Conversation:
    """Like ``conversation`` among those that have a wav file."""
    found = [each for each in conversations() if (FOLDER / f"{each.slug}.wav").exists()]
    return found[number % len(found)]


def _conversation(entry: dict[str, object]) -> Conversation:
    turns = tuple(
        Turn(
            speaker=turn["speaker"],
            words=tuple(Word(text=text, start=start, end=end) for text, start, end in turn["words"]),
        )
        for turn in entry["turns"]  # type: ignore[attr-defined]
    )
    return Conversation(
        slug=str(entry["slug"]),
        title=str(entry["title"]),
        language=str(entry["language"]),
        duration_seconds=float(str(entry["duration_seconds"])),
        speakers=tuple(entry["speakers"]),  # type: ignore[arg-type]
        turns=turns,
    )
