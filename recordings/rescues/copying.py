"""The errand of a rescue: a few pieces a step from where the last one ended, checked in the end."""

import hashlib
import os
import shutil
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from recordings import clock, connections, copying, kept
from recordings.models import Errand, Operation, Recording, Rescue
from recordings.providers.base import Media, ProviderAdapter
from recordings.providers.client import Reply
from recordings.providers.errors import Unavailable
from recordings.rescues.orders import ERRAND, NOTHING, options_of
from recordings.spans import placed
from recordings.work import errands
from recordings.work.errands import Kind, Step
from recordings.work.steps import Kind as StepKind
from recordings.work.steps import note

PIECE_BYTES = 8 * 1024 * 1024
ROOM_BYTES = 256 * 1024 * 1024  # what stays free on the disk
WAIT_SECONDS = 600.0
PARTS_OF_A_LEASE = 3.0  # so much of its lease a step may take before the last piece
PATIENCE = timedelta(hours=24)  # until media that the provider never offered are given up
PREPARED_SECONDS = 30.0
PREPARED = "The provider still prepares the media."
FULL = "The disk has too little room: it goes on when there is more."
CHANGED = "What lies on the disk is not what came from the provider: it is copied anew."
State = Operation.State


@dataclass(slots=True, kw_only=True)
class Progress:
    """How far a copy is. ``pieces`` are [length, SHA-256] of what came over the wire, in order."""

    size: int = 0
    total: int | None = None
    pieces: list[list[Any]] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return self.total is not None and self.size == self.total

    def as_cursor(self) -> dict[str, Any]:
        """As the errand keeps it."""
        return {"size": self.size, "total": self.total, "pieces": self.pieces}


def rescue(errand: Errand, adapter: ProviderAdapter) -> Step:
    """Copy as much as a step may; the last one checks the file and gives it its name."""
    operation = _operation(errand)
    recording = operation.recording if operation else None
    if operation is None or recording is None or recording.is_buried or operation.state != State.QUEUED:
        _drop(errand)
        return Step()
    if not operation.options:
        operation.options = options_of(recording)
        Operation.objects.filter(pk=operation.pk).update(options=operation.options)
    if not operation.options:
        return _wait(operation)
    path = kept.partial(operation.key)
    done = _so_far(errand, path)
    if shutil.disk_usage(path.parent).free < ROOM_BYTES + (done.total or 0) - done.size:
        return Step(
            write=lambda: _tell(operation, FULL), cursor=done.as_cursor(), due_in_seconds=WAIT_SECONDS
        )
    media = adapter.media(connections.recording_ref(recording), operation.options["variant"])
    _read_on(adapter, media, path, done)
    if not done.is_whole:
        return Step(write=lambda: _tell(operation, _words(done)), cursor=done.as_cursor())
    digest = _checked(path, done)
    if digest is None:
        return Step(write=lambda: _tell(operation, CHANGED), cursor={}, due_in_seconds=1.0)
    return Step(write=lambda: _keep(operation, media, done.size, digest))


def _wait(operation: Operation) -> Step:
    """The provider still prepares the media, or never will."""
    if clock.now() - operation.created_at > PATIENCE:
        return Step(write=lambda: _fail(operation, NOTHING))
    return Step(write=lambda: _tell(operation, PREPARED), cursor={}, due_in_seconds=PREPARED_SECONDS)


def register_all() -> None:
    """Make this errand known to the engine."""
    errands.register(ERRAND, Kind(handler=rescue, reads="media", on_given_up=_give_up))


def _operation(errand: Errand) -> Operation | None:
    rows = Operation.objects.filter(key=errand.subject)
    return rows.select_related("recording__call", "recording__account", "account").first()


def _so_far(errand: Errand, path: Path) -> Progress:
    """As the cursor says, if the disk holds as much; what came after the cursor is read again."""
    done = Progress(**errand.cursor) if errand.cursor else Progress()
    if not path.exists() or path.stat().st_size < done.size:
        done = Progress()
    with path.open("ab") as file:
        file.truncate(done.size)
    return done


def _read_on(adapter: ProviderAdapter, media: Media, path: Path, done: Progress) -> None:
    ends_at = time.monotonic() + settings.TAPEDECK_LEASE_SECONDS / PARTS_OF_A_LEASE
    if not media.has_ranges:
        _read_whole(adapter, media, path, done)
        return
    while not done.is_whole and time.monotonic() < ends_at:
        reply = _piece(adapter, media, done.size)
        if reply.status == 206:
            _append(path, done, reply)
        elif reply.is_success and len(reply.content) <= PIECE_BYTES:
            done.size, done.pieces = 0, []
            _write(path, done, reply.content, total=len(reply.content))
        elif reply.is_success:
            _read_whole(adapter, media, path, done)  # It gives the whole, whatever was asked.
        else:
            copying.require_whole(reply, 0)


def _piece(adapter: ProviderAdapter, media: Media, first: int) -> Reply:
    wanted = f"bytes={first}-{first + PIECE_BYTES - 1}"
    if not media.headers:
        return adapter.connection.links.read(media.url, byte_range=wanted, cut_at=PIECE_BYTES + 1)
    headers = {**media.headers, "Accept-Encoding": "identity", "Range": wanted}
    client = adapter.connection.client
    return client.request("GET", media.url, is_write=False, headers=headers, cut_at=PIECE_BYTES + 1)


def _append(path: Path, done: Progress, reply: Reply) -> None:
    place = placed(reply.headers.get("content-range", ""))
    is_another = done.total is not None and place.total != done.total
    if place.first == done.size and place.total is not None and reply.content and not is_another:
        _write(path, done, reply.content, total=place.total)
        return
    if not done.size:
        raise Unavailable("The provider gave another part of the file than was asked.")
    done.size, done.total, done.pieces = 0, None, []  # It is another file by now.


def _write(path: Path, done: Progress, content: bytes, *, total: int) -> None:
    with path.open("r+b") as file:
        file.truncate(done.size)
        file.seek(done.size)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    done.size, done.total = done.size + len(content), total
    done.pieces = [*done.pieces, [len(content), hashlib.sha256(content).hexdigest()]]


def _read_whole(adapter: ProviderAdapter, media: Media, path: Path, done: Progress) -> None:
    """In one go, from the beginning each time: there is nothing to go on from."""
    copying.save(adapter, media, path, largest=shutil.disk_usage(path.parent).free)
    done.size = done.total = path.stat().st_size
    done.pieces = []


def _checked(path: Path, done: Progress) -> str | None:
    """The SHA-256 of the file; None when a part of it is not what came over the wire."""
    whole = hashlib.sha256()
    with path.open("rb") as file:
        for length, digest in done.pieces:
            content = file.read(length)
            if hashlib.sha256(content).hexdigest() != digest:
                return None
            whole.update(content)
        while content := file.read(PIECE_BYTES):
            whole.update(content)
    return whole.hexdigest()


def _keep(operation: Operation, media: Media, size: int, digest: str) -> None:
    """In the settling transaction: a deletion comes before it, and is seen, or after it, and cleans up."""
    rows = Recording.objects.select_for_update().filter(operations=operation.pk, is_buried=False)
    recording = rows.first()
    outcome = f"{_mib(size)} kept, SHA-256 {digest}."
    if recording is None or not _settle(operation, State.SUCCEEDED, outcome):
        kept.partial(operation.key).unlink(missing_ok=True)
        return
    variant = operation.options["variant"]
    facts = {
        "operation": operation,
        "label": operation.options.get("label", ""),
        "content_type": media.content_type,
        "size": size,
        "sha256": digest,
        "kept_at": clock.now(),
    }
    row, _ = Rescue.objects.update_or_create(recording=recording, variant=variant, defaults=facts)
    kept.partial(operation.key).replace(kept.path_of(row.key))


def _settle(operation: Operation, state: Operation.State, outcome: str, code: str = "") -> bool:
    queued = Operation.objects.filter(pk=operation.pk, state=State.QUEUED)
    now = clock.now()
    facts = {"done_at": now, "updated_at": now, "outcome": outcome, "outcome_code": code}
    if not queued.update(state=state, **facts):
        return False
    note(operation, StepKind.DECIDED, outcome)
    return True


def _tell(operation: Operation, words: str) -> None:
    queued = Operation.objects.filter(pk=operation.pk, state=State.QUEUED)
    queued.update(outcome=words, updated_at=clock.now())


def _words(done: Progress) -> str:
    return f"{_mib(done.size)} of {_mib(done.total or 0)} are copied."


def _mib(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MiB"


def _drop(errand: Errand) -> None:
    path = kept.folder("rescuing") / errand.subject
    path.unlink(missing_ok=True)


def _give_up(errand: Errand, problem: str) -> None:
    operation = _operation(errand)
    _drop(errand)
    if operation is not None:
        _fail(operation, problem)


def _fail(operation: Operation, problem: str) -> None:
    _settle(operation, State.FAILED, problem, "rescue_failed")
