"""Speaks the conversations of this folder and writes their audio and ``conversations.json``.

Run it by hand, after changing a conversation, on a Debian with espeak-ng and ffmpeg installed:

    python3 tests/simulators/speech/make_speech.py

Nothing needs it, or those two, at run time: the demo and the tests only read the committed files.

The times of the words are the synthesiser's own. espeak-ng reports, while it renders, the sample
at which each word and each phoneme begins; the program keeps those, moves them by the place of the
turn, and then decodes every file it wrote to see that words are loud and pauses are not.
"""

from __future__ import annotations  # array[int], before Python 3.12

import ctypes
import json
import math
import subprocess
import sys
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
RATE = 22_050  # what espeak-ng renders
LEAD, TAIL = 0.3, 0.4  # silence around the conversation, seconds
LOUDNESS = 3_200  # RMS of a turn
STEP = 0.5  # a conversation lasts a multiple of this: one frame of the picture


@dataclass(frozen=True)
class Speaker:
    name: str
    voice: str
    rate: int  # words a minute
    pitch: int  # 0 to 100
    range: int = 60  # how lively: 0 to 100


@dataclass(frozen=True)
class Line:
    speaker: int
    text: str
    pause: float = 0.3  # seconds since the turn before; less than nothing speaks into it


@dataclass(frozen=True)
class Script:
    slug: str
    title: str
    language: str
    colour: str  # of the bar that crosses the picture
    speakers: tuple[Speaker, ...]
    lines: tuple[Line, ...]
    telephone: bool = False  # has a wav too, a speaker on each channel


SCRIPTS = (
    Script(
        slug="lamp-support-call",
        title="Support call: the lamp that blinks",
        language="en-US",
        colour="0x4fb3a5",
        telephone=True,
        speakers=(
            Speaker("Nora Quillby", "en-us+f2", 186, 58),
            Speaker("Tom Fizzwick", "en-us+m3", 186, 38),
        ),
        lines=(
            Line(0, "Glimmerwick Lamps, this is Nora. How can I help you?"),
            Line(1, "Hello. My desk lamp keeps blinking."),
            Line(0, "Sorry! Please hold the power button for ten seconds."),
            Line(1, "Oh, it stopped! Thank you."),
            Line(0, "Great. Your case number is seven four two."),
        ),
    ),
    Script(
        slug="kettle-delivery-complaint",
        title="Complaint: two kettles missing",
        language="en-GB",
        colour="0xd9825b",
        telephone=True,
        speakers=(
            Speaker("Otis Marrowby", "en+m7", 178, 42),
            Speaker("Lena Pompadell", "en+f4", 188, 62, 75),
        ),
        lines=(
            Line(1, "I ordered six kettles from Puddlemoor, and only four arrived."),
            Line(0, "I am sorry to hear that. What is your order number?"),
            Line(1, "Nine one three. And this is the second time."),
            Line(0, "Found it. Two more will ship tomorrow, free of charge.", -0.45),
            Line(1, "Good. Please confirm that by email."),
        ),
    ),
    Script(
        slug="planner-sales-call",
        title="Sales call: a planner for the workshop",
        language="en-GB",
        colour="0x6f8fd6",
        speakers=(
            Speaker("Priya Thistledown", "en+f5", 180, 54),
            Speaker("Gus Wobbleton", "en-gb-scotland+m1", 174, 34),
        ),
        lines=(
            Line(0, "Hi Gus, it's Priya from Sprocketvale. Did the trial of our planner go well?"),
            Line(1, "Mostly, yes. The team likes it, but the price is a bit high."),
            Line(0, "If you take twenty seats, I can lower it by fifteen percent."),
            Line(1, "That sounds fair. Send me the offer, and I will sign on Friday."),
        ),
    ),
    Script(
        slug="rechnung-rueckfrage",
        title="Rückfrage: eine doppelte Rechnung",
        language="de-DE",
        colour="0xc9b458",
        speakers=(
            Speaker("Frieda Knusperfeld", "de+f3", 172, 56),
            Speaker("Balduin Zwirnhuber", "de+m4", 168, 36),
        ),
        lines=(
            Line(0, "Schraubenglück Service, Knusperfeld. Was kann ich für Sie tun?"),
            Line(1, "Guten Tag. Ich habe dieselbe Rechnung zweimal bekommen."),
            Line(0, "Das tut mir leid. Wie lautet Ihre Kundennummer?"),
            Line(1, "Acht, drei, null, fünf."),
            Line(0, "Danke. Die zweite Rechnung ist storniert, Sie zahlen nur einmal."),
            Line(1, "Wunderbar, vielen Dank!"),
        ),
    ),
    Script(
        slug="morning-stand-up",
        title="Stand-up meeting: release day",
        language="en-US",
        colour="0xa77bca",
        speakers=(
            Speaker("Mabel Crumpwell", "en-us+f1", 186, 60),
            Speaker("Ivo Splendidsson", "en-us+m2", 178, 30),
            Speaker("Zadie Butterfork", "en+f3", 190, 68, 70),
            Speaker("Rufus Plonk", "en-us+m6", 172, 44),
        ),
        lines=(
            Line(0, "Good morning, everyone. Ivo, would you like to start?"),
            Line(1, "Sure. The import is finished, and today I will write the tests."),
            Line(2, "I fixed the login page. Next, I need a review from Rufus."),
            Line(3, "You will get it before lunch. My server is still slow, so I am blocked."),
            Line(0, "Let's look at that together. We release at four o'clock. Thanks, all!"),
        ),
    ),
    Script(
        slug="baker-job-interview",
        title="Interview: head of the night bakery",
        language="en-GB",
        colour="0x7fb069",
        speakers=(
            Speaker("Clementine Oddbury", "en-gb-x-rp+f2", 178, 50),
            Speaker("Barnaby Flumm", "en+m5", 180, 40),
        ),
        lines=(
            Line(0, "Welcome, Barnaby. Why do you want to lead our night bakery?"),
            Line(1, "I have baked bread for nine years, and I enjoy teaching young people."),
            Line(0, "What was the hardest night you ever had?"),
            Line(
                1,
                "The oven broke at two in the morning. "
                "We borrowed one from a pizza place, and nobody noticed.",
                pause=0.5,
            ),
            Line(0, "Impressive! When could you begin?"),
            Line(1, "On the first of March, if that suits you."),
            Line(0, "It does. We will call you by Thursday."),
        ),
    ),
)  # fmt: skip


# Synthesis: the few names of espeak-ng's speak_lib.h that are needed.
AUDIO_OUTPUT_SYNCHRONOUS = 2
INITIALIZE_PHONEME_EVENTS = 1
CHARS_UTF8 = 1
EVENT_END, EVENT_WORD, EVENT_PHONEME = 0, 1, 7
PARAMETER_RATE, PARAMETER_PITCH, PARAMETER_RANGE = 1, 3, 4


class EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),  # in characters, from 1
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),  # milliseconds
        ("sample", ctypes.c_int),  # the same place, exactly
        ("user_data", ctypes.c_void_p),
        ("id", EventId),
    )


Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(Event))


@dataclass(frozen=True)
class Mark:
    """The beginning of a word (of the text, at ``position``) or of a phoneme."""

    position: int | None
    phoneme: str
    sample: int

    @property
    def silent(self) -> bool:
        return self.phoneme.startswith("_") and self.phoneme != "_|"


@dataclass
class Token:
    """One word of the text as it is written, and where it is heard."""

    text: str
    position: int
    phonemes: list[int] = field(default_factory=list)  # the samples they begin at
    start: int = -1
    end: int = -1


class Synthesiser:
    def __init__(self) -> None:
        self._library = ctypes.CDLL("libespeak-ng.so.1")
        rate = self._library.espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 0, None, INITIALIZE_PHONEME_EVENTS)
        if rate != RATE:
            sys.exit(f"espeak-ng renders {rate} samples a second, not {RATE}")
        self._samples = array("h")
        self._marks: list[Mark] = []
        self._callback = Callback(self._take)  # kept: the library calls it later
        self._library.espeak_SetSynthCallback(self._callback)

    def speak(self, speaker: Speaker, text: str) -> tuple[array[int], list[Token]]:
        """The samples, and the words with the samples they start and end at."""
        samples, marks = self._render(speaker, text)
        tokens = _tokens(text)
        current = -1
        for at, mark in enumerate(marks):
            if mark.position is not None:
                found = max(n for n, token in enumerate(tokens) if token.position <= mark.position)
                if found > current:
                    current = found
                    tokens[current].start = mark.sample
            elif not mark.silent:
                token = tokens[current]
                token.phonemes.append(mark.sample)
                token.end = marks[at + 1].sample if at + 1 < len(marks) else len(samples)
        for before, token in pairwise(tokens):
            if token.start < 0:
                self._part(speaker, before, token)
        return samples, tokens

    def _part(self, speaker: Speaker, first: Token, second: Token) -> None:
        """espeak-ng says pairs such as "of the" as one word: the second has the last phonemes."""
        _, alone = self._render(speaker, second.text)
        count = sum(1 for mark in alone if mark.position is None and not mark.silent)
        if not 0 < count < len(first.phonemes):
            sys.exit(f"cannot tell {first.text!r} from {second.text!r}; word it differently")
        second.phonemes = first.phonemes[-count:]
        del first.phonemes[-count:]
        second.start, second.end = second.phonemes[0], first.end
        first.end = second.start

    def _render(self, speaker: Speaker, text: str) -> tuple[array[int], list[Mark]]:
        if self._library.espeak_SetVoiceByName(speaker.voice.encode()):
            sys.exit(f"espeak-ng has no voice {speaker.voice}")
        for parameter, value in (
            (PARAMETER_RATE, speaker.rate),
            (PARAMETER_PITCH, speaker.pitch),
            (PARAMETER_RANGE, speaker.range),
        ):
            self._library.espeak_SetParameter(parameter, value, 0)
        self._samples, self._marks = array("h"), []
        raw = text.encode()
        self._library.espeak_Synth(raw, len(raw) + 1, 0, 1, 0, CHARS_UTF8, None, None)
        return self._samples, self._marks

    def _take(self, samples: Sequence[int] | None, count: int, events: Sequence[Event]) -> int:
        if samples and count:
            self._samples.extend(samples[:count])
        at = 0
        while (event := events[at]).type != EVENT_END:
            if event.type == EVENT_WORD and event.length:  # without length: a pause, no word
                self._marks.append(Mark(event.text_position - 1, "", event.sample))
            elif event.type == EVENT_PHONEME:
                self._marks.append(Mark(None, event.id.string.decode(), event.sample))
            at += 1
        return 0


def _tokens(text: str) -> list[Token]:
    tokens, position = [], 0
    for word in text.split():
        position = text.index(word, position)
        tokens.append(Token(word, position))
        position += len(word)
    return tokens


@dataclass
class Take:
    """A conversation as it was spoken: its turns, and the samples of each channel."""

    turns: list[dict[str, object]]
    channels: tuple[array[int], array[int]]  # first speaker, the others
    words: tuple[list[tuple[float, float]], list[tuple[float, float]]]  # of each channel

    @property
    def duration(self) -> float:
        return len(self.channels[0]) / RATE


def perform(synthesiser: Synthesiser, script: Script) -> Take:
    spoken = []
    position = round(LEAD * RATE)
    for number, line in enumerate(script.lines):
        samples, tokens = synthesiser.speak(script.speakers[line.speaker], line.text)
        assert all(0 <= token.start < token.end <= len(samples) for token in tokens), line
        first, last = tokens[0].start, tokens[-1].end
        samples = _level(samples[first:last])
        if number:
            position += round(line.pause * RATE)
        spoken.append((line, position, samples, [(t.text, t.start - first, t.end - first) for t in tokens]))
        position += len(samples)
    length = math.ceil((position / RATE + TAIL) / STEP) * round(STEP * RATE)
    take = Take([], (array("h", bytes(2 * length)), array("h", bytes(2 * length))), ([], []))
    for line, begin, samples, words in spoken:
        side = min(line.speaker, 1)
        take.channels[side][begin : begin + len(samples)] = samples
        timed = [
            (text, round((begin + start) / RATE, 3), round((begin + end) / RATE, 3))
            for text, start, end in words
        ]
        take.turns.append({"speaker": line.speaker, "words": timed})
        take.words[side].extend((start, end) for _, start, end in timed)
    return take


def _level(samples: array[int]) -> array[int]:
    gain = min(LOUDNESS / _rms(samples), 30_000 / max(abs(sample) for sample in samples))
    fade = RATE // 200  # five milliseconds, so that the cut makes no click
    last = len(samples) - 1
    return array(
        "h",
        (round(s * gain * min(1, (n + 1) / fade, (last - n + 1) / fade)) for n, s in enumerate(samples)),
    )


def _rms(samples: Sequence[int]) -> float:
    return math.sqrt(sum(sample * sample for sample in samples) / len(samples)) if samples else 0.0


# Files.
def _ffmpeg(*arguments: str, stdin: bytes = b"") -> bytes:
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments]
    if stdin:
        command.remove("-nostdin")
    return subprocess.run(command, input=stdin, stdout=subprocess.PIPE, check=True).stdout


def write(script: Script, take: Take) -> None:
    left, right = take.channels
    mono = array("h", (max(-32_768, min(32_767, a + b)) for a, b in zip(left, right, strict=True)))
    exact = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact")
    source = ("-f", "s16le", "-ar", str(RATE), "-ac", "1", "-i", "-")
    path = FOLDER / script.slug

    # 16 kbit/s: with the two wav files, that is what the limit of the folder leaves.
    _ffmpeg(
        *source, *exact, "-c:a", "libmp3lame", "-b:a", "16k", "-compression_level", "0",
        "-id3v2_version", "0", f"{path}.mp3", stdin=mono.tobytes(),
    )  # fmt: skip

    picture = f"color=0x141b24:s=320x180:r={1 / STEP:g}:d={take.duration}"
    bar = f"color={script.colour}:s=320x12:r={1 / STEP:g}:d={take.duration}"
    _ffmpeg(
        "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", bar, *source,
        "-filter_complex", f"[0][1]overlay=x='-w+w*t/{take.duration}':y=84,format=yuv420p[v]",
        "-map", "[v]", "-map", "2:a", *exact, "-flags:v", "+bitexact",
        "-c:v", "libx264", "-profile:v", "main", "-preset", "veryslow", "-crf", "38",
        "-g", "20", "-bf", "0", "-threads", "1",
        "-c:a", "aac", "-ar", "16000", "-b:a", "10k", "-movflags", "+faststart",
        f"{path}.mp4", stdin=mono.tobytes(),
    )  # fmt: skip

    if script.telephone:
        stereo = array("h", (sample for pair in zip(left, right, strict=True) for sample in pair))
        _ffmpeg(
            "-f", "s16le", "-ar", str(RATE), "-ac", "2", "-i", "-", *exact,
            "-ar", "8000", "-c:a", "pcm_mulaw", f"{path}.wav", stdin=stereo.tobytes(),
        )  # fmt: skip


def check(script: Script, take: Take) -> None:
    """Decode what was written: it lasts as long as it should, and has the words where it should."""
    both = [*take.words[0], *take.words[1]]
    for container in ("mp3", "mp4", *(["wav"] if script.telephone else [])):
        path = f"{FOLDER / script.slug}.{container}"
        probe = (
            "ffprobe",
            "-v",
            "error",
            "-show_entries",
            "format=duration:stream=duration",
            "-of",
            "json",
        )
        probed = json.loads(subprocess.run([*probe, path], stdout=subprocess.PIPE, check=True).stdout)
        for part in (probed["format"], *probed["streams"]):
            assert abs(float(part["duration"]) - take.duration) < 0.15, (path, probed)
        decoded = array("h", _ffmpeg("-i", path, "-f", "s16le", "-ac", "1", "-ar", str(RATE), "-"))
        _check_energy(path, decoded, both)


def _check_energy(path: str, samples: array[int], words: Iterable[tuple[float, float]]) -> None:
    paused = bytearray(b"\1" * len(samples))
    levels = []
    for start, end in words:
        begin, stop = round(start * RATE), round(end * RATE)
        levels.append(_rms(samples[begin:stop]))
        paused[begin:stop] = bytes(stop - begin)
    pause = _rms([sample for sample, silent in zip(samples, paused, strict=True) if silent])
    assert min(levels) > 15 * pause, (path, min(levels), pause)


def main() -> None:
    synthesiser = Synthesiser()
    entries = []
    for script in SCRIPTS:
        take = perform(synthesiser, script)
        write(script, take)
        check(script, take)
        entries.append((take.duration, script, take))
    entries.sort(key=lambda entry: entry[0])
    (FOLDER / "conversations.json").write_text(
        "[\n" + ",\n".join(_entry(script, take) for _, script, take in entries) + "\n]\n"
    )


def _entry(script: Script, take: Take) -> str:
    def compact(value: object) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    head = {
        "slug": script.slug,
        "title": script.title,
        "language": script.language,
        "duration_seconds": round(take.duration, 3),
        "speakers": [speaker.name for speaker in script.speakers],
    }
    turns = ",\n".join(compact(turn) for turn in take.turns)
    return f'{compact(head)[:-1]},"turns":[\n{turns}]}}'


if __name__ == "__main__":
    main()
