"""The inbox of callbacks: what came, what came of it, and reading it again."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dashboard import repairs
from dashboard.delivery_filters import DeliveryFilters
from dashboard.listing import SEARCHED
from dashboard.mentions import mentions
from dashboard.reads import Purpose, note_read
from dashboard.requests import OperatorRequest
from recordings.models import WebhookDelivery
from recordings.providers.scrub import scrubbed, scrubbed_text

SEE = "recordings.see_operations"
REPAIR = "recordings.manage_bulk"
State = WebhookDelivery.State
LONGEST = 200_000  # characters of a body that are shown


@require_safe
@permission_required(SEE, raise_exception=True)
def deliveries(request: OperatorRequest) -> HttpResponse:
    """List callbacks, newest first."""
    filters = DeliveryFilters(request.GET, user=request.user)
    rows = WebhookDelivery.objects.defer("body", "headers", "query")
    context = {
        "filters": filters,
        "page": filters.page(rows, request.GET.get("before", "")),
        "note": SEARCHED if filters.is_bounded else "",
        "may_replay": request.user.has_perm(REPAIR),
    }
    return render(request, "deliveries/deliveries.html", context)


@never_cache
@require_safe
@permission_required(SEE, raise_exception=True)
def delivery(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Show one callback whole, but for what opens something."""
    found = _find(request, key)
    note_read(request.user, found, Purpose.SAW)
    body = bytes(found.body)
    context = {
        "delivery": found,
        "headers": scrubbed(found.headers),
        "body": scrubbed_text(body.decode(errors="replace"))[:LONGEST] if body else "",
        "size": len(body),
        "query": scrubbed(f"https://x/?{found.query}").removeprefix("https://x/?") if found.query else "",
        "mentions": mentions(found),
        "why_not": _why_not(found),
        "may_replay": request.user.has_perm(REPAIR),
    }
    return render(request, "deliveries/delivery.html", context)


@require_POST
@permission_required(REPAIR, raise_exception=True)
def replay(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Read one callback again."""
    found = _find(request, key)
    why_not = _why_not(found)
    if not why_not and repairs.reprocess(_again(WebhookDelivery.objects.filter(pk=found.pk))):
        messages.success(request, "It is due again: what it says is read anew in a moment.")
    else:
        messages.error(request, why_not or "It is being read at this moment.")
    return redirect(found)


@never_cache
@permission_required(REPAIR, raise_exception=True)
def replay_all(request: OperatorRequest) -> HttpResponse:
    """Say how many callbacks the filters let through, then read these again."""
    filters = DeliveryFilters(request.POST if request.method == "POST" else request.GET, user=request.user)
    rows = _again(_wanted(filters))
    back = _list_address(request.POST if request.method == "POST" else request.GET)
    if request.method != "POST":
        count = rows[: repairs.AT_MOST + 1].count()
        context = {"filters": filters, "count": count, "most": repairs.AT_MOST, "back": back}
        return render(request, "deliveries/replay_all.html", context)
    try:
        count = repairs.reprocess(rows)
    except repairs.TooMany:
        messages.error(request, f"More than {repairs.AT_MOST:,}: choose days or a state. Nothing was done.")
    else:
        messages.success(request, f"{count:,} callbacks are due again.")
    return redirect(back)


def _wanted(filters: DeliveryFilters) -> "QuerySet[WebhookDelivery]":
    rows = filters.narrow(WebhookDelivery.objects.filter(account__in=[each.pk for each in filters.wanted]))
    return rows.order_by("-received_at", "-pk")


def _again(rows: "QuerySet[WebhookDelivery]") -> "QuerySet[WebhookDelivery]":
    """Those that can be read again: with a body, and not due already."""
    return rows.filter(is_erased=False).exclude(state=State.RECEIVED)


def _why_not(found: WebhookDelivery) -> str:
    if found.is_erased:
        return "Its body was erased: there is nothing to read again."
    if found.state == State.RECEIVED:
        return "It is due already."
    return ""


def _list_address(data: QueryDict) -> str:
    kept = data.copy()
    for name in ("csrfmiddlewaretoken", "before"):
        kept.pop(name, None)
    query = kept.urlencode()
    address = reverse("deliveries")
    return f"{address}?{query}" if query else address


def _find(request: OperatorRequest, key: uuid.UUID) -> Any:
    rows = WebhookDelivery.objects.usable_by(request.user).select_related("account")
    return get_object_or_404(rows, key=key)
