"""A conversation as Daily writes it down: live WebVTT, and the batch processor's four formats."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tests.simulators.speech import Conversation, Turn, Word

CUE_WORDS = 7  # live speech is cut into many short cues
CONTENT_TYPES = {
    "txt": "text/plain; charset=utf-8",
    "srt": "application/x-subrip",
    "vtt": "text/vtt; charset=utf-8",
    "json": "application/json",
}


def live_vtt(
    spoken: Conversation,
    names: list[str],
    *,
    until: float | None = None,
    heard: set[int] | None = None,
    is_standard: bool = False,
) -> str:
    """The live transcript; Daily's own voice tag closes before the text unless ``is_standard``."""
    pieces = ["WEBVTT\n"]
    number = 0
    for turn, words in _cues(spoken):
        if heard is not None and turn.speaker not in heard:
            continue
        if until is not None and words[-1].end > until:
            break
        name = names[turn.speaker]
        text = _text(words)
        line = f"<v {name}>{text}</v>" if is_standard else f"<v>{name}:</v>{text}"
        pieces.append(f"transcript:{number}\n{_span(words)}\n{line}\n")
        number += 1
    return "\n".join(pieces)


def batch_text(spoken: Conversation, container: str, *, job_id: str, created_at: float) -> bytes:
    """One output of a batch job: ``txt``, ``srt``, ``vtt`` or ``json``."""
    match container:
        case "txt":
            text = "\n".join(f"Speaker {turn.speaker}: {turn.text}\n" for turn in spoken.turns)
        case "srt":
            text = "\n".join(
                f"{number}\n{_span(words).replace('.', ',')}\n{_text(words)}\n"
                for number, (_, words) in enumerate(_cues(spoken), 1)
            )
        case "vtt":
            text = _batch_vtt(spoken, job_id, created_at)
        case _:
            text = json.dumps(_deepgram(spoken, job_id, created_at))
    return text.encode()


def summary(spoken: Conversation) -> bytes:
    return f"Summary: {spoken.title}. {spoken.turns[0].text}\n".encode()


def _batch_vtt(spoken: Conversation, job_id: str, created_at: float) -> str:
    note = (
        "NOTE\nTranscription provided by Deepgram\n"
        f"Request Id: {job_id}\nCreated: {_iso(created_at)}\n"
        f"Duration: {spoken.duration_seconds}\nChannels: 1\n"
    )
    cues = [f"{n}\n{_span(words)}\n- {_text(words)}\n" for n, (_, words) in enumerate(_cues(spoken), 1)]
    return "\n".join(["WEBVTT\n", note, *cues])


def _deepgram(spoken: Conversation, job_id: str, created_at: float) -> dict[str, Any]:
    words = [_deepgram_word(turn, word) for turn in spoken.turns for word in turn.words]
    alternative = {"transcript": spoken.text, "confidence": 0.98, "words": words}
    return {
        "metadata": {
            "request_id": job_id,
            "created": _iso(created_at),
            "duration": spoken.duration_seconds,
            "channels": 1,
        },
        "results": {"channels": [{"alternatives": [alternative]}]},
    }


def _deepgram_word(turn: Turn, word: Word) -> dict[str, Any]:
    return {
        "word": word.text.lower().strip('.,!?;:\u2026"()'),
        "start": word.start,
        "end": word.end,
        "confidence": 0.98,
        "speaker": turn.speaker,
        "speaker_confidence": 0.91,
        "punctuated_word": word.text,
    }


def _cues(spoken: Conversation) -> Iterator[tuple[Turn, tuple[Word, ...]]]:
    for turn in spoken.turns:
        for first in range(0, len(turn.words), CUE_WORDS):
            yield turn, turn.words[first : first + CUE_WORDS]


def _text(words: tuple[Word, ...]) -> str:
    return " ".join(word.text for word in words)


def _span(words: tuple[Word, ...]) -> str:
    return f"{_clock(words[0].start)} --> {_clock(words[-1].end)}"


def _clock(seconds: float) -> str:
    total = round(seconds * 1000)
    return f"{total // 3600000:02}:{total // 60000 % 60:02}:{total // 1000 % 60:02}.{total % 1000:03}"


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
