"""The player of a recording: what it plays, in which forms, and from which moment on."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode

from recordings import media
from recordings.models import Recording
from recordings.models.mirror import LIVE
from recordings.providers.base import Variant
from recordings.providers.snapshots import Status

_NOTHING = {
    Status.REQUESTED: "The provider has not answered yet: there is nothing to play.",
    Status.PROCESSING: "The provider is still preparing the media.",
    Status.FAILED: "This recording failed: there is nothing to play.",
    Status.DELETED: "This recording is deleted: there is nothing to play.",
}
RUNNING = "It is being recorded now: it can be played when it is complete."
NO_MEDIA = "The provider offers no media of this recording."


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """One recording, ready to play, or why it is not."""

    recording: Recording
    variants: tuple[Variant, ...]
    current: Variant | None
    start: float | None = None  # seconds
    others: tuple[Variant, ...] = ()  # files beside the sound and the picture

    @property
    def address(self) -> str:
        """Where the bytes are."""
        return self._address(self.current.name if self.current else "")

    @property
    def files(self) -> list[tuple[str, str]]:
        """What cannot be played: what it is, and where it is downloaded."""
        return [(each.label, f"{self._address(each.name)}&download=1") for each in self.others]

    @property
    def source(self) -> str:
        """The same, beginning at the moment asked for."""
        return f"{self.address}#t={self.start:g}" if self.start else self.address

    @property
    def download(self) -> str:
        """Where the whole file is."""
        return f"{self.address}&download=1"

    @property
    def is_video(self) -> bool:
        return self.current is not None and self.current.content_type.startswith("video/")

    @property
    def note(self) -> str:
        """Why there is nothing to play."""
        if self.recording.status in LIVE:
            return RUNNING
        return _NOTHING.get(Status(self.recording.status), NO_MEDIA)

    @property
    def signature(self) -> str:
        """Equal while the same things can be played."""
        return ",".join(each.name for each in self.variants) or str(self.recording.status)

    def _address(self, variant: str) -> str:
        return f"{reverse('media', args=[self.recording.key])}?{urlencode({'variant': variant})}"


def player(recording: Recording, *, variant: str = "", moment: str = "") -> Player:
    """The player for a recording with its account and call; unknown words in the address are left out."""
    given = media.variants(recording)
    offered = tuple(each for each in given if _can_be_played(each))
    current = next((each for each in offered if each.name == variant), None)
    return Player(
        recording=recording,
        variants=offered,
        current=current or (offered[0] if offered else None),
        start=seconds(moment),
        others=tuple(each for each in given if not _can_be_played(each)),
    )


def _can_be_played(variant: Variant) -> bool:
    return not variant.content_type.startswith(("application/json", "text/"))


def seconds(text: str) -> float | None:
    """A moment of an address, such as "83" or "83.5"; None for what is none."""
    try:
        found = float(text)
    except ValueError:
        return None
    return found if 0 <= found < 1_000_000 else None
