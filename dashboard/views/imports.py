"""Caption files of people: taken in as transcripts of a recording; and what is here only, deleted again."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from dashboard import stamps
from dashboard.requests import OperatorRequest
from dashboard.uploads import Capped, ImportForm
from recordings.models import Recording
from transcripts import burial, imports
from transcripts.models import Transcript, TranscriptText

ORDER = "recordings.order_transcripts"
DELETE = "recordings.delete_items"


# The token is checked all the same, by ``_import``: checking reads the body, and its limit must stand first.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
@permission_required(ORDER, raise_exception=True)
def recording_import(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Take a file as a new transcript of a recording."""
    capped = Capped(request)
    request.upload_handlers.insert(0, capped)
    return _import(request, key=key, capped=capped)


@csrf_protect
def _import(request: Any, *, key: uuid.UUID, capped: Capped) -> HttpResponse:
    visible = Recording.objects.usable_by(request.user).filter(is_buried=False)
    recording = get_object_or_404(visible.select_related("account", "call"), key=key)
    form = ImportForm()
    if request.method == "POST":
        files = request.FILES
        form = ImportForm(request.POST, files, is_too_large=capped.is_too_large)
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                return _taken(request, imports.take(request.user, recording, file.name, file.read()))
            except OSError as exc:
                form.add_error(
                    "file", f"It could not be written here ({exc.strerror}): nothing was imported."
                )
    return render(request, "imports/import.html", {"recording": recording, "form": form})


@never_cache
@require_http_methods(["GET", "POST"])
@permission_required(DELETE, raise_exception=True)
def transcript_delete(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Delete what only Tapedeck has, once it was confirmed: no provider is asked."""
    mine = Transcript.objects.usable_by(request.user).only_here()
    found = get_object_or_404(mine.select_related("account", "call", "recording"), key=key)
    if request.method == "POST":
        delete = imports.delete if found.is_imported else burial.erase
        delete(request.user, found)
        stamps.forget()
        messages.success(request, "Deleted. It was only here: no provider was asked.")
        return redirect(found)
    return render(request, "imports/delete.html", {"transcript": found})


def _taken(request: HttpRequest, transcript: Transcript) -> HttpResponse:
    stamps.forget()
    problem = TranscriptText.objects.filter(transcript=transcript).values_list("problem", flat=True).first()
    if problem:
        messages.warning(request, f"Imported, but not all of it could be read: {problem}")
    else:
        messages.success(request, "Imported.")
    return redirect(transcript)
