"""Transcripts: listed, read beside their sound, and taken along as files."""

import uuid
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from dashboard import bulk, spreadsheets, transcript_page
from dashboard.listing import SEARCHED
from dashboard.reader import asked_of
from dashboard.reads import Purpose, note_read
from dashboard.requests import OperatorRequest
from dashboard.transcript_filters import TranscriptFilters
from recordings import connections
from recordings.providers.formats import write_srt, write_text, write_vtt
from recordings.providers.snapshots import Utterance
from transcripts import storage
from transcripts.exports import words_of
from transcripts.models import Transcript, TranscriptText

SEE = "transcripts.view_transcript"
Writer = Callable[[Iterable[Utterance]], str]
WRITERS: dict[str, tuple[Writer, str]] = {
    "txt": (write_text, "text/plain"),
    "vtt": (write_vtt, "text/vtt"),
    "srt": (write_srt, "application/x-subrip"),
}
HEADS = (
    *("began", "call", "account", "provider", "status", "reason", "kind", "engine", "language"),
    *("price", "currency", "provider's id", "recording's id", "key"),
)


@require_safe
@permission_required(SEE, raise_exception=True)
def transcripts(request: OperatorRequest) -> HttpResponse:
    """List transcripts, newest first."""
    filters = TranscriptFilters(request.GET, user=request.user)
    context = {
        "filters": filters,
        "page": filters.page(_listed(), request.GET.get("before", "")),
        "note": SEARCHED if filters.is_bounded else "",
        "most": spreadsheets.MOST,
        "bulk": bulk.kinds_for(request.user, "transcript"),
    }
    return render(request, "transcripts/transcripts.html", context)


@require_safe
@permission_required(SEE, raise_exception=True)
def export(request: OperatorRequest) -> HttpResponse:
    """The filtered list as a table, without the words."""
    filters = TranscriptFilters(request.GET, user=request.user)
    pieces = filters.pages(_listed(), most=spreadsheets.MOST)
    lines = (_line(row) for piece in pieces for row in piece)
    return spreadsheets.answer("transcripts.csv", HEADS, lines)


@never_cache
@require_safe
@permission_required(SEE, raise_exception=True)
def transcript(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Show one transcript; a poll with the version that it shows already is answered 204."""
    found = _find(request, key)
    if request.htmx and "stamp" in request.GET:
        return _news(request, found)
    if not found.is_buried:
        note_read(request.user, found, Purpose.SAW)
    context = transcript_page.context(found, request.user, asked_of(request.GET))
    return render(request, "transcripts/transcript.html", context)


@never_cache
@require_safe
@permission_required(SEE, raise_exception=True)
def transcript_file(request: OperatorRequest, key: uuid.UUID, form: str) -> HttpResponse:
    """Give the words as a file: `txt`, `vtt` or `srt`, or the provider's own by its number."""
    found = _find(request, key)
    text = transcript_page.text_of(found)
    if text is None:
        raise Http404("There are no words of this transcript here.")
    response = _provider_file(text, int(form)) if form.isdecimal() else _written(found, text, form)
    note_read(request.user, found, Purpose.DOWNLOADED)
    return response


def _news(request: OperatorRequest, found: Transcript) -> HttpResponse:
    if request.GET["stamp"] == transcript_page.stamp(found):
        return HttpResponse(status=204)
    context = transcript_page.status_context(found, request.user)
    if request.GET.get("shows") != context["shows"]:
        return HttpResponseClientRefresh()
    return render(request, "transcripts/_status.html", context)


def _written(found: Transcript, text: TranscriptText, form: str) -> HttpResponse:
    if form not in WRITERS or not text.utterances:
        raise Http404("There is no such file.")
    write, content_type = WRITERS[form]
    title = slugify(found.call.title) if found.call else ""
    name = f"{title or 'transcript'}-{str(found.key)[:8]}.{form}"
    return _attached(write(words_of(found)), content_type, name)


def _provider_file(text: TranscriptText, number: int) -> HttpResponse:
    entry = text.files[number] if number < len(text.files) else None
    path = storage.path_of(entry) if entry else None
    if entry is None or path is None or not path.is_file():
        raise Http404("There is no such file.")
    # Never as what it says it is: a browser may not run it.
    return _attached(path.read_bytes(), "application/octet-stream", entry["name"])


def _attached(content: bytes | str, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=f"{content_type}; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return response


def _find(request: OperatorRequest, key: uuid.UUID) -> Transcript:
    rows = Transcript.objects.usable_by(request.user).select_related(
        "account", "call", "recording__call", "recording__account", "deleted_by"
    )
    return get_object_or_404(rows, key=key)


def _listed() -> Any:
    big = ("raw", "handle", "options", "call__raw", "recording__raw", "recording__handle")
    return Transcript.objects.select_related("call", "recording").defer(*big, "recording__options")


def _line(row: Transcript) -> tuple[Any, ...]:
    return (
        (row.started_at or row.sort_at).isoformat(),
        row.call.title if row.call else "",
        row.account.name,
        connections.face(row.account.provider).label,
        row.status,
        row.reason,
        row.kind,
        row.engine,
        row.language,
        row.price,
        row.currency,
        row.external_id,
        row.recording.external_id if row.recording else row.recording_external_id,
        row.key,
    )
