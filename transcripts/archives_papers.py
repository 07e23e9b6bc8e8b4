"""What lies in an export beside the transcripts: who took what and how, and the checksums."""

import hashlib
import json
from collections.abc import Iterator

from django.utils import timezone

from recordings.providers.snapshots import Json
from transcripts.archives import CHOSEN, source_of
from transcripts.exports import about
from transcripts.models import Export, ExportItem

AT_ONCE = 200
NO_WORDS = "It has no words here."
CELLS = (
    "In tables, an apostrophe stands before a cell that begins with = + - @, a tab or a line break: "
    "a spreadsheet would run it as a formula."
)


def papers(export: Export) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Names and contents of ``manifest.json`` and ``SHA256SUMS``; read one after the other."""
    digest = hashlib.sha256()
    yield "manifest.json", _hashed(_manifest(export), digest)
    yield "SHA256SUMS", _sums(export, digest)


def _hashed(pieces: Iterator[bytes], digest: "hashlib._Hash") -> Iterator[bytes]:
    for piece in pieces:
        digest.update(piece)
        yield piece


def _sums(export: Export, manifest: "hashlib._Hash") -> Iterator[bytes]:
    for item in export.items.exclude(name="").iterator(chunk_size=AT_ONCE):
        yield f"{item.sha256}  {item.name}\n".encode()
    yield f"{manifest.hexdigest()}  manifest.json\n".encode()


def _manifest(export: Export) -> Iterator[bytes]:
    """One JSON object, an entry of a list at a time."""
    for name, value in _head(export).items():
        yield f"{'{' if name == 'exported_by' else ','}\n {json.dumps(name)}: {_dumped(value)}".encode()
    rows = export.items.select_related("transcript__account", "transcript__call", "transcript__recording")
    inside = rows.exclude(name="").iterator(chunk_size=AT_ONCE)
    yield from _list("transcripts", (_inside(item) for item in inside))
    outside = export.items.filter(reason=NO_WORDS).select_related("transcript").iterator(chunk_size=AT_ONCE)
    yield from _list("left_out", (_outside(item) for item in outside))
    yield b"\n}\n"


def _head(export: Export) -> dict[str, Json]:
    source = source_of(export.source)
    return {
        "exported_by": export.user.get_username(),
        "ordered_at": timezone.localtime(export.created_at).isoformat(timespec="seconds"),
        "made_at": timezone.localtime().isoformat(timespec="seconds"),
        "time_zone": export.time_zone,
        "from": source.label if source else CHOSEN,
        "filters": export.query,
        "options": export.options,
        "note": CELLS,
    }


def _list(name: str, entries: Iterator[dict[str, Json]]) -> Iterator[bytes]:
    yield f",\n {json.dumps(name)}: [".encode()
    for number, entry in enumerate(entries):
        yield f"{',' if number else ''}\n  {_dumped(entry)}".encode()
    yield b"]"


def _inside(item: ExportItem) -> dict[str, Json]:
    return {"file": item.name, "size": item.size, "sha256": item.sha256, **about(item.transcript)}


def _outside(item: ExportItem) -> dict[str, Json]:
    return {"key": str(item.transcript.key), "reason": item.reason}


def _dumped(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)
