"""Expiry: what providers will delete, and copying it here before they do."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from dashboard import expiry as clock
from dashboard import stamps
from dashboard.requests import OperatorRequest, next_address
from recordings import rescues
from recordings.models import Recording
from recordings.validation import MANAGE, OrderRefused

SEE = "recordings.view_recording"


@require_safe
@permission_required(SEE, raise_exception=True)
def expiry(request: OperatorRequest) -> HttpResponse:
    """List recordings by when their media are deleted, the soonest first."""
    filters = clock.ExpiryFilters(request.GET, user=request.user)
    recordings, following = filters.rows(request.GET.get("after", ""))
    context = {
        "filters": filters,
        "rows": clock.rows_of(recordings),
        "next_cursor": following,
        "is_later": bool(request.GET.get("after")),
        "counts": clock.counts(filters),
        "show": filters.get("show") or clock.RISK,
        "may_rescue": request.user.has_perm(MANAGE),
        "kind": rescues.RESCUE.kind,
    }
    return render(request, "expiry/expiry.html", context)


@require_POST
@permission_required(MANAGE, raise_exception=True)
def rescue(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Order one recording's media to be copied here, anew where that failed before."""
    rows = Recording.objects.usable_by(request.user).select_related("account", "call")
    found = get_object_or_404(rows, key=key)
    order_key = request.POST.get("order_key") or str(uuid.uuid4())
    try:
        operation = rescues.order(request.user, found, order_key=order_key[:100])
    except OrderRefused as exc:
        messages.error(request, exc.message)
    else:
        messages.success(request, f"Rescue media: {operation.get_state_display()}.")
    stamps.forget()
    return redirect(next_address(request) or found.get_absolute_url())
