"""Packs many files into one ZIP, part by part: ten thousand take no more memory than ten."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.utils import timezone

_MODE = 0o600 << 16
_PIECE = 1024 * 1024
_FIRST_YEAR = 1980  # the format knows none before


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A file in a part."""

    name: str
    size: int
    sha256: str


class Part:
    """A ZIP of its own that ``merge`` makes a whole with others; written once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._zip = ZipFile(path, "w", ZIP_DEFLATED)

    def add(self, name: str, content: bytes) -> Packed:
        """Raises ``OSError``."""
        self._zip.writestr(_entry(name), content)
        return Packed(name=name, size=len(content), sha256=hashlib.sha256(content).hexdigest())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        is_whole = error is None
        try:
            self._zip.close()
        except OSError:
            is_whole = False
            raise
        finally:
            if not is_whole:
                self._path.unlink(missing_ok=True)


def merge(parts: Sequence[Path], target: Path, *, streams: Iterable[tuple[str, Iterable[bytes]]]) -> None:
    """Write the files of all parts as they lie there, without packing them anew, and ``streams`` after them.

    Raises ``OSError``.
    """
    with ZipFile(target, "w", ZIP_DEFLATED) as whole:
        for part in parts:
            _append(whole, part)
        for name, pieces in streams:
            with whole.open(_entry(name), "w") as sink:
                for piece in pieces:
                    sink.write(piece)


def _append(whole: ZipFile, part: Path) -> None:
    """The bytes of a part up to its directory, whose entries become the whole's, moved along."""
    with ZipFile(part) as source, part.open("rb") as raw:
        out = whole.fp
        assert out is not None  # noqa: S101 - it is open
        base = out.tell()
        for info in source.infolist():
            info.header_offset += base
            whole.filelist.append(info)
            whole.NameToInfo[info.filename] = info
        left = source.start_dir
        while left > 0:
            left -= out.write(raw.read(min(left, _PIECE)))
        whole.start_dir = out.tell()


def _entry(name: str) -> ZipInfo:
    now = timezone.localtime()
    entry = ZipInfo(name, date_time=(max(now.year, _FIRST_YEAR), *now.timetuple()[1:6]))
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = _MODE
    return entry
