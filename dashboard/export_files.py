"""Exports on their way out: one transcript at once, or the finished file of many."""

from collections.abc import Iterator
from contextlib import ExitStack

from django.db import transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import content_disposition_header

from dashboard.models import User
from dashboard.reads import Purpose, note_read
from recordings.slots import downloads
from transcripts.archives_files import whole_of
from transcripts.exports import CONTENT_TYPES, Options, file_name, words_of, written
from transcripts.models import Export, Transcript

PIECE = 256 * 1024
NOTED_AT_ONCE = 200  # reads of one transaction


def one(user: User, transcript: Transcript, options: Options) -> HttpResponse:
    """Answer the file of one transcript; who took it is noted first."""
    words = words_of(transcript, is_original=options.is_original)
    content = written(transcript, words, options)
    note_read(user, transcript, Purpose.EXPORTED)
    response = HttpResponse(content, content_type=CONTENT_TYPES[options.format])
    _attach(response, file_name(transcript, options.format))
    return response


def many(user: User, export: Export) -> HttpResponseBase:
    """Answer a finished file; who took what is noted first. Raises ``OSError`` and ``MediaBusy``."""
    with ExitStack() as held:
        held.enter_context(downloads)
        stream = _Stream(export, held.pop_all())
    try:
        _note(user, export)
    except BaseException:
        stream.close()
        raise
    response = StreamingHttpResponse(stream, content_type="application/zip")
    response["Content-Length"] = str(export.size)
    _attach(response, f"transcripts-{timezone.localtime(export.created_at):%Y-%m-%d-%H%M}.zip")
    return response


class _Stream:
    """A file in pieces; it holds its place among the downloads until it is closed."""

    def __init__(self, export: Export, held: ExitStack) -> None:
        with held:
            self._file = held.enter_context(whole_of(export).open("rb"))
            self._held = held.pop_all()

    def __iter__(self) -> Iterator[bytes]:
        while piece := self._file.read(PIECE):
            yield piece

    def close(self) -> None:
        """Django calls it when the answer is sent or the client has gone."""
        self._held.close()


def _note(user: User, export: Export) -> None:
    inside = Transcript.objects.filter(export_items__export=export).exclude(export_items__name="")
    keys = inside.order_by("pk").only("pk", "key", "external_id", "account_id")
    last = 0
    while some := list(keys.filter(pk__gt=last)[:NOTED_AT_ONCE]):
        with transaction.atomic():
            for transcript in some:
                note_read(user, transcript, Purpose.EXPORTED)
        last = some[-1].pk


def _attach(response: HttpResponseBase, name: str) -> None:
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    response["X-Content-Type-Options"] = "nosniff"
