"""Transcripts as files: one at once, many by an errand that shows how far it is."""

import hashlib
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from dashboard import export_files, export_sources
from dashboard.export_forms import ExportForm, remember
from dashboard.paging import page
from dashboard.requests import OperatorRequest
from recordings.slots import MediaBusy
from transcripts import archives
from transcripts.archives import ExportRefused, Source
from transcripts.exports import options_of
from transcripts.models import Export, Transcript, TranscriptText

SEE = "transcripts.view_transcript"
AT_ONCE_WORDS = 50_000  # of one transcript, which is then answered while the person waits
PICKED = {"transcripts": "transcript", "recordings": "recording"}  # list to what its rows are
GONE = "This file is gone: export anew."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be exported: transcripts, or all that a list's filters let through."""

    transcripts: tuple[Transcript, ...] = ()
    name: str = archives.CHOSEN
    source: Source | None = None
    query: str = ""
    count: int = 0
    is_more: bool = False

    @property
    def one(self) -> Transcript | None:
        """The only one, if its words are few enough to be answered at once."""
        if len(self.transcripts) != 1:
            return None
        words = TranscriptText.objects.filter(transcript=self.transcripts[0]).values_list("words", flat=True)
        return self.transcripts[0] if (words.first() or 0) <= AT_ONCE_WORDS else None

    @property
    def list_url(self) -> str:
        return list_url(self.name, self.query)


@never_cache
@require_http_methods(["GET", "POST"])
@permission_required(SEE, raise_exception=True)
def new(request: OperatorRequest) -> HttpResponseBase:
    """Ask how it is wanted; then answer one transcript at once, or have many packed."""
    wanted = _wanted(request)
    form = ExportForm(request.POST or None, user=request.user, form=request.GET.get("format", ""))
    if request.method == "POST" and form.is_valid():
        try:
            return _made(request, wanted, form)
        except ExportRefused as exc:
            form.add_error(None, str(exc))
    context = {"wanted": wanted, "form": form, "most": f"{archives.MOST:,}"}
    return render(request, "exports/new.html", context)


@require_POST
@permission_required(SEE, raise_exception=True)
def picked(request: OperatorRequest, source: str) -> HttpResponse:
    """Lead from the ticked rows of a list, or all that match there, to the form."""
    if source not in PICKED:
        raise Http404
    query, keys = request.POST.get("query", ""), request.POST.getlist("key")
    if request.POST.get("all"):
        return redirect(f"{reverse('export-new')}?{urlencode({'source': source, 'query': query})}")
    if not keys:
        messages.error(request, "Tick the rows that you want to export.")
        return redirect(list_url(source, query))
    return redirect(f"{reverse('export-new')}?{urlencode({PICKED[source]: keys}, doseq=True)}")


@never_cache
@require_safe
@permission_required(SEE, raise_exception=True)
def exports(request: OperatorRequest) -> HttpResponse:
    """List one's own; the region asks for news while one of them is being made."""
    mine = Export.objects.of(request.user)
    found = page(mine, by="created_at", cursor=request.GET.get("before", ""))
    stamp = _stamp(found.rows)
    if request.htmx and request.GET.get("stamp") == stamp:
        return HttpResponse(status=204)
    context = {
        "page": found,
        "rows": [_row(each) for each in found.rows],
        "stamp": stamp,
        "is_open": any(each.is_open for each in found.rows),
    }
    return render(request, "exports/_exports.html" if request.htmx else "exports/exports.html", context)


@never_cache
@require_GET
@permission_required(SEE, raise_exception=True)
def download(request: OperatorRequest, key: uuid.UUID) -> HttpResponseBase:
    """Give the finished file to the one who ordered it, if they still may see all of it."""
    export = _find(request, key)
    try:
        archives.require_visible(export, request.user)
        return export_files.many(request.user, export)
    except ExportRefused as exc:
        messages.error(request, f"Not downloaded. {exc}")
    except MediaBusy:
        messages.error(request, "Not downloaded. Too many downloads at once: try again in a moment.")
    except FileNotFoundError:
        messages.error(request, f"Not downloaded. {GONE}")
    return redirect("exports")


@require_POST
@permission_required(SEE, raise_exception=True)
def cancel(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Stop an export that is being made."""
    if archives.cancel(_find(request, key)):
        messages.success(request, "Cancelled.")
    else:
        messages.info(request, "It had ended already.")
    return redirect("exports")


@require_POST
@permission_required(SEE, raise_exception=True)
def remove(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Take a finished file away before its time."""
    if archives.remove(_find(request, key)):
        messages.success(request, "The file was removed.")
    else:
        messages.info(request, "There was no file any more.")
    return redirect("exports")


def list_url(name: str, query: str) -> str:
    """Where the list is that an export came from; "" for transcripts that were picked."""
    route = export_sources.ROUTES.get(name, "")
    return f"{reverse(route)}?{query}" if route else ""


def _wanted(request: OperatorRequest) -> Wanted:
    name, query = request.GET.get("source", ""), request.GET.get("query", "")
    source = archives.source_of(name)
    if source is not None:
        count, is_more = export_sources.count(source, request.user, query)
        return Wanted(name=name, source=source, query=query, count=count, is_more=is_more)
    visible = Transcript.objects.usable_by(request.user).filter(_picked(request), is_buried=False)
    found = tuple(visible.select_related("account", "call", "recording").order_by("-sort_at", "-pk"))
    if not found:
        raise Http404("There is no such transcript.")
    return Wanted(transcripts=found, count=len(found))


def _picked(request: OperatorRequest) -> Q:
    """Transcripts by their keys, and of recordings by theirs the one that is shown first."""
    transcripts, recordings = (_keys(request.GET.getlist(name)) for name in ("transcript", "recording"))
    return Q(key__in=transcripts) | Q(recording__key__in=recordings, is_primary=True)


def _keys(texts: list[str]) -> list[uuid.UUID]:
    try:
        return [uuid.UUID(text) for text in texts[: archives.MOST_CHOSEN + 1]]
    except ValueError as exc:
        raise Http404 from exc


def _made(request: OperatorRequest, wanted: Wanted, form: ExportForm) -> HttpResponseBase:
    options = form.options()
    remember(request.user, options)
    if wanted.one is not None:
        if not wanted.one.has_text:
            raise ExportRefused("It has no words here yet: there is nothing to export.")
        return export_files.one(request.user, wanted.one, options)
    archives.order(
        request.user,
        options=options,
        order_key=form.cleaned_data["order_key"],
        transcripts=wanted.transcripts,
        source=wanted.name,
        query=wanted.query,
        time_zone=request.user.time_zone,
    )
    messages.success(request, "The file is being made. You can leave this page meanwhile.")
    return redirect("exports")


def _stamp(rows: list[Export]) -> str:
    """Equal while the page would look the same."""
    facts = [(each.pk, each.state, each.total, each.done, each.left_out, each.problem) for each in rows]
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def _row(export: Export) -> dict[str, Any]:
    source = archives.source_of(export.source)
    return {
        "export": export,
        "options": options_of(export.options),
        "label": source.label if source else "Picked one by one",
        "list_url": list_url(export.source, export.query) if export.query else "",
    }


def _find(request: OperatorRequest, key: uuid.UUID) -> Export:
    return get_object_or_404(Export.objects.of(request.user), key=key)
