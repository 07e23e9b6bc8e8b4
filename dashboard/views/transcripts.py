"""Transcripts: listed, read beside their sound, and taken along as files."""

import uuid
from dataclasses import replace
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
from dashboard.export_forms import remembered
from dashboard.listing import SEARCHED
from dashboard.models import User
from dashboard.reader import Asked, asked_of
from dashboard.reads import Purpose, note_read
from dashboard.requests import OperatorRequest
from dashboard.transcript_filters import TranscriptFilters
from dashboard.waveform import waveform
from recordings import connections
from transcripts import storage
from transcripts.exports import CONTENT_TYPES, Format, words_of, written
from transcripts.models import Transcript, TranscriptText

SEE = "transcripts.view_transcript"
AT_ONCE = (Format.TXT, Format.VTT, Format.SRT)
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
    if request.htmx and "waveform" in request.GET:
        return _waveform(request, found)
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
    response = (
        _provider_file(text, int(form)) if form.isdecimal() else _written(request.user, found, text, form)
    )
    note_read(request.user, found, Purpose.DOWNLOADED)
    return response


def _news(request: OperatorRequest, found: Transcript) -> HttpResponse:
    if request.GET["stamp"] == transcript_page.stamp(found):
        return HttpResponse(status=204)
    context = transcript_page.status_context(found, request.user, read=request.GET.get("read", ""))
    if request.GET.get("shows") != context["shows"]:
        return HttpResponseClientRefresh()
    return render(request, "transcripts/_status.html", context)


def _waveform(request: OperatorRequest, found: Transcript) -> HttpResponse:
    """The picture of the sound; 204 while there is nothing to draw it from."""
    playing = transcript_page.player_of(found, Asked(variant=request.GET["waveform"]))
    drawn = waveform(playing) if playing and not found.is_buried else None
    if drawn is None or not (drawn.is_settled or drawn.is_being_drawn):
        return HttpResponse(status=204)
    return render(request, "transcripts/_waveform.html", {"transcript": found, "waveform": drawn})


def _written(user: User, found: Transcript, text: TranscriptText, form: str) -> HttpResponse:
    """With speakers, times and words as this person exported last."""
    if form not in AT_ONCE or not text.utterances:
        raise Http404("There is no such file.")
    options = replace(remembered(user), format=Format(form))
    content = written(found, words_of(found, is_original=options.is_original), options)
    title = slugify(found.call.title) if found.call else ""
    name = f"{title or 'transcript'}-{str(found.key)[:8]}.{form}"
    return _attached(content, CONTENT_TYPES[options.format], name)


def _provider_file(text: TranscriptText, number: int) -> HttpResponse:
    entry = text.files[number] if number < len(text.files) else None
    path = storage.path_of(entry) if entry else None
    if entry is None or path is None or not path.is_file():
        raise Http404("There is no such file.")
    # Never as what it says it is: a browser may not run it.
    return _attached(path.read_bytes(), "application/octet-stream; charset=utf-8", entry["name"])


def _attached(content: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
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
