"""The shim, and what a disk would hold after a power cut: what was synced, and torn parts of the rest."""

import random
import shutil
import struct
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_name("shim.c")
HEAD = struct.Struct("<IIIIQQ")
SECTOR = 512
NO_COMPILER = "no C compiler: on Debian and Ubuntu, apt-get install gcc libc6-dev"


class NoShim(Exception):
    """Without a C compiler power loss, full disks and jumping clocks cannot be tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One thing that was done to a file; ``who`` is the process and thread."""

    who: tuple[int, int]
    op: str
    path: str
    offset: int
    length: int
    data: bytes


def build(folder: Path) -> Path:
    """Compile the shim; raises ``NoShim``."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise NoShim(NO_COMPILER)
    library = folder / "shim.so"
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoShim(f"the shim does not compile here: {done.stderr[-500:]}")
    return library


def after_power_cut(log: Path, size: int, folder: Path, rng: random.Random, *, base: Path) -> None:
    """Make ``folder`` what the disk holds when the power goes at this size of the log.

    ``base`` holds what was there before the log began.
    """
    files = {path.name: bytearray(path.read_bytes()) for path in base.glob("*")}
    pending: dict[str, list[tuple[int, Record]]] = defaultdict(list)
    began: dict[tuple[int, int], int] = {}
    for number, record in enumerate(records(log, size)):
        if record.op == "B":
            began[record.who] = number
        elif record.op == "S":
            _sync(files, pending, record.path, began.get(record.who, number))
            _keep_removals(files, pending, began.get(record.who, number))
        else:
            pending[record.path].append((number, record))
    for left in pending.values():
        for _, record in left:
            _maybe(files, record, rng)
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(bytes(content))


def records(log: Path, size: int) -> Iterator[Record]:
    """The whole records among the first ``size`` bytes of a log."""
    data, at = log.read_bytes()[:size], 0
    while at + HEAD.size <= len(data):
        pid, tid, op, path_length, offset, length = HEAD.unpack_from(data, at)
        at += HEAD.size
        carried = length if chr(op) == "W" else 0
        if at + path_length + carried > len(data):
            return
        path = data[at : at + path_length].decode()
        at += path_length
        content = data[at : at + carried]
        at += carried
        yield Record(who=(pid, tid), op=chr(op), path=path, offset=offset, length=length, data=content)


def _sync(
    files: dict[str, bytearray], pending: dict[str, list[tuple[int, Record]]], path: str, began: int
) -> None:
    """Everything that was written before this sync began is on the disk now."""
    for number, record in pending[path]:
        if number < began:
            _apply(files, record, len(record.data))
    pending[path] = [(number, record) for number, record in pending[path] if number >= began]


def _keep_removals(
    files: dict[str, bytearray], pending: dict[str, list[tuple[int, Record]]], began: int
) -> None:
    """Journalling file systems write names in order: a sync of any file takes earlier removals along."""
    for path, waiting in pending.items():
        removals = [number for number, record in waiting if record.op == "U" and number < began]
        if removals:
            files.pop(path, None)
            pending[path] = [(number, record) for number, record in waiting if number > removals[-1]]


def _maybe(files: dict[str, bytearray], record: Record, rng: random.Random) -> None:
    """What was not synced may be there, or not, or in part."""
    fate = rng.random()
    if fate < 0.4:
        return
    whole = len(record.data)
    torn = rng.randrange(whole // SECTOR + 1) * SECTOR
    _apply(files, record, whole if fate < 0.7 or record.op != "W" else torn)


def _apply(files: dict[str, bytearray], record: Record, length: int) -> None:
    if record.op == "U":
        files.pop(record.path, None)
        return
    content = files.setdefault(record.path, bytearray())
    if record.op == "T":
        del content[record.offset :]
        content.extend(bytes(record.offset - len(content)))
        return
    end = record.offset + length
    content.extend(bytes(max(0, end - len(content))))
    content[record.offset : end] = record.data[:length]
