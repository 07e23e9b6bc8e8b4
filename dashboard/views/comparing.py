"""Two transcripts of one recording side by side."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from dashboard import comparison_page
from dashboard.comparison_page import Asked
from dashboard.reads import Purpose, note_read
from dashboard.requests import OperatorRequest
from recordings.models import Recording
from transcripts import comparing
from transcripts.comparing import CannotCompare
from transcripts.models import Comparison, Transcript

SEE = "transcripts.view_transcript"


@never_cache
@require_safe
@permission_required(SEE, raise_exception=True)
def compare(request: OperatorRequest) -> HttpResponse:
    """Show the choice, the wait or the result; a poll is answered 204 until there is something new."""
    asked, choice = _asked(request)
    context: dict[str, Any] = {"asked": asked, "choice": choice}
    if asked is None:
        return render(request, "comparing/compare.html", context)
    try:
        comparing.require_pair(asked.a, asked.b)
    except CannotCompare as exc:
        return render(request, "comparing/compare.html", context | {"refusal": str(exc)})
    known = comparing.compared(asked.a, asked.b, is_original=asked.is_original)
    is_waiting = known.result is None and not known.problem
    if request.htmx:
        return HttpResponse(status=204) if is_waiting else HttpResponseClientRefresh()
    context |= {"comparison": known, "is_waiting": is_waiting}
    if known.result is not None:
        _note(request, asked, Purpose.SAW)
        context["result"] = comparison_page.result_of(asked, known.result)
    return render(request, "comparing/compare.html", context)


@never_cache
@require_safe
@permission_required(SEE, raise_exception=True)
def compare_csv(request: OperatorRequest) -> HttpResponse:
    """Give the differences as a table."""
    asked, known = _known(request)
    if known.result is None:
        messages.info(request, "The comparison is not ready yet.")
        return redirect(f"{reverse('compare')}?{asked.query()}")
    _note(request, asked, Purpose.EXPORTED)
    response = HttpResponse(comparison_page.as_table(known.result), content_type="text/csv; charset=utf-8")
    name = f"differences-{asked.a.key.hex[:8]}-{asked.b.key.hex[:8]}.csv"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return response


@require_POST
@permission_required(SEE, raise_exception=True)
def compare_again(request: OperatorRequest) -> HttpResponse:
    """Compare anew what came to nothing."""
    asked, known = _known(request)
    if known.problem:
        comparing.ask_again(known)
    return redirect(f"{reverse('compare')}?{asked.query()}")


def _known(request: OperatorRequest) -> tuple[Asked, Comparison]:
    asked, _ = _asked(request)
    if asked is None:
        raise Http404
    try:
        comparing.require_pair(asked.a, asked.b)
    except CannotCompare as exc:
        raise Http404(str(exc)) from exc
    return asked, comparing.compared(asked.a, asked.b, is_original=asked.is_original)


def _asked(request: OperatorRequest) -> tuple[Asked | None, list[Transcript]]:
    """The two that the address names, or the likeliest two; and those that can be chosen."""
    a, b = (_find(request, request.GET[name]) if request.GET.get(name) else None for name in ("a", "b"))
    recording = _recording(request, a or b)
    choice = comparison_page.transcripts_of(recording) if recording else []
    others = [each for each in choice if each not in (a, b)]
    a = a or (others.pop(0) if others else None)
    b = b or (others.pop(0) if others else None)
    if a is None or b is None:
        return None, choice
    is_original, is_only = (request.GET.get(name) == "1" for name in ("original", "only"))
    return Asked(a=a, b=b, is_original=is_original, is_only_differences=is_only), choice


def _recording(request: OperatorRequest, transcript: Transcript | None) -> Recording | None:
    if transcript is not None:
        return transcript.recording
    key = request.GET.get("recording", "")
    return get_object_or_404(Recording.objects.usable_by(request.user), key=_uuid(key)) if key else None


def _find(request: OperatorRequest, key: str) -> Transcript:
    rows = Transcript.objects.usable_by(request.user).select_related("account", "call", "recording__call")
    return get_object_or_404(rows.defer("raw", "recording__raw"), key=_uuid(key))


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as exc:
        raise Http404 from exc


def _note(request: OperatorRequest, asked: Asked, purpose: Purpose) -> None:
    for transcript in (asked.a, asked.b):
        note_read(request.user, transcript, purpose)
