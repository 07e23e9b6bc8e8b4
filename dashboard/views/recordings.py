"""Recordings: found, filtered, taken along as a table, and each on a page of its own."""

import uuid
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_htmx.http import trigger_client_event

from dashboard import bulk, recording_page, recording_rows, spreadsheets
from dashboard.listing import SEARCHED
from dashboard.player import player
from dashboard.reads import Purpose, note_read
from dashboard.recording_filters import RecordingFilters
from dashboard.requests import OperatorRequest
from recordings import connections
from recordings.models import Recording

SEE = "recordings.view_recording"
# What a row of the table shows: reading the rest costs more than writing it.
SHOWN = (
    *("key", "account", "external_id", "status", "provider_status", "reason", "sort_at", "started_at"),
    *("duration_seconds", "media_expires_at", "price", "currency"),
    *("call__key", "call__title", "call__external_id"),
)
HEADS = (
    *("began", "call", "account", "provider", "status", "provider status", "reason", "seconds"),
    *("media expire", "price", "currency", "provider's id", "call's id", "key"),
)


@require_safe
@permission_required(SEE, raise_exception=True)
def recordings(request: OperatorRequest) -> HttpResponse:
    """List recordings, newest first."""
    filters = RecordingFilters(request.GET, user=request.user)
    cursor, columns = request.GET.get("before", ""), recording_rows.Listed._fields
    found = filters.bare_page(Recording.objects.all(), cursor, columns=columns)
    theirs = recording_rows.transcripts_of([each.pk for each in found.rows])
    kinds = bulk.kinds_for(request.user, "recording")
    context = {
        "filters": filters,
        "page": found,
        "rows": recording_rows.drawn(found.rows, filters.account_of, theirs, is_selectable=bool(kinds)),
        "note": SEARCHED if filters.is_bounded else "",
        "most": spreadsheets.MOST,
        "bulk": kinds,
    }
    return render(request, "recordings/recordings.html", context)


@require_safe
@permission_required(SEE, raise_exception=True)
def export(request: OperatorRequest) -> HttpResponse:
    """The filtered list as a table."""
    filters = RecordingFilters(request.GET, user=request.user)
    pieces = filters.pages(_listed(), most=spreadsheets.MOST)
    lines = (_line(row) for piece in pieces for row in piece)
    return spreadsheets.answer("recordings.csv", HEADS, lines)


@never_cache
@require_safe
@permission_required(SEE, raise_exception=True)
def recording(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Show one recording; a poll with the version that it shows already is answered 204."""
    found = _find(request, key)
    if request.htmx and "stamp" in request.GET:
        return _news(request, found)
    note_read(request.user, found, Purpose.SAW)
    context = recording_page.context(found, request.user) | _player(request, found)
    context["raw"] = recording_page.raw_of(found)
    return render(request, "recordings/recording.html", context)


@never_cache
@require_safe
@permission_required(SEE, raise_exception=True)
def recording_player(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """The player alone: asked for when what can be played has changed."""
    return render(request, "recordings/_player.html", _player(request, _find(request, key)))


def _news(request: OperatorRequest, found: Recording) -> HttpResponse:
    if request.GET["stamp"] == recording_page.stamp(found):
        return HttpResponse(status=204)
    context = recording_page.context(found, request.user) | _player(request, found)
    response = render(request, "recordings/_news.html", context)
    if request.GET.get("plays") != context["player"].signature:
        trigger_client_event(response, "tapedeck-player")
    return response


def _player(request: OperatorRequest, found: Recording) -> dict[str, Any]:
    variant, moment = request.GET.get("variant", ""), request.GET.get("t", "")
    return {"recording": found, "player": player(found, variant=variant, moment=moment)}


def _find(request: OperatorRequest, key: uuid.UUID) -> Recording:
    rows = Recording.objects.usable_by(request.user)
    return get_object_or_404(rows.select_related("account", "call", "deleted_by"), key=key)


def _listed() -> Any:
    return Recording.objects.select_related("call").only(*SHOWN)


def _line(row: Recording) -> tuple[Any, ...]:
    call = row.call
    return (
        (row.started_at or row.sort_at).isoformat(),
        call.title if call else "",
        row.account.name,
        connections.face(row.account.provider).label,
        row.status,
        row.provider_status,
        row.reason,
        row.duration_seconds,
        row.media_expires_at.isoformat() if row.media_expires_at else "",
        row.price,
        row.currency,
        row.external_id,
        call.external_id if call else "",
        row.key,
    )
