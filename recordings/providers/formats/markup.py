"""Reads the text of one cue: voices, times inside the text, character references."""

import html
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from recordings.providers.formats.speakers import label
from recordings.providers.formats.times import read_clock

# Only what is a tag in these formats is taken out: anything else between < and > was said or written.
_TAG = re.compile(
    r"<(/?)(v|c|i|b|u|s|lang|ruby|rt|font)((?:[.\s][^<>]*)?)>|<((?:\d{1,6}:)?\d{1,2}:\d{2}[.,]\d{1,3})>",
    re.IGNORECASE,
)
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t]([^>]*)>")  # at the start of a cue a name may hold "<"
_CLASSES = re.compile(r"(?:\.\S*)?\s*")
# Without the semicolon a reference is somebody's text: "?a=1&copy=2".
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,31});")
_BLANKS = re.compile(r"[ \t]{2,}")

_DAILY = re.compile(r"<v(?:\.[^\s<>]*)?>")
_UNCLOSED = re.compile(r"<v(?:\.[^\s<>]*)?[ \t]([^>]*):[ \t]*</v>")
_DASH = "- "


@dataclass(slots=True)
class Said:
    """What one voice says inside a cue: pieces of text, each with the time that stands before it."""

    speaker: str = ""
    pieces: list[tuple[float | None, str]] = field(default_factory=list)
    has_tags: bool = False

    @property
    def has_times(self) -> bool:
        return any(time is not None for time, _ in self.pieces)

    @property
    def text(self) -> str:
        raw = "".join(piece for _, piece in self.pieces).strip(" \t")
        return unescaped(_BLANKS.sub(" ", raw) if self.has_tags else raw)


def unescaped(text: str) -> str:
    """With its character references replaced: ``&amp;``, ``&nbsp;``, ``&#233;``."""
    return _REFERENCE.sub(lambda found: html.unescape(found.group()), text) if "&" in text else text


def voices(lines: Sequence[str]) -> list[Said]:
    """Who says what in the lines of a cue. A line break is layout and becomes a space."""
    text = " ".join(lines)
    if text.startswith("<v"):
        return _voiced(text)
    if text.startswith(_DASH):
        return [said for part in _parts(lines, _is_dashed) for said in _tagged(part.removeprefix(_DASH))]
    if label(text)[0]:
        return [said for part in _parts(lines, _is_labelled) for said in _labelled(part)]
    return _tagged(text)


def _voiced(text: str) -> list[Said]:
    unclosed = _UNCLOSED.match(text)
    if unclosed:
        return _tagged(text[unclosed.end() :], speaker=_name(unclosed.group(1)))
    standard = _VOICE.match(text)
    if standard:
        return _tagged(text[standard.end() :], speaker=_name(standard.group(1)))
    daily = _DAILY.match(text)
    found = _daily(text[daily.end() :]) if daily else None
    return _tagged(text) if found is None else found


def _daily(text: str) -> list[Said] | None:
    """``<v>Name:</v>text``: the name ends at the last colon before the end tag and may hold anything."""
    end = text.find(":</v>") + 1 or text.find("</v>")
    inside, rest = text[: max(end, 0)], text[end + len("</v>") :].strip(" \t")
    name, colon, tail = inside.rpartition(":")
    if colon and (rest or not tail):
        return _tagged(f"{tail.lstrip(' ')}{rest}", speaker=_name(name))
    # All of it stands inside the tag: the first colon counts, if that leaves a name.
    return _labelled(inside) if not rest and label(inside)[0] else None


def _labelled(text: str) -> list[Said]:
    name, rest = label(text)
    return _tagged(rest, speaker=_name(name))


def _name(raw: str) -> str:
    return unescaped(raw.strip(" \t"))


def _is_dashed(line: str) -> bool:
    return line.startswith(_DASH)


def _is_labelled(line: str) -> bool:
    return label(line)[0] != ""


def _parts(lines: Sequence[str], begins: Callable[[str], bool]) -> Iterator[str]:
    """The lines joined, apart where another voice begins."""
    part: list[str] = []
    for line in lines:
        if part and begins(line):
            yield " ".join(part)
            part = []
        part.append(line)
    yield " ".join(part)


def _tagged(text: str, *, speaker: str = "") -> list[Said]:
    said = Said(speaker=speaker)
    found = [said]
    time: float | None = None
    position = 0
    for tag in _TAG.finditer(text):
        said.pieces.append((time, text[position : tag.start()]))
        position = tag.end()
        closing, name, rest, clock = tag.groups()
        time = read_clock(clock) if clock else time
        if name is None or name.lower() != "v":
            said.has_tags = True
            continue
        voice = "" if closing else _name(_CLASSES.sub("", rest, count=1))
        if voice != said.speaker:
            said = Said(speaker=voice)
            found.append(said)
    said.pieces.append((time, text[position:]))
    return [each for each in found if each.text.strip()]
