"""The ledger of an account: what its provider lists and what is held here, day by day."""

import uuid
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dashboard import ledger_page, repairs
from dashboard.requests import OperatorRequest
from recordings.models import Account
from recordings.models.ledger import Things

SEE = "recordings.view_recording"
REPAIR = "recordings.manage_bulk"


@never_cache
@require_safe
@permission_required(SEE, raise_exception=True)
def account_ledger(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Show the days; a poll with the version that it shows already is answered 204."""
    account = _find(request, key)
    is_poll = bool(request.htmx) and "stamp" in request.GET
    if is_poll and request.GET["stamp"] == ledger_page.stamp(account):
        return HttpResponse(status=204)
    template = "ledger/_ledger.html" if is_poll else "ledger/ledger.html"
    return render(
        request, template, ledger_page.context(account, request.user, request.GET.get("before", ""))
    )


@never_cache
@require_safe
@permission_required(SEE, raise_exception=True)
def ledger_rows(request: OperatorRequest, key: uuid.UUID, things: str, day: str, column: str) -> HttpResponse:
    """List what is behind one number, with both values and what can be done."""
    account, when, named = _find(request, key), _day(day), ledger_page.column_of(column)
    if named is None or things not in Things.values:
        raise Http404
    shown, page = ledger_page.rows(request.user, account, things, when, column, request.GET.get("before", ""))
    context = {
        "account": account,
        "things": things,
        "day": when,
        "column": named,
        "rows": shown,
        "page": page,
        "may_read": request.user.has_perm(REPAIR) and account.is_active,
    }
    return render(request, "ledger/rows.html", context)


@require_POST
@permission_required(REPAIR, raise_exception=True)
def read_anew(request: OperatorRequest, key: uuid.UUID, things: str, day: str, column: str) -> HttpResponse:
    """Have one thing behind a number, or all of them, read anew at the provider."""
    account, when = _find(request, key), _day(day)
    if ledger_page.column_of(column) is None or things not in Things.values:
        raise Http404
    found = ledger_page.behind(account, things, when, column)
    wanted = request.POST.get("thing", "")
    if wanted:
        found = found.filter(key__in=_keys(wanted))
    try:
        count = repairs.read_again(found)
    except repairs.TooMany:
        messages.error(request, f"More than {repairs.AT_MOST:,}: have everything swept instead.")
    else:
        told = f"{count} {pluralize(count, 'is,are')} read anew now"
        messages.success(request, f"{told}: what comes of it appears here by itself.")
    return redirect(reverse("account-ledger-rows", args=[account.key, things, day, column]))


def _find(request: OperatorRequest, key: uuid.UUID) -> Any:
    return get_object_or_404(Account.objects.usable_by(request.user), key=key)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise Http404 from exc


def _keys(text: str) -> list[uuid.UUID]:
    try:
        return [uuid.UUID(text)]
    except ValueError:
        return []
