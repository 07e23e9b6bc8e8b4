"""What was ordered, by whom, with what options and outcome; and what a person decides about it."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dashboard import stamps, subjects
from dashboard.expiry import again_urls
from dashboard.listing import SEARCHED
from dashboard.operation_filters import OperationFilters
from dashboard.requests import OperatorRequest
from recordings import decisions
from recordings.actions import RIGHTS
from recordings.models import Call, Operation, Recording
from transcripts.models import Transcript

SEE = "recordings.see_operations"
State = Operation.State
REPEATED = (State.FAILED, State.EXPIRED, State.CANCELLED)


@require_safe
@permission_required(SEE, raise_exception=True)
def operations(request: OperatorRequest) -> HttpResponse:
    """List orders, newest first."""
    filters = OperationFilters(request.GET, user=request.user)
    rows = Operation.objects.select_related("ordered_by", "call", "recording")
    listed = rows.defer("options", "call__raw", "recording__raw")
    context = {
        "filters": filters,
        "page": filters.page(listed, request.GET.get("before", "")),
        "note": SEARCHED if filters.is_bounded else "",
    }
    return render(request, "operations/operations.html", context)


@never_cache
@require_safe
@permission_required(SEE, raise_exception=True)
def operation(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Show one order with its timeline; its region asks for news while the order is open."""
    found = _find(request, key)
    stamp = found.updated_at.isoformat()
    if request.htmx and request.GET.get("stamp") == stamp:
        return HttpResponse(status=204)
    template = "operations/_operation.html" if request.htmx else "operations/operation.html"
    return render(request, template, {"stamp": stamp, **_context(request, found)})


@require_POST
@permission_required(SEE, raise_exception=True)
def cancel(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Take back an order that was not sent yet."""
    found = _theirs(request, key)
    if decisions.cancel(found):
        messages.success(request, "Cancelled: nothing was sent.")
    else:
        messages.error(request, "Too late: it was sent, or is being sent at this moment.")
    return _back(found)


@require_POST
@permission_required(SEE, raise_exception=True)
def decide(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Settle a doubt by a person's word."""
    found = _theirs(request, key)
    happened = request.POST.get("happened") == "yes"
    external_id = request.POST.get("external_id", "").strip()[:200]
    if decisions.decide(request.user, found, happened=happened, external_id=external_id):
        messages.success(request, "Noted: it happened." if happened else "Noted: it did not happen.")
    else:
        messages.error(request, "It was settled meanwhile, or is being looked at: see below.")
    return _back(found)


def _find(request: OperatorRequest, key: uuid.UUID) -> Operation:
    rows = Operation.objects.usable_by(request.user)
    related = rows.select_related("account", "call", "recording", "ordered_by", "rule")
    return get_object_or_404(related, key=key)


def _theirs(request: OperatorRequest, key: uuid.UUID) -> Operation:
    """The order, for who may give orders of its kind."""
    found = _find(request, key)
    if not request.user.has_perm(RIGHTS[subjects.right_of(found)]):
        raise PermissionDenied
    return found


def _back(found: Operation) -> HttpResponse:
    stamps.forget()
    return redirect(found)


def _context(request: OperatorRequest, found: Operation) -> dict[str, Any]:
    may = request.user.has_perm(RIGHTS[subjects.right_of(found)])
    is_again = may and found.state in REPEATED
    return {
        "operation": found,
        "steps": found.steps.all(),
        "made": _row(found.made_key),
        "subject": _row(found.subject_key),
        "may_cancel": may and found.state == State.QUEUED,
        "may_decide": may and found.state == State.IN_DOUBT,
        "again_url": subjects.again_url(found) if is_again else "",
        "rescue_url": again_urls([found]).get(found.pk, "") if is_again else "",
    }


def _row(key: uuid.UUID | None) -> dict[str, str] | None:
    """What an order is about or made, with its page."""
    if key is None:
        return None
    for model, noun in ((Recording, "recording"), (Transcript, "transcript"), (Call, "call")):
        row = model.objects.filter(key=key).defer("raw").first()
        if row is not None:
            return {"noun": noun, "name": str(row), "url": subjects.page_of(row)}
    return None
