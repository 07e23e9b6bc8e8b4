"""How loud a recording is from moment to moment, heard in the copy of its media that lies here.

It needs ``av``, an extra: without it nothing is drawn, and nothing else is missing.
"""

import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from recordings import copies
from recordings.models import Errand, Recording
from recordings.models.work import BACKGROUND
from recordings.sync.wishes import ask
from recordings.work import errands
from recordings.work.errands import Local, Step

KIND = "media.peaks"
MOST = 1_000  # values of one recording
RATE = 4_000  # samples a second are enough for the eye
WINDOW = 400  # samples of a value, at first; twice as many each time when there are too many values
SILENCE = 128
STEP_SECONDS = 10.0
# A file may name others, which the library would open: nothing but sound in this very file is read.
CONTAINERS = "aac,aiff,asf,avi,flac,flv,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mp3,mpeg,ogg,wav"
ONLY_THIS_FILE = {"protocol_whitelist": "file", "format_whitelist": CONTAINERS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Peaks:
    """From the beginning to the end, each value from 0 to 128; none where nothing can be heard."""

    seconds: float = 0.0
    values: tuple[int, ...] = ()


@dataclass(slots=True, kw_only=True)
class Hearing:
    """What was heard so far; what the errand goes on with."""

    window: int = WINDOW
    values: list[int] = field(default_factory=list)
    is_over: bool = False

    @property
    def seconds(self) -> float:
        return len(self.values) * self.window / RATE

    def add(self, value: int) -> None:
        """One more; where they become too many, two are one."""
        self.values.append(value)
        if len(self.values) == 2 * MOST:
            pairs = zip(self.values[::2], self.values[1::2], strict=True)
            self.values, self.window = [max(pair) for pair in pairs], 2 * self.window

    def peaks(self) -> Peaks:
        return Peaks(seconds=round(self.seconds, 1), values=tuple(self.values))


@lru_cache(maxsize=1)
def can_be_heard() -> bool:
    """Whether the library is installed."""
    return find_spec("av") is not None


def known(key: uuid.UUID, variant: str) -> Peaks | None:
    """What was heard of this form, if its copy still lies here."""
    copy = copies.find(key, variant)
    path = copies.beside(copy) if copy else None
    try:
        told = json.loads(path.read_text()) if path else None
    except FileNotFoundError:
        return None
    return Peaks(seconds=told["seconds"], values=tuple(told["values"])) if told else None


def listen(recording: Recording, variant: str) -> bool:
    """Have the copy listened to, if one lies here; answers whether that is under way."""
    if not can_be_heard() or copies.find(recording.key, variant) is None:
        return False
    ask(recording.account, KIND, subject=f"{recording.key} {variant}", lane=BACKGROUND)
    return True


def hear(errand: Errand) -> Step:
    """Listen for some seconds, and go on from there. Done again, it changes nothing."""
    name, _, variant = errand.subject.partition(" ")
    key = uuid.UUID(name)
    copy = copies.find(key, variant)
    if copy is None or known(key, variant) is not None:
        return Step()
    heard = Hearing(**errand.cursor)
    _hear(copy.path, heard)
    if not heard.is_over:
        return Step(cursor={"window": heard.window, "values": heard.values})
    return Step(write=lambda: _keep(key, variant, heard.peaks()))


def give_up(errand: Errand, problem: str) -> None:
    """Its worker died over it time and again: nothing is drawn, and nobody asks again."""
    name, _, variant = errand.subject.partition(" ")
    _keep(uuid.UUID(name), variant, Peaks())


def register_all() -> None:
    """Make this errand known to the engine."""
    errands.register(KIND, Local(handler=hear, on_given_up=give_up))


def _keep(key: uuid.UUID, variant: str, peaks: Peaks) -> None:
    """In the settling transaction: a deletion comes before it, and is seen, or after it, and cleans up."""
    is_there = Recording.objects.select_for_update().filter(key=key, is_buried=False).exists()
    copy = copies.find(key, variant) if is_there else None
    if copy is not None:
        told = {"seconds": peaks.seconds, "values": peaks.values}
        copies.beside(copy).write_text(json.dumps(told))


def _hear(path: Path, heard: Hearing) -> None:
    """Go on to listen where it ended; what cannot be read ends where it breaks."""
    from av.error import FFmpegError

    began_at, until = heard.seconds, time.monotonic() + STEP_SECONDS
    waiting = bytearray()
    try:
        for samples in _samples(path, began_at):
            waiting += samples
            while len(waiting) >= heard.window:
                heard.add(_loudest(waiting[: heard.window]))
                del waiting[: heard.window]
            if heard.seconds > began_at and time.monotonic() > until:
                return
    except (FFmpegError, ValueError):
        pass
    if waiting:
        heard.add(_loudest(waiting))
    heard.is_over = True


def _loudest(samples: bytearray) -> int:
    return max(max(samples) - SILENCE, SILENCE - min(samples))


def _samples(path: Path, from_second: float) -> Iterator[bytes]:
    """One byte a sample, silence in the middle. What was heard before is not decoded again."""
    import av

    with av.open(str(path), options=ONLY_THIS_FILE) as media:
        if not media.streams.audio:
            return
        stream = media.streams.audio[0]
        resampler = av.AudioResampler(format="u8", layout="mono", rate=RATE)
        for packet in media.demux(stream):
            if _second(packet) < from_second:
                continue
            for frame in _frames(packet):
                for each in resampler.resample(frame):
                    yield bytes(each.planes[0])[: each.samples]


def _second(packet: Any) -> float:
    """When it is heard; the last one, which has no time, empties the decoder."""
    return float("inf") if packet.pts is None else float(packet.pts * packet.time_base)


def _frames(packet: Any) -> list[Any]:
    """A piece that is broken is left out."""
    from av.error import InvalidDataError

    try:
        return list(packet.decode())
    except InvalidDataError:
        return []
