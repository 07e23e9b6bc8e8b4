"""What a line tells of its words: when each is spoken, and how sure the engine is of them."""

from collections.abc import Mapping, Sequence
from typing import Any

Word = Sequence[Any]  # [text, start, end, confidence]


def word_times(utterance: Mapping[str, Any]) -> str:
    """When each word begins, in hundredths of a second after the line, for the script; "" if unknown.

    Where the words are not simply what stands between the spaces, each has its place before its time,
    in units of UTF-16 as scripts count: "0:0 3:41".
    """
    words, start = utterance.get("words"), utterance.get("start")
    if not words or start is None:
        return ""
    text = utterance.get("text", "")
    times = _times(words, start)
    if len(text.split()) == len(words):
        return " ".join(times)
    places = _places(words, text)
    return " ".join(f"{place}:{time}" for place, time in zip(places, times, strict=True) if place is not None)


def confidence(utterance: Mapping[str, Any]) -> float | None:
    """Of the line, else the mean of its words'; None where the engine tells none."""
    known: float | None = utterance.get("confidence")
    if known is not None:
        return known
    told = [word[3] for word in utterance.get("words") or () if word[3] is not None]
    return sum(told) / len(told) if told else None


def _times(words: Sequence[Word], start: float) -> list[str]:
    times, last = [], 0
    for word in words:
        begins = word[1]
        # Never back: the script looks for the last one that has begun.
        if begins is not None and (time := round((begins - start) * 100)) > last:
            last = time
        times.append(last)
    return list(map(str, times))


def _places(words: Sequence[Word], text: str) -> list[int | None]:
    found: list[int | None] = []
    at = 0
    for word in words:
        place = text.find(word[0].strip(), at) if word[0].strip() else -1
        if place >= 0:
            at = place + len(word[0].strip())
        found.append(None if place < 0 else len(text[:place].encode("utf-16-le", "surrogatepass")) // 2)
    return found
