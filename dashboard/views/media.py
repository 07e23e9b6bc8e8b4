"""The bytes that players play: short pieces of recordings, for people who may see them."""

import mimetypes
import re
import uuid
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dashboard.reads import Purpose, note_read
from dashboard.requests import OperatorRequest
from recordings.media import Download, MediaFailed, MediaGone, Piece, piece, variants
from recordings.models import Recording
from recordings.slots import MediaBusy

PLAYABLE = re.compile(r"(audio|video)/[a-z0-9.+-]+")
ENDINGS = {"audio/mpeg": ".mp3", "audio/wav": ".wav", "audio/x-wav": ".wav", "video/mp4": ".mp4"}
NOTED_AT_ONCE = 10_000

_noted: set[tuple[int, int, str, datetime]] = set()


@never_cache
@require_safe
@permission_required("recordings.view_recording", raise_exception=True)
def media(request: OperatorRequest, key: uuid.UUID) -> HttpResponseBase:
    """Answer one piece of a recording, or with `?download=1` the whole file."""
    visible = Recording.objects.usable_by(request.user).select_related("account", "call")
    recording = get_object_or_404(visible, key=key)
    variant = request.GET.get("variant", "") or _first(recording)
    is_download = request.GET.get("download") == "1" and request.method == "GET"
    try:
        if is_download:
            return _file(request, recording, Download(recording, variant, _range(request)))
        return _piece(request, recording, variant)
    except (MediaGone, MediaBusy, MediaFailed) as exc:
        return _told(request, recording, exc) if is_download else _refusal(exc)


def _piece(request: OperatorRequest, recording: Recording, variant: str) -> HttpResponse:
    if request.method == "HEAD":
        found = piece(recording, variant, "bytes=0-0")
        return _answer(found, status=200, length=found.total)
    found = piece(recording, variant, _range(request))
    is_whole = found.status == 206 and len(found.body) == found.total
    _note(request, recording, Purpose.PLAYED, found)
    return _answer(found, status=200 if is_whole and not _range(request) else found.status)


def _file(request: OperatorRequest, recording: Recording, download: Download) -> HttpResponseBase:
    found = download.beginning
    try:
        _note(request, recording, Purpose.DOWNLOADED, found)
    except BaseException:
        download.close()
        raise
    if found.status == 416:
        download.close()
        return _answer(found, status=416)
    response = StreamingHttpResponse(download, status=206 if _range(request) else 200)
    _describe(response, found)
    response["Content-Length"] = str(download.end - found.first)
    if _range(request):
        response["Content-Range"] = f"bytes {found.first}-{download.end - 1}/{found.total}"
    name = _name(recording, response["Content-Type"])
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return response


def _answer(found: Piece, *, status: int, length: int | None = None) -> HttpResponse:
    response = HttpResponse(b"" if length is not None else found.body, status=status)
    _describe(response, found)
    if status != 200:
        response["Content-Range"] = found.headers["Content-Range"]
    response["Content-Length"] = str(len(found.body) if length is None else length)
    return response


def _describe(response: HttpResponseBase, found: Piece) -> None:
    told = found.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    # Whatever a provider says: nothing that a browser would run.
    response["Content-Type"] = told if PLAYABLE.fullmatch(told) else "application/octet-stream"
    response["Accept-Ranges"] = "bytes"


def _refusal(exc: Exception) -> HttpResponse:
    if isinstance(exc, MediaBusy):
        response = HttpResponse(str(exc), status=503, content_type="text/plain; charset=utf-8")
        response["Retry-After"] = str(max(1, round(exc.retry_after_seconds)))
        return response
    status = 404 if isinstance(exc, MediaGone) else 502
    return HttpResponse(str(exc), status=status, content_type="text/plain; charset=utf-8")


def _told(request: OperatorRequest, recording: Recording, exc: Exception) -> HttpResponse:
    """Who pressed "Download" is told on the page, and not by a bare line."""
    messages.error(request, f"Not downloaded. {exc}")
    return redirect(recording)


def _note(request: OperatorRequest, recording: Recording, purpose: Purpose, found: Piece) -> None:
    """Count a playing by its first bytes, and whoever begins elsewhere once an hour."""
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    mark = (request.user.pk, recording.pk, purpose.value, hour)
    if found.status == 416 or (found.first > 0 and mark in _noted):
        return
    note_read(request.user, recording, purpose)
    if len(_noted) >= NOTED_AT_ONCE:
        _noted.clear()
    _noted.add(mark)


def _first(recording: Recording) -> str:
    return next((each.name for each in variants(recording)), "")


def _range(request: OperatorRequest) -> str:
    return request.headers.get("Range", "")


def _name(recording: Recording, content_type: str) -> str:
    title = slugify(recording.call.title) if recording.call else ""
    began = timezone.localtime(recording.started_at or recording.sort_at)
    ending = ENDINGS.get(content_type) or mimetypes.guess_extension(content_type) or ".bin"
    return f"{title or 'recording'}-{began:%Y-%m-%d-%H%M}{ending}"
