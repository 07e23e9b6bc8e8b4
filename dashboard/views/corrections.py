"""Names of speakers and corrected lines: given, taken back, and looked up again."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import reswap, retarget, trigger_client_event

from dashboard import lines
from dashboard.correction_forms import LineForm, SpeakerForm
from dashboard.reader import Asked, reader
from dashboard.reads import Purpose, note_read
from dashboard.requests import OperatorRequest
from transcripts import overlays, primary
from transcripts.models import Transcript, TranscriptText
from transcripts.overlays_changes import RIGHT, CorrectionRefused, correct_line
from transcripts.overlays_history import history

SEE = "transcripts.view_transcript"
ORDER = "recordings.order_transcripts"


@never_cache
@require_http_methods(["GET", "POST"])
@permission_required((SEE, RIGHT), raise_exception=True)
def line(request: OperatorRequest, key: uuid.UUID, number: int) -> HttpResponse:
    """Correct one line, in its place or on a page of its own."""
    found, text = _find(request, key)
    if number >= len(text.utterances):
        raise Http404("This line is not there.")
    form = _line_form(request, found, text, number)
    if request.method == "POST":
        try:
            if "original" in request.POST:
                correct_line(request.user, found, number, text="", speaker="")
                return _spoken(request, found, number)
            if form.is_valid():
                form.save(request.user, found)
                return _corrected(request, found, number, is_everywhere=form.is_about_speaker)
        except CorrectionRefused as exc:
            form.add_error(None, str(exc))
    return _line_page(request, found, form)


@never_cache
@require_http_methods(["GET", "POST"])
@permission_required((SEE, RIGHT), raise_exception=True)
def speaker(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Rename a speaker everywhere, in the dialog or on a page of its own."""
    found, text = _find(request, key)
    form = _speaker_form(request, found, text)
    if request.method == "POST" and form.is_valid():
        try:
            form.save(request.user, found)
            return _spoken(request, found)
        except CorrectionRefused as exc:
            form.add_error(None, str(exc))
    template = "transcripts/_speaker_sheet.html" if request.htmx else "transcripts/speaker.html"
    return render(request, template, {"form": form, "transcript": found, "label": form["label"].value()})


@never_cache
@require_safe
@permission_required(SEE, raise_exception=True)
def changes(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Who named or corrected what, and when."""
    found, _ = _find(request, key)
    return render(request, "transcripts/changes.html", {"transcript": found, "changes": history(found)})


@require_POST
@permission_required((SEE, ORDER), raise_exception=True)
def make_primary(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Show this transcript first of its recording's."""
    found = get_object_or_404(Transcript.objects.usable_by(request.user), key=key)
    if primary.mark(found):
        messages.success(request, "This transcript is shown first from now on.")
    else:
        messages.error(request, "Only a complete transcript of a recording can be shown first.")
    return redirect(found)


def _find(request: OperatorRequest, key: uuid.UUID) -> tuple[Transcript, TranscriptText]:
    rows = Transcript.objects.usable_by(request.user).select_related("account", "call", "recording")
    found = get_object_or_404(rows, key=key, is_buried=False)
    text = get_object_or_404(TranscriptText, transcript=found)
    note_read(request.user, found, Purpose.SAW)
    return found, text


def _line_form(request: OperatorRequest, found: Transcript, text: TranscriptText, number: int) -> LineForm:
    read = _read(found, text)
    now = read[number]
    return LineForm(
        request.POST if request.method == "POST" else None,
        line=number,
        given=text.utterances[number],
        names=lines.speakers(read),
        initial={"text": now["text"], "speaker": now["speaker"], "scope": "line"},
    )


def _speaker_form(request: OperatorRequest, found: Transcript, text: TranscriptText) -> SpeakerForm:
    label = request.GET.get("label", "")
    holding = overlays.overlays_of([found.pk]).get(found.pk, overlays.NONE)
    return SpeakerForm(
        request.POST if request.method == "POST" else None,
        names=lines.speakers(overlays.shown(text.utterances, holding)),
        initial={"label": label, "name": holding.names.get(label, "") or label},
    )


def _read(found: Transcript, text: TranscriptText) -> Any:
    return overlays.shown(text.utterances, overlays.overlays_of([found.pk]).get(found.pk, overlays.NONE))


def _line_page(request: OperatorRequest, found: Transcript, form: LineForm) -> HttpResponse:
    context = {
        "form": form,
        "transcript": found,
        "given": form.given,
        "speaker": lines.speaker_of(form.given),
        "line": form.line + 1,
        "address": reverse("transcript-line", args=[found.key, form.line]),
        "back": _address(found, form.given, form.line),
        "changes": [change for change in history(found) if change.line == form.line],
    }
    if not request.htmx:
        return render(request, "transcripts/line.html", context)
    response = render(request, "transcripts/_line_form.html", context)
    return retarget(reswap(response, "outerHTML"), "#line-form") if form.is_bound else response


def _corrected(
    request: OperatorRequest, found: Transcript, number: int, *, is_everywhere: bool
) -> HttpResponse:
    """One line alone where only its words have changed: the others stay as they are, and where they are."""
    if is_everywhere or not request.htmx:
        return _spoken(request, found, number)
    text = TranscriptText.objects.get(transcript=found)
    look = lines.Look(may_correct=True)
    return HttpResponse(lines.line(_read(found, text), number, look=look, original=text.utterances[number]))


def _spoken(request: OperatorRequest, found: Transcript, number: int | None = None) -> HttpResponse:
    """All lines and speakers anew; the player beside them plays on."""
    text = TranscriptText.objects.get(transcript=found)
    if not request.htmx:
        return redirect(_address(found, text.utterances[number], number) if number is not None else found)
    context = {"transcript": found, "text": text, "reader": reader(found, text, request.user, Asked())}
    response = render(request, "transcripts/_spoken.html", context)
    trigger_client_event(response, "tapedeck-close", {})
    return retarget(reswap(response, "outerHTML"), "#lines")


def _address(found: Transcript, given: Any, number: int) -> str:
    start = given.get("start")
    query = f"?{urlencode({'t': f'{start:g}'})}" if start is not None else ""
    return f"{found.get_absolute_url()}{query}#line-{number}"
