"""What needs somebody: failures and doubts by their causes, with meaning, owner, remedy and retry."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dashboard import cause_batches, causes, notices, snoozes
from dashboard.attention_filters import AttentionFilters, CauseFilters
from dashboard.batch_page import items_of
from dashboard.cause_items import items
from dashboard.requests import OperatorRequest, next_address
from dashboard.troubles import SPAN, TROUBLES
from recordings.validation import MANAGE

SEE = "recordings.see_operations"


@never_cache
@require_safe
@permission_required(SEE, raise_exception=True)
def attention(request: OperatorRequest) -> HttpResponse:
    """Show each kind of trouble with its causes, the gravest first."""
    filters = AttentionFilters(request.GET, user=request.user)
    found = list(causes.every(filters))
    snoozes.apply(request.user, [cause for _, group in found for cause in group])
    awake = [(trouble, [each for each in group if not each.snoozed_until]) for trouble, group in found]
    context = {
        "filters": filters,
        "notices": _notices(filters),
        "troubles": [(trouble, group) for trouble, group in awake if group],
        "calm": [trouble for trouble, group in found if not group],
        "snoozed": [cause for _, group in found for cause in group if cause.snoozed_until],
        "days": SPAN.days,
        **_days(),
    }
    return render(request, "attention/attention.html", context)


@never_cache
@require_safe
@permission_required(SEE, raise_exception=True)
def cause(request: OperatorRequest) -> HttpResponse:
    """Show what one cause hit, newest first, with the orders to give again."""
    filters = CauseFilters(request.GET, user=request.user)
    trouble = TROUBLES.get(filters.get("what") or "")
    if trouble is None:
        raise Http404
    found = causes.one(trouble, filters.get("in") or "", filters.get("cause") or "", filters)
    if found is None:
        return render(request, "attention/mended.html", {"filters": filters, "trouble": trouble})
    snoozes.apply(request.user, [found])
    shown, page = items(request.user, found, filters, request.GET.get("before", ""))
    kind = cause_batches.kind_of(request.user, found, filters)
    context = {"filters": filters, "cause": found, "items": shown, "page": page, "kind": kind, **_days()}
    return render(request, "attention/cause.html", context)


@require_POST
@permission_required(MANAGE, raise_exception=True)
def retry(request: OperatorRequest) -> HttpResponse:
    """Draft a bulk order that does again what one cause undid; its page shows what it would touch."""
    filters = CauseFilters(request.POST, user=request.user)
    trouble = TROUBLES.get(filters.get("what") or "")
    found = (
        causes.one(trouble, filters.get("in") or "", filters.get("cause") or "", filters) if trouble else None
    )
    kind = cause_batches.kind_of(request.user, found, filters) if found else None
    if found is None or kind is None:
        messages.error(request, "Nothing of it is left that could be done again.")
        return redirect("attention")
    made = cause_batches.draft(request.user, found, filters, kind)
    if not items_of(made, request.user).exists():
        messages.error(request, "What failed has nothing left to order it for.")
        return redirect("attention")
    return redirect(made)


@require_POST
@permission_required(SEE, raise_exception=True)
def snooze(request: OperatorRequest) -> HttpResponse:
    """Put a cause off for some hours, for this person alone; none shows it again."""
    hours = request.POST.get("hours", "")
    name = request.POST.get("cause", "")[:300]
    if hours.isdecimal() and name:
        snoozes.put_off(request.user, name, timedelta(hours=min(int(hours), 24 * 31)))
    return redirect(next_address(request) or "attention")


def _notices(filters: AttentionFilters) -> list[tuple[str, str, list[notices.Notice]]]:
    """Kinds of trouble that have no codes."""
    found = [
        ("accounts", "Accounts that do not work", notices.sick),
        ("deliveries", "Callbacks that could not be read", notices.callbacks),
    ]
    shown = [(key, title, list(read(filters.wanted))) for key, title, read in found if filters.shows(key)]
    return [(key, title, lines) for key, title, lines in shown if lines]


def _days() -> dict[str, Any]:
    """The days of the quick filters."""
    today = timezone.localdate()
    return {"today": today.isoformat(), "yesterday": (today - timedelta(days=1)).isoformat()}
